"""Importing a file: every row once, whatever dies, stops or says nothing in between (E2, E8)."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ops_fakes import ADA, BEN, NEW, NOON, TEAM, Clock, FakeQuivo, Killed, World, world

from backends.errors import Busy, FieldError, Invalid, NoAnswer, Unreachable
from operations.accounts import NOT_CONNECTED
from operations.creating import create
from operations.csv_orders import Row
from operations.durable import Finished, Later
from operations.importing import ALREADY_THERE, CUT_OFF, ELSEWHERE, PAUSE, Batch, keep, run_batch, start, stop

SILENCE = NoAnswer("quivo", outcome_known=False)
FLAW = Invalid("quivo", fields=(FieldError("positions[0].sku", "is unknown"),))


def rows(count: int, bad: int = 0) -> list[Row]:
    good = [Row(n + 2, f"SC-{n:04}", replace(NEW, order_identifier=f"SC-{n:04}")) for n in range(count - bad)]
    return good + [Row(count - n + 1, "", None, "sku must not be empty") for n in reversed(range(bad))]


async def begun(it: World, count: int, bad: int = 0) -> str:
    import_id = await keep(it.ports, ADA, "C1", rows(count, bad))
    assert await start(it.ports, ADA, import_id, "REF-START")
    return import_id


async def batch(it: World, import_id: str, **more: Any) -> Batch:
    run = more.pop("run", "REF-START")
    made = await run_batch(it.ports, TEAM, import_id, "REF-RUN", more.pop("most", 20), run=run, **more)
    assert made is not None
    return made


async def to_the_end(it: World, import_id: str, crashed: bool = False, **more: Any) -> Batch:
    """Run as the engine does: with the payload of the run before, until it is finished."""
    made = await batch(it, import_id, crashed=crashed, **more)
    while isinstance(made.next, Later):
        it.clock.time = max(it.clock.time, made.next.at)
        payload = made.next.payload
        assert payload is not None
        assert payload["import"] == import_id
        made = await batch(it, import_id, again=payload["again"], run=payload["run"])
    return made


def identifiers(quivo: FakeQuivo) -> Counter[str | None]:
    return Counter(one.identifier for one in quivo.orders_by_id.values() if one.order_id != 1001)


async def test_two_hundred_with_seven_bad(tmp_path: Path) -> None:
    """200 rows, 7 of them bad: 193 orders, each once, and the report sums to 200 (E8)."""
    async with world(tmp_path) as it:
        import_id = await begun(it, 200, 7)
        made = await to_the_end(it, import_id)
        assert made.next == Finished("finished")
        assert made.counts == {"ready": 0, "sending": 0, "done": 193, "refused": 0, "unknown": 0, "bad": 7}
        assert set(identifiers(it.quivo).values()) == {1}
        assert (len(identifiers(it.quivo)), len(it.quivo.writes)) == (193, 193)


async def test_a_preview_sends_nothing(tmp_path: Path) -> None:
    """Before *start* nothing leaves, and only the one who brought the file can start it."""
    async with world(tmp_path) as it:
        import_id = await keep(it.ports, ADA, "C1", rows(3, 1))
        assert (await batch(it, import_id)).next == Finished("superseded")
        assert not await start(it.ports, BEN, import_id, "REF")
        assert not await start(it.ports, ADA, "x", "REF")
        assert (it.quivo.writes, await it.due()) == ([], [])
        assert await start(it.ports, ADA, import_id, "REF")
        assert not await start(it.ports, ADA, import_id, "REF-2")
        assert await it.due() == [("import.run", {"import": import_id, "run": "REF", "again": []})]
        assert [row.message for row in it.ports.imports.rows(import_id, "bad")] == ["sku must not be empty"]


async def test_nothing_is_known_of_strange_imports(tmp_path: Path) -> None:
    """Another team's import, or none, is not run (B6)."""
    async with world(tmp_path) as it:
        import_id = await begun(it, 1)
        assert await run_batch(it.ports, "T0OTHER001", import_id, "REF", run="REF-START") is None
        assert await run_batch(it.ports, TEAM, "x", "REF", run="REF-START") is None
        assert it.quivo.writes == []


async def test_batches_hand_on(tmp_path: Path) -> None:
    """A batch sends at most what it may and comes again at once."""
    async with world(tmp_path) as it:
        import_id = await begun(it, 5)
        made = await batch(it, import_id, most=2)
        assert made.next == Later(NOON, {"import": import_id, "run": "REF-START", "again": []})
        assert (made.counts["done"], made.counts["ready"]) == (2, 3)


