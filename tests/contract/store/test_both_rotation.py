"""Keys are changed without losing a secret, on either database, and planning changes nothing (C6)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from store_world import NOON, House, due, elsewhere, house, line, sealer_of

from store.connection import Connection
from store.digests import Digest
from store.envelope import Place, Sealer
from store.imports import ImportRow
from store.keyring import new_key
from store.rotation import UNSEALED
from store.stores import on_postgres
from store.vault import Rotation, Verification

OLD, NEW = new_key(), new_key()
BOTH = sealer_of(NEW, OLD)


async def filled(place: str, sealer: Sealer, people: int) -> list[Connection]:
    """That many connections with two secrets each, and as many cards."""
    async with house(place, sealer) as home:
        await asyncio.gather(*(home.cards.put("order", "T1", f"U{n}", {"number": n}) for n in range(people)))
        return await asyncio.gather(*(joined(home, f"U{number}") for number in range(people)))


async def joined(home: House, user: str) -> Connection:
    secrets = {"credentials": f"login-{user}".encode(), "session": f"session-{user}".encode()}
    return await home.vault.connect("T1", user, "quivo", account=user, keeps_password=True, secrets=secrets)


async def test_rotation_seals_everything_anew(place: str) -> None:
    """C6: afterwards every secret and card opens with the new key alone, and the old key opens 0 rows."""
    made = await filled(place, sealer_of(OLD), 120)
    async with house(place, BOTH) as home:
        before = [envelope for (envelope,) in elsewhere(place, "SELECT envelope FROM secrets LIMIT 40")]
        assert await home.vault.rotate() == Rotation(done=360, left=0)
        assert home.vault.plan() == {NEW[:8]: 360}
        after = [envelope for (envelope,) in elsewhere(place, "SELECT envelope FROM secrets")]
        assert [envelope for envelope in before if envelope in after] == []
    async with house(place, sealer_of(NEW)) as home:
        assert home.vault.verify() == Verification(opened=360, failed=0)
        assert [home.vault.secret(one, "session") for one in made] == [f"session-{one.user}".encode() for one in made]
    async with house(place, sealer_of(OLD)) as home:
        assert home.vault.verify() == Verification(opened=0, failed=360)


async def worked(home: House, number: int) -> None:
    """One row in every table that holds envelopes beside the vault's and the cards'."""
    named: dict[str, Any] = {"team": "T1", "user": f"U{number}", "back_end": "quivo"}
    await home.ledger.claim(
        kind="order.cancel", target=str(number), state="held", payload={"n": number}, line=line(number), **named
    )
    await home.occurrences.add(due(f"d-{number:03}", n=number))
    await home.watches.add(
        channel="C1", thread_ts=None, order_id=number, reference=f"R{number}", last_status="PENDING", **named
    )
    await home.imports.create("T1", "U1", "C1", [ImportRow(number, "ready", f"A-{number}", None, "", {"n": number})])
    cart = {"number": f"R{number}", "store": "https://shop.example.com", "token": f"token-{number}"}
    await home.carts.keep("T1", f"U{number}", "C1", currency="USD", **cart)
    digest = Digest(f"d-{number}", "T1", "U1", "C1", (), (), "09:00", "UTC", "summary", NOON)
    await home.digests.add(digest, line(number))
    await home.digests.posted(digest.id, NOON, {"n": number})


async def test_rotation_covers_every_table(place: str) -> None:
    """C6: what lies sealed in every other table is sealed anew too, and opens with the new key alone."""
    async with house(place, sealer_of(OLD)) as home:
        await asyncio.gather(*(worked(home, number) for number in range(120)))
        tables = elsewhere(place, ENVELOPES[on_postgres(place)])
    async with house(place, BOTH) as home:
        assert await home.vault.rotate() == Rotation(done=720, left=0)
        assert home.vault.plan() == {NEW[:8]: 720}
        assert elsewhere(place, ENVELOPES[on_postgres(place)]) == tables
    async with house(place, sealer_of(NEW)) as home:
        assert home.vault.verify() == Verification(opened=720, failed=0)
        found = home.ledger.open_for("order.cancel", "T1", "quivo", "77")
        assert found is not None
        assert found.payload == {"n": 77}
        assert {watch.reference for watch in home.watches.all_open()} == {f"R{number}" for number in range(120)}
        kept = [home.carts.current("T1", f"U{number}", "C1") for number in range(120)]
        assert [home.carts.token(one) for one in kept if one] == [f"token-{number}" for number in range(120)]
        assert [home.digests.last(f"d-{n}", "T1") for n in range(120)] == [{"n": n} for n in range(120)]
        runs = await home.occurrences.claim_due(owner="A", lease=timedelta(seconds=60), most=200)
        assert [run.payload["n"] for run in runs] == list(range(120))


ENVELOPES = {
    False: "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c "
    "WHERE m.type = 'table' AND c.name = 'envelope' ORDER BY m.name",
    True: "SELECT table_name::text FROM information_schema.columns WHERE column_name = 'envelope' ORDER BY 1",
}


async def test_no_table_with_envelopes_is_left_out(place: str) -> None:
    """C6: one row in each table that has envelopes is one envelope more in the plan."""
    async with house(place, sealer_of(OLD)) as home:
        await worked(home, 1)
        await home.cards.put("order", "T1", "U1", {})
        await home.vault.connect("T1", "U1", "quivo", account="a", keeps_password=True, secrets={"session": b"x"})
        assert home.vault.plan() == {OLD[:8]: len(elsewhere(place, ENVELOPES[on_postgres(place)]))} == {OLD[:8]: 8}


async def test_forgotten_payloads_are_no_failure(place: str) -> None:
    """C6: an occurrence whose payload was erased is neither counted as failed nor rotated."""
    async with house(place, sealer_of(OLD)) as home:
        await home.occurrences.add(due())
        await home.occurrences.drop("d-1")
        home.watch.advance(90_000)
        await home.occurrences.forget_older_than(1)
        assert (home.vault.plan(), home.vault.verify()) == ({}, Verification(opened=0, failed=0))


async def test_a_second_rotation_does_nothing(place: str) -> None:
    """C6: what is under the primary key already is left alone."""
    await filled(place, sealer_of(OLD), 3)
    async with house(place, BOTH) as home:
        assert await home.vault.rotate() == Rotation(done=9, left=0)
        before = elsewhere(place, "SELECT envelope FROM secrets ORDER BY connection, purpose")
        assert await home.vault.rotate() == Rotation(done=0, left=0)
        assert elsewhere(place, "SELECT envelope FROM secrets ORDER BY connection, purpose") == before


async def test_planning_and_verifying_change_nothing(place: str) -> None:
    """C6: a plan counts envelopes by key and changes 0 of them."""
    await filled(place, sealer_of(OLD), 4)
    async with house(place, BOTH) as home:
        await joined(home, "U9")
        elsewhere(place, "INSERT INTO cards VALUES ('plain', 'T1', 0, ?)", (b"{}",))
        before = elsewhere(place, "SELECT envelope FROM cards ORDER BY id")
        assert home.vault.plan() == {OLD[:8]: 12, NEW[:8]: 2, UNSEALED: 1}
        assert home.vault.verify() == Verification(opened=14, failed=1)
        assert elsewhere(place, "SELECT envelope FROM cards ORDER BY id") == before


async def test_what_cannot_be_opened_is_left_and_counted(place: str) -> None:
    """C4: plain text, damage and foreign keys stay as they are, are counted as left, and stop nothing."""
    made = await filled(place, sealer_of(OLD), 4)
    async with house(place, BOTH) as home:
        sql = "UPDATE secrets SET envelope = ? WHERE connection = ? AND purpose = 'session'"
        foreign = sealer_of(new_key()).seal(home_place(made[2]), b"x")
        strange = [b"plain", bytes.fromhex("01" + OLD[:8]) + bytes(40), foreign]
        for connection, envelope in zip(made, strange, strict=False):
            elsewhere(place, sql, (envelope, connection.id))
        assert await home.vault.rotate() == Rotation(done=9, left=3)
        assert home.vault.verify() == Verification(opened=9, failed=3)
        kept = "SELECT envelope FROM secrets WHERE connection = ? AND purpose = 'session'"
        assert [elsewhere(place, kept, (one.id,))[0][0] for one in made[:3]] == strange


def home_place(connection: Connection) -> Place:
    return Place("session", connection.team, connection.user, connection.back_end, connection.id)


async def test_rotation_beside_reads_and_writes(place: str) -> None:
    """C6: with secrets read, renewed, added and removed meanwhile, 0 rows are unreadable, no renewal is lost."""
    made = await filled(place, sealer_of(OLD), 150)
    async with house(place, BOTH) as home:
        running = asyncio.ensure_future(home.vault.rotate())
        renewed, late = made[::3], []
        for number, connection in enumerate(renewed):
            assert home.vault.secret(connection, "credentials") == f"login-{connection.user}".encode()
            assert await home.vault.keep(connection, "session", f"renewed-{number}".encode())
            if number % 10 == 0:
                late.append(await joined(home, f"late-{number}"))
                await home.vault.disconnect("T1", made[3 * number + 1].user, "quivo")
        assert (await running).left == 0
        expected = [f"renewed-{number}".encode() for number in range(len(renewed))]
        assert [home.vault.secret(connection, "session") for connection in renewed] == expected
        assert set(home.vault.plan()) == {NEW[:8]}
        assert home.vault.verify().failed == 0
        assert [home.vault.secret(one, "session") for one in late] == [f"session-{one.user}".encode() for one in late]


async def test_a_renewal_between_reading_and_swapping_wins(place: str) -> None:
    """C6: a secret that was renewed after the rotation read it is not overwritten with the older one."""
    (connection,) = await filled(place, sealer_of(OLD), 1)
    async with house(place, BOTH) as home:
        renewal = asyncio.ensure_future(home.vault.keep(connection, "session", b"renewed"))
        await asyncio.sleep(0)
        rotation = asyncio.ensure_future(home.vault.rotate())
        assert await renewal
        await rotation
        assert home.vault.secret(connection, "session") == b"renewed"
        assert home.vault.plan() == {NEW[:8]: 3}
