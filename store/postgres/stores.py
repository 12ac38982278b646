"""Everything in one PostgreSQL database."""

from __future__ import annotations

from store.envelope import Sealer
from store.postgres.audit import PgAudit
from store.postgres.cards import PgCards
from store.postgres.carts import PgCarts
from store.postgres.deliveries import PgDeliveries
from store.postgres.digests import PgDigests
from store.postgres.imports import PgImports
from store.postgres.intake import PgIntake
from store.postgres.ledger import PgLedger
from store.postgres.occurrences import PgOccurrences
from store.postgres.pool import PgDatabase
from store.postgres.preferences import PgPreferences
from store.postgres.vault import PgVault
from store.postgres.watches import PgWatches
from store.stores import Stores
from store.times import Now, utc_now


async def open_postgres(url: str, sealer: Sealer, now: Now = utc_now) -> Stores:
    """Opens the database at an address; StoreError, which quotes no part of the address."""
    return postgres_stores(await PgDatabase.open(url), sealer, now)


def postgres_stores(database: PgDatabase, sealer: Sealer, now: Now = utc_now) -> Stores:
    """Everything in an open database."""
    return Stores(
        database,
        PgVault(database, sealer, now),
        PgCards(database, sealer, now),
        PgAudit(database),
        PgDeliveries(database, now),
        PgIntake(database),
        PgLedger(database, sealer, now),
        PgOccurrences(database, sealer, now),
        PgWatches(database, sealer, now),
        PgPreferences(database, now),
        PgImports(database, sealer, now),
        PgCarts(database, sealer, now),
        PgDigests(database, sealer, now),
    )
