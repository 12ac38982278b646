"""The form for an order and the messages about changes, without a network: first answers, places, edits, checks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fakes import ADA, BEN, CHANNEL, NOW, TEAM, FakeSlack, Stage, request
from slack_sdk.errors import SlackApiError

from backends.quivo.edit import Edit
from backends.quivo.order import Order
from handlers import change_message, checking, correct_form, correct_message, correcting, creating
from handlers.context import Services
from handlers.registry import Press
from handlers.render.correcting import edit_form
from handlers.render.message import Message
from handlers.render.order_form import OrderForm, order_form
from handlers.render.profile import Profile
from handlers.request import Kind, Request
from handlers.slack import Posted
from operations.correction import Edition
from operations.durable import Finished, Later
from operations.packing import pack
from store.ledger import Action
from store.occurrences import Occurrence

ADDRESS = {
    "deliveryAddress.name": "Grace Hopper",
    "deliveryAddress.street": "Sample Street 1",
    "deliveryAddress.zip": "10115",
    "deliveryAddress.city": "Berlin",
    "deliveryAddress.countryIso2": "DE",
}
GOOD = {
    **ADDRESS,
    "sellerId": "12",
    "orderIdentifier": "SC-1",
    "orderReference": "#1",
    "positions[0].sku": "SKU-1",
    "positions[0].quantity": "2",
}
SELECTS = ("sellerId", "positions[0].sku")


def submitted(values: dict[str, Any]) -> Request:
    """The form as Slack sends it once somebody has filled it in."""
    held = {
        name: {
            "value": {"selected_option": {"value": value, "text": {"text": value}}}
            if name in SELECTS
            else {"value": value}
        }
        for name, value in values.items()
    }
    view = order_form(OrderForm(values), card_id="card-1") | {"id": "V1", "state": {"values": held}}
    return request(Kind.SUBMISSION, "order.create", view=view, values=values, channel=None, response_url=None)


def test_a_form_that_is_right_is_shown_busy_with_all_that_was_typed() -> None:
    """The acknowledgement holds every value, so that nothing is lost while Quivo is asked."""
    answer = creating.check_form(submitted(GOOD))
    assert answer["response_action"] == "update"
    blocks = {block.get("block_id"): block for block in answer["view"]["blocks"]}
    assert "Creating" in blocks["note.busy"]["text"]["text"]
    assert blocks["deliveryAddress.name"]["element"]["initial_value"] == "Grace Hopper"
    assert blocks["sellerId"]["element"]["initial_option"]["value"] == "12"
    assert answer["view"]["private_metadata"] == "card-1"


@pytest.mark.parametrize("missing", sorted(set(GOOD)))
def test_each_field_that_is_needed_is_asked_for_under_itself(missing: str) -> None:
    """Every one of the fields that an order cannot do without, left empty, is said under its own input."""
    answer = creating.check_form(submitted({name: value for name, value in GOOD.items() if name != missing}))
    assert (answer["response_action"], list(answer["errors"])) == ("errors", [missing])


@pytest.mark.parametrize(("typed", "wrong"), [("x" * 40, []), ("x" * 41, ["orderReference"])])
def test_the_limit_is_at_its_place(typed: str, wrong: list[str]) -> None:
    """Forty characters are taken, forty-one are not (seed 001)."""
    assert list(creating.check_form(submitted({**GOOD, "orderReference": typed})).get("errors", {})) == wrong


def pressing(name: str, values: dict[str, Any], **more: Any) -> Request:
    return replace(submitted(values), kind=Kind.ACTION, name=name, **more)


async def test_a_button_of_another_view_changes_nothing() -> None:
    """A *More* that comes from anything but the form is answered as expired."""
    stage = Stage()
    odd = request(Kind.ACTION, "order.more", view={"callback_id": "other", "blocks": []})
    assert await creating.more(stage.context(odd)) == "refused:expired"
    assert [said.how for said in stage.slack.said] == ["respond"]


@pytest.mark.parametrize("slot", ["x", "", "9", "0", "²"])
async def test_a_slot_that_is_not_there_removes_nothing(slot: str) -> None:
    """What is no position of the form, or the last one, stays: the form is drawn as it is."""
    stage = Stage()
    await creating.remove_position(stage.context(pressing("position.remove", GOOD, value=slot)))
    [said] = stage.slack.said
    assert (said.how, "positions[0].sku" in said.text) == ("update", True)


async def test_a_position_more_keeps_the_card() -> None:
    """The redrawn form belongs to the same card and holds what was typed."""
    stage = Stage()
    await creating.add_position(stage.context(pressing("position.add", GOOD, value="card-1")))
    [said] = stage.slack.said
    view = cast("dict[str, Any]", said.what)
    assert (view["private_metadata"], "positions[1].sku" in said.text, "Sample Street 1" in said.text) == (
        "card-1", True, True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "team", "owner"),
    [("create", TEAM, None), ("create", TEAM, BEN), ("order", TEAM, ADA), ("create", "T0OTHER001", ADA)],
)
async def test_a_form_of_nobody_or_somebody_else_sends_nothing(kind: str, team: str, owner: str | None) -> None:
    """A card that expired, is another's, of another kind or another team: expired, Quivo is not asked (B6)."""
    stage = Stage()
    await stage.connect()
    if owner:
        await stage.cards.put(kind, team, owner, {"channel": CHANNEL})
    assert await creating.submit(stage.context(submitted(GOOD))) == "refused:expired"
    assert stage.quivo.asked == []


