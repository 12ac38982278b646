"""Correcting an order: the status table, before and after, and what became of a change that nobody answered (E2–E4)."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from ops_fakes import ADA, BEN, HOME, NOON, ORDER, TEAM, Clock, FakeQuivo, Killed, world

from backends.errors import Fault, FieldError, Forbidden, Invalid, NoAnswer, NotFound, Unreachable
from backends.quivo.address import AddressType
from backends.quivo.edit import Edit
from backends.quivo.order import CANCELLED, COMPLETED, PENDING, Address, Order
from operations.accounts import NOT_CONNECTED
from operations.changes import CHECK_AFTER, GONE, AlreadyBeing, Stale
from operations.checking import check
from operations.correcting import NOT_CHANGED, Changed, NotAllowed, advice, change_address, edit, look_again
from operations.correction import AddressChange, Addresses, Edition, Verdict, correction_of, mark
from operations.creating import InvalidInput
from operations.outcome import Refused, Unknown
from operations.packing import pack
from store.ledger import Action

NEW_COMMENT = Edit(comment="ring twice")
GRAZ = replace(HOME, city="Graz", zip="8010")
SILENCE = NoAnswer("quivo", outcome_known=False)


async def test_an_edit_shows_before_and_after(tmp_path: Path) -> None:
    """One write, and the order as it was and as it is."""
    async with world(tmp_path) as it:
        changed = await edit(it.ports, ADA, 1001, NEW_COMMENT, "REF", channel="C1")
        assert isinstance(changed, Changed)
        assert (changed.before, changed.after) == (ORDER, replace(ORDER, comment="ring twice"))
        assert (changed.visible, changed.action.state) == (True, "done")
        assert (it.quivo.writes, it.outcomes()) == ([("edit", 1001, "ada")], ["sending", "done"])
        assert it.audit.lines(TEAM, 1)[0].channel == "C1"


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (AddressType.DELIVERY, {"delivery_address": GRAZ}),
        (AddressType.INVOICE, {"invoice_address": GRAZ}),
        (AddressType.DELIVERY_AND_INVOICE, {"delivery_address": GRAZ, "invoice_address": GRAZ}),
    ],
)
async def test_an_address_is_replaced(tmp_path: Path, kind: AddressType, changes: dict[str, Address]) -> None:
    """Each of the three types changes what it names and nothing else (seed 002)."""
    async with world(tmp_path) as it:
        changed = await change_address(it.ports, ADA, 1001, kind, GRAZ, "REF")
        assert isinstance(changed, Changed)
        assert (changed.after, changed.visible) == (replace(ORDER, **changes), True)  # type: ignore[arg-type]


@pytest.mark.parametrize(("status", "word"), [(PENDING, "web app"), (COMPLETED, "copy"), (CANCELLED, "copy")])
async def test_the_status_table_decides_and_says_what_to_do(tmp_path: Path, status: str, word: str) -> None:
    """PENDING, COMPLETED and CANCELLED can't be changed: nothing is sent, and the sentence says what to do instead."""
    async with world(tmp_path) as it:
        it.quivo.set(status=status)
        for answer in (
            await edit(it.ports, ADA, 1001, NEW_COMMENT, "REF"),
            await change_address(it.ports, ADA, 1001, AddressType.DELIVERY, GRAZ, "REF"),
        ):
            assert isinstance(answer, NotAllowed)
            assert word in answer.text
        assert (it.quivo.writes, it.outcomes()) == ([], [])


def test_an_unknown_status_is_quivos_decision() -> None:
    """A status that is not in the table is asked about, not guessed."""
    assert advice(replace(ORDER, status="ON_HOLD")) is None
    assert advice(ORDER) is None


async def test_limits_and_rules_are_checked_first(tmp_path: Path) -> None:
    """A comment of 251 characters and an address without a street never leave (seed 002)."""
    async with world(tmp_path) as it:
        long = await edit(it.ports, ADA, 1001, Edit(comment="x" * 251), "REF")
        bare = await change_address(it.ports, ADA, 1001, AddressType.DELIVERY, replace(HOME, street=None), "REF")
        assert isinstance(long, InvalidInput)
        assert isinstance(bare, InvalidInput)
        assert ([one.field for one in long.fields], [one.field for one in bare.fields]) == (["comment"], ["street"])
        assert (it.quivo.reads, it.outcomes()) == ([], [])


