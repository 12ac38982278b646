"""Creating an order as members do it (issue: Create; CHECKS D3, E1, E2, E3)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from forms import (
    ADDRESS,
    block_ids,
    bots,
    choose,
    fill,
    filled,
    held,
    personal,
    plain,
    press,
    said,
    story,
    top,
    write,
)
from stage import ADA, BEN, DM_ADA, ORDERS, SHARED, Stage, staged, text_of

from sandbox.quivo import Fault
from sandbox.quivo.faults import FaultKind

FIRST_SIGHT = ["sellerId", "orderIdentifier", "orderReference", *ADDRESS, "positions[0].sku", "positions[0].quantity"]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with Ada connected."""
    async with staged(tmp_path) as one:
        await one.connect(ADA)
        yield one


def made(stage: Stage, identifier: str) -> list[int]:
    """The orders at Quivo with this identifier."""
    return [order_id for order_id, one in stage.quivo.orders.items() if one.get("orderIdentifier") == identifier]


async def test_from_the_form_to_the_card(stage: Stage) -> None:
    """Command, suggestions, address, Create: one request, one order, and its card without a name (D3)."""
    identifier = await filled(stage)
    outcome = await stage.slack.submit(ADA, top(stage).id)
    assert (outcome.acked, outcome.error) == (True, None)
    await stage.settle()
    [order_id] = made(stage, identifier)
    assert story(stage) == [f"✅ Order {order_id} (#T-1) is created."]
    [message] = bots(stage)
    assert "MUG-SEA-350" in text_of(message)
    assert personal(text_of(message)) == []
    assert f"Order {order_id} is created" in said(stage)
    assert stage.quivo.accepted[order_id]["deliveryAddress"]["countryIso2"] == "DE"
    assert stage.quivo.accepted[order_id]["positions"] == [{"sku": "MUG-SEA-350", "quantity": 2}]
    assert stage.quivo.count("POST", "/orders") == 1
    await stage.click(BEN, ORDERS, message, "order.details")
    assert personal(text_of(stage.slack.visible(BEN, ORDERS)[-1])) == []


async def test_the_form_shows_what_most_orders_need(stage: Stage) -> None:
    """At first sight: seller, an identifier that was made, reference, address and one position; the rest is *More*."""
    await stage.command(ADA, ORDERS, "/order create")
    inputs = [block["block_id"] for block in top(stage).content["blocks"] if block["type"] == "input"]
    assert sorted(inputs) == sorted(
        [*FIRST_SIGHT, "deliveryAddress.company", "deliveryAddress.street2", "deliveryAddress.state"]
    )
    assert list(held(stage)) == ["orderIdentifier"]
    assert held(stage)["orderIdentifier"].startswith("SC")


async def test_two_forms_have_two_identifiers(stage: Stage) -> None:
    """The identifier is made anew for each form, and can be changed."""
    await stage.command(ADA, ORDERS, "/order create")
    first = held(stage)["orderIdentifier"]
    await stage.slack.close(ADA, top(stage).id, all=True)
    await filled(stage)
    assert held(stage)["orderIdentifier"] != first
    await write(stage, {"orderIdentifier": "MY-OWN-1"})
    await stage.submit(ADA, {})
    assert len(made(stage, "MY-OWN-1")) == 1


async def test_more_and_positions_lose_nothing(stage: Stage) -> None:
    """Add, add, remove the middle one, More: every value that was typed still stands where it was typed."""
    await filled(stage)
    await press(stage, "position.add")
    await choose(stage, "positions[1].sku", "BOWL-OAT-18")
    await write(stage, {"positions[1].quantity": "3"})
    await press(stage, "position.add")
    await choose(stage, "positions[2].sku", "TEA-POT-900")
    await write(stage, {"positions[2].quantity": "4"})
    before = held(stage)
    await press(stage, "position.remove", value="1")
    await press(stage, "order.more")
    gone = ("positions[1].sku", "positions[1].quantity")
    assert held(stage) == {name: value for name, value in before.items() if name not in gone}
    assert "invoiceAddress.name" in block_ids(stage)
    await write(stage, {"comment": "Ring twice", "tags": "gift, fragile", "positions[2].more": "lot=L7"})
    await choose(stage, "warehouseId", "4", typed="nürn")
    await write(stage, {"trackingEnabled": ["yes"], "earliestDeliveryDate": "2026-12-01"})
    await stage.submit(
        ADA,
        {
            "invoiceAddress.name": "Books",
            "invoiceAddress.street": "A 1",
            "invoiceAddress.zip": "1010",
            "invoiceAddress.city": "Wien",
            "invoiceAddress.countryIso2": "AT",
        },
    )
    [order_id] = made(stage, before["orderIdentifier"])
    taken = stage.quivo.accepted[order_id]
    assert taken["positions"] == [
        {"sku": "MUG-SEA-350", "quantity": 2},
        {"sku": "TEA-POT-900", "quantity": 4, "lot": "L7"},
    ]
    asked = ("comment", "tags", "warehouseId", "trackingEnabled", "earliestDeliveryDate")
    assert [taken[name] for name in asked] == ["Ring twice", ["gift", "fragile"], 4, True, "2026-12-01"]
    assert taken["invoiceAddress"]["city"] == "Wien"


