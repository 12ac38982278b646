"""The form that makes an order: every field of seed 001, room for positions, and nothing lost on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from render_changes import FORM
from render_kit import alive, flaws, para, press, pt, reading

from handlers.render.forms import busy, with_errors
from handlers.render.inputs import LINE, LINES, dated, option, picked, sendable, suggested, suggestions, timed, typed
from handlers.render.message import View
from handlers.render.order_form import OrderForm, order_form, room

SEED_001 = {
    "sellerId",
    "orderIdentifier",
    "orderReference",
    *(
        f"deliveryAddress.{name}"
        for name in (
            *("name", "company", "phone", "email", "street", "street2", "zip", "city", "state", "countryIso2"),
            *("addressIdentifier", "additionalIdentifiers", "latitude", "longitude"),
        )
    ),
    *(
        f"invoiceAddress.{name}"
        for name in ("name", "company", "phone", "email", "street", "street2", "zip", "city", "state", "countryIso2")
    ),
    *("positions[0].sku", "positions[0].quantity"),
    *("warehouseId", "hasInvoiceData", "orderDate", "currencyCode", "invoiceIds", "comment", "earliestDeliveryDate"),
    *("latestDeliveryDate", "transportInsuranceAmount", "cashOnDeliveryAmount", "cashOnDeliveryCurrency"),
    *("shippingMethodIdentifier", "shippingMethodName", "tags", "trackingEnabled", "orderPriority"),
    *("orderReference2", "customerPurchaseOrderNumber", "ssccLabel", "channelId", "channelName", "customAttributes"),
    *(
        f"attachments[0].{name}"
        for name in (
            *("printerType", "attachmentPlacement", "copyCount", "filename", "printingType", "fileKey", "mimeType"),
        )
    ),
}
IN_MORE_ABOUT_A_POSITION = (
    *("name", "price", "lot", "expirationDate", "location", "positionIdentifier", "productIdentifier"),
    "customAttributes",
)


def made(form: OrderForm) -> View:
    """The modal of this form."""
    return order_form(form, card_id="card-1")


def inputs(view: View) -> dict[str, dict[str, Any]]:
    """The input blocks by block_id."""
    return {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}


def buttons(view: View) -> dict[str, Any]:
    """The row under the positions."""
    found: dict[str, Any] = next(block for block in view["blocks"] if block["type"] == "actions")
    return found


def test_every_field_of_seed_001_has_its_input() -> None:
    """The form has an input for each field of seed 001 under Quivo's own path, and no input besides.

    ``hasInvoiceAddress`` follows from the invoice address; what a position may have besides is typed as name=value.
    """
    assert set(inputs(made(OrderForm(more=True)))) == SEED_001 | {"positions[0].more"}
    hint = inputs(made(OrderForm(more=True)))["positions[0].more"]["hint"]["text"]
    assert [name for name in IN_MORE_ABOUT_A_POSITION if name not in hint] == []


def test_first_sight_is_what_most_orders_need() -> None:
    """At first sight: seller, identifier, reference, address and positions; only the first three must be there."""
    first = inputs(made(OrderForm()))
    assert list(first) == [
        *("sellerId", "orderIdentifier", "orderReference"),
        *(
            f"deliveryAddress.{name}"
            for name in ("name", "company", "street", "street2", "zip", "city", "state", "countryIso2")
        ),
        *("deliveryAddress.email", "deliveryAddress.phone", "positions[0].sku", "positions[0].quantity"),
    ]
    needed = [name for name, block in first.items() if not block.get("optional")]
    assert needed == ["sellerId", "orderIdentifier", "orderReference", "positions[0].sku", "positions[0].quantity"]


def test_sellers_warehouses_and_skus_are_suggested() -> None:
    """Sellers, warehouses and SKUs are chosen from live suggestions; all other inputs have the action_id ``value``."""
    actions = {name: block["element"]["action_id"] for name, block in inputs(made(OrderForm(more=True))).items()}
    assert {name: action for name, action in actions.items() if action != "value"} == {
        "sellerId": "seller.suggest",
        "warehouseId": "warehouse.suggest",
        "positions[0].sku": "sku.suggest",
    }


def test_tracking_says_that_it_costs_money() -> None:
    """Seed 001: the tracking input says that it costs extra, beside its box and under it."""
    block = inputs(made(OrderForm(more=True)))["trackingEnabled"]
    assert "costs extra" in block["element"]["options"][0]["text"]["text"]
    assert block["hint"] == pt("Quivo charges extra for tracking.")


def test_what_was_typed_fills_the_form() -> None:
    """Each input is filled with what it held: text, choices with their labels, ticks, days and moments."""
    held = inputs(made(FORM))
    assert held["orderIdentifier"]["element"]["initial_value"] == "Sample"
    assert held["sellerId"]["element"]["initial_option"] == {"text": pt("Acme (12)"), "value": "12"}
    assert held["positions[2].sku"]["element"]["initial_option"] == {"text": pt("SKU-3"), "value": "SKU-3"}
    assert held["orderPriority"]["element"]["initial_option"] == {"text": pt("1"), "value": "1"}
    assert held["trackingEnabled"]["element"]["initial_options"] == held["trackingEnabled"]["element"]["options"]
    assert held["earliestDeliveryDate"]["element"]["initial_date"] == "2026-11-24"
    assert held["orderDate"]["element"]["initial_date_time"] == 1795356300
    assert "initial_value" not in held["positions[2].quantity"]["element"]


@pytest.mark.parametrize("more", [False, True])
def test_as_many_positions_fit_as_it_says(more: bool) -> None:
    """A9: with as many positions as the form says it is valid with space for errors; there are ten at least."""
    form = OrderForm(positions=room(more), more=more, left_out=1)
    view = made(form)
    assert room(more) >= 10
    assert flaws(view) == []
    assert len(view["blocks"]) <= 94
    assert f"room for {room(more)}" in reading(view["blocks"])
    assert form.added() == form
    assert [item["action_id"] for item in buttons(view)["elements"]] == ["position.remove"]
    assert len(made(replace(form, positions=room(more) - 1, left_out=0).added())["blocks"]) <= 94


def test_more_needs_room() -> None:
    """*More* is offered while the positions fit beside it, and says how many do."""
    fits, too_many = OrderForm(positions=room(True)), OrderForm(positions=room(True) + 1)
    assert fits.opened() == replace(fits, more=True)
    assert too_many.opened() == too_many
    assert [item["action_id"] for item in buttons(made(too_many))["elements"]] == ["position.add", "position.remove"]
    assert f"or for {room(True)} together with More" in reading(made(fits)["blocks"])


def test_the_row_of_buttons() -> None:
    """The buttons carry the card's id, the menu of positions their slots; the row is a new one for each set of them."""
    assert buttons(made(OrderForm())) == {
        "type": "actions",
        "elements": [press("Add a position", "position.add", "card-1"), press("More", "order.more", "card-1")],
        "block_id": "positions.buttons.0",
    }
    row = buttons(made(FORM))
    assert row["block_id"] == "positions.buttons.0-2"
    assert row["elements"][1] == {
        "type": "static_select",
        "action_id": "position.remove",
        "placeholder": pt("Remove a position"),
        "options": [{"text": pt("1. SKU-1"), "value": "0"}, {"text": pt("2. SKU-3"), "value": "2"}],
    }


