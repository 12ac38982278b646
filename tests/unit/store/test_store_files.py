"""The database's file and folder are private, or there is no start (C9)."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from store_kit import database_path, elsewhere, house, opened

from store.database import Database
from store.errors import Missing, StoreError
from store.files import private_database


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def refusal(path: Path) -> str:
    with pytest.raises(StoreError) as caught:
        Database.open(path)
    return f"{type(caught.value).__name__}: {caught.value.safe_text}"


async def test_everything_we_make_is_private(tmp_path: Path) -> None:
    """C9: folder 0700, database, log and index 0600, even where the umask would leave them open."""
    before = os.umask(0)
    try:
        async with house(tmp_path) as home:
            await home.cards.put("order", "T1", "U1", {})
            found = {file.name: mode(file) for file in database_path(tmp_path).parent.iterdir()}
    finally:
        os.umask(before)
    assert found == dict.fromkeys(("shipclerk.db", "shipclerk.db-wal", "shipclerk.db-shm"), 0o600)
    assert mode(database_path(tmp_path).parent) == 0o700


@pytest.mark.parametrize("bits", [0o755, 0o750, 0o701, 0o770, 0o720, 0o777])
def test_an_open_folder_is_refused(tmp_path: Path, bits: int) -> None:
    """C9: a folder that others may list, enter or write stops the start, and is left as it was."""
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(bits)
    assert refusal(folder / "s.db").startswith("Unsafe: The database's folder is open to other users.")
    assert (mode(folder), list(folder.iterdir())) == (bits, [])


@pytest.mark.parametrize("bits", [0o644, 0o640, 0o604, 0o660, 0o620, 0o666])
@pytest.mark.parametrize("end", ["", "-wal", "-shm", "-journal"])
def test_an_open_file_is_refused(tmp_path: Path, bits: int, end: str) -> None:
    """C9: a database, log or index that others may read or write stops the start."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    file = folder / f"s.db{end}"
    file.touch()
    file.chmod(bits)
    assert refusal(folder / "s.db").startswith("Unsafe: The database file is open to other users.")
    assert (mode(file), file.read_bytes()) == (bits, b"")


def link_folder(folder: Path) -> None:
    folder.rmdir()
    (folder.parent / "real").mkdir(mode=0o700)
    folder.symlink_to(folder.parent / "real")


def link_file(folder: Path) -> None:
    (folder / "real").touch(mode=0o600)
    (folder / "s.db").symlink_to(folder / "real")


def dangling_link(folder: Path) -> None:
    (folder / "s.db").symlink_to(folder / "nothing")


def folder_for_file(folder: Path) -> None:
    (folder / "s.db").mkdir(mode=0o700)


def pipe_for_file(folder: Path) -> None:
    os.mkfifo(folder / "s.db", mode=0o600)


def file_for_folder(folder: Path) -> None:
    folder.rmdir()
    folder.touch(mode=0o600)


@pytest.mark.parametrize(
    "spoil", [link_folder, link_file, dangling_link, folder_for_file, pipe_for_file, file_for_folder]
)
def test_links_and_odd_kinds_are_refused(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    """C9: a symbolic link, a pipe, a folder for the file or a file for the folder stops the start."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    spoil(folder)
    assert refusal(folder / "s.db").startswith("Unsafe: ")


@pytest.mark.parametrize("whose", ["folder", "file"])
def test_what_belongs_to_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whose: str) -> None:
    """C9: a folder or file with another owner stops the start."""
    path = tmp_path / "data" / "s.db"
    private_database(path)
    real = os.lstat

    def lstat(asked: Path) -> os.stat_result:
        found, strange = real(asked), path.parent if whose == "folder" else path
        return os.stat_result([*found[:4], found.st_uid + (asked == strange), *found[5:]])

    monkeypatch.setattr("store.files.os.lstat", lstat)
    assert (
        refusal(path)
        == f"Unsafe: The database{'' if whose == 'file' else chr(39) + 's'} {whose} belongs to another user."
    )


async def test_a_private_database_is_opened_again(tmp_path: Path) -> None:
    """What was written is there at the next start, and the file is not made anew."""
    async with house(tmp_path) as home:
        card = await home.cards.put("order", "T1", "U1", {"id": 1})
        sealer, inode = home.sealer, database_path(tmp_path).stat().st_ino
    async with house(tmp_path, sealer) as home:
        assert home.cards.get(card.id, "T1") == card
    assert database_path(tmp_path).stat().st_ino == inode


async def test_nothing_in_the_path_is_mistaken_for_an_option(tmp_path: Path) -> None:
    """A folder with a question mark, a hash sign or a percent sign in its name is only a folder."""
    async with opened(tmp_path / "a?mode=memory#x%20y") as database:
        assert elsewhere(database.path, "SELECT count(*) FROM audit_head") == [(1,)]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """G4: where no folder can be made, the refusal is one of ours."""
    (tmp_path / "file").touch()
    with pytest.raises(Missing):
        Database.open(tmp_path / "file" / "data" / "s.db")
