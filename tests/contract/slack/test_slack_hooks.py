"""response_urls as any HTTP client sees them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from bolt_world import Json, button, client_of, listening

from sandbox.slack.delivery import Answer, Envelope
from sandbox.slack.workspace import ADA, BEN, BOT_USER, ORDERS, SHARED, Workspace


class _Quiet:
    """An app that acks everything and says nothing."""

    def __init__(self) -> None:
        self.got: list[Envelope] = []

    async def deliver(self, envelope: Envelope, seconds: float) -> Answer:
        self.got.append(envelope)
        return Answer()


@asynccontextmanager
async def _world() -> AsyncIterator[tuple[Workspace, _Quiet, aiohttp.ClientSession]]:
    async with listening(bot_events=frozenset()) as ws, aiohttp.ClientSession() as session:
        ws.transport = app = _Quiet()
        yield ws, app, session


async def _url_of_command(ws: Workspace, app: _Quiet, channel: str = ORDERS) -> str:
    await ws.command(ADA, channel, "/order 1")
    return str(app.got[-1].payload["response_url"])


async def _url_of_click(ws: Workspace, app: _Quiet, *, ephemeral: bool = False) -> str:
    async with client_of(ws) as client:
        if ephemeral:
            sent = await client.chat_postEphemeral(channel=ORDERS, user=ADA, text="card", blocks=[button()])
        else:
            sent = await client.chat_postMessage(channel=ORDERS, text="card", blocks=[button()])
    await ws.click(ADA, ORDERS, sent.get("ts") or sent["message_ts"], "order.show")
    return str(app.got[-1].payload["response_url"])


async def _use(session: aiohttp.ClientSession, url: str, body: Json) -> tuple[int, str]:
    async with session.post(url, json=body) as answer:
        return answer.status, await answer.text()


async def test_an_answer_is_ephemeral_unless_it_says_otherwise() -> None:
    """The default is the typist alone; in_channel is everybody (apis/slack.md §5, §9.2)."""
    async with _world() as (ws, app, session):
        url = await _url_of_command(ws, app)
        assert await _use(session, url, {"text": "quiet"}) == (200, "ok")
        assert await _use(session, url, {"text": "loud", "response_type": "in_channel"}) == (200, "ok")
        assert [message.text for message in ws.visible(ADA, ORDERS)] == ["quiet", "loud"]
        assert [(m.text, m.user) for m in ws.visible(BEN, ORDERS)] == [("loud", BOT_USER)]
        assert [(sent["kind"], sent["error"]) for sent in ws.sent] == [("response", None)] * 2


async def test_five_uses_and_no_sixth() -> None:
    """The sixth gets 404 used_url and nothing is shown (apis/slack.md §9.5)."""
    async with _world() as (ws, app, session):
        url = await _url_of_command(ws, app)
        answers = [await _use(session, url, {"text": str(n)}) for n in range(6)]
        assert answers == [(200, "ok")] * 5 + [(404, "used_url")]
        assert len(ws.visible(ADA, ORDERS)) == 5


async def test_thirty_minutes_and_no_more() -> None:
    """After half an hour of the workspace's clock the address is gone."""
    async with _world() as (ws, app, session):
        url = await _url_of_command(ws, app)
        ws.clock.advance(29 * 60)
        assert await _use(session, url, {"text": "in time"}) == (200, "ok")
        ws.clock.advance(2 * 60)
        assert await _use(session, url, {"text": "late"}) == (404, "expired_url")
        assert [message.text for message in ws.visible(ADA, ORDERS)] == ["in time"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "no_text"),
        ({"text": " "}, "no_text"),
        ({"text": "x", "blocks": [{"type": "nope"}]}, "invalid_blocks"),
        ([], "invalid_payload"),
    ],
)
async def test_a_bad_body_is_refused_and_not_counted(body: Json, code: str) -> None:
    """400 with the reason; five good uses remain."""
    async with _world() as (ws, app, session):
        url = await _url_of_command(ws, app)
        assert await _use(session, url, body) == (400, code)
        assert ws.visible(ADA, ORDERS) == []
        assert ws.sent[-1]["error"] == code
        assert [(await _use(session, url, {"text": "x"}))[0] for _ in range(5)] == [200] * 5


async def test_unknown_addresses_and_broken_json() -> None:
    """A guess is 404, words that are no JSON are 400."""
    async with _world() as (ws, app, session):
        url = await _url_of_command(ws, app)
        assert await _use(session, url[:-4] + "beef", {"text": "x"}) == (404, "no_service")
        async with session.post(url, data=b"{") as answer:
            assert (answer.status, await answer.text()) == (400, "invalid_payload")


@pytest.mark.parametrize("ephemeral", [False, True])
async def test_a_button_replaces_and_deletes_its_own_message(ephemeral: bool) -> None:
    """In place, with the same ts; the only way for an ephemeral one."""
    async with _world() as (ws, app, session):
        url = await _url_of_click(ws, app, ephemeral=ephemeral)
        (card,) = ws.visible(ADA, ORDERS)
        ts = card.ts
        assert await _use(session, url, {"replace_original": True, "text": "new", "blocks": [button("other")]}) == (
            200,
            "ok",
        )
        assert [(m.ts, m.text, m.ephemeral_to) for m in ws.visible(ADA, ORDERS)] == [
            (ts, "new", ADA if ephemeral else None)
        ]
        assert await _use(session, url, {"delete_original": True}) == (200, "ok")
        assert ws.visible(ADA, ORDERS) == []
        assert await _use(session, url, {"replace_original": True, "text": "again"}) == (200, "ok")
        assert [(m.text, m.ephemeral_to) for m in ws.visible(ADA, ORDERS)] == [("again", ADA)]


async def test_a_members_own_message_is_never_replaced() -> None:
    """From a message shortcut on somebody's words the app can only add."""
    async with _world() as (ws, app, session):
        ts = await ws.post(BEN, ORDERS, "mine")
        await ws.message_shortcut(ADA, ORDERS, ts, "order.lookup")
        url = str(app.got[-1].payload["response_url"])
        for body in ({"replace_original": True, "text": "changed"}, {"delete_original": True}):
            assert await _use(session, url, body) == (200, "ok")
        assert [message.text for message in ws.visible(ADA, ORDERS)] == ["mine", "changed"]
        assert [message.text for message in ws.visible(BEN, ORDERS)] == ["mine"]


async def test_it_works_where_the_bot_is_not_a_member() -> None:
    """A response_url needs no membership."""
    async with _world() as (ws, app, session):
        ws.set_channel(SHARED, bot=False)
        url = await _url_of_command(ws, app, SHARED)
        assert await _use(session, url, {"text": "here", "response_type": "in_channel"}) == (200, "ok")
        assert [message.text for message in ws.visible(BEN, SHARED)] == ["here"]


async def test_an_answer_can_go_into_a_thread() -> None:
    """thread_ts is kept."""
    async with _world() as (ws, app, session):
        url = await _url_of_command(ws, app)
        ts = await ws.post(BEN, ORDERS, "parent")
        await _use(session, url, {"text": "reply", "thread_ts": ts})
        assert ws.visible(ADA, ORDERS)[-1].thread_ts == ts
