"""Changing keys in PostgreSQL: everything is sealed anew with the primary key, while bots may be running (C6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from store.envelope import Place, Sealer, key_id
from store.errors import EnvelopeError
from store.postgres.pool import PgDatabase, Row, Writing
from store.rotation import UNSEALED, Rotation, Verification

__all__ = ["SEALED", "Rotation", "Sealed", "Verification", "plan", "rotate", "verify"]

_BATCH = 100


@dataclass(frozen=True)
class Sealed:
    """A table with envelopes: its key, the five parts of a Place, and where they come from; ``first`` is before all."""

    table: str
    key: tuple[str, ...]
    place: str
    rows: str
    first: tuple[str | int, ...] = ("",)

    @property
    def page(self) -> str:
        """SELECT envelope, the five parts, and the key, for the rows after a key."""
        key = ", ".join(self.key)
        after = f"({key}) > ({', '.join(['%s'] * len(self.key))})"
        return (
            f"SELECT envelope, {self.place}, {key} FROM {self.rows} "  # noqa: S608 - the constants below
            f"WHERE envelope IS NOT NULL AND {after} ORDER BY {key} LIMIT {_BATCH}"
        )

    @property
    def swap(self) -> str:
        """UPDATE only where the envelope is still the one that was read: a secret renewed meanwhile wins."""
        mine = " AND ".join(f"{column} = %s" for column in self.key)
        return f"UPDATE {self.table} SET envelope = %s WHERE {mine} AND envelope = %s"  # noqa: S608


SEALED: tuple[Sealed, ...] = (
    Sealed(
        "secrets",
        ("connection", "purpose"),
        'purpose, team, "user", back_end, connection',
        "secrets JOIN connections ON connections.id = connection",
        ("", ""),
    ),
    Sealed("cards", ("id",), "'card', team, '', '', id", "cards"),
    Sealed("occurrences", ("key",), "'occurrence', team, '', '', key", "occurrences"),
    Sealed("actions", ("id",), "'action', team, \"user\", back_end, id", "actions"),
    Sealed("watches", ("id",), "'watch', team, '', '', id", "watches"),
    Sealed(
        "import_rows",
        ("import", "number"),
        "'import', team, '', '', import || '/' || number",
        "import_rows JOIN imports ON imports.id = import",
        ("", -(2**63)),
    ),
    Sealed("digests", ("id",), "'digest', team, '', '', id", "digests"),
    Sealed("carts", ("id",), "'cart', team, \"user\", 'vendo', id", "carts"),
)


def plan(database: PgDatabase) -> dict[str, int]:
    """Envelopes by the id of the key that they name, and under ``unsealed`` whatever is no envelope; writes nothing."""
    return dict(Counter(key_id(row[0]) or UNSEALED for row in _everything(database)))


def verify(database: PgDatabase, sealer: Sealer) -> Verification:
    """Opens every envelope in its place; the plain text is dropped at once."""
    counted = Counter(_anew(sealer, row) is not None for row in _everything(database))
    return Verification(opened=counted[True], failed=counted[False])


async def rotate(database: PgDatabase, sealer: Sealer) -> Rotation:
    """One pass, a batch to a transaction; what cannot be opened stays as it is and is counted as left."""
    done = 0
    for table in SEALED:
        for page in _pages(database, table):
            due = [row for row in page if key_id(row[0]) != sealer.primary]
            anew = [(sealed, *row[6:], row[0]) for row in due if (sealed := _anew(sealer, row))]
            if anew:
                done += await database.write(partial(_swap, table, anew))
    left = sum(count for key, count in plan(database).items() if key != sealer.primary)
    return Rotation(done, left)


def _everything(database: PgDatabase) -> Iterator[Row]:
    return (row for table in SEALED for page in _pages(database, table) for row in page)


def _pages(database: PgDatabase, table: Sealed) -> Iterator[list[Row]]:
    last: Sequence[str | int] = table.first
    while rows := database.all(table.page, last):
        yield rows
        last = rows[-1][6:]


def _anew(sealer: Sealer, row: Row) -> bytes | None:
    place = Place(*row[1:6])
    try:
        return sealer.seal(place, sealer.open(place, row[0]))
    except EnvelopeError:
        return None


async def _swap(table: Sealed, anew: Sequence[Row], connection: Writing) -> int:
    async with connection.cursor() as cursor:
        await cursor.executemany(table.swap, anew)
        return cursor.rowcount
