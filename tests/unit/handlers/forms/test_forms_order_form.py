"""The form that makes an order: everything of seed 001 goes in, comes out, and is refused under its own input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest
from forms_kit import ADDRESS, FORM, NEW_ORDER, ORDER

from backends.errors import FieldError
from backends.quivo.create import MAX_LENGTH, from_order
from backends.quivo.new_order import NewOrder, NewPosition
from backends.quivo.order import Address
from handlers.forms.complaints import Placed
from handlers.forms.filling import filled
from handlers.forms.order_form import form_of, inputs, placed_errors, read
from handlers.render.order_form import OrderForm, order_form, room

SMALL = NewOrder(12, "SC-1", "#DE38678", replace(ADDRESS, latitude=None, longitude=None), (NewPosition("SKU-1", 2),))

SHUT = filled(SMALL)


def complaints(changed: Mapping[str, Any], form: OrderForm = FORM) -> dict[str, str]:
    """What is wrong when these inputs hold something else."""
    found = read({**form.values, **changed}, form)
    return found if isinstance(found, dict) else {}


def test_every_field_goes_through_the_form() -> None:
    """An order with something in every field of seed 001 is the same order after it went through the form."""
    assert all(getattr(NEW_ORDER, field.name) for field in fields(NewOrder))
    assert read(FORM.values, FORM) == NEW_ORDER


def test_a_small_order_needs_only_first_sight() -> None:
    """What most orders need stands at first sight, and an order of that alone is read whole."""
    form = filled(SMALL)
    assert form == OrderForm(form.values, positions=1, more=False)
    assert read(form.values, form) == SMALL


def test_an_empty_form_is_refused_under_its_inputs() -> None:
    """Nothing typed: each thing that there must be is asked for under its own input, and no order is made."""
    assert read({}, OrderForm()) == {
        "sellerId": "Choose a seller.",
        "orderIdentifier": "Give it an identifier.",
        "orderReference": "Give it a reference.",
        "positions[0].sku": "Choose a SKU, or remove this position.",
        "positions[0].quantity": "Say how many.",
    }


@pytest.mark.parametrize(("field", "most"), MAX_LENGTH.items())
def test_lengths_of_seed_001(field: str, most: int) -> None:
    """Seed 001's limit of each text: just inside is taken, one more character is refused under its input."""
    assert complaints({field: "x" * most}) == {}
    assert complaints({field: "x" * (most + 1)}) == {field: f"Must have at most {most} characters."}


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("orderPriority", "1", "0"),
        ("orderPriority", "3", "4"),
        ("transportInsuranceAmount", "0.01", "0"),
        ("cashOnDeliveryAmount", "0", "-0.01"),
        ("positions[0].quantity", "1", "0"),
        ("sellerId", "9223372036854775807", "9223372036854775808"),
        ("positions[1].quantity", "2147483647", "2147483648"),
        ("deliveryAddress.latitude", "90", "90.1"),
        ("deliveryAddress.longitude", "-180", "-180.1"),
        ("deliveryAddress.countryIso2", "at", "Austria"),
        ("cashOnDeliveryCurrency", "chf", "francs"),
        ("latestDeliveryDate", "2026-11-24", "2026-11-23"),
        ("attachments[0].copyCount", "1", "0"),
        ("attachments[0].printerType", "DOCUMENT_PRINTER", "FAX"),
        ("customAttributes", "a=1\nb=2", "a=1\na=2"),
        ("positions[0].more", "price=0", "price=0\nprice=1"),
        ("positions[1].more", "price=0\nexpirationDate=2027-01-31", "price=0\nexpirationDate=soon"),
        ("deliveryAddress.additionalIdentifiers", "gln=1", "gln"),
    ],
)
def test_ranges_and_forms(field: str, good: str, bad: str) -> None:
    """Each range and form of seeds 001 and 002: what is just inside is taken, what is not is said under its input."""
    assert complaints({field: good}) == {}
    assert list(complaints({field: bad})) == [field]


@pytest.mark.parametrize(
    ("emptied", "said"),
    [
        (["deliveryAddress.name", "deliveryAddress.company"], "deliveryAddress.name"),
        (["invoiceAddress.street"], "invoiceAddress.street"),
        (["invoiceAddress.zip"], "invoiceAddress.zip"),
        (["deliveryAddress.longitude"], "deliveryAddress.longitude"),
        (["currencyCode"], "currencyCode"),
        (["customerPurchaseOrderNumber"], "customerPurchaseOrderNumber"),
        (["attachments[0].printerType"], "attachments[0].printerType"),
        (["attachments[0].copyCount"], "attachments[0].copyCount"),
        (["positions[0].sku"], "positions[0].sku"),
    ],
)
def test_what_must_go_together(emptied: list[str], said: str) -> None:
    """What has to be there because of something else is asked for under its own input."""
    assert list(complaints(dict.fromkeys(emptied))) == [said]


