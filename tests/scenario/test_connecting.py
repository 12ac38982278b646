"""Connecting and disconnecting, as a member does it (issue: Connecting; CHECKS A7, B7, C7)."""

from __future__ import annotations

import pytest
from stage import ADA, ADAS, BEN, DM_ADA, ORDERS, Stage, text_of

from operations.accounts import QUIVO, Actor


def _connections(stage: Stage, user: str = ADA) -> list[str]:
    return [c.account for c in stage.bot.services.accounts.connections(Actor("T0HOME0001", user))]


@pytest.mark.both
async def test_a_command_before_connecting_runs_by_itself_once_connected(stage: Stage) -> None:
    """What was typed before connecting is answered with a button, and runs once, in its channel, after the form."""
    [prompt] = await stage.command(ADA, ORDERS, "/order 1001")
    assert (prompt.ephemeral_to, "/order 1001" in prompt.text) == (ADA, True)
    assert stage.quivo.requests == []
    await stage.click(ADA, ORDERS, prompt, "connection.open")
    await stage.submit(ADA, ADAS)
    assert "is connected" in text_of(stage.slack.views(ADA)[-1])
    cards = [m for m in stage.slack.visible(BEN, ORDERS) if m.by_bot]
    assert [m.text.splitlines()[0].replace("\u2060", "") for m in cards] == [
        "📦 Order 1001 (#DE38678) is in the warehouse."
    ]
    await stage.click(ADA, ORDERS, prompt, "connection.open")
    assert len([m for m in stage.slack.visible(BEN, ORDERS) if m.by_bot]) == 1


async def test_a_refused_login_is_said_where_it_was_typed_and_nothing_typed_is_lost(stage: Stage) -> None:
    """A wrong password stays in the form, is said under its input, and nothing is stored."""
    await stage.command(ADA, ORDERS, "/connect quivo")
    await stage.submit(ADA, {**ADAS, "password": "wrong"})
    view = stage.slack.views(ADA)[-1]
    notes = [b["block_id"] for b in view.blocks if b["block_id"].startswith("note.")]
    assert notes == ["note.banner", "note.password"]
    assert {name: view.state[name]["value"]["value"] for name in ADAS} == {**ADAS, "password": "wrong"}
    assert _connections(stage) == []
    await stage.submit(ADA, {"password": "demo-pass"})
    assert _connections(stage) == ["ad…"]


async def test_a_refused_key_is_said_under_the_key(stage: Stage) -> None:
    """A wrong API key is told apart from a wrong password."""
    await stage.command(ADA, ORDERS, "/connect quivo")
    await stage.submit(ADA, {**ADAS, "apiKey": "no-such-key"})
    notes = [b["block_id"] for b in stage.slack.views(ADA)[-1].blocks if b["block_id"].startswith("note.")]
    assert (notes, _connections(stage)) == (["note.banner", "note.apiKey"], [])


async def test_blank_input_is_refused_before_anything_leaves(stage: Stage) -> None:
    """White space is no user name: the field says so at once, and Quivo is not asked."""
    await stage.command(ADA, ORDERS, "/connect quivo")
    outcome = await stage.submit(ADA, {**ADAS, "username": "   "})
    assert outcome.payload == {"response_action": "errors", "errors": {"username": "Please type your user name."}}
    assert stage.quivo.requests == []


async def test_the_form_says_that_it_is_busy_before_quivo_is_asked(stage: Stage) -> None:
    """The acknowledgement is the same form, busy; the login comes after it (A7)."""
    await stage.command(ADA, ORDERS, "/connect quivo")
    outcome = await stage.submit(ADA, ADAS)
    assert outcome.payload["response_action"] == "update"
    assert outcome.payload["view"]["blocks"][0]["block_id"] == "note.busy"


async def test_without_keeping_the_password_only_the_hour_is_kept(stage: Stage) -> None:
    """Once the token has run out, a connect button is the answer, no login is tried, and the command runs later."""
    await stage.command(ADA, ORDERS, "/connect quivo")
    await stage.submit(ADA, {**ADAS, "keepPassword": ["forget"]})
    await stage.slack.close(ADA, stage.slack.views(ADA)[-1].id)
    assert "in the warehouse" in (await stage.command(ADA, ORDERS, "/order 1001"))[0].text
    stage.world.clock.advance(3601)
    [prompt] = await stage.command(ADA, ORDERS, "/order 1001")
    assert "Connect Quivo" in prompt.text
    assert stage.quivo.count("POST", "/login") == 1


