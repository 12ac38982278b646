"""Private files: made 0600 in a folder 0700 of our own, and refused when anybody else has a hand in them (C9)."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from store.errors import Missing, Unsafe

_FOLDER = {
    "link": "The database's folder is a symbolic link. Name the real folder.",
    "kind": "The database's folder is not a folder.",
    "owner": "The database's folder belongs to another user.",
    "mode": "The database's folder is open to other users. Run: chmod 700 on the folder.",
}
_DATABASE = {
    "link": "The database file is a symbolic link. Name the real file.",
    "kind": "The database file is not a regular file.",
    "owner": "The database file belongs to another user.",
    "mode": "The database file is open to other users. Run: chmod 600 on the file.",
}
_KEYS = {
    "link": "The key file is a symbolic link. Name the real file.",
    "kind": "The key file is not a regular file.",
    "owner": "The key file belongs to another user.",
    "mode": "The key file is open to other users. Run: chmod 600 on the file.",
}


def private_database(path: Path) -> None:
    """Makes the folder and an empty file where there is none, then refuses (Unsafe) whatever is not private."""
    folder = path.parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check(os.lstat(folder), stat.S_ISDIR, _FOLDER)
        _create(path)
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
            _check_if_there(folder / name)
    except FileExistsError as error:
        raise Unsafe(_FOLDER["kind"]) from error
    except OSError as error:
        raise Missing("The database's folder or file cannot be made or read there.") from error


def read_private(path: Path, most: int = 65_536) -> str:
    """The text of a private file such as the key file; Unsafe if it is not private, Missing if it cannot be read."""
    try:
        _check(os.lstat(path), stat.S_ISREG, _KEYS)
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            _check(os.fstat(descriptor), stat.S_ISREG, _KEYS)
            return file.read(most).decode("utf-8", "replace")
    except OSError as error:
        raise Missing("The key file cannot be read.") from error


def identity(path: Path) -> tuple[int, int]:
    """Which file a path names now (device, inode), so that a deleted or exchanged database is noticed; else Missing."""
    try:
        found = os.stat(path)
    except OSError as error:
        raise Missing() from error
    return found.st_dev, found.st_ino


def _create(path: Path) -> None:
    # Never open a database that exists: closing any descriptor of it drops this process's SQLite locks on it.
    if not os.path.lexists(path):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))


def _check_if_there(path: Path) -> None:
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return
    _check(found, stat.S_ISREG, _DATABASE)


def _check(found: os.stat_result, is_kind: Callable[[int], bool], texts: dict[str, str]) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise Unsafe(texts["link"])
    if not is_kind(found.st_mode):
        raise Unsafe(texts["kind"])
    if found.st_uid != os.geteuid():
        raise Unsafe(texts["owner"])
    if found.st_mode & 0o077:
        raise Unsafe(texts["mode"])
