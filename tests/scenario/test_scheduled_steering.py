"""Steering scheduled orders as members do it (issue QPilot; CHECKS A4, A7, D3, E1, E3, E4)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from forms import bots, held, said
from scheduled_moves import (
    SITE,
    callback,
    calm,
    choose,
    connect,
    lines,
    one_login_each,
    push,
    told,
    whispered,
    writes,
)
from stage import ADA, BEN, ORDERS, SHARED, Stage, staged, text_of

from sandbox.qpilot.faults import Fault, FaultKind


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with Ada connected as the merchant."""
    async with staged(tmp_path) as one:
        calm(one)
        await connect(one)
        yield one


async def confirm(stage: Stage, user: str = ADA) -> None:
    """Say yes to what will be different, and close the modal."""
    await stage.submit(user, {})


def number(stage: Stage, **fields: Any) -> int:
    """An order of customer 107."""
    return int(stage.world.qpilot.add_order(customerId="107", **fields))


async def test_a_walk_through_everything(stage: Stage) -> None:
    """Pause, resume, skip, reschedule, frequency, items, payment, cancel, restore: each previewed, sent once, told."""
    qpilot, order_id = stage.world.qpilot, number(stage)
    method = qpilot.add_payment_method("107", lastFourDigits="1111")
    order = qpilot.orders[order_id]
    for verb in ("pause", "resume", "skip"):
        await stage.command(ADA, ORDERS, f"/scheduled {verb} {order_id}")
        assert len(writes(stage)) == len(lines(stage))
        await confirm(stage)
    then = datetime.now(UTC) + timedelta(days=200)
    steps: list[tuple[str, dict[str, Any]]] = [
        ("reschedule", {"nextOccurrenceUtc": int(then.timestamp())}),
        ("frequency", {"frequencyType": "Weeks", "frequency": "3"}),
        ("items", {"item": str(order["scheduledOrderItems"][0]["id"]), "quantity": "5"}),
        ("payment", {"paymentMethodId": str(method)}),
    ]
    for verb, values in steps:
        await stage.command(ADA, ORDERS, f"/scheduled {verb} {order_id}")
        await stage.submit(ADA, values)
        assert callback(stage) == "scheduled.confirm", said(stage)
        assert len(writes(stage)) == len(lines(stage))
        await confirm(stage)
    await stage.command(ADA, ORDERS, f"/scheduled cancel {order_id}")
    assert "can be restored" in said(stage)
    await confirm(stage)
    assert qpilot.orders[order_id]["status"] == "Deleted"
    await stage.click(ADA, ORDERS, bots(stage)[-1], "scheduled.restore_open")
    await confirm(stage)
    name = f"Scheduled order {order_id}"
    assert lines(stage) == [
        f"✅ {name} is paused.",
        f"✅ {name} is active again.",
        f"✅ {name} skips one occurrence.",
        f"✅ {name} is rescheduled.",
        f"✅ {name} recurs differently.",
        f"✅ {name} has other items.",
        f"✅ {name} has another payment method.",
        f"🚫 {name} is cancelled.",
        f"✅ {name} is restored.",
    ]
    after = qpilot.orders[order_id]
    assert (after["frequency"], after["frequencyType"], after["paymentMethodId"]) == (3, "Weeks", method)
    assert (after["status"], after["scheduledOrderItems"][0]["quantity"]) == ("Active", 5)
    assert (len(writes(stage)), one_login_each(stage)) == (9, True)


async def test_adding_and_removing_an_item(stage: Stage) -> None:
    """A product by live suggestion, then the old line away; the total as QPilot reckons it is told."""
    qpilot, order_id = stage.world.qpilot, number(stage)
    first = qpilot.orders[order_id]["scheduledOrderItems"][0]["id"]
    await stage.command(ADA, ORDERS, f"/scheduled items {order_id}")
    title = qpilot.products["100990"]["title"]
    await choose(stage, "productId", "product.suggest", title, "100990")
    await stage.submit(ADA, {"quantity": "3"})
    assert f"3 × {title}"[:20] in said(stage)
    await confirm(stage)
    await stage.command(ADA, ORDERS, f"/scheduled items {order_id}")
    await stage.submit(ADA, {"item": str(first), "quantity": "0"})
    await confirm(stage)
    items = qpilot.orders[order_id]["scheduledOrderItems"]
    assert [(one["productId"], one["quantity"]) for one in items] == [("100990", 3)]
    assert "The total is " in told(stage)


