"""A real Bolt app in Socket Mode does what people do with it, and they see what Slack would show."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from bolt_world import Json, bolt, button, home, modal, option, plain, text_input
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import acks
from sandbox.slack.workspace import ADA, BEN, BOT_USER, DM_ADA, OLGA, ORDERS, SHARED, Outcome, Workspace


def _acking(*args: Any, **kwargs: Any) -> Any:
    """Wires a `/order` that acks with exactly this."""

    def wire(app: AsyncApp) -> None:
        @app.command("/order")
        async def order(ack: AsyncAck) -> None:
            await ack(*args, **kwargs)

    return wire


def _seen(ws: Workspace, user: str, channel: str = ORDERS) -> list[tuple[str, str, str | None]]:
    return [(message.user, message.text, message.ephemeral_to) for message in ws.visible(user, channel)]


async def test_an_empty_ack_shows_nothing() -> None:
    """ack() alone leaves the channel as it was."""
    async with bolt(_acking()) as ws:
        assert await ws.command(ADA, ORDERS, "/order 1") == Outcome(True)
        assert _seen(ws, ADA) == []


async def test_ack_text_is_ephemeral() -> None:
    """ack("hi") is read by the typist alone."""
    async with bolt(_acking("hi")) as ws:
        assert await ws.command(ADA, ORDERS, "/order 1") == Outcome(True, None, {"text": "hi"})
        assert (_seen(ws, ADA), _seen(ws, BEN)) == ([(BOT_USER, "hi", ADA)], [])


async def test_ack_in_channel_is_public() -> None:
    """response_type in_channel shows the typed command and the answer to everybody."""
    async with bolt(_acking(text="hi", response_type="in_channel")) as ws:
        await ws.command(ADA, ORDERS, "/order 1")
        assert _seen(ws, BEN) == [(ADA, "/order 1", None), (BOT_USER, "hi", None)]


def _raising(app: AsyncApp) -> None:
    @app.command("/order")
    async def order() -> None:
        raise RuntimeError("a bug before ack")


def _silent(app: AsyncApp) -> None:
    @app.command("/order")
    async def order() -> None:
        return None


def _deaf(app: AsyncApp) -> None:
    """No listener at all."""


@pytest.mark.parametrize("wire", [_raising, _silent, _deaf])
async def test_without_an_ack_the_member_reads_operation_timeout(wire: Any) -> None:
    """Bolt sends nothing when a handler raises, does not ack or is missing (apis/slack.md §2.5)."""
    async with bolt(wire, ack_seconds=0.2) as ws:
        assert await ws.command(ADA, ORDERS, "/order 1") == Outcome(False, "operation_timeout")
        (message,) = ws.visible(ADA, ORDERS)
        assert message.text == '/order failed with the error "operation_timeout"'


async def test_without_a_connection_the_member_reads_dispatch_failed() -> None:
    """An app that is not there fails at once."""
    async with bolt(_acking()) as ws:
        ws.sockets.enabled = False
        await ws.sockets.close()
        await ws.until(lambda: ws.sockets.connections == 0)
        assert await ws.command(ADA, ORDERS, "/order 1") == Outcome(False, "dispatch_failed")


async def test_a_modal_from_command_to_close() -> None:
    """Open, be refused with an error, correct, push, update from outside, submit, pop."""

    def wire(app: AsyncApp) -> None:
        @app.command("/order")
        async def order(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
            await ack()
            await client.views_open(
                trigger_id=body["trigger_id"], view=modal(text_input("name"), private_metadata="pm")
            )

        @app.view("m")
        async def submitted(ack: AsyncAck, view: Json) -> None:
            name = view["state"]["values"]["name"]["a"]["value"]
            if name == "bad":
                await ack(response_action="errors", errors={"name": "No such order"})
            else:
                await ack(
                    response_action="push", view=modal(text_input("name"), callback_id="second", title=plain(name))
                )

        @app.view("second")
        async def second(ack: AsyncAck) -> None:
            await ack()

    async with bolt(wire) as ws:
        await ws.command(ADA, ORDERS, "/order 1")
        await ws.until(lambda: ws.views(ADA))
        first = ws.views(ADA)[0]
        assert (ws.views(BEN), first.content["private_metadata"]) == ([], "pm")
        await ws.submit(ADA, first.id, {"name": "bad"})
        assert (first.errors, first.state["name"]["a"]["value"]) == ({"name": "No such order"}, "bad")
        await ws.submit(ADA, first.id, {"name": "good"})
        assert [view.content["title"]["text"] for view in ws.views(ADA)] == ["T", "good"]
        await ws.submit(ADA, ws.views(ADA)[1].id, {"name": "x"})
        assert ws.views(ADA) == [first]
        assert [sent["kind"] for sent in ws.sent] == ["view", "ack", "ack"]


async def test_a_trigger_works_once_and_for_three_seconds() -> None:
    """Opening twice is exchanged, opening late is expired, and the member sees one modal (apis/slack.md §9.4)."""
    errors: list[str] = []
    triggers: list[str] = []

    def wire(app: AsyncApp) -> None:
        @app.command("/order")
        async def order(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=modal())
            with pytest.raises(SlackApiError) as error:
                await client.views_open(trigger_id=body["trigger_id"], view=modal())
            errors.append(error.value.response["error"])

        @app.action("order.show")
        async def shown(ack: AsyncAck, body: Json) -> None:
            await ack()
            triggers.append(body["trigger_id"])

        @app.event("app_home_opened")
        async def opened(client: AsyncWebClient, event: Json) -> None:
            with pytest.raises(SlackApiError) as error:
                await client.views_open(trigger_id=triggers[0], view=modal())
            errors.append(error.value.response["error"])
            await client.views_publish(user_id=event["user"], view=home(button()))

    async with bolt(wire) as ws:
        await ws.command(ADA, ORDERS, "/order 1")
        await ws.until(lambda: errors == ["exchanged_trigger_id"])
        assert len(ws.views(ADA)) == 1
        view = ws.screens.publish(ADA, home(button()))
        await ws.act_in_view(ADA, view.id, "order.show")
        ws.clock.advance(3.5)
        await ws.open_home(ADA)
        await ws.until(lambda: errors == ["exchanged_trigger_id", "expired_trigger_id"])
        assert len(ws.views(ADA)) == 1


async def test_a_button_changes_its_message_in_place() -> None:
    """chat.update keeps ts and position; a failing handler leaves a warning mark."""

    def wire(app: AsyncApp) -> None:
        @app.command("/order")
        async def order(ack: AsyncAck, client: AsyncWebClient, body: Json) -> None:
            await ack()
            await client.chat_postMessage(channel=body["channel_id"], text="card", blocks=[button()])

        @app.action("order.show")
        async def shown(ack: AsyncAck, client: AsyncWebClient, body: Json) -> None:
            await ack()
            message, channel = body["container"]["message_ts"], body["container"]["channel_id"]
            await client.chat_update(channel=channel, ts=message, text="details", blocks=[button("order.bug")])

        @app.action("order.bug")
        async def bug() -> None:
            raise RuntimeError("a bug")

    async with bolt(wire) as ws:
        await ws.command(ADA, ORDERS, "/order 1")
        await ws.until(lambda: ws.visible(ADA, ORDERS))
        card = ws.visible(ADA, ORDERS)[0]
        await ws.post(BEN, ORDERS, "after")
        assert await ws.click(ADA, ORDERS, card.ts, "order.show") == Outcome(True)
        await ws.until(lambda: card.text == "details")
        assert [message.text for message in ws.visible(BEN, ORDERS)] == ["details", "after"]
        ws.ack_seconds = 0.2
        assert (await ws.click(BEN, ORDERS, card.ts, "order.bug")).error == "operation_timeout"
        assert (card.warnings, card.text) == ({"order.bug"}, "details")


async def test_respond_from_an_ephemeral_message() -> None:
    """Only the response_url can change or remove an ephemeral message; its answer is ephemeral (§9.2, §9.14)."""
    answers: list[Json] = [{"text": "second", "replace_original": True}, {"text": "more"}, {"delete_original": True}]
    refused: list[str] = []

    def wire(app: AsyncApp) -> None:
        @app.command("/order")
        async def order(ack: AsyncAck, client: AsyncWebClient) -> None:
            await ack({"text": "first", "blocks": [button()]})

        @app.action("order.show")
        async def shown(ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient, body: Json) -> None:
            await ack()
            with pytest.raises(SlackApiError) as error:
                await client.chat_update(channel=ORDERS, ts=body["container"]["message_ts"], text="no")
            refused.append(error.value.response["error"])
            await respond({"blocks": [button()]} | answers.pop(0))

    async with bolt(wire) as ws:
        await ws.command(ADA, ORDERS, "/order 1")
        (first,) = ws.visible(ADA, ORDERS)
        for used, texts in enumerate((["second"], ["second", "more"], ["more"]), start=1):
            await ws.click(ADA, ORDERS, first.ts, "order.show")
            await ws.until(lambda used=used: [s["kind"] for s in ws.sent].count("response") == used)  # type: ignore[misc]
            assert [message.text for message in ws.visible(ADA, ORDERS)] == texts
        assert (ws.visible(BEN, ORDERS), refused) == ([], ["message_not_found"] * 3)


async def test_home_is_published_and_used() -> None:
    """Each opening tells the app, with the published view from the second on; its button answers in the view."""
    opened: list[bool] = []
    containers: list[Json] = []

    def wire(app: AsyncApp) -> None:
        @app.event("app_home_opened")
        async def on_open(event: Json, client: AsyncWebClient) -> None:
            opened.append("view" in event)
            await client.views_publish(
                user_id=event["user"], view=home(button()), hash=event.get("view", {}).get("hash")
            )

        @app.action("order.show")
        async def shown(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
            await ack()
            containers.append(body["container"])
            await client.views_open(trigger_id=body["trigger_id"], view=modal())

    async with bolt(wire) as ws:
        await ws.open_home(ADA)
        await ws.until(lambda: ws.home(ADA))
        await ws.open_home(ADA)
        await ws.until(lambda: len(opened) == 2)
        view = ws.home(ADA)
        assert view is not None
        assert (opened, ws.home(BEN)) == ([False, True], None)
        await ws.act_in_view(ADA, view.id, "order.show")
        await ws.until(lambda: ws.views(ADA))
        assert containers == [{"type": "view", "view_id": view.id}]


async def test_unsubscribed_events_stay_away() -> None:
    """Neither Home nor messages are told to an app that did not subscribe (apis/slack.md §9.18)."""
    heard: list[str] = []

    def wire(app: AsyncApp) -> None:
        @app.event("app_home_opened")
        async def on_open() -> None:
            heard.append("home")

        @app.event("message")
        async def on_message(event: Json) -> None:
            heard.append(event["text"])

    async with bolt(wire, bot_events=frozenset({"message.im"})) as ws:
        assert await ws.open_home(ADA) == Outcome(True)
        await ws.post(ADA, ORDERS, "in the channel")
        await ws.post(ADA, DM_ADA, "in the dm")
        await ws.until(lambda: [e.payload["event"]["type"] for e in ws.delivered] == ["message"])
        await ws.settled()
    assert heard == ["in the dm"]


async def test_shortcuts_reach_the_app() -> None:
    """A global shortcut brings a trigger, one on a message the message and a response_url."""

    def wire(app: AsyncApp) -> None:
        @app.shortcut("order.create")
        async def create(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=modal())

        @app.shortcut("order.lookup")
        async def lookup(ack: AsyncAck, body: Json, respond: AsyncRespond) -> None:
            await ack()
            await respond(f"looked at {body['message']['text']}")

    async with bolt(wire) as ws:
        assert await ws.shortcut(ADA, "order.create") == Outcome(True)
        await ws.until(lambda: ws.views(ADA))
        ts = await ws.post(BEN, ORDERS, "order 1001?")
        await ws.message_shortcut(ADA, ORDERS, ts, "order.lookup")
        await ws.until(lambda: len(ws.visible(ADA, ORDERS)) == 2)
        assert _seen(ws, ADA)[1] == (BOT_USER, "looked at order 1001?", ADA)


async def test_suggestions_and_closing() -> None:
    """Bolt's options listener answers what is typed; view_closed reaches it when asked for."""
    closed: list[bool] = []

    def wire(app: AsyncApp) -> None:
        @app.options("ask")
        async def ask(ack: AsyncAck, payload: Json) -> None:
            await ack(options=[option(payload["value"])])

        @app.view_closed("m")
        async def on_close(ack: AsyncAck, body: Json) -> None:
            await ack()
            closed.append(body["is_cleared"])

    async with bolt(wire) as ws:
        element = {"type": "external_select", "action_id": "ask", "min_query_length": 1}
        asks = {"type": "input", "block_id": "asks", "label": plain("L"), "element": element}
        view = ws.screens.open(ADA, modal(asks, notify_on_close=True))
        assert await ws.suggest(ADA, view.id, "asks", "ask", "word") == [option("word")]
        assert await ws.close(ADA, view.id) == Outcome(True)
        assert closed == [False]