async def test_connect_shows_what_is_connected_and_never_a_secret(stage: Stage) -> None:
    """``/connect`` shows since when and when last used; none of what was typed is in it."""
    await stage.connect()
    await stage.command(ADA, ORDERS, "/order 1001")
    [shown] = await stage.command(ADA, ORDERS, "/connect")
    said = text_of(shown)
    assert ("Connected" in said, "last used" in said, shown.ephemeral_to) == (True, True, ADA)
    assert not any(secret in said for secret in ("demo-key", "demo-pass", "ada\\"))


async def test_disconnect_removes_at_once_and_the_next_command_asks_to_connect(stage: Stage) -> None:
    """After ``/disconnect`` there is no connection, and nothing more is asked of Quivo."""
    await stage.connect()
    [gone] = await stage.command(ADA, ORDERS, "/disconnect")
    assert "is disconnected" in gone.text
    asked = len(stage.quivo.requests)
    [prompt] = await stage.command(ADA, ORDERS, "/order 1001")
    assert ("Connect Quivo" in prompt.text, len(stage.quivo.requests)) == (True, asked)
    [again] = await stage.command(ADA, ORDERS, "/disconnect")
    assert "no connection" in again.text.lower() or "not connected" in again.text.lower()


async def test_home_shows_and_removes_the_connection(stage: Stage) -> None:
    """Home follows what is connected, and its button removes it."""
    await stage.slack.open_home(ADA)
    await stage.settle()
    assert "not connected anything" in text_of(stage.slack.home(ADA))
    await stage.connect()
    home = stage.slack.home(ADA)
    assert "Connected" in text_of(home)
    await stage.slack.act_in_view(ADA, home.id, "connection.remove")
    await stage.settle()
    assert (_connections(stage), "not connected anything" in text_of(stage.slack.home(ADA))) == ([], True)


async def test_a_disconnect_button_of_an_older_connection_removes_nothing(stage: Stage) -> None:
    """A button that was drawn for a connection since replaced is refused (B6)."""
    await stage.connect()
    [old] = await stage.command(ADA, ORDERS, "/connect")
    await stage.connect()
    await stage.click(ADA, ORDERS, old, "connection.remove")
    assert _connections(stage) == ["ad…"]
    assert "expired" in stage.slack.visible(ADA, ORDERS)[-1].text


async def test_each_person_has_their_own_connection(stage: Stage) -> None:
    """Ben's connection is not Ada's: he sees his own sellers' orders only (B7)."""
    await stage.connect(ADA)
    await stage.connect(BEN)
    [answer] = await stage.command(BEN, ORDERS, "/order 1001")
    assert "no such order" in answer.text
    keys = {seen.headers["X-Api-Key"] for seen in stage.quivo.requests if seen.path == "/orders/1001"}
    assert keys == {"demo-key-2"}


async def test_connecting_survives_a_restart(stage: Stage) -> None:
    """A bot started again on the same files and key finds the connection."""
    await stage.connect()
    await stage.restart()
    [card] = await stage.command(ADA, ORDERS, "/order 1001")
    assert "in the warehouse" in card.text


async def test_unknown_back_ends_are_refused_with_what_to_type(stage: Stage) -> None:
    """``/connect shopify`` opens no form and says what can be typed."""
    [answer] = await stage.command(ADA, ORDERS, "/connect shopify")
    assert ("/connect quivo" in answer.text, stage.slack.views(ADA)) == (True, [])
    [answer] = await stage.command(ADA, ORDERS, "/disconnect shopify")
    assert "/disconnect quivo" in answer.text


async def test_connecting_in_the_direct_message_works_alike(stage: Stage) -> None:
    """In the direct message the prompt, the form and the card work as in a channel."""
    prompt = (await stage.command(ADA, DM_ADA, "/order 1001"))[0]
    await stage.click(ADA, DM_ADA, prompt, "connection.open")
    await stage.submit(ADA, ADAS)
    assert any("in the warehouse" in m.text for m in stage.slack.visible(ADA, DM_ADA))
    assert stage.bot.services.accounts.vault.connection("T0HOME0001", ADA, QUIVO) is not None


async def test_the_whole_command_is_remembered(stage: Stage) -> None:
    """``/order find …`` typed before connecting is what runs afterwards, and not ``/order …``."""
    [prompt] = await stage.command(ADA, ORDERS, "/order find DE386")
    assert "/order find DE386" in prompt.text
    await stage.click(ADA, ORDERS, prompt, "connection.open")
    await stage.submit(ADA, ADAS)
    assert "Orders matching DE386" in stage.slack.visible(ADA, ORDERS)[-1].text
