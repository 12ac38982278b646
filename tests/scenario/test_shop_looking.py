"""Signing in to the store and looking around there, as members do it (issue: Vendo; CHECKS A7, B7, C7, D3)."""

from __future__ import annotations

import pytest
from forms import bots, plain, top
from shop_moves import mailed, own, push, shown, sign_in, step
from stage import ADA, BEN, ORDERS, Stage, text_of

from operations.linking import Actor

BETHESDA = ("Old Georgetown", "Bethesda", "3014445002", "ada@example.com")


def connected(stage: Stage, user: str = ADA) -> list[str]:
    """What this person has connected."""
    return [one.back_end for one in stage.bot.services.accounts.connections(Actor("T0HOME0001", user))]


@pytest.mark.both
async def test_signing_in_by_a_code_runs_what_was_typed_before(stage: Stage) -> None:
    """The prompt's button, an e-mail, a code from the mail in the same modal, and then the command by itself."""
    [prompt] = await stage.command(ADA, ORDERS, "/shop orders")
    assert "Connect Vendo" in prompt.text
    await stage.click(ADA, ORDERS, prompt, "connection.open")
    await stage.submit(ADA, {"email": "ada@example.com"})
    assert step(stage) == "connection.vendo_code"
    await stage.submit(ADA, {"code": mailed(stage, "ada@example.com")})
    assert connected(stage) == ["vendo"]
    assert "Your shop orders (30), page 1 of 2" in shown(stage)


async def test_a_wrong_code_and_one_that_was_sent_again(stage: Stage) -> None:
    """A wrong code is said under its field; after *Send again* only the new one works."""
    stage.world.vendo.make_code = iter(["111111", "222222"]).__next__
    await stage.command(ADA, ORDERS, "/connect vendo")
    await stage.submit(ADA, {"email": "ada@example.com"})
    await stage.submit(ADA, {"code": "nonsense"})
    notes = [block["block_id"] for block in top(stage).content["blocks"] if block["block_id"].startswith("note.")]
    assert notes == ["note.banner", "note.code"]
    await stage.slack.act_in_view(ADA, top(stage).id, "connection.vendo_again")
    await stage.settle()
    assert ("works no more" in text_of(top(stage)), len(stage.world.vendo.mail)) == (True, 2)
    await stage.submit(ADA, {"code": "111111"})
    assert connected(stage) == []
    await stage.submit(ADA, {"code": "222222"})
    assert connected(stage) == ["vendo"]


async def test_an_unknown_email_makes_a_new_customer_who_has_bought_nothing(stage: Stage) -> None:
    """The form says so, and the names that were typed are the new customer's (seed 003)."""
    await stage.command(ADA, ORDERS, "/connect vendo")
    assert "makes a new customer" in text_of(top(stage))
    typed = {"email": "new@example.com", "first_name": "Grace", "last_name": "Hopper"}
    await stage.submit(ADA, typed)
    await stage.submit(ADA, {"code": mailed(stage, "new@example.com")})
    customer = stage.world.vendo.customer("new@example.com")
    assert customer is not None
    assert (customer.first_name, customer.last_name) == ("Grace", "Hopper")
    await stage.command(ADA, ORDERS, "/shop orders")
    assert "no orders here yet" in shown(stage)


async def test_the_form_is_busy_before_the_store_is_asked(stage: Stage) -> None:
    """A7: the acknowledgement is the same form, busy; the store is asked after it."""
    await stage.command(ADA, ORDERS, "/connect vendo")
    outcome = await stage.slack.submit(ADA, top(stage).id, {"email": "ada@example.com"})
    assert outcome.payload["view"]["blocks"][0]["block_id"] == "note.busy"
    await stage.settle()


async def test_an_account_is_read_in_a_modal_only(stage: Stage) -> None:
    """D3: name and address are in the modal of the person, and in no message."""
    await sign_in(stage)
    before = len(stage.slack.visible(ADA, ORDERS))
    await stage.command(ADA, ORDERS, "/shop account")
    said = plain(text_of(top(stage)))
    assert [part for part in BETHESDA if part not in said] == []
    assert len(stage.slack.visible(ADA, ORDERS)) == before


async def test_orders_by_pages_and_one_of_them_in_the_channel(stage: Stage) -> None:
    """The list is the person's own; *Show* posts the card, and *Details* opens it for who may read it."""
    await sign_in(stage)
    await stage.command(ADA, ORDERS, "/shop orders")
    await push(stage, "shop_order.page_next")
    assert "page 2 of 2" in shown(stage)
    await push(stage, "shop_order.show")
    [card] = bots(stage)
    assert [part for part in BETHESDA if part in plain(card.text)] == []
    await stage.click(ADA, ORDERS, card, "shop_order.details")
    assert [part for part in BETHESDA if part not in plain(text_of(top(stage)))] == []
    await stage.slack.close(ADA, top(stage).id, all=True)
    await stage.click(BEN, ORDERS, card, "shop_order.details")
    said = [text_of(view) for view in stage.slack.views(BEN)] + [one.text for one in stage.slack.visible(BEN, ORDERS)]
    assert [part for part in BETHESDA if part in plain(str(said))] == []


async def test_an_order_by_its_number_for_its_owner_only(stage: Stage) -> None:
    """B7: /shop order asks with one's own account; another person's account does not find it."""
    await sign_in(stage)
    number = stage.world.vendo.orders_of("ada@example.com")[-1].number
    await stage.command(ADA, ORDERS, f"/shop order {number}")
    [card] = bots(stage)
    assert number in card.text
    await sign_in(stage, BEN)
    await stage.command(BEN, ORDERS, f"/shop order {number}")
    assert (len(bots(stage)), "found" in shown(stage, BEN)) == (1, True)
    await stage.click(BEN, ORDERS, card, "shop_order.refresh")
    assert len(bots(stage)) == 1


async def test_a_search_turns_its_pages_and_shows_a_product(stage: Stage) -> None:
    """Products as a guest, for the person alone; hostile names are dead; the product has its variants."""
    await stage.command(ADA, ORDERS, "/shop search s")
    assert "Products matching s" in shown(stage)
    await stage.command(ADA, ORDERS, "/shop search salt")
    assert "Salt & Pepper <Set>" in shown(stage).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    await push(stage, "shop.show")
    await push(stage, "cart.add_pick")
    assert "has 1 item" in shown(stage)
    await stage.command(ADA, ORDERS, "/shop product crew t-shirt")
    menu = [block for block in own(stage).blocks if block["type"] == "actions"]
    assert len(menu[0]["elements"][0]["options"]) == 6
    assert bots(stage) == []


async def test_disconnecting_forgets_the_carts_too(stage: Stage) -> None:
    """C7: after /disconnect vendo the tokens are revoked at the store and nothing of the cart is kept."""
    await sign_in(stage)
    await stage.command(ADA, ORDERS, "/cart add NOTE")
    await stage.command(ADA, ORDERS, "/disconnect vendo")
    assert connected(stage) == []
    assert stage.bot.services.ports.carts.current("T0HOME0001", ADA, ORDERS) is None
    assert stage.world.vendo.count("DELETE", "/auth/") == 2
    await stage.command(ADA, ORDERS, "/shop orders")
    assert "Connect Vendo" in shown(stage)
