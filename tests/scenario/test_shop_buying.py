"""Buying at the store as members do it: from signing in to a new cart (issue: Vendo; CHECKS A7, B7, D3, E1, E3)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from forms import bots, personal, plain, story, top
from shop_moves import (
    check_out,
    choose_goods,
    deliver_and_pay,
    mailed,
    options,
    own,
    push,
    shown,
    sign_in,
    step,
    write_address,
)
from stage import ADA, BEN, ORDERS, SHARED, Stage, text_of

from sandbox.vendo import Fault


def carts(stage: Stage) -> dict[str, dict[str, int]]:
    """What is in each open cart at the store, by its number."""
    return {cart.number: {line.variant.sku: line.quantity for line in cart.lines} for cart in stage.world.vendo.carts}


def placed(stage: Stage) -> list[str]:
    """The numbers of the orders that were placed on this stage."""
    return [one.number for one in stage.world.vendo.orders if one.email and "canary" in one.email and not one.open]


async def test_signed_in_from_search_to_a_new_cart(stage: Stage) -> None:
    """Sign in → search → add → coupon → checkout with a saved address → order → the next cart is a new one."""
    await sign_in(stage)
    await stage.command(ADA, ORDERS, "/shop search hoodie 10..60 in stock")
    await push(stage, "shop.show")
    assert "$44.95" in shown(stage)  # ada's own price, not the shelf's
    await choose_goods(stage, 1)
    first = next(iter(carts(stage)))
    assert list(carts(stage).values()) == [{"HOOD-GREY-M": 1}]
    await push(stage, "cart.coupon_open")
    await stage.submit(ADA, {"coupon_code": "summer2020"})
    assert "expired" in text_of(top(stage))
    await stage.submit(ADA, {"coupon_code": "test"})
    assert "10 % off (test), -$" in shown(stage)
    await stage.slack.close(ADA, top(stage).id, all=True)
    await push(stage, "cart.checkout")
    assert step(stage) == "checkout.saved"
    await stage.submit(ADA, {"saved": options(stage, "saved")[0], "email": "ada@example.com"})
    await deliver_and_pay(stage)
    assert bots(stage) == []
    await stage.submit(ADA, {})
    assert story(stage) == [f"✅ Shop order {first} is ordered."]
    assert "Old Georgetown" not in plain(bots(stage)[0].text)
    await stage.command(ADA, ORDERS, "/cart")
    [second] = carts(stage)
    assert ("new cart" in shown(stage), first in shown(stage), second != first) == (True, True, True)


async def test_a_guest_orders_without_signing_in(stage: Stage) -> None:
    """No account anywhere: a cart, an address that is typed, a check; nothing personal is in the channel."""
    await stage.command(ADA, ORDERS, "/cart add NOTE 2")
    await check_out(stage)
    await stage.submit(ADA, {})
    [number] = placed(stage)
    assert story(stage) == [f"✅ Shop order {number} is ordered."]
    assert personal("\n".join(one.text for one in bots(stage))) == []
    await stage.command(ADA, ORDERS, f"/shop order {number}")
    assert len(bots(stage)) == 2  # by the token of the cart that it was


async def test_two_people_side_by_side_in_one_channel(stage: Stage) -> None:
    """One signed in, one as a guest, step by step at the same time: two orders, and nobody's cart is touched."""
    await sign_in(stage, BEN)
    await asyncio.gather(
        stage.command(ADA, ORDERS, "/cart add NOTE 2"),
        stage.command(BEN, ORDERS, "/cart add BOTTLE"),
    )
    assert sorted(map(str, carts(stage).values())) == ["{'BOTTLE': 1}", "{'NOTE': 2}"]
    await asyncio.gather(push(stage, "cart.more"), push(stage, "cart.more", user=BEN))
    assert sorted(map(str, carts(stage).values())) == ["{'BOTTLE': 2}", "{'NOTE': 3}"]
    assert not {one.ts for one in stage.slack.visible(ADA, ORDERS)} & {own(stage, BEN).ts}
    await check_out(stage)
    await stage.command(BEN, ORDERS, "/cart checkout")
    assert step(stage, BEN) == "checkout.saved"
    await stage.submit(BEN, {"saved": options(stage, "saved", BEN)[0], "email": "bob@example.com"})
    await deliver_and_pay(stage, BEN)
    await asyncio.gather(stage.submit(ADA, {}), stage.submit(BEN, {}))
    assert len(story(stage)) == 2
    assert len(placed(stage)) == 1
    assert [one.state for one in stage.world.vendo.orders_of("bob@example.com")] == ["complete"]
    assert carts(stage) == {}


