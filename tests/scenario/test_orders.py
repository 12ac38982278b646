"""Looking up orders as members do it (issue: Orders, reading; CHECKS B7, D3, E5)."""

from __future__ import annotations

import asyncio
import re

import pytest
from stage import ADA, BEN, DM_ADA, ORDERS, PRIVATE, SHARED, Message, Stage, text_of

from sandbox.quivo import Fault

CANARY = {
    "name1": "Cordula Canary",
    "company": "Canary & Sons",
    "address1": "Kanarienweg 77",
    "zip": "77889",
    "city": "Kanariastadt",
    "country": "DE",
    "phone": "+49 30 0077889",
    "email": "cordula.canary@example.invalid",
}
PERSONAL = ("Cordula Canary", "Canary & Sons", "Kanarienweg 77", "77889", "+49 30 0077889", "cordula.canary@")


def plain(text: str) -> str:
    """A message's words without the invisible joiners that keep outside text dead."""
    return text.replace("\u2060", "").replace("&amp;", "&")


def personal(text: str) -> list[str]:
    """Which parts of the canary's address are in a text."""
    return [part for part in PERSONAL if part in plain(text)]


@pytest.fixture
def canary(stage: Stage) -> int:
    """An order whose every personal field is a canary."""
    order_id: int = stage.quivo.add_order(
        orderReference="#CANARY1", orderStatus="COMPLETED", deliveryAddress=CANARY, comment="Leave at Kanarienweg 77"
    )
    stage.quivo.complete(order_id, "00340434161094000077", "https://carrier.example/t/77")
    return order_id


@pytest.mark.both
@pytest.mark.parametrize("asked", ["1001", "#DE38678", "DE38678", "“#DE38678”".strip("“”")])
async def test_an_order_is_found_by_id_and_by_reference(stage: Stage, asked: str) -> None:
    """The same card answers the id, and the reference with and without its sign."""
    await stage.connect()
    [card] = await stage.command(ADA, ORDERS, f"/order {asked}")
    assert plain(card.text).splitlines()[0] == "📦 Order 1001 (#DE38678) is in the warehouse."
    assert (card.ephemeral_to, card.by_bot) == (None, True)


@pytest.mark.parametrize(
    ("status", "says", "can"),
    [
        ("PENDING", "is waiting", "Can be cancelled, not changed"),
        ("PROCESSING", "is in the warehouse", "Can be changed and cancelled"),
        ("COMPLETED", "is shipped", "Can no longer be changed or cancelled"),
        ("CANCELLED", "is cancelled", "Can no longer be changed or cancelled"),
        ("ON_HOLD", "ON_HOLD", "We do not know what “ON_HOLD” allows"),
    ],
)
async def test_a_card_says_the_status_and_what_can_still_be_done(
    stage: Stage, status: str, says: str, can: str
) -> None:
    """The status table of seed 002 in words; a status that we do not know is shown as it is and never guessed."""
    await stage.connect()
    stage.quivo.set_status(1001, status)
    [card] = await stage.command(ADA, ORDERS, "/order 1001")
    said = plain(card.text)
    assert (says in said, can in said) == (True, True), said


@pytest.mark.parametrize(("channel", "allowed"), [(ORDERS, []), (SHARED, []), (PRIVATE, []), (DM_ADA, PERSONAL[:4])])
async def test_the_channel_class_decides_what_a_card_shows(
    stage: Stage, canary: int, channel: str, allowed: list[str]
) -> None:
    """No personal data in a public, shared or private channel; the own direct message shows the address (D3)."""
    await stage.connect()
    [card] = await stage.command(ADA, channel, f"/order {canary}")
    assert personal(text_of(card)) == list(allowed)
    assert ("carrier.example" in text_of(card)) is (channel != SHARED)


async def test_a_channel_that_slack_does_not_explain_counts_as_external(stage: Stage, canary: int) -> None:
    """Where conversations.info fails, the card shows what a shared channel may show, and no more."""
    await stage.connect()
    stage.slack.limit("conversations.info", PRIVATE, times=10, retry_after=0)
    [card] = await stage.command(ADA, PRIVATE, f"/order {canary}")
    assert (personal(text_of(card)), "carrier.example" in text_of(card)) == ([], False)


async def test_details_show_the_rest_to_the_person_who_clicks(stage: Stage, canary: int) -> None:
    """*Details* opens a modal with the address, read with the clicker's own connection; the channel stays clean."""
    await stage.connect(ADA)
    [card] = await stage.command(ADA, ORDERS, f"/order {canary}")
    await stage.click(ADA, ORDERS, card, "order.details")
    assert personal(text_of(stage.slack.views(ADA)[-1])) == list(PERSONAL)
    assert stage.slack.views(BEN) == []
    assert [personal(text_of(message)) for message in stage.slack.visible(BEN, ORDERS)] == [[]]