async def test_a_stale_form_changes_nothing(tmp_path: Path) -> None:
    """An order that somebody else has changed since the form was filled is shown anew (E4)."""
    async with world(tmp_path) as it:
        seen = mark(ORDER)
        it.quivo.set(comment="of somebody else")
        assert await edit(it.ports, ADA, 1001, NEW_COMMENT, "REF", seen=seen) == Stale(it.quivo.orders_by_id[1001])
        again = await change_address(it.ports, ADA, 1001, AddressType.DELIVERY, GRAZ, "REF", seen=seen)
        assert isinstance(again, Stale)
        assert it.quivo.writes == []
        fresh = mark(it.quivo.orders_by_id[1001])
        assert isinstance(await edit(it.ports, ADA, 1001, NEW_COMMENT, "REF", seen=fresh), Changed)


def test_a_mark_covers_all_that_a_form_shows() -> None:
    """Each field of the forms, and the status, changes the mark; what they do not show does not."""
    changes: list[dict[str, object]] = [
        {"status": PENDING},
        {"comment": None},
        {"tracking_enabled": True},
        {"custom_attributes": (("a", "b"),)},
        {"delivery_address": GRAZ},
        {"invoice_address": GRAZ},
    ]
    marks = {mark(replace(ORDER, **one)) for one in changes}  # type: ignore[arg-type]
    assert len(marks | {mark(ORDER)}) == 7
    assert mark(replace(ORDER, last_modified=NOON)) == mark(ORDER)


async def test_two_at_once_have_one_winner(tmp_path: Path) -> None:
    """Twenty edits of one order at once: one is sent, the others hear who was first (E1)."""
    async with world(tmp_path) as it:
        answers = await asyncio.gather(*(edit(it.ports, ADA, 1001, NEW_COMMENT, f"R{i}") for i in range(20)))
        kinds = Counter(type(one) for one in answers)
        assert (kinds[Changed], kinds[AlreadyBeing]) == (1, 19)
        assert len(it.quivo.writes) == 1


async def test_an_edit_and_an_address_do_not_stand_in_each_others_way(tmp_path: Path) -> None:
    """They are two kinds of change with a claim each."""
    async with world(tmp_path) as it:
        first, second = await asyncio.gather(
            edit(it.ports, ADA, 1001, NEW_COMMENT, "R1"),
            change_address(it.ports, ADA, 1001, AddressType.DELIVERY, GRAZ, "R2"),
        )
        assert isinstance(first, Changed)
        assert isinstance(second, Changed)


async def test_quivos_no_is_passed_on(tmp_path: Path) -> None:
    """A refusal by field stands under its field, one without is its class's sentence; both close the action."""
    async with world(tmp_path) as it:
        flaw = FieldError("zip", "is unknown")
        it.quivo.fails(Invalid("quivo", fields=(flaw,)))
        it.quivo.fails(Forbidden("quivo"))
        assert await edit(it.ports, ADA, 1001, NEW_COMMENT, "R1") == InvalidInput((flaw,))
        refused = await edit(it.ports, ADA, 1001, NEW_COMMENT, "R2")
        assert isinstance(refused, Refused)
        assert it.outcomes() == ["sending", "refused"] * 2


async def test_who_cannot_see_the_order_changes_nothing(tmp_path: Path) -> None:
    """Without a connection, or with an order of somebody else's account, nothing is claimed."""
    async with world(tmp_path) as it:
        assert await edit(it.ports, BEN, 1001, NEW_COMMENT, "REF") == NOT_CONNECTED
        it.quivo.read_fails = NotFound("quivo")
        assert isinstance(await edit(it.ports, ADA, 1001, NEW_COMMENT, "REF"), Refused)
        assert it.outcomes() == []


@pytest.mark.parametrize("error", [SILENCE, Fault("quivo", outcome_known=False)])
@pytest.mark.parametrize("accepts", [True, False])
async def test_a_silence_is_settled_by_looking(tmp_path: Path, error: NoAnswer, accepts: bool) -> None:
    """After no answer the order itself says whether it was changed (E3)."""
    async with world(tmp_path) as it:
        it.quivo.fails(error, accepts=accepts)
        answer = await edit(it.ports, ADA, 1001, NEW_COMMENT, "REF")
        if accepts:
            assert isinstance(answer, Changed)
        else:
            assert answer == NOT_CHANGED
        assert it.outcomes() == ["sending", "done" if accepts else "not_done"]
        assert len(it.quivo.writes) == 1