def test_removing_never_moves_another_position() -> None:
    """A removed position leaves a gap, so that what Slack keeps by block_id stays with its own position."""
    three = OrderForm(positions=3)
    assert three.removed(1).slots == (0, 2)
    assert three.removed(1).added().slots == (0, 2, 3)
    assert three.removed(1).removed(1) == three.removed(1)
    assert three.removed(9) == three
    last = three.removed(0).removed(1)
    assert last.removed(2) == last
    assert set(inputs(made(three.removed(1)))) == set(inputs(made(three))) - {
        "positions[1].sku",
        "positions[1].quantity",
    }


def test_positions_left_out_are_said() -> None:
    """A copy that has no room for all positions says on top how many are missing."""
    said = "⚠️ 4 more positions of the order that you copy have no room here. They are left out."
    assert made(FORM)["blocks"][0] == para(said, block_id="positions.left_out.4")
    assert made(replace(FORM, left_out=0))["blocks"][0]["block_id"] == "sellerId"


def test_the_fullest_form_is_valid() -> None:
    """A9: with the longest text in every input the form is still valid, whole, and takes its errors and a banner."""
    full = OrderForm(
        values=dict.fromkeys(SEED_001, "😀" * 5000),
        labels=dict.fromkeys(SEED_001, "x" * 500),
        positions=room(True),
        more=True,
    )
    view = made(full)
    assert flaws(view) == []
    assert set(inputs(view)) >= SEED_001
    wrong = with_errors(view, dict.fromkeys(inputs(view), "Must not be empty."), banner="Not created.")
    assert flaws(wrong) == []
    assert inputs(wrong) == inputs(view)
    assert flaws(busy(view, "Checking with Quivo…")) == []


