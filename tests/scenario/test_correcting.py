"""Correcting an order as members do it (issue: Correct; CHECKS D3, E1, E3, E4)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from forms import block_ids, bots, held, plain, said, story, top, write
from stage import ADA, BEN, DM_ADA, ORDERS, Stage, staged, text_of

from sandbox.quivo import Fault
from sandbox.quivo.faults import FaultKind

EDIT, ADDRESS = "/orders/1001", "/orders/1001/address"
CHANGED = "✅ Order 1001 (#DE38678) is changed."
UNKNOWN = "❔ Order 1001 (#DE38678): we do not know whether it was changed."
HERE = {"name": "Cordula Canary", "company": None, "street": "Kanarienweg 77", "zip": "10115", "city": "Berlin"}
PERSONAL = ("Cordula", "Kanarienweg", "10115", "Jana", "Lindenstraße", "birthday", "Ring twice", "Papa")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with Ada connected."""
    async with staged(tmp_path) as one:
        await one.connect(ADA)
        yield one


def writes(stage: Stage) -> int:
    """How many changes of the order left."""
    return int(stage.quivo.count("PATCH", EDIT) + stage.quivo.count("PUT", ADDRESS))


def personal(text: str) -> list[str]:
    """Which parts of addresses, comments and attributes are in a text."""
    return [part for part in PERSONAL if part in plain(text)]


async def edit(stage: Stage, values: dict[str, Any], channel: str = ORDERS) -> None:
    """Open the form, type, and ask what will change."""
    await stage.command(ADA, channel, "/order edit 1001")
    await stage.submit(ADA, values)


async def confirm(stage: Stage, user: str = ADA) -> None:
    """Press *Change it*."""
    await stage.submit(user, {})


async def test_an_edit_before_and_after(stage: Stage) -> None:
    """Filled with today's values; what will change is shown and nothing is sent; then one PATCH of just that (D3)."""
    await stage.command(ADA, ORDERS, "/order edit #DE38678")
    assert held(stage)["comment"] == "Please wrap the mug separately, it is a birthday present."
    assert held(stage)["customAttributes"] == "giftMessage=Alles Gute, Papa!\npackaging=plastic-free"
    await stage.submit(ADA, {"comment": "Ring twice", "customAttributes": "giftMessage=Alles Gute, Papa!"})
    shown = said(stage)
    assert [word in shown for word in ("birthday present.", "Ring twice", "packaging", "nothing")] == [True] * 4
    assert ("tracking" in shown.lower(), writes(stage), story(stage)) == (False, 0, [])
    await confirm(stage)
    [seen] = [json.loads(one.body) for one in stage.quivo.requests if one.method == "PATCH"]
    assert (sorted(seen), seen["comment"]) == (["comment", "customAttributes"], "Ring twice")
    order = stage.quivo.orders[1001]
    assert (order["comment"], order["customAttributes"]) == ("Ring twice", {"giftMessage": "Alles Gute, Papa!"})
    assert story(stage) == [CHANGED]
    [message] = bots(stage)
    assert ("Comment" in message.text, personal(text_of(message))) == (True, [])
    assert "Order 1001 is changed" in said(stage)


async def test_tracking_that_is_switched_on_says_that_it_costs(stage: Stage) -> None:
    """Before it is sent, the person reads once more that tracking costs money; only tracking is sent."""
    stage.quivo.change(1001, trackingEnabled=False)
    await edit(stage, {"trackingEnabled": ["yes"]})
    assert "charges extra" in said(stage)
    await confirm(stage)
    assert [json.loads(one.body) for one in stage.quivo.requests if one.method == "PATCH"] == [
        {"trackingEnabled": True}
    ]


async def test_an_edit_of_nothing_sends_nothing(stage: Stage) -> None:
    """Next without a change: the form says so and stays."""
    await edit(stage, {})
    assert ("Nothing would change" in said(stage), top(stage).content["callback_id"]) == (True, "order.edit")
    assert writes(stage) == 0


@pytest.mark.parametrize(
    ("block_id", "value", "says"),
    [("comment", "x" * 251, "250"), ("customAttributes", "no sign in it", "Line 1 is not name=value")],
)
async def test_what_is_wrong_with_an_edit_is_said_under_its_field(
    stage: Stage, block_id: str, value: str, says: str
) -> None:
    """Too long or unreadable: said under the input at once, and what was typed stays."""
    await edit(stage, {block_id: value})
    assert list(top(stage).errors) == [block_id]
    assert (says in top(stage).errors[block_id], held(stage)[block_id], writes(stage)) == (True, value, 0)


