"""Steering a scheduled order: every change once, never on what was not seen, and read back (E1 to E5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ops_fakes import ADA, BEN, NOON, TEAM, Behaviour, Killed
from qpilot_fakes import NEW_YORK, ORDER, SITE_ID, FakeQpilot, Shop, shop

from backends.errors import (
    BackendError,
    Busy,
    Fault,
    FieldError,
    Forbidden,
    Garbled,
    Invalid,
    LoginRefused,
    NoAnswer,
    NotFound,
    Unreachable,
)
from backends.qpilot.auth import Credentials
from backends.qpilot.new import NewItem
from backends.qpilot.order import ScheduledOrder
from operations.changes import AlreadyBeing
from operations.correction import Verdict
from operations.creating import InvalidInput
from operations.linking import QPILOT, Actor, not_connected
from operations.once import settle
from operations.outcome import Done, Reason, Refused, Unknown
from operations.qpilot_looks import LANDS_WITHIN, LOOKS
from operations.steer_changes import CHANGES, AnyChange, mark
from operations.steering import (
    AddItems,
    Cancel,
    Frequency,
    NotAllowed,
    Pause,
    Payment,
    Quantity,
    RemoveItem,
    Reschedule,
    Restore,
    Resume,
    Retry,
    Skip,
    Stale,
    Steered,
    Steering,
    apply,
    previewed,
    skipped,
)

LATER = datetime(2026, 12, 20, 8, 0, tzinfo=UTC)
FAILED = {"status": "Failed", "error_code": 2000, "failure_reason": "declined"}


@dataclass(frozen=True)
class Case:
    """One kind of change: from which state, what is sent, and what the order shows afterwards."""

    change: AnyChange
    write: tuple[Any, ...]
    shows: Callable[[ScheduledOrder], bool]
    given: dict[str, Any] | None = None


CASES = {
    "pause": Case(Pause(), ("set_status", ORDER.id, "Paused"), lambda it: it.status == "Paused"),
    "resume": Case(
        Resume(), ("safe_activate", ORDER.id, False), lambda it: it.status == "Active", {"status": "Paused"}
    ),
    "resume a failed one": Case(Resume(), ("safe_activate", ORDER.id, False), lambda it: it.status == "Active", FAILED),
    "cancel": Case(Cancel(), ("delete", ORDER.id), lambda it: it.status == "Deleted"),
    "restore": Case(
        Restore(), ("safe_activate", ORDER.id, True), lambda it: it.status == "Active", {"status": "Deleted"}
    ),
    "retry": Case(Retry(), ("retry", ORDER.id), lambda it: it.status == "Queued", FAILED),
    "reschedule": Case(
        Reschedule(LATER), ("set_next_occurrence", ORDER.id, LATER), lambda it: it.next_occurrence == LATER
    ),
    "skip": Case(Skip(LATER), ("set_next_occurrence", ORDER.id, LATER), lambda it: it.next_occurrence == LATER),
    "frequency": Case(
        Frequency("Weeks", 2), ("set_frequency", ORDER.id, "Weeks", 2), lambda it: it.frequency_type == "Weeks"
    ),
    "add items": Case(
        AddItems((NewItem("200", 2),)),
        ("add_items", ORDER.id, (NewItem("200", 2),)),
        lambda it: [one.product_id for one in it.items] == ["100982", "200"],
    ),
    "quantity": Case(Quantity(551, 7), ("change_item", ORDER.id, 551, 7), lambda it: it.items[0].quantity == 7),
    "remove item": Case(RemoveItem(551), ("remove_item", ORDER.id, 551), lambda it: it.items == ()),
    "payment": Case(Payment(10999), ("set_payment_method", ORDER.id, 10999), lambda it: it.payment_method_id == 10999),
}
ONCE_ONLY = {"retry", "add items"}
every = pytest.mark.parametrize("name", CASES)


def fake(case: Case) -> FakeQpilot:
    return FakeQpilot({ORDER.id: replace(ORDER, **(case.given or {}))})


async def steer(it: Shop, change: AnyChange, actor: Actor = ADA, seen: str | None = None) -> Steering:
    return await apply(it.ports, actor, ORDER.id, change, seen or mark(it.qpilot.orders[ORDER.id]), "REF", channel="C1")


def test_every_kind_is_tried() -> None:
    """The table has every kind of change that the ledger knows, and each of them has its look."""
    assert {type(case.change) for case in CASES.values()} == set(CHANGES.values())
    assert set(CHANGES) <= set(LOOKS)


@every
async def test_a_change_is_sent_once_and_read_back(tmp_path: Path, name: str) -> None:
    """One write leaves, with a login for each request; before and after are what was read (E3)."""
    case = CASES[name]
    async with shop(tmp_path, fake(case)) as it:
        before = it.qpilot.orders[ORDER.id]
        done = await steer(it, case.change)
        assert isinstance(done, Steered)
        assert (done.before, done.after, done.visible) == (before, it.qpilot.orders[ORDER.id], True)
        assert case.shows(it.qpilot.orders[ORDER.id])
        assert it.qpilot.writes == [case.write]
        assert (done.action.kind, done.action.target, done.action.state) == (case.change.kind, "208022", "done")
        assert it.outcomes() == ["sending", "done"]
        looks = 1 if case.change.repeatable else 2  # what may not be sent twice is looked at under its claim once more
        assert len(it.qpilot.logins) == len(it.qpilot.requests) == looks + 2


LOST = {
    "silence after accepting": (NoAnswer, True),
    "silence before accepting": (NoAnswer, False),
    "fault after accepting": (Fault, True),
    "fault before accepting": (Fault, False),
    "garbled after accepting": (Garbled, True),
}


@every
@pytest.mark.parametrize("how", LOST)
async def test_a_lost_answer_is_looked_after(tmp_path: Path, name: str, how: str) -> None:
    """After a silence the order itself says whether it was done; what may charge is then unknown, not repeated (E3)."""
    case, (error, accepts) = CASES[name], LOST[how]
    async with shop(tmp_path, fake(case)) as it:
        it.qpilot.fails(error("qpilot", outcome_known=False), accepts=accepts)
        told = await steer(it, case.change)
        expected = Steered if accepts else Unknown if name in ONCE_ONLY else Refused
        assert isinstance(told, expected)
        assert it.outcomes() == ["sending", {Steered: "done", Unknown: "unknown", Refused: "not_done"}[expected]]
        assert it.qpilot.writes == [case.write]
        assert len(it.qpilot.logins) == len(it.qpilot.requests)


@every
@pytest.mark.parametrize("error", [Forbidden, NotFound, Busy, Unreachable, LoginRefused])
async def test_a_refusal_changes_nothing(tmp_path: Path, name: str, error: type[BackendError]) -> None:
    """What QPilot refused is refused, in the ledger too, and may be asked for again (E3)."""
    case = CASES[name]
    async with shop(tmp_path, fake(case)) as it:
        it.qpilot.fails(error("qpilot"))
        told = await steer(it, case.change)
        assert isinstance(told, Refused)
        assert (told.text, told.back_end) == (error("qpilot").safe_text, QPILOT)
        assert it.outcomes() == ["sending", "refused"]
        assert isinstance(await steer(it, case.change), Steered)


async def test_field_errors_go_under_their_inputs(tmp_path: Path) -> None:
    """What QPilot says about a field is kept with its name."""
    async with shop(tmp_path) as it:
        wrong = (FieldError("frequency", "must be between 1 and 365"),)
        it.qpilot.fails(Invalid("qpilot", fields=wrong))
        assert await steer(it, Frequency("Days", 300)) == InvalidInput(wrong)


@every
async def test_a_stale_preview_sends_nothing(tmp_path: Path, name: str) -> None:
    """An order that is another than the one seen is shown anew, and nothing is sent (E4)."""
    case = CASES[name]
    async with shop(tmp_path, fake(case)) as it:
        seen = mark(it.qpilot.orders[ORDER.id])
        now = it.qpilot.set(next_occurrence=datetime(2026, 12, 7, 8, 0, tzinfo=UTC))
        assert await steer(it, case.change, seen=seen) == Stale(now)
        assert (it.qpilot.writes, it.outcomes()) == ([], [])


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "Paused"},
        {"next_occurrence": LATER},
        {"frequency": 31},
        {"payment_method_id": 1},
        {"items": ()},
        {"items": (replace(ORDER.items[0], quantity=5),)},
        {"items": (replace(ORDER.items[0], sale_price=Decimal(7)),)},
        {"total": Decimal("24.01")},
        {"currency": "EUR"},
        {"locked": True},
        {"in_dunning": True},
        {"error_code": 2001},
        {"updated": LATER},
    ],
    ids=lambda one: next(iter(one)),
)
def test_the_mark_has_all_that_a_preview_shows(changed: dict[str, Any]) -> None:
    """Each thing that a person decides by makes a preview stale, also where updatedUtc has not moved (E4)."""
    assert mark(replace(ORDER, **changed)) != mark(ORDER)


def test_the_mark_ignores_what_nobody_decides_by() -> None:
    """A note or a longer life does not take the card away from anybody."""
    assert mark(replace(ORDER, note="new", lifetime_value=Decimal(1), document='{"a": 1}')) == mark(ORDER)


async def test_fifty_at_once_are_one_write(tmp_path: Path) -> None:
    """Fifty clicks on one button are one retry; the others are told who was first (E1)."""
    case = CASES["retry"]
    async with shop(tmp_path, fake(case)) as it:
        seen = mark(it.qpilot.orders[ORDER.id])
        told = await asyncio.gather(*(steer(it, Retry(), seen=seen) for _ in range(50)))
        assert it.qpilot.writes == [("retry", ORDER.id)]
        assert sum(isinstance(one, Steered) for one in told) == 1
        assert all(isinstance(one, Steered | AlreadyBeing | Stale) for one in told)


async def test_the_clicker_needs_a_connection(tmp_path: Path) -> None:
    """Ben cannot act with Ada's connection, and his own is used where he has one (B7)."""
    async with shop(tmp_path) as it:
        assert await steer(it, Pause(), BEN) == not_connected(QPILOT)
        assert it.qpilot.requests == []
        await it.connect(BEN, Credentials("ben@shop.example", "right", SITE_ID))
        it.qpilot.who.clear()
        assert isinstance(await steer(it, Pause(), BEN), Steered)
        assert {token.split("@")[0] for token in it.qpilot.who} == {"ben"}


