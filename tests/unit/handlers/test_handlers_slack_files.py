"""Files to and from Slack, with the real client against servers on loopback: where the token may go (A8, C2)."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from fakes import SlackServer, slack_server
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack import Posted, Slack
from handlers.slack_files import MOST_BYTES, NOT_GIVEN, TOO_LARGE, NoFile, file_origins, may_ask

LOGIN = "<!DOCTYPE html><html><title>Sign in</title></html>"
WHERE = Posted("D0ADA00001", "17.5")
Answer = Callable[[web.Request], web.StreamResponse]


@asynccontextmanager
async def to_slack(server: SlackServer) -> AsyncIterator[Slack]:
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token="xoxb-canary", base_url=f"{server.url}/api/", session=session)
        yield Slack(client, session, (server.url,))


async def read(server: SlackServer, url: str | None = None) -> bytes | NoFile:
    """Read a file that Slack says is at this address, in the workspace itself if none is given."""
    address = f"{server.url}/files-pri/orders.csv" if url is None else url
    server.answers["files.info"] = {"file": {"id": "F1", "url_private_download": address}}
    async with to_slack(server) as slack:
        return await slack.file("F1")


def gives(body: bytes, kind: str = "text/csv", status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return lambda _: web.Response(body=body, content_type=kind, status=status, headers=headers)


def hears(asked: dict[str, dict[str, str]], **answer: Any) -> Answer:
    """Answers a call whose arguments stand in the address, and keeps them."""

    def take(call: web.Request) -> web.StreamResponse:
        asked[call.path.rpartition("/")[2]] = dict(call.query)
        return web.json_response({"ok": True, **answer})

    return take


async def test_a_file_is_read_with_the_bots_token() -> None:
    """A file is read whole from where Slack says, with the bot's token and nothing else."""
    seen: list[str] = []

    def answer(asked: web.Request) -> web.StreamResponse:
        seen.append(asked.headers["Authorization"])
        return web.Response(body=b"a,b\n1,2\n", content_type="text/csv")

    async with slack_server() as server:
        server.answers["files-pri/orders.csv"] = answer
        assert await read(server) == b"a,b\n1,2\n"
    assert (seen, server.methods()) == (["Bearer xoxb-canary"], ["files.info", "files-pri/orders.csv"])


@pytest.mark.parametrize(
    "answer",
    [
        gives(LOGIN.encode(), "text/html"),
        gives(b"\xef\xbb\xbf  " + LOGIN.encode(), "text/csv"),
        gives(b"<html>x</html>", "application/octet-stream"),
        gives(b"a,b", status=403),
        gives(b"a,b", status=206),
        gives(b"", status=302, headers={"Location": "/files-pri/other"}),
    ],
)
async def test_what_is_not_the_file_is_no_file(answer: Answer) -> None:
    """The page to sign in (which comes with 200), a refusal, a redirect or half a file are not the file."""
    async with slack_server() as server:
        server.answers["files-pri/orders.csv"] = answer
        assert await read(server) == NOT_GIVEN
        assert "files-pri/other" not in server.methods()


@pytest.mark.parametrize(("size", "good"), [(MOST_BYTES, True), (MOST_BYTES + 1, False)])
async def test_the_cap_holds_whatever_slack_said_of_the_size(size: int, good: bool) -> None:
    """One megabyte is read and one byte more is not."""
    async with slack_server() as server:
        server.answers["files-pri/orders.csv"] = gives(b"x" * size)
        assert await read(server) == (b"x" * size if good else TOO_LARGE)


async def test_a_small_file_that_unpacks_to_a_large_one() -> None:
    """The cap counts what comes out of a compressed answer."""
    async with slack_server() as server:
        packed = gzip.compress(b"x" * (20 * MOST_BYTES))
        server.answers["files-pri/orders.csv"] = gives(packed, headers={"Content-Encoding": "gzip"})
        assert await read(server) == TOO_LARGE


async def test_the_token_goes_nowhere_else() -> None:
    """An address at another host, port or scheme is not asked at all, and neither is none (A8, C2)."""
    async with slack_server() as server, slack_server() as stranger:
        tricky = server.url.replace("http://", "http://user@").replace("127.0.0.1", "127.0.0.1.evil.example")
        for url in (f"{stranger.url}/orders.csv", f"{server.url}.evil.example/x", tricky, server.url, "", "file:///x"):
            assert await read(server, url) == NOT_GIVEN, url
    assert (stranger.seen, set(server.methods())) == ([], {"files.info"})


async def test_a_file_that_slack_does_not_know() -> None:
    """A file that is gone, or not ours to read, is said to be missing; nothing is downloaded."""
    refused = {"ok": False, "error": "file_not_found"}
    async with slack_server(files__info=lambda _: web.json_response(refused)) as server, to_slack(server) as slack:
        assert await slack.file("F1") == NOT_GIVEN
    assert server.methods() == ["files.info"]