def test_an_error_without_space_is_said_in_the_banner() -> None:
    """No error is lost where a long form has no block left for it: it is said on top, with its field."""
    view = made(OrderForm(positions=room(True), more=True))
    wrong = with_errors(view, dict.fromkeys(inputs(view), "Wrong."))
    under = [block["block_id"] for block in wrong["blocks"] if str(block.get("block_id")).startswith("note.")]
    assert len(wrong["blocks"]) == 100
    missing = [name for name in inputs(view) if f"note.{name}" not in under]
    assert wrong["blocks"][0]["text"]["text"].startswith(f"⚠️ {missing[0]}: Wrong.")


def test_typed_text_stays_what_it_is() -> None:
    """What stands in an input is what was typed: nothing is added to it, and only what cannot be sent is replaced."""
    assert sendable("<!here> *a* &lt; \u2067x\u2069", 99) == "<!here> *a* &lt; \u2067x\u2069"
    assert sendable("one\r\ntwo", 99) == "one two"
    assert sendable("one\ntwo", 99, several_lines=True) == "one\ntwo"
    assert sendable("a\x00b\ud800c", 99) == "a\ufffdb\ufffdc"
    assert typed("x", "X", "y" * 9999)["element"]["initial_value"] == "y" * LINE
    assert typed("x", "X", "y" * 9999, several_lines=True)["element"]["initial_value"] == "y" * LINES
    assert alive(typed("x", "X", "<!here>")) == []


def test_choices_that_slack_would_refuse_are_not_sent() -> None:
    """What an input cannot hold is left empty instead of making the whole modal invalid."""
    assert "initial_date" not in dated("x", "X", "2026-02-30")["element"]
    assert "initial_date" not in dated("x", "X", "20261124")["element"]
    assert "initial_date_time" not in timed("x", "X", 5)["element"]
    assert "initial_date_time" not in timed("x", "X", 10**10)["element"]
    assert "initial_option" not in picked("x", "X", (("a", "A"),), "b")["element"]
    assert "initial_option" not in suggested("x", "X", "sku.suggest", "s" * 151)["element"]
    assert suggested("x", "X", "sku.suggest", "s" * 150)["element"]["initial_option"]["value"] == "s" * 150


def test_suggestions_are_valid_options() -> None:
    """A block_suggestion is answered with a hundred options at most, each with a value that can come back whole."""
    found = [("", "nothing"), ("v" * 151, "too long"), *((str(number), "x" * 99) for number in range(200))]
    made_options = suggestions(found)
    assert len(made_options) == 100
    assert made_options[0] == {"text": pt("x" * 74 + "…"), "value": "0"}
    assert suggestions([]) == []
    assert option("12", "") == {"text": pt("–"), "value": "12"}