@every
@pytest.mark.parametrize("when", [("before", "done"), ("after", "done")])
async def test_killed_after_sending(tmp_path: Path, name: str, when: tuple[str, str]) -> None:
    """A process that died after the write says *done* once it is back, and sends nothing again (E2)."""
    case = CASES[name]
    async with shop(tmp_path, fake(case)) as it:
        it.ledger.dies = when
        with pytest.raises(Killed):
            await steer(it, case.change)
    async with shop(tmp_path, it.qpilot) as again:
        again.clock.advance(241)
        ((kind, payload),) = await again.due()
        action = again.ledger.get(payload["action"], TEAM)
        assert action is not None
        assert kind == "order.check"
        settled = await settle(again.ports, action, LOOKS[action.kind], "REF2")
        assert settled.state == "done"
        assert again.qpilot.writes == [case.write]


@every
async def test_killed_before_sending(tmp_path: Path, name: str) -> None:
    """A process that died with the write unsent: *not done* is said, or unknown where it may charge (E2)."""
    case = CASES[name]
    async with shop(tmp_path, fake(case)) as it:

        def die() -> None:
            raise Killed

        it.qpilot.while_writing = die
        with pytest.raises(Killed):
            await steer(it, case.change)
        it.qpilot.while_writing = lambda: None
        (line,) = it.audit.lines(TEAM, 10)
        action = it.ledger.open_for(case.change.kind, TEAM, QPILOT, "208022")
        assert action is not None
        assert line.outcome == "sending"
        settled = await settle(it.ports, action, LOOKS[action.kind], "REF2")
        assert settled.state == ("unknown" if name in ONCE_ONLY else "not_done")
        it.clock.advance(LANDS_WITHIN.total_seconds())
        settled = await settle(it.ports, settled, LOOKS[action.kind], "REF3")
        assert settled.state == "not_done"


