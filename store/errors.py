"""What can go wrong in the store, drawn as a tree; each leaf is one thing that the caller may do next.

StoreError                the store could not do it, and nothing was half done
 ├─ Closed                used after close: a mistake of ours, or the process is stopping
 ├─ Unsafe                file, folder or key file is open to others, a link, or somebody else's: refuse to start
 ├─ Missing               the file went away or cannot be opened
 ├─ Full                  no room left on the disk
 ├─ ReadOnly              the file or the disk cannot be written
 ├─ Corrupt               the file is damaged or no database: restore a backup
 ├─ Busy                  somebody else held the file for longer than we wait: try again
 ├─ DiskFault             the disk gave an error
 ├─ TooNew                written by a later version of Shipclerk
 ├─ Lingering             removed, but its sealed form is still in the write-ahead log
 ├─ Repeated              an occurrence's key was used before: a mistake of ours
 ├─ KeyRingError          a key is missing, weak or malformed: no key, no start
 └─ EnvelopeError         not sealed, damaged, or sealed for another place; says no more on purpose
"""

from __future__ import annotations

import sqlite3


class StoreError(Exception):
    """The store could not do what was asked, and left nothing half done; ``safe_text`` is what people may read."""

    safe_text = "Shipclerk's storage refused. Nothing was changed."

    def __init__(self, safe_text: str | None = None) -> None:
        if safe_text is not None:
            self.safe_text = safe_text
        super().__init__(self.safe_text)


class Closed(StoreError):
    """The database was used after it was closed."""

    safe_text = "Shipclerk is stopping. Nothing was changed; please try again in a moment."


class Unsafe(StoreError):
    """A file or folder that must be private is not; the texts are declared in ``store.files``."""

    safe_text = "The database's file or folder is open to others."


class Missing(StoreError):
    """The database file is not where it was, or cannot be opened."""

    safe_text = "Shipclerk's database file is missing. Nothing was changed."


class Full(StoreError):
    """There is no room left on the disk."""

    safe_text = "The disk that holds Shipclerk's database is full. Nothing was changed."


class ReadOnly(StoreError):
    """The database file cannot be written."""

    safe_text = "Shipclerk's database is read-only. Nothing was changed."


class Corrupt(StoreError):
    """The file is damaged or is no database at all."""

    safe_text = "Shipclerk's database file is damaged. Nothing was changed; restore it from a backup."


class Busy(StoreError):
    """Another program held the database for longer than we wait."""

    safe_text = "Another program is using Shipclerk's database. Nothing was changed; please try again."


class DiskFault(StoreError):
    """The disk reported an error."""

    safe_text = "The disk that holds Shipclerk's database reported an error. Nothing was changed."


class TooNew(StoreError):
    """The file was written by a later version, whose tables this one does not know."""

    safe_text = "The database was written by a later version of Shipclerk. Start that version instead."


class Lingering(StoreError):
    """The row is deleted, but a reader kept us from emptying the write-ahead log; ask for the removal again."""

    safe_text = (
        "It is removed, but its encrypted form is still in the database's log, "
        "because another program is reading it. Please remove it again in a minute."
    )


class Repeated(StoreError):
    """What was to be scheduled has a key that was scheduled before, so it would never run; the change is undone."""

    safe_text = "This was scheduled before. Nothing was changed."


class KeyRingError(StoreError):
    """A vault key is missing, weak or malformed; the texts are declared in ``store.keyring`` and quote no key."""

    safe_text = "The vault's keys are missing or malformed."


class EnvelopeError(StoreError):
    """Not a sealed envelope, or damaged, or sealed for another place or with a key that is not on the ring."""

    safe_text = "A stored secret could not be read. Please disconnect and connect again."


_BY_CODE: dict[int, type[StoreError]] = {
    sqlite3.SQLITE_FULL: Full,
    sqlite3.SQLITE_READONLY: ReadOnly,
    sqlite3.SQLITE_PERM: ReadOnly,
    sqlite3.SQLITE_CORRUPT: Corrupt,
    sqlite3.SQLITE_NOTADB: Corrupt,
    sqlite3.SQLITE_BUSY: Busy,
    sqlite3.SQLITE_LOCKED: Busy,
    sqlite3.SQLITE_CANTOPEN: Missing,
    sqlite3.SQLITE_IOERR: DiskFault,
}


def told(error: BaseException) -> BaseException:
    """The same trouble in our own words: a StoreError for anything from SQLite, everything else as it is."""
    if not isinstance(error, sqlite3.Error):
        return error
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code, the rest its variety
    ours = _BY_CODE.get(code, StoreError)()
    ours.__cause__ = error
    return ours