async def test_an_attribute_that_cannot_be_read_back_does_not_stand_in_the_way(stage: Stage) -> None:
    """An attribute of no name was there before: who changes only the comment is not asked to mend it."""
    stage.quivo.change(1001, customAttributes={"": "nameless"})
    await edit(stage, {"comment": "Ring twice"})
    await confirm(stage)
    order = stage.quivo.orders[1001]
    assert (order["comment"], order["customAttributes"]) == ("Ring twice", {"": "nameless"})


async def test_an_address_before_and_after(stage: Stage) -> None:
    """The delivery address as it is, what will change, one PUT, and in the channel only which parts changed (D3)."""
    invoice = stage.quivo.orders[1001]["invoiceAddress"]
    await stage.command(ADA, ORDERS, "/order address 1001")
    asked = ("type", "name", "street", "zip", "city", "countryIso2")
    assert [held(stage)[name] for name in asked] == [
        "DELIVERY", "Jana Bergmann", "Lindenstraße 14", "10969", "Berlin", "DE",
    ]  # fmt: skip
    await stage.submit(ADA, HERE)
    assert [part in said(stage) for part in ("Jana Bergmann", "Cordula Canary", "Kanarienweg 77")] == [True] * 3
    assert (writes(stage), story(stage)) == (0, [])
    await confirm(stage)
    there = stage.quivo.orders[1001]["deliveryAddress"]
    assert (there["name1"], there["address1"], there["zip"]) == ("Cordula Canary", "Kanarienweg 77", "10115")
    assert (stage.quivo.orders[1001]["invoiceAddress"], writes(stage)) == (invoice, 1)
    [message] = bots(stage)
    assert (story(stage), personal(text_of(message))) == ([CHANGED], [])
    assert "Delivery address, street" in message.text


async def test_in_ones_own_messages_the_values_are_told(stage: Stage) -> None:
    """Where the person reads alone, the message tells what was and what is (D3)."""
    await stage.command(ADA, DM_ADA, "/order address 1001")
    await stage.submit(ADA, HERE)
    await confirm(stage)
    [message] = bots(stage, DM_ADA, ADA)
    assert {"Cordula", "Kanarienweg", "Jana", "Lindenstraße"} <= set(personal(text_of(message)))
    assert story(stage) == []


async def test_the_invoice_address_is_filled_and_changed_alone(stage: Stage) -> None:
    """``… invoice`` holds the invoice address, and leaves the delivery address as it is."""
    stage.quivo.change(
        1001,
        invoiceAddress={"name1": "Books Ltd", "address1": "Ring 1", "zip": "1010", "city": "Wien", "country": "AT"},
    )
    delivery = stage.quivo.orders[1001]["deliveryAddress"]
    await stage.command(ADA, ORDERS, "/order address 1001 invoice")
    assert (held(stage)["type"], held(stage)["name"], held(stage)["city"]) == ("INVOICE", "Books Ltd", "Wien")
    await stage.submit(ADA, {"street": "Ring 2"})
    await confirm(stage)
    order = stage.quivo.orders[1001]
    assert (order["invoiceAddress"]["address1"], order["deliveryAddress"]) == ("Ring 2", delivery)


async def test_both_addresses_at_once(stage: Stage) -> None:
    """*Both* writes the same to both, and says all that changes."""
    await stage.command(ADA, ORDERS, "/order address 1001")
    await stage.submit(ADA, {**HERE, "type": "DELIVERY_AND_INVOICE"})
    assert [part in said(stage) for part in ("Delivery address, street", "Invoice address, street")] == [True, True]
    await confirm(stage)
    order = stage.quivo.orders[1001]
    assert [order[name]["address1"] for name in ("deliveryAddress", "invoiceAddress")] == ["Kanarienweg 77"] * 2


async def test_coordinates_stand_for_the_place(stage: Stage) -> None:
    """Coordinates are enough for a delivery (seed 002)."""
    await stage.command(ADA, ORDERS, "/order address 1001")
    nowhere = dict.fromkeys(("street", "zip", "city", "countryIso2", "state"))
    await stage.submit(ADA, {**nowhere, "latitude": "52,52", "longitude": "13.40"})
    await confirm(stage)
    there = stage.quivo.orders[1001]["deliveryAddress"]
    assert (there["latitude"], there["longitude"], story(stage)) == (52.52, 13.4, [CHANGED])


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"zip": None}, ["zip"]),
        ({"name": None, "company": None}, ["name"]),
        ({"countryIso2": "US", "state": None}, ["state"]),
        ({"countryIso2": "Germany"}, ["countryIso2"]),
        ({"latitude": "91", "longitude": "1"}, ["latitude"]),
    ],
)
async def test_what_is_wrong_with_an_address_is_said_under_its_field(
    stage: Stage, values: dict[str, Any], wrong: list[str]
) -> None:
    """The rules of seed 002 are checked before anybody is asked, and what was typed stays."""
    await stage.command(ADA, ORDERS, "/order address 1001")
    await stage.submit(ADA, values)
    assert (list(top(stage).errors), writes(stage)) == (wrong, 0)


