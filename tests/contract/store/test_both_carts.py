"""A cart is one person's own in one channel, and its order token is sealed (seed 003)."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import Any

import pytest
from store_world import NOON, House, elsewhere, house, rival

from store.carts import COMPLETED, OPEN, KeptCart
from store.errors import EnvelopeError

STORE = "https://shop.example.com"
TOKEN = "zTEpsukRq_yEUcXVCSv0uw1632867307450"


async def kept(home: House, user: str = "U1", channel: str = "C1", number: str = "R1", token: str = TOKEN) -> KeptCart:
    made = await home.carts.keep("T1", user, channel, number=number, store=STORE, currency="USD", token=token)
    assert made is not None
    return made


async def test_a_cart_comes_back_whole(place: str) -> None:
    """A cart is found by person and channel, and by its number, with its token, also after a restart."""
    async with house(place) as home:
        cart, sealer = await kept(home), home.sealer
        assert cart == KeptCart(cart.id, "T1", "U1", "C1", "R1", STORE, "USD", OPEN, NOON)
    async with house(place, sealer) as home:
        carts = home.carts
        assert (carts.current("T1", "U1", "C1"), carts.find("T1", "U1", "R1")) == (cart, cart)
        assert (carts.token(cart), carts.last_completed("T1", "U1", "C1")) == (TOKEN, None)
        assert carts.held("T1", STORE, "R1")


async def test_nobody_else_finds_it(place: str) -> None:
    """Another team, another person and another channel have no cart there."""
    others = [("T2", "U1", "C1"), ("T1", "U2", "C1"), ("T1", "U1", "C2"), ("T1", "%", "C1")]
    async with house(place) as home:
        await kept(home)
        assert [home.carts.current(*other) for other in others] == [None] * 4


async def test_a_number_is_found_only_by_its_person(place: str) -> None:
    """The number of somebody else's cart finds nothing, and a cart is held only in its team and at its store."""
    async with house(place) as home:
        await kept(home)
        carts = home.carts
        assert [carts.find(*one, "R1") for one in (("T1", "U2"), ("T2", "U1"))] == [None, None]
        places = (("T2", STORE), ("T1", "https://other.example.com"))
        assert [carts.held(*one, "R1") for one in places] == [False, False]


async def test_two_people_in_one_channel_have_a_cart_each(place: str) -> None:
    """Keeping, completing or dropping one person's cart leaves the other's in the same channel as it was."""
    async with house(place) as home:
        carts, ada, ben = home.carts, await kept(home), await kept(home, "U2", number="R2", token="other")
        await carts.complete(ada)
        await kept(home, number="R3")
        await carts.drop(ada)
        assert (carts.current("T1", "U2", "C1"), carts.token(ben)) == (ben, "other")


async def test_a_new_cart_takes_the_place_of_the_open_one(place: str) -> None:
    """At most one is open: the older one is gone with its token, and one that was ordered stays."""
    async with house(place) as home:
        carts, ordered = home.carts, await kept(home)
        await carts.complete(ordered)
        left, now = await kept(home, number="R2"), await kept(home, number="R3")
        assert (carts.current("T1", "U1", "C1"), carts.token(left)) == (now, None)
        assert carts.last_completed("T1", "U1", "C1") == replace(ordered, state=COMPLETED)


async def test_many_at_once_leave_one(place: str) -> None:
    """Twenty carts that are kept at the same moment for one place leave exactly one open."""
    async with house(place) as home:
        await asyncio.gather(*(kept(home, number=f"R{number}") for number in range(20)))
        assert elsewhere(place, "SELECT state, count(*) FROM carts GROUP BY state") == [("open", 1)]


async def test_an_ordered_cart_keeps_its_token(place: str) -> None:
    """After completion there is no open cart, and the token is still there for the order's status."""
    async with house(place) as home:
        carts, cart = home.carts, await kept(home)
        assert await carts.complete(cart) is True
        found = carts.find("T1", "U1", "R1")
        assert found == replace(cart, state=COMPLETED)
        assert (carts.token(found), carts.current("T1", "U1", "C1"), carts.held("T1", STORE, "R1")) == (
            TOKEN,
            None,
            False,
        )


async def test_the_last_completed_is_the_one_ordered_last(place: str) -> None:
    """Of several ordered carts the one that was ordered last is told, also where two are of the same moment."""
    async with house(place) as home:
        carts = home.carts
        for number in ("R1", "R2"):
            await carts.complete(await kept(home, number=number))
        last = carts.last_completed("T1", "U1", "C1")
        assert last is not None
        assert last.number == "R2"


async def test_a_dropped_cart_stays_gone(place: str) -> None:
    """After a drop it is neither found nor completed, and a second drop is no error."""
    async with house(place) as home:
        carts, cart = home.carts, await kept(home)
        await carts.drop(cart)
        await carts.drop(cart)
        assert (await carts.complete(cart), carts.token(cart), carts.find("T1", "U1", "R1")) == (False, None, None)


