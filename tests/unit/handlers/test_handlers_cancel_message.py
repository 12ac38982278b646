"""The one message about a cancellation: posted once, found again, edited to its true end (DESIGN.md §6, CHECKS E2)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest
from fakes import ADA, BEN, CHANNEL, TEAM, FakeCards
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.manifest import manifest_path
from handlers.cancel_message import draw, key_of, picture
from handlers.context import Services
from handlers.directory import Directory
from handlers.render.profile import Profile
from handlers.slack import Slack
from sandbox.slack.workspace import DM_ADA, ORDERS, Message, Workspace
from sandbox.world import start
from store.ledger import Action

NAME = "Order 1001 (#DE38678)"
UNTIL = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def action_in(state: str, at: datetime | None = None, **notes: Any) -> Action:
    """Ada's cancellation of order 1001 in a state."""
    payload = {"order_id": 1001, "reference": "#DE38678", "channel": CHANNEL, "card": "card-1", "undo_seconds": 10}
    payload |= {"until": UNTIL.isoformat(), **notes}
    moment = at or datetime.now(UTC)
    return Action("act-1", "order.cancel", TEAM, ADA, "quivo", "1001", state, "REF23456", moment, moment, payload)


class Shelf:
    """A ledger with the few actions that are put on it."""

    def __init__(self) -> None:
        self.actions: dict[str, Action] = {}

    def get(self, action_id: str, team: str) -> Action | None:
        return self.actions.get(action_id) if team == TEAM else None


@dataclass
class Room:
    """The local workspace, the real way to it, and a ledger and cards to draw from."""

    workspace: Workspace
    services: Services
    cards: FakeCards
    shelf: Shelf

    async def draw(self, state: str, *, first: bool = False, by: str = "", **notes: Any) -> None:
        """The ledger moves on to this state, and the message is drawn."""
        before = self.shelf.actions.get("act-1")
        action = action_in(state, **{**(before.payload if before else {}), **notes})
        self.shelf.actions["act-1"] = replace(action, created_at=before.created_at) if before else action
        await draw(self.services, self.shelf.actions["act-1"], first=first, by=by)

    def shown(self, channel: str = ORDERS) -> list[Message]:
        """The bot's messages in a channel."""
        return [message for message in self.workspace.visible(ADA, channel) if message.by_bot]

    def lines(self, channel: str = ORDERS) -> list[str]:
        """Their first lines."""
        return [message.text.splitlines()[0].replace("\u2060", "") for message in self.shown(channel)]

    def forget(self) -> None:
        """The process dies before it wrote down where the message is."""
        self.cards.kept["card-1"] = replace(self.cards.kept["card-1"], payload={"order_id": 1001})


@asynccontextmanager
async def a_room() -> AsyncIterator[Room]:
    world = await start(manifest_path())
    try:
        async with aiohttp.ClientSession() as session:
            client = AsyncWebClient(token=world.workspace.bot_token, base_url=world.api_url, session=session)
            slack, cards, shelf = Slack(client, session, ()), FakeCards(), Shelf()
            await cards.put("cancel", TEAM, ADA, {"order_id": 1001})
            ports = cast("Any", SimpleNamespace(ledger=shelf))
            nothing = cast("Any", None)
            services = Services(slack, nothing, cards, nothing, ports, Directory(slack, TEAM))
            yield Room(world.workspace, services, cards, shelf)
    finally:
        await world.close()


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    """A workspace with nothing said in it yet."""
    async with a_room() as one:
        yield one


async def test_it_is_posted_once_with_its_key_and_remembered(room: Room) -> None:
    """One message with the key in its metadata; the card knows where it is and whose its buttons are."""
    await room.draw("held", first=True)
    (message,) = room.shown()
    assert message.metadata == {"event_type": "shipclerk", "event_payload": {"key": "order.cancel:act-1"}}
    assert key_of(action_in("held")) == "order.cancel:act-1"
    kept = {"order_id": 1001, "action": "act-1", "ts": message.ts, "posted_in": ORDERS}
    assert room.cards.kept["card-1"].payload == kept


async def test_every_later_state_edits_that_message(room: Room) -> None:
    """Held, requested and cancelled are one message in one place, which keeps its key."""
    lines = []
    for state in ("held", "sending", "requested", "cancelled"):
        await room.draw(state, first=state == "held")
        lines += room.lines()
    assert [line.removeprefix(f"✋ {NAME}") for line in lines[:3]] == [
        ": I will ask Quivo to cancel it in 10 s.",
        ": cancellation requested, not cancelled yet.",
        ": cancellation requested, not cancelled yet.",
    ]
    assert lines[3:] == [f"🚫 {NAME} is cancelled."]
    assert room.shown()[0].metadata is not None


