"""Connections and their secrets, on either database: whose they are, where they open, what replaces what (C2, C7)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from store_world import NOON, House, elsewhere, house, rival, sealer_of, shut

from store.connection import Connection
from store.errors import EnvelopeError, StoreError
from store.keyring import new_key

LOGIN, SESSION = b"canary-login", b"canary-session"
PEOPLE = list(product(("T1", "T2"), ("U1", "U2"), ("quivo", "vendo")))


async def joined(home: House, team: str = "T1", user: str = "U1", back_end: str = "quivo") -> Connection:
    secrets = {purpose: f"{purpose}/{team}/{user}/{back_end}".encode() for purpose in ("credentials", "session")}
    return await home.vault.connect(team, user, back_end, account=f"{user}…", keeps_password=True, secrets=secrets)


async def test_what_is_connected_is_found_again(place: str) -> None:
    """A connection comes back whole, also after a restart, and its secrets open."""
    async with house(place) as home:
        made = await home.vault.connect(
            "T1", "U1", "quivo", account="a…a", keeps_password=False, secrets={"session": SESSION}
        )
        sealer = home.sealer
    async with house(place, sealer) as home:
        assert made == Connection(made.id, "T1", "U1", "quivo", "a…a", NOON, None, False)
        assert home.vault.connection("T1", "U1", "quivo") == made
        assert home.vault.secret(made, "session") == SESSION
        assert home.vault.secret(made, "credentials") is None


async def test_everybody_has_their_own(place: str) -> None:
    """Eight people, teams and back ends: each finds exactly their own connection and secrets; strangers find none."""
    async with house(place) as home:
        made = {who: await joined(home, *who) for who in PEOPLE}
        assert {who: home.vault.connection(*who) for who in PEOPLE} == made
        assert {who: home.vault.secret(made[who], "session") for who in PEOPLE} == {
            who: f"session/{'/'.join(who)}".encode() for who in PEOPLE
        }
        assert home.vault.connections("T2", "U1") == [made["T2", "U1", "quivo"], made["T2", "U1", "vendo"]]
        assert home.vault.connections("T3", "U1") == []
        assert home.vault.connection("T1", "U1", "qpilot") is None
        assert len({connection.id for connection in made.values()}) == 8


async def test_connecting_again_replaces_all_of_the_old(place: str) -> None:
    """A new connection takes a new id, and neither the old secrets nor the old id lead anywhere."""
    async with house(place) as home:
        old = await joined(home)
        new = await home.vault.connect(
            "T1", "U1", "quivo", account="b", keeps_password=False, secrets={"session": SESSION}
        )
        assert (old.id != new.id, home.vault.connections("T1", "U1")) == (True, [new])
        assert [home.vault.secret(old, purpose) for purpose in ("credentials", "session")] == [None, None]
        assert [home.vault.secret(new, purpose) for purpose in ("credentials", "session")] == [None, SESSION]
        assert elsewhere(place, "SELECT connection, purpose FROM secrets") == [(new.id, "session")]


async def test_a_replacement_that_fails_leaves_the_old(place: str) -> None:
    """G4: if the new connection cannot be stored whole, the old one stands with all its secrets."""
    async with house(place) as home:
        old = await joined(home)
        shut(place, "INSERT", "secrets")
        with pytest.raises(StoreError):
            await joined(home)
        assert home.vault.connections("T1", "U1") == [old]
        assert home.vault.secret(old, "credentials") == b"credentials/T1/U1/quivo"


async def test_a_renewed_secret_is_kept(place: str) -> None:
    """A session that was refreshed replaces the old one, a new purpose is added, and the rest is untouched."""
    async with house(place) as home:
        made = await joined(home)
        assert await home.vault.keep(made, "session", b"newer") is True
        assert await home.vault.keep(made, "extra", b"more") is True
        found = {purpose: home.vault.secret(made, purpose) for purpose in ("credentials", "session", "extra")}
        assert found == {"credentials": b"credentials/T1/U1/quivo", "session": b"newer", "extra": b"more"}


async def test_many_renewals_at_once_leave_one_of_them(place: str) -> None:
    """C8: forty renewals at once of one secret leave one row, which opens to one of them."""
    async with house(place) as home:
        made = await joined(home)
        tokens = [f"token-{n}".encode() for n in range(40)]
        assert await asyncio.gather(*(home.vault.keep(made, "session", token) for token in tokens)) == [True] * 40
        assert home.vault.secret(made, "session") in tokens
        assert elsewhere(place, "SELECT count(*) FROM secrets") == [(2,)]


async def test_a_ciphertext_moved_to_any_other_row_is_refused(place: str) -> None:
    """C2: between users, teams, back ends, purposes and rows, no envelope opens but in its own row."""
    change = "UPDATE secrets SET envelope = ? WHERE connection = ? AND purpose = ?"
    async with house(place) as home:
        made = [await joined(home, *who) for who in PEOPLE]
        kept = elsewhere(place, "SELECT connection, purpose, envelope FROM secrets ORDER BY connection, purpose")
        assert len(kept) == len(opened_ones(home, made)) == 16
        with rival(place) as run:
            for shift in range(1, len(kept)):
                for (row, purpose, _), (_, _, foreign) in zip(kept, kept[shift:] + kept[:shift], strict=True):
                    run(change, (foreign, row, purpose))
                assert opened_ones(home, made) == []


def opened_ones(home: House, made: list[Connection]) -> list[bytes | None]:
    found = []
    for connection, purpose in product(made, ("credentials", "session")):
        try:
            found.append(home.vault.secret(connection, purpose))
        except EnvelopeError:
            continue
    return found


async def test_a_connection_given_to_somebody_else_is_refused(place: str) -> None:
    """C2: editing whose connection a row is, or asking with a forged connection, gives no secret."""
    async with house(place) as home:
        made = await joined(home)
        forged = [replace(made, team="thief"), replace(made, user="thief"), replace(made, back_end="thief")]
        for stolen in forged:
            change = "UPDATE connections SET team = ?, user = ?, back_end = ?"
            elsewhere(place, change, (stolen.team, stolen.user, stolen.back_end))
            assert home.vault.connection(stolen.team, stolen.user, stolen.back_end) == stolen
            assert home.vault.connection(made.team, made.user, made.back_end) is None
            for purpose in ("credentials", "session"):
                with pytest.raises(EnvelopeError):
                    home.vault.secret(stolen, purpose)


async def test_a_plain_text_row_is_refused(place: str) -> None:
    """C4: a row that holds clear text is an error, and its text is not handed out."""
    async with house(place) as home:
        made = await joined(home)
        for plain in (b"canary-login", b"", b"\x01" + b"canary" * 9):
            elsewhere(place, "UPDATE secrets SET envelope = ?", (plain,))
            with pytest.raises(EnvelopeError, match="connect again"):
                home.vault.secret(made, "credentials")


async def test_text_in_place_of_an_envelope_is_not_even_stored(place: str) -> None:
    """C4: the table itself takes bytes only."""
    async with house(place) as home:
        await joined(home)
        with pytest.raises(Exception, match=r"cannot store TEXT value|is of type bytea but expression is of type text"):
            elsewhere(place, "UPDATE secrets SET envelope = 'canary-login' || purpose")


async def test_without_the_key_nothing_opens(place: str) -> None:
    """C4: a copy of the file with another key gives 0 secrets."""
    async with house(place) as home:
        made = [await joined(home, *who) for who in PEOPLE]
    async with house(place, sealer_of(new_key())) as home:
        assert home.vault.connections("T1", "U1")[0] == made[0]
        assert opened_ones(home, made) == []


async def test_a_touch_is_noted_once_a_minute(place: str) -> None:
    """Uses are noted at most once a minute, whichever copy of the connection is touched."""
    async with house(place) as home:
        made, noted = await joined(home), []
    for seconds in (10, 59, 1, 30, 60):
        home.watch.advance(seconds)
        async with house(place, home.sealer, home.watch) as later:
            for connection in (made, later.vault.connection("T1", "U1", "quivo")):
                assert connection is not None
                await later.vault.touch(connection)
        async with house(place, home.sealer) as later:  # closing let the hints finish
            found = later.vault.connection("T1", "U1", "quivo")
            noted.append(found and found.last_used_at)
    assert noted == [NOON + timedelta(seconds=after) for after in (10, 10, 70, 70, 160)]


async def test_two_replicas_connect_one_person(place: str) -> None:
    """40 connections of one person to one back end at once: all succeed, one stands, with its own secrets alone."""
    async with house(place) as one, house(place, one.sealer) as other:
        made = await asyncio.gather(*(joined((one, other)[n % 2]) for n in range(40)))
        (left,) = one.vault.connections("T1", "U1")
        assert (left in made, other.vault.secret(left, "session")) == (True, b"session/T1/U1/quivo")
        assert elsewhere(place, "SELECT DISTINCT connection FROM secrets") == [(left.id,)]


async def test_a_touch_of_a_fresh_connection_writes_nothing(place: str) -> None:
    """Within the minute no work is queued at all, so the hot path costs nothing; after the end it is no error."""
    async with house(place) as home:
        made = replace(await joined(home), last_used_at=NOON)
        home.watch.advance(59)
        await home.vault.touch(made)
    async with house(place, home.sealer, home.watch) as later:
        assert later.vault.connections("T1", "U1") == [replace(made, last_used_at=None)]
    await later.vault.touch(made)
    home.watch.advance(2)
    await later.vault.touch(made)
    await later.database.close()


async def test_disconnecting_removes_one_and_only_one(place: str) -> None:
    """Disconnect returns what was removed, leaves everybody else's, and a second time finds nothing."""
    async with house(place) as home:
        made = {who: await joined(home, *who) for who in PEOPLE}
        gone = PEOPLE[0]
        assert await home.vault.disconnect(*gone) == made[gone]
        assert await home.vault.disconnect(*gone) is None
        assert {who: home.vault.connection(*who) for who in PEOPLE} == made | {gone: None}
        assert elsewhere(place, "SELECT count(*) FROM secrets") == [(14,)]
        assert [home.vault.secret(made[gone], purpose) for purpose in ("credentials", "session")] == [None, None]
