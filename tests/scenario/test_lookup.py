"""*Look up orders in this message*, as members use it (issue: Look up in a message; CHECKS B7)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from stage import ADA, BEN, ORDERS, PRIVATE, SHARED, Message, Stage, staged, text_of

from sandbox.quivo import Fault


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with Ada connected."""
    async with staged(tmp_path) as one:
        await one.connect(ADA)
        yield one


def said(message: Message) -> str:
    """What it says, without the joiners that keep references from becoming links."""
    return message.text.replace("\u2060", "")


async def answers(stage: Stage, text: str, *, user: str = ADA, channel: str = ORDERS) -> list[Message]:
    """What a person is shown for the shortcut on Ben's message; nobody else may see any of it."""
    ts = await stage.slack.post(BEN, channel, text)
    before = {message.ts for message in stage.slack.visible(user, channel)}
    other = BEN if user == ADA else ADA
    others = len(stage.slack.visible(other, channel))
    await stage.slack.message_shortcut(user, channel, ts, "order.lookup")
    await stage.settle()
    assert len(stage.slack.visible(other, channel)) == others
    found = [message for message in stage.slack.visible(user, channel) if message.ts not in before]
    assert {message.ephemeral_to for message in found} == {user}
    return found


async def test_one_order_is_its_card(stage: Stage) -> None:
    """A message about one order is answered with its card, without a name or an address, to the clicker alone."""
    [card] = await answers(stage, "Where is #DE38678 please? The customer called twice.")
    shown = text_of(card)
    assert ("Order 1001 (#DE38678)" in said(card), "order.details" in shown) == (True, True)
    delivery = stage.quivo.orders[1001]["deliveryAddress"]
    personal = [delivery[name] for name in ("name1", "address1", "zip", "phone", "email")]
    assert [value for value in personal if value in shown] == []
    assert stage.audit(1)[0].action == "order.lookup"


async def test_several_orders_are_a_line_each_and_what_is_missing_is_said(stage: Stage) -> None:
    """Found by number and by reference, each once, with a *Show* that posts the card; what is not there is named."""
    [answer] = await answers(stage, "1001, #DE38678 and 1004 are late, and 99999 too")
    assert ("2 orders in this message" in said(answer), "Not found: 99999" in said(answer)) == (True, True)
    rows = [block for block in answer.blocks if "accessory" in block]
    assert len(rows) == 2
    await stage.click(ADA, ORDERS, answer, "order.show", block_id=rows[1]["block_id"])
    assert "Order 1004" in stage.slack.visible(BEN, ORDERS)[-1].text


async def test_five_at_most(stage: Stage) -> None:
    """Of seven numbers five are asked for, one read each."""
    asked = len(stage.quivo.requests)
    [answer] = await answers(stage, "1001 1002 1003 1004 1005 1006 1007")
    assert "5 orders in this message" in said(answer)
    assert [seen.path for seen in stage.quivo.requests[asked:]] == [f"/orders/{number}" for number in range(1001, 1006)]


@pytest.mark.parametrize("text", ["hello, how are you?", "call +49 170 1234567", "at 12:30, 5 of them"])
async def test_nothing_that_looks_like_an_order(stage: Stage, text: str) -> None:
    """A message without any such word says so, with an example, and Quivo is not asked."""
    asked = len(stage.quivo.requests)
    [answer] = await answers(stage, text)
    assert ("no order number or reference" in said(answer), len(stage.quivo.requests)) == (True, asked)


async def test_none_of_them_found(stage: Stage) -> None:
    """Words that are no order of this account are said to be not found."""
    [answer] = await answers(stage, "what about #NOPE123 and 99999?")
    assert "found none of the orders" in said(answer)
    assert ("#NOPE123" in said(answer), "99999" in said(answer)) == (True, True)


async def test_the_clickers_own_connection(stage: Stage) -> None:
    """B7: Ben has no connection: he is asked to connect, and Ada's is not used."""
    asked = len(stage.quivo.requests)
    [answer] = await answers(stage, "#DE38678", user=BEN)
    assert ("onnect" in said(answer), len(stage.quivo.requests)) == (True, asked)


async def test_another_sellers_orders_are_not_found(stage: Stage) -> None:
    """Ben's own account has another seller: Ada's order is not found for him."""
    await stage.connect(BEN)
    [answer] = await answers(stage, "#DE38678", user=BEN)
    assert "found none of the orders" in said(answer)


async def test_no_answer_is_not_taken_for_not_found(stage: Stage) -> None:
    """Quivo fails for one of two: the other is shown, and the failure is said as a failure, not as *not found*."""
    stage.quivo.faults.append(Fault("GET /orders/1004", "500", times=9))
    answer, failed = await answers(stage, "1001 and 1004")
    assert ("Order 1001" in said(answer), "Not found" in said(answer), "Reference" in said(failed)) == (
        True,
        False,
        True,
    )


async def test_when_all_fails_that_alone_is_said(stage: Stage) -> None:
    """Quivo answers nothing: one failure with a reference, and no list."""
    stage.quivo.faults.append(Fault("GET /orders/1001", "500", times=9))
    [answer] = await answers(stage, "1001")
    assert ("Reference" in said(answer), "orders" in said(answer).splitlines()[0]) == (True, False)


@pytest.mark.parametrize("channel", [PRIVATE, SHARED])
async def test_in_other_channels(stage: Stage, channel: str) -> None:
    """It works alike in a private channel and in one that is shared with another company."""
    [card] = await answers(stage, "#DE38678", channel=channel)
    assert "Order 1001 (#DE38678)" in said(card)
