"""What goes to Slack and where it may go, with the real client against a Web API on loopback (A8, D4)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from fakes import ADA, CHANNEL, SlackServer, slack_server
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.render.message import Message
from handlers.slack import Posted, Slack, not_here

BLOCK = {"type": "section", "text": {"type": "plain_text", "text": "Hello"}}
MESSAGE = Message("Hello", (BLOCK,))
VIEW = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [BLOCK]}


def no(error: str, status: int = 200) -> Callable[[web.Request], web.StreamResponse]:
    return lambda _: web.json_response({"ok": False, "error": error}, status=status)


def text(body: str, kind: str, status: int = 502) -> Callable[[web.Request], web.StreamResponse]:
    return lambda _: web.Response(text=body, content_type=kind, status=status)


@asynccontextmanager
async def to_slack(server: SlackServer, *origins: str) -> AsyncIterator[Slack]:
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token="xoxb-1", base_url=f"{server.url}/api/", session=session)
        yield Slack(client, session, origins or (server.url,))


async def test_a_post_says_text_and_blocks() -> None:
    """A post carries the fallback text with the blocks, shows no previews, and gives its ts back."""
    async with slack_server(chat__postMessage={"channel": "C9", "ts": "17.5"}) as server, to_slack(server) as slack:
        assert await slack.post(CHANNEL, MESSAGE) == Posted("C9", "17.5")
    ((method, body),) = server.seen
    assert method == "chat.postMessage"
    assert (body["channel"], body["text"], body["blocks"], body["unfurl_links"]) == (CHANNEL, "Hello", [BLOCK], False)


@pytest.mark.parametrize("error", ["not_in_channel", "channel_not_found", "is_archived", "restricted_action"])
async def test_a_post_where_the_bot_may_not_write_is_none(error: str) -> None:
    """Where the bot may not write, the caller is told so and can answer another way."""
    async with slack_server(chat__postMessage=no(error)) as server, to_slack(server) as slack:
        assert await slack.post(CHANNEL, MESSAGE) is None


async def test_any_other_refusal_of_a_post_is_an_error() -> None:
    """A refusal that the caller can do nothing about is Slack's own error, not a silent None."""
    async with slack_server(chat__postMessage=no("invalid_blocks")) as server, to_slack(server) as slack:
        with pytest.raises(SlackApiError):
            await slack.post(CHANNEL, MESSAGE)


async def test_a_whisper_is_ephemeral_in_the_channel() -> None:
    """What is for one person is said as an ephemeral message in the channel where they asked."""
    async with slack_server() as server, to_slack(server) as slack:
        await slack.whisper(CHANNEL, ADA, MESSAGE)
    ((method, body),) = server.seen
    assert (method, body["channel"], body["user"]) == ("chat.postEphemeral", CHANNEL, ADA)


@pytest.mark.parametrize(
    "refusal",
    [
        no("user_not_in_channel"),
        no("channel_not_found"),
        no("messages_tab_disabled"),
        no("internal_error", 500),
        text("<html>bad gateway</html>", "text/html"),
        text("bad gateway", "text/plain"),
        text("{not json", "application/json", 200),
    ],
)
async def test_a_refused_whisper_goes_to_the_persons_messages(
    refusal: Callable[[web.Request], web.StreamResponse],
) -> None:
    """D4: where the ephemeral is refused, whatever the refusal looks like, it goes to the person, never the channel."""
    answers = {"chat__postEphemeral": refusal, "chat__postMessage": {"ts": "1.1"}}
    async with slack_server(**answers) as server, to_slack(server) as slack:
        await slack.whisper(CHANNEL, ADA, MESSAGE)
    assert [(method, body["channel"]) for method, body in server.seen] == [
        ("chat.postEphemeral", CHANNEL),
        ("chat.postMessage", ADA),
    ]


@pytest.mark.parametrize("channel", [None, "D0ADA00001"])
async def test_a_whisper_without_a_channel_goes_to_the_persons_messages(channel: str | None) -> None:
    """D4: from a modal, from Home or from the direct messages a whisper is an ordinary message to the person."""
    async with slack_server(chat__postMessage={"ts": "1.1"}) as server, to_slack(server) as slack:
        await slack.whisper(channel, ADA, MESSAGE)
    assert [(method, body["channel"]) for method, body in server.seen] == [("chat.postMessage", ADA)]


