"""Cancelling: the question, one message for each thing that can come of it, and the second person (DESIGN.md §4.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from render_changes import ADA, APPROVAL, BEN, CANCEL
from render_kit import NOW, NOW_SHOWN, ORDER, flaws, mk, para, press, pt, reading, rich, row, small, t

from backends.quivo.order import Order
from handlers.render import approving, cancelling
from handlers.render.approving import Approval
from handlers.render.cancelling import Cancel
from handlers.render.message import Message
from handlers.render.orders import order_card
from handlers.render.profile import Profile

LATER = "<!date^1795358100^{date_short_pretty} at {time}|2026-11-22 14:35 UTC>"
GUIDED = (
    *("held", "needs_approval", "sending", "requested", "cancelled"),
    *("shipped_anyway", "refused", "undone", "unknown", "gave_up"),
)
NAME = t("Order 1001 (#DE38678)", bold=True)
ASKED = mk(f"Asked by <@{ADA}>")
MESSAGES: Mapping[str, Message] = {
    "held": cancelling.held(CANCEL, seconds=10),
    "sending": cancelling.sending(CANCEL),
    "requested": cancelling.requested(CANCEL, at=NOW),
    "cancelled": cancelling.cancelled(CANCEL, at=NOW),
    "shipped_anyway": cancelling.shipped_anyway(CANCEL, at=NOW),
    "refused": cancelling.refused(CANCEL, why="It was shipped.", reference="7f3k"),
    "undone": cancelling.undone(CANCEL, by=BEN),
    "unknown": cancelling.unknown(CANCEL, at=NOW, reference="7f3k"),
    "gave_up": cancelling.gave_up(CANCEL, since=NOW),
    "needs_approval": approving.needs_approval(APPROVAL, Profile.PUBLIC),
    "approved": approving.approved(APPROVAL, by=BEN, at=NOW),
    "declined": approving.declined(APPROVAL, by=BEN, at=NOW),
    "expired": approving.expired(APPROVAL),
}


def test_the_question_shows_the_order_as_it_is_now() -> None:
    """The modal `order.cancel`: the order whole enough to know it, what cancelling means, and a red button."""
    view = cancelling.cancel_form(ORDER, card_id="card-1", undo_seconds=10)
    assert (view["callback_id"], view["title"], view["close"]) == (
        "order.cancel",
        pt("Cancel 1001?"),
        pt("Keep it"),
    )
    assert "submit" not in view
    assert view["blocks"][-1] == row(press("Cancel this order", "cancel.confirm", "card-1", style="danger"))
    said = reading(view["blocks"])
    shown = [
        "is in the warehouse",
        "Ship to: Grace Hopper",
        "2 × SKU-1 Blue mug",
        "can't be taken back",
        "You have 10 s",
    ]
    assert [words for words in shown if words not in said] == []
    assert "⛔" not in said


def test_the_question_without_a_window_and_with_a_second_person() -> None:
    """Without an undo window it says that it is sent at once; it says beforehand that a second person is needed."""
    why = "The order is worth more than 500 EUR, so a second person must agree."
    view = cancelling.cancel_form(ORDER, card_id="card-1", undo_seconds=0, approval=why)
    said = reading(view["blocks"])
    assert "I send it at once." in said
    assert f"⛔ {why}" in said


def test_a_question_about_a_huge_order_keeps_its_button() -> None:
    """A9: whatever the order holds, the red button is the last block and the modal is valid."""
    huge = replace(ORDER, positions=tuple(replace(ORDER.positions[0], name="x" * 3000) for _ in range(500)))
    view = cancelling.cancel_form(huge, card_id="card-1", undo_seconds=10, approval="y" * 9000)
    assert flaws(view) == []
    assert view["blocks"][-1]["elements"][0]["action_id"] == "cancel.confirm"


def test_held() -> None:
    """E7: while the request is held it says for how long, that nothing was sent, and how to undo it."""
    assert MESSAGES["held"].blocks == (
        rich(
            t("✋ "),
            NAME,
            t(": I will ask Quivo to cancel it in 10 s."),
            t("\n"),
            t("Nothing was sent yet."),
        ),
        small(ASKED),
        row(press("Undo", "cancel.undo", "card-1")),
    )


def test_requested() -> None:
    """E3: a request that was taken is requested, and explicitly not cancelled yet; there is no button."""
    assert MESSAGES["requested"].blocks == (
        rich(
            t("✋ "),
            NAME,
            t(": cancellation requested, not cancelled yet."),
            t("\n"),
            t("I look again until Quivo says what came of it, for a day."),
        ),
        small(mk(f"Requested {NOW_SHOWN}"), ASKED),
    )


@pytest.mark.parametrize(
    ("name", "line", "small_print"),
    [
        ("cancelled", "🚫 Order 1001 (#\u2060DE38678) is cancelled.", f"Seen {NOW_SHOWN} · Asked by <@{ADA}>"),
        (
            "shipped_anyway",
            "🚚 Order 1001 (#\u2060DE38678) was shipped anyway, although its cancellation was requested.",
            f"Seen {NOW_SHOWN} · Asked by <@{ADA}>",
        ),
        ("sending", "✋ Order 1001 (#\u2060DE38678): I am asking Quivo to cancel it.", f"Asked by <@{ADA}>"),
        (
            "undone",
            "✅ Order 1001 (#\u2060DE38678) stays as it is: the cancellation was undone and nothing was sent.",
            f"Asked by <@{ADA}> · Undone by <@{BEN}>",
        ),
        (
            "approved",
            "✅ Order 1001 (#\u2060DE38678): cancelling it is approved.",
            f"Asked by <@{ADA}> · Approved by <@{BEN}> · {NOW_SHOWN}",
        ),
        (
            "declined",
            "⛔ Order 1001 (#\u2060DE38678) is not cancelled: the second person declined. Nothing was sent.",
            f"Asked by <@{ADA}> · Declined by <@{BEN}> · {NOW_SHOWN}",
        ),
        (
            "expired",
            "⌛ Order 1001 (#\u2060DE38678) is not cancelled: nobody approved in time. Nothing was sent, and one can "
            "ask again.",
            f"Asked by <@{ADA}> · Expired {LATER}",
        ),
    ],
)
def test_what_ended_is_one_line(name: str, line: str, small_print: str) -> None:
    """What has ended is one line and its small print: who asked, who decided, when; no button is left."""
    assert MESSAGES[name].text == f"{line}\n{small_print}"
    assert [block["type"] for block in MESSAGES[name].blocks] == ["rich_text", "context"]


def test_refused() -> None:
    """A refusal says that it is not cancelled, why in a declared text, and its reference."""
    assert MESSAGES["refused"].blocks == (
        rich(t("⚠️ "), NAME, t(" is not cancelled.")),
        para("It was shipped."),
        small(ASKED),
        small(pt("Reference 7f3k")),
    )


@pytest.mark.parametrize("name", ["unknown", "gave_up"])
def test_what_nobody_knows_can_be_looked_at_again(name: str) -> None:
    """E2, E3: what is not known is said as that, and `cancel.look` looks once more."""
    made = MESSAGES[name]
    assert made.blocks[-1] == row(press("Look again", "cancel.look", "card-1"))
    assert {"unknown": "we do not know", "gave_up": "after a day still not cancelled"}[name] in made.text
    assert ("Reference 7f3k" in made.text) is (name == "unknown")


@pytest.mark.parametrize("name", MESSAGES)
def test_only_one_message_says_cancelled(name: str) -> None:
    """E3: "is cancelled" is said by the message after the second read, and by no other one."""
    assert (" is cancelled" in MESSAGES[name].text) is (name == "cancelled")
    assert ("🚫" in MESSAGES[name].text) is (name == "cancelled")


@pytest.mark.parametrize("name", MESSAGES)
def test_the_order_is_named_and_nothing_else_of_it(name: str) -> None:
    """D3: every message names the order by number and reference; without a reference by its number alone."""
    assert "Order 1001 (#\u2060DE38678)" in MESSAGES[name].text
    bare = cancelling.held(Cancel(7, None, ADA, "c"), seconds=3)
    assert bare.text.startswith("✋ Order 7: I will ask Quivo to cancel it in 3 s.")


def test_the_style_guide_says_the_same() -> None:
    """The table of a cancellation in docs/messages.md has each message's symbol, words and buttons as the code does."""
    guide = (Path(__file__).parents[4] / "docs" / "messages.md").read_text(encoding="utf-8")
    rows = [row.split("|")[2:5] for row in guide.splitlines() if row.count("|") == 5]
    table = {(symbol.strip(), said.strip()): pressed.strip() for symbol, said, pressed in rows}
    for name in GUIDED:
        symbol, said = reading(MESSAGES[name].blocks[:1]).splitlines()[0].split(" ", 1)
        rows_of_buttons = [block["elements"] for block in MESSAGES[name].blocks if block["type"] == "actions"]
        pressed = [button["text"]["text"] for buttons in rows_of_buttons for button in buttons]
        assert table[(symbol, said.removeprefix("Order 1001 (#DE38678)").strip())] == ", ".join(pressed)