async def test_a_retry_that_stayed_unknown_is_in_the_way(tmp_path: Path) -> None:
    """While nobody knows about a retry, a second is not sent; a quarter of an hour without a trace ends that."""
    async with shop(tmp_path, fake(CASES["retry"])) as it:
        it.qpilot.fails(NoAnswer("qpilot", outcome_known=False))
        unknown = await steer(it, Retry())
        assert isinstance(unknown, Unknown)
        assert unknown.action is not None
        blocked = await steer(it, Retry())
        assert isinstance(blocked, AlreadyBeing)
        assert blocked.action.state == "unknown"
        assert len(it.qpilot.writes) == 1
        it.clock.advance(LANDS_WITHIN.total_seconds())
        assert isinstance(await steer(it, Retry()), Steered)
        assert len(it.qpilot.writes) == 2


async def test_a_retry_that_failed_again_was_done(tmp_path: Path) -> None:
    """An order that is failed as before, but later, was tried: it is not called *not done* (E3)."""
    async with shop(tmp_path, fake(CASES["retry"])) as it:
        it.qpilot.fails(NoAnswer("qpilot", outcome_known=False))
        it.qpilot.while_writing = lambda: it.qpilot.set(updated=LATER)
        assert isinstance(await steer(it, Retry()), Steered)


