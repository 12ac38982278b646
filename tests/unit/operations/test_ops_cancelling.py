"""Cancelling once: asked, held, undone or sent, looked after; with every way to die in between (E1–E4, E7)."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ops_fakes import ADA, BEN, NOON, ORDER, TEAM, Clock, FakeQuivo, Killed, settles, world

from backends.errors import Fault, Forbidden, LoginRefused, NoAnswer, NotFound, SessionExpired, Unreachable
from backends.quivo.order import CANCELLED, COMPLETED, PENDING, Address, Order, Position
from operations.accounts import LOGIN_AGAIN, NOT_CONNECTED
from operations.cancel_rules import ASKED_ALREADY, fingerprint, forbidden, next_look, settled
from operations.cancel_sending import CHANGED, CUT_OFF, NOT_ALLOWED
from operations.cancelling import (
    Held,
    NotYet,
    Sent,
    Settled,
    Stale,
    TooLate,
    Undone,
    ask,
    look,
    read_back,
    send,
    undo,
)
from operations.changes import GONE, NOT_YOURS, AlreadyBeing
from operations.outcome import Done, Reason, Refused
from store.audit import AuditLine
from store.errors import StoreError


async def test_a_cancellation_is_asked_held_sent_and_seen(tmp_path: Path) -> None:
    """The whole way: one request, and *cancelled* only after a second read (E3)."""
    async with world(tmp_path) as it:
        held = await it.held()
        assert it.quivo.writes == []
        assert held.order == ORDER
        assert held.action.payload["until"] == (NOON + timedelta(seconds=10)).isoformat()
        assert await it.due() == []
        it.clock.advance(10)
        assert await it.due() == [("cancel.send", {"action": held.action.id})]
        sent = await send(it.ports, TEAM, held.action.id, "REF-SEND")
        assert isinstance(sent, Sent)
        assert (sent.action.state, it.quivo.writes) == ("requested", [("cancel", 1001, "ada")])
        assert isinstance(await read_back(it.ports, TEAM, held.action.id, "REF-1"), NotYet)
        settles(it.quivo)
        ended = await read_back(it.ports, TEAM, held.action.id, "REF-2", looked=1)
        assert isinstance(ended, Settled)
        assert ended.action.state == "cancelled"
        assert it.outcomes() == ["held", "sending", "requested", "cancelled"]
        assert len(it.quivo.writes) == 1


async def test_audit_lines_name_who_what_and_where(tmp_path: Path) -> None:
    """Each step leaves one line with the order's id, the requester and the channel, and nothing personal (G7)."""
    async with world(tmp_path) as it:
        held = await it.held()
        await send(it.ports, TEAM, held.action.id, "REF-SEND")
        sending = AuditLine(NOON, "REF-SEND", TEAM, ADA.user, "C0ORDERS01", "order.cancel", "1001", "sending")
        first = replace(sending, reference="REF-ASK", outcome="held")
        assert it.audit.lines(TEAM, 9) == [replace(sending, outcome="requested"), sending, first]
        assert it.audit.verify() is None


async def test_fifty_at_once_have_one_winner(tmp_path: Path) -> None:
    """50 concurrent confirms: one is held, 49 are told who was first, one request leaves (E1)."""
    async with world(tmp_path) as it:
        await it.connect(BEN, "ben", key="other")
        asked = it.asking()
        answers = await asyncio.gather(*(ask(it.ports, (ADA, BEN)[i % 2], asked, f"R{i}") for i in range(50)))
        assert Counter(type(one) for one in answers) == {Held: 1, AlreadyBeing: 49}
        (won,) = (one for one in answers if isinstance(one, Held))
        assert {one.action.id for one in answers if isinstance(one, AlreadyBeing)} == {won.action.id}
        await send(it.ports, TEAM, won.action.id, "REF")
        assert it.quivo.writes == [("cancel", 1001, "ada")]
        assert it.outcomes() == ["held", "sending", "requested"]


