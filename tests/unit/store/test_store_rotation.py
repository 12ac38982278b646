"""Keys are changed without leaving an old envelope in the file, and planning changes no byte (C6)."""

from __future__ import annotations

import asyncio
from pathlib import Path

from store_kit import House, elsewhere, house, raw_bytes, sealer_of

from store.envelope import Sealer
from store.keyring import new_key
from store.rotation import UNSEALED, Rotation, Verification

OLD, NEW = new_key(), new_key()
BOTH = sealer_of(NEW, OLD)


async def filled(folder: Path, sealer: Sealer, people: int) -> None:
    """That many connections with two secrets each, and as many cards."""
    async with house(folder, sealer) as home:
        await asyncio.gather(*(home.cards.put("order", "T1", f"U{n}", {"n": n}) for n in range(people)))
        await asyncio.gather(*(joined(home, f"U{n}") for n in range(people)))


async def joined(home: House, user: str) -> None:
    secrets = {"credentials": f"login-{user}".encode(), "session": f"session-{user}".encode()}
    await home.vault.connect("T1", user, "quivo", account=user, keeps_password=True, secrets=secrets)


async def test_no_old_envelope_is_left_in_the_file(tmp_path: Path) -> None:
    """C6: after a rotation of more than a batch, 0 envelopes of before stand in the file, its log or its index."""
    await filled(tmp_path, sealer_of(OLD), 120)
    async with house(tmp_path, BOTH) as home:
        before = elsewhere(home.database.path, "SELECT envelope FROM secrets UNION ALL SELECT envelope FROM cards")
        raw = raw_bytes(home.database.path)
        assert [envelope for (envelope,) in before if envelope not in raw] == []
        assert await home.vault.rotate() == Rotation(done=360, left=0)
        raw = raw_bytes(home.database.path)
        assert [envelope for (envelope,) in before if envelope in raw] == []


async def test_a_second_rotation_does_nothing(tmp_path: Path) -> None:
    """C6: what is under the primary key already is left alone."""
    await filled(tmp_path, sealer_of(OLD), 3)
    async with house(tmp_path, BOTH) as home:
        assert await home.vault.rotate() == Rotation(done=9, left=0)
        before = raw_bytes(home.database.path)
        assert await home.vault.rotate() == Rotation(done=0, left=0)
        assert raw_bytes(home.database.path) == before


async def test_planning_and_verifying_change_no_byte(tmp_path: Path) -> None:
    """C6: a plan counts envelopes by key and changes 0 bytes of the file and its log."""
    await filled(tmp_path, sealer_of(OLD), 4)
    async with house(tmp_path, BOTH) as home:
        await joined(home, "U9")
        elsewhere(home.database.path, "INSERT INTO cards VALUES ('plain', 'T1', 0, x'7b7d')")
        files = [home.database.path, home.database.path.with_name("shipclerk.db-wal")]
        before = [file.read_bytes() for file in files]
        assert home.vault.plan() == {OLD[:8]: 12, NEW[:8]: 2, UNSEALED: 1}
        assert home.vault.verify() == Verification(opened=14, failed=1)
        assert [file.read_bytes() for file in files] == before