@pytest.mark.parametrize("accepts", [True, False])
@pytest.mark.parametrize("at", [0, 7, 19])
async def test_killed_in_a_row_and_resumed(tmp_path: Path, at: int, accepts: bool) -> None:
    """Killed while row N was on its way, accepted or not: the rest goes on, and no order is there twice (E2, E8)."""
    quivo, clock = FakeQuivo(), Clock()
    async with world(tmp_path, quivo, clock) as first:
        import_id = await begun(first, 20, 2)
        quivo.coming = []
        _die_at(quivo, min(at, 17), accepts)
        with pytest.raises(Killed):
            await to_the_end(first, import_id)
        assert first.ports.imports.counts(import_id)["sending"] == 1
    async with world(tmp_path, quivo, clock) as second:
        made = await to_the_end(second, import_id, crashed=True)
        assert (made.next, made.counts["done"], made.counts["bad"]) == (Finished("finished"), 18, 2)
        assert (len(identifiers(quivo)), set(identifiers(quivo).values())) == (18, {1})
        assert len(quivo.writes) == (18 if accepts else 19)


@pytest.mark.parametrize("dies", [("before", "done"), ("after", "done")])
async def test_killed_between_answer_and_record(tmp_path: Path, dies: tuple[str, str]) -> None:
    """Dead after Quivo answered: the order is found by its identifier and not sent again (E2)."""
    quivo, clock = FakeQuivo(), Clock()
    async with world(tmp_path, quivo, clock) as first:
        import_id = await begun(first, 3)
        first.ledger.dies = dies
        with pytest.raises(Killed):
            await batch(first, import_id)
    async with world(tmp_path, quivo, clock) as second:
        made = await to_the_end(second, import_id, crashed=True)
        assert (made.counts["done"], len(quivo.writes)) == (3, 3)
        assert quivo.searches == ["SC-0000"]


async def test_killed_before_the_claim(tmp_path: Path) -> None:
    """A row that was taken but never claimed in the ledger is searched, not found, and sent once (E2)."""
    async with world(tmp_path) as it:
        import_id = await begun(it, 2)
        assert await it.ports.imports.claim_row(import_id, 2)
        made = await to_the_end(it, import_id, crashed=True)
        assert (made.next, len(it.quivo.writes), it.quivo.searches) == (Finished("finished"), 2, ["SC-0000"])


async def test_killed_and_stopped_and_resumed(tmp_path: Path) -> None:
    """Stopped before the restart: the row is unknown, nothing is sent, and the resumed import finds out."""
    quivo, clock = FakeQuivo(), Clock()
    async with world(tmp_path, quivo, clock) as first:
        import_id = await begun(first, 3)
        _die_at(quivo, 1, True)
        with pytest.raises(Killed):
            await batch(first, import_id)
        assert await stop(first.ports, ADA, import_id)
    async with world(tmp_path, quivo, clock) as second:
        made = await batch(second, import_id, crashed=True)
        assert (made.next, made.counts["unknown"], len(quivo.writes)) == (Finished("stopped"), 1, 2)
        (row,) = second.ports.imports.rows(import_id, "unknown")
        assert (row.number, row.message) == (3, CUT_OFF)
        assert await start(second.ports, ADA, import_id, "REF-2")
        payloads = [payload for _, payload in await second.due()]
        assert {"import": import_id, "run": "REF-2", "again": [3]} in payloads
        made = await to_the_end(second, import_id, again=[3], run="REF-2")
        assert (made.next, made.counts["done"], len(quivo.writes)) == (Finished("finished"), 3, 3)


async def test_another_run_leaves_a_row_on_its_way_alone(tmp_path: Path) -> None:
    """Without a crash a row that is being sent is somebody's: it is neither sent again nor called unknown."""
    async with world(tmp_path) as it:
        import_id = await begun(it, 2)
        assert await it.ports.imports.claim_row(import_id, 2)
        made = await batch(it, import_id)
        assert isinstance(made.next, Later)
        assert (made.next.at, made.counts["sending"], made.counts["done"]) == (NOON + PAUSE, 1, 1)
        assert [one[1] for one in it.quivo.writes] == ["SC-0001"]