async def test_a_silence_that_cannot_be_looked_into_is_unknown(tmp_path: Path) -> None:
    """No answer and no look: unknown, until somebody looks again with their own connection."""
    async with world(tmp_path) as it:
        it.quivo.fails(SILENCE, accepts=True)
        it.quivo.while_writing = lambda: setattr(it.quivo, "read_fails", Unreachable("quivo"))
        answer = await edit(it.ports, ADA, 1001, NEW_COMMENT, "REF")
        assert isinstance(answer, Unknown)
        action = answer.action
        assert action is not None
        assert isinstance(await look_again(it.ports, ADA, action.id, "REF"), Unknown)
        it.quivo.read_fails = None
        await it.connect(BEN, "ben")
        it.quivo.reads.clear()
        seen = await look_again(it.ports, BEN, action.id, "REF")
        assert isinstance(seen, Changed)
        assert [token.split("-")[0] for _, token in it.quivo.reads] == ["ben"]
        assert (it.state(action.id), len(it.quivo.writes)) == ("done", 1)


async def test_looking_again_at_what_is_settled(tmp_path: Path) -> None:
    """A second look says the same, and strange ids are not known (B6)."""
    async with world(tmp_path) as it:
        done = await edit(it.ports, ADA, 1001, NEW_COMMENT, "REF")
        assert isinstance(done, Changed)
        assert isinstance(await look_again(it.ports, ADA, done.action.id, "REF"), Changed)
        assert await look_again(it.ports, ADA, "x", "REF") == GONE
        held = await it.held()
        assert await look_again(it.ports, ADA, held.action.id, "REF") == GONE
        assert await look_again(it.ports, replace(ADA, team="T0OTHER001"), done.action.id, "REF") == GONE


async def test_accepted_and_not_to_be_seen_yet(tmp_path: Path) -> None:
    """A 202 that shows later is done, and said to be not visible yet (E3)."""
    async with world(tmp_path) as it:
        real = it.quivo.set
        it.quivo.set = lambda order_id=1001, **changes: None  # type: ignore[method-assign]
        changed = await edit(it.ports, ADA, 1001, NEW_COMMENT, "REF")
        it.quivo.set = real  # type: ignore[method-assign]
        assert isinstance(changed, Changed)
        assert (changed.visible, changed.after, changed.action.state) == (False, ORDER, "done")


async def test_done_and_then_not_to_be_read(tmp_path: Path) -> None:
    """What was accepted is done, also if the look afterwards fails."""
    async with world(tmp_path) as it:
        it.quivo.while_writing = lambda: setattr(it.quivo, "read_fails", Unreachable("quivo"))
        changed = await edit(it.ports, ADA, 1001, NEW_COMMENT, "REF")
        assert isinstance(changed, Changed)
        assert (changed.after, changed.visible, changed.action.state) == (None, False, "done")


@pytest.mark.parametrize(("accepts", "state"), [(True, "done"), (False, "not_done")])
@pytest.mark.parametrize("kind", ["edit", "address"])
async def test_dying_on_the_way_is_found_out(tmp_path: Path, kind: str, accepts: bool, state: str) -> None:
    """Killed while it was sent: minutes later the check reads the order and says done or not done (E2)."""
    quivo, clock = FakeQuivo(), Clock()
    async with world(tmp_path, quivo, clock) as first:
        quivo.fails(Killed(), accepts=accepts)
        work = (
            edit(first.ports, ADA, 1001, NEW_COMMENT, "REF")
            if kind == "edit"
            else change_address(first.ports, ADA, 1001, AddressType.DELIVERY, GRAZ, "REF")
        )
        with pytest.raises(Killed):
            await work
    clock.advance(CHECK_AFTER.total_seconds())
    async with world(tmp_path, quivo, clock) as second:
        ((due, payload),) = await second.due()
        checked = await check(second.ports, TEAM, payload["action"], "REF-2")
        assert isinstance(checked, Action)
        assert (due, checked.state, len(quivo.writes)) == ("order.check", state, 1)


async def test_the_check_without_a_look_says_unknown(tmp_path: Path) -> None:
    """Killed, and the order cannot be read: unknown, and the next edit settles it first and goes through."""
    async with world(tmp_path) as it:
        it.quivo.fails(Killed(), accepts=True)
        with pytest.raises(Killed):
            await edit(it.ports, ADA, 1001, NEW_COMMENT, "REF-1")
        action = it.ledger.open_for("order.edit", TEAM, "quivo", "1001")
        assert action is not None
        assert isinstance(await edit(it.ports, ADA, 1001, NEW_COMMENT, "REF-2"), AlreadyBeing)
        assert isinstance(await look_again(it.ports, ADA, action.id, "REF"), AlreadyBeing)
        it.quivo.read_fails = Unreachable("quivo")
        checked = await check(it.ports, TEAM, action.id, "REF-3")
        assert isinstance(checked, Action)
        assert checked.state == "unknown"
        it.quivo.read_fails = None
        assert isinstance(await edit(it.ports, ADA, 1001, Edit(comment="third"), "REF-4"), Changed)
        assert it.state(action.id) == "done"


