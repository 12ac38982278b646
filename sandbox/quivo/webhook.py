"""Quivo's webhook deliveries: one event, ids only (`apis/quivo.md` §11)."""

import aiohttp

from sandbox.quivo.fields import Document


def event(order_id: int, last_modified: str, version: int) -> Document:
    """Return the body that tells of one order's change."""
    told = {"id": order_id, "entity": "ORDERS", "lastModified": last_modified, "version": version}
    return {"events": [told]}


async def deliver(url: str, body: Document) -> int:
    """Post `body` as JSON and return the status of the answer; redirects are not followed."""
    async with aiohttp.ClientSession() as session, session.post(url, json=body, allow_redirects=False) as answer:
        return answer.status
