"""An import's rows are claimed before they are sent, once each, and their states always sum to the whole (E8)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from store_world import NOON, House, due, elsewhere, house

from store.errors import EnvelopeError, Repeated, StoreError
from store.imports import Import, ImportRow, RowState

NONE = {"ready": 0, "sending": 0, "done": 0, "refused": 0, "unknown": 0, "bad": 0}


def row(number: int, state: RowState = "ready") -> ImportRow:
    message = "deliveryAddress.zip: must not be blank" if state == "bad" else ""
    return ImportRow(number, state, f"A-{number}", None, message, {"name": f"Canary {number}"})


async def made(home: House, *rows: ImportRow, running: bool = True) -> str:
    import_id = await home.imports.create("T1", "U1", "C1", rows or (row(1), row(2), row(3, "bad")))
    if running:
        assert await home.imports.resume(import_id) is True
    return import_id


def state(home: House, import_id: str) -> str | None:
    found = home.imports.get(import_id, "T1")
    return found.state if found else None


async def test_an_import_comes_back_whole(place: str) -> None:
    """A preview has its rows by number with everything that was read from the file, also after a restart."""
    async with house(place) as home:
        import_id = await made(home, row(2), row(3, "bad"), row(1), running=False)
        await home.imports.shown(import_id, "1700000000.000100")
        sealer = home.sealer
    async with house(place, sealer) as home:
        expected = Import(import_id, "T1", "U1", "C1", "preview", "1700000000.000100", NOON)
        assert home.imports.get(import_id, "T1") == expected
        assert home.imports.rows(import_id) == [row(1), row(2), row(3, "bad")]
        assert home.imports.rows(import_id, "bad") == [row(3, "bad")]
        assert home.imports.counts(import_id) == NONE | {"ready": 2, "bad": 1}


async def test_rows_of_the_same_number_keep_nothing(place: str) -> None:
    """An import whose rows cannot all be kept is not kept at all."""
    async with house(place) as home:
        with pytest.raises(StoreError):
            await made(home, row(1), row(2), row(1))
        counts = "SELECT (SELECT count(*) FROM imports), (SELECT count(*) FROM import_rows)"
        assert elsewhere(place, counts) == [(0, 0)]


async def test_fifty_claim_a_row_once(place: str) -> None:
    """E8: 50 concurrent claims of one row: one is told True; a settled, bad or missing row is never claimed."""
    async with house(place) as home:
        import_id = await made(home)
        claims = await asyncio.gather(*(home.imports.claim_row(import_id, 1) for _ in range(50)))
        assert sorted(claims) == [False] * 49 + [True]
        assert home.imports.rows(import_id, "sending") == [row(1, "sending")]
        await home.imports.settle_row(import_id, 1, "done", 2001, "")
        others = [await home.imports.claim_row(import_id, number) for number in (1, 3, 4)]
        assert [*others, await home.imports.claim_row("x" * 22, 1)] == [False] * 4
        assert home.imports.counts(import_id) == NONE | {"ready": 1, "done": 1, "bad": 1}


async def test_a_settled_row_keeps_what_came_of_it(place: str) -> None:
    """A row that was being sent is settled once, with order id and message; the rest of it stays."""
    async with house(place) as home:
        import_id = await made(home)
        await home.imports.claim_row(import_id, 1)
        settle = home.imports.settle_row
        answers = [await settle(import_id, 1, "done", 2001, "made"), await settle(import_id, 1, "refused", None, "no")]
        assert answers == [True, False]
        done = replace(row(1), state="done", order_id=2001, message="made")
        assert home.imports.rows(import_id) == [done, row(2), row(3, "bad")]


async def test_an_unknown_row_is_settled_later(place: str) -> None:
    """E8: a row found in the middle of sending becomes unknown, is not claimed again, and is settled once known."""
    ends: list[RowState] = ["done", "refused", "ready"]
    async with house(place) as home:
        import_id = await made(home, row(1), row(2), row(3))
        for number, then in enumerate(ends, 1):
            await home.imports.claim_row(import_id, number)
            assert await home.imports.settle_row(import_id, number, "unknown", None, "no answer") is True
            assert await home.imports.claim_row(import_id, number) is False
            assert await home.imports.settle_row(import_id, number, then, None, "") is True
            assert home.imports.rows(import_id)[number - 1] == row(number, then)
            assert await home.imports.claim_row(import_id, number) is (then == "ready")


async def test_what_was_not_claimed_is_not_settled(place: str) -> None:
    """A ready, bad or missing row cannot be settled and stays as it is."""
    async with house(place) as home:
        import_id = await made(home)
        settled = [await home.imports.settle_row(import_id, number, "done", 1, "") for number in (1, 3, 4)]
        assert settled == [False, False, False]
        assert home.imports.rows(import_id) == [row(1), row(2), row(3, "bad")]


async def test_only_a_running_import_gives_rows(place: str) -> None:
    """E8: before the start, while it is stopped and after the end no row is claimed; what is sent is still settled."""
    async with house(place) as home:
        import_id = await made(home, running=False)
        early = await home.imports.claim_row(import_id, 1)
        await home.imports.resume(import_id)
        claimed = await home.imports.claim_row(import_id, 1)
        await home.imports.stop(import_id)
        stopped = await home.imports.claim_row(import_id, 2)
        settled = await home.imports.settle_row(import_id, 1, "done", 1, "")
        await home.imports.resume(import_id)
        resumed = await home.imports.claim_row(import_id, 2)
    assert [early, claimed, stopped, settled, resumed] == [False, True, False, True, True]


async def test_the_states_of_an_import(place: str) -> None:
    """Each step is possible from the right states only, told once, and finishing waits for the last row."""
    async with house(place) as home:
        imports, import_id = home.imports, await made(home, row(1), row(2, "bad"), running=False)
        steps = [await imports.stop(import_id), await imports.finish(import_id), await imports.resume(import_id)]
        steps += [await imports.resume(import_id), await imports.finish(import_id)]
        assert (steps, state(home, import_id)) == ([False, False, True, False, False], "running")
        await imports.claim_row(import_id, 1)
        steps = [await imports.finish(import_id), await imports.stop(import_id), await imports.stop(import_id)]
        assert (steps, state(home, import_id)) == ([False, True, False], "stopped")
        await imports.settle_row(import_id, 1, "unknown", None, "")
        steps = [await imports.finish(import_id), await imports.finish(import_id)]
        steps += [await imports.resume(import_id), await imports.stop(import_id)]
        assert (steps, state(home, import_id)) == ([True, False, False, False], "finished")


async def test_the_run_is_scheduled_with_the_start(place: str) -> None:
    """A resume schedules its run in the same transaction; told False, or with a used key, it schedules nothing."""
    async with house(place) as home:
        import_id = await made(home, running=False)
        assert await home.imports.resume(import_id, due("import/1", id=import_id)) is True
        assert await home.imports.resume(import_id, due("import/2", id=import_id)) is False
        (found,) = await home.occurrences.claim_due(owner="A", lease=timedelta(seconds=60), most=9)
        assert (found.key, found.payload) == ("import/1", {"id": import_id})
        await home.imports.stop(import_id)
        with pytest.raises(Repeated):
            await home.imports.resume(import_id, due("import/1", id=import_id))
        assert state(home, import_id) == "stopped"


async def test_another_import_is_untouched(place: str) -> None:
    """Steps, claims and results of one import change nothing of another one."""
    async with house(place) as home:
        one, other = await made(home), await made(home)
        await home.imports.claim_row(one, 1)
        await home.imports.settle_row(one, 1, "done", 7, "")
        await home.imports.shown(one, "1.1")
        await home.imports.stop(one)
        assert home.imports.rows(other) == [row(1), row(2), row(3, "bad")]
        assert home.imports.get(other, "T1") == Import(other, "T1", "U1", "C1", "running", None, NOON)


async def test_another_team_finds_nothing(place: str) -> None:
    """B6: with the right id in another team there is no import; a made-up id has no rows."""
    async with house(place) as home:
        import_id = await made(home)
        assert [home.imports.get(import_id, "T2"), home.imports.get("x" * 22, "T1")] == [None, None]
        assert (home.imports.rows("x" * 22), home.imports.counts("x" * 22)) == ([], NONE)


async def test_old_imports_are_forgotten_with_their_rows(place: str) -> None:
    """Imports made before the edge go with their rows; running and younger ones stay."""
    async with house(place) as home:
        old, running = await made(home, running=False), await made(home)
        home.watch.advance(90_000)
        fresh = await made(home, running=False)
        assert [await home.imports.forget_older_than(1), await home.imports.forget_older_than(1)] == [1, 0]
        assert [state(home, one) for one in (old, running, fresh)] == [None, "running", "preview"]
        assert [len(home.imports.rows(one)) for one in (old, running, fresh)] == [0, 3, 3]


async def test_rows_do_not_open_in_another_row_import_or_team(place: str) -> None:
    """C2: an envelope in another row, another import or another team is refused, and cannot be settled."""
    async with house(place) as home:
        one, other, third = await made(home), await made(home), await made(home)
        take = "UPDATE import_rows SET envelope = (SELECT envelope FROM import_rows WHERE import = ? AND number = ?)"
        elsewhere(place, f"{take} WHERE import = ? AND number = 1", (one, 2, one))
        elsewhere(place, f"{take} WHERE import = ? AND number = 1", (third, 1, other))
        elsewhere(place, "UPDATE imports SET team = 'T2' WHERE id = ?", (third,))
        for import_id in (one, other, third):
            with pytest.raises(EnvelopeError):
                home.imports.rows(import_id)
            await home.imports.claim_row(import_id, 1)
            with pytest.raises(EnvelopeError):
                await home.imports.settle_row(import_id, 1, "done", 1, "")
        assert home.imports.counts(one) == NONE | {"ready": 1, "sending": 1, "bad": 1}


async def test_a_row_does_not_show_what_it_holds(place: str) -> None:
    """C10: neither identifier nor message nor payload is in a row's repr."""
    shown = repr(ImportRow(1, "bad", "canary-1", None, "canary-2", {"name": "canary-3"}))
    assert "canary" not in shown