def test_the_others_are_told_who_was_first() -> None:
    """E1: everybody but the first is told who is doing it already, and that nothing more was done."""
    assert cancelling.already(ADA).blocks == (
        {"type": "section", "text": mk(f"✋ <@{ADA}> is already cancelling this order, so I did nothing more.")},
    )
    assert cancelling.already("<!channel>").text.startswith("✋ somebody is already")
    assert cancelling.too_late().text.startswith("⌛ Too late to undo")


def test_a_card_that_is_out_of_date_is_drawn_anew() -> None:
    """E4: instead of acting, the card as it is now is shown under a line that says why, with its buttons."""
    card = order_card(Order(1, "COMPLETED"), Profile.PUBLIC, card_id="card-1", seen_at=NOW)
    made = cancelling.moved_on(card)
    said = "⚠️ This order has changed since you saw it, so I did nothing. This is how it is now:"
    assert made.blocks == (para(said), *card.blocks)
    assert made.text == f"{said}\n{card.text}"


def test_a_second_person_is_asked_for() -> None:
    """B4: the request says why it needs a second person, that nothing was sent, who asked and when it expires."""
    sure = {
        "title": pt("Approve?"),
        "text": pt("I then ask Quivo to cancel this order."),
        "confirm": pt("Approve"),
        "deny": pt("Not now"),
    }
    assert MESSAGES["needs_approval"].blocks == (
        rich(t("⛔ "), NAME, t(": cancelling it needs a second person. Nothing was sent yet.")),
        para("The order is worth more than 500 EUR."),
        para("Somebody else with their own Quivo account can approve it. The person who asked can't."),
        small(ASKED, mk(f"Expires {LATER}")),
        row(
            press("Approve", "cancel.approve", "card-1", style="primary", confirm=sure),
            press("Decline", "cancel.decline", "card-1"),
        ),
    )