async def test_a_failed_one_that_changed_meanwhile_is_not_called_not_done(tmp_path: Path) -> None:
    """A resume that was charged and failed at once is unknown, for it was not as it had been (E3)."""
    async with shop(tmp_path, fake(CASES["resume a failed one"])) as it:
        it.qpilot.fails(NoAnswer("qpilot", outcome_known=False))
        it.qpilot.while_writing = lambda: it.qpilot.set(failure_reason="again")
        assert isinstance(await steer(it, Resume()), Unknown)


async def test_a_repeatable_change_that_stayed_unknown_is_given_up(tmp_path: Path) -> None:
    """A pause of which nobody knows gives way to the next one that somebody asks for."""
    async with shop(tmp_path) as it:
        it.qpilot.fails(NoAnswer("qpilot", outcome_known=False))
        it.qpilot.while_writing = lambda: it.qpilot.failing.update(order=NoAnswer("qpilot"))
        assert isinstance(await steer(it, Pause()), Unknown)
        it.qpilot.failing.clear()
        it.qpilot.while_writing = lambda: None
        assert isinstance(await steer(it, Pause()), Steered)
        assert it.outcomes() == ["sending", "unknown", "not_done", "sending", "done"]


async def test_cancelled_means_that_we_looked_again(tmp_path: Path) -> None:
    """A 200 to a delete that shows nothing is done but not *visible*: nobody may call it cancelled (E3)."""
    async with shop(tmp_path) as it:
        it.qpilot.coming.append(Behaviour(accepts=False))
        told = await steer(it, Cancel())
        assert isinstance(told, Steered)
        assert (told.visible, told.after) == (False, ORDER)


async def test_an_order_that_is_gone_after_a_cancel_is_cancelled(tmp_path: Path) -> None:
    """A QPilot that no longer shows what was deleted has deleted it; for a pause it says nothing."""
    async with shop(tmp_path) as it:
        it.qpilot.while_writing = lambda: it.qpilot.failing.update(order=NotFound("qpilot"))
        told = await steer(it, Cancel())
        assert isinstance(told, Steered)
        assert (told.visible, told.after) == (True, None)
        assert await LOOKS["scheduled.cancel"](it.ports, told.action) is Verdict.DONE
        it.qpilot.failing.clear()
        it.qpilot.set(status="Active")
        it.qpilot.while_writing = lambda: it.qpilot.failing.update(order=NotFound("qpilot"))
        told = await steer(it, Pause())
        assert isinstance(told, Steered)
        assert (told.visible, told.after) == (False, None)


@pytest.mark.parametrize(
    ("change", "given"),
    [
        (Pause(), {"status": "Paused"}),
        (Pause(), FAILED),
        (Pause(), {"status": "Deleted"}),
        (Resume(), {"status": "Active"}),
        (Resume(), {"status": "Queued"}),
        (Resume(), {"status": "Deleted"}),
        (Retry(), {"status": "Active"}),
        (Retry(), {"status": "Paused"}),
        (Restore(), {"status": "Paused"}),
        (Cancel(), {"status": "Deleted"}),
        (Quantity(999, 2), {}),
        (RemoveItem(999), {}),
        *((case.change, {"status": "Processing"}) for case in CASES.values()),
        *((case.change, {"status": "Deleted"}) for name, case in CASES.items() if name != "restore"),
    ],
)
async def test_what_the_status_forbids_is_not_sent(tmp_path: Path, change: AnyChange, given: dict[str, Any]) -> None:
    """The table of apis/qpilot.md §7: what it forbids is said in words, and nothing is sent or claimed."""
    async with shop(tmp_path, FakeQpilot({ORDER.id: replace(ORDER, **given)})) as it:
        told = await steer(it, change)
        assert isinstance(told, NotAllowed)
        assert told.text.endswith(".")
        assert (it.qpilot.writes, it.outcomes()) == ([], [])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (Reschedule(NOON), "nextOccurrenceUtc"),
        (Skip(NOON - timedelta(days=1)), "nextOccurrenceUtc"),
        (Frequency("Days", 0), "frequency"),
        (Frequency("Days", 366), "frequency"),
        (Frequency("DayOfTheWeek", 8), "frequency"),
        (Frequency("Hours", 1), "frequencyType"),
        (AddItems(()), "scheduledOrderItems"),
        (AddItems((NewItem("1", 1), NewItem("2", 0))), "scheduledOrderItems[1].quantity"),
        (Quantity(551, 0), "quantity"),
    ],
)
async def test_wrong_inputs_are_not_sent(tmp_path: Path, change: AnyChange, field: str) -> None:
    """What is wrong is said under its input, and nothing is sent or claimed."""
    async with shop(tmp_path) as it:
        told = await steer(it, change)
        assert isinstance(told, InvalidInput)
        assert [one.field for one in told.fields] == [field]
        assert (it.qpilot.writes, it.outcomes()) == ([], [])


