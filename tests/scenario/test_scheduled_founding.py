"""Seed 004's walk as members do it: customer, payment method, product, scheduled order, and finding it again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from forms import bots, said, write
from scheduled_moves import (
    SEED_CUSTOMER,
    SEED_METHOD,
    SEED_PRODUCT,
    SITE,
    callback,
    calm,
    choose,
    connect,
    lines,
    one_login_each,
    own,
    personal,
    push,
    told,
    whispered,
    writes,
)
from stage import ADA, BEN, ORDERS, PRIVATE, Stage, staged, text_of

from sandbox.qpilot.faults import Fault


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with Ada connected as the merchant."""
    async with staged(tmp_path) as one:
        calm(one)
        await connect(one)
        yield one


async def fill_order(stage: Stage, product: str = "200982") -> None:
    """Fill in the form for a scheduled order, whose customer and payment method are chosen."""
    await choose(stage, "scheduledOrderItems[0].productId", "product.suggest", product, product)
    await write(stage, {"frequencyType": "Days", "frequency": "30", "scheduledOrderItems[0].quantity": "4"})


async def test_the_seeds_walk(stage: Stage) -> None:
    """Customer → payment method → product → scheduled order → list, by forms and the buttons between (D1, D3)."""
    qpilot = stage.world.qpilot
    await stage.command(ADA, ORDERS, "/scheduled product")
    await stage.submit(ADA, SEED_PRODUCT)
    await stage.slack.close(ADA, stage.slack.views(ADA)[-1].id, all=True)
    await stage.command(ADA, ORDERS, "/scheduled customer")
    await stage.submit(ADA, SEED_CUSTOMER)
    assert "Customer 29920" in said(stage)
    await push(stage, "payment_method.open")
    await stage.submit(ADA, SEED_METHOD)
    await push(stage, "scheduled.create_open")
    assert callback(stage) == "scheduled.create"
    await fill_order(stage)
    await stage.submit(ADA, {})
    assert "Scheduled order" in said(stage)
    [order_id] = [number for number, order in qpilot.orders.items() if order["customerId"] == "29920"]
    assert lines(stage) == [
        "✅ Product 200982 is created.",
        "✅ Customer 29920 is created.",
        f"✅ Payment method {max(qpilot.payment_methods)} of customer 29920 is created.",
        f"✅ Scheduled order {order_id} of customer 29920 is created.",
    ]
    order = qpilot.orders[order_id]
    assert (order["frequency"], order["frequencyType"], order["paymentMethodId"]) == (
        30,
        "Days",
        max(qpilot.payment_methods),
    )
    total = f"${order['total']:.2f}"
    assert [part in told(stage) for part in (f"Total: {total}", "every 30 days", "4 × RCo Atlantis")] == [True] * 3
    await stage.command(ADA, ORDERS, "/scheduled list active Wilking")
    assert (f"▶️ {order_id} · active · {total} · customer 29920" in whispered(stage)) is True
    assert [personal(text_of(one)) for one in bots(stage)] == [[]] * 4
    assert one_login_each(stage)
    assert [path for _, path in writes(stage)] == [
        f"{SITE}/{name}" for name in ("Products", "Customers", "PaymentMethods", "ScheduledOrders")
    ]


async def test_the_seeds_fields_reach_qpilot(stage: Stage) -> None:
    """Every field of the seed's first three examples arrives under its own name, all of one customer in one call."""
    await stage.command(ADA, ORDERS, "/scheduled customer")
    method = {f"paymentMethods[0].{name}": value for name, value in SEED_METHOD.items()}
    await stage.submit(ADA, {**SEED_CUSTOMER, **method})
    await stage.slack.close(ADA, stage.slack.views(ADA)[-1].id, all=True)
    await stage.command(ADA, ORDERS, "/scheduled product")
    await stage.submit(ADA, SEED_PRODUCT)
    bodies = [json.loads(one.body) for one in stage.world.qpilot.requests if one.method == "POST" and SITE in one.path]
    assert bodies[0] == {**SEED_CUSTOMER, "paymentMethods": [SEED_METHOD]}
    expected: dict[str, Any] = {
        **SEED_PRODUCT,
        "siteId": 1113,
        "price": 9.75,
        "salePrice": 6,
        "stock": 50,
        "addToScheduledOrder": True,
        "processScheduledOrder": True,
    }
    assert bodies[1] == expected


@pytest.mark.parametrize("field", ["customerId", "gatewayCustomerId", "gatewayPaymentId"])
async def test_a_card_number_never_leaves(stage: Stage, field: str) -> None:
    """What looks like a card's number is refused under its field, and nothing is asked of QPilot (D1)."""
    asked = len(stage.world.qpilot.requests)
    await stage.command(ADA, ORDERS, "/scheduled payment new 107")
    outcome = await stage.submit(ADA, {**SEED_METHOD, field: "4242-4242-4242-4242"})
    assert "card number" in str(outcome) + said(stage)
    assert callback(stage) == "payment_method.create"
    assert len(stage.world.qpilot.requests) == asked
    for path in stage.folder.rglob("*"):
        assert not path.is_file() or b"4242-4242-4242-4242" not in path.read_bytes()