async def test_a_cart_by_commands_and_by_its_buttons(stage: Stage) -> None:
    """Set, more, less, remove, note and a coupon taken away: the store has what the message says."""
    await stage.command(ADA, ORDERS, "/cart add MUG-BLACK 2")
    await push(stage, "cart.more")
    await stage.command(ADA, ORDERS, "/cart add TOTE")
    assert [sorted(one.items()) for one in carts(stage).values()] == [[("MUG-BLACK", 3), ("TOTE", 1)]]
    await stage.command(ADA, ORDERS, "/cart set 1 2")
    await push(stage, "cart.less")
    await stage.command(ADA, ORDERS, "/cart remove TOTE")
    assert list(carts(stage).values()) == [{"MUG-BLACK": 1}]
    await stage.command(ADA, ORDERS, "/cart coupon test")
    assert "10 % off" in shown(stage)
    await push(stage, "cart.coupon_remove")
    assert "10 % off" not in shown(stage)
    await stage.command(ADA, ORDERS, "/cart note Please ring twice")
    assert ("There is a note" in shown(stage), "ring twice" in shown(stage)) == (True, False)
    await stage.command(ADA, ORDERS, "/cart add MUG-BLACK 50")
    assert ("not available" in shown(stage), list(carts(stage).values())) == (True, [{"MUG-BLACK": 1}])


async def test_an_address_that_the_store_refuses_stays_in_the_form(stage: Stage) -> None:
    """Vendo's own complaint stands under the input, what was typed is still there, and the right one goes through."""
    await stage.command(ADA, ORDERS, "/cart add NOTE")
    await stage.command(ADA, ORDERS, "/cart checkout")
    await stage.slack.suggest(ADA, top(stage).id, "ship_address.country_iso", "country.suggest", "US")
    await stage.slack.type_into(ADA, top(stage).id, "ship_address.country_iso", "country.suggest", "US")
    typed = {"email": "c@canary.example", "ship_address.firstname": "C", "ship_address.lastname": "Canary"}
    typed |= {"ship_address.address1": "Kanarienweg 77", "ship_address.city": "Springfield"}
    await stage.submit(ADA, typed)
    notes = [block["block_id"] for block in top(stage).content["blocks"] if block["block_id"].startswith("note.")]
    assert [name for name in notes if name.startswith("note.ship_address.")] != []
    assert top(stage).state["ship_address.address1"]["value"]["value"] == "Kanarienweg 77"
    await stage.submit(ADA, {"ship_address.zipcode": "62701", "ship_address.state_name": "IL"})
    assert step(stage) == "checkout.delivery"


async def test_a_way_to_pay_that_needs_a_card_is_refused_in_words(stage: Stage) -> None:
    """The number of a card is never asked for: the store refuses, that is said in the form, and a check goes on."""
    await stage.command(ADA, ORDERS, "/cart add NOTE")
    await stage.command(ADA, ORDERS, "/cart checkout")
    await write_address(stage)
    rate = "shipments[0].selected_shipping_rate_id"
    await stage.submit(ADA, {rate: options(stage, rate)[0]})
    await stage.submit(ADA, {"payment_method_id": options(stage, "payment_method_id", text="Card")[0]})
    assert (step(stage), "I never ask for a card" in text_of(top(stage))) == ("checkout.payment", True)
    await stage.submit(ADA, {"payment_method_id": options(stage, "payment_method_id", text="Check")[0]})
    assert step(stage) == "checkout.complete"


async def test_silence_after_the_order_was_taken_is_one_order(stage: Stage) -> None:
    """E3: the store takes it and does not answer; its status says that it is ordered, and it is not sent again."""
    await stage.command(ADA, ORDERS, "/cart add NOTE")
    await check_out(stage)
    stage.world.vendo.faults.append(Fault("PATCH /checkout/complete", "accept_then_close", times=1))
    await stage.submit(ADA, {})
    [number] = placed(stage)
    assert story(stage) == [f"✅ Shop order {number} is ordered."]
    assert stage.world.vendo.count("PATCH", "/checkout/complete") == 1


async def test_a_shared_channel_sees_no_more_than_the_number(stage: Stage) -> None:
    """D3: where another company reads along, the order is its number and its state."""
    await stage.command(ADA, SHARED, "/cart add NOTE 2")
    await check_out(stage, channel=SHARED)
    await stage.submit(ADA, {})
    said = plain("\n".join(one.text for one in bots(stage, SHARED, ADA)))
    assert ("is ordered" in said, "Notebook" in said, personal(said)) == (True, False, [])


async def test_no_token_and_no_code_is_said_logged_or_kept_in_the_clear(
    stage: Stage, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """D1 and C1: order tokens, access tokens and codes are in no message, audit line, log or file."""
    await sign_in(stage)
    await stage.command(ADA, ORDERS, "/cart add NOTE")
    code = mailed(stage, "ada@example.com")
    secrets = [*(cart.token for cart in stage.world.vendo.orders), *_lives(stage)]
    assert len(secrets) > 2
    said = [str(one["payload"]) for one in stage.slack.sent]
    logged = [caplog.text, *(str(line) for line in stage.audit(200))]
    for text in [*said, *logged]:
        assert [one for one in secrets if one in text] == []
    assert [text for text in [*said, *logged] if code in text] == []
    files = _files(tmp_path)
    assert [one for one in secrets if any(one.encode() in held for held in files)] == []


def _files(folder: Path) -> list[bytes]:
    """What the database and everything beside it hold on the disk."""
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def _lives(stage: Stage) -> list[str]:
    """The access and refresh tokens that the store has handed out, from its answers."""
    sent = [seen.headers.get("Authorization", "") for seen in stage.world.vendo.requests]
    return sorted({one.removeprefix("Bearer ") for one in sent if one})
