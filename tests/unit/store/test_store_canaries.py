"""No secret and no personal data stands readable in any byte of the files (C1)."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from store_kit import NOON, House, database_path, disguises, house, line, raw_bytes

from store.backup import backup
from store.cards import SqliteCards
from store.imports import ImportRow
from store.intake import SqliteIntake
from store.occurrences import Due

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


async def worked(home: House, number: int) -> None:
    """A change, a watch and an import with a canary wherever personal data may stand, from beginning to end."""
    personal: dict[str, Any] = dict.fromkeys(CANARIES, CANARIES)
    named: dict[str, Any] = {"team": "T1", "user": "U1", "back_end": "quivo"}
    claim = await home.ledger.claim(
        kind="order.address",
        target=str(number),
        state="sending",
        payload=personal,
        line=line(number),
        due=Due(f"look/{number}", "order.look", NOON, personal, "T1"),
        **named,
    )
    await home.ledger.move(claim.action.id, expect=("sending",), to="done", line=line(number), payload=personal)
    for run in await home.occurrences.claim_due(owner="A", lease=timedelta(seconds=60), most=9):
        await home.occurrences.again(run.key, "A", NOON + timedelta(days=1), personal)
    await home.watches.add(
        channel="C1", thread_ts=None, order_id=number, reference=CANARIES[3], last_status="PENDING", **named
    )
    row = ImportRow(number, "ready", CANARIES[3], None, CANARIES[4], personal)
    import_id = await home.imports.create("T1", "U1", "C1", [row])
    await home.imports.resume(import_id, Due(f"import/{number}", "import.run", NOON, personal, "T1"))
    await home.imports.claim_row(import_id, number)
    await home.imports.settle_row(import_id, number, "refused", None, CANARIES[5])


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
            await worked(home, number)
        await home.vault.disconnect("T1", "U3", "quivo")
        open_files = raw_bytes(home.database.path)
        await home.vault.rotate()
        await backup(home.database, tmp_path / "copies" / "backup.db")
    everything = raw_bytes(database_path(tmp_path)) + raw_bytes(tmp_path / "copies" / "backup.db")
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