async def test_a_taken_id_and_a_refused_field_keep_what_was_typed(stage: Stage) -> None:
    """The form comes back with the complaint; nothing was made, and the channel reads nothing."""
    await stage.command(ADA, ORDERS, "/scheduled customer")
    await stage.submit(ADA, {**SEED_CUSTOMER, "id": "107"})
    assert ("with this id already" in said(stage), writes(stage)) == (True, [])
    await stage.submit(ADA, {"id": "29920"})
    assert stage.world.qpilot.customers["29920"]["lastName"] == "Wilking"
    assert lines(stage) == ["✅ Customer 29920 is created."]


async def test_silence_after_accepting_makes_one_order(stage: Stage) -> None:
    """E3: QPilot makes the order and hangs up: it is found by looking, and it is one."""
    qpilot = stage.world.qpilot
    qpilot.faults.append(Fault(f"POST {SITE}/ScheduledOrders", "accept_then_close", times=1))
    await stage.command(ADA, ORDERS, "/scheduled create 107")
    await fill_order(stage, "100982")
    await stage.submit(ADA, {})
    assert qpilot.count("POST", f"{SITE}/ScheduledOrders") == 1
    assert lines(stage)[-1].startswith("✅ Scheduled order ")


async def test_nobody_knows_until_it_is_looked_for(stage: Stage) -> None:
    """E3: nothing was made and nobody answered: said as unknown, never sent again by itself, *Look again* looks."""
    qpilot = stage.world.qpilot
    qpilot.faults.append(Fault(f"POST {SITE}/ScheduledOrders", "close", times=1))
    await stage.command(ADA, ORDERS, "/scheduled create 107")
    await fill_order(stage, "100982")
    await stage.submit(ADA, {})
    assert "we do not know whether it was created" in told(stage)
    await stage.click(ADA, ORDERS, bots(stage)[-1], "scheduled.look")
    assert "still do not know" in whispered(stage)
    await stage.later(1000)
    assert "was not created" in told(stage)
    assert qpilot.count("POST", f"{SITE}/ScheduledOrders") == 1


async def test_a_customer_is_looked_up_in_a_modal(stage: Stage) -> None:
    """D3: who asked sees name and address, with their own connection; the channel sees nothing."""
    name = stage.world.qpilot.customers["107"]["lastName"]
    await stage.command(ADA, ORDERS, "/scheduled customer 107")
    assert (name in said(stage), lines(stage)) == (True, [])


async def test_a_token_for_a_customer_can_do_what_is_theirs(stage: Stage) -> None:
    """Shown once to Ada, audited by the customer's id, in nobody else's sight; it reads its own orders, no others."""
    await stage.command(ADA, ORDERS, "/scheduled token 107")
    blocks = own(stage).blocks
    token = blocks[1]["elements"][0]["elements"][0]["text"]
    assert (bots(stage), token in own(stage).text) == ([], False)
    assert [line.outcome for line in stage.audit(1)] == ["done:107"]
    assert token.encode() not in b"".join(one.read_bytes() for one in stage.folder.rglob("*") if one.is_file())
    assert await read_as(stage, token, "107") == (200, {"107"})
    await stage.command(ADA, PRIVATE, "/scheduled token 107")
    second = own(stage, channel=PRIVATE).blocks[1]["elements"][0]["elements"][0]["text"]
    assert (await read_as(stage, second, "108"))[0] == 403


async def read_as(stage: Stage, token: str, customer: str) -> tuple[int, set[str]]:
    """What QPilot says to whoever has this token and asks for a customer's orders: the status, and whose they are."""
    url = f"{stage.world.qpilot_url}{SITE}/Customers/{customer}/ScheduledOrders"
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as answer:
        return answer.status, {one["customerId"] for one in await answer.json()} if answer.status == 200 else set()


async def test_a_customers_connection_changes_only_its_own(stage: Stage) -> None:
    """With the scope Customer Ben sees and pauses customer 107's order; another's is refused and untouched (B7)."""
    qpilot = stage.world.qpilot
    mine, theirs = (qpilot.add_order(customerId=one) for one in ("107", "108"))
    await connect(stage, BEN, "107")
    await stage.command(BEN, ORDERS, f"/scheduled pause {mine}")
    await stage.submit(BEN, {})
    assert qpilot.orders[mine]["status"] == "Paused"
    await stage.command(BEN, ORDERS, f"/scheduled pause {theirs}")
    assert (qpilot.orders[theirs]["status"], "does not allow" in said(stage, BEN)) == ("Active", True)
    await stage.slack.close(BEN, stage.slack.views(BEN)[-1].id, all=True)
    await stage.command(BEN, ORDERS, "/scheduled list")
    rows = [block for block in own(stage, BEN).blocks if block["type"] == "section"]
    assert rows
    assert all("customer 107" in row["text"]["text"] for row in rows)
    await stage.command(BEN, ORDERS, "/scheduled customer")
    assert "Merchant" in whispered(stage, BEN)