async def test_tracking_says_that_it_costs(stage: Stage) -> None:
    """The checkbox for tracking says that Quivo charges for it, before it is ticked."""
    await stage.command(ADA, ORDERS, "/order create")
    await press(stage, "order.more")
    assert "charges extra" in said(stage)


@pytest.mark.parametrize(
    ("block_id", "value", "says"),
    [
        ("orderIdentifier", "x" * 41, "40"),
        ("orderReference", "x" * 41, "40"),
        ("positions[0].quantity", "two", "whole number"),
        ("positions[0].quantity", "0", "1"),
        ("deliveryAddress.countryIso2", "Germany", "two letters"),
        ("deliveryAddress.zip", None, "empty"),
        ("deliveryAddress.name", None, "company"),
    ],
)
async def test_what_is_wrong_is_said_under_its_field(stage: Stage, block_id: str, value: Any, says: str) -> None:
    """A limit is checked before anything is sent: the complaint stands under its input, all that was typed stays."""
    await filled(stage)
    await write(stage, {block_id: value})
    before = held(stage)
    outcome = await stage.slack.submit(ADA, top(stage).id)
    await stage.settle()
    assert outcome.error is None
    assert list(top(stage).errors) == [block_id]
    assert says in top(stage).errors[block_id]
    assert (held(stage), stage.quivo.count("POST", "/orders"), story(stage)) == (before, 0, [])


async def test_the_back_ends_complaint_lands_under_the_same_field(stage: Stage) -> None:
    """What only Quivo knows is said under the position that it is about, nothing is lost, and it can be mended."""
    await filled(stage)
    await press(stage, "position.add")
    await choose(stage, "positions[1].sku", "NO-SUCH-SKU", typed="NO-SUCH-SKU")
    await write(stage, {"positions[1].quantity": "1"})
    await press(stage, "position.remove", value="0")
    before = held(stage)
    await stage.submit(ADA, {})
    names = block_ids(stage)
    assert names[names.index("positions[1].sku") + 1] == "note.positions[1].sku"
    assert (held(stage), story(stage), "nothing was created" in said(stage)) == (before, [], True)
    await choose(stage, "positions[1].sku", "BOWL-OAT-18")
    await stage.submit(ADA, {})
    assert len(made(stage, before["orderIdentifier"])) == 1


async def test_a_complaint_without_an_input_is_said_on_top(stage: Stage) -> None:
    """A field error for which this form has no input is said in its banner, with the reference."""
    await filled(stage)
    stage.quivo.faults.append(Fault("POST /orders", "400", times=1, text="shopId: must not be null"))
    await stage.submit(ADA, {})
    assert "shopId: must not be null" in said(stage)
    assert "Reference" in said(stage)


@pytest.mark.parametrize("kind", ["accept_then_hang", "accept_then_500", "close", "html"])
async def test_a_silence_then_try_again_is_one_order(stage: Stage, kind: FaultKind) -> None:
    """Nobody knows: it is said as unknown; *Try again* searches first; there is exactly one order in the end (E3)."""
    identifier = await filled(stage)
    stage.quivo.faults.append(Fault("POST /orders", kind, times=1, seconds=0.1))
    await stage.submit(ADA, {})
    assert story(stage) == ["❔ We do not know whether the order was created."]
    assert personal(text_of(bots(stage)[0])) == []
    assert "We do not know" in said(stage)
    await stage.click(ADA, ORDERS, bots(stage)[0], "create.again")
    [order_id] = made(stage, identifier)
    assert story(stage) == [f"✅ Order {order_id} (#T-1) is created."]
    assert stage.quivo.count("POST", "/orders") == (1 if kind.startswith("accept") else 2)
    assert [line.outcome for line in stage.audit(1)] == ["done"]