async def test_the_back_ends_complaint_lands_under_its_field(stage: Stage) -> None:
    """What only Quivo knows comes back into the form, under its input, with everything that was typed."""
    await stage.command(ADA, ORDERS, "/order address 1001")
    await stage.submit(ADA, HERE)
    stage.quivo.faults.append(Fault(f"PUT {ADDRESS}", "400", times=1, text="zip: does not exist in this country"))
    await confirm(stage)
    names = block_ids(stage)
    assert names[names.index("zip") + 1] == "note.zip"
    assert ("does not exist in this country" in said(stage).lower(), story(stage)) == (True, [])
    assert (held(stage)["street"], held(stage)["name"]) == ("Kanarienweg 77", "Cordula Canary")
    await stage.submit(ADA, {"zip": "10117"})
    await confirm(stage)
    assert (stage.quivo.orders[1001]["deliveryAddress"]["zip"], story(stage)) == ("10117", [CHANGED])


@pytest.mark.parametrize("verb", ["edit", "address"])
@pytest.mark.parametrize(
    ("status", "says"),
    [("PENDING", "Complete it in Quivo"), ("COMPLETED", "/order copy"), ("CANCELLED", "/order copy")],
)
async def test_what_the_status_forbids_is_refused_with_what_to_do(
    stage: Stage, verb: str, status: str, says: str
) -> None:
    """PENDING cannot be updated, nor what has ended: no form is shown, and the refusal says what to do instead."""
    stage.quivo.set_status(1001, status)
    await stage.command(ADA, ORDERS, f"/order {verb} 1001")
    assert (says in said(stage), held(stage), writes(stage)) == (True, {}, 0)


@pytest.mark.parametrize("moment", ["typing", "confirming"])
async def test_a_status_that_forbids_it_meanwhile(stage: Stage, moment: str) -> None:
    """PENDING by the time of Next or of Change it: refused with what to do, and nothing was sent."""
    await stage.command(ADA, ORDERS, "/order edit 1001")
    if moment == "confirming":
        await stage.submit(ADA, {"comment": "Ring twice"})
    stage.quivo.set_status(1001, "PENDING")
    await stage.submit(ADA, {"comment": "Ring twice"} if moment == "typing" else {})
    assert ("Complete it in Quivo" in said(stage), writes(stage), story(stage)) == (True, 0, [])


async def test_an_order_that_moved_on_is_shown_anew_and_not_changed(stage: Stage) -> None:
    """Changed between what was shown and *Change it*: nothing is sent, what would change now is shown (E4)."""
    await edit(stage, {"comment": "Ring twice"})
    stage.quivo.change(1001, comment="Somebody was faster", customAttributes={"other": "1"})
    await confirm(stage)
    assert [word in said(stage) for word in ("has changed since", "Somebody was faster", "Ring twice")] == [True] * 3
    assert (writes(stage), story(stage)) == (0, [])
    await confirm(stage)
    order = stage.quivo.orders[1001]
    assert (order["comment"], order["customAttributes"], story(stage)) == ("Ring twice", {"other": "1"}, [CHANGED])


async def test_an_order_that_moved_on_under_the_form(stage: Stage) -> None:
    """Changed while the form was open: only what the person touched is changed, and the person is told (E4)."""
    await stage.command(ADA, ORDERS, "/order edit 1001")
    stage.quivo.change(1001, comment="A colleague's words")
    await stage.submit(ADA, {"customAttributes": "giftMessage=Hello"})
    assert ("has changed since" in said(stage), "colleague" in said(stage)) == (True, False)
    await confirm(stage)
    order = stage.quivo.orders[1001]
    assert (order["comment"], order["customAttributes"]) == ("A colleague's words", {"giftMessage": "Hello"})


