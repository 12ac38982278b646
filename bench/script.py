"""The 30-line script beside which the whole of ``/order`` is measured: the same two HTTP calls and nothing else."""

import asyncio
import time

import httpx


async def show(client: httpx.AsyncClient, url: str) -> None:
    """Read an order and post one line about it."""
    headers = {"X-Api-Key": "demo-key", "Authorization": "bench-token"}
    order = (await client.get(f"{url}/orders/1001", headers=headers)).json()
    text = f"Order {order['orderId']} ({order['orderReference']}) is {order['orderStatus']}"
    body = {"channel": "C1", "text": text}
    await client.post(f"{url}/api/chat.postMessage", json=body, headers={"Authorization": "Bearer xoxb-bench"})


async def rate(url: str, many: int, at_once: int) -> float:
    """Orders shown a second."""
    left = iter(range(many))
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=at_once)) as client:

        async def worker() -> None:
            for _ in left:
                await show(client, url)

        begin = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(at_once)))
        return many / (time.perf_counter() - begin)
