"""Webhook deliveries of the Quivo stand-in."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from sandbox.clock import Clock
from sandbox.quivo import Quivo
from sandbox.quivo.demo import moment
from sandbox.serving import Served, serve


class Listener:
    """Somebody who subscribed: keeps what arrives and answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.received: list[tuple[str, str, Any]] = []
        self.served: Served | None = None

    async def take(self, request: web.Request) -> web.Response:
        """Keep one delivery."""
        self.received.append((request.path, request.content_type, await request.json()))
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})

    @property
    def url(self) -> str:
        """Where deliveries go."""
        assert self.served is not None
        return f"{self.served.url}/hooks/secret"


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    """A listener on loopback."""
    listening = Listener()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", listening.take)
    listening.served = await serve(app)
    yield listening
    await listening.served.close()


async def test_a_delivery_tells_ids_only(quivo: Quivo, listener: Listener) -> None:
    """F4: one event with id, entity, date and version is posted as JSON, and nothing of the order itself."""
    quivo.set_status(1001, "COMPLETED")
    assert await quivo.send_webhook(listener.url, 1001, 3) == 200
    event = {"id": 1001, "entity": "ORDERS", "lastModified": quivo.orders[1001]["lastModified"], "version": 3}
    assert listener.received == [("/hooks/secret", "application/json", {"events": [event]})]


async def test_an_order_without_a_date_is_dated_now(quivo: Quivo, listener: Listener, clock: Clock) -> None:
    """The sparse order's event has the clock's now."""
    early = moment(clock.now())
    await quivo.send_webhook(listener.url, 1006, 1)
    assert early <= listener.received[0][2]["events"][0]["lastModified"] <= moment(clock.now())


@pytest.mark.parametrize("status", [200, 302, 404, 500])
async def test_the_answer_is_told_and_not_followed(quivo: Quivo, listener: Listener, status: int) -> None:
    """Whatever the listener answers is returned after one delivery; a redirect leads nowhere."""
    listener.status = status
    assert await quivo.send_webhook(listener.url, 1001, 1) == status
    assert len(listener.received) == 1


async def test_the_same_delivery_may_be_repeated(quivo: Quivo, listener: Listener) -> None:
    """Two deliveries of one version are equal, so that a listener can tell them for what they are."""
    for _ in range(2):
        await quivo.send_webhook(listener.url, 1001, 1)
    assert listener.received[0] == listener.received[1]


async def test_nobody_is_told_of_an_order_that_does_not_exist(quivo: Quivo, listener: Listener) -> None:
    """An unknown id is a KeyError before anything is sent."""
    with pytest.raises(KeyError):
        await quivo.send_webhook(listener.url, 9999, 1)
    assert listener.received == []


async def test_a_listener_that_is_gone_is_an_error(quivo: Quivo, listener: Listener) -> None:
    """A delivery that nobody takes raises aiohttp's error, and the journal of requests to Quivo stays empty."""
    url = listener.url
    assert listener.served is not None
    await listener.served.close()
    with pytest.raises(aiohttp.ClientError):
        await quivo.send_webhook(url, 1001, 1)
    assert quivo.requests == []