async def test_an_order_that_cannot_be_read_is_not_changed(tmp_path: Path) -> None:
    """Without a look before, nothing is sent."""
    async with shop(tmp_path) as it:
        it.qpilot.failing["order"] = NotFound("qpilot")
        told = await steer(it, Pause(), seen="x")
        assert isinstance(told, Refused)
        assert (told.reason, it.qpilot.writes) == (Reason.NOT_FOUND, [])


async def test_skipping_asks_the_calculator(tmp_path: Path) -> None:
    """A skip shows the date that QPilot reckons from the present one, and sends exactly that (§6.1)."""
    async with shop(tmp_path) as it:
        found = await skipped(it.ports, ADA, ORDER.id)
        assert isinstance(found, Done)
        to = datetime(2027, 1, 5, 8, 0, tzinfo=UTC)
        assert found.value.change == Skip(to)
        assert ("next_occurrence", ORDER.next_occurrence) in it.qpilot.requests
        assert isinstance(await steer(it, found.value.change, seen=found.value.seen), Steered)
        assert it.qpilot.writes == [("set_next_occurrence", ORDER.id, to)]
        assert len(it.qpilot.logins) == len(it.qpilot.requests)


async def test_skipping_from_the_past_lands_in_the_future(tmp_path: Path) -> None:
    """A past-due order is skipped to the first occurrence after now, for QPilot takes no other."""
    async with shop(tmp_path) as it:
        it.qpilot.set(next_occurrence=NOON - timedelta(days=40))
        found = await skipped(it.ports, ADA, ORDER.id)
        assert isinstance(found, Done)
        assert found.value.change == Skip(NOON + timedelta(days=20))


@pytest.mark.parametrize(
    "given", [{"next_occurrence": None}, {"frequency": None}, {"next_occurrence": NOON - timedelta(days=3650)}]
)
async def test_what_cannot_be_skipped(tmp_path: Path, given: dict[str, Any]) -> None:
    """Without a date, without a frequency or from years ago there is nothing to skip to, and that is said."""
    async with shop(tmp_path) as it:
        it.qpilot.set(**given)
        told = await skipped(it.ports, ADA, ORDER.id)
        assert isinstance(told, Refused)
        assert (told.reason, told.back_end) == (Reason.NO, QPILOT)


async def test_a_preview_sends_nothing(tmp_path: Path) -> None:
    """A preview reads the order and its site, and no more."""
    async with shop(tmp_path) as it:
        found = await previewed(it.ports, ADA, ORDER.id, Pause())
        assert isinstance(found, Done)
        assert (found.value.order, found.value.site, found.value.seen) == (ORDER, NEW_YORK, mark(ORDER))
        assert [one[0] for one in it.qpilot.requests] == ["order", "site"]
        assert (it.qpilot.writes, it.outcomes()) == ([], [])
        it.qpilot.failing["site"] = Unreachable("qpilot")
        assert isinstance(await previewed(it.ports, ADA, ORDER.id, Pause()), Refused)
        assert isinstance(await skipped(it.ports, ADA, ORDER.id), Refused)


class Slow(FakeQpilot):
    """Answers the first read of an order only when the gate is open."""

    gate: asyncio.Event
    asked: asyncio.Event

    async def order(self, *asked: Any, **more: Any) -> ScheduledOrder:
        first = not self.asked.is_set()
        self.asked.set()
        found = await super().order(*asked, **more)
        if first:
            await self.gate.wait()
        return found


@pytest.mark.parametrize("name", ["retry", "add items"])
async def test_a_second_click_that_looked_before_the_first_was_done(tmp_path: Path, name: str) -> None:
    """E1, E4: what may move money is looked at under its claim, so a late click with an old look sends nothing."""
    case = CASES[name]
    slow = Slow(fake(case).orders)
    slow.gate, slow.asked = asyncio.Event(), asyncio.Event()
    async with shop(tmp_path, slow) as it:
        seen = mark(it.qpilot.orders[ORDER.id])
        late = asyncio.create_task(steer(it, case.change, seen=seen))
        await slow.asked.wait()
        first = await steer(it, case.change, seen=seen)
        slow.gate.set()
        assert (type(first).__name__, type(await late).__name__) == ("Steered", "Refused")
        assert it.qpilot.writes == [case.write]