def test_another_company_does_not_read_why() -> None:
    """D3: why a second person is needed says something about the order's worth, and stays inside the company."""
    assert "500 EUR" not in approving.needs_approval(APPROVAL, Profile.EXTERNAL).text
    listed = approving.approvals_list([APPROVAL], reader=BEN, profile=Profile.EXTERNAL)
    assert "500 EUR" not in listed.text


def test_what_waits_for_approval() -> None:
    """The list has each request with why, who and until when; one's own can be declined, not approved (B4)."""
    mine = replace(APPROVAL, order_id=1002, asked_by=BEN, card_id="card-2")
    made = approving.approvals_list([APPROVAL, mine], reader=BEN, profile=Profile.PUBLIC)
    rows = [block for block in made.blocks if block["type"] == "actions"]
    pressable = [(item["action_id"], item["value"]) for block in rows for item in block["elements"]]
    assert pressable == [
        ("cancel.approve", "card-1"),
        ("cancel.decline", "card-1"),
        ("cancel.decline", "card-2"),
    ]
    assert approving.approvals_list([], reader=BEN, profile=Profile.PUBLIC).text == "Nothing waits for approval."


@pytest.mark.parametrize("count", [1, 20, 500])
def test_a_long_list_of_approvals_stays_within_limits(count: int) -> None:
    """A9: any number of requests makes a valid message; each is there with its buttons, or counted as missing."""
    waiting = [Approval(n, "R" * 99, ADA, "why " * 50, NOW + timedelta(minutes=n), f"card-{n}") for n in range(count)]
    made = approving.approvals_list(waiting, reader=BEN, profile=Profile.PUBLIC)
    assert flaws(made) == []
    shown = sum(block["type"] == "actions" for block in made.blocks)
    assert shown == min(count, 12)
    assert reading(made.blocks[-1:]) == f"and {count - shown} more" or count == shown