async def test_the_card_is_drawn_anew_by_its_own_button(stage: Stage) -> None:
    """A card's button opens the preview; afterwards that card shows the order as it is, and the channel reads why."""
    order_id = number(stage)
    await stage.command(ADA, ORDERS, f"/scheduled {order_id}")
    card = bots(stage)[0]
    await stage.click(ADA, ORDERS, card, "scheduled.pause_open")
    await confirm(stage)
    assert lines(stage) == [f"⏸️ Scheduled order {order_id} is paused.", f"✅ Scheduled order {order_id} is paused."]
    [menu] = [one for one in bots(stage)[0].blocks[-1]["elements"] if one["type"] == "overflow"]
    await stage.click(ADA, ORDERS, bots(stage)[0], "scheduled.more", value=menu["options"][1]["value"])
    assert callback(stage) == "scheduled.frequency"
    assert held(stage)["frequency"] == str(stage.world.qpilot.orders[order_id]["frequency"])


async def test_a_stale_preview_is_shown_again(stage: Stage) -> None:
    """E4: somebody changed it between: nothing is sent, what would happen now is shown."""
    qpilot, order_id = stage.world.qpilot, number(stage)
    await stage.command(ADA, ORDERS, f"/scheduled cancel {order_id}")
    qpilot.change(order_id, frequency=77)
    await confirm(stage)
    assert ("has changed since you saw it" in said(stage), writes(stage)) == (True, [])
    await confirm(stage)
    assert qpilot.orders[order_id]["status"] == "Deleted"


async def test_two_people_at_once(stage: Stage) -> None:
    """E1: both confirm the same pause at the same moment: one is sent, the other is told."""
    order_id = number(stage)
    await connect(stage, BEN)
    for user in (ADA, BEN):
        await stage.command(user, ORDERS, f"/scheduled pause {order_id}")
    await asyncio.gather(*(confirm(stage, user) for user in (ADA, BEN)))
    assert len(writes(stage)) == 1
    assert len(lines(stage)) == 1
    others = said(stage, ADA) + said(stage, BEN)
    assert any(word in others for word in ("already being changed", "paused already", "has changed since"))


async def test_a_retry_may_charge_and_a_declined_one_says_why(stage: Stage) -> None:
    """A red button after the warning; 2001 says that money may have moved; the new failure is told in plain words."""
    qpilot, order_id = stage.world.qpilot, number(stage)
    qpilot.fail(order_id, 2001)
    qpilot.gateway["107"] = 2000
    await stage.command(ADA, ORDERS, f"/scheduled {order_id}")
    assert ["did not answer" in told(stage), "code 2001" in told(stage), "already be charged" in told(stage)] == [
        True
    ] * 3
    await stage.click(ADA, ORDERS, bots(stage)[0], "scheduled.retry_open")
    assert ["may charge" in said(stage), "may already be charged" in said(stage)] == [True, True]
    assert writes(stage) == []
    await push(stage, "scheduled.retry")
    assert writes(stage) == [("POST", f"{SITE}/ScheduledOrders/{order_id}/Retry")]
    assert f"✅ Scheduled order {order_id} was tried again." in lines(stage)
    await stage.later(60)
    await stage.command(ADA, ORDERS, f"/scheduled {order_id}")
    assert ["declined" in told(stage), "code 2000" in told(stage)] == [True, True]