def test_coordinates_stand_for_a_place() -> None:
    """Seed 002: with coordinates a delivery address needs no street, zip, city or country."""
    gone = dict.fromkeys(f"deliveryAddress.{name}" for name in ("street", "zip", "city", "countryIso2", "state"))
    order = read({**FORM.values, **gone}, FORM)
    assert isinstance(order, NewOrder)
    assert order.delivery_address == replace(ADDRESS, street=None, zip=None, city=None, country_iso2=None, state=None)


def test_no_invoice_address_says_nothing_about_one() -> None:
    """With nothing typed for it there is no invoice address, and nothing claims that there is."""
    empty = {name: None for name in FORM.values if name.startswith("invoiceAddress.")}
    order = read({**FORM.values, **empty}, FORM)
    assert order == replace(NEW_ORDER, invoice_address=None, has_invoice_address=None)


def test_what_a_position_does_not_have_is_named() -> None:
    """A name that no position has is refused, so that nothing typed is silently dropped."""
    said = "Lott is nothing that I know about a position."
    assert complaints({"positions[1].more": "price=1\nlott=9"}) == {"positions[1].more": said.replace("Lott", "lott")}


def test_errors_follow_a_position_across_a_gap() -> None:
    """After a position was removed, a complaint about the second one stands under the input that is second now."""
    form = replace(filled(SMALL), positions=3, gone=frozenset({1}))
    values = {**form.values, "positions[2].sku": "SKU-3", "positions[2].quantity": "1"}
    order = read(values, form)
    assert isinstance(order, NewOrder)
    assert order.positions == (NewPosition("SKU-1", 2), NewPosition("SKU-3", 1))
    found = [FieldError("positions[1].sku", "unknown SKU"), FieldError("positions[7].sku", "what?")]
    assert placed_errors(found, form) == Placed({"positions[2].sku": "Unknown SKU."}, "positions[7].sku: what?")


@pytest.mark.parametrize(
    ("field", "block_id", "said"),
    [
        ("orderIdentifier", "orderIdentifier", "No."),
        ("deliveryAddress.countryIso2", "deliveryAddress.countryIso2", "No."),
        ("positions[1].price", "positions[1].more", "price: no."),
        ("positions", "positions[0].sku", "No."),
        ("deliveryAddress", "deliveryAddress.name", "No."),
        ("tags[2]", "tags", "Number 3: no."),
        ("customAttributes.colour", "customAttributes", "Colour: no."),
        ("deliveryAddress.additionalIdentifiers[0].identifier", "deliveryAddress.additionalIdentifiers", ""),
    ],
)
def test_each_complaint_has_its_input(field: str, block_id: str, said: str) -> None:
    """Quivo's own field path leads to the input of that name, or to the one that it belongs to."""
    placed = placed_errors([FieldError(field, "no")], FORM)
    assert list(placed.errors) == [block_id]
    assert placed.banner == ""
    assert not said or placed.errors[block_id].casefold() == said.casefold()


def test_a_complaint_without_its_input_stands_beside_it() -> None:
    """Where *More* is not open, a complaint about a position's price stands under the same position, with its name."""
    placed = placed_errors([FieldError("positions[0].price", "too low"), FieldError("deliveryAddress.x", "odd")], SHUT)
    assert placed == Placed({"positions[0].sku": "Price: too low.", "deliveryAddress.name": "X: odd."})


def test_a_complaint_about_what_is_hidden_goes_to_the_banner() -> None:
    """What has no input in this form is said on top, with its field; at the acknowledgement, under the identifier."""
    form = filled(SMALL)
    assert placed_errors([FieldError("comment", "no"), FieldError("", "odd")], form) == Placed({}, "comment: no; odd")
    refused = read(form.values, replace(form, positions=0))
    assert isinstance(refused, dict)
    assert list(refused) == ["orderIdentifier"]
    assert refused["orderIdentifier"].startswith("positions: ")


def sent(form: OrderForm) -> dict[str, Any]:
    """The form as Slack sends it back: each input with what it was filled with."""
    view = order_form(form, card_id="card-1")
    state: dict[str, Any] = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            state[block["block_id"]] = {block["element"]["action_id"]: _state(block["element"])}
    return {**view, "state": {"values": state}}


def _state(element: Mapping[str, Any]) -> dict[str, Any]:
    match element["type"]:
        case "static_select" | "external_select":
            return {"selected_option": element.get("initial_option")}
        case "checkboxes":
            return {"selected_options": element.get("initial_options", [])}
        case "datepicker":
            return {"selected_date": element.get("initial_date")}
        case "datetimepicker":
            return {"selected_date_time": element.get("initial_date_time")}
        case _:
            return {"value": element.get("initial_value")}


def test_the_form_comes_back_from_slack_as_it_went() -> None:
    """Values, labels of choices, positions and their gaps, and whether *More* is open, are all read off the view."""
    form = replace(FORM, labels={"sellerId": "Acme (12)"}, positions=4, gone=frozenset({2}), left_out=3)
    form = replace(form, values={**form.values, "positions[3].sku": "SKU-4"})
    back = form_of(sent(form))
    assert replace(back, labels={}) == replace(form, labels={})
    assert back.labels["sellerId"] == "Acme (12)"
    assert form_of(sent(back)) == back


