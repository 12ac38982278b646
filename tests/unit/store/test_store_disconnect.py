"""After a disconnect nothing is left, and nothing comes back (C7)."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from pathlib import Path

import pytest
from store_kit import House, database_path, elsewhere, house, line, raw_bytes

from store.connection import Connection
from store.errors import Lingering
from store.intake import SqliteIntake

ME = ("T1", "U1", "quivo")


def pieces(whole: bytes) -> list[bytes]:
    """Some forty stretches of 12 bytes from end to end: a remnant may have lost its beginning or its end."""
    return [whole[at : at + 12] for at in range(0, len(whole) - 11, max(6, len(whole) // 40))]


def traces(home: House, gone: list[bytes]) -> list[bytes]:
    return found(raw_bytes(home.database.path), gone)


def found(there: bytes, gone: list[bytes]) -> list[bytes]:
    return [whole for whole in gone if any(piece in there for piece in pieces(whole))]


async def joined(home: House, user: str, size: int) -> tuple[Connection, list[bytes]]:
    made = await home.vault.connect(
        "T1",
        user,
        "quivo",
        account=f"account-{user}-canary",
        keeps_password=True,
        secrets={"credentials": random.randbytes(size), "session": random.randbytes(size // 2)},
    )
    sql = "SELECT envelope FROM secrets WHERE connection = ?"
    envelopes = [bytes(row[0]) for row in elsewhere(home.database.path, sql, (made.id,))]
    return made, [made.id.encode(), made.account.encode(), *envelopes]


async def test_no_remnant_in_any_file(tmp_path: Path) -> None:
    """C7: after each of 40 removals amid other writes, 0 remnants of row or envelope in the file, its log and index."""
    random.seed(7)
    async with house(tmp_path) as home:
        intake, living, removed = SqliteIntake(home.database), {}, []
        for number in range(100):
            await intake.admit(f"key-{number}", line(number))
            user = f"U{number:03}"
            living[user] = await joined(home, user, random.choice((40, 200, 1500, 9000)))
            if number % 5 < 2:
                user, (made, left) = random.choice(list(living.items()))
                await home.vault.keep(made, "session", random.randbytes(random.randrange(3000)))
                assert await home.vault.disconnect("T1", user, "quivo")
                removed += left
                del living[user]
                assert traces(home, left) == []
        there = raw_bytes(home.database.path)
        assert (len(removed), found(there, removed)) == (160, [])
        known = [left for _, left in living.values()]
        assert [left for left in known if found(there, left) != left] == []


async def test_gone_for_a_second_connection_and_after_a_restart(tmp_path: Path) -> None:
    """C7: another program sees no row at once, and neither does the next start."""
    async with house(tmp_path) as home:
        made, left = await joined(home, "U1", 100)
        other = sqlite3.connect(home.database.path, isolation_level=None)
        assert other.execute("SELECT count(*) FROM secrets").fetchone() == (2,)
        await home.vault.disconnect(*ME)
        counts = [other.execute(f"SELECT count(*) FROM {name}").fetchone() for name in ("connections", "secrets")]
        other.close()
        assert counts == [(0,), (0,)]
        sealer = home.sealer
    assert raw_bytes(database_path(tmp_path)).find(left[-1]) == -1
    async with house(tmp_path, sealer) as home:
        assert (home.vault.connection(*ME), home.vault.secret(made, "session")) == (None, None)
        assert await home.vault.keep(made, "session", b"late") is False


async def test_a_removal_that_cannot_empty_the_log_says_so_and_can_be_asked_again(tmp_path: Path) -> None:
    """C7: with another reader in the way it is removed, said to linger, and finished by the next try."""
    async with house(tmp_path) as home:
        await home.database.write(lambda connection: connection.execute("PRAGMA busy_timeout=1").fetchall())
        _, left = await joined(home, "U1", 100)
        rival = sqlite3.connect(home.database.path, isolation_level=None)
        rival.execute("BEGIN")
        rival.execute("SELECT * FROM secrets").fetchall()
        with pytest.raises(Lingering):
            await home.vault.disconnect(*ME)
        assert home.vault.connection(*ME) is None
        rival.close()
        assert await home.vault.disconnect(*ME) is None
        assert traces(home, left) == []


async def test_replaced_secrets_leave_the_log_too(tmp_path: Path) -> None:
    """C7: after a reconnection the log holds nothing, so the old envelope is on no page."""
    async with house(tmp_path) as home:
        await joined(home, "U1", 100)
        await joined(home, "U1", 100)
        assert home.database.path.with_name("shipclerk.db-wal").stat().st_size == 0


async def refresh(home: House, me: tuple[str, str, str], chance: random.Random, token: bytes) -> None:
    """What an expired session does: read the connection, log in (which takes its time), keep the new session."""
    for _ in range(chance.randrange(4)):
        await asyncio.sleep(0)
    connection = home.vault.connection(*me)
    for _ in range(chance.randrange(6)):
        await asyncio.sleep(0)
    if connection:
        await home.vault.keep(connection, "session", token)


async def leave(home: House, me: tuple[str, str, str], chance: random.Random, again: bool) -> Connection | None:
    for _ in range(chance.randrange(8)):
        await asyncio.sleep(0)
    if not again or chance.random() < 0.5:
        await home.vault.disconnect(*me)
    if not again:
        return None
    fresh = {"session": b"fresh", "credentials": b"fresh"}
    return await home.vault.connect(*me, account="new", keeps_password=True, secrets=fresh)


async def came_back(home: House, me: tuple[str, str, str], seed: int) -> bool:
    """One interleaving; whether anything is there that should be gone, or gone that should be there."""
    chance, again = random.Random(seed), seed % 2 == 1
    old = await home.vault.connect(*me, account="old", keeps_password=True, secrets={"session": b"old"})
    jobs = [leave(home, me, chance, again), *(refresh(home, me, chance, token) for token in (b"refreshed", b"again"))]
    chance.shuffle(jobs)
    new = next((found for found in await asyncio.gather(*jobs) if found), None)
    now = home.vault.connection(*me)
    found = (now == new, home.vault.secret(old, "session"), await home.vault.keep(old, "session", b"late"))
    mine = (old.id, new.id if new else "")
    rows = home.database.all("SELECT DISTINCT connection FROM secrets WHERE connection IN (?, ?)", mine)
    return found != (True, None, False) or rows != ([(new.id,)] if new else [])


async def test_a_refresh_in_flight_cannot_bring_a_connection_back(tmp_path: Path) -> None:
    """C7: 1,000 interleavings of refreshes with a removal or reconnection: 0 connections or old sessions come back.

    Twenty-five people at a time, so that they share commits.
    """
    wrong: list[int] = []

    async def person(home: House, number: int) -> None:
        me = ("T1", f"U{number}", "quivo")
        wrong.extend([seed for seed in range(number, 1000, 25) if await came_back(home, me, seed)])
        await home.vault.disconnect(*me)

    async with house(tmp_path) as home:
        await asyncio.gather(*(person(home, number) for number in range(25)))
        counts = "SELECT (SELECT count(*) FROM connections), (SELECT count(*) FROM secrets)"
        assert (wrong, elsewhere(home.database.path, counts)) == ([], [(0, 0)])
