"""A cart is one person's own in one channel, and its order token is sealed (seed 003)."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from store_kit import NOON, House, disguises, elsewhere, house, raw_bytes

from store.backup import backup, verify_backup
from store.carts import COMPLETED, OPEN, KeptCart, SqliteCarts
from store.errors import EnvelopeError, Lingering

STORE = "https://shop.example.com"
TOKEN = "zTEpsukRq_yEUcXVCSv0uw1632867307450"


def carts_of(home: House) -> SqliteCarts:
    return SqliteCarts(home.database, home.sealer, now=home.watch)


async def kept(home: House, user: str = "U1", channel: str = "C1", number: str = "R1", token: str = TOKEN) -> KeptCart:
    made = await carts_of(home).keep("T1", user, channel, number=number, store=STORE, currency="USD", token=token)
    assert made is not None
    return made


async def test_a_cart_comes_back_whole(tmp_path: Path) -> None:
    """A cart is found by person and channel, and by its number, with its token, also after a restart."""
    async with house(tmp_path) as home:
        cart, sealer = await kept(home), home.sealer
        assert cart == KeptCart(cart.id, "T1", "U1", "C1", "R1", STORE, "USD", OPEN, NOON)
    async with house(tmp_path, sealer) as home:
        carts = carts_of(home)
        assert (carts.current("T1", "U1", "C1"), carts.find("T1", "U1", "R1")) == (cart, cart)
        assert (carts.token(cart), carts.last_completed("T1", "U1", "C1")) == (TOKEN, None)
        assert carts.held("T1", STORE, "R1")


@pytest.mark.parametrize("other", [("T2", "U1", "C1"), ("T1", "U2", "C1"), ("T1", "U1", "C2"), ("T1", "%", "C1")])
async def test_nobody_else_finds_it(tmp_path: Path, other: tuple[str, str, str]) -> None:
    """Another team, another person and another channel have no cart there."""
    async with house(tmp_path) as home:
        await kept(home)
        assert carts_of(home).current(*other) is None


async def test_a_number_is_found_only_by_its_person(tmp_path: Path) -> None:
    """The number of somebody else's cart finds nothing, and a cart is held only in its team and at its store."""
    async with house(tmp_path) as home:
        await kept(home)
        carts = carts_of(home)
        assert [carts.find(*one, "R1") for one in (("T1", "U2"), ("T2", "U1"))] == [None, None]
        places = (("T2", STORE), ("T1", "https://other.example.com"))
        assert [carts.held(*one, "R1") for one in places] == [False, False]


async def test_two_people_in_one_channel_have_a_cart_each(tmp_path: Path) -> None:
    """Keeping, completing or dropping one person's cart leaves the other's in the same channel as it was."""
    async with house(tmp_path) as home:
        carts, ada, ben = carts_of(home), await kept(home), await kept(home, "U2", number="R2", token="other")
        await carts.complete(ada)
        await kept(home, number="R3")
        await carts.drop(ada)
        assert (carts.current("T1", "U2", "C1"), carts.token(ben)) == (ben, "other")


async def test_a_new_cart_takes_the_place_of_the_open_one(tmp_path: Path) -> None:
    """At most one is open: the older one is gone with its token, and one that was ordered stays."""
    async with house(tmp_path) as home:
        carts, ordered = carts_of(home), await kept(home)
        await carts.complete(ordered)
        left, now = await kept(home, number="R2"), await kept(home, number="R3")
        assert (carts.current("T1", "U1", "C1"), carts.token(left)) == (now, None)
        assert carts.last_completed("T1", "U1", "C1") == replace(ordered, state=COMPLETED)


async def test_many_at_once_leave_one(tmp_path: Path) -> None:
    """Twenty carts that are kept at the same moment for one place leave exactly one open."""
    async with house(tmp_path) as home:
        await asyncio.gather(*(kept(home, number=f"R{number}") for number in range(20)))
        assert elsewhere(home.database.path, "SELECT state, count(*) FROM carts GROUP BY state") == [("open", 1)]


async def test_an_ordered_cart_keeps_its_token(tmp_path: Path) -> None:
    """After completion there is no open cart, and the token is still there for the order's status."""
    async with house(tmp_path) as home:
        carts, cart = carts_of(home), await kept(home)
        assert await carts.complete(cart) is True
        found = carts.find("T1", "U1", "R1")
        assert found == replace(cart, state=COMPLETED)
        assert (carts.token(found), carts.current("T1", "U1", "C1"), carts.held("T1", STORE, "R1")) == (
            TOKEN,
            None,
            False,
        )