async def test_stopping_and_going_on(tmp_path: Path) -> None:
    """Stop ends it after the row at hand, resume sends the rest, and nothing goes out twice (E8)."""
    async with world(tmp_path) as it:
        import_id = await begun(it, 10)
        await batch(it, import_id, most=4)
        assert not await stop(it.ports, BEN, import_id)
        assert await stop(it.ports, BEN, import_id, admin=True)
        assert not await stop(it.ports, ADA, import_id)
        assert (await batch(it, import_id)).next == Finished("stopped")
        assert len(it.quivo.writes) == 4
        assert await start(it.ports, ADA, import_id, "REF-2")
        assert (await batch(it, import_id, crashed=True)).next == Finished("superseded")
        assert (await to_the_end(it, import_id, run="REF-2")).counts["done"] == 10
        assert len(it.quivo.writes) == 10


async def test_stopped_in_the_middle_of_a_batch(tmp_path: Path) -> None:
    """A stop while a batch runs lets the row at hand finish and no other begin."""
    async with world(tmp_path) as it:
        import_id = await begun(it, 5)
        real = it.quivo.create

        async def stopping(*args: Any, **more: Any) -> int:
            await stop(it.ports, ADA, import_id)
            return await real(*args, **more)

        it.quivo.create = stopping  # type: ignore[method-assign]
        made = await batch(it, import_id)
        assert (made.next, made.counts["done"], made.counts["ready"]) == (Finished("stopped"), 1, 4)


@pytest.mark.parametrize("error", [Unreachable("quivo"), Busy("quivo")])
async def test_a_back_end_that_is_away_pauses_it(tmp_path: Path, error: Busy) -> None:
    """What would be wrong with every row is not held against one: it stays ready and is tried later."""
    async with world(tmp_path) as it:
        import_id = await begun(it, 3)
        it.quivo.fails(error)
        made = await batch(it, import_id)
        assert made.next == Later(NOON + PAUSE, {"import": import_id, "run": "REF-START", "again": []})
        assert (made.why, made.counts["ready"], len(it.quivo.writes)) == (error.safe_text, 3, 1)
        assert (await to_the_end(it, import_id)).counts["done"] == 3


async def test_a_gone_connection_stops_it_with_the_reason(tmp_path: Path) -> None:
    """Whoever has disconnected imports no further, and goes on after connecting again (B3)."""
    async with world(tmp_path) as it:
        import_id = await begun(it, 3)
        await it.ports.accounts.disconnect(ADA)
        made = await batch(it, import_id)
        assert (made.next, made.why, made.counts["ready"]) == (Finished("stopped"), NOT_CONNECTED.text, 3)
        await it.connect(ADA, "ada")
        assert await start(it.ports, ADA, import_id, "REF-2")
        assert (await to_the_end(it, import_id, run="REF-2")).counts["done"] == 3


async def test_a_gone_connection_after_a_crash(tmp_path: Path) -> None:
    """A row that was cut off and can't be looked for is unknown, and found once there is a connection again."""
    async with world(tmp_path) as it:
        import_id = await begun(it, 1)
        _die_at(it.quivo, 0, True)
        with pytest.raises(Killed):
            await batch(it, import_id)
        await it.ports.accounts.disconnect(ADA)
        made = await batch(it, import_id, crashed=True)
        assert (made.next, made.counts["unknown"]) == (Finished("stopped"), 1)
        await it.connect(ADA, "ada")
        assert await start(it.ports, ADA, import_id, "REF-2")
        made = await to_the_end(it, import_id, again=[2], run="REF-2")
        assert (made.next, made.counts["done"], len(it.quivo.writes)) == (Finished("finished"), 1, 1)


async def test_rows_that_quivo_refuses(tmp_path: Path) -> None:
    """A refused row says why and the others go on."""
    async with world(tmp_path) as it:
        import_id = await begun(it, 3)
        it.quivo.fails(FLAW)
        made = await to_the_end(it, import_id)
        assert (made.next, made.counts["done"], made.counts["refused"]) == (Finished("finished"), 2, 1)
        (row,) = it.ports.imports.rows(import_id, "refused")
        assert row.message == "positions[0].sku is unknown"


@pytest.mark.parametrize("accepts", [True, False])
async def test_rows_without_an_answer(tmp_path: Path, accepts: bool) -> None:
    """A silence leaves its row unknown; the import stops at its end, and resuming searches before it sends (E3)."""
    async with world(tmp_path) as it:
        import_id = await begun(it, 3)
        it.quivo.fails(SILENCE, accepts=accepts)
        made = await to_the_end(it, import_id)
        assert (made.next, made.counts["unknown"], made.counts["done"]) == (Finished("stopped"), 1, 2)
        assert len(it.quivo.writes) == 3
        assert await start(it.ports, ADA, import_id, "REF-2")
        made = await to_the_end(it, import_id, again=[2], run="REF-2")
        assert (made.next, made.counts["done"]) == (Finished("finished"), 3)
        assert (len(it.quivo.writes), it.quivo.searches) == (3 if accepts else 4, ["SC-0000"])
        assert set(identifiers(it.quivo).values()) == {1}


