"""Cards are their team's own, sealed at rest, and found only by an id that nobody can guess."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_world import NOON, House, elsewhere, house

from store.cards import Card
from store.errors import EnvelopeError

PAYLOAD = {"order": 1001, "name": "Canary Müller", "deep": [{"a": None}, True, 1.5, "\ud800"]}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


async def test_a_card_comes_back_whole(place: str) -> None:
    """A card is found by its id and team with everything that was put in, also after a restart."""
    async with house(place) as home:
        card = await home.cards.put("order", "T1", "U1", PAYLOAD)
        sealer = home.sealer
        assert card == Card(card.id, "order", "T1", "U1", NOON, PAYLOAD)
    async with house(place, sealer) as home:
        assert home.cards.get(card.id, "T1") == card


@pytest.fixture
async def home(place: str) -> AsyncIterator[House]:
    """The store, open for all examples of a test."""
    async with house(place) as opened:
        yield opened


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=st.dictionaries(st.text(), json_values, max_size=4))
async def test_any_json_comes_back(home: House, payload: dict[str, object]) -> None:
    """Whatever JSON can say comes back equal."""
    card = await home.cards.put("order", "T1", "U1", payload)
    assert home.cards.get(card.id, "T1") == card


async def test_ids_are_opaque(place: str) -> None:
    """B6: an id is 128 random bits in letters that fit a URL and a button, and says nothing about the card."""
    async with house(place) as home:
        ids = {(await home.cards.put("order", "T1", "U1", PAYLOAD)).id for _ in range(50)}
    assert len(ids) == 50
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", id) for id in ids)


async def test_another_team_finds_nothing(place: str) -> None:
    """B6: with the right id in another team there is no card."""
    others = ["T2", "", "t1", "T1 ", "%", "T1' OR '1'='1"]
    async with house(place) as home:
        card = await home.cards.put("order", "T1", "U1", PAYLOAD)
        assert [home.cards.get(card.id, other) for other in others] == [None] * 6


async def test_a_made_up_id_finds_nothing(place: str) -> None:
    """B6: random, empty and oversized ids find no card and raise nothing."""
    ids = ["", "x" * 22, "x" * 3000, "%", "\x00", "1 OR 1=1"]
    async with house(place) as home:
        await home.cards.put("order", "T1", "U1", PAYLOAD)
        assert [home.cards.get(id, "T1") for id in ids] == [None] * 6


async def test_a_change_replaces_the_payload_only(place: str) -> None:
    """A changed card keeps its id, kind, maker and age; another card is untouched."""
    async with house(place) as home:
        card, other = [await home.cards.put("order", "T1", user, PAYLOAD) for user in ("U1", "U2")]
        home.watch.advance(60)
        await home.cards.change(card.id, {"page": 2})
        assert home.cards.get(card.id, "T1") == replace(card, payload={"page": 2})
        assert home.cards.get(other.id, "T1") == other


async def test_a_dropped_card_is_gone_and_stays_gone(place: str) -> None:
    """After a drop neither a read nor a change brings the card back; a second drop is no error."""
    async with house(place) as home:
        card, other = [await home.cards.put("order", "T1", "U1", PAYLOAD) for _ in range(2)]
        await home.cards.drop(card.id)
        await home.cards.drop(card.id)
        await home.cards.change(card.id, {})
        assert (home.cards.get(card.id, "T1"), home.cards.get(other.id, "T1")) == (None, other)


async def test_old_cards_are_forgotten(place: str) -> None:
    """Only cards older than the edge go, and how many is told."""
    async with house(place) as home:
        cards = []
        for number in range(4):
            cards.append(await home.cards.put("order", "T1", "U1", {"n": number}))
            home.watch.advance(86_400)
        assert await home.cards.forget_older_than(2) == 2
        assert [home.cards.get(card.id, "T1") for card in cards] == [None, None, *cards[2:]]


async def test_cards_do_not_open_in_another_row_or_team(place: str) -> None:
    """C2: an envelope that was moved to another card, or a card that was given to another team, is refused."""
    async with house(place) as home:
        one, other = [await home.cards.put("order", team, "U1", PAYLOAD) for team in ("T1", "T2")]
        sql = "UPDATE cards SET envelope = (SELECT envelope FROM cards WHERE id = ?) WHERE id = ?"
        elsewhere(place, sql, (one.id, other.id))
        elsewhere(place, "UPDATE cards SET team = 'T3' WHERE id = ?", (one.id,))
        for card_id, team in ((other.id, "T2"), (one.id, "T3")):
            with pytest.raises(EnvelopeError):
                home.cards.get(card_id, team)
            with pytest.raises(EnvelopeError):
                await home.cards.change(card_id, {})


async def test_a_plain_text_card_is_refused(place: str) -> None:
    """C4: a row with clear JSON, or with sealed bytes of another shape, is no card."""
    async with house(place) as home:
        card = await home.cards.put("order", "T1", "U1", PAYLOAD)
        from store.cards import card_place

        for envelope in (b'["order","U1",{}]', home.sealer.seal(card_place("T1", card.id), b'{"kind":"order"}')):
            elsewhere(place, "UPDATE cards SET envelope = ?", (envelope,))
            with pytest.raises(EnvelopeError):
                home.cards.get(card.id, "T1")


async def test_what_is_no_json_is_refused_and_nothing_is_kept(place: str) -> None:
    """A payload that would come back as something else is refused before anything is written."""
    async with house(place) as home:
        for payload in ({"set": {1}}, {"nan": float("nan")}, {"bytes": b"x"}):
            with pytest.raises((TypeError, ValueError)):
                await home.cards.put("order", "T1", "U1", payload)
        assert elsewhere(place, "SELECT count(*) FROM cards") == [(0,)]