async def test_twenty_sends_at_once_send_one_request(tmp_path: Path) -> None:
    """Whoever runs the occurrence beside its owner, one request leaves and the end is true (E1, E2)."""
    async with world(tmp_path) as it:
        held = await it.held()
        await asyncio.gather(*(send(it.ports, TEAM, held.action.id, f"R{i}") for i in range(20)))
        assert (it.state(held.action.id), it.quivo.writes) == ("requested", [("cancel", 1001, "ada")])
        assert it.outcomes().count("sending") == 1


async def test_a_second_ask_after_the_request_is_told_too(tmp_path: Path) -> None:
    """While the first cancellation is being looked after, a second person hears of it and nothing is sent (E1)."""
    async with world(tmp_path) as it:
        held = await it.held()
        await send(it.ports, TEAM, held.action.id, "REF")
        second = await ask(it.ports, ADA, it.asking(), "REF-2")
        assert isinstance(second, AlreadyBeing)
        assert (second.action.state, len(it.quivo.writes)) == ("requested", 1)


@pytest.mark.parametrize(
    "change",
    [
        {"status": PENDING},
        {"positions": (Position("SKU-1", quantity=3),)},
        {"delivery_address": Address(name="Somebody else")},
        {"cancel_requested": NOON},
    ],
    ids=["status", "items", "address", "asked"],
)
async def test_a_stale_card_is_not_acted_on(tmp_path: Path, change: dict[str, Any]) -> None:
    """An order that moved on since it was drawn is handed back to be redrawn, and nothing is claimed or sent (E4)."""
    async with world(tmp_path) as it:
        asked = it.asking()
        it.quivo.set(**change)
        assert await ask(it.ports, ADA, asked, "REF") == Stale(it.quivo.orders_by_id[1001])
        assert (it.outcomes(), it.quivo.writes) == ([], [])


async def test_a_comment_does_not_make_a_card_stale(tmp_path: Path) -> None:
    """What no decision hangs on may change in between."""
    async with world(tmp_path) as it:
        asked = it.asking()
        it.quivo.set(comment="another", last_modified=NOON)
        assert isinstance(await ask(it.ports, ADA, asked, "REF"), Held)


@pytest.mark.parametrize(("status", "word"), [(COMPLETED, "return"), (CANCELLED, "copy")])
async def test_the_status_table_refuses_and_says_what_to_do(tmp_path: Path, status: str, word: str) -> None:
    """COMPLETED and CANCELLED orders are not asked to be cancelled, and the sentence says what to do instead."""
    async with world(tmp_path) as it:
        it.quivo.set(status=status)
        refused = await ask(it.ports, ADA, it.asking(), "REF")
        assert isinstance(refused, Refused)
        assert (refused.reason, word in refused.text) == (Reason.NO, True)
        assert (it.outcomes(), it.quivo.writes) == ([], [])


@pytest.mark.parametrize("status", [PENDING, "PROCESSING", "ON_HOLD"])
def test_other_statuses_may_be_cancelled(status: str) -> None:
    """PENDING and PROCESSING may, and about a status that nobody knows Quivo decides."""
    assert forbidden(replace(ORDER, status=status)) is None


async def test_what_quivo_was_asked_already_is_not_asked_again(tmp_path: Path) -> None:
    """A cancellation asked in Quivo's web app is seen, and nothing is sent on top of it."""
    async with world(tmp_path) as it:
        it.quivo.set(cancel_requested=NOON)
        assert await ask(it.ports, ADA, it.asking(), "REF") == ASKED_ALREADY
        assert it.outcomes() == []


