"""What two replicas do at the same time: nothing comes back after a disconnect (C7), and nothing is done twice (E8)."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

import psycopg
from store_world import House, due, elsewhere, house

from store.connection import Connection
from store.imports import ImportRow

Person = tuple[str, str, str]
ME: Person = ("T1", "U1", "quivo")


async def pause(chance: random.Random) -> None:
    if chance.random() < 0.7:
        await asyncio.sleep(chance.random() * 0.004)


async def refresh(home: House, me: Person, chance: random.Random, token: bytes) -> None:
    """What an expired session does: read the connection, log in (which takes its time), keep the new session."""
    await pause(chance)
    connection = home.vault.connection(*me)
    await pause(chance)
    if connection:
        await home.vault.keep(connection, "session", token)


async def leave(home: House, me: Person, chance: random.Random, again: bool) -> Connection | None:
    await pause(chance)
    if not again or chance.random() < 0.5:
        await home.vault.disconnect(*me)
    if not again:
        return None
    fresh = {"session": b"fresh", "credentials": b"fresh"}
    return await home.vault.connect(*me, account="new", keeps_password=True, secrets=fresh)


async def came_back(one: House, other: House, me: Person, seed: int) -> bool:
    """One interleaving; whether anything is there that should be gone, or gone that should be there."""
    chance, again = random.Random(seed), seed % 2 == 1
    old = await one.vault.connect(*me, account="old", keeps_password=True, secrets={"session": b"old"})
    jobs = [refresh(one, me, chance, b"mine"), leave(other, me, chance, again), refresh(other, me, chance, b"theirs")]
    chance.shuffle(jobs)
    new = next((found for found in await asyncio.gather(*jobs) if found), None)
    now = one.vault.connection(*me)
    late = await one.vault.keep(old, "session", b"late")
    return (now and now.id, other.vault.secret(old, "session"), late) != (new and new.id, None, False)


async def test_a_refresh_in_flight_cannot_bring_a_connection_back(url: str) -> None:
    """C7: 300 interleavings of refreshes on two replicas with a removal or reconnection: 0 come back.

    Five people at a time, so that the pauses of one are the work of another.
    """
    wrong: list[int] = []
    async with house(url) as one, house(url, one.sealer) as other:

        async def person(number: int) -> None:
            me = ("T1", f"U{number}", "quivo")
            wrong.extend([seed for seed in range(number, 300, 5) if await came_back(one, other, me, seed)])
            await one.vault.disconnect(*me)

        await asyncio.gather(*(person(number) for number in range(5)))
    assert wrong == []
    assert elsewhere(url, "SELECT (SELECT count(*) FROM secrets), (SELECT count(*) FROM connections)") == [(0, 0)]


async def waiting(url: str) -> None:
    """Until somebody waits for a lock."""
    while not elsewhere(url, "SELECT 1 FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110 - the server cannot call us
        await asyncio.sleep(0.01)


async def test_a_renewal_waits_for_a_removal_under_way(url: str) -> None:
    """C7: while another replica is removing the connection a renewal waits, and then keeps nothing."""
    async with house(url) as home:
        made = await home.vault.connect(*ME, account="a", keeps_password=True, secrets={"session": b"old"})
        async with await psycopg.AsyncConnection.connect(url) as rival:
            await rival.execute("DELETE FROM connections")
            renewal = asyncio.create_task(home.vault.keep(made, "session", b"new"))
            await waiting(url)
        assert await renewal is False
        assert elsewhere(url, "SELECT * FROM secrets") == []


async def test_a_renewal_survives_a_removal_that_is_undone(url: str) -> None:
    """C7: if the removal does not happen after all, the renewal that waited is kept."""
    async with house(url) as home:
        made = await home.vault.connect(*ME, account="a", keeps_password=True, secrets={"session": b"old"})
        async with await psycopg.AsyncConnection.connect(url) as rival:
            await rival.execute("DELETE FROM connections")
            renewal = asyncio.create_task(home.vault.keep(made, "session", b"new"))
            await waiting(url)
            await rival.rollback()
        assert (await renewal, home.vault.secret(made, "session")) == (True, b"new")


async def test_gone_for_another_replica_and_after_a_restart(url: str) -> None:
    """C7: another replica sees no row at once, and neither does the next start."""
    async with house(url) as one, house(url, one.sealer) as other:
        made = await one.vault.connect(*ME, account="a", keeps_password=True, secrets={"session": b"x"})
        assert other.vault.secret(made, "session") == b"x"
        assert await other.vault.disconnect(*ME) == made
        assert (one.vault.connection(*ME), one.vault.secret(made, "session")) == (None, None)
        sealer = one.sealer
    async with house(url, sealer) as home:
        assert await home.vault.keep(made, "session", b"late") is False


async def test_a_stop_waits_for_a_claim_under_way(url: str) -> None:
    """E8: a stop on one replica waits for a row that another is claiming, so nothing is claimed once it returned."""
    async with house(url) as home:
        import_id = await home.imports.create("T1", "U1", "C1", [ImportRow(1, "ready", "A-1", None, "", {})])
        await home.imports.resume(import_id)
        async with await psycopg.AsyncConnection.connect(url) as rival:
            await rival.execute("SELECT 1 FROM imports WHERE state = 'running' FOR SHARE")  # as a claim does
            stop = asyncio.create_task(home.imports.stop(import_id))
            await waiting(url)
            assert not stop.done()
        assert await stop is True
        assert await home.imports.claim_row(import_id, 1) is False


async def test_a_claim_waits_for_a_stop_under_way(url: str) -> None:
    """E8: a row is not claimed beside a stop that is not finished, but after it, and then not at all."""
    async with house(url) as home:
        import_id = await home.imports.create("T1", "U1", "C1", [ImportRow(1, "ready", "A-1", None, "", {})])
        await home.imports.resume(import_id)
        async with await psycopg.AsyncConnection.connect(url) as rival:
            await rival.execute("UPDATE imports SET state = 'stopped'")
            claim = asyncio.create_task(home.imports.claim_row(import_id, 1))
            await waiting(url)
        assert await claim is False
        assert [row.state for row in home.imports.rows(import_id)] == ["ready"]


async def test_a_result_waits_for_another_under_way(url: str) -> None:
    """E8: a row that another replica is settling is not settled a second time, and keeps the first result."""
    async with house(url) as home:
        import_id = await home.imports.create("T1", "U1", "C1", [ImportRow(1, "ready", "A-1", None, "", {})])
        await home.imports.resume(import_id)
        await home.imports.claim_row(import_id, 1)
        async with await psycopg.AsyncConnection.connect(url) as rival:
            await rival.execute("UPDATE import_rows SET state = 'done', order_id = 7")
            settling = asyncio.create_task(home.imports.settle_row(import_id, 1, "refused", None, "no"))
            await waiting(url)
        assert await settling is False
        assert [(row.state, row.order_id) for row in home.imports.rows(import_id)] == [("done", 7)]


async def test_a_claim_does_not_wait_for_another_under_way(url: str) -> None:
    """Replicas that claim at the same time do not wait for one another: what one is looking at, the other leaves."""
    async with house(url) as home:
        for key in ("d-1", "d-2"):
            await home.occurrences.add(due(key))
        async with await psycopg.AsyncConnection.connect(url) as rival:
            await rival.execute("SELECT 1 FROM occurrences WHERE key = 'd-1' FOR UPDATE")
            claimed = await home.occurrences.claim_due(owner="A", lease=timedelta(seconds=60), most=9)
        assert [one.key for one in claimed] == ["d-2"]
