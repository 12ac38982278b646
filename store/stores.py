"""Everything that is stored, behind the protocols: in a SQLite file, or in PostgreSQL for several replicas."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from store.audit import Audit, SqliteAudit
from store.cards import Cards, SqliteCards
from store.carts import Carts, SqliteCarts
from store.database import Database
from store.deliveries import Deliveries, SqliteDeliveries
from store.digests import Digests, SqliteDigests
from store.envelope import Sealer
from store.imports import Imports, SqliteImports
from store.intake import Intake, SqliteIntake
from store.ledger import Ledger, SqliteLedger
from store.occurrences import Occurrences, SqliteOccurrences
from store.preferences import PreferencesStore, SqlitePreferences
from store.rotation import Rotation, Verification
from store.times import Now, utc_now
from store.vault import SqliteVault, Vault
from store.watches import SqliteWatches, Watches


class Opened(Protocol):
    """A database that is open."""

    async def close(self) -> None:
        """Closes it; a second call does nothing more."""


class KeyedVault(Vault, Protocol):
    """A vault whose keys can be changed."""

    async def rotate(self) -> Rotation:
        """Seals everything anew with the primary key; stopped half-way, it goes on where it was."""

    def plan(self) -> dict[str, int]:
        """How many envelopes name which key; writes nothing."""

    def verify(self) -> Verification:
        """Opens every envelope and counts those that fail."""


@dataclass(frozen=True)
class Stores:
    """One open database with everything on it."""

    database: Opened
    vault: KeyedVault
    cards: Cards
    audit: Audit
    deliveries: Deliveries
    intake: Intake
    ledger: Ledger
    occurrences: Occurrences
    watches: Watches
    preferences: PreferencesStore
    imports: Imports
    carts: Carts
    digests: Digests


def on_postgres(place: str) -> bool:
    """Whether a setting names a PostgreSQL database, not a file."""
    return place.startswith(("postgresql://", "postgres://"))


def shown(place: str) -> str:
    """A setting as it may be printed: of an address only user, hosts and database, never a password."""
    if not on_postgres(place):
        return place
    try:
        parts = urlsplit(place)
    except ValueError:
        return "postgresql://…"
    user = parts.username if "@" in parts.netloc else None
    return f"postgresql://{f'{user}@' if user else ''}{parts.netloc.rpartition('@')[2]}{parts.path}"


async def open_stores(place: str, sealer: Sealer, now: Now = utc_now) -> Stores:
    """Opens a file's path or a ``postgresql://`` address and brings its tables up to date; StoreError."""
    if on_postgres(place):
        from store.postgres.stores import open_postgres  # psycopg takes a while to import, and a file needs none

        return await open_postgres(place, sealer, now)
    return sqlite_stores(Database.open(Path(place)), sealer, now)


def sqlite_stores(database: Database, sealer: Sealer, now: Now = utc_now) -> Stores:
    """Everything in an open file."""
    return Stores(
        database,
        SqliteVault(database, sealer, now),
        SqliteCards(database, sealer, now),
        SqliteAudit(database),
        SqliteDeliveries(database, now),
        SqliteIntake(database),
        SqliteLedger(database, sealer, now),
        SqliteOccurrences(database, sealer, now),
        SqliteWatches(database, sealer, now),
        SqlitePreferences(database, now),
        SqliteImports(database, sealer, now),
        SqliteCarts(database, sealer, now),
        SqliteDigests(database, sealer, now),
    )
