"""No secret and no personal data stands readable in any byte of the files (C1)."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from store_kit import database_path, disguises, elsewhere, house, line, raw_bytes

from store.cards import SqliteCards
from store.intake import SqliteIntake

CANARIES = [
    "canary-api-key-5e1f+/=",
    "canary-pass word-77ab",
    "canary-token-eyJhbGciOi",
    "canary.person@example.test",
    "Canarygasse 7, 1010 Wien",
    "+43 1 555 0199 canary",
]


def found(raw: bytes) -> list[tuple[str, bytes]]:
    return [(canary, form) for canary in CANARIES for form in disguises(canary) if form in raw]


async def test_no_canary_in_any_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """C1 D1: after everything the store does, 0 canaries in file, log, index, backup or log lines."""
    caplog.set_level(logging.DEBUG)
    async with house(tmp_path) as home:
        for number in range(20):
            secrets = {"credentials": "|".join(CANARIES[:2]).encode(), "session": CANARIES[2].encode()}
            made = await home.vault.connect(
                "T1", f"U{number}", "quivo", account="c…", keeps_password=True, secrets=secrets
            )
            await home.vault.keep(made, "session", (CANARIES[2] * 30).encode())
            card = await home.cards.put("order", "T1", "U1", dict.fromkeys(CANARIES, CANARIES))
            await home.cards.change(card.id, {"name": CANARIES * 20})
            await SqliteIntake(home.database).admit(f"key-{number}", line(number))
        await home.vault.disconnect("T1", "U3", "quivo")
        open_files = raw_bytes(home.database.path)
        await home.vault.rotate()
        elsewhere(home.database.path, "VACUUM INTO ?", (str(tmp_path / "backup.db"),))
    everything = raw_bytes(database_path(tmp_path)) + raw_bytes(tmp_path / "backup.db")
    assert len(open_files) > 100_000 < len(everything)
    assert found(open_files + everything + caplog.text.encode()) == []


def test_the_scan_would_see_them(tmp_path: Path) -> None:
    """C1: the same scan finds every canary that a file does hold, in each of its disguises."""
    for canary in CANARIES:
        for form in disguises(canary):
            assert (canary, form) in found(b"before" + form + b"after")


async def test_clear_text_in_the_file_would_be_seen(tmp_path: Path) -> None:
    """C1: without the sealer in between, the same scan of the same file does find the canary."""

    class Open:
        def seal(self, place: object, plain: bytes) -> bytes:
            return plain

    async with house(tmp_path) as home:
        cards = SqliteCards(home.database, Open())  # type: ignore[arg-type]
        await cards.put("order", "T1", "U1", {"token": CANARIES[2]})
        assert found(raw_bytes(home.database.path)) == [(CANARIES[2], CANARIES[2].encode())] * 2