def test_what_changes_something_asks_slack_anew() -> None:
    """Every press that sends a change is checked against what Slack says now (B3)."""
    presses: tuple[Press, ...] = (*creating.PRESSES, *correcting.PRESSES)
    assert {press.name for press in presses if press.changes} == {
        "order.create", "create.again", "order.edit_confirm", "order.address_confirm",
    }  # fmt: skip


ODD = Order(1001, "PROCESSING", comment="old", custom_attributes=(("", "nameless"),))


def edited(**values: Any) -> Request:
    view = edit_form(ODD, card_id="card-1")
    held = {"comment": "old", "trackingEnabled": [], "customAttributes": "=nameless", **values}
    return request(Kind.SUBMISSION, "order.edit", view=view, values=held)


def test_what_was_left_alone_in_an_edit_is_not_complained_about() -> None:
    """What today's value is unreadable to us is a complaint only once it was touched."""
    assert correct_form.edit_complaints(edited()) == {}
    assert list(correct_form.edit_complaints(edited(customAttributes="=other"))) == ["customAttributes"]
    assert list(correct_form.edit_complaints(edited(comment="x" * 251))) == ["comment"]


def test_the_first_answer_to_an_edit() -> None:
    """Wrong: errors; right: the same form, busy."""
    assert correcting.check_edit(edited(comment="x" * 251))["response_action"] == "errors"
    busy = correcting.check_edit(edited(comment="new"))
    assert busy["view"]["blocks"][0]["block_id"] == "note.busy"
    assert [one["block_id"] for one in busy["view"]["blocks"] if one["type"] == "input"] == [
        "comment", "trackingEnabled", "customAttributes",
    ]  # fmt: skip


def action(state: str = "unknown", channel: str = CHANNEL, kind: str = "order.create") -> Action:
    payload = {"order": {"order_reference": "#1"}, "channel": channel, "why": "No answer."}
    return Action("a1", kind, "T0HOME0001", ADA, "quivo", "12:SC-1", state, "REF", NOW, NOW, payload)


class Wall(FakeSlack):
    """Where messages are, and what may be asked."""

    def __init__(self) -> None:
        super().__init__()
        self.there: str | None = "7.7"
        self.silent = False
        self.edits: list[tuple[str, str]] = []
        self.editable = True

    async def posted(self, channel: str, key: str, since: Any, *, thread_ts: str | None = None) -> str | None:
        if self.silent:
            raise SlackApiError("no", {"error": "not_in_channel"})  # type: ignore[no-untyped-call]
        assert key == "order.create:a1"
        return self.there

    async def update(self, channel: str, ts: str, message: Message) -> bool:
        self.edits.append((channel, ts))
        return self.editable


def services(slack: Wall, **more: Any) -> Services:
    return cast("Services", SimpleNamespace(slack=slack, **more))


HELLO = Message("hello", ())


async def test_a_message_is_edited_where_it_is() -> None:
    """Known place: edited there, and nothing is posted."""
    wall = Wall()
    await change_message.put(services(wall), action(), HELLO, Posted(CHANNEL, "7.7"))
    assert (wall.edits, wall.said) == ([(CHANNEL, "7.7")], [])


@pytest.mark.parametrize(("refused", "hows"), [(set(), [CHANNEL]), ({"post"}, [])])
async def test_a_message_that_is_gone_is_posted_anew(refused: set[str], hows: list[str]) -> None:
    """Deleted meanwhile: posted to the channel; where that is refused, offered to the person."""
    wall = Wall()
    wall.editable, wall.refused = False, refused
    await change_message.put(services(wall), action(), HELLO, Posted(CHANNEL, "7.7"))
    assert [said.where for said in wall.said] == hows