async def test_another_clicker_sees_only_what_their_own_account_sees(stage: Stage) -> None:
    """Ben presses Ada's card: it is his key that asks, and Quivo tells him that there is no such order (B7)."""
    await stage.connect(ADA)
    await stage.connect(BEN)
    [card] = await stage.command(ADA, ORDERS, "/order 1001")
    before = len(stage.quivo.requests)
    await stage.click(BEN, ORDERS, card, "order.details")
    asked = stage.quivo.requests[before:]
    assert [(seen.headers["X-Api-Key"], seen.status) for seen in asked] == [("demo-key-2", 404)]
    assert "DE38678" not in plain(text_of(stage.slack.views(BEN)[-1]))


async def test_somebody_without_a_connection_is_asked_to_connect(stage: Stage) -> None:
    """Ben, not connected, presses Ada's card: Quivo is not asked, and he alone sees the connect button."""
    await stage.connect(ADA)
    [card] = await stage.command(ADA, ORDERS, "/order 1001")
    before = len(stage.quivo.requests)
    await stage.click(BEN, ORDERS, card, "order.details")
    prompt = stage.slack.visible(BEN, ORDERS)[-1]
    assert (prompt.ephemeral_to, "Connect Quivo" in prompt.text) == (BEN, True)
    assert len(stage.quivo.requests) == before


async def test_refresh_draws_the_card_anew_in_its_place(stage: Stage) -> None:
    """The same message shows the new status; no second message appears."""
    await stage.connect()
    [card] = await stage.command(ADA, ORDERS, "/order 1001")
    stage.quivo.complete(1001, "T-1", "https://carrier.example/T-1")
    await stage.click(ADA, ORDERS, card, "order.refresh")
    shown = [message for message in stage.slack.visible(BEN, ORDERS) if message.by_bot]
    assert [(message.ts, "is shipped" in message.text) for message in shown] == [(card.ts, True)]


async def test_a_list_pages_forth_and_back_in_its_place(stage: Stage) -> None:
    """Next and Back walk through all 60 orders without losing or repeating one; only the asker sees them."""
    await stage.connect()
    [shown] = await stage.command(ADA, ORDERS, "/order list")
    pages = [_ids(shown)]
    for _ in range(5):
        await stage.click(ADA, ORDERS, shown, "order.page_next")
        pages.append(_ids(shown))
    assert [len(page) for page in pages] == [10] * 6
    assert sorted(number for page in pages for number in page) == list(range(1001, 1061))
    await stage.click(ADA, ORDERS, shown, "order.page_back")
    assert _ids(shown) == pages[4]
    assert [m for m in stage.slack.visible(BEN, ORDERS) if m.by_bot] == []


def _ids(shown: Message) -> list[int]:
    """The orders of a list, as they stand in its rows."""
    return [int(found) for found in re.findall(r"^. (\d+) ·", shown.text.replace("\ufe0f", ""), re.MULTILINE)]


async def test_a_row_of_a_list_opens_its_card_in_the_channel(stage: Stage) -> None:
    """*Show* posts the card of that row, and no other."""
    await stage.connect()
    [shown] = await stage.command(ADA, ORDERS, "/order list pending")
    row = next(
        block for block in shown.blocks if block.get("accessory", {}).get("action_id", "").startswith("order.show")
    )
    order_id = row["text"]["text"].split()[1]
    await stage.click(ADA, ORDERS, shown, row["accessory"]["action_id"], block_id=row["block_id"])
    [card] = [m for m in stage.slack.visible(BEN, ORDERS) if m.by_bot]
    assert f"Order {order_id} " in card.text


async def test_find_finds_part_of_a_reference(stage: Stage) -> None:
    """``/order find DE386`` lists the orders whose reference has it in it; a hostile one finds nothing."""
    await stage.connect()
    [shown] = await stage.command(ADA, ORDERS, "/order find DE386")
    assert "#DE38678" in plain(shown.text)
    [nothing] = await stage.command(ADA, ORDERS, '/order find x" OR orderId:[1 TO 9999] OR "')
    assert "No orders found" in nothing.text


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/order", "Which order?"),
        ("/order find", "What shall I look for?"),
        ("/order list yesterdy", "Did you mean yesterday?"),
        ("/order fnd 1001", "Did you mean /order find?"),
        ("/order lst", "Did you mean /order list?"),
        ("/order 424242", "no such order"),
    ],
)
async def test_what_cannot_be_read_is_answered_with_what_to_type(stage: Stage, typed: str, answer: str) -> None:
    """A near miss, an empty or an unknown order gets one clear sentence, for the person alone."""
    await stage.connect()
    [said] = await stage.command(ADA, ORDERS, typed)
    assert (answer in plain(said.text), said.ephemeral_to) == (True, ADA), said.text


