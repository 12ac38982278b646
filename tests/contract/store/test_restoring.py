"""A backup is restored into a new file after a look inside, and never over another one (G6)."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from store_world import due, elsewhere, file_in, house, line, sealer_of

from store.backup import Rehearsal, backup
from store.database import Database
from store.errors import Corrupt, Missing, StoreError, TooNew, Unsafe
from store.keyring import new_key
from store.restoring import restore

KEY = new_key()


async def backed_up(folder: Path) -> Path:
    async with house(file_in(folder / "old"), sealer_of(KEY)) as home:
        await home.intake.admit("a", line(1))
        await home.cards.put("order", "T1", "U1", {"n": 1})
        await home.occurrences.add(due())
        assert isinstance(home.database, Database)
        await backup(home.database, folder / "kept" / "backup.db")
    return folder / "kept" / "backup.db"


async def test_a_backup_is_restored(tmp_path: Path) -> None:
    """The new file is private, holds what the backup held, and a bot starts from it; the backup is only read."""
    kept, target = await backed_up(tmp_path), tmp_path / "new" / "shipclerk.db"
    before = kept.read_bytes()
    found = await restore(kept, target, sealer_of(KEY))
    assert (found.opened, found.failed, found.audit_broken_at, found.rows["cards"]) == (2, 0, None, 1)
    assert (stat.S_IMODE(target.stat().st_mode), stat.S_IMODE(target.parent.stat().st_mode)) == (0o600, 0o700)
    assert (kept.read_bytes(), [path.name for path in target.parent.iterdir()]) == (before, ["shipclerk.db"])
    async with house(str(target), sealer_of(KEY)) as home:
        assert await home.intake.admit("a", line(2)) is False
        assert home.audit.lines("T1", 9) == [line(1)]


@pytest.mark.parametrize("end", ["", "-wal", "-shm", "-journal"])
async def test_nothing_is_overwritten(tmp_path: Path, end: str) -> None:
    """Where there is a database, or only the log of one, nothing is restored and nothing is touched."""
    kept, folder = await backed_up(tmp_path), tmp_path / "new"
    folder.mkdir(mode=0o700)
    there = folder / f"shipclerk.db{end}"
    there.write_bytes(b"mine")
    with pytest.raises(StoreError, match="Nothing was restored"):
        await restore(kept, folder / "shipclerk.db", sealer_of(KEY))
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [(there.name, b"mine")]


async def test_a_damaged_backup_is_not_restored(tmp_path: Path) -> None:
    """A backup that is cut short, is no database, is missing, or is of a later version is refused; no file is made."""
    kept, target = await backed_up(tmp_path), tmp_path / "new" / "shipclerk.db"
    whole = kept.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"no database" * 500):
        kept.write_bytes(damaged)
        with pytest.raises(Corrupt):
            await restore(kept, target, sealer_of(KEY))
    kept.write_bytes(whole)
    elsewhere(str(kept), "UPDATE _sqlite_migrations SET name = 'm999_later' WHERE name = 'm009_imports'")
    with pytest.raises(TooNew):
        await restore(kept, target, sealer_of(KEY))
    kept.unlink()
    with pytest.raises(Missing):
        await restore(kept, target, sealer_of(KEY))
    assert not target.exists()


async def test_what_does_not_open_is_counted_and_restored(tmp_path: Path) -> None:
    """Without the right keys, and with an edited audit, it is restored as it is, and both are said."""
    kept, target = await backed_up(tmp_path), tmp_path / "new" / "shipclerk.db"
    elsewhere(str(kept), "DROP TRIGGER audit_no_update")
    elsewhere(str(kept), "UPDATE audit SET outcome = 'x'")
    found = await restore(kept, target, sealer_of(new_key()))
    assert found == Rehearsal(found.rows, opened=0, failed=2, audit_broken_at=1)
    assert elsewhere(str(target), "SELECT outcome FROM audit") == [("x",)]


async def test_a_folder_that_others_may_write_is_refused(tmp_path: Path) -> None:
    """C9: a target in an open folder is Unsafe, and nothing is left there."""
    kept, folder = await backed_up(tmp_path), tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o755)
    with pytest.raises(Unsafe):
        await restore(kept, folder / "shipclerk.db", sealer_of(KEY))
    assert list(folder.iterdir()) == []


async def test_where_nothing_can_be_written_nothing_is_left(tmp_path: Path) -> None:
    """A name that the file system does not take is a StoreError, and the folder stays empty."""
    kept, folder = await backed_up(tmp_path), tmp_path / "new"
    with pytest.raises(StoreError):
        await restore(kept, folder / ("x" * 300), sealer_of(KEY))
    assert not folder.exists() or list(folder.iterdir()) == []