async def test_nothing_is_claimed_without_a_connection(tmp_path: Path) -> None:
    """Whoever has not connected, or cannot see the order, is refused before anything is written."""
    async with world(tmp_path) as it:
        assert await ask(it.ports, BEN, it.asking(), "REF") == NOT_CONNECTED
        it.quivo.read_fails = NotFound("quivo")
        refused = await ask(it.ports, ADA, it.asking(), "REF")
        assert isinstance(refused, Refused)
        assert (refused.reason, it.outcomes()) == (Reason.NOT_FOUND, [])


@pytest.mark.parametrize("after", [0, 9.999, 60])
async def test_undo_takes_it_back_as_long_as_nothing_was_sent(tmp_path: Path, after: float) -> None:
    """Undo at 0 s, in the last moment, and later if the engine was late: nothing is ever sent (E7).

    The run stays: it draws the message again, should whoever undid it have died before that.
    """
    async with world(tmp_path) as it:
        held = await it.held()
        it.clock.advance(after)
        undone = await undo(it.ports, ADA, held.action.id, "REF-UNDO")
        assert isinstance(undone, Undone)
        it.clock.advance(600)
        assert [kind for kind, _ in await it.due()] == ["cancel.send"]
        sent = await send(it.ports, TEAM, held.action.id, "REF-SEND")
        assert isinstance(sent, Sent)
        assert (sent.action.state, it.quivo.writes) == ("undone", [])
        assert it.outcomes() == ["held", "undone"]


async def test_undo_after_sending_is_too_late(tmp_path: Path) -> None:
    """Once it is sent, undo says so and changes nothing (E7)."""
    async with world(tmp_path) as it:
        held = await it.held()
        await send(it.ports, TEAM, held.action.id, "REF")
        late = await undo(it.ports, ADA, held.action.id, "REF")
        assert isinstance(late, TooLate)
        assert late.action.state == "requested"
        assert it.outcomes() == ["held", "sending", "requested"]


async def test_undo_is_for_the_requester_and_admins(tmp_path: Path) -> None:
    """Somebody else may not take it back, an admin may, and another team knows nothing of it."""
    async with world(tmp_path) as it:
        held = await it.held()
        assert await undo(it.ports, BEN, held.action.id, "REF") == NOT_YOURS
        assert await undo(it.ports, replace(ADA, team="T0OTHER001"), held.action.id, "REF") == GONE
        assert await undo(it.ports, BEN, "no-such", "REF") == GONE
        assert it.state(held.action.id) == "held"
        undone = await undo(it.ports, BEN, held.action.id, "REF", admin=True)
        assert isinstance(undone, Undone)
        assert it.audit.lines(TEAM, 1)[0].user == BEN.user


async def test_an_undone_cancellation_can_be_asked_again(tmp_path: Path) -> None:
    """Undo frees the order: the next confirm is a new action with its own occurrence."""
    async with world(tmp_path) as it:
        first = await it.held(undo=0)
        await undo(it.ports, ADA, first.action.id, "REF")
        second = await it.held(undo=0)
        assert second.action.id != first.action.id
        assert ("cancel.send", {"action": second.action.id}) in await it.due()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"delivery_address": None}, CHANGED.text),
        ({"cancel_requested": NOON}, ASKED_ALREADY.text),
        ({"status": COMPLETED}, "carrier"),
    ],
)
async def test_sending_looks_at_the_order_again(tmp_path: Path, change: dict[str, Any], text: str) -> None:
    """What changed while it was held keeps the request from being sent (B3, E4)."""
    async with world(tmp_path) as it:
        held = await it.held()
        it.quivo.set(**change)
        sent = await send(it.ports, TEAM, held.action.id, "REF")
        assert isinstance(sent, Sent)
        assert (sent.action.state, text in sent.action.payload["why"]) == ("refused", True)
        assert (it.quivo.writes, it.outcomes()) == ([], ["held", "refused"])


