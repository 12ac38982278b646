"""What one person asked for, newest first, without anybody else's (issue: Home)."""

from __future__ import annotations

from typing import Any

import pytest
from store_world import House, house, line

from store.ledger import OPEN, Action


async def claim(home: House, target: str, **different: Any) -> Action:
    """One action of U1's at quivo, a second after the one before."""
    home.watch.advance(1)
    usual: dict[str, Any] = {"kind": "order.cancel", "team": "T1", "user": "U1", "back_end": "quivo", "state": "held"}
    claimed = await home.ledger.claim(**{**usual, **different}, target=target, payload={"of": target}, line=line(1))
    return claimed.action


async def test_the_newest_of_one_person(place: str) -> None:
    """Every kind and back end, the newest first, no more than asked for; nobody else's, and no other team's."""
    async with house(place) as home:
        first = await claim(home, "1")
        second = await claim(home, "2", kind="order.edit", state="done")
        third = await claim(home, "3", kind="cart.add", back_end="vendo")
        await claim(home, "4", user="U2")
        await claim(home, "5", team="T2")
        assert home.ledger.mine("T1", "U1", most=9) == [third, second, first]
        assert home.ledger.mine("T1", "U1", most=2) == [third, second]
        assert home.ledger.mine("T1", "U3", most=9) == []


@pytest.mark.parametrize(("states", "expected"), [(("unknown",), ["2"]), (("done", "held"), ["3", "1"]), ((), "321")])
async def test_only_in_some_states(place: str, states: tuple[str, ...], expected: list[str]) -> None:
    """In the states that are given, and in all where none is."""
    async with house(place) as home:
        for target, state in (("1", "held"), ("2", "unknown"), ("3", "done")):
            await claim(home, target, state=state)
        found = home.ledger.mine("T1", "U1", states=states, most=9)
        assert [action.target for action in found] == list(expected)


async def test_a_closed_one_stays_in_the_list(place: str) -> None:
    """What is over is shown as it ended."""
    async with house(place) as home:
        action = await claim(home, "1")
        await home.ledger.move(action.id, expect=OPEN, to="cancelled", line=line(2))
        assert [one.state for one in home.ledger.mine("T1", "U1", most=9)] == ["cancelled"]


@pytest.mark.parametrize("most", [0, -1])
async def test_none_is_none(place: str, most: int) -> None:
    """Nothing asked for is nothing given, on either database."""
    async with house(place) as home:
        await claim(home, "1")
        assert home.ledger.mine("T1", "U1", most=most) == []
