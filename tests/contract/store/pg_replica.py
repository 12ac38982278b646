"""A replica that the crash test kills: it runs what is due, and each run posts its key once (a row in ``posts``).

A run that may not be the first looks whether its key was posted, as the bot asks Slack. It takes its time before and
after the post, so that it dies there too.
"""

from __future__ import annotations

import asyncio
import random
import sys
from datetime import timedelta

import psycopg

from bot.replicas import Replica
from operations.durable import Finished, Later
from store.envelope import Sealer
from store.keyring import KeyRing
from store.occurrences import Occurrence
from store.postgres.occurrences import PgOccurrences
from store.postgres.pool import PgDatabase

LEASE = timedelta(seconds=2)
HEARTBEAT = 0.4


async def main(url: str, keys: str) -> None:
    database = await PgDatabase.open(url)
    posting = await psycopg.AsyncConnection.connect(url, autocommit=True)

    async def run(occurrence: Occurrence) -> Finished | Later:
        if occurrence.attempt > 1:
            seen = await posting.execute("SELECT 1 FROM posts WHERE key = %s", (occurrence.key,))
            if await seen.fetchone():
                return Finished("posted before")
        await asyncio.sleep(random.random() * 0.05)
        await posting.execute("INSERT INTO posts VALUES (%s)", (occurrence.key,))
        await asyncio.sleep(random.random() * 0.05)
        return Finished("posted")

    occurrences = PgOccurrences(database, Sealer(KeyRing.parse(keys)))
    Replica(database, occurrences, {"run": run}, lease=LEASE, heartbeat=HEARTBEAT).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
