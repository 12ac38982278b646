"""Correcting an order: filled forms, what will change before and what changed after (seed 002, D3)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from render_changes import ADA, CHANGE
from render_kit import (
    ADDRESS,
    NOW,
    NOW_SHOWN,
    ORDER,
    flaws,
    line,
    listing,
    mk,
    para,
    press,
    pt,
    reading,
    rich,
    row,
    small,
    t,
)

from backends.quivo.create import AddressType
from backends.quivo.order import Address, Order
from handlers.render.changes import Change, change_lines, diff
from handlers.render.correcting import (
    accepted,
    address_form,
    cannot_change,
    change_unknown,
    changed,
    edit_form,
    will_change,
)
from handlers.render.message import View
from handlers.render.profile import Profile

PRIVATE_CHANGES = (
    Change("comment", "Comment", "secret before", "secret after"),
    Change("custom_attributes", "Custom attribute", "secret red", "secret blue", "secret name"),
    Change("delivery_address.street", "Delivery address, street", "secret 1", "secret 2"),
    Change("delivery_address.email", "Delivery address, e-mail", "secret@a", "secret@b"),
    Change("delivery_address.city", "Delivery address, city", "secret Bonn", "secret Köln"),
)


def held(view: View) -> dict[str, object]:
    """What the inputs of a modal are filled with."""
    names = ("initial_value", "initial_option", "initial_options")
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    return {
        block["block_id"]: next((block["element"][name] for name in names if name in block["element"]), None)
        for block in inputs
    }


def test_the_edit_form_holds_today() -> None:
    """The modal `order.edit` shows the order as it is and holds today's values; tracking says what it costs."""
    view = edit_form(ORDER, card_id="card-1")
    assert (view["callback_id"], view["title"], view["private_metadata"]) == ("order.edit", pt("Edit 1001"), "card-1")
    tick = {"text": pt("Track this order (costs extra)"), "value": "yes"}
    assert held(view) == {
        "comment": "Please handle with care",
        "trackingEnabled": [tick],
        "customAttributes": "wrapping=blue",
    }
    assert "Quivo charges extra for tracking. Now it is on." in str(view)
    assert "Now it is not known." in str(edit_form(replace(ORDER, tracking_enabled=None), card_id="c"))


def test_the_edit_form_keeps_what_was_typed() -> None:
    """Drawn again after a refusal, the form holds what was typed, not what the order says."""
    typed = {"comment": "Mine", "trackingEnabled": [], "customAttributes": "a=1"}
    view = edit_form(ORDER, card_id="card-1", values=typed)
    assert held(view) == {"comment": "Mine", "trackingEnabled": None, "customAttributes": "a=1"}


@pytest.mark.parametrize(("kind", "name"), [(AddressType.DELIVERY, "Grace Hopper"), (AddressType.INVOICE, "Accounts")])
def test_the_address_form_holds_the_address_as_it_is(kind: AddressType, name: str) -> None:
    """The modal `order.address` is filled from the order's READ address of that kind, under the written names."""
    view = address_form(ORDER, card_id="card-1", kind=kind)
    texts = {AddressType.DELIVERY: "Delivery address", AddressType.INVOICE: "Invoice address"}
    assert view["callback_id"] == "order.address"
    assert held(view) == {
        "type": {"text": pt(texts[kind]), "value": str(kind)},
        "name": name,
        "company": "Compilers Ltd",
        "street": "Sample Street 1",
        "street2": "Back door",
        "zip": "10115",
        "city": "Berlin",
        "state": "BE",
        "countryIso2": "DE",
        "email": "grace@example.com",
        "phone": "+49 30 123",
        "latitude": "52.5",
        "longitude": "13.4",
    }


def test_the_address_form_of_an_order_without_one() -> None:
    """Without an address the form is empty; what was typed before is kept, its type too."""
    empty = held(address_form(Order(1, "PROCESSING"), card_id="c"))
    assert [name for name, value in empty.items() if value is not None] == ["type"]
    typed = held(address_form(ORDER, card_id="c", values={"type": "INVOICE", "zip": "x"}))
    assert typed["type"] == {"text": pt("Invoice address"), "value": "INVOICE"}
    assert (typed["zip"], typed["name"]) == ("x", None)


def test_the_difference_between_two_orders() -> None:
    """Everything that a correction can change is told, before and after, and nothing that stayed."""
    after = replace(
        ORDER,
        comment=None,
        tracking_enabled=False,
        custom_attributes=(("wrapping", "red"), ("note", "x")),
        delivery_address=replace(ADDRESS, street="New Street 2", latitude=None),
        invoice_address=None,
        status="COMPLETED",
    )
    found = diff(ORDER, after)
    assert found[:6] == (
        Change("comment", "Comment", "Please handle with care", ""),
        Change("tracking_enabled", "Paid tracking", "on", "off"),
        Change("custom_attributes", "Custom attribute", "blue", "red", "wrapping"),
        Change("custom_attributes", "Custom attribute", "", "x", "note"),
        Change("delivery_address.street", "Delivery address, street", "Sample Street 1", "New Street 2"),
        Change("delivery_address.latitude", "Delivery address, latitude", "52.5", ""),
    )
    assert [change.after for change in found[6:]] == [""] * 12
    assert diff(ORDER, ORDER) == ()
    assert diff(replace(ORDER, comment=None), replace(ORDER, comment="")) == ()
    assert diff(Order(1, "P"), Order(1, "P", delivery_address=Address())) == ()