async def test_a_look_back_that_fails_comes_again(tmp_path: Path) -> None:
    """If the search fails for the moment, the row waits for the next run, and is not sent."""
    async with world(tmp_path) as it:
        import_id = await begun(it, 2)
        assert await it.ports.imports.claim_row(import_id, 2)
        it.quivo.search_fails = Unreachable("quivo")
        made = await batch(it, import_id, crashed=True)
        assert made.next == Later(NOON + PAUSE, {"import": import_id, "run": "REF-START", "again": [2]})
        assert it.quivo.writes == []
        it.quivo.search_fails = None
        assert (await to_the_end(it, import_id, again=[2])).counts["done"] == 2


async def test_what_was_there_before_is_not_counted_as_done(tmp_path: Path) -> None:
    """An identifier that another order has is refused and names that order."""
    async with world(tmp_path) as it:
        taken = [Row(2, "shop-1001", replace(NEW, order_identifier="shop-1001"))]
        import_id = await keep(it.ports, ADA, "C1", taken)
        assert await start(it.ports, ADA, import_id, "REF-START")
        await to_the_end(it, import_id)
        (row,) = it.ports.imports.rows(import_id, "refused")
        assert (row.order_id, row.message) == (1001, ALREADY_THERE)


async def test_what_somebody_else_is_creating_is_left_to_them(tmp_path: Path) -> None:
    """Two people with one identifier: the second row is refused, and nothing more is sent (E1)."""
    async with world(tmp_path) as it:
        await it.connect(BEN, "ben")
        it.quivo.fails(SILENCE)
        await create(it.ports, BEN, replace(NEW, order_identifier="SC-0000"), "REF")
        import_id = await begun(it, 1)
        await to_the_end(it, import_id)
        (row,) = it.ports.imports.rows(import_id, "refused")
        assert (row.message, len(it.quivo.writes)) == (ELSEWHERE, 1)


async def test_every_row_is_in_the_audit(tmp_path: Path) -> None:
    """Each order of an import has its own claim and its own lines, and the chain holds (G7, G8)."""
    async with world(tmp_path) as it:
        import_id = await begun(it, 3)
        await to_the_end(it, import_id)
        assert it.outcomes() == ["requested", *["sending", "done"] * 3, "done"]
        assert it.audit.verify() is None
        it.clock.time += timedelta(days=1)
        assert [kind for kind, _ in await it.due()] == ["import.run"]


async def test_a_run_that_was_overtaken_leaves_rows_alone(tmp_path: Path) -> None:
    """A dead run that comes back beside a living one neither sends nor settles the row on its way (E2, E8)."""
    async with world(tmp_path) as it:
        import_id = await begun(it, 2)
        await stop(it.ports, ADA, import_id)
        assert await start(it.ports, ADA, import_id, "REF-2")
        assert await it.ports.imports.claim_row(import_id, 2)
        made = await batch(it, import_id, crashed=True)
        assert (made.next, made.counts["sending"], it.quivo.writes) == (Finished("superseded"), 1, [])
        await stop(it.ports, ADA, import_id)
        assert not await start(it.ports, ADA, import_id, "REF-3")


async def test_two_presses_on_start_make_one_run(tmp_path: Path) -> None:
    """Ten presses at once: one run, which is the current one (E1)."""
    async with world(tmp_path) as it:
        import_id = await keep(it.ports, ADA, "C1", rows(1))
        started = await asyncio.gather(*(start(it.ports, ADA, import_id, f"R{i}") for i in range(10)))
        ((_, payload),) = await it.due()
        assert (started.count(True), f"R{started.index(True)}") == (1, payload["run"])
        assert (await to_the_end(it, import_id, run=payload["run"])).next == Finished("finished")


def _die_at(quivo: FakeQuivo, number: int, accepts: bool) -> None:
    def counted() -> None:
        if len(quivo.writes) == number + 1 and not quivo.coming:
            quivo.fails(Killed(), accepts=accepts)

    quivo.while_writing = counted