async def test_what_stays_unknown_gives_way_to_a_new_change(tmp_path: Path) -> None:
    """If the order shows neither the old nor the new, it stays unknown until somebody asks for something new."""
    async with world(tmp_path) as it:
        it.quivo.fails(SILENCE)
        it.quivo.while_writing = lambda: it.quivo.set(comment="of somebody else")
        answer = await edit(it.ports, ADA, 1001, NEW_COMMENT, "REF")
        assert isinstance(answer, Unknown)
        assert answer.action is not None
        assert isinstance(await look_again(it.ports, ADA, answer.action.id, "REF"), Unknown)
        it.quivo.while_writing = lambda: None
        assert isinstance(await edit(it.ports, ADA, 1001, NEW_COMMENT, "REF"), Changed)
        assert it.state(answer.action.id) == "gave_up"


NOTHING = Edit(None, None, ())


@pytest.mark.parametrize(
    ("change", "before", "after", "verdict"),
    [
        (Edit(comment="a"), NOTHING, {"comment": "a"}, Verdict.DONE),
        (Edit(comment="a  b"), NOTHING, {"comment": " a b"}, Verdict.DONE),
        (Edit(comment="a"), Edit("b"), {"comment": "b"}, Verdict.NOT_DONE),
        (Edit(comment="a"), Edit("b"), {"comment": "c"}, Verdict.UNKNOWN),
        (Edit(comment="a"), NOTHING, {"comment": None}, Verdict.UNKNOWN),
        (Edit(comment=""), Edit("b"), {"comment": None}, Verdict.DONE),
        (Edit(tracking_enabled=True), Edit(None, False), {"tracking_enabled": False}, Verdict.NOT_DONE),
        (Edit(tracking_enabled=True), Edit(None, None), {"tracking_enabled": None}, Verdict.UNKNOWN),
        (
            Edit(custom_attributes=(("a", "1"), ("b", "2"))),
            NOTHING,
            {"custom_attributes": (("b", "2"), ("a", "1"))},
            Verdict.DONE,
        ),
        (Edit("a", True), Edit("b", False), {"comment": "a", "tracking_enabled": False}, Verdict.UNKNOWN),
    ],
)
def test_what_an_order_says_about_an_edit(
    change: Edit, before: Edit, after: dict[str, object], verdict: Verdict
) -> None:
    """Shown as written: done; shown as before: not done; half, otherwise, or not shown at all: unknown."""
    correction = Edition(1001, change)
    assert correction.verdict(before, replace(ORDER, **after)) is verdict  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "delivery", "invoice", "verdict"),
    [
        (AddressType.DELIVERY, GRAZ, None, Verdict.DONE),
        (AddressType.DELIVERY, HOME, None, Verdict.NOT_DONE),
        (AddressType.DELIVERY, None, None, Verdict.UNKNOWN),
        (AddressType.DELIVERY, replace(HOME, city="Linz"), None, Verdict.UNKNOWN),
        (AddressType.INVOICE, HOME, GRAZ, Verdict.DONE),
        (AddressType.INVOICE, GRAZ, HOME, Verdict.NOT_DONE),
        (AddressType.INVOICE, HOME, replace(GRAZ, latitude=1.0, longitude=2.0), Verdict.DONE),
        (AddressType.DELIVERY_AND_INVOICE, GRAZ, GRAZ, Verdict.DONE),
        (AddressType.DELIVERY_AND_INVOICE, GRAZ, HOME, Verdict.UNKNOWN),
        (AddressType.DELIVERY_AND_INVOICE, HOME, HOME, Verdict.NOT_DONE),
        (AddressType.DELIVERY, replace(GRAZ, state=""), None, Verdict.DONE),
    ],
)
def test_what_an_order_says_about_an_address(
    kind: AddressType, delivery: Address | None, invoice: Address | None, verdict: Verdict
) -> None:
    """Only what was to be written counts; coordinates of an invoice and empty parts do not (seed 002)."""
    correction = AddressChange(1001, kind, GRAZ)
    after = replace(ORDER, delivery_address=delivery, invoice_address=invoice)
    assert correction.verdict(Addresses(HOME, HOME), after) is verdict


def test_corrections_survive_as_json() -> None:
    """What is kept in the ledger comes back as it was."""
    for correction in (
        Edition(1, Edit("a", True, (("b", "c"),))),
        AddressChange(2, AddressType.INVOICE, replace(HOME, latitude=1.5)),
    ):
        assert correction_of(correction.kind, pack(correction)) == correction
        order = Order(3, "X", comment="c", delivery_address=GRAZ)
        assert correction.unpacked(pack(correction.seen(order))) == correction.seen(order)