async def test_try_again_pressed_by_five_is_one_order(stage: Stage) -> None:
    """Five clicks at once on *Try again* after nothing was accepted: one more request, one order (E1)."""
    identifier = await filled(stage)
    stage.quivo.faults.append(Fault("POST /orders", "close", times=1))
    await stage.submit(ADA, {})
    [message] = bots(stage)
    await asyncio.gather(*(stage.slack.click(ADA, ORDERS, message.ts, "create.again") for _ in range(5)))
    await stage.settle()
    assert (len(made(stage, identifier)), stage.quivo.count("POST", "/orders")) == (1, 2)
    assert "is created" in story(stage)[0]


async def test_somebody_else_cannot_try_again(stage: Stage) -> None:
    """A colleague's click on *Try again* sends nothing and says whose order it is (DESIGN.md §4.1)."""
    await filled(stage)
    stage.quivo.faults.append(Fault("POST /orders", "close", times=1))
    await stage.submit(ADA, {})
    await stage.connect(BEN)
    await stage.click(BEN, ORDERS, bots(stage)[0], "create.again")
    assert "Somebody else asked for this" in stage.slack.visible(BEN, ORDERS)[-1].text
    assert (stage.quivo.count("POST", "/orders"), story(stage)) == (
        1,
        ["❔ We do not know whether the order was created."],
    )


async def test_try_again_that_is_refused_brings_the_form_back(stage: Stage) -> None:
    """Quivo refuses the second try: the message says that nothing was created, and the form comes back as it was."""
    identifier = await filled(stage)
    before = held(stage)
    stage.quivo.faults.append(Fault("POST /orders", "close", times=1))
    await stage.submit(ADA, {})
    await stage.slack.close(ADA, top(stage).id, all=True)
    stage.quivo.faults.append(Fault("POST /orders", "400", times=1, text="orderReference: is odd"))
    await stage.click(ADA, ORDERS, bots(stage)[0], "create.again")
    assert "was not created" in story(stage)[0]
    assert "OrderReference: is odd" in plain(stage.slack.visible(ADA, ORDERS)[-1].text)
    await stage.click(ADA, ORDERS, bots(stage)[0], "create.reopen")
    assert held(stage) == {**before, "deliveryAddress.countryIso2": "DE"}
    await stage.submit(ADA, {"orderReference": "#T-2"})
    assert len(made(stage, identifier)) == 1
    await stage.connect(BEN)
    await stage.click(BEN, ORDERS, bots(stage)[0], "create.reopen")
    assert stage.slack.views(BEN) == []


async def test_an_identifier_that_is_taken_makes_no_second_order(stage: Stage) -> None:
    """The identifier of an order that there is: nothing is made, its number is said under the input, the rest stays."""
    await filled(stage)
    await write(stage, {"orderIdentifier": "shop-12-501001"})
    before = held(stage)
    await stage.submit(ADA, {})
    assert "Order 1001 has this identifier already" in said(stage)
    assert (held(stage), made(stage, "shop-12-501001"), story(stage)) == (before, [1001], [])
    assert "made no second one" in stage.slack.visible(ADA, DM_ADA)[-1].text


async def test_two_submissions_of_one_form_are_one_order(stage: Stage) -> None:
    """Create pressed twice before the answer: one request, one order, one message (E1)."""
    identifier = await filled(stage)
    view = top(stage).id
    stage.quivo.faults.append(Fault("POST /orders", "slow", seconds=0.1))
    await asyncio.gather(stage.slack.submit(ADA, view), stage.slack.submit(ADA, view))
    await stage.settle()
    assert (len(made(stage, identifier)), stage.quivo.count("POST", "/orders")) == (1, 1)
    assert len(story(stage)) == 1


@pytest.mark.parametrize("how", ["shortcut", "home"])
async def test_shortcut_and_home_lead_to_the_same_form(stage: Stage, how: str) -> None:
    """Without a channel the card comes into the person's own messages, with the name that they may read there."""
    if how == "shortcut":
        await stage.slack.shortcut(ADA, "order.create_shortcut")
    else:
        await stage.slack.open_home(ADA)
        await stage.settle()
        await stage.slack.act_in_view(ADA, stage.slack.home(ADA).id, "order.create_open")
    await stage.settle()
    identifier = await fill(stage)
    await stage.submit(ADA, {})
    [order_id] = made(stage, identifier)
    assert story(stage, DM_ADA, ADA) == [f"✅ Order {order_id} (#T-1) is created."]
    assert personal(text_of(bots(stage, DM_ADA, ADA)[-1])) == ["Cordula", "Kanarienweg"]
    assert story(stage) == []


