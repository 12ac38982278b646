"""Bodies to write and one way to send them, for the tests of the Quivo stand-in's write endpoints."""

import json
from typing import Any

from aiohttp import ClientSession

Answer = tuple[int, str, Any]

ADDRESS: dict[str, Any] = {
    "name": "Ada Nordlicht",
    "company": "Nordlicht GmbH",
    "phone": "+49 30 23125 001",
    "email": "ada@mail.example",
    "street": "Lindenstraße 14",
    "street2": "Hof 2",
    "zip": "10969",
    "city": "Berlin",
    "state": "BE",
    "countryIso2": "DE",
}
READ_ADDRESS: dict[str, Any] = {
    "name1": "Ada Nordlicht",
    "name2": None,
    "company": "Nordlicht GmbH",
    "address1": "Lindenstraße 14",
    "address2": "Hof 2",
    "address3": None,
    "zip": "10969",
    "city": "Berlin",
    "state": "BE",
    "country": "DE",
    "phone": "+49 30 23125 001",
    "email": "ada@mail.example",
}
NOWHERE: dict[str, Any] = {
    "addressIdentifier": None,
    "additionalIdentifiers": [],
    "latitude": None,
    "longitude": None,
}
PLACE: dict[str, Any] = {"name": "Ada", "latitude": 52.5, "longitude": 13.4}


def order(**changes: Any) -> dict[str, Any]:
    """The smallest good order, with `changes` put over it; a change to `...` leaves the field out."""
    body = {
        "sellerId": 12,
        "orderIdentifier": "new-1",
        "orderReference": "#NEW1",
        "deliveryAddress": ADDRESS,
        "positions": [{"sku": "MUG-SEA-350", "quantity": 2}],
    } | changes
    return without_gaps(body)


def address(**changes: Any) -> dict[str, Any]:
    """A good address with `changes` put over it; a change to `...` leaves the field out."""
    return without_gaps(ADDRESS | changes)


def position(**changes: Any) -> dict[str, Any]:
    """A good position with `changes` put over it; a change to `...` leaves the field out."""
    return without_gaps({"sku": "MUG-SEA-350", "quantity": 1} | changes)


def without_gaps(body: dict[str, Any]) -> dict[str, Any]:
    """The body without the fields that are `...`."""
    return {name: value for name, value in body.items() if value is not ...}


async def send(session: ClientSession, method: str, path: str, body: Any = None) -> Answer:
    """Send JSON (or nothing) and return status, content type and body: read as JSON if it is, else as text."""
    sent = {} if body is None else {"json": body}
    async with session.request(method, path, **sent) as answer:
        text = await answer.text()
        kind = answer.content_type
        return answer.status, kind, json.loads(text) if kind == "application/json" else text


async def read(session: ClientSession, order_id: int) -> dict[str, Any]:
    """The order as `GET /orders/{id}` shows it."""
    status, _, body = await send(session, "GET", f"/orders/{order_id}")
    assert status == 200
    assert isinstance(body, dict)
    return body


def accepted(order_id: int) -> Answer:
    """The answer to an order that was taken."""
    return envelope("OK", None, "Order created", order_id)


def envelope(status: str, field: str | None, message: str, order_id: int | None, code: int = 200) -> Answer:
    """An answer of seed 001's shape."""
    return code, "application/json", {"status": status, "field": field, "message": message, "orderId": order_id}


def flaws(*lines: str) -> Answer:
    """The plain-text answer of bean validation."""
    return 400, "text/plain", "\n".join(lines)


NO_DATA: Answer = (204, "application/octet-stream", "")
