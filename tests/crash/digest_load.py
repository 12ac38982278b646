"""The process that the digests' crash tests kill: the whole bot, as its settings in the environment say.

On PostgreSQL its worker says that it lives more often than one in production, so that nobody waits long for the dead.
"""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta

from bot.bootstrap import Bot, bootstrap
from bot.logs import configure
from bot.settings import Settings, load
from handlers.durable import runners
from store.database import Database

HEARTBEAT = 0.5


def quicken(bot: Bot, settings: Settings) -> None:
    """The same engine as bootstrap's, with a heartbeat that fits a test."""
    from bot.replicas import Replica
    from store.postgres.occurrences import PgOccurrences
    from store.postgres.pool import PgDatabase

    database, occurrences = bot.stores.database, bot.stores.occurrences
    assert isinstance(database, PgDatabase)
    assert isinstance(occurrences, PgOccurrences)
    lease = timedelta(seconds=settings.lease_seconds)
    bot.engine = Replica(database, occurrences, runners(bot.services), lease=lease, heartbeat=HEARTBEAT)


async def main() -> None:
    settings = load()
    configure("ERROR")
    bot = await bootstrap(settings)
    if not isinstance(bot.stores.database, Database):
        quicken(bot, settings)
    await bot.start()
    os.write(1, b"ready\n")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