async def test_permission_taken_away_while_held_refuses_it(tmp_path: Path) -> None:
    """A requester who may no longer do this, or has disconnected, sends nothing (B3)."""
    async with world(tmp_path) as it:
        held = await it.held()
        sent = await send(it.ports, TEAM, held.action.id, "REF", allowed=False)
        assert isinstance(sent, Sent)
        assert (sent.action.state, sent.action.payload["why"]) == ("refused", NOT_ALLOWED.text)
        again = await it.held()
        await it.ports.accounts.disconnect(ADA)
        sent = await send(it.ports, TEAM, again.action.id, "REF")
        assert isinstance(sent, Sent)
        assert (sent.action.state, sent.action.payload["why"]) == ("refused", NOT_CONNECTED.text)
        assert it.quivo.writes == []


async def test_an_expired_session_costs_one_login_and_one_more_write(tmp_path: Path) -> None:
    """A 401 says that the write was not accepted, so it goes out once more, and only once (seed 000)."""
    async with world(tmp_path) as it:
        held = await it.held()
        it.quivo.fails(SessionExpired("quivo"))
        sent = await send(it.ports, TEAM, held.action.id, "REF")
        assert isinstance(sent, Sent)
        assert (sent.action.state, it.quivo.logins) == ("requested", ["ada", "ada"])
        assert it.quivo.writes == [("cancel", 1001, "ada")] * 2  # the first was answered with 401


async def test_a_login_that_fails_leaves_nothing_unknown(tmp_path: Path) -> None:
    """The write's 401 is known not done, whatever becomes of the login after it."""
    async with world(tmp_path) as it:
        held = await it.held()
        it.quivo.fails(SessionExpired("quivo"))
        it.quivo.login_fails = NoAnswer("quivo", outcome_known=False)
        sent = await send(it.ports, TEAM, held.action.id, "REF")
        assert isinstance(sent, Sent)
        assert (sent.action.state, len(it.quivo.writes)) == ("refused", 1)


async def test_a_second_401_is_not_sent_a_third_time(tmp_path: Path) -> None:
    """One login and one retry, never two (seed 000)."""
    async with world(tmp_path) as it:
        held = await it.held()
        it.quivo.fails(SessionExpired("quivo"))
        it.quivo.fails(SessionExpired("quivo"))
        sent = await send(it.ports, TEAM, held.action.id, "REF")
        assert isinstance(sent, Sent)
        assert (sent.action.state, len(it.quivo.writes), len(it.quivo.logins)) == ("refused", 2, 2)


async def test_without_a_password_a_401_asks_to_connect_again(tmp_path: Path) -> None:
    """A session that ran out and cannot be renewed refuses the write; nothing was accepted."""
    async with world(tmp_path) as it:
        await it.connect(ADA, "ada", keep=False)
        held = await it.held()
        it.quivo.fails(SessionExpired("quivo"))
        sent = await send(it.ports, TEAM, held.action.id, "REF")
        assert isinstance(sent, Sent)
        assert (sent.action.state, sent.action.payload["why"]) == ("refused", LOGIN_AGAIN.text)


STEPS = [
    (("before", "sending"), "held", 1),
    (("after", "sending"), "sending", 0),
    (("before", "requested"), "sending", 1),
    (("after", "requested"), "requested", 1),
]


@pytest.mark.parametrize(("dies", "left", "requests"), STEPS, ids=[" ".join(step[0]) for step in STEPS])
async def test_dying_at_each_step_sends_never_twice(
    tmp_path: Path, dies: tuple[str, str], left: str, requests: int
) -> None:
    """Killed before and after each record of a send: after the restart no second request, and the end is true (E2)."""
    quivo, clock = FakeQuivo(), Clock()
    async with world(tmp_path, quivo, clock) as first:
        held = await first.held()
        first.ledger.dies = dies
        with pytest.raises(Killed):
            await send(first.ports, TEAM, held.action.id, "REF-1")
        assert first.state(held.action.id) == left
    clock.advance(100)
    async with world(tmp_path, quivo, clock) as second:
        kinds = {kind for kind, _ in await second.due()}
        assert "cancel.send" in kinds
        sent = await send(second.ports, TEAM, held.action.id, "REF-2")
        assert isinstance(sent, Sent)
        expected = "unknown" if left == "sending" else "requested"
        assert sent.action.state == expected
        assert "cancel.look" in {kind for kind, _ in await _later(second.clock, second.due)}
        await read_back(second.ports, TEAM, held.action.id, "REF-3")
        assert second.state(held.action.id) == ("requested" if requests else "unknown")
        assert len(quivo.writes) == requests