async def test_after_a_crash_it_is_found_by_its_key(room: Room) -> None:
    """Posted and not written down: Slack is asked first, the message is edited, and the card is whole again (E2)."""
    await room.draw("held", first=True)
    await room.workspace.post(BEN, ORDERS, "what is this?")
    room.forget()
    await room.draw("requested")
    assert room.lines() == [f"✋ {NAME}: cancellation requested, not cancelled yet."]
    assert room.cards.kept["card-1"].payload["ts"] == room.shown()[0].ts
    assert room.cards.kept["card-1"].payload["action"] == "act-1"


async def test_after_a_crash_before_the_post_it_is_posted(room: Room) -> None:
    """Claimed and never said: the next draw finds nothing, and says it, with buttons that work (E2)."""
    await room.draw("requested")
    assert room.lines() == [f"✋ {NAME}: cancellation requested, not cancelled yet."]
    assert room.cards.kept["card-1"].payload["action"] == "act-1"


async def test_another_cancellations_message_is_left_alone(room: Room) -> None:
    """What carries another key is not it, even about the same order."""
    other = replace(action_in("cancelled", card="card-2"), id="act-0")
    room.shelf.actions["act-0"] = other
    await room.cards.put("cancel", TEAM, BEN, {})
    await draw(room.services, other, first=True)
    await room.draw("requested")
    assert room.lines() == [f"🚫 {NAME} is cancelled.", f"✋ {NAME}: cancellation requested, not cancelled yet."]


async def test_drawn_by_two_at_once_it_is_one_message(room: Room) -> None:
    """The press and the engine draw at the same moment: one posts, the other edits."""
    room.shelf.actions["act-1"] = action_in("requested")
    await asyncio.gather(*(draw(room.services, room.shelf.actions["act-1"], first=n == 0) for n in range(4)))
    assert room.lines() == [f"✋ {NAME}: cancellation requested, not cancelled yet."]


async def test_it_says_what_the_ledger_says_now(room: Room) -> None:
    """Whoever comes late with an older state does not turn the message back."""
    room.shelf.actions["act-1"] = action_in("cancelled")
    await draw(room.services, action_in("held"), first=True)
    assert room.lines() == [f"🚫 {NAME} is cancelled."]


async def test_where_the_bot_may_not_write_it_goes_to_who_asked(room: Room) -> None:
    """The bot is not in the channel: all of it is told in a direct message, in one message."""
    room.workspace.set_channel(ORDERS, bot=False)
    await room.draw("held", first=True)
    await room.draw("cancelled")
    assert (room.lines(), room.lines(DM_ADA)) == ([], [f"🚫 {NAME} is cancelled."])
    assert room.cards.kept["card-1"].payload["posted_in"] == DM_ADA


async def test_after_a_crash_it_is_found_in_the_direct_message(room: Room) -> None:
    """Told in a direct message and not written down: found there, and not told a second time (E2)."""
    room.workspace.set_channel(ORDERS, bot=False)
    await room.draw("held", first=True)
    room.forget()
    await room.draw("cancelled")
    assert room.lines(DM_ADA) == [f"🚫 {NAME} is cancelled."]


async def test_asked_where_there_is_no_channel_it_goes_to_who_asked(room: Room) -> None:
    """Asked from Home, where there is no channel, the person's own messages are the place, also after a crash."""
    await room.draw("held", first=True, channel=ADA)
    room.forget()
    await room.draw("cancelled")
    assert room.lines(DM_ADA) == [f"🚫 {NAME} is cancelled."]


async def test_a_message_that_was_deleted_is_posted_anew(room: Room) -> None:
    """Somebody deleted it: how it went on is said all the same, in a new message that is edited from then on."""
    await room.draw("held", first=True)
    room.workspace.channels[ORDERS].log.clear()
    await room.draw("requested")
    await room.draw("cancelled")
    assert room.lines() == [f"🚫 {NAME} is cancelled."]


async def test_the_end_of_it_is_told_where_the_bot_was_taken_out_of_the_channel(room: Room) -> None:
    """The message can no longer be edited: the end goes to who asked, once (CHECKS F4)."""
    await room.draw("held", first=True)
    room.workspace.set_channel(ORDERS, bot=False)
    await room.draw("cancelled")
    assert room.lines(DM_ADA) == [f"🚫 {NAME} is cancelled."]
    await room.draw("cancelled")
    assert len(room.shown(DM_ADA)) == 1