@pytest.mark.parametrize(
    ("api", "url", "good"),
    [
        ("https://slack.com/api/", "https://files.slack.com/files-pri/T1-F1/download/a.csv", True),
        ("https://slack.com/api/", "https://files.slack.com/upload/v1/abc", True),
        ("https://acme.slack.com/api/", "https://files.slack.com/upload/v1/abc", True),
        ("https://slack.com/api/", "http://files.slack.com/files-pri/T1-F1/a.csv", False),
        ("https://slack.com/api/", "https://files.slack.com.evil.example/a.csv", False),
        ("https://slack.com/api/", "https://files.slack.com:8443/a.csv", False),
        ("https://slack.com/api/", "https://files.slack.com@evil.example/a.csv", False),
        ("https://slack.com/api/", "https://slack.com/a.csv", False),
        ("https://slack.com/api/", "http://127.0.0.1:8000/a.csv", False),
        ("https://slack.com.evil.example/api/", "https://files.slack.com/a.csv", False),
        ("http://127.0.0.1:8000/api/", "http://127.0.0.1:8000/files-pri/a.csv", True),
        ("http://127.0.0.1:8000/api/", "https://files.slack.com/a.csv", False),
    ],
)
def test_where_files_are(api: str, url: str, good: bool) -> None:
    """With Slack it is Slack's own file host over https, and with another workspace that one alone (A8)."""
    assert may_ask(url, file_origins(api)) is good


def sharing(server: SlackServer, **info: Any) -> None:
    server.answers["files.getUploadURLExternal"] = {"upload_url": f"{server.url}/upload/F7", "file_id": "F7"} | info


async def test_a_file_is_shared_in_a_thread() -> None:
    """The size is announced, the bytes go up without the token, and the file ends in the thread that was meant."""
    posted: list[tuple[bytes, str | None]] = []

    async def take(asked: web.Request) -> web.StreamResponse:
        posted.append((await asked.read(), asked.headers.get("Authorization")))
        return web.Response(text="OK - 3")

    asked: dict[str, dict[str, str]] = {}
    async with slack_server() as server, to_slack(server) as slack:
        server.answers["upload/F7"] = take
        server.answers["files.getUploadURLExternal"] = hears(asked, upload_url=f"{server.url}/upload/F7", file_id="F7")
        server.answers["files.completeUploadExternal"] = hears(asked)
        assert await slack.share(WHERE, "result.csv", b"a,b")
    assert posted == [(b"a,b", None)]
    assert asked["files.getUploadURLExternal"] == {"filename": "result.csv", "length": "3"}
    files = json.loads(asked["files.completeUploadExternal"].pop("files"))
    assert files == [{"id": "F7", "title": "result.csv"}]
    assert asked["files.completeUploadExternal"] == {"channel_id": WHERE.channel, "thread_ts": WHERE.ts}


async def test_a_file_that_slack_does_not_take() -> None:
    """A refusal at any of the three steps is a plain no, and a file that did not arrive is not announced."""
    refused = {"ok": False, "error": "missing_scope"}
    async with slack_server() as server, to_slack(server) as slack:
        sharing(server)
        server.answers["upload/F7"] = lambda _: web.Response(status=500)
        assert not await slack.share(WHERE, "result.csv", b"a,b")
        assert "files.completeUploadExternal" not in server.methods()
        server.answers["upload/F7"] = lambda _: web.Response(text="OK")
        server.answers["files.completeUploadExternal"] = lambda _: web.json_response(refused)
        assert not await slack.share(WHERE, "result.csv", b"a,b")
        server.answers["files.getUploadURLExternal"] = lambda _: web.json_response(refused)
        assert not await slack.share(WHERE, "result.csv", b"a,b")


async def test_a_file_goes_to_slack_only() -> None:
    """An address for the upload that is not Slack's gets nothing."""
    async with slack_server() as server, slack_server() as stranger, to_slack(server) as slack:
        sharing(server, upload_url=f"{stranger.url}/upload/F7")
        assert not await slack.share(WHERE, "result.csv", b"a,b")
    assert stranger.seen == []


@pytest.mark.parametrize(("name", "there"), [("result.csv", True), ("other.csv", False)])
async def test_the_look_before_a_second_try(name: str, there: bool) -> None:
    """A file that is in the thread already is found by its name, among messages with and without files."""
    messages = [{"ts": "17.5"}, {"ts": "18.0", "files": [{"name": "result.csv"}]}]
    asked: dict[str, dict[str, str]] = {}
    async with slack_server() as server, to_slack(server) as slack:
        server.answers["conversations.replies"] = hears(asked, messages=messages)
        assert await slack.shared(WHERE, name) is there
    assert asked["conversations.replies"] == {"channel": WHERE.channel, "ts": WHERE.ts, "limit": "200"}