async def test_a_cart_of_a_connection_that_is_gone_is_not_kept(place: str) -> None:
    """C7: what was made with a connection that was removed meanwhile is not kept, and replaces nothing."""
    async with house(place) as home:
        carts, before = home.carts, await kept(home)
        link = await home.vault.connect("T1", "U1", "vendo", account="a…", keeps_password=False, secrets={})
        keep = {"number": "R2", "store": STORE, "currency": None, "token": TOKEN, "connection": link.id}
        await home.vault.disconnect("T1", "U1", "vendo")
        assert await carts.keep("T1", "U1", "C1", **keep) is None  # type: ignore[arg-type]
        assert (carts.current("T1", "U1", "C1"), carts.find("T1", "U1", "R2")) == (before, None)


async def test_a_cart_of_a_living_connection_is_kept(place: str) -> None:
    """What was made with a connection that is still there is kept like any other."""
    async with house(place) as home:
        link = await home.vault.connect("T1", "U1", "vendo", account="a…", keeps_password=False, secrets={})
        made = await home.carts.keep(
            "T1", "U1", "C1", number="R2", store=STORE, currency=None, token=TOKEN, connection=link.id
        )
        assert made == home.carts.current("T1", "U1", "C1") is not None


async def test_forgetting_a_person(place: str) -> None:
    """C7: all carts of one person go at once, also for another replica; another's stay."""
    async with house(place) as home:
        for number in range(6):
            cart = await kept(home, channel=f"C{number}", number=f"R{number}")
            if number % 2:
                await home.carts.complete(cart)
        other = await kept(home, "U2", number="R77", token="other")
        assert [await home.carts.forget_person("T1", "U1") for _ in range(2)] == [6, 0]
        assert elsewhere(place, "SELECT user FROM carts") == [("U2",)]
        assert home.carts.token(other) == "other"


async def test_old_carts_are_forgotten(place: str) -> None:
    """Carts that were made or ordered before the edge go; one that was ordered lately stays."""
    async with house(place) as home:
        carts = home.carts
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


async def test_a_token_opens_only_where_it_was_sealed(place: str) -> None:
    """C2: a cart that is given to another team, person or row does not open."""
    moves: dict[str, Any] = {"team": "T2", "user": "U9", "id": "another-row"}
    async with house(place) as home:
        cart = await kept(home)
        for column, other in moves.items():
            elsewhere(place, f"UPDATE carts SET {column} = ?", (other,))
            with pytest.raises(EnvelopeError):
                home.carts.token(replace(cart, **{column: other}))
            elsewhere(place, f"UPDATE carts SET {column} = ?", (getattr(cart, column),))
            assert home.carts.token(cart) == TOKEN


async def test_tokens_cannot_be_swapped(place: str) -> None:
    """C2: another cart's envelope in a row does not open, though both belong to one person."""
    async with house(place) as home:
        one, other = await kept(home), await kept(home, channel="C2", number="R2", token="other")
        sql = "UPDATE carts SET envelope = (SELECT envelope FROM carts WHERE id = ?) WHERE id = ?"
        elsewhere(place, sql, (one.id, other.id))
        with pytest.raises(EnvelopeError):
            home.carts.token(other)


async def test_a_damaged_token_is_refused(place: str) -> None:
    """C3 C4: with any bit flipped, cut off anywhere, or in plain text, nothing is given out."""
    async with house(place) as home:
        cart = await kept(home)
        ((envelope,),) = elsewhere(place, "SELECT envelope FROM carts")
        flipped = [_flipped(envelope, bit) for bit in range(len(envelope) * 8)]
        with rival(place) as run:
            for damaged in (*flipped, *(envelope[:end] for end in range(len(envelope))), TOKEN.encode()):
                run("UPDATE carts SET envelope = ?", (damaged,))
                with pytest.raises(EnvelopeError):
                    home.carts.token(cart)


def _flipped(envelope: bytes, bit: int) -> bytes:
    changed = bytearray(envelope)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


async def test_a_cart_in_flight_cannot_come_back(place: str) -> None:
    """C7: 100 interleavings of carts being made by a connection with its removal elsewhere: 0 tokens come back."""
    async with house(place) as home, house(place, home.sealer) as other:
        wrong = []
        for seed in range(100):
            chance = random.Random(seed)
            link = await home.vault.connect("T1", "U1", "vendo", account="a…", keeps_password=False, secrets={})
            await asyncio.gather(_made(home, chance, link.id), _left(other, chance), _made(other, chance, link.id))
            if elsewhere(place, "SELECT count(*) FROM carts") != [(0,)]:
                wrong.append(seed)
            await home.carts.forget_person("T1", "U1")
    assert wrong == []


async def _made(home: House, chance: random.Random, connection: str) -> None:
    for _ in range(chance.randrange(6)):
        await asyncio.sleep(0)
    await home.carts.keep("T1", "U1", "C1", number="R1", store=STORE, currency=None, token=TOKEN, connection=connection)


async def _left(home: House, chance: random.Random) -> None:
    for _ in range(chance.randrange(6)):
        await asyncio.sleep(0)
    await home.vault.disconnect("T1", "U1", "vendo")
    await home.carts.forget_person("T1", "U1")
