"""How stand-ins listen."""

import asyncio
import socket

import aiohttp
import pytest
from aiohttp import web

from sandbox.serving import serve


def _app() -> web.Application:
    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", hello)
    return app


async def test_an_app_is_reached_at_its_address_on_loopback_only() -> None:
    """The address has the bound port, names 127.0.0.1 and answers."""
    served = await serve(_app())
    assert served.url == f"http://127.0.0.1:{served.port}"
    async with aiohttp.ClientSession() as session, session.get(served.url) as answer:
        assert (answer.status, await answer.text()) == (200, "hello")
    await served.close()


async def test_a_closed_app_refuses_connections_and_closes_twice() -> None:
    """After close the port is free, and a second close is harmless."""
    served = await serve(_app())
    await served.close()
    await served.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", served.port)
    again = await serve(_app(), served.port)
    assert again.port == served.port
    await again.close()


async def test_a_taken_port_is_refused_and_leaves_nothing_open() -> None:
    """Asking for a port in use raises OSError, and the first server still answers."""
    served = await serve(_app())
    with pytest.raises(OSError, match=r"[Aa]ddress"):
        await serve(_app(), served.port)
    async with aiohttp.ClientSession() as session, session.get(served.url) as answer:
        assert answer.status == 200
    await served.close()


async def test_accepted_connections_have_no_delay() -> None:
    """Nagle's delay is off on an accepted connection, which a socket made with proto=0 would not get."""
    seen: list[tuple[int, int]] = []

    async def look(request: web.Request) -> web.Response:
        assert request.transport is not None
        peer = request.transport.get_extra_info("socket")
        seen.append((peer.proto, peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
        return web.Response()

    app = web.Application()
    app.router.add_get("/", look)
    served = await serve(app)
    async with aiohttp.ClientSession() as session, session.get(served.url):
        pass
    await served.close()
    assert seen == [(socket.IPPROTO_TCP, 1)]


async def test_closing_ends_a_request_that_hangs() -> None:
    """A handler that would wait for ever does not keep close() from returning."""
    arrived, never = asyncio.Event(), asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        arrived.set()
        await never.wait()
        return web.Response()

    app = web.Application()
    app.router.add_get("/", hang)
    served = await serve(app)
    async with aiohttp.ClientSession() as session:
        request = asyncio.ensure_future(session.get(served.url))
        await arrived.wait()
        await served.close()
        with pytest.raises(aiohttp.ClientError):
            await request
