"""Changing keys: everything is opened and sealed anew with the primary key, while the bot may be running (C6)."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from store.database import Database, Row
from store.envelope import Place, Sealer, key_id
from store.errors import EnvelopeError

UNSEALED = "unsealed"
_BATCH = 100


@dataclass(frozen=True)
class Rotation:
    """How many envelopes were sealed anew now, and how many are still not under the primary key."""

    done: int
    left: int


@dataclass(frozen=True)
class Verification:
    """How many envelopes opened, and how many did not."""

    opened: int
    failed: int


@dataclass(frozen=True)
class _Sealed:
    """A table with envelopes: its pages by row number give (row number, envelope, and the five parts of a Place)."""

    page: str
    swap: str


_TABLES = (
    _Sealed(
        "SELECT s.rowid, s.envelope, s.purpose, c.team, c.user, c.back_end, c.id FROM secrets s "
        "JOIN connections c ON c.id = s.connection WHERE s.rowid > ? ORDER BY s.rowid LIMIT ?",
        "UPDATE secrets SET envelope = ? WHERE rowid = ? AND envelope = ?",
    ),
    _Sealed(
        "SELECT rowid, envelope, 'card', team, '', '', id FROM cards WHERE rowid > ? ORDER BY rowid LIMIT ?",
        "UPDATE cards SET envelope = ? WHERE rowid = ? AND envelope = ?",
    ),
    _Sealed(
        "SELECT rowid, envelope, 'occurrence', team, '', '', key FROM occurrences "
        "WHERE rowid > ? AND envelope IS NOT NULL ORDER BY rowid LIMIT ?",
        "UPDATE occurrences SET envelope = ? WHERE rowid = ? AND envelope = ?",
    ),
    _Sealed(
        "SELECT rowid, envelope, 'action', team, user, back_end, id FROM actions "
        "WHERE rowid > ? ORDER BY rowid LIMIT ?",
        "UPDATE actions SET envelope = ? WHERE rowid = ? AND envelope = ?",
    ),
    _Sealed(
        "SELECT rowid, envelope, 'watch', team, '', '', id FROM watches WHERE rowid > ? ORDER BY rowid LIMIT ?",
        "UPDATE watches SET envelope = ? WHERE rowid = ? AND envelope = ?",
    ),
    _Sealed(
        "SELECT r.rowid, r.envelope, 'import', i.team, '', '', r.import || '/' || r.number FROM import_rows r "
        "JOIN imports i ON i.id = r.import WHERE r.rowid > ? ORDER BY r.rowid LIMIT ?",
        "UPDATE import_rows SET envelope = ? WHERE rowid = ? AND envelope = ?",
    ),
    _Sealed(
        "SELECT rowid, envelope, 'cart', team, user, 'vendo', id FROM carts WHERE rowid > ? ORDER BY rowid LIMIT ?",
        "UPDATE carts SET envelope = ? WHERE rowid = ? AND envelope = ?",
    ),
    _Sealed(
        "SELECT rowid, envelope, 'digest', team, '', '', id FROM digests "
        "WHERE rowid > ? AND envelope IS NOT NULL ORDER BY rowid LIMIT ?",
        "UPDATE digests SET envelope = ? WHERE rowid = ? AND envelope = ?",
    ),
)


def plan(database: Database) -> dict[str, int]:
    """Envelopes by the id of the key that they name, and under ``unsealed`` whatever is no envelope; writes nothing."""
    return dict(
        Counter(key_id(row[1]) or UNSEALED for table in _TABLES for page in _pages(database, table) for row in page)
    )


def verify(database: Database, sealer: Sealer) -> Verification:
    """Opens every envelope in its place; the plain text is dropped at once."""
    found = Counter(
        _anew(sealer, row) is not None for table in _TABLES for page in _pages(database, table) for row in page
    )
    return Verification(opened=found[True], failed=found[False])


async def rotate(database: Database, sealer: Sealer) -> Rotation:
    """One pass, a batch to a transaction; what cannot be opened stays as it is and is counted as left."""
    done = 0
    for table in _TABLES:
        for page in _pages(database, table):
            due = [row for row in page if key_id(row[1]) != sealer.primary]
            anew = [(sealed, row[0], row[1]) for row in due if (sealed := _anew(sealer, row))]
            if anew:
                done += await database.write(partial(_swap, table, anew))
    if done:
        await database.empty_log()  # the envelopes under the old key would stay readable there
    left = sum(count for key, count in plan(database).items() if key != sealer.primary)
    return Rotation(done, left)


def _pages(database: Database, table: _Sealed) -> Iterator[list[Row]]:
    last = -1
    while rows := database.all(table.page, (last, _BATCH)):
        yield rows
        last = rows[-1][0]


def _anew(sealer: Sealer, row: Row) -> bytes | None:
    place = Place(*row[2:])
    try:
        return sealer.seal(place, sealer.open(place, row[1]))
    except EnvelopeError:
        return None


def _swap(table: _Sealed, anew: list[tuple[bytes, int, bytes]], connection: sqlite3.Connection) -> int:
    """Only where the envelope is still the one that was read: a secret renewed meanwhile wins."""
    return connection.executemany(table.swap, anew).rowcount