def test_more_add_and_remove_lose_nothing() -> None:
    """*More*, one position added and one removed: all that was typed before is still there (issue 3)."""
    form = form_of(sent(filled(SMALL)))
    later = form_of(sent(form_of(sent(form.opened().added().added())).removed(1)))
    assert (later.slots, later.more) == ((0, 2), True)
    assert later.values == form.values
    whole = {**later.values, "positions[2].sku": "SKU-9", "positions[2].quantity": "1"}
    assert read(whole, later) == replace(SMALL, positions=(*SMALL.positions, NewPosition("SKU-9", 1)))


def test_a_blank_view_is_a_blank_form() -> None:
    """A view that holds nothing of ours is a form with nothing in it."""
    assert form_of({"blocks": []}) == OrderForm()


def test_inputs_are_quivos_own_paths() -> None:
    """The block_ids are the field paths of seed 001, in the order in which they stand in the form."""
    assert inputs(OrderForm())[:5] == (
        "sellerId",
        "orderIdentifier",
        "orderReference",
        "deliveryAddress.name",
        "deliveryAddress.company",
    )
    assert inputs(OrderForm())[-2:] == ("positions[0].sku", "positions[0].quantity")


def test_a_copy_starts_from_what_there_was() -> None:
    """A copied order fills the form under its new identifier, opened where it has more than first sight shows."""
    form = filled(from_order(ORDER, identifier="SC-2"))
    assert form.more
    order = read(form.values, form)
    assert isinstance(order, NewOrder)
    assert (order.order_identifier, order.order_reference, order.comment) == ("SC-2", "#DE38678", ORDER.comment)
    assert order.positions == (NewPosition("SKU-1", 2, "Blue mug"),)
    assert order.invoice_address == replace(ADDRESS, name="Accounts", latitude=None, longitude=None)


def test_positions_without_room_are_counted() -> None:
    """A copy with more positions than fit shows as many as do and counts the rest; it never drops them in silence."""
    many = replace(SMALL, positions=tuple(NewPosition(f"SKU-{number}", 1) for number in range(50)))
    form = filled(many)
    assert (len(form.slots), form.left_out) == (room(False), 50 - room(False))
    opened = filled(replace(many, comment="x"))
    assert (len(opened.slots), opened.left_out) == (room(True), 50 - room(True))
    assert filled(replace(SMALL, positions=())).slots == (0,)


def test_a_sparse_order_can_be_copied() -> None:
    """What the old order does not say is empty in the form, and is asked for there."""
    sparse = replace(ORDER, seller_id=None, delivery_address=None, invoice_address=None, positions=(), reference=None)
    form = filled(from_order(sparse, identifier="SC-3"))
    assert list(complaints({}, form)) == ["sellerId", "orderReference", "positions[0].sku", "positions[0].quantity"]


def test_two_complaints_about_one_input_are_both_said() -> None:
    """Two complaints that belong to one input are said one after the other, each as a sentence."""
    found = [FieldError("positions[0].lot", "too old"), FieldError("positions[0].price", "too low!")]
    assert placed_errors(found, FORM).errors == {"positions[0].more": "Lot: too old. Price: too low!"}


def test_a_flood_of_complaints_is_counted() -> None:
    """Complaints without an input are said up to five, and the rest is counted."""
    found = [FieldError(f"x{number}", "no") for number in range(9)]
    assert placed_errors(found, FORM).banner == "x0: no; x1: no; x2: no; x3: no; x4: no; and 4 more"


def test_hostile_complaints_are_harmless() -> None:
    """D2: what Quivo says about a field is one cleaned line with an end, however long and whatever it holds."""
    placed = placed_errors([FieldError("comment", "a\u202eb\n" + "long " * 2000), FieldError("x" * 999, "no")], FORM)
    assert placed.errors["comment"].startswith("Ab ⏎ long long")
    assert len(placed.errors["comment"]) == 150
    assert len(placed.banner) < 100


def test_an_address_is_only_what_was_typed() -> None:
    """Spaces around a value are no part of it, and an address of spaces is none."""
    spaces = {name: "  " for name in FORM.values if name.startswith("invoiceAddress.")}
    order = read({**FORM.values, **spaces, "deliveryAddress.name": "  Grace  "}, FORM)
    assert isinstance(order, NewOrder)
    assert order.delivery_address.name == "Grace"
    assert order.invoice_address is None
    assert Address() == Address(name=None)


def test_an_amount_keeps_its_digits() -> None:
    """Amounts are decimals all the way, so no digit of the money changes."""
    order = read({**FORM.values, "cashOnDeliveryAmount": "1234567.89"}, FORM)
    assert isinstance(order, NewOrder)
    assert order.cash_on_delivery_amount == Decimal("1234567.89")
