"""Four eyes: who may agree, until when, and what is checked again (B3, B4)."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ops_fakes import ADA, BEN, CLEO, NOON, ORDER, TEAM, World, world

from backends.errors import NotFound
from backends.quivo.order import COMPLETED, Position
from operations.accounts import NOT_CONNECTED
from operations.approval_rules import NOT_TOLD_APART, OWN, SAME_ACCOUNT, marks
from operations.approving import Approved, Declined, Expired, approve, decline, expire
from operations.cancel_rules import needs_approval, value
from operations.cancel_sending import NO_LONGER_AGREED
from operations.cancelling import Held, NeedsApproval, Sent, Stale, TooLate, Undone, ask, send, undo
from operations.changes import GONE
from operations.outcome import Reason, Refused
from store.audit import AuditLine
from store.preferences import Preferences

LINE = AuditLine(NOON, "REF", TEAM, ADA.user, "", "shipclerk.settings", "", "done")
VALUE = Preferences(approval_above_value=Decimal(20), approval_currency="EUR")
COUNT = Preferences(approval_above_count=2)


async def asked(it: World) -> NeedsApproval:
    """A cancellation that waits for a second person; Ben is one."""
    await it.connect(BEN, "ben", key="other")
    await it.preferences.set(TEAM, ADA.user, VALUE, LINE)
    made = await ask(it.ports, ADA, it.asking(), "REF")
    assert isinstance(made, NeedsApproval)
    return made


async def test_a_second_person_agrees_and_it_is_sent_with_the_requesters_connection(tmp_path: Path) -> None:
    """Waiting, agreed, held for the undo window, and sent once, as the requester (B4, B7)."""
    async with world(tmp_path) as it:
        action = (await asked(it)).action
        assert (action.state, "worth more than 20 EUR" in action.payload["why"]) == ("waiting_approval", True)
        it.clock.advance(60)
        assert [kind for kind, _ in await it.due()] == []
        approved = await approve(it.ports, BEN, action.id, "REF-2")
        assert isinstance(approved, Approved)
        assert (approved.action.state, approved.action.payload["approved_by"]) == ("held", BEN.user)
        it.clock.advance(10)
        assert await it.due() == [("cancel.send", {"action": action.id})]
        sent = await send(it.ports, TEAM, action.id, "REF-3")
        assert isinstance(sent, Sent)
        assert (sent.action.state, it.quivo.writes) == ("requested", [("cancel", 1001, "ada")])
        lines = [(line.user, line.outcome) for line in reversed(it.audit.lines(TEAM, 9))][1:]
        assert lines == [
            (ADA.user, "waiting_approval"),
            (BEN.user, "held"),
            (ADA.user, "sending"),
            (ADA.user, "requested"),
        ]


async def test_four_ways_to_be_refused(tmp_path: Path) -> None:
    """The requester, the same account under another name, too late, and decided already: 4 of 4 refused (B4)."""
    async with world(tmp_path) as it:
        action = (await asked(it)).action
        await it.connect(CLEO, "ADA ", key="third")
        assert await approve(it.ports, ADA, action.id, "REF") == OWN
        assert await approve(it.ports, CLEO, action.id, "REF") == SAME_ACCOUNT
        assert it.state(action.id) == "waiting_approval"
        it.clock.advance(30 * 60)
        late = await approve(it.ports, BEN, action.id, "REF")
        assert isinstance(late, Expired)
        assert late.action.state == "expired"
        second = await ask(it.ports, ADA, it.asking(), "REF")
        assert isinstance(second, NeedsApproval)
        assert isinstance(await approve(it.ports, BEN, second.action.id, "REF"), Approved)
        decided = await approve(it.ports, BEN, second.action.id, "REF")
        assert isinstance(decided, TooLate)
        assert it.quivo.writes == []


async def test_twenty_approvals_at_once_count_once(tmp_path: Path) -> None:
    """One of twenty presses decides, and one occurrence is scheduled (E1)."""
    async with world(tmp_path) as it:
        action = (await asked(it)).action
        answers = await asyncio.gather(*(approve(it.ports, BEN, action.id, f"R{i}") for i in range(20)))
        assert Counter(type(one) for one in answers) == {Approved: 1, TooLate: 19}
        it.clock.advance(10)
        assert len(await it.due()) == 1


async def test_the_thirtieth_minute_is_too_late_and_the_one_before_is_not(tmp_path: Path) -> None:
    """29:59.999 may be agreed to, 30:00 may not, by the clock (B4)."""
    async with world(tmp_path) as it:
        action = (await asked(it)).action
        it.clock.advance(30 * 60 - 0.001)
        assert isinstance(await expire(it.ports, TEAM, action.id, "REF"), TooLate)
        assert isinstance(await approve(it.ports, BEN, action.id, "REF"), Approved)


async def test_nobody_agreed_in_time(tmp_path: Path) -> None:
    """The occurrence closes what nobody agreed to, once, and the order may be asked for again."""
    async with world(tmp_path) as it:
        action = (await asked(it)).action
        it.clock.advance(30 * 60)
        assert await it.due() == [("cancel.expire", {"action": action.id})]
        assert isinstance(await expire(it.ports, TEAM, action.id, "REF"), Expired)
        assert isinstance(await expire(it.ports, TEAM, action.id, "REF"), TooLate)
        assert isinstance(await approve(it.ports, BEN, action.id, "REF"), Expired)
        assert it.outcomes()[1:] == ["waiting_approval", "expired"]


async def test_an_expired_request_does_not_stand_in_the_way(tmp_path: Path) -> None:
    """Asked again after half an hour, before the engine came by, the old one is closed and the new one waits."""
    async with world(tmp_path) as it:
        action = (await asked(it)).action
        it.clock.advance(30 * 60)
        assert isinstance(await ask(it.ports, ADA, it.asking(), "REF"), NeedsApproval)
        assert it.state(action.id) == "expired"


@pytest.mark.parametrize("keeps", [(True, False), (False, True), (False, False)])
async def test_accounts_that_cannot_be_told_apart_count_as_one(tmp_path: Path, keeps: tuple[bool, bool]) -> None:
    """Without both user names nobody can rule out that it is one account, so it is refused (B4, fail closed)."""
    async with world(tmp_path) as it:
        action = (await asked(it)).action
        await it.connect(ADA, "ada", keep=keeps[0])
        await it.connect(BEN, "ben", key="other", keep=keeps[1])
        assert await approve(it.ports, BEN, action.id, "REF") == NOT_TOLD_APART
        await it.connect(BEN, "ben", keep=keeps[1])
        assert await approve(it.ports, BEN, action.id, "REF") == SAME_ACCOUNT
        assert it.state(action.id) == "waiting_approval"


async def test_colleagues_with_one_api_key_are_two_accounts(tmp_path: Path) -> None:
    """The key is the company's; two user names under it are two people."""
    async with world(tmp_path) as it:
        action = (await asked(it)).action
        await it.connect(BEN, "ben", key="key")
        assert isinstance(await approve(it.ports, BEN, action.id, "REF"), Approved)