@pytest.mark.parametrize(
    ("profile", "shown"),
    [
        (Profile.EXTERNAL, set()),
        (Profile.PUBLIC, set()),
        (Profile.PRIVATE, set()),
        (Profile.DIRECT, {"secret before", "secret 1", "secret Bonn"}),
        (Profile.MODAL, {"secret before", "secret red", "secret 1", "secret@a", "secret Bonn"}),
    ],
)
def test_values_are_for_one_person_only(profile: Profile, shown: set[str]) -> None:
    """D3: a value is shown where one person reads and may see that field; in a channel the field's name alone is."""
    said = reading(change_lines(PRIVATE_CHANGES, profile))
    assert {change.before for change in PRIVATE_CHANGES if change.before in said} == shown
    assert ("secret" in said) is bool(shown)
    assert ("secret name" in said) is (profile is Profile.MODAL)
    assert [change.name for change in PRIVATE_CHANGES if change.name not in said] == []


def test_many_changes_are_counted() -> None:
    """A9: more changes than a person reads are cut with their number; the same name in a channel is said once."""
    many = [Change("custom_attributes", "Custom attribute", "a", str(n), f"n{n}") for n in range(100)]
    assert "and 70 more" in reading(change_lines(many, Profile.MODAL))
    assert change_lines(many, Profile.PUBLIC) == [listing("Changes", line(t("Custom attribute")))]
    assert change_lines([], Profile.MODAL) == []


def test_what_will_change_is_shown_before() -> None:
    """Before anything is sent: each change, before and after, and what tracking costs; its submit sends it."""
    costs = Change("tracking_enabled", "Paid tracking", "off", "on")
    view = will_change(ORDER, [CHANGE, costs], card_id="card-1", callback_id="order.edit_confirm")
    assert view == {
        "type": "modal",
        "callback_id": "order.edit_confirm",
        "title": pt("What will change"),
        "close": pt("Cancel"),
        "submit": pt("Change it"),
        "private_metadata": "card-1",
        "blocks": [
            para("This will change in Order 1001 (#DE38678):"),
            listing(
                "Changes",
                line(t("Comment", bold=True), t(": "), t("as it was"), t(" → "), t("as it is")),
                line(t("Paid tracking", bold=True), t(": "), t("off"), t(" → "), t("on")),
            ),
            para("⚠️ Quivo charges extra for tracking."),
        ],
    }
    off = Change("tracking_enabled", "Paid tracking", "on", "off")
    assert "charges" not in str(will_change(ORDER, [off], card_id="c", callback_id="x"))


def test_what_changed_is_said_after() -> None:
    """After it was read again: what changed, by whom, as of when."""
    made = changed(ORDER, [CHANGE], Profile.PUBLIC, by=ADA, at=NOW, card_id="card-1")
    assert made.blocks == (
        rich(t("✅ "), t("Order 1001 (#DE38678)", bold=True), t(" is changed.")),
        listing("Changes", line(t("Comment"))),
        small(mk(f"Changed by <@{ADA}>"), mk(f"As of {NOW_SHOWN}")),
        row(press("Details", "order.details", "card-1")),
    )
    none = changed(ORDER, [], Profile.PUBLIC, by=ADA, at=NOW, card_id="card-1")
    assert none.text.startswith("✅ Order 1001 (#\u2060DE38678): there was nothing to change.")


def test_nobody_claims_a_change_that_is_not_seen() -> None:
    """E3: a change that does not show, or of which nobody knows, is said as that, with a way to look again."""
    taken = accepted(ORDER, by=ADA, at=NOW, card_id="card-1")
    assert taken.text.startswith("❔ Order 1001 (#\u2060DE38678): Quivo took the change. I do not see it")
    unclear = change_unknown(ORDER, why="Quivo did not answer.", card_id="card-1", reference="7f3k")
    assert unclear.blocks == (
        rich(t("❔ "), t("Order 1001 (#DE38678)", bold=True), t(": we do not know whether it was changed.")),
        para("Quivo did not answer."),
        small(pt("Reference 7f3k")),
        row(press("Look again", "change.look", "card-1")),
    )
    assert "✅" not in taken.text + unclear.text


def test_a_status_that_forbids_says_what_to_do_instead() -> None:
    """Seed 002: PENDING cannot be updated; the refusal says so, what to do instead, and its reference."""
    made = cannot_change(Order(1, "PENDING"), hint="Try `/order copy`.", reference="7f3k")
    assert made.text == "⛔ ⏳ Order 1 is waiting.\nTry /order copy.\nReference 7f3k"
    assert flaws(made) == []