async def test_the_last_completed_is_the_one_ordered_last(tmp_path: Path) -> None:
    """Of several ordered carts the one that was ordered last is told, also where two are of the same moment."""
    async with house(tmp_path) as home:
        carts = carts_of(home)
        for number in ("R1", "R2"):
            await carts.complete(await kept(home, number=number))
        last = carts.last_completed("T1", "U1", "C1")
        assert last is not None
        assert last.number == "R2"


async def test_a_dropped_cart_stays_gone(tmp_path: Path) -> None:
    """After a drop it is neither found nor completed, and a second drop is no error."""
    async with house(tmp_path) as home:
        carts, cart = carts_of(home), await kept(home)
        await carts.drop(cart)
        await carts.drop(cart)
        assert (await carts.complete(cart), carts.token(cart), carts.find("T1", "U1", "R1")) == (False, None, None)


async def test_a_cart_of_a_connection_that_is_gone_is_not_kept(tmp_path: Path) -> None:
    """C7: what was made with a connection that was removed meanwhile is not kept, and replaces nothing."""
    async with house(tmp_path) as home:
        carts, before = carts_of(home), await kept(home)
        link = await home.vault.connect("T1", "U1", "vendo", account="a…", keeps_password=False, secrets={})
        keep = {"number": "R2", "store": STORE, "currency": None, "token": TOKEN, "connection": link.id}
        await home.vault.disconnect("T1", "U1", "vendo")
        assert await carts.keep("T1", "U1", "C1", **keep) is None  # type: ignore[arg-type]
        assert (carts.current("T1", "U1", "C1"), carts.find("T1", "U1", "R2")) == (before, None)


async def test_a_cart_of_a_living_connection_is_kept(tmp_path: Path) -> None:
    """What was made with a connection that is still there is kept like any other."""
    async with house(tmp_path) as home:
        link = await home.vault.connect("T1", "U1", "vendo", account="a…", keeps_password=False, secrets={})
        made = await carts_of(home).keep(
            "T1", "U1", "C1", number="R2", store=STORE, currency=None, token=TOKEN, connection=link.id
        )
        assert made == carts_of(home).current("T1", "U1", "C1") is not None


async def test_forgetting_a_person_leaves_no_trace(tmp_path: Path) -> None:
    """C7: all carts of one person go at once, for a second connection too, and 0 bytes of them stay in any file."""
    async with house(tmp_path) as home:
        carts = carts_of(home)
        for number in range(6):
            cart = await kept(home, channel=f"C{number}", number=f"R{number}", token=TOKEN + "x" * 300 * number)
            if number % 2:
                await carts.complete(cart)
        other = await kept(home, "U2", number="R77", token="other")
        mine = elsewhere(home.database.path, "SELECT id, envelope FROM carts WHERE user = 'U1'")
        assert await carts.forget_person("T1", "U1") == 6
        raw = raw_bytes(home.database.path)
        assert [id for id, envelope in mine if id.encode() in raw or envelope[:40] in raw] == []
        assert elsewhere(home.database.path, "SELECT user FROM carts") == [("U2",)]
        assert carts.token(other) == "other"


async def test_a_removal_that_cannot_empty_the_log_says_so(tmp_path: Path) -> None:
    """C7: with another reader in the way the carts are gone, it is said that they linger, and asking again ends it."""
    async with house(tmp_path) as home:
        await home.database.write(lambda connection: connection.execute("PRAGMA busy_timeout=1").fetchall())
        await kept(home)
        rival = sqlite3.connect(home.database.path, isolation_level=None)
        rival.execute("BEGIN")
        rival.execute("SELECT * FROM carts").fetchall()
        with pytest.raises(Lingering):
            await carts_of(home).forget_person("T1", "U1")
        assert carts_of(home).current("T1", "U1", "C1") is None
        rival.close()
        assert await carts_of(home).forget_person("T1", "U1") == 0


async def test_old_carts_are_forgotten(tmp_path: Path) -> None:
    """Carts that were made or ordered before the edge go; one that was ordered lately stays."""
    async with house(tmp_path) as home:
        carts = carts_of(home)
        old, ordered = await kept(home, number="R1"), await kept(home, "U2", number="R2")
        home.watch.advance(10 * 86_400)
        await carts.complete(ordered)
        new = await kept(home, "U3", number="R3")
        assert await carts.forget_older_than(5) == 1
        assert [carts.find("T1", cart.user, cart.number) for cart in (old, ordered, new)] == [
            None,
            replace(ordered, state=COMPLETED),
            new,
        ]