async def test_marks_hold_no_secret(tmp_path: Path) -> None:
    """What accounts are compared by shows neither key nor user name (C10)."""
    async with world(tmp_path) as it:
        await it.connect(ADA, "ada-canary", key="key-canary")
        shown = repr(marks(it.ports.accounts, ADA))
        assert "canary" not in shown
        assert marks(it.ports.accounts, CLEO) is None


async def test_an_approver_needs_a_connection_that_sees_the_order(tmp_path: Path) -> None:
    """No connection, or no such order in their account: not agreed, still waiting (B3)."""
    async with world(tmp_path) as it:
        action = (await asked(it)).action
        assert await approve(it.ports, CLEO, action.id, "REF") == NOT_CONNECTED
        it.quivo.read_fails = NotFound("quivo")
        refused = await approve(it.ports, BEN, action.id, "REF")
        assert isinstance(refused, Refused)
        assert (refused.reason, it.state(action.id)) == (Reason.NOT_FOUND, "waiting_approval")


@pytest.mark.parametrize("change", [{"status": COMPLETED}, {"delivery_address": None}, {"cancel_requested": NOON}])
async def test_an_order_that_moved_on_is_not_agreed_to(tmp_path: Path, change: dict[str, Any]) -> None:
    """The order is read again when somebody agrees; what changed closes the request (B3, E4)."""
    async with world(tmp_path) as it:
        action = (await asked(it)).action
        it.quivo.set(**change)
        assert await approve(it.ports, BEN, action.id, "REF") == Stale(it.quivo.orders_by_id[1001])
        assert (it.state(action.id), it.quivo.writes) == ("refused", [])


async def test_everything_is_checked_again_when_it_is_sent(tmp_path: Path) -> None:
    """An approver who is gone, or shares the account by now, no longer counts (B3)."""
    async with world(tmp_path) as it:
        for change in ("gone", "shared"):
            action = (await asked(it)).action
            assert isinstance(await approve(it.ports, BEN, action.id, "REF"), Approved)
            if change == "gone":
                await it.ports.accounts.disconnect(BEN)
            else:
                await it.connect(ADA, "ben")
            sent = await send(it.ports, TEAM, action.id, "REF")
            assert isinstance(sent, Sent)
            assert (sent.action.state, sent.action.payload["why"]) == ("refused", NO_LONGER_AGREED.text)
        assert it.quivo.writes == []


async def test_declining_ends_it(tmp_path: Path) -> None:
    """A second person's no closes it; the requester's own way out is undo."""
    async with world(tmp_path) as it:
        action = (await asked(it)).action
        assert await decline(it.ports, ADA, action.id, "REF") == OWN
        declined = await decline(it.ports, BEN, action.id, "REF")
        assert isinstance(declined, Declined)
        assert declined.action.payload["declined_by"] == BEN.user
        assert isinstance(await approve(it.ports, BEN, action.id, "REF"), TooLate)
        other = await ask(it.ports, ADA, it.asking(), "REF")
        assert isinstance(other, NeedsApproval)
        assert isinstance(await undo(it.ports, ADA, other.action.id, "REF"), Undone)