@pytest.mark.parametrize("kind", ["accept_then_hang", "accept_then_500", "html"])
async def test_a_silence_after_which_the_order_tells(stage: Stage, kind: FaultKind) -> None:
    """No answer, and the order is read again: done if it shows, *not changed* if it does not; one request (E3)."""
    await edit(stage, {"comment": "Ring twice"})
    stage.quivo.faults.append(Fault(f"PATCH {EDIT}", kind, times=1, seconds=0.1))
    await confirm(stage)
    if kind.startswith("accept"):
        assert story(stage) == [CHANGED]
    else:
        assert ("has not changed" in said(stage), story(stage)) == (True, [])
    assert writes(stage) == 1


async def test_unknown_is_said_and_look_again_tells(stage: Stage) -> None:
    """Nobody knows: it is said with a button, which looks with the clicker's connection and edits (E3)."""
    await go_dark(stage)
    assert story(stage) == [UNKNOWN]
    assert personal(text_of(bots(stage)[0])) == []
    assert "We do not know" in said(stage)
    await stage.click(BEN, ORDERS, bots(stage)[0], "change.look")
    assert (story(stage), stage.quivo.orders[1001]["comment"]) == ([UNKNOWN], "Ring twice")
    assert "connection.open" in text_of(stage.slack.visible(BEN, ORDERS)[-1])
    stage.quivo.faults.clear()
    await stage.click(ADA, ORDERS, bots(stage)[0], "change.look")
    assert (story(stage), writes(stage)) == ([CHANGED], 1)


async def test_look_again_that_still_sees_nothing(stage: Stage) -> None:
    """Quivo cannot be read yet: the message stays unknown, and the person reads why."""
    await go_dark(stage)
    await stage.click(ADA, ORDERS, bots(stage)[0], "change.look")
    assert story(stage) == [UNKNOWN]
    assert "I do not know whether it was done" in plain(stage.slack.visible(ADA, ORDERS)[-1].text)


async def test_look_again_that_sees_no_change(stage: Stage) -> None:
    """The order is as it was: the message says that it was not changed."""
    await go_dark(stage)
    stage.quivo.faults.clear()
    stage.quivo.change(1001, comment="Please wrap the mug separately, it is a birthday present.")
    await stage.click(ADA, ORDERS, bots(stage)[0], "change.look")
    assert ("was not changed" in story(stage)[0], len(story(stage))) == (True, 1)


async def test_unknown_is_found_out_by_itself(stage: Stage) -> None:
    """Nobody presses: after a restart and some minutes the bot has looked and edited its message, and sent nothing."""
    await go_dark(stage)
    stage.quivo.faults.clear()
    await stage.restart()
    await stage.later(300)
    assert (story(stage), writes(stage)) == ([CHANGED], 1)
    assert personal(text_of(bots(stage)[0])) == []


async def go_dark(stage: Stage) -> None:
    """Confirm a change that Quivo takes, and answer neither it nor what is asked after it."""
    await edit(stage, {"comment": "Ring twice"})
    stage.quivo.faults += [
        Fault(f"PATCH {EDIT}", "accept_then_500", times=1), Fault(f"GET {EDIT}", "slow", times=1),
        Fault(f"GET {EDIT}", "404"),
    ]  # fmt: skip
    await confirm(stage)


@pytest.mark.parametrize("kind", ["409", "404"])
async def test_a_refusal_is_said_and_closed(stage: Stage, kind: FaultKind) -> None:
    """Quivo says no: not changed, with a reference, and nobody else reads of it."""
    await edit(stage, {"comment": "Ring twice"})
    stage.quivo.faults.append(Fault(f"PATCH {EDIT}", kind, times=1))
    await confirm(stage)
    assert ("Not changed." in said(stage), "Reference" in said(stage)) == (True, True)
    assert (writes(stage), story(stage)) == (1, [])


async def test_a_change_that_does_not_show_yet_is_said_so(stage: Stage) -> None:
    """Quivo took it and shows the old order: nobody says that it is changed, and *Refresh* is there."""
    await edit(stage, {"comment": "Ring twice"})
    stage.quivo.faults.append(Fault(f"PATCH {EDIT}", "empty", times=1))
    await confirm(stage)
    assert story(stage) == ["❔ Order 1001 (#DE38678): Quivo took the change. I do not see it in the order yet."]