@pytest.mark.parametrize("answer", [{"ok": True}, "text"])
async def test_a_view_ack_with_foreign_words_is_trouble(answer: Any) -> None:
    """ack with a body that is no response_action leaves the modal with Slack's sentence."""

    def wire(app: AsyncApp) -> None:
        @app.view("m")
        async def submitted(ack: AsyncAck) -> None:
            await ack(answer)

    async with bolt(wire) as ws:
        view = ws.screens.open(ADA, modal())
        assert (await ws.submit(ADA, view.id, {"name": "x"})).error == "bad_ack"
        assert (view.trouble, ws.views(ADA)) == (acks.TROUBLE, [view])


async def test_a_repeated_click_reaches_the_app_again() -> None:
    """redeliver_last sends the same payload in new envelopes: what does it once must see to that itself (A4)."""
    seen: list[str] = []

    def wire(app: AsyncApp) -> None:
        @app.action("order.show")
        async def shown(ack: AsyncAck, body: Json) -> None:
            await ack()
            seen.append(body["trigger_id"])

    async with bolt(wire) as ws:
        view = ws.screens.publish(ADA, home(button()))
        await ws.act_in_view(ADA, view.id, "order.show")
        answers = await ws.redeliver_last("interactive", times=3)
        assert (len(seen), len(set(seen)), [answer.acked for answer in answers]) == (4, 1, [True] * 3)
        assert len({envelope.id for envelope in ws.delivered}) == 4


async def test_the_outsider_is_seen_as_one() -> None:
    """Her clicks carry her own team; commands she does not have."""
    teams: list[tuple[str, str]] = []

    def wire(app: AsyncApp) -> None:
        @app.action("order.show")
        async def shown(ack: AsyncAck, body: Json) -> None:
            await ack()
            teams.append((body["user"]["team_id"], body["team"]["id"]))

    async with bolt(wire) as ws:
        client = AsyncWebClient(ws.bot_token, f"{ws.base_url}/api/")
        posted = await client.chat_postMessage(channel=SHARED, text="card", blocks=[button()])
        await asyncio.gather(*(ws.click(user, SHARED, posted["ts"], "order.show") for user in (ADA, OLGA)))
        assert sorted(teams) == [("T0HOME0001", "T0HOME0001"), ("T0OTHER001", "T0HOME0001")]
        assert (await ws.command(OLGA, SHARED, "/order 1")).error == "unknown_command"
