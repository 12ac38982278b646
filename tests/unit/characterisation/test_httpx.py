"""What httpx does (DESIGN.md §5); when an upgrade changes one of these, ``backends/http.py`` can become simpler."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

KEY = "canary-key"


@asynccontextmanager
async def serving(answer: Callable[[], bytes], seen: list[bytes]) -> AsyncIterator[str]:
    """One answer for each connection, on a free port of 127.0.0.1."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def ok() -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a=1\r\nConnection: close\r\n\r\n{}"


def test_repr_of_headers_shows_the_key() -> None:
    """H1: httpx hides ``authorization`` in ``repr(headers)``, and shows ``x-api-key``."""
    shown = repr(httpx.Headers({"X-Api-Key": KEY, "Authorization": "canary-token"}))
    assert shown == "Headers({'x-api-key': 'canary-key', 'authorization': '[secure]'})"


async def test_logs_the_query(caplog: pytest.LogCaptureFixture) -> None:
    """H1: httpx's client logs each address with its query at INFO."""
    caplog.set_level(logging.INFO, "httpx")
    async with serving(ok, []) as url, httpx.AsyncClient() as client:
        await client.get(f"{url}/orders?query=canary-search")
    assert f'HTTP Request: GET {url}/orders?query=canary-search "HTTP/1.1 200 OK"' in caplog.messages


async def test_forwards_the_key_across_redirects() -> None:
    """H1: a client that follows redirects takes ``X-Api-Key`` to another host, and leaves ``Authorization`` behind."""
    first: list[bytes] = []
    second: list[bytes] = []
    async with serving(ok, second) as other:

        def moved() -> bytes:
            head = f"HTTP/1.1 302 Found\r\nLocation: {other}/x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            return head.encode()

        async with serving(moved, first) as url, httpx.AsyncClient(follow_redirects=True) as client:
            await client.get(url, headers={"X-Api-Key": KEY, "Authorization": "canary-token"})
    assert (KEY.encode() in first[0], KEY.encode() in second[0]) == (True, True)
    assert (b"canary-token" in first[0], b"canary-token" in second[0]) == (True, False)


async def test_client_keeps_cookies() -> None:
    """H1: one client keeps a cookie from one request for the next, whoever makes it."""
    seen: list[bytes] = []
    async with serving(ok, seen) as url, httpx.AsyncClient() as client:
        await client.get(url)
        await client.get(url)
    assert [b"cookie: a=1" in asked.lower() for asked in seen] == [False, True]


async def test_transport_does_none_of_it(caplog: pytest.LogCaptureFixture) -> None:
    """H1: the transport below the client follows nothing, keeps no cookie and logs no address at INFO."""
    seen: list[bytes] = []
    caplog.set_level(logging.INFO)
    async with serving(ok, seen) as url, httpx.AsyncHTTPTransport(trust_env=False) as transport:
        for _ in range(2):
            response = await transport.handle_async_request(httpx.Request("GET", f"{url}/?query=canary-search"))
            await response.aread()
            await response.aclose()
    assert [b"cookie:" in asked.lower() for asked in seen] == [False, False]
    assert "canary-search" not in caplog.text


async def test_hung_up_after_sending_is_not_a_connect_error() -> None:
    """H1: a connection that is dropped after the request was sent is told apart from one that was never made."""
    seen: list[bytes] = []
    async with serving(lambda: b"", seen) as url, httpx.AsyncHTTPTransport() as transport:
        with pytest.raises(httpx.RemoteProtocolError):
            await transport.handle_async_request(httpx.Request("POST", url))
    async with httpx.AsyncHTTPTransport() as transport:
        with pytest.raises(httpx.ConnectError):
            await transport.handle_async_request(httpx.Request("POST", url))
    assert len(seen) == 1