@pytest.mark.parametrize("accepts", [False, True])
async def test_dying_inside_the_request_is_unknown(tmp_path: Path, accepts: bool) -> None:
    """Killed while the request was on its way, accepted or not: unknown and read back, never sent again (E2)."""
    quivo, clock = FakeQuivo(), Clock()
    async with world(tmp_path, quivo, clock) as first:
        held = await first.held()
        quivo.fails(Killed(), accepts=accepts)
        with pytest.raises(Killed):
            await send(first.ports, TEAM, held.action.id, "REF-1")
    async with world(tmp_path, quivo, clock) as second:
        sent = await send(second.ports, TEAM, held.action.id, "REF-2")
        assert isinstance(sent, Sent)
        assert (sent.action.state, sent.action.payload["why"]) == ("unknown", CUT_OFF)
        seen = await read_back(second.ports, TEAM, held.action.id, "REF-3")
        assert isinstance(seen, NotYet)
        assert seen.action.state == ("requested" if accepts else "unknown")
        assert len(quivo.writes) == 1


async def test_a_claim_that_cannot_be_written_claims_nothing(tmp_path: Path) -> None:
    """If ledger, audit and occurrence cannot be written together, nothing is, and nothing is sent (G7)."""
    async with world(tmp_path) as it:
        asked = it.asking()
    async with world(tmp_path) as it:
        await it.ports.ledger._database.close()  # type: ignore[attr-defined]
        with pytest.raises(StoreError):
            await ask(it.ports, ADA, asked, "REF")
        assert it.quivo.writes == []


async def test_an_undo_window_survives_a_restart(tmp_path: Path) -> None:
    """A restart inside the window neither sends early nor forgets (E7)."""
    quivo, clock = FakeQuivo(), Clock()
    async with world(tmp_path, quivo, clock) as first:
        held = await first.held()
    clock.advance(5)
    async with world(tmp_path, quivo, clock) as second:
        assert await second.due() == []
        clock.advance(5)
        assert await second.due() == [("cancel.send", {"action": held.action.id})]
        assert isinstance(await undo(second.ports, ADA, held.action.id, "REF"), Undone)


async def test_a_late_answer_corrects_what_was_taken_for_a_crash(tmp_path: Path) -> None:
    """A slow run whose lease ran out still records the truth: requested, not unknown."""
    async with world(tmp_path) as it:
        held = await it.held()
        other: list[object] = []

        async def slow() -> None:
            await send(it.ports, TEAM, held.action.id, "REF-1")

        real = it.quivo.cancel_request

        async def cancel_request(session: object, order_id: int, *, request_id: str = "") -> None:
            other.append(await send(it.ports, TEAM, held.action.id, "REF-2"))
            await real(session, order_id, request_id=request_id)  # type: ignore[arg-type]

        it.quivo.cancel_request = cancel_request  # type: ignore[method-assign]
        await slow()
        (overtaking,) = other
        assert isinstance(overtaking, Sent)
        assert (overtaking.action.state, it.state(held.action.id)) == ("unknown", "requested")
        assert len(it.quivo.writes) == 1


