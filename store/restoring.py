"""Restoring a backup into a new file, after a look inside (G6)."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from store.backup import Rehearsal, verify_backup
from store.envelope import Sealer
from store.errors import Missing, StoreError
from store.files import private_database

_TAKEN = "There is a database, or a part of one, in that place already. Nothing was restored; move it away first."
_FAILED = "The backup could not be restored there. Nothing was changed."


async def restore(backup: Path, target: Path, sealer: Sealer) -> Rehearsal:
    """Puts a backup in place as a new file, 0600 in a folder 0700, and says what is in it.

    Envelopes that did not open and a broken audit are only counted: whoever restores decides what they mean.
    StoreError, and nothing is in place: the backup cannot be read (Missing), is damaged (Corrupt) or from a later
    version (TooNew), the target or its log is there already, or its folder is open to others (Unsafe).
    """
    _refuse_taken(target)
    found = await verify_backup(backup, sealer)
    await asyncio.to_thread(_restore, backup, target)
    return found


def _refuse_taken(target: Path) -> None:
    """Also a log without its file: SQLite would play it into the one that is restored."""
    if any(os.path.lexists(f"{target}{end}") for end in ("", "-wal", "-shm", "-journal")):
        raise StoreError(_TAKEN)


def _restore(backup: Path, target: Path) -> None:
    partial = target.with_name(f"{target.name}.{secrets.token_hex(4)}.partial")  # what bears the name is always whole
    try:
        private_database(partial)
        shutil.copyfile(backup, partial)
        _settle(partial)
        _refuse_taken(target)
        os.link(partial, target)  # unlike a rename, refuses when somebody took the name meanwhile
        _settle(target.parent)
    except FileNotFoundError as error:
        raise Missing("The backup cannot be read.") from error
    except FileExistsError as error:
        raise StoreError(_TAKEN) from error
    except OSError as error:
        raise StoreError(_FAILED) from error
    finally:
        with suppress(OSError):
            partial.unlink()


def _settle(path: Path) -> None:
    """Makes a file, or the names in a folder, durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