async def test_a_response_is_for_one_person_unless_said_otherwise() -> None:
    """An answer through a response_url is ephemeral and adds, unless it is asked to be in the channel or to replace."""
    async with slack_server() as server, to_slack(server) as slack:
        assert await slack.respond(f"{server.url}/hooks/1", MESSAGE)
        assert await slack.respond(f"{server.url}/hooks/2", MESSAGE, in_channel=True, replace=True)
    plain, loud = (body for _, body in server.seen)
    assert plain == {
        "text": "Hello",
        "blocks": [BLOCK],
        "response_type": "ephemeral",
        "replace_original": False,
    }
    assert (loud["response_type"], loud["replace_original"]) == ("in_channel", True)


@pytest.mark.parametrize("status", [302, 400, 403, 404, 410, 429, 500])
async def test_a_response_that_is_not_taken_is_false(status: int) -> None:
    """A response_url that is used up or too old is a False, so that the caller says it another way."""
    async with slack_server(hooks=lambda _: web.Response(status=status)) as server, to_slack(server) as slack:
        assert not await slack.respond(f"{server.url}/hooks", MESSAGE)


async def test_a_redirect_is_not_followed() -> None:
    """A8: what is said through a response_url never goes on to where a redirect points."""

    def away(asked: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    async with slack_server(hooks=away) as server, to_slack(server) as slack:
        assert not await slack.respond(f"{server.url}/hooks", MESSAGE)
    assert server.methods() == ["hooks"]


async def test_a_response_url_that_nobody_answers_is_false() -> None:
    """A host that is down is a False and no exception."""
    async with slack_server() as gone:
        pass
    async with slack_server() as server, to_slack(server, gone.url) as slack:
        assert not await slack.respond(f"{gone.url}/hooks/1", MESSAGE)


GOOD = "https://hooks.slack.com"
FORBIDDEN = [
    "",
    "http://hooks.slack.com/commands/1",
    "HTTPS://hooks.slack.com/commands/1",
    "https://HOOKS.slack.com/commands/1",
    "https://user:pass@hooks.slack.com/commands/1",
    "https://hooks.slack.com@evil.example/commands/1",
    "https://hooks.slack.com:pass@evil.example/",
    "https://127.0.0.1/commands/1",
    "https://[::1]/commands/1",
    "https://2130706433/commands/1",
    "https://hooks.slack.com.evil.example/commands/1",
    "https://hooks-slack.com/commands/1",
    "https://evilhooks.slack.com/commands/1",
    "https://slack.com/commands/1",
    "https://hooks.slack.com:8443/commands/1",
    "https://hooks.slack.com:0/commands/1",
    "https://hooks.slack.com:/commands/1",
    "https://hooks.slack.com:99999/commands/1",
    "https://hooks.slack.com\\@evil.example/commands/1",
    "https:\\\\hooks.slack.com\\commands\\1",
    "https://hooks.slack.com.",
    "https://hooks.slack.com./commands/1",
    "https://hooks.slack.com",
    "https://hooks.slack.com?x=/",
    "https://hooks.slack.com#/",
    "https:hooks.slack.com/commands/1",
    "//hooks.slack.com/commands/1",
    "hooks.slack.com/commands/1",
    "file:///etc/passwd",
    "ftp://hooks.slack.com/commands/1",
    "javascript:https://hooks.slack.com/",
    "https://hооks.slack.com/commands/1",
    "https://hooks.slack。com/commands/1",
    "https://hooks.slack\t.com/commands/1",
    "https://hooks.slack.com\n.evil.example/",
    " https://hooks.slack.com/commands/1",
    "https://[hooks.slack.com/commands/1",
]


@pytest.mark.parametrize("url", FORBIDDEN)
async def test_a_forbidden_response_url_is_never_asked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A8: through a URL that is not plainly Slack's nothing leaves: not one request is even begun."""
    begun: list[Any] = []
    monkeypatch.setattr(aiohttp.ClientSession, "_request", lambda *parts, **more: begun.append(parts))
    async with slack_server() as server, to_slack(server, GOOD) as slack:
        assert not slack.may_respond(url)
        assert not await slack.respond(url, MESSAGE)
    assert (begun, server.seen) == ([], [])


async def test_no_response_url_is_a_false() -> None:
    """A delivery without a response_url, as from a modal, is a False and asks nobody."""
    async with slack_server() as server, to_slack(server) as slack:
        assert not await slack.respond(None, MESSAGE)
    assert server.seen == []


@pytest.mark.parametrize("url", [f"{GOOD}/commands/T1/2/abc", f"{GOOD}/actions/T1/2/abc?x=1", f"{GOOD}/"])
async def test_slacks_own_urls_are_allowed(url: str) -> None:
    """A8: the response_urls that Slack sends are allowed."""
    async with slack_server() as server, to_slack(server, GOOD) as slack:
        assert slack.may_respond(url)


async def test_a_view_is_opened_and_its_id_known() -> None:
    """Opening a modal gives its id, with which it is filled later."""
    async with slack_server(views__open={"view": {"id": "V7"}}) as server, to_slack(server) as slack:
        assert await slack.open_view("1.2", VIEW) == "V7"
    assert server.seen[0][1]["trigger_id"] == "1.2"


@pytest.mark.parametrize("error", ["expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"])
async def test_a_trigger_that_is_too_old_is_none(error: str) -> None:
    """A trigger that Slack no longer takes is a None: the person must press again."""
    async with slack_server(views__open=no(error)) as server, to_slack(server) as slack:
        assert await slack.open_view(None, VIEW) is None


@pytest.mark.parametrize("error", ["not_found", "hash_conflict"])
async def test_a_view_that_was_closed_cannot_be_updated(error: str) -> None:
    """Updating a modal that the person has closed is a False and no exception."""
    async with slack_server(views__update=no(error)) as server, to_slack(server) as slack:
        assert await slack.update_view("V1", VIEW) is False


async def test_an_update_that_works_is_true() -> None:
    """Updating an open modal sends the whole view under its id."""
    async with slack_server() as server, to_slack(server) as slack:
        assert await slack.update_view("V1", VIEW) is True
    ((method, body),) = server.seen
    assert (method, body["view_id"]) == ("views.update", "V1")


async def test_a_bad_view_is_an_error() -> None:
    """A view that Slack refuses for what it is stays an error, which the door turns into a reference."""
    bad = no("invalid_arguments")
    async with (
        slack_server(views__open=bad, views__update=bad, views__publish=bad) as server,
        to_slack(server) as slack,
    ):
        with pytest.raises(SlackApiError):
            await slack.open_view("1", VIEW)
        with pytest.raises(SlackApiError):
            await slack.update_view("V1", VIEW)
        with pytest.raises(SlackApiError):
            await slack.publish_home(ADA, VIEW)


async def test_home_is_published_for_one_person() -> None:
    """Home goes to the person whose Home it is."""
    async with slack_server() as server, to_slack(server) as slack:
        await slack.publish_home(ADA, VIEW)
    assert (server.seen[0][0], server.seen[0][1]["user_id"]) == ("views.publish", ADA)


async def test_people_and_channels_as_slack_tells_them() -> None:
    """A person and a channel come back as Slack's own objects."""
    told = {"users__info": {"user": {"id": ADA}}, "conversations__info": {"channel": {"id": CHANNEL}}}
    async with slack_server(**told) as server, to_slack(server) as slack:
        assert await slack.user(ADA) == {"id": ADA}
        assert await slack.channel(CHANNEL) == {"id": CHANNEL}


@pytest.mark.parametrize(
    "silence",
    [
        no("user_not_found"),
        no("missing_scope"),
        no("ratelimited", 429),
        text("<html>", "text/html"),
        text("no", "text/plain"),
        text("{not json", "application/json", 200),
    ],
)
async def test_what_slack_will_not_say_is_none(silence: Callable[[web.Request], web.StreamResponse]) -> None:
    """B2: any refusal and any garbage in place of a person or a channel is None, and never an exception."""
    async with slack_server(users__info=silence, conversations__info=silence) as server, to_slack(server) as slack:
        assert (await slack.user(ADA), await slack.channel(CHANNEL)) == (None, None)


async def test_slack_that_is_down_is_none() -> None:
    """B2: where Slack cannot be reached at all, people and channels are None."""
    async with slack_server() as gone:
        pass
    async with to_slack(gone) as slack:
        assert (await slack.user(ADA), await slack.channel(CHANNEL)) == (None, None)


async def test_too_many_questions_are_an_error_for_who_is_strict() -> None:
    """Asked strictly, a 429 is Slack's error, and every other refusal is None all the same."""
    async with slack_server(conversations__info=no("ratelimited", 429)) as server, to_slack(server) as slack:
        with pytest.raises(SlackApiError) as refused:
            await slack.channel(CHANNEL, strict=True)
    assert refused.value.response.data == {"ok": False, "error": "ratelimited"}
    for silence in (no("channel_not_found"), text("<html>", "text/html"), text("no", "text/plain")):
        async with slack_server(conversations__info=silence) as server, to_slack(server) as slack:
            assert await slack.channel(CHANNEL, strict=True) is None


SINCE = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def ours(ts: str, key: str, event: str = "shipclerk") -> dict[str, Any]:
    return {"ts": ts, "metadata": {"event_type": event, "event_payload": {"key": key}}}


def in_pages(name: str, *pages: list[dict[str, Any]]) -> Callable[[web.Request], web.StreamResponse]:
    """A method that answers one page after the other, by a cursor that is the page's number."""

    def answer(asked: web.Request) -> web.StreamResponse:
        number = int(asked.query.get("cursor") or 0)
        following = str(number + 1) if number + 1 < len(pages) else ""
        body = {"ok": True, name: pages[number], "response_metadata": {"next_cursor": following}}
        return web.json_response(body)

    return answer


async def test_a_message_is_found_by_its_key_on_any_page() -> None:
    """The look before a second try reads page after page, and takes our own kind of metadata and that key only."""
    first = [{"ts": "9.9"}, ours("9.1", "order.cancel:b"), ours("9.0", "order.cancel:a", "somebody_elses")]
    pages = in_pages("messages", first, [ours("8.5", "order.cancel:a")])
    async with slack_server(conversations__history=pages) as server, to_slack(server) as slack:
        assert await slack.posted(CHANNEL, "order.cancel:a", SINCE) == "8.5"
        assert await slack.posted(CHANNEL, "order.cancel:c", SINCE) is None
    assert server.methods() == ["conversations.history"] * 4


async def test_a_message_in_a_thread_is_looked_for_there() -> None:
    """With a thread's ts the thread is read, and not the channel."""
    pages = in_pages("messages", [ours("8.5", "k")])
    async with slack_server(conversations__replies=pages) as server, to_slack(server) as slack:
        assert await slack.posted(CHANNEL, "k", SINCE, thread_ts="8.0") == "8.5"
    assert server.methods() == ["conversations.replies"]


@pytest.mark.parametrize(("error", "nowhere"), [("not_in_channel", True), ("ratelimited", False)])
async def test_a_look_that_is_refused_is_not_an_answer(error: str, nowhere: bool) -> None:
    """Not being allowed to look is an error, and whether the bot has no place there can be told from it (E2)."""
    async with slack_server(conversations__history=no(error)) as server, to_slack(server) as slack:
        with pytest.raises(SlackApiError) as refused:
            await slack.posted(CHANNEL, "k", SINCE)
    assert not_here(refused.value) is nowhere


async def test_a_direct_message_is_found_by_its_person() -> None:
    """The bot's direct message with somebody is on whichever page it is, or there is none yet."""
    pages = in_pages("channels", [{"id": "D1", "user": "U1"}], [{"id": "D2", "user": ADA}])
    async with slack_server(conversations__list=pages) as server, to_slack(server) as slack:
        assert (await slack.direct(ADA), await slack.direct("U9")) == ("D2", None)
    assert server.methods() == ["conversations.list"] * 4


async def test_the_channels_that_the_bot_is_in() -> None:
    """They come page by page, as many as Slack gives at a time, and each is the bot's own unless Slack denies it."""
    asked: list[dict[str, str]] = []
    pages = in_pages("channels", [{"id": "C1"}, {"id": "C2", "is_member": False}], [{"id": "C3", "is_private": True}])

    def answer(request: web.Request) -> web.StreamResponse:
        asked.append(dict(request.query))
        return pages(request)

    async with slack_server(users__conversations=answer) as server, to_slack(server) as slack:
        assert [page async for page in slack.joined()] == [
            [{"id": "C1", "is_member": True}, {"id": "C2", "is_member": False}],
            [{"id": "C3", "is_private": True, "is_member": True}],
        ]
    first = {"types": "public_channel,private_channel", "exclude_archived": "0", "limit": "999"}
    assert asked == [first, {**first, "cursor": "1"}]


@pytest.mark.parametrize("error", ["ratelimited", "missing_scope"])
async def test_channels_that_are_not_told_are_an_error(error: str) -> None:
    """A list that is refused is Slack's error, and not an empty list."""
    async with slack_server(users__conversations=no(error)) as server, to_slack(server) as slack:
        with pytest.raises(SlackApiError, match=error):
            _ = [page async for page in slack.joined()]