async def test_a_shared_channel_sees_no_goods(stage: Stage) -> None:
    """In a channel with another company the card says less still (D3)."""
    await filled(stage, SHARED)
    await stage.submit(ADA, {})
    [shown] = [text_of(one) for one in bots(stage, SHARED)]
    assert ("is created" in shown, "MUG-SEA-350" in shown, personal(shown)) == (True, False, [])


async def test_where_the_bot_may_not_write_it_tells_the_person(stage: Stage) -> None:
    """The bot was thrown out of the channel meanwhile: the message comes into the person's own messages."""
    await filled(stage)
    stage.slack.set_channel(ORDERS, bot=False)
    await stage.submit(ADA, {})
    assert "is created" in story(stage, DM_ADA, ADA)[-1]


async def test_who_is_not_connected_connects_first(tmp_path: Path) -> None:
    """Without a connection no form is opened; once connected, one button opens it."""
    async with staged(tmp_path) as stage:
        [asked] = await stage.command(ADA, ORDERS, "/order create")
        assert stage.slack.views(ADA) == []
        await stage.click(ADA, ORDERS, asked, "connection.open")
        await stage.submit(ADA, {"apiKey": "demo-key", "username": "ada", "password": "demo-pass"})
        await stage.slack.close(ADA, top(stage).id, all=True)
        await stage.click(ADA, ORDERS, stage.slack.visible(ADA, ORDERS)[-1], "order.create_open")
        assert held(stage)["orderIdentifier"].startswith("SC")


async def test_a_connection_that_is_gone_keeps_what_was_typed(stage: Stage) -> None:
    """Disconnected while the form was open: nothing is sent, and after connecting the form comes back as it was."""
    await filled(stage)
    before = held(stage)
    await stage.command(ADA, ORDERS, "/disconnect quivo")
    await stage.submit(ADA, {})
    assert "not connected Quivo" in said(stage)
    await stage.slack.close(ADA, top(stage).id, all=True)
    await stage.connect(ADA)
    await stage.click(ADA, DM_ADA, stage.slack.visible(ADA, DM_ADA)[-1], "create.reopen")
    assert held(stage) == {**before, "deliveryAddress.countryIso2": "DE"}
    assert stage.quivo.count("POST", "/orders") == 0


async def test_a_form_that_was_closed_meanwhile_comes_back_by_a_button(stage: Stage) -> None:
    """Closed while Quivo was asked, and refused: the person is told alone why, and the form is one click away."""
    await filled(stage)
    stage.quivo.faults.append(Fault("POST /orders", "slow", times=1, seconds=0.1))
    await write(stage, {"orderIdentifier": "shop-12-501001"})
    await stage.slack.submit(ADA, top(stage).id)
    await stage.slack.close(ADA, top(stage).id, all=True)
    await stage.settle()
    told = [one for one in stage.slack.visible(ADA, DM_ADA) if "has this identifier already" in plain(one.text)]
    back = next(one for one in told if "create.reopen" in text_of(one))
    await stage.click(ADA, DM_ADA, back, "create.reopen")
    assert held(stage)["orderIdentifier"] == "shop-12-501001"


async def test_a_copy_starts_from_what_there_is(stage: Stage) -> None:
    """``/order copy`` fills the form with the order's goods and address, and gives it an identifier of its own."""
    await stage.command(ADA, ORDERS, "/order copy #DE38678")
    assert held(stage)["orderIdentifier"].startswith("SC")
    asked = ("sellerId", "orderReference", "deliveryAddress.name", "positions[0].sku", "comment")
    assert [held(stage)[name] for name in asked] == [
        "12", "#DE38678", "Jana Bergmann", "MUG-SEA-350", "Please wrap the mug separately, it is a birthday present."
    ]  # fmt: skip
    identifier = held(stage)["orderIdentifier"]
    await stage.submit(ADA, {"orderReference": "#COPY"})
    [order_id] = made(stage, identifier)
    assert stage.quivo.orders[order_id]["tags"] == ["gift", "fragile"]
    assert story(stage) == [f"✅ Order {order_id} (#COPY) is created."]


@pytest.mark.parametrize(("typed", "says"), [("", "Which order?"), (" 4711000", "no such order")])
async def test_a_copy_of_nothing_is_refused(stage: Stage, typed: str, says: str) -> None:
    """Without an order that there is, nothing is opened to be filled in."""
    await stage.command(ADA, ORDERS, f"/order copy{typed}")
    assert says in plain(stage.slack.visible(ADA, ORDERS)[-1].text)