async def test_a_moments_refusal_is_an_error_and_posts_nothing_new(room: Room) -> None:
    """Slack has no time for an edit: whoever draws hears of it and tries again; there is still one message."""
    await room.draw("held", first=True)
    room.workspace.limit("chat.update", times=1)
    with pytest.raises(SlackApiError):
        await room.draw("cancelled")
    assert len(room.shown()) == 1
    await room.draw("cancelled")
    assert room.lines() == [f"🚫 {NAME} is cancelled."]


async def test_what_is_no_longer_known_is_not_drawn(room: Room) -> None:
    """Without its card, or without the action, nothing is said."""
    await draw(room.services, action_in("cancelled"))
    await room.cards.drop("card-1")
    await room.draw("cancelled")
    assert (room.shown(), room.shown(DM_ADA)) == ([], [])


PICTURES = {
    "held": ("✋", ": I will ask Quivo to cancel it in 10 s.", ["cancel.undo"]),
    "sending": ("✋", ": cancellation requested, not cancelled yet.", []),
    "requested": ("✋", ": cancellation requested, not cancelled yet.", []),
    "cancelled": ("🚫", " is cancelled.", []),
    "shipped_anyway": ("🚚", " was shipped anyway, although its cancellation was requested.", []),
    "undone": ("✅", " stays as it is: the cancellation was undone and nothing was sent.", []),
    "refused": ("⚠️", " is not cancelled.", []),
    "unknown": ("❔", ": we do not know whether Quivo got the request to cancel it.", ["cancel.look"]),
    "gave_up": ("⌛", ": cancellation requested, and after a day still not cancelled.", ["cancel.look"]),
    "waiting_approval": (
        "⛔",
        ": cancelling it needs a second person. Nothing was sent yet.",
        ["cancel.approve", "cancel.decline"],
    ),
    "declined": ("⛔", " is not cancelled: the second person declined. Nothing was sent.", []),
    "expired": ("⌛", " is not cancelled: nobody approved in time. Nothing was sent, and one can ask again.", []),
    "a state of tomorrow": ("❔", ": we do not know whether Quivo got the request to cancel it.", ["cancel.look"]),
}


@pytest.mark.parametrize("state", PICTURES)
def test_the_picture_of_each_state(state: str) -> None:
    """Each state has its sentence and its buttons, and only *cancelled* says cancelled (CHECKS E3)."""
    symbol, words, buttons = PICTURES[state]
    message = picture(action_in(state, why="It was completed."), "card-1", Profile.PUBLIC)
    assert message.text.splitlines()[0].replace("\u2060", "") == f"{symbol} {NAME}{words}"
    elements = [element for block in message.blocks for element in block.get("elements", ())]
    assert [element["action_id"] for element in elements if "action_id" in element] == buttons
    assert {element["value"] for element in elements if "action_id" in element} <= {"card-1"}
    assert (" is cancelled." in message.text) == (state == "cancelled")


def shown(state: str, profile: Profile = Profile.PUBLIC, by: str = "", **notes: Any) -> str:
    """All of a picture as one text."""
    return json.dumps([*picture(action_in(state, **notes), "card-1", profile, by).blocks], ensure_ascii=False)


def test_a_refusal_says_why_and_has_the_reference() -> None:
    """What Quivo or a rule said against it, and what to read out on the phone."""
    text = shown("refused", why="It was completed.")
    assert ("It was completed." in text, "REF23456" in text) == (True, True)


def test_who_undid_or_declined_it_is_named() -> None:
    """Undone by an admin is not undone by who asked; a redraw, which does not know, names who asked."""
    assert f"Undone by <@{BEN}>" in shown("undone", by=BEN)
    assert f"Undone by <@{ADA}>" in shown("undone")
    assert f"Declined by <@{BEN}>" in shown("declined", declined_by=BEN)


def test_since_when_it_was_given_up_is_since_it_was_sent() -> None:
    """The day is counted from the request, not from the last look."""
    sent = datetime.now(UTC) - timedelta(days=1)
    assert str(int(sent.timestamp())) in shown("gave_up", sent_at=sent.isoformat())


def test_why_a_second_person_is_needed_stays_at_home() -> None:
    """An order's worth is not told where another company reads along (DESIGN.md §4.6)."""
    why = "The order is worth more than 100 EUR, so a second person must agree."
    texts = {profile: shown("waiting_approval", profile, why=why) for profile in (Profile.EXTERNAL, Profile.PUBLIC)}
    assert {profile: why in text for profile, text in texts.items()} == {Profile.EXTERNAL: False, Profile.PUBLIC: True}