async def test_the_place_of_a_message_is_looked_up_by_its_key() -> None:
    """Found, not there, not to be asked, and never asked for a person's own messages, whose id is not known."""
    wall = Wall()
    assert await change_message.find(services(wall), action()) == (True, Posted(CHANNEL, "7.7"))
    wall.there = None
    assert await change_message.find(services(wall), action()) == (True, None)
    wall.silent = True
    assert await change_message.find(services(wall), action()) == (False, None)
    assert await change_message.find(services(wall), action(channel=ADA)) == (False, None)


async def test_ones_own_messages_are_read_by_one_person() -> None:
    """Without a channel the message is for the person; in one, the channel decides."""

    async def profile(channel: str) -> Profile:
        return Profile.PUBLIC

    known = services(Wall(), directory=SimpleNamespace(profile=profile))
    assert await change_message.profile_for(known, action(channel=ADA)) is Profile.DIRECT
    assert await change_message.profile_for(known, action()) is Profile.PUBLIC


def test_a_click_on_an_ephemeral_message_has_nothing_to_edit() -> None:
    """Only a message that was posted can be edited."""
    pressed = request(Kind.ACTION, "create.again", message_ts="7.7")
    assert change_message.clicked(pressed) == Posted(CHANNEL, "7.7")
    assert change_message.clicked(replace(pressed, ephemeral=True)) is None
    assert change_message.clicked(replace(pressed, channel=None)) is None


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A check whose verdict a test writes down, and what was drawn."""
    told: dict[str, Any] = {"before": action("unknown"), "after": action("unknown"), "drawn": []}

    async def check(*_: Any) -> Any:
        return told["after"]

    async def draw(_: Any, shown: Action, where: Posted | None) -> None:
        told["drawn"].append((shown.state, where))

    monkeypatch.setattr(checking, "check", check)
    monkeypatch.setitem(cast(Any, checking.DRAWS), "order.create", draw)
    return told


def occurrence(attempt: int = 1, **payload: Any) -> Occurrence:
    return Occurrence("order.check:a1", "order.check", "T0HOME0001", NOW, attempt, {"action": "a1", **payload}, NOW)


async def ran(told: dict[str, Any], wall: Wall, one: Occurrence) -> Finished | Later:
    ledger = SimpleNamespace(get=lambda *_: told["before"])
    return await checking.run_check(services(wall, ports=SimpleNamespace(ledger=ledger, now=lambda: NOW)), one)


async def test_what_stays_unknown_is_looked_at_again_and_then_left(looked: dict[str, Any]) -> None:
    """Its message is there already: nothing is drawn; it is looked at after a quarter, an hour, six hours, no more."""
    for number, pause in enumerate((15, 60, 360)):
        again = await ran(looked, Wall(), occurrence(looked=number))
        assert again == Later(NOW + timedelta(minutes=pause), {"action": "a1", "looked": number + 1})
    assert await ran(looked, Wall(), occurrence(looked=3)) == Finished("unknown")
    assert looked["drawn"] == []


@pytest.mark.parametrize(
    ("before", "after", "attempt", "there", "drawn"),
    [
        ("unknown", "done", 1, "7.7", [("done", Posted(CHANNEL, "7.7"))]),
        ("sending", "unknown", 1, None, [("unknown", None)]),
        ("done", "done", 1, "7.7", []),
        ("done", "done", 1, None, [("done", None)]),
        ("done", "done", 2, "7.7", [("done", Posted(CHANNEL, "7.7"))]),
    ],
)
async def test_the_message_ends_true_whenever_the_process_died(
    looked: dict[str, Any], before: str, after: str, attempt: int, there: str | None, drawn: list[Any]
) -> None:
    """Drawn when the state has moved, when it never was posted, and when a run before this one died (DESIGN.md §6)."""
    looked["before"], looked["after"] = action(before), action(after)
    wall = Wall()
    wall.there = there
    await ran(looked, wall, occurrence(attempt))
    assert looked["drawn"] == drawn


async def test_an_action_that_is_gone_ends_the_check(looked: dict[str, Any]) -> None:
    """Nothing is known of it any more: over, and nothing is said."""
    looked["before"] = None
    assert await ran(looked, Wall(), occurrence()) == Finished("gone")
    assert looked["drawn"] == []


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        (ODD, None),
        (replace(ODD, comment="somebody else's"), None),
        (None, None),
        (replace(ODD, comment="new"), [("comment", "old", "new")]),
    ],
)
def test_a_change_is_told_only_if_the_order_shows_it(
    now: Order | None, shown: list[tuple[str, str, str]] | None
) -> None:
    """The old value, a third one, or no order at all: nobody says that it is changed."""
    wanted = Edition(1001, Edit(comment="new"))
    payload = {"correction": pack(wanted), "before": pack(wanted.seen(ODD))}
    told = correct_message.shown(replace(action("done", kind="order.edit"), payload=payload), now)
    assert (None if told is None else [(one.path, one.before, one.after) for one in told]) == shown