async def test_suggestions_are_the_persons_own(stage: Stage) -> None:
    """Own sellers, active warehouses, the seller's goods by what is typed; asked once a minute, twenty at most."""
    await stage.command(ADA, ORDERS, "/order create")
    await press(stage, "order.more")
    view = top(stage).id

    async def offered(block_id: str, action_id: str, typed: str) -> list[str]:
        return [one["value"] for one in await stage.slack.suggest(ADA, view, block_id, action_id, typed)]

    assert await offered("sellerId", "seller.suggest", "") == ["12"]
    assert await offered("sellerId", "seller.suggest", "keramik") == ["12"]
    assert await offered("sellerId", "seller.suggest", "harbour") == []
    assert await offered("warehouseId", "warehouse.suggest", "") == ["4", "7", "8"]
    assert await offered("positions[0].sku", "sku.suggest", "mug") == ["MUG-SEA-350", "mug"]
    assert len(await offered("positions[0].sku", "sku.suggest", "")) == 12
    await choose(stage, "warehouseId", "4")
    assert await offered("positions[0].sku", "sku.suggest", "PLANT-POT-M") == ["PLANT-POT-M"]
    asked = [one.path for one in stage.quivo.requests if one.path in ("/sellers", "/warehouses")]
    assert sorted(asked) == ["/sellers", "/warehouses"]


async def test_suggestions_for_strangers_are_none(stage: Stage) -> None:
    """Who has no connection is offered nothing, and Quivo is not asked."""
    await stage.command(ADA, ORDERS, "/order create")
    await stage.command(ADA, ORDERS, "/disconnect quivo")
    before = len(stage.quivo.requests)
    assert await stage.slack.suggest(ADA, top(stage).id, "sellerId", "seller.suggest", "") == []
    assert len(stage.quivo.requests) == before


async def test_a_restart_in_the_middle_finds_out_by_itself(stage: Stage) -> None:
    """Unknown, and nobody comes back: minutes later the bot looks for the identifier and edits its message (E3)."""
    identifier = await filled(stage)
    stage.quivo.faults.append(Fault("POST /orders", "accept_then_500", times=1))
    await stage.submit(ADA, {})
    await stage.restart()
    await stage.later(300)
    [order_id] = made(stage, identifier)
    assert story(stage) == [f"✅ Order {order_id} (#T-1) is created."]
    await stage.later(90_000)
    assert (len(story(stage)), stage.quivo.count("POST", "/orders")) == (1, 1)


async def test_the_check_of_what_went_well_says_nothing(stage: Stage) -> None:
    """Created at once: the look minutes later posts and changes nothing."""
    await filled(stage)
    await stage.submit(ADA, {})
    [message] = bots(stage)
    before = (message.text, len(stage.slack.sent))
    await stage.later(300)
    assert (bots(stage)[0].text, len(stage.slack.sent)) == before


async def test_nothing_found_stays_unknown_and_is_sent_by_nobody(stage: Stage) -> None:
    """Not accepted and never tried again: the message goes on saying that nobody knows, and nothing is sent."""
    identifier = await filled(stage)
    stage.quivo.faults.append(Fault("POST /orders", "close", times=1))
    await stage.submit(ADA, {})
    await stage.later(300)
    await stage.later(100_000)
    assert (story(stage), made(stage, identifier)) == (["❔ We do not know whether the order was created."], [])
    assert stage.quivo.count("POST", "/orders") == 1


async def test_who_was_deactivated_meanwhile_creates_nothing(stage: Stage) -> None:
    """Deactivated between opening and Create: nothing is sent (B3)."""
    await filled(stage)
    stage.slack.set_member(ADA, deleted=True)
    await stage.submit(ADA, {})
    assert stage.quivo.count("POST", "/orders") == 0


async def test_an_echo_of_a_used_identifier_is_no_second_order(stage: Stage) -> None:
    """A Quivo that answers a used identifier with its order: *Try again* ends with that one order."""
    stage.quivo.switches = replace(stage.quivo.switches, duplicate="echo", index_lag_ms=3_600_000)
    identifier = await filled(stage)
    stage.quivo.faults.append(Fault("POST /orders", "accept_then_500", times=1))
    await stage.submit(ADA, {})
    await stage.click(ADA, ORDERS, bots(stage)[0], "create.again")
    [order_id] = made(stage, identifier)
    assert story(stage) == [f"✅ Order {order_id} (#T-1) is created."]