MOVES = {"team": "T2", "user": "U9", "id": "another-row"}


@pytest.mark.parametrize("column", MOVES)
async def test_a_token_opens_only_where_it_was_sealed(tmp_path: Path, column: str) -> None:
    """C2: a cart that is given to another team, person or row does not open."""
    async with house(tmp_path) as home:
        cart = await kept(home)
        elsewhere(home.database.path, f"UPDATE carts SET {column} = ?", (MOVES[column],))
        place = {"team": "T1", "user": "U1", "id": cart.id, column: MOVES[column]}
        moved = replace(cart, team=place["team"], user=place["user"], id=place["id"])
        with pytest.raises(EnvelopeError):
            carts_of(home).token(moved)


async def test_tokens_cannot_be_swapped(tmp_path: Path) -> None:
    """C2: another cart's envelope in a row does not open, though both belong to one person."""
    async with house(tmp_path) as home:
        one, other = await kept(home), await kept(home, channel="C2", number="R2", token="other")
        sql = "UPDATE carts SET envelope = (SELECT envelope FROM carts WHERE id = ?) WHERE id = ?"
        elsewhere(home.database.path, sql, (one.id, other.id))
        with pytest.raises(EnvelopeError):
            carts_of(home).token(other)


async def test_a_damaged_token_is_refused(tmp_path: Path) -> None:
    """C3 C4: with any bit flipped, cut off anywhere, or in plain text, nothing is given out."""
    async with house(tmp_path) as home:
        cart = await kept(home)
        ((envelope,),) = elsewhere(home.database.path, "SELECT envelope FROM carts")
        flipped = [_flipped(envelope, bit) for bit in range(len(envelope) * 8)]
        with closing(sqlite3.connect(home.database.path, isolation_level=None)) as rival:
            rival.execute("PRAGMA synchronous=OFF")
            for damaged in (*flipped, *(envelope[:end] for end in range(len(envelope))), TOKEN.encode()):
                rival.execute("UPDATE carts SET envelope = ?", (damaged,))
                with pytest.raises(EnvelopeError):
                    carts_of(home).token(cart)


def _flipped(envelope: bytes, bit: int) -> bytes:
    changed = bytearray(envelope)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


async def test_no_canary_in_any_file(tmp_path: Path) -> None:
    """C1: in file, log and backup a token stands in 0 disguises, and a restored backup opens with the key (G6)."""
    async with house(tmp_path) as home:
        for number in range(20):
            await kept(home, f"U{number}", number=f"R{number}")
        await carts_of(home).drop(await kept(home, "U99"))
        copy = tmp_path / "copies" / "backup.db"
        await backup(home.database, copy)
        raw = raw_bytes(home.database.path) + raw_bytes(copy)
        assert [form for form in disguises(TOKEN) if form in raw] == []
        assert (await verify_backup(copy, home.sealer)).opened == 20


async def test_a_cart_in_flight_cannot_come_back(tmp_path: Path) -> None:
    """C7: 100 interleavings of carts being made by a connection with its removal: 0 tokens come back."""
    async with house(tmp_path) as home:
        carts, wrong = carts_of(home), []
        for seed in range(100):
            chance = random.Random(seed)
            link = await home.vault.connect("T1", "U1", "vendo", account="a…", keeps_password=False, secrets={})
            await asyncio.gather(_made(home, chance, link.id), _left(home, chance), _made(home, chance, link.id))
            if elsewhere(home.database.path, "SELECT count(*) FROM carts") != [(0,)]:
                wrong.append(seed)
            await carts.forget_person("T1", "U1")
    assert wrong == []


async def _made(home: House, chance: random.Random, connection: str) -> None:
    for _ in range(chance.randrange(6)):
        await asyncio.sleep(0)
    await carts_of(home).keep(
        "T1", "U1", "C1", number="R1", store=STORE, currency=None, token=TOKEN, connection=connection
    )


async def _left(home: House, chance: random.Random) -> None:
    for _ in range(chance.randrange(6)):
        await asyncio.sleep(0)
    await home.vault.disconnect("T1", "U1", "vendo")
    await carts_of(home).forget_person("T1", "U1")
