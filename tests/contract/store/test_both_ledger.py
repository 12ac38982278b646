"""Every change is claimed once, with its audit line and its occurrence, or not at all (E1, G7)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from store_world import AUDIT_BROKEN, NOON, House, due, elsewhere, house, line, shut, unshut

from store.audit import AuditLine
from store.errors import EnvelopeError, Repeated, StoreError
from store.ledger import OPEN, Action, Claim, new_action_id
from store.occurrences import Due

PAYLOAD = {"seen": "abc", "name": "Canary Müller", "deep": [{"a": None}, True]}
COUNTS = "SELECT (SELECT count(*) FROM actions), (SELECT count(*) FROM audit), (SELECT count(*) FROM occurrences)"


async def claim(home: House, number: int = 1, *, due: Due | None = None, **different: Any) -> Claim:
    usual = {"kind": "order.cancel", "team": "T1", "user": "U1", "back_end": "quivo", "target": "1001", "state": "held"}
    asked = {"payload": PAYLOAD, "line": line(number), "due": due, **usual, **different}
    return await home.ledger.claim(**asked)


async def move(
    home: House, action: Action, to: str, number: int = 2, *, expect: tuple[str, ...] = OPEN, due: Due | None = None
) -> Action | None:
    return await home.ledger.move(action.id, expect=expect, to=to, line=line(number), due=due)


def lines(home: House) -> list[AuditLine]:
    assert home.audit.verify() is None
    return home.audit.lines("T1", 99)


async def test_a_claim_comes_back_whole(place: str) -> None:
    """A claimed action has everything that was asked, is found by id and by target, also after a restart."""
    async with house(place) as home:
        won, action = (claimed := await claim(home)).won, claimed.action
        sealer = home.sealer
        made = (action.id, "order.cancel", "T1", "U1", "quivo", "1001", "held", "r-1", NOON, NOON, PAYLOAD)
        assert (won, action) == (True, Action(*made))
        assert re.fullmatch(r"[A-Za-z0-9_-]{22}", action.id)
    async with house(place, sealer) as home:
        assert home.ledger.get(action.id, "T1") == action
        assert home.ledger.open_for("order.cancel", "T1", "quivo", "1001") == action
        assert lines(home) == [line(1)]


async def test_fifty_concurrent_claims_have_one_winner(place: str) -> None:
    """E1: 50 concurrent claims: one wins, 49 get the winner's action; one row, one audit line, one occurrence."""
    async with house(place) as home:
        claims = await asyncio.gather(
            *(claim(home, n, user=f"U{n}", payload={"n": n}, due=due(f"send/{n}")) for n in range(50))
        )
        (number,) = (n for n, one in enumerate(claims) if one.won)
        winner = claims[number].action
        assert [claims[number], *claims[:number], *claims[number + 1 :]] == [
            Claim(True, winner),
            *[Claim(False, winner)] * 49,
        ]
        assert (winner.user, winner.payload) == (f"U{number}", {"n": number})
        assert elsewhere(place, COUNTS) == [(1, 1, 1)]
        assert lines(home) == [line(number)]


async def test_two_replicas_have_one_winner(place: str) -> None:
    """E1: claims that come through two open databases at once, as from two processes, agree on one winner."""
    async with house(place) as home, house(place, home.sealer) as other:
        claims = await asyncio.gather(*(claim((home, other)[n % 2], n, user=f"U{n}") for n in range(50)))
        assert [one.won for one in claims].count(True) == 1
        assert len({one.action.id for one in claims}) == 1
        assert elsewhere(place, COUNTS) == [(1, 1, 0)]


async def test_another_kind_team_back_end_or_target_is_free(place: str) -> None:
    """E1: an open action stands in the way of its own kind, team, back end and target only."""
    others: list[dict[str, Any]] = [
        {"kind": "order.edit"},
        {"team": "T2"},
        {"back_end": "vendo"},
        {"target": "1002"},
        {"target": "s:1001"},
    ]
    async with house(place) as home:
        claims = [await claim(home, number, **different) for number, different in enumerate([{}, *others])]
        assert ([one.won for one in claims], len({one.action.id for one in claims})) == ([True] * 6, 6)


async def test_every_open_state_stands_in_the_way(place: str) -> None:
    """E1: whatever open state an action is in, no second one is claimed beside it, by whomever."""
    async with house(place) as home:
        for state in OPEN:
            first = await claim(home, target=state, state=state)
            assert await claim(home, 2, target=state, user="U2", state="held") == Claim(False, first.action)
            assert home.ledger.open_for("order.cancel", "T1", "quivo", state) == first.action


