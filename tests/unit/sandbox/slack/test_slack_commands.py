"""A member types a slash command or a message."""

from __future__ import annotations

from typing import Any

import pytest
from slack_samples import actions, button, workspace

from sandbox.slack.delivery import Answer
from sandbox.slack.workspace import (
    ADA,
    APP_ID,
    BEN,
    BOT_USER,
    DM_ADA,
    OLGA,
    ORDERS,
    PRIVATE,
    SHARED,
    SLACKBOT,
    TEAM,
    Impossible,
    Outcome,
)


async def test_the_payload_is_flat_and_complete() -> None:
    """Every field of a slash command is there, the install flag as a string (apis/slack.md §4)."""
    ws, app = workspace()
    assert await ws.command(ADA, ORDERS, "/order  1001 now ") == Outcome(True)
    sent = dict(app.last)
    assert app.got[0].kind == "slash_commands"
    assert app.got[0].accepts_response
    assert sent.pop("response_url").startswith(f"http://127.0.0.1:9/hooks/commands/{TEAM}/")
    assert ws.passes.look(sent.pop("trigger_id")).user == ADA
    assert sent == {
        "token": "sandbox-verification-token",
        "team_id": TEAM,
        "team_domain": "sandbox-home",
        "channel_id": ORDERS,
        "channel_name": "orders",
        "user_id": ADA,
        "user_name": "ada",
        "command": "/order",
        "text": "1001 now",
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
    }


@pytest.mark.parametrize(
    ("channel", "name"), [(PRIVATE, "privategroup"), (DM_ADA, "directmessage"), (SHARED, "partner-acme")]
)
async def test_closed_rooms_hide_their_name(channel: str, name: str) -> None:
    """Private channels and direct messages carry Slack's stand-in names."""
    ws, app = workspace()
    await ws.command(ADA, channel, "/order")
    assert (app.last["channel_name"], app.last["text"]) == (name, "")


@pytest.mark.parametrize(
    ("user", "channel", "text"), [(ADA, ORDERS, "/nope 1"), (ADA, ORDERS, "order"), (OLGA, SHARED, "/order 1")]
)
async def test_a_command_that_is_not_there_reaches_nobody(user: str, channel: str, text: str) -> None:
    """Commands outside the manifest, and any by another team's member, are answered by Slackbot to the typist only."""
    ws, app = workspace()
    assert await ws.command(user, channel, text) == Outcome(False, "unknown_command")
    (message,) = ws.visible(user, channel)
    assert (message.user, message.ephemeral_to) == (SLACKBOT, user)
    assert f"`{text.split()[0]}` is not a valid command" in message.text
    assert app.got == []
    assert ws.visible(BEN, channel) == []


@pytest.mark.parametrize(
    ("body", "text"), [("hi", "hi"), ({"text": "hi"}, "hi"), ({"text": "t", "blocks": [actions(button())]}, "t")]
)
async def test_an_ack_with_words_is_for_the_typist(body: Any, text: str) -> None:
    """Ack text, plain or in an object, is an ephemeral message (apis/slack.md §9.2, §9.3)."""
    ws, _ = workspace(Answer(body))
    assert await ws.command(ADA, ORDERS, "/order 1") == Outcome(True, None, body)
    (message,) = ws.visible(ADA, ORDERS)
    assert (message.user, message.text, message.ephemeral_to) == (BOT_USER, text, ADA)
    assert ws.visible(BEN, ORDERS) == []
    assert ws.sent == [{"kind": "ack", "payload": body, "error": None}]


async def test_in_channel_shows_the_command_too() -> None:
    """`response_type: in_channel` posts what was typed and the answer, for everybody."""
    ws, _ = workspace(Answer({"text": "there", "response_type": "in_channel"}))
    await ws.command(ADA, ORDERS, "/order 1")
    assert [(m.user, m.text) for m in ws.visible(BEN, ORDERS)] == [(ADA, "/order 1"), (BOT_USER, "there")]


@pytest.mark.parametrize("error", ["operation_timeout", "dispatch_failed"])
async def test_a_late_or_dead_app_is_said_by_slackbot(error: str) -> None:
    """The typist alone reads which way the command failed (apis/slack.md §5)."""
    ws, _ = workspace(Answer(error=error, reason="x"))
    assert await ws.command(ADA, ORDERS, "/order 1") == Outcome(False, error)
    (message,) = ws.visible(ADA, ORDERS)
    assert (message.user, message.text) == (SLACKBOT, f'/order failed with the error "{error}"')
    assert ws.visible(BEN, ORDERS) == []
    assert ws.sent == []


async def test_an_ack_with_bad_blocks_is_refused() -> None:
    """Blocks in an ack are checked as everywhere, and what was refused is remembered as refused."""
    ws, _ = workspace(Answer({"text": "x", "blocks": [{"type": "nope"}]}))
    outcome = await ws.command(ADA, ORDERS, "/order 1")
    assert (outcome.acked, outcome.error) == (True, "invalid_blocks")
    assert [message.user for message in ws.visible(ADA, ORDERS)] == [SLACKBOT]
    assert ws.sent[0]["error"] == "invalid_blocks"


async def test_should_escape_turns_names_into_entities() -> None:
    """Only commands that ask for it get `<@U|name>` and `<#C|name>`; unknown names stay as typed."""
    ws, app = workspace()
    await ws.command(ADA, ORDERS, "/who @ben in #orders and @nobody or a@b")
    assert app.last["text"] == f"<@{BEN}|ben> in <#{ORDERS}|orders> and @nobody or a@b"
    await ws.command(ADA, ORDERS, "/order @ben")
    assert app.last["text"] == "@ben"


async def test_nobody_acts_in_a_room_they_are_not_in() -> None:
    """The outsider is in the shared channel only, and strangers are nowhere."""
    ws, app = workspace()
    for user in (OLGA, "U404"):
        with pytest.raises(Impossible):
            await ws.command(user, ORDERS, "/order")
        with pytest.raises(Impossible):
            await ws.post(user, PRIVATE, "hello")
    assert app.got == []
    assert ws.visible(OLGA, ORDERS) == []


async def test_a_members_words_are_escaped_and_names_become_mentions() -> None:
    """What is typed is text: `<!channel>` is dead, `@ben` lives."""
    ws, _ = workspace(bot_events=frozenset())
    ts = await ws.post(ADA, ORDERS, "<!channel> & @ben #orders")
    (message,) = ws.visible(BEN, ORDERS)
    assert (message.ts, message.text) == (ts, f"&lt;!channel&gt; &amp; <@{BEN}> <#{ORDERS}|orders>")
