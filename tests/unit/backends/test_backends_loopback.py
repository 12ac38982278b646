"""The way to a back end against real connections: silence, deadlines, the queue, what is not followed."""

from __future__ import annotations

import asyncio
import gzip
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace

import pytest
from backends_kit import GET, KEY, QUICK, TOKEN, failure, http_answer, serving, to, waits, with_locals

from backends.errors import BackendError, Busy, Fault, Garbled, NoAnswer, Unreachable
from backends.http import READ, WRITE, Call, Limits
from backends.quivo.auth import Session

POST = Call("POST", "/orders/{id}/cancelRequest", WRITE, {"id": 1001}, request_id="ref-2")
ASKED = replace(GET, headers=Session(KEY, TOKEN).headers())


async def test_hangs_after_sending() -> None:
    """E3: a write that was sent and met silence is NoAnswer, outcome unknown, sent once and let go of."""
    async with serving(lambda _: None) as server, to(server.url, replace(QUICK, write_total=0.5)) as http:
        error = await failure(http, POST)
        await asyncio.wait_for(server.gone.wait(), 5)
    assert (type(error), error.outcome_known, len(server.seen)) == (NoAnswer, False, 1)


async def test_hangs_up_after_sending() -> None:
    """E3: a back end that takes the request and hangs up is NoAnswer, outcome unknown, and is not asked again."""
    async with serving(lambda _: b"") as server, to(server.url) as http:
        error = await failure(http, POST)
    assert (type(error), error.outcome_known, len(server.seen)) == (NoAnswer, False, 1)


async def test_hangs_up_on_a_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """E5: a read that met a hung-up connection is asked on new ones, three times in all."""
    waits(monkeypatch)
    async with serving(lambda _: b"") as server, to(server.url) as http:
        error = await failure(http)
    assert (type(error), error.outcome_known, len(server.seen), server.connections) == (NoAnswer, True, 3, 3)


async def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """E5: where nobody listens nothing was sent, for a write too."""
    waits(monkeypatch)
    async with serving(lambda _: None) as server:
        pass
    async with to(server.url) as http:
        reading, writing = await failure(http), await failure(http, POST)
    assert [(type(error), error.outcome_known) for error in (reading, writing)] == [(Unreachable, True)] * 2


async def test_total_deadline() -> None:
    """E5: attempts against silence, pauses included, end by the total deadline plus a tenth."""
    limits = replace(QUICK, read_total=1.6, attempt=0.55)
    async with serving(lambda _: None) as server, to(server.url, limits) as http:
        started = time.monotonic()
        error = await failure(http)
        took = time.monotonic() - started
    assert (type(error), len(server.seen)) == (NoAnswer, 2)
    assert took <= 1.6 * 1.1


async def test_drip() -> None:
    """E5: an answer that comes byte by byte does not stretch the deadline."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not reader.at_eof():
            writer.write(b" ")
            with suppress(TimeoutError):
                await asyncio.wait_for(reader.read(), 0.02)
        writer.close()

    listening = await asyncio.start_server(drip, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with listening, to(address, replace(QUICK, read_total=0.5)) as http:
        error = await asyncio.wait_for(failure(http), 5)
    assert type(error) is NoAnswer


async def test_the_21st_waits() -> None:
    """Twenty requests are under way at once; the next one waits until one is done, and is then sent."""
    release = asyncio.Event()

    async def held(_: bytes) -> bytes:
        await release.wait()
        return http_answer()

    async with serving(held) as server, to(server.url) as http:
        calls = [asyncio.create_task(http.ask(GET)) for _ in range(21)]
        for _ in range(20):
            await asyncio.wait_for(server.arriving.get(), 5)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(server.arriving.get(), 0.1)
        assert (len(server.seen), sum(call.done() for call in calls)) == (20, 0)
        release.set()
        answers = await asyncio.gather(*calls)
    assert ([answer.status for answer in answers], len(server.seen), server.connections) == ([200] * 21, 21, 20)


async def test_waiting_in_the_queue_is_not_sending() -> None:
    """E3: a write whose deadline passed while it waited for its turn was not sent, and that is known."""
    async with serving(lambda _: None) as server, to(server.url, Limits(at_once=1, write_total=0.1)) as http:
        first = asyncio.create_task(http.ask(GET))
        await asyncio.wait_for(server.arriving.get(), 5)
        second = await failure(http, POST)
        first.cancel()
        await asyncio.wait([first])
    assert (type(second), second.outcome_known, len(server.seen)) == (Unreachable, True, 1)


async def test_redirect_is_not_followed() -> None:
    """A redirect takes neither key nor token to another host: it is Garbled and nobody else is asked."""
    async with serving(lambda _: http_answer()) as other:
        moved = http_answer(b"", "302 Found", f"Location: {other.url}/orders/1001")
        async with serving(lambda _: moved) as server, to(server.url) as http:
            error = await failure(http, ASKED)
    assert (type(error), len(server.seen), other.seen) == (Garbled, 1, [])
    assert KEY.encode() in server.seen[0]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
async def test_environment_is_ignored(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment sees no request."""
    async with serving(lambda _: http_answer(b"proxy")) as proxy, serving(lambda _: http_answer(b"quivo")) as server:
        monkeypatch.setenv(name, proxy.url)
        async with to(server.url) as http:
            answer = await http.ask(GET)
    assert (answer.body, len(server.seen), proxy.seen) == (b"quivo", 1, [])


