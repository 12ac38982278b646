"""Following an order: one line for each change, until the last status or the first permanent error (F4)."""

from __future__ import annotations

from pathlib import Path

import pytest
from ops_fakes import ADA, BEN, ORDER, TEAM, World, world

from backends.errors import BackendError, Busy, Fault, KeyRefused, LoginRefused, NoAnswer, NotFound, Unreachable
from backends.quivo.order import CANCELLED, COMPLETED, PENDING
from operations.accounts import NOT_CONNECTED
from operations.watching import (
    ALREADY_FINAL,
    EVERY,
    NOT_WATCHED,
    AlreadyWatching,
    Change,
    Same,
    Stop,
    Watching,
    look,
    told,
    unwatch,
    watch,
)


async def begun(it: World) -> Watching:
    made = await watch(it.ports, ADA, 1001, "C1", "123.4")
    assert isinstance(made, Watching)
    return made


async def test_a_watch_tells_each_change_once_and_stops_at_the_last(tmp_path: Path) -> None:
    """PROCESSING, ON_HOLD, COMPLETED: two lines, and then it is over by itself."""
    async with world(tmp_path) as it:
        made = await begun(it)
        one = made.watch
        assert (one.last_status, one.reference, one.thread_ts) == ("PROCESSING", "#DE38678", "123.4")
        assert await look(it.ports, TEAM, one.id) == Same(one)
        it.quivo.set(status="ON_HOLD")
        first = await look(it.ports, TEAM, one.id)
        assert isinstance(first, Change)
        assert (first.before, first.after, first.final) == ("PROCESSING", "ON_HOLD", False)
        assert await told(it.ports, first)
        assert not await told(it.ports, first)
        assert isinstance(await look(it.ports, TEAM, one.id), Same)
        it.quivo.set(status=COMPLETED)
        last = await look(it.ports, TEAM, one.id)
        assert isinstance(last, Change)
        assert (last.before, last.after, last.final) == ("ON_HOLD", "COMPLETED", True)
        assert await told(it.ports, last)
        over = await look(it.ports, TEAM, one.id)
        assert isinstance(over, Stop)
        assert (over.reason, it.ports.watches.all_open()) == ("final_status", [])


async def test_the_first_look_is_scheduled_with_the_watch(tmp_path: Path) -> None:
    """The watch and its occurrence are one transaction; the look comes two minutes later."""
    async with world(tmp_path) as it:
        made = await begun(it)
        assert await it.due() == []
        it.clock.advance(EVERY.total_seconds())
        assert await it.due() == [("watch.look", {"watch": made.watch.id})]


async def test_dying_between_post_and_note_tells_it_again(tmp_path: Path) -> None:
    """What was not noted as told is a change again at the next look: late, and not never."""
    async with world(tmp_path) as it:
        made = await begun(it)
        it.quivo.set(status=CANCELLED)
        first, second = await look(it.ports, TEAM, made.watch.id), await look(it.ports, TEAM, made.watch.id)
        assert isinstance(first, Change)
        assert first == second


@pytest.mark.parametrize("error", [NotFound("quivo"), KeyRefused("quivo"), LoginRefused("quivo")])
async def test_a_permanent_error_stops_it_at_once(tmp_path: Path, error: BackendError) -> None:
    """One permanent refusal stops the watch, and the reason stays in the store (F4)."""
    async with world(tmp_path) as it:
        made = await begun(it)
        it.quivo.read_fails = error
        stopped = await look(it.ports, TEAM, made.watch.id)
        assert isinstance(stopped, Stop)
        assert stopped.text == error.safe_text
        kept = it.ports.watches.get(made.watch.id, TEAM)
        assert kept is not None
        assert kept.stopped == stopped.reason
        reads = len(it.quivo.reads)
        again = await look(it.ports, TEAM, made.watch.id)
        assert isinstance(again, Stop)
        assert (again.reason, len(it.quivo.reads)) == (stopped.reason, reads)


async def test_a_gone_connection_stops_it(tmp_path: Path) -> None:
    """Whose connection looked has disconnected: it stops and says why (F4)."""
    async with world(tmp_path) as it:
        made = await begun(it)
        await it.ports.accounts.disconnect(ADA)
        stopped = await look(it.ports, TEAM, made.watch.id)
        assert isinstance(stopped, Stop)
        assert (stopped.reason, stopped.text) == ("not_connected", NOT_CONNECTED.text)


@pytest.mark.parametrize("error", [Unreachable("quivo"), NoAnswer("quivo"), Busy("quivo"), Fault("quivo")])
async def test_a_moment_without_an_answer_stops_nothing(tmp_path: Path, error: BackendError) -> None:
    """What passes is only a later look."""
    async with world(tmp_path) as it:
        made = await begun(it)
        it.quivo.read_fails = error
        assert await look(it.ports, TEAM, made.watch.id) == Same(made.watch, error.safe_text)


@pytest.mark.parametrize("status", [COMPLETED, CANCELLED])
async def test_a_final_order_is_not_watched(tmp_path: Path, status: str) -> None:
    """There is nothing to wait for, so nothing is kept."""
    async with world(tmp_path) as it:
        it.quivo.set(status=status)
        assert await watch(it.ports, ADA, 1001, "C1") == ALREADY_FINAL
        assert (it.ports.watches.all_open(), it.ports.occurrences.next_due()) == ([], None)


async def test_a_channel_watches_an_order_once(tmp_path: Path) -> None:
    """The second time is told so; another channel has its own watch."""
    async with world(tmp_path) as it:
        await begun(it)
        assert await watch(it.ports, ADA, 1001, "C1") == AlreadyWatching(ORDER)
        assert isinstance(await watch(it.ports, ADA, 1001, "C2"), Watching)
        assert sorted(one.channel for one in it.ports.watches.all_open()) == ["C1", "C2"]


async def test_who_cannot_see_it_cannot_watch_it(tmp_path: Path) -> None:
    """A watch looks with its maker's own connection, so there must be one (B7)."""
    async with world(tmp_path) as it:
        assert await watch(it.ports, BEN, 1001, "C1") == NOT_CONNECTED
        assert it.ports.watches.all_open() == []


async def test_unwatching_ends_watch_and_looks(tmp_path: Path) -> None:
    """The channel's watch stops, its occurrence too, and the other channel's stays."""
    async with world(tmp_path) as it:
        made = await begun(it)
        other = await watch(it.ports, ADA, 1001, "C2")
        assert isinstance(other, Watching)
        stopped = await unwatch(it.ports, BEN, "C1", 1001)
        assert isinstance(stopped, Stop)
        assert (stopped.watch, stopped.reason) == (made.watch, "unwatched")
        assert await unwatch(it.ports, BEN, "C1", 1001) == NOT_WATCHED
        it.clock.advance(EVERY.total_seconds())
        assert await it.due() == [("watch.look", {"watch": other.watch.id})]
        assert isinstance(await begun(it), Watching)


async def test_strange_ids_are_gone(tmp_path: Path) -> None:
    """An id that is none, or another team's, looks at nothing (B6)."""
    async with world(tmp_path) as it:
        made = await begun(it)
        it.quivo.set(status=PENDING)
        assert await look(it.ports, "T0OTHER001", made.watch.id) == Stop(None, "gone")
        assert await look(it.ports, TEAM, "x") == Stop(None, "gone")
