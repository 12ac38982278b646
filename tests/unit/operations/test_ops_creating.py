"""Creating an order once: by its identifier, through silence, crashes and second presses (E1, E2, E3)."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from ops_fakes import ADA, BEN, NEW, NOON, ORDER, TEAM, Clock, FakeQuivo, Killed, world

from backends.errors import Busy, Fault, FieldError, Forbidden, Garbled, Invalid, NoAnswer, Unreachable
from operations.accounts import NOT_CONNECTED
from operations.changes import CHECK_AFTER, GONE, NOT_YOURS, AlreadyBeing
from operations.checking import check
from operations.creating import AlreadyThere, Created, InvalidInput, again, create, new_identifier, resume
from operations.finding import by_identifier
from operations.outcome import Done, Reason, Refused, Unknown
from store.ledger import Action

SILENCE = NoAnswer("quivo", outcome_known=False)


async def test_an_order_is_created_once(tmp_path: Path) -> None:
    """Checked, claimed, sent once, and recorded with its id."""
    async with world(tmp_path) as it:
        made = await create(it.ports, ADA, NEW, "REF", channel="C1")
        assert isinstance(made, Created)
        assert it.quivo.orders_by_id[made.order_id].identifier == "SC-1"
        assert (made.action.state, made.action.target) == ("done", "12:SC-1")
        assert (it.quivo.writes, it.outcomes()) == ([("create", "SC-1", "ada")], ["sending", "done"])


async def test_what_the_seed_forbids_never_leaves(tmp_path: Path) -> None:
    """A limit of seed 001 is refused under its field, before anything is claimed or sent."""
    async with world(tmp_path) as it:
        made = await create(it.ports, ADA, replace(NEW, comment="x" * 251), "REF")
        assert isinstance(made, InvalidInput)
        assert [one.field for one in made.fields] == ["comment"]
        assert (it.quivo.writes, it.outcomes()) == ([], [])


async def test_two_presses_at_once_create_one(tmp_path: Path) -> None:
    """Fifty presses with one identifier: one order, one request (E1)."""
    async with world(tmp_path) as it:
        answers = await asyncio.gather(*(create(it.ports, ADA, NEW, f"R{i}") for i in range(50)))
        kinds = Counter(type(one) for one in answers)
        assert (kinds[Created], kinds[AlreadyBeing]) == (1, 49)
        assert it.quivo.writes == [("create", "SC-1", "ada")]


@pytest.mark.parametrize("error", [SILENCE, Fault("quivo", outcome_known=False), Garbled("quivo", outcome_known=False)])
@pytest.mark.parametrize("accepts", [True, False])
async def test_an_unknown_outcome_searches_before_it_sends(tmp_path: Path, error: NoAnswer, accepts: bool) -> None:
    """After a silence, *again* finds the order if it is there, and sends the same identifier only if not (E3)."""
    async with world(tmp_path) as it:
        it.quivo.fails(error, accepts=accepts)
        first = await create(it.ports, ADA, NEW, "REF-1")
        assert isinstance(first, Unknown)
        assert first.text.startswith(error.safe_text)
        assert first.action is not None
        assert (first.action.state, it.outcomes()) == ("unknown", ["sending", "unknown"])
        second = await again(it.ports, ADA, first.action.id, "REF-2")
        assert isinstance(second, Created)
        assert (second.action.state, it.quivo.searches) == ("done", ["SC-1"])
        assert len(it.quivo.writes) == (1 if accepts else 2)
        assert [one.identifier for one in it.quivo.orders_by_id.values()].count("SC-1") == 1


async def test_a_lagging_list_does_not_double(tmp_path: Path) -> None:
    """The list does not show the order yet, Quivo refuses the identifier, and the order is found after all."""
    async with world(tmp_path) as it:
        it.quivo.fails(SILENCE, accepts=True)
        first = await create(it.ports, ADA, NEW, "REF-1")
        hidden = it.quivo.orders_by_id.pop(max(it.quivo.orders_by_id))
        it.quivo.while_writing = lambda: it.quivo.orders_by_id.update({hidden.order_id: hidden})
        assert isinstance(first, Unknown)
        it.quivo.coming.clear()
        it.quivo.fails(Invalid("quivo", fields=(FieldError("orderIdentifier", "exists already"),)))
        second = await again(it.ports, ADA, _id(first.action), "REF-2")
        assert isinstance(second, Created)
        assert (second.order_id, it.state(_id(first.action))) == (hidden.order_id, "done")


async def test_taken_but_not_to_be_found_stays_unknown(tmp_path: Path) -> None:
    """Quivo says that the identifier is taken and shows no such order: nobody knows, and it is said so."""
    async with world(tmp_path) as it:
        it.quivo.fails(SILENCE)
        first = await create(it.ports, ADA, NEW, "REF-1")
        assert isinstance(first, Unknown)
        it.quivo.fails(Invalid("quivo", fields=(FieldError("orderIdentifier", "exists already"),)))
        second = await again(it.ports, ADA, _id(first.action), "REF-2")
        assert isinstance(second, Unknown)
        assert it.state(_id(first.action)) == "unknown"


async def test_an_echo_counts_as_created(tmp_path: Path) -> None:
    """A Quivo that answers a used identifier with its order makes no second one (apis/quivo.md §5.1)."""
    async with world(tmp_path, FakeQuivo(echoes=True)) as it:
        it.quivo.fails(SILENCE, accepts=True)
        first = await create(it.ports, ADA, NEW, "REF-1")
        assert isinstance(first, Unknown)
        second = await again(it.ports, ADA, _id(first.action), "REF-2")
        third = await create(it.ports, ADA, NEW, "REF-3")
        assert isinstance(second, Created)
        assert isinstance(third, Created)
        assert second.order_id == third.order_id


async def test_an_identifier_used_before_is_said_to_be_there(tmp_path: Path) -> None:
    """An identifier that another order has is no new order, and the answer names that order."""
    async with world(tmp_path) as it:
        taken = replace(NEW, order_identifier="shop-1001")
        assert await create(it.ports, ADA, taken, "REF") == AlreadyThere(1001)
        assert it.outcomes() == ["sending", "refused"]


async def test_quivos_complaints_land_under_their_fields(tmp_path: Path) -> None:
    """What Quivo refuses by field comes back by field, and the action is closed."""
    async with world(tmp_path) as it:
        flaw = FieldError("positions[0].sku", "is unknown")
        it.quivo.fails(Invalid("quivo", fields=(flaw,)))
        assert await create(it.ports, ADA, NEW, "REF") == InvalidInput((flaw,))
        assert it.outcomes() == ["sending", "refused"]
        assert isinstance(await create(it.ports, ADA, NEW, "REF-2"), Created)


@pytest.mark.parametrize("error", [Unreachable("quivo"), Busy("quivo"), Forbidden("quivo")])
async def test_known_not_done_is_refused(tmp_path: Path, error: Busy) -> None:
    """What was certainly not done is closed at once, with the sentence of its class."""
    async with world(tmp_path) as it:
        it.quivo.fails(error)
        made = await create(it.ports, ADA, NEW, "REF")
        assert isinstance(made, Refused)
        assert (made.text, it.outcomes()) == (error.safe_text, ["sending", "refused"])


async def test_a_refusal_after_a_silence_proves_nothing(tmp_path: Path) -> None:
    """The second try was not done, but the first may have been: it stays unknown."""
    async with world(tmp_path) as it:
        it.quivo.fails(SILENCE)
        first = await create(it.ports, ADA, NEW, "REF-1")
        assert isinstance(first, Unknown)
        it.quivo.fails(Busy("quivo"))
        second = await again(it.ports, ADA, _id(first.action), "REF-2")
        assert isinstance(second, Unknown)
        assert it.state(_id(first.action)) == "unknown"


async def test_a_search_that_fails_sends_nothing(tmp_path: Path) -> None:
    """Without a look there is no second try."""
    async with world(tmp_path) as it:
        it.quivo.fails(SILENCE)
        first = await create(it.ports, ADA, NEW, "REF-1")
        assert isinstance(first, Unknown)
        it.quivo.search_fails = Unreachable("quivo")
        second = await again(it.ports, ADA, _id(first.action), "REF-2")
        assert isinstance(second, Unknown)
        assert (len(it.quivo.writes), it.state(_id(first.action))) == (1, "unknown")


async def test_pressing_again_twice_sends_once(tmp_path: Path) -> None:
    """Twenty presses of *again* at once: one of them acts, and one order comes of it."""
    async with world(tmp_path) as it:
        it.quivo.fails(SILENCE)
        first = await create(it.ports, ADA, NEW, "REF-1")
        assert isinstance(first, Unknown)
        answers = await asyncio.gather(*(again(it.ports, ADA, _id(first.action), f"R{i}") for i in range(20)))
        assert {type(one) for one in answers} <= {Created, AlreadyBeing}
        assert {one.order_id for one in answers if isinstance(one, Created)} == {2001}
        assert len(it.quivo.writes) == 2
        later = await again(it.ports, ADA, _id(first.action), "R-late")
        assert isinstance(later, Created)
        assert len(it.quivo.writes) == 2


async def test_again_is_for_the_one_who_asked(tmp_path: Path) -> None:
    """Nobody else goes on with it, and strange ids are not known (B6, B7)."""
    async with world(tmp_path) as it:
        await it.connect(BEN, "ben")
        it.quivo.fails(SILENCE)
        first = await create(it.ports, ADA, NEW, "REF-1")
        assert isinstance(first, Unknown)
        assert await again(it.ports, BEN, _id(first.action), "REF") == NOT_YOURS
        assert await again(it.ports, ADA, "x", "REF") == GONE
        held = await it.held()
        assert await again(it.ports, ADA, held.action.id, "REF") == GONE
        assert len(it.quivo.writes) == 1


async def test_without_a_connection_it_is_closed_again(tmp_path: Path) -> None:
    """Whoever has not connected creates nothing, and may try again after connecting."""
    async with world(tmp_path) as it:
        assert await create(it.ports, BEN, NEW, "REF") == NOT_CONNECTED
        assert (it.quivo.writes, it.outcomes()) == ([], ["sending", "refused"])
        await it.connect(BEN, "ben")
        assert isinstance(await create(it.ports, BEN, NEW, "REF-2"), Created)


@pytest.mark.parametrize("accepts", [True, False])
async def test_dying_while_creating_is_found_out(tmp_path: Path, accepts: bool) -> None:
    """Killed on the way: minutes later the check finds the order, or says unknown; it never sends (E2)."""
    quivo, clock = FakeQuivo(), Clock()
    async with world(tmp_path, quivo, clock) as first:
        quivo.fails(Killed(), accepts=accepts)
        with pytest.raises(Killed):
            await create(first.ports, ADA, NEW, "REF-1")
    async with world(tmp_path, quivo, clock) as second:
        assert await second.due() == []
        clock.advance(CHECK_AFTER.total_seconds())
        ((kind, payload),) = await second.due()
        assert kind == "order.check"
        checked = await check(second.ports, TEAM, payload["action"], "REF-2")
        assert isinstance(checked, Action)
        assert (checked.state, len(quivo.writes)) == ("done" if accepts else "unknown", 1)
        assert await check(second.ports, "T0OTHER001", payload["action"], "REF") == GONE


async def test_the_check_finds_what_was_unknown(tmp_path: Path) -> None:
    """An order that was there after all is found without anybody pressing anything."""
    async with world(tmp_path) as it:
        it.quivo.fails(SILENCE, accepts=True)
        first = await create(it.ports, ADA, NEW, "REF-1")
        assert isinstance(first, Unknown)
        it.quivo.search_fails = Unreachable("quivo")
        waiting = await check(it.ports, TEAM, _id(first.action), "REF-2")
        it.quivo.search_fails = None
        found = await check(it.ports, TEAM, _id(first.action), "REF-3")
        assert isinstance(waiting, Action)
        assert isinstance(found, Action)
        assert (waiting.state, found.state, found.payload["order_id"]) == ("unknown", "done", 2001)
        assert await check(it.ports, TEAM, _id(first.action), "REF-4") == found


async def test_resume_takes_over_from_the_dead(tmp_path: Path) -> None:
    """A run that follows a dead one searches first: found, it is recorded; not found, it is sent once."""
    async with world(tmp_path) as it:
        for number, accepts in enumerate((True, False)):
            order = replace(NEW, order_identifier=f"SC-{number}")
            it.quivo.fails(Killed(), accepts=accepts)
            with pytest.raises(Killed):
                await create(it.ports, ADA, order, "REF", look_after=False)
            assert isinstance(await resume(it.ports, ADA, order, "REF"), Created)
        assert [one[1] for one in it.quivo.writes] == ["SC-0", "SC-1", "SC-1"]
        assert await resume(it.ports, ADA, replace(NEW, order_identifier="shop-1001"), "REF") == AlreadyThere(1001)


async def test_resume_without_a_claim_sends_what_is_not_there(tmp_path: Path) -> None:
    """Dead before the claim: nothing is found, so it is created as if for the first time."""
    async with world(tmp_path) as it:
        assert isinstance(await resume(it.ports, ADA, NEW, "REF"), Created)
        it.quivo.search_fails = Unreachable("quivo")
        refused = await resume(it.ports, ADA, replace(NEW, order_identifier="SC-9"), "REF")
        assert isinstance(refused, Refused)
        assert (refused.reason, len(it.quivo.writes)) == (Reason.NO_ANSWER, 1)


async def test_resume_leaves_other_peoples_orders_alone(tmp_path: Path) -> None:
    """An identifier that somebody else is sending is theirs."""
    async with world(tmp_path) as it:
        await it.connect(BEN, "ben")
        it.quivo.fails(SILENCE)
        await create(it.ports, BEN, NEW, "REF-1")
        assert isinstance(await resume(it.ports, ADA, NEW, "REF-2"), AlreadyBeing)
        assert len(it.quivo.writes) == 1


def test_new_identifiers_are_short_sortable_and_different() -> None:
    """At most 40 characters, in the order of time, and no two alike."""
    early, late = new_identifier(NOON), new_identifier(NOON + timedelta(seconds=1))
    assert re.fullmatch(r"SC261122-120000-[2-9A-HJ-NP-Z]{6}", early)
    assert early < late
    assert len(early) <= 40
    assert len({new_identifier(NOON) for _ in range(1000)}) == 1000


async def test_only_the_exact_identifier_of_the_seller_counts(tmp_path: Path) -> None:
    """A search that brings something like it, or another seller's, has found nothing."""
    async with world(tmp_path) as it:
        assert await by_identifier(it.ports.accounts, ADA, 12, "shop-1001") == Done(1001)
        assert await by_identifier(it.ports.accounts, ADA, 13, "shop-1001") == Done(None)
        it.quivo.orders_by_id[7] = replace(ORDER, order_id=7, identifier="other")
        assert await by_identifier(it.ports.accounts, ADA, 12, "shop") == Done(None)


def _id(action: Action | None) -> str:
    assert action is not None
    return action.id