async def test_no_cookies() -> None:
    """A cookie that one person's request got is not sent with the next person's."""
    async with (
        serving(lambda _: http_answer(b"{}", "200 OK", "Set-Cookie: session=ada")) as server,
        to(server.url) as http,
    ):
        await http.ask(ASKED)
        await http.ask(ASKED)
    assert (len(server.seen), server.connections) == (2, 1)
    assert not [asked for asked in server.seen if b"cookie" in asked.lower()]


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False), (200_000, False)])
async def test_size_cap(size: int, fits: bool) -> None:
    """An answer beyond the cap is Garbled, and the next request works again."""
    big = [b"x" * size, b"{}"]
    async with serving(lambda _: http_answer(big.pop(0))) as server, to(server.url, Limits(answer_bytes=1000)) as http:
        outcome = len((await http.ask(GET)).body) if fits else type(await failure(http))
        assert outcome == (size if fits else Garbled)
        assert (await http.ask(GET)).body == b"{}"


async def test_size_cap_without_length() -> None:
    """An endless answer in chunks is cut off at the cap."""
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"400\r\n" + b"x" * 1024 + b"\r\n") * 100
    async with serving(lambda _: chunks) as server, to(server.url, Limits(answer_bytes=2000)) as http:
        assert type(await failure(http)) is Garbled


async def test_compressed_all_the_same() -> None:
    """An answer that a proxy compressed unasked is read; one that only claims to be compressed is Garbled."""
    bodies = [gzip.compress(b"[1]"), b"[1]"]
    zipped = "Content-Encoding: gzip"
    async with serving(lambda _: http_answer(bodies.pop(0), "200 OK", zipped)) as server, to(server.url) as http:
        assert (await http.ask(GET)).body == b"[1]"
        assert type(await failure(http)) is Garbled


async def test_a_small_answer_that_unpacks_to_a_huge_one() -> None:
    """A compressed answer is unpacked no further than the cap, and one packed twice, or otherwise, not at all."""
    bomb = gzip.compress(bytes(5_000_000))
    bodies = [(bomb, "gzip"), (gzip.compress(bomb), "gzip, gzip"), (b"x", "br"), (bomb[:40], "gzip")]
    answers = [http_answer(body, "200 OK", f"Content-Encoding: {coding}") for body, coding in bodies]
    async with serving(lambda _: answers.pop(0)) as server, to(server.url) as http:
        assert [type(await failure(http)) for _ in bodies] == [Garbled] * 4
    assert max(len(body) for body, _ in bodies) < 10_000


NOT_HTTP = [
    b"garbage\r\n\r\n",
    b"HTTP/9.9 xxx\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nBad Header\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\n",
    b"\x16\x03\x01\x02\x00",
    b"HTTP/1.1 99 Low\r\nContent-Length: 0\r\n\r\n",
]


@pytest.mark.parametrize("nonsense", NOT_HTTP, ids=range(len(NOT_HTTP)))
async def test_not_http(nonsense: bytes) -> None:
    """E3: what is not HTTP after a write was sent leaves the outcome unknown and raises nothing of its own."""
    async with serving(lambda _: nonsense) as server, to(server.url, QUICK) as http:
        error = await failure(http, POST)
    assert (type(error) in (NoAnswer, Garbled), error.outcome_known, len(server.seen)) == (True, False, 1)


async def test_cut_in_the_body() -> None:
    """E3: an answer that breaks off is no answer."""
    cut = http_answer(b"x" * 100)[:-50]
    talk = [cut, b""]
    async with serving(lambda _: talk[0]) as server, to(server.url, QUICK) as http:
        error = await failure(http, POST)
    assert (type(error), error.outcome_known) == (NoAnswer, False)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (None, NoAnswer),
        (b"", NoAnswer),
        (http_answer(b"", "429 Busy"), Busy),
        (http_answer(b"", "500 Oops"), Fault),
        (http_answer(b"", "302 Found"), Garbled),
        (b"garbage\r\n\r\n", NoAnswer),
    ],
)
async def test_traceback_holds_no_secret(
    answer: bytes | None, kind: type[BackendError], monkeypatch: pytest.MonkeyPatch
) -> None:
    """C10: a traceback with the variables of every frame, causes included, shows neither key nor token nor address."""
    waits(monkeypatch)
    call = replace(ASKED, query={"query": "canary-search"})
    async with serving(lambda _: answer) as server, to(server.url, QUICK) as http:
        error = await failure(http, call)
    printed = with_locals(error)
    assert type(error) is kind
    assert "path='/orders/{id}'" in printed
    assert [secret for secret in (KEY, TOKEN, "canary-search", server.url) if secret in printed] == []
    assert error.__cause__ is None


async def test_cancelled_while_asking() -> None:
    """A request whose asker goes away frees its place in the queue and its connection."""
    async with serving(lambda _: None) as server, to(server.url, Limits(at_once=1)) as http:
        for _ in range(3):
            asking = asyncio.create_task(http.ask(GET))
            await asyncio.wait_for(server.arriving.get(), 5)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
    assert (len(server.seen), server.connections) == (3, 3)


async def test_ready_before_the_first_request() -> None:
    """``warm`` prepares everything, twice does no harm, and a closed one can be used again."""
    async with serving(lambda _: http_answer()) as server, to(server.url) as http:
        await asyncio.gather(http.warm(), http.warm())
        assert (await http.ask(GET)).status == 200
        await http.close()
        assert (await http.ask(Call("GET", "/ping", READ))).status == 200


def test_imports_stay_light() -> None:
    """Importing the client imports neither httpx nor stamina, so that the process starts quickly."""
    code = "import sys, backends.quivo.client; print([n for n in ('httpx', 'stamina') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