@pytest.mark.parametrize(("status", "state"), [(CANCELLED, "cancelled"), (COMPLETED, "shipped_anyway")])
@pytest.mark.parametrize("known", [True, False])
async def test_the_status_says_how_it_ended(tmp_path: Path, status: str, state: str, known: bool) -> None:
    """Cancelled or shipped anyway is what a second read says, also of a request that stayed unknown (E3)."""
    async with world(tmp_path) as it:
        held = await it.held()
        if not known:
            it.quivo.fails(NoAnswer("quivo", outcome_known=False))
        await send(it.ports, TEAM, held.action.id, "REF")
        settles(it.quivo, status)
        ended = await read_back(it.ports, TEAM, held.action.id, "REF")
        assert isinstance(ended, Settled)
        assert ended.action.state == state
        assert await read_back(it.ports, TEAM, held.action.id, "REF") == ended
        assert it.outcomes()[-1] == state


async def test_looks_grow_and_end_after_a_day(tmp_path: Path) -> None:
    """2 s, doubled up to 15 minutes, and after a day it gives up, says so and frees the order."""
    async with world(tmp_path) as it:
        held = await it.held()
        await send(it.ports, TEAM, held.action.id, "REF")
        sent_at, looked, waits = it.clock(), 0, []
        it.clock.advance(2)
        while isinstance(seen := await read_back(it.ports, TEAM, held.action.id, "REF", looked=looked), NotYet):
            waits.append((seen.next_at - it.clock()).total_seconds())
            it.clock.time, looked = seen.next_at, seen.looked
        assert waits[:10] == [4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
        assert timedelta(hours=23) < it.clock() - sent_at <= timedelta(hours=24, minutes=15)
        assert isinstance(seen, Settled)
        assert (seen.action.state, it.quivo.writes) == ("gave_up", [("cancel", 1001, "ada")])


async def test_after_three_days_of_sleep_it_looks_once_and_gives_up(tmp_path: Path) -> None:
    """The day is by the clock: a process that was down looks once more and then says how it stands."""
    async with world(tmp_path) as it:
        held = await it.held()
        await send(it.ports, TEAM, held.action.id, "REF")
        it.clock.advance(3 * 86_400)
        ended = await read_back(it.ports, TEAM, held.action.id, "REF")
        assert isinstance(ended, Settled)
        assert ended.action.state == "gave_up"


def test_next_look_as_a_table() -> None:
    """The waits before looks 1 to 10, and None once they add up to a day."""
    assert [next_look(number) for number in range(1, 11)] == [
        timedelta(seconds=seconds) for seconds in (2, 4, 8, 16, 32, 64, 128, 256, 512, 900)
    ]
    last = max(number for number in range(1, 300) if next_look(number) is not None)
    assert next_look(last + 1) is None
    waits = [next_look(number) for number in range(1, last + 1)]
    assert timedelta(hours=24) <= sum((one for one in waits if one), timedelta()) < timedelta(hours=24, minutes=15)


async def test_a_gone_connection_leaves_it_unknown_with_the_reason(tmp_path: Path) -> None:
    """The requester disconnected: nobody can look, so it is unknown and says why, and settles once they are back."""
    async with world(tmp_path) as it:
        held = await it.held()
        await send(it.ports, TEAM, held.action.id, "REF")
        await it.ports.accounts.disconnect(ADA)
        seen = await read_back(it.ports, TEAM, held.action.id, "REF")
        assert isinstance(seen, NotYet)
        assert (seen.action.state, seen.why) == ("unknown", NOT_CONNECTED.text)
        assert seen.action.payload["why"] == NOT_CONNECTED.text
        await it.connect(ADA, "ada")
        back = await read_back(it.ports, TEAM, held.action.id, "REF")
        assert isinstance(back, NotYet)
        assert (back.action.state, back.action.payload["why"]) == ("requested", None)


@pytest.mark.parametrize("error", [Unreachable("quivo"), NoAnswer("quivo"), Fault("quivo")])
async def test_a_moment_without_an_answer_changes_nothing(tmp_path: Path, error: NoAnswer) -> None:
    """A look that fails for the moment is only a later look."""
    async with world(tmp_path) as it:
        held = await it.held()
        await send(it.ports, TEAM, held.action.id, "REF")
        it.quivo.read_fails = error
        seen = await read_back(it.ports, TEAM, held.action.id, "REF", looked=3)
        assert isinstance(seen, NotYet)
        assert (seen.action.state, seen.looked, seen.why) == ("requested", 4, error.safe_text)


async def test_look_again_uses_the_clickers_connection(tmp_path: Path) -> None:
    """*Look again* reads with the clicker's own connection, never with the requester's (B7)."""
    async with world(tmp_path) as it:
        await it.connect(BEN, "ben")
        held = await it.held()
        await send(it.ports, TEAM, held.action.id, "REF")
        settles(it.quivo)
        it.quivo.reads.clear()
        ended = await read_back(it.ports, TEAM, held.action.id, "REF", reader=BEN)
        assert isinstance(ended, Settled)
        assert [token.split("-")[0] for _, token in it.quivo.reads] == ["ben"]


async def test_a_clicker_who_may_not_look_changes_nothing(tmp_path: Path) -> None:
    """Somebody without a connection cannot make a request unknown by pressing *Look again*."""
    async with world(tmp_path) as it:
        held = await it.held()
        await send(it.ports, TEAM, held.action.id, "REF")
        seen = await read_back(it.ports, TEAM, held.action.id, "REF", reader=BEN)
        assert isinstance(seen, NotYet)
        assert (seen.action.state, seen.why) == ("requested", NOT_CONNECTED.text)


async def test_nothing_is_known_of_strange_ids(tmp_path: Path) -> None:
    """Ids that nobody gave out, or another team's, do nothing (B6)."""
    async with world(tmp_path) as it:
        held = await it.held()
        assert await send(it.ports, "T0OTHER001", held.action.id, "REF") == GONE
        assert await read_back(it.ports, TEAM, "x", "REF") == GONE
        waiting = await read_back(it.ports, TEAM, held.action.id, "REF")
        assert isinstance(waiting, Settled)
        assert waiting.action.state == "held"
        assert it.quivo.writes == []


async def test_a_refused_request_frees_the_order(tmp_path: Path) -> None:
    """Quivo's no is known not done: the action is closed and the next ask is a new one."""
    async with world(tmp_path) as it:
        held = await it.held()
        it.quivo.fails(Forbidden("quivo"))
        sent = await send(it.ports, TEAM, held.action.id, "REF")
        assert isinstance(sent, Sent)
        assert sent.action.state == "refused"
        assert sent.action.payload["why"] == Forbidden("quivo").safe_text
        assert isinstance(await ask(it.ports, ADA, it.asking(), "REF"), Held)


async def test_a_read_that_fails_before_sending_sends_nothing(tmp_path: Path) -> None:
    """If the order cannot be seen when it should be sent, nothing is sent and the person is told."""
    async with world(tmp_path) as it:
        held = await it.held()
        it.quivo.read_fails = LoginRefused("quivo")
        sent = await send(it.ports, TEAM, held.action.id, "REF")
        assert isinstance(sent, Sent)
        assert (sent.action.state, it.quivo.writes) == ("refused", [])


def test_fingerprints_tell_orders_apart() -> None:
    """The same order has the same mark, and short ones; an order that we know little of has one too."""
    assert fingerprint(ORDER) == fingerprint(replace(ORDER, comment="x"))
    assert len(fingerprint(Order(1, "X"))) == 32
    assert settled(ORDER) is None


async def test_look_is_reading_with_ones_own_connection(tmp_path: Path) -> None:
    """``look`` shows the order as it is now."""
    async with world(tmp_path) as it:
        assert await look(it.ports.accounts, ADA, 1001) == Done(ORDER)


async def _later(clock: Clock, due: object) -> list[tuple[str, dict[str, object]]]:
    clock.advance(5)
    assert callable(due)
    found: list[tuple[str, dict[str, object]]] = await due()
    return found