async def test_two_who_change_at_once_are_one_request(stage: Stage) -> None:
    """A colleague confirms in the same moment: one is first, the other is told who, nothing is sent twice (E1)."""
    await stage.connect(BEN, {"apiKey": "demo-key", "username": "ada", "password": "demo-pass"})
    for user, comment in ((ADA, "Ring twice"), (BEN, "Ring once")):
        await stage.command(user, ORDERS, "/order edit 1001")
        await stage.submit(user, {"comment": comment})
    stage.quivo.faults.append(Fault(f"PATCH {EDIT}", "slow", times=1, seconds=0.1))
    views = {user: top(stage, user).id for user in (ADA, BEN)}
    await asyncio.gather(*(stage.slack.submit(user, view) for user, view in views.items()))
    await stage.settle()
    told = [user for user in (ADA, BEN) if "being changed already" in said(stage, user)]
    assert (len(told), writes(stage), story(stage)) == (1, 1, [CHANGED])
    assert f"<@{ADA if told == [BEN] else BEN}>" in said(stage, told[0])


async def test_the_cards_buttons_open_the_forms_with_the_clickers_connection(stage: Stage) -> None:
    """*Edit* and *Address* of a card: Ada gets her form; Ben, whose account does not have the order, gets none (B7)."""
    [card] = await stage.command(ADA, ORDERS, "/order 1001")
    for name in ("order.edit", "order.address"):
        await stage.click(ADA, ORDERS, card, name)
        assert top(stage).content["callback_id"] == name
        await stage.slack.close(ADA, top(stage).id, all=True)
    await stage.connect(BEN)
    await stage.click(BEN, ORDERS, card, "order.edit")
    assert personal(said(stage, BEN)) == []
    assert "submit" not in top(stage, BEN).content


async def test_a_connection_that_is_gone_keeps_what_was_typed(stage: Stage) -> None:
    """Disconnected under the form: nothing is sent, the form keeps what was typed, and a connect button is offered."""
    await stage.command(ADA, ORDERS, "/order edit 1001")
    await stage.command(ADA, ORDERS, "/disconnect quivo")
    await stage.submit(ADA, {"comment": "Ring twice"})
    assert (held(stage)["comment"], "not connected Quivo" in said(stage), writes(stage)) == ("Ring twice", True, 0)
    assert "connection.open" in text_of(stage.slack.visible(ADA, DM_ADA)[-1])


async def test_who_was_deactivated_meanwhile_changes_nothing(stage: Stage) -> None:
    """Deactivated before *Change it*: nothing is sent (B3)."""
    await edit(stage, {"comment": "Ring twice"})
    stage.slack.set_member(ADA, deleted=True)
    await confirm(stage)
    assert writes(stage) == 0


async def test_a_form_that_was_closed_meanwhile_is_answered_in_a_message(stage: Stage) -> None:
    """Closed while Quivo was asked: the refusal comes into the person's own messages."""
    await stage.command(ADA, ORDERS, "/order edit 1001")
    stage.quivo.set_status(1001, "PENDING")
    stage.quivo.faults.append(Fault(f"GET {EDIT}", "slow", times=1, seconds=0.1))
    await stage.slack.submit(ADA, top(stage).id, {"comment": "Ring twice"})
    await stage.slack.close(ADA, top(stage).id, all=True)
    await stage.settle()
    assert "Complete it in Quivo" in plain(stage.slack.visible(ADA, DM_ADA)[-1].text)


async def test_an_edit_survives_a_token_that_ran_out(stage: Stage) -> None:
    """The hour is over between what was shown and *Change it*: one login, one change that counts."""
    await edit(stage, {"comment": "Ring twice"})
    stage.quivo.expire_tokens()
    await confirm(stage)
    assert (story(stage), stage.quivo.orders[1001]["comment"]) == ([CHANGED], "Ring twice")


@pytest.mark.parametrize(("typed", "says"), [("", "Which order?"), (" 4711000", "no such order")])
async def test_a_correction_of_nothing_is_refused(stage: Stage, typed: str, says: str) -> None:
    """Without an order that there is, no form is opened."""
    await stage.command(ADA, ORDERS, f"/order edit{typed}")
    assert says in plain(stage.slack.visible(ADA, ORDERS)[-1].text)


async def test_typing_survives_the_answer(stage: Stage) -> None:
    """What was typed and refused by the form's own check stands there still, and goes through once it is mended."""
    await stage.command(ADA, ORDERS, "/order address 1001")
    await write(stage, {"street": "Kanarienweg 77", "zip": None})
    await stage.submit(ADA, {})
    await press_next(stage, {"zip": "10115"})
    await confirm(stage)
    assert stage.quivo.orders[1001]["deliveryAddress"]["address1"] == "Kanarienweg 77"


async def press_next(stage: Stage, values: dict[str, Any]) -> None:
    """Mend and go on."""
    assert held(stage)["street"] == "Kanarienweg 77"
    await stage.submit(ADA, values)