BEHAVIOURS: list[tuple[FaultKind, bool, str]] = [
    ("close", False, "❔"),
    ("500", False, "❔"),
    ("html", False, "❔"),
    ("accept_then_close", True, "✅"),
    ("accept_then_500", True, "✅"),
    ("accept_202", True, "✅"),
    ("400", False, ""),
    ("404", False, ""),
    ("429", False, ""),
]


@pytest.mark.parametrize(("kind", "done", "sign"), BEHAVIOURS)
async def test_a_retry_is_never_sent_twice(stage: Stage, kind: FaultKind, done: bool, sign: str) -> None:
    """E3: whatever QPilot does with the money's request, it leaves once, and only what was seen is called done."""
    qpilot, order_id = stage.world.qpilot, number(stage)
    qpilot.fail(order_id, 2000)
    qpilot.faults.append(Fault(f"POST {SITE}/ScheduledOrders/{order_id}/Retry", kind, times=5))
    await stage.command(ADA, ORDERS, f"/scheduled retry {order_id}")
    await push(stage, "scheduled.retry")
    assert writes(stage) == [("POST", f"{SITE}/ScheduledOrders/{order_id}/Retry")]
    assert [line[:1] for line in lines(stage)] == ([sign] if sign else [])
    assert (qpilot.orders[order_id]["status"] != "Failed") is done


async def test_a_locked_order_says_so_before_and_after(stage: Stage) -> None:
    """The lock is said in the preview; QPilot's refusal is said to the person, and nothing has changed."""
    qpilot = stage.world.qpilot
    qpilot.switches = qpilot.switches.changed({"lock_days": 14})
    order_id = number(stage)
    await stage.command(ADA, ORDERS, f"/scheduled pause {order_id}")
    assert "locked" in said(stage)
    await confirm(stage)
    assert (qpilot.orders[order_id]["status"], lines(stage)) == ("Active", [])


async def test_in_a_shared_channel_a_change_shows_no_values(stage: Stage) -> None:
    """D3: another company reads that the items changed, and neither which nor how many."""
    order_id = number(stage)
    item = stage.world.qpilot.orders[order_id]["scheduledOrderItems"][0]
    await stage.command(ADA, SHARED, f"/scheduled items {order_id}")
    await stage.submit(ADA, {"item": str(item["id"]), "quantity": "5"})
    await confirm(stage)
    [message] = [one for one in stage.slack.visible(ADA, SHARED) if one.by_bot and one.ephemeral_to is None]
    assert ("has other items" in message.text, "5 ×" in text_of(message), "total" in message.text) == (
        True,
        False,
        False,
    )


async def test_a_summary_with_its_chart(stage: Stage) -> None:
    """Tomorrow's orders by currency as the stand-in has them, with a chart, a table and the same in words (F6)."""
    await stage.command(ADA, ORDERS, "/scheduled summary tomorrow")
    [message] = bots(stage)
    kinds = [block["type"] for block in message.blocks]
    assert [kind for kind in kinds if kind.startswith("data")] == ["data_visualization", "data_table"]
    failed = sum(order["status"] == "Failed" for order in stage.world.qpilot.orders.values())
    assert f"Failed: {failed}" in told(stage)
    assert one_login_each(stage)


async def test_a_list_turns_and_shows(stage: Stage) -> None:
    """Ten a page; *Next* turns it in its place, *Show* posts the card."""
    await stage.command(ADA, ORDERS, "/scheduled list failed")
    assert "Scheduled orders that are failed (72), page 1 of 8" in whispered(stage)
    newest = [one for one in stage.slack.visible(ADA, ORDERS) if one.ephemeral_to == ADA][-1]
    await stage.click(ADA, ORDERS, newest, "scheduled.page_next")
    assert "page 2 of 8" in whispered(stage)
    newest = [one for one in stage.slack.visible(ADA, ORDERS) if one.ephemeral_to == ADA][-1]
    row = next(block for block in newest.blocks if block.get("accessory"))
    await stage.click(ADA, ORDERS, newest, "scheduled.show", block_id=row["block_id"])
    assert lines(stage)[-1].endswith("has failed.")