async def test_a_closed_action_lets_a_new_one_open(place: str) -> None:
    """E1: once closed it stays as it is, and the next claim wins; any number of closed ones lie side by side."""
    async with house(place) as home:
        for state in ("done", "refused", "undone", "cancelled", "expired", ""):
            first = await claim(home, target=state)
            closed = await move(home, first.action, state)
            assert home.ledger.open_for("order.cancel", "T1", "quivo", state) is None
            second = await claim(home, 3, target=state)
            assert second.won
            assert await move(home, second.action, state, 4) is not None
            assert home.ledger.get(first.action.id, "T1") == closed == replace(first.action, state=state)
            assert (await claim(home, 5, target=state)).won


async def test_a_move_changes_state_time_and_payload(place: str) -> None:
    """A move keeps who, what and when it began; the payload stays unless a new one is given."""
    async with house(place) as home:
        action = (await claim(home)).action
        home.watch.advance(10)
        later = NOON + timedelta(seconds=10)
        moved = await move(home, action, "sending", expect=("held",))
        assert moved == replace(action, state="sending", changed_at=later)
        sent = await home.ledger.move(
            action.id, expect=("sending",), to="requested", line=line(3), payload={"message": "1.2"}
        )
        assert sent == replace(action, state="requested", changed_at=later, payload={"message": "1.2"})
        assert home.ledger.get(action.id, "T1") == sent
        emptied = await home.ledger.move(action.id, expect=OPEN, to="cancelled", line=line(4), payload={})
        assert emptied == replace(action, state="cancelled", changed_at=later, payload={})
        assert lines(home) == [line(4), line(3), line(2), line(1)]


async def test_only_one_of_fifty_moves(place: str) -> None:
    """E2: 50 concurrent senders on two replicas of one held action: one moves it, 49 are told None; one more line."""
    async with house(place) as home, house(place, home.sealer) as other:
        action, homes = (await claim(home)).action, (home, other)
        moves = (move(homes[n % 2], action, "sending", 2 + n, expect=("held",)) for n in range(50))
        moved = await asyncio.gather(*moves)
        (number,) = (n for n, one in enumerate(moved) if one)
        assert moved == [replace(action, state="sending") if n == number else None for n in range(50)]
        assert lines(home) == [line(2 + number), line(1)]


async def test_a_move_from_another_state_or_of_nothing_writes_nothing(place: str) -> None:
    """An unexpected state, an empty list of states and an unknown id give None, no line and no occurrence."""
    async with house(place) as home:
        action = (await claim(home)).action
        ghost = replace(action, id="x" * 22)
        answers = [
            await move(home, action, "requested", expect=("sending", "unknown"), due=due()),
            await move(home, action, "requested", expect=(), due=due()),
            await move(home, ghost, "requested", due=due()),
        ]
        assert answers == [None, None, None]
        assert home.ledger.get(action.id, "T1") == action
        assert elsewhere(place, COUNTS) == [(1, 1, 0)]


async def test_a_closed_action_cannot_open_beside_another(place: str) -> None:
    """E1: going back to an open state is refused while another action is open, and possible when it is not."""
    async with house(place) as home:
        first = (await claim(home)).action
        await move(home, first, "refused")
        second = (await claim(home, 3)).action
        assert await move(home, first, "held", 4, expect=("refused",), due=due()) is None
        assert home.ledger.get(first.id, "T1") == replace(first, state="refused")
        await move(home, second, "undone", 5)
        assert await move(home, first, "held", 6, expect=("refused",)) == first
        assert lines(home) == [line(6), line(5), line(3), line(2), line(1)]


async def test_the_occurrence_comes_with_the_claim_and_the_move(place: str) -> None:
    """An action's next run is scheduled in the same transaction, and may name the action."""
    async with house(place) as home:
        id = new_action_id()
        claimed = await claim(home, action_id=id, due=due(f"send/{id}", action=id))
        assert (claimed.won, claimed.action.id) == (True, id)
        await move(home, claimed.action, "sending", due=due(f"look/{id}", seconds=2, action=id))
        home.watch.advance(2)
        found = await home.occurrences.claim_due(owner="A", lease=timedelta(seconds=60), most=9)
        assert [(one.key, one.payload) for one in found] == [
            (f"send/{id}", {"action": id}),
            (f"look/{id}", {"action": id}),
        ]


