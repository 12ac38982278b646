"""What is forgotten of carts leaves the file too, and no token stands in it in clear (C1, C7)."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from store_kit import House, disguises, elsewhere, house, raw_bytes

from store.backup import backup, verify_backup
from store.carts import KeptCart
from store.errors import Lingering

STORE = "https://shop.example.com"
TOKEN = "zTEpsukRq_yEUcXVCSv0uw1632867307450"


async def kept(home: House, user: str = "U1", channel: str = "C1", number: str = "R1", token: str = TOKEN) -> KeptCart:
    made = await home.carts.keep("T1", user, channel, number=number, store=STORE, currency="USD", token=token)
    assert made is not None
    return made


async def test_forgetting_a_person_leaves_no_trace(tmp_path: Path) -> None:
    """C7: all carts of one person go at once, for a second connection too, and 0 bytes of them stay in any file."""
    async with house(tmp_path) as home:
        for number in range(6):
            cart = await kept(home, channel=f"C{number}", number=f"R{number}", token=TOKEN + "x" * 300 * number)
            if number % 2:
                await home.carts.complete(cart)
        other = await kept(home, "U2", number="R77", token="other")
        mine = elsewhere(home.database.path, "SELECT id, envelope FROM carts WHERE user = 'U1'")
        assert await home.carts.forget_person("T1", "U1") == 6
        raw = raw_bytes(home.database.path)
        assert [id for id, envelope in mine if id.encode() in raw or envelope[:40] in raw] == []
        assert elsewhere(home.database.path, "SELECT user FROM carts") == [("U2",)]
        assert home.carts.token(other) == "other"


async def test_a_removal_that_cannot_empty_the_log_says_so(tmp_path: Path) -> None:
    """C7: with another reader in the way the carts are gone, it is said that they linger, and asking again ends it."""
    async with house(tmp_path) as home:
        await home.database.write(lambda connection: connection.execute("PRAGMA busy_timeout=1").fetchall())
        await kept(home)
        rival = sqlite3.connect(home.database.path, isolation_level=None)
        rival.execute("BEGIN")
        rival.execute("SELECT * FROM carts").fetchall()
        with pytest.raises(Lingering):
            await home.carts.forget_person("T1", "U1")
        assert home.carts.current("T1", "U1", "C1") is None
        rival.close()
        assert await home.carts.forget_person("T1", "U1") == 0


async def test_no_canary_in_any_file(tmp_path: Path) -> None:
    """C1: in file, log and backup a token stands in 0 disguises, and a restored backup opens with the key (G6)."""
    async with house(tmp_path) as home:
        for number in range(20):
            await kept(home, f"U{number}", number=f"R{number}")
        await home.carts.drop(await kept(home, "U99"))
        copy = tmp_path / "copies" / "backup.db"
        await backup(home.database, copy)
        raw = raw_bytes(home.database.path) + raw_bytes(copy)
        assert [form for form in disguises(TOKEN) if form in raw] == []
        assert (await verify_backup(copy, home.sealer)).opened == 20