async def test_an_expired_token_costs_one_login_and_one_retry(stage: Stage) -> None:
    """After an hour: 401, one login, the same request once more, and the card (seed 000, E5)."""
    await stage.connect()
    before = len(stage.quivo.requests)
    stage.world.clock.advance(3601)
    [card] = await stage.command(ADA, ORDERS, "/order 1001")
    asked = [(seen.method, seen.path, seen.status) for seen in stage.quivo.requests[before:]]
    assert asked == [("GET", "/orders/1001", 401), ("POST", "/login", 200), ("GET", "/orders/1001", 200)]
    assert "in the warehouse" in card.text


async def test_a_token_that_never_works_is_not_tried_a_third_time(stage: Stage) -> None:
    """Where a fresh token is refused too, the person is told; one login, two reads, and no more."""
    await stage.connect()
    stage.world.clock.advance(3601)
    before = len(stage.quivo.requests)
    task = asyncio.create_task(stage.command(ADA, ORDERS, "/order 1001"))
    await stage.quivo.until(lambda: stage.quivo.count("POST", "/login") == 2)
    stage.quivo.expire_tokens()
    await task
    reads = [seen.status for seen in stage.quivo.requests[before:] if seen.method == "GET"]
    assert (len(reads) <= 2, stage.quivo.count("POST", "/login")) == (True, 2)


async def test_ten_commands_at_once_share_one_login(stage: Stage) -> None:
    """Ten commands that all meet an expired token log in once (C8)."""
    await stage.connect()
    stage.world.clock.advance(3601)
    await asyncio.gather(*(stage.slack.command(ADA, ORDERS, f"/order {1001 + n}") for n in range(10)))
    await stage.settle()
    cards = [m for m in stage.slack.visible(BEN, ORDERS) if m.by_bot]
    assert (len(cards), stage.quivo.count("POST", "/login")) == (10, 2)


async def test_a_sparse_order_still_has_a_card(stage: Stage) -> None:
    """An order with an id and a status alone is shown with just that."""
    await stage.connect()
    order_id = stage.quivo.add_order(sparse=True)
    [card] = await stage.command(ADA, ORDERS, f"/order {order_id}")
    assert f"Order {order_id} is in the warehouse." in plain(card.text)
    await stage.click(ADA, ORDERS, card, "order.details")
    assert f"Order {order_id}" in text_of(stage.slack.views(ADA)[-1])


async def test_a_tracking_link_that_is_not_https_is_no_link(stage: Stage) -> None:
    """The number is shown, the address is not."""
    await stage.connect()
    stage.quivo.complete(1001, "T-77", "http://carrier.example/T-77")
    [card] = await stage.command(ADA, ORDERS, "/order 1001")
    assert ("T-77" in plain(card.text), "http://carrier" in text_of(card)) == (True, False)


async def test_in_a_channel_without_the_bot_the_card_still_comes(stage: Stage) -> None:
    """Where the bot is no member, the command's own response_url carries the card into the channel."""
    await stage.connect()
    stage.slack.set_channel(ORDERS, bot=False)
    [card] = await stage.command(ADA, ORDERS, "/order 1001")
    assert ("in the warehouse" in card.text, card.ephemeral_to) == (True, None)


async def test_a_slow_back_end_is_said_to_be_slow(stage: Stage) -> None:
    """After a while without an answer the person alone reads that Quivo is still being asked; the card follows."""
    await stage.connect()
    stage.quivo.faults.append(Fault("GET /orders", "slow", times=1, seconds=2.8))
    said = await stage.command(ADA, ORDERS, "/order 1001")
    assert [("Still asking" in m.text, m.ephemeral_to) for m in said] == [(True, ADA), (False, None)]


async def test_two_with_one_reference_are_both_listed(stage: Stage) -> None:
    """A reference that two orders have is answered with both, to choose from."""
    await stage.connect()
    twins = [stage.quivo.add_order(orderReference="#TWIN") for _ in range(2)]
    [shown] = await stage.command(ADA, ORDERS, "/order #TWIN")
    assert all(str(twin) in shown.text for twin in twins)
    assert shown.ephemeral_to == ADA