async def test_a_used_key_undoes_the_whole_claim_or_move(place: str) -> None:
    """An action whose run would never come is not written: neither row nor line; after that, all goes on."""
    async with house(place) as home:
        await home.occurrences.add(due())
        with pytest.raises(Repeated):
            await claim(home, due=due())
        assert elsewhere(place, COUNTS) == [(0, 0, 1)]
        action = (await claim(home)).action
        with pytest.raises(Repeated):
            await move(home, action, "sending", due=due())
        assert home.ledger.get(action.id, "T1") == action
        assert elsewhere(place, COUNTS) == [(1, 1, 1)]
        assert await move(home, action, "sending") == replace(action, state="sending")


async def test_an_id_is_used_once(place: str) -> None:
    """An action id that exists already, even closed, is refused and changes nothing."""
    async with house(place) as home:
        action = (await claim(home)).action
        closed = await move(home, action, "done")
        with pytest.raises(StoreError):
            await claim(home, 3, action_id=action.id, target="1002")
        assert home.ledger.get(action.id, "T1") == closed
        assert lines(home) == [line(2), line(1)]


async def test_without_an_audit_nothing_is_claimed(place: str) -> None:
    """G7: if the audit line cannot be written there is no action and no occurrence; once it can, the claim wins."""
    async with house(place) as home:
        for number, (what, table) in enumerate(AUDIT_BROKEN):
            wanted: dict[str, Any] = {"target": str(number), "due": due(f"d-{number}")}
            shut(place, what, table)
            with pytest.raises(StoreError):
                await claim(home, **wanted)
            assert elsewhere(place, COUNTS) == [(number, number, number)]
            unshut(place, table)
            assert (await claim(home, **wanted)).won
            assert elsewhere(place, COUNTS) == [(number + 1, number + 1, number + 1)]


async def test_without_an_audit_nothing_moves(place: str) -> None:
    """G7: if the audit line cannot be written the state, the payload and the schedule stay as they were."""
    async with house(place) as home:
        for number, (what, table) in enumerate(AUDIT_BROKEN):
            action, run = (await claim(home, target=str(number))).action, due(f"d-{number}")
            shut(place, what, table)
            with pytest.raises(StoreError):
                await home.ledger.move(action.id, expect=OPEN, to="sending", line=line(2), payload={}, due=run)
            assert home.ledger.get(action.id, "T1") == action
            assert elsewhere(place, COUNTS) == [(number + 1, 2 * number + 1, number)]
            unshut(place, table)
            assert await move(home, action, "sending", due=run) == replace(action, state="sending")


async def test_a_failed_schedule_undoes_the_claim(place: str) -> None:
    """G7: if the occurrence cannot be written there is no action and no audit line either."""
    async with house(place) as home:
        shut(place, "INSERT", "occurrences")
        with pytest.raises(StoreError):
            await claim(home, due=due())
        assert (elsewhere(place, COUNTS), lines(home)) == ([(0, 0, 0)], [])


async def test_another_claim_at_the_same_time_is_not_undone(place: str) -> None:
    """G7: of claims that are made at once only the one that fails is undone."""
    async with house(place) as home:
        await home.occurrences.add(due("used"))
        claims = await asyncio.gather(
            *(claim(home, n, target=str(n), due=due("used" if n == 3 else f"send/{n}")) for n in range(8)),
            return_exceptions=True,
        )
        assert [isinstance(one, Repeated) for one in claims] == [n == 3 for n in range(8)]
        assert elsewhere(place, COUNTS) == [(7, 7, 8)]
        assert {one.reference for one in lines(home)} == {"r-7", "r-6", "r-5", "r-4", "r-2", "r-1", "r-0"}


async def test_another_team_finds_nothing(place: str) -> None:
    """B6: with the right id or target in another team there is no action."""
    others = ("T2", "", "t1", "%")
    async with house(place) as home:
        action = (await claim(home)).action
        found = [home.ledger.get(action.id, other) for other in others]
        found += [home.ledger.open_for("order.cancel", other, "quivo", "1001") for other in others]
        assert found == [None] * 8


async def test_recent_ones_are_counted(place: str) -> None:
    """A person's claims of one kind since a time are counted, that moment included, closed ones too."""
    async with house(place) as home:
        for number in range(4):
            action = (await claim(home, number, target=str(number))).action
            home.watch.advance(60)
        await move(home, action, "done")
        await claim(home, 8, target="8", user="U2")
        await claim(home, 9, target="9", kind="order.edit")
        since = NOON + timedelta(seconds=120)
        counts = [home.ledger.count_recent(kind, team, user, since) for kind, team, user in WHOSE]
        assert counts == [2, 1, 1, 0, 0]