async def test_strange_ids_and_other_teams_are_unknown(tmp_path: Path) -> None:
    """Another team's member, or an id that is none, decides nothing (B6)."""
    async with world(tmp_path) as it:
        action = (await asked(it)).action
        stranger = replace(BEN, team="T0OTHER001")
        for answer in (
            await approve(it.ports, stranger, action.id, "REF"),
            await decline(it.ports, stranger, action.id, "REF"),
            await expire(it.ports, stranger.team, action.id, "REF"),
            await approve(it.ports, BEN, "x", "REF"),
        ):
            assert answer == GONE
        assert it.state(action.id) == "waiting_approval"


async def test_the_third_of_a_day_needs_a_second_person(tmp_path: Path) -> None:
    """Two in 24 hours are free, the third is not, and a day later they are free again."""
    async with world(tmp_path) as it:
        await it.preferences.set(TEAM, ADA.user, COUNT, LINE)
        for number in (1001, 1002, 1003):
            it.quivo.orders_by_id[number] = replace(ORDER, order_id=number)
        await it.held(order_id=1001)
        await it.held(order_id=1002)
        third = await ask(it.ports, ADA, it.asking(order_id=1003), "REF")
        assert isinstance(third, NeedsApproval)
        assert third.why.startswith("It is cancellation number 3 of the last 24 hours")
        it.clock.advance(86_401)
        assert isinstance(await ask(it.ports, ADA, it.asking(order_id=1003), "REF"), Held)


async def test_asking_many_at_once_does_not_slip_through(tmp_path: Path) -> None:
    """Ten orders in one instant: those above the number wait at the latest when they should be sent (fail closed)."""
    async with world(tmp_path) as it:
        await it.preferences.set(TEAM, ADA.user, COUNT, LINE)
        for number in range(10):
            it.quivo.orders_by_id[number + 1] = replace(ORDER, order_id=number + 1)
        waits = await asyncio.gather(
            *(ask(it.ports, ADA, it.asking(order_id=number + 1), f"R{number}") for number in range(10))
        )
        actions = [one.action for one in waits if isinstance(one, Held | NeedsApproval)]
        assert len(actions) == 10
        for action in actions:
            await send(it.ports, TEAM, action.id, "REF")
        assert len(it.quivo.writes) <= 2
        assert {it.state(one.id) for one in actions} <= {"waiting_approval", "requested"}


async def test_a_limit_set_meanwhile_holds_it_back(tmp_path: Path) -> None:
    """A limit that came while it was held asks for a second person before sending, and then it can be agreed to."""
    async with world(tmp_path) as it:
        held = await it.held()
        await it.connect(BEN, "ben", key="other")
        await it.preferences.set(TEAM, ADA.user, VALUE, LINE)
        sent = await send(it.ports, TEAM, held.action.id, "REF")
        assert isinstance(sent, Sent)
        assert (sent.action.state, it.quivo.writes) == ("waiting_approval", [])
        assert isinstance(await approve(it.ports, BEN, held.action.id, "REF"), Approved)
        assert isinstance(await send(it.ports, TEAM, held.action.id, "REF"), Sent)
        assert it.quivo.writes == [("cancel", 1001, "ada")]


def test_the_value_of_an_order() -> None:
    """Price times quantity over all positions; anything missing, below zero or empty makes it unknown."""
    assert value(ORDER) == Decimal("21.00")
    for line in (
        Position("A", price=Decimal(1)),
        Position("A", quantity=1),
        Position("A", quantity=-1, price=Decimal(1)),
    ):
        assert value(replace(ORDER, positions=(*ORDER.positions, line))) is None
    assert value(replace(ORDER, positions=())) is None


@pytest.mark.parametrize(
    ("preferences", "changes", "rank", "needed"),
    [
        (Preferences(), {}, 1000, False),
        (Preferences(approval_above_value=Decimal(21)), {}, 1, False),
        (Preferences(approval_above_value=Decimal("20.99")), {}, 1, True),
        (Preferences(approval_above_value=Decimal(99), approval_currency="USD"), {}, 1, True),
        (Preferences(approval_above_value=Decimal(99), approval_currency="EUR"), {"currency": None}, 1, True),
        (Preferences(approval_above_value=Decimal(99)), {"positions": ()}, 1, True),
        (Preferences(approval_above_count=0), {}, 1, True),
        (Preferences(approval_above_count=5), {}, 5, False),
        (Preferences(approval_above_count=5), {}, 6, True),
    ],
)
def test_when_a_second_person_is_needed(
    preferences: Preferences, changes: dict[str, object], rank: int, needed: bool
) -> None:
    """At the limit not, above it yes, and whatever is not known counts as above."""
    order = replace(ORDER, **changes)  # type: ignore[arg-type]
    assert (needs_approval(preferences, order, rank) is not None) == needed


def test_thirty_minutes() -> None:
    """The figure of B4."""
    from operations.approval_rules import APPROVE_WITHIN

    assert timedelta(minutes=30) == APPROVE_WITHIN