WHOSE = [
    ("order.cancel", "T1", "U1"),
    ("order.cancel", "T1", "U2"),
    ("order.edit", "T1", "U1"),
    ("order.cancel", "T2", "U1"),
    ("import", "T1", "U1"),
]


async def test_those_in_one_state_are_listed_oldest_first(place: str) -> None:
    """A team's waiting cancellations, oldest first; other states, kinds and teams are not among them."""
    async with house(place) as home:
        first = (await claim(home, 1, target="1", state="waiting_approval")).action
        home.watch.advance(1)
        second = (await claim(home, 2, target="2", state="waiting_approval")).action
        await claim(home, 3, target="3", state="held")
        await claim(home, 4, target="4", state="waiting_approval", kind="order.edit")
        await claim(home, 5, target="5", state="waiting_approval", team="T2")
        assert home.ledger.in_state(first.kind, first.team, "waiting_approval") == [first, second]


async def test_old_closed_actions_are_forgotten(place: str) -> None:
    """Only what was closed before the edge goes; open ones stay however old, and so does the audit."""
    async with house(place) as home:
        old, stuck, fresh = [(await claim(home, n, target=str(n))).action for n in range(3)]
        await move(home, old, "done", 4)
        await move(home, stuck, "unknown", 5)
        home.watch.advance(86_400)
        await move(home, fresh, "done", 6)
        home.watch.advance(3600)
        assert [await home.ledger.forget_older_than(1), await home.ledger.forget_older_than(1)] == [1, 0]
        found = [home.ledger.get(one.id, "T1") for one in (old, stuck, fresh)]
        assert [one and one.state for one in found] == [None, "unknown", "done"]
        assert len(lines(home)) == 6


async def test_actions_do_not_open_in_another_row_team_person_or_back_end(place: str) -> None:
    """C2: an envelope that was moved, or a row that was given to somebody else, is refused by every way in."""
    async with house(place) as home:
        actions = [(await claim(home, n, target=str(n))).action for n in range(5)]
        swap = "UPDATE actions SET envelope = (SELECT envelope FROM actions WHERE target = '4') WHERE target = '0'"
        elsewhere(place, swap)
        for target, change in (("1", "team = 'T2'"), ("2", "user = 'U2'"), ("3", "back_end = 'vendo'")):
            elsewhere(place, f"UPDATE actions SET {change} WHERE target = '{target}'")
        teams = ["T1", "T2", "T1", "T1"]
        for action, team in zip(actions, teams, strict=False):
            with pytest.raises(EnvelopeError):
                home.ledger.get(action.id, team)
        with pytest.raises(EnvelopeError):
            await claim(home, 9, target="0")
        assert home.ledger.get(actions[4].id, "T1") == actions[4]


async def test_plain_text_is_refused(place: str) -> None:
    """C4: a row with clear JSON, or with sealed JSON of another shape, is no action."""
    from store.envelope import Place

    async with house(place) as home:
        action = (await claim(home)).action
        own = Place("action", "T1", "U1", "quivo", action.id)
        for envelope in (b'{"seen":"abc"}', home.sealer.seal(own, b"[1]")):
            elsewhere(place, "UPDATE actions SET envelope = ?", (envelope,))
            with pytest.raises(EnvelopeError):
                home.ledger.get(action.id, "T1")


async def test_what_is_no_json_is_refused_and_nothing_is_kept(place: str) -> None:
    """A payload that would come back as something else is refused before anything is written."""
    async with house(place) as home:
        for payload in ({"set": {1}}, {"nan": float("nan")}, {"bytes": b"x"}):
            with pytest.raises((TypeError, ValueError)):
                await claim(home, payload=payload)
        action = (await claim(home)).action
        with pytest.raises(TypeError):
            await home.ledger.move(action.id, expect=OPEN, to="sending", line=line(2), payload={"set": {1}})
        assert home.ledger.get(action.id, "T1") == action
        assert elsewhere(place, COUNTS) == [(1, 1, 0)]


async def test_an_action_does_not_show_its_payload(place: str) -> None:
    """C10: what an action is about, which may be personal, is not in its repr."""
    async with house(place) as home:
        claimed = await claim(home)
    assert ("Canary" in repr(claimed), claimed.action.id in repr(claimed)) == (False, True)
