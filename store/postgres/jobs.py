"""Jobs: each occurrence's row has one in procrastinate's queue, written in the same transaction (DESIGN §6).

The row decides: a job only says that its occurrence may be due, and whoever gets it claims the row. So a job too many
does nothing, and one that was lost is made anew by ``sweep``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.tasks import ConfigureTaskOptions

from store.postgres.errors import told
from store.postgres.pool import PgDatabase, Writing
from store.times import to_micros

QUEUE = "shipclerk"
_RUN, _RESCUE = "occurrence.run", "workers.rescue"
_EVERY_MINUTE = "* * * * *"
_POLL_SECONDS = 1.0
_ORPHANS = (
    "SELECT key FROM occurrences o WHERE finished_at IS NULL AND ready_at <= %s AND NOT EXISTS ("
    "SELECT 1 FROM procrastinate_jobs j WHERE j.lock = o.key AND (j.status = 'doing' "
    "OR (j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())))) "
    "ORDER BY ready_at, key LIMIT 100"
)
_DIGEST = "digest:"
_writing = App(connector=PsycopgConnector())  # never opened: it writes on the connections that it is given


async def defer(connection: Writing, key: str, at: datetime | None) -> None:
    """Inside a transaction: a job for an occurrence at that time, or now; jobs of one key never run side by side.

    One for now goes before those that are scheduled: with one lock, procrastinate runs them in their order otherwise.
    Runs of digests, of which thousands may be due in one minute, come after everything else.
    """
    priority = int(at is None) - 2 * key.startswith(_DIGEST)
    options = ConfigureTaskOptions(queue=QUEUE, lock=key, schedule_at=at, priority=priority)
    job = _writing.configure_task(_RUN, connection=connection, **options)
    try:
        await job.defer_async(key=key)
    except ConnectorException as error:
        raise told(error.__cause__ or error) from error


class Jobs:
    """The queue as one replica works on it; every replica has the same jobs to choose from.

    ``run`` is given a key, claims its occurrence and runs it. ``heartbeat`` and ``silent`` are seconds: how often a
    worker says that it lives, and after what silence its jobs are given to others.
    """

    def __init__(
        self,
        database: PgDatabase,
        run: Callable[[str], Awaitable[None]],
        *,
        at_once: int,
        heartbeat: float = 10.0,
        silent: float = 30.0,
    ) -> None:
        self._database = database
        self._connector = PsycopgConnector()
        self._app = App(connector=self._connector)
        self._at_once = at_once
        self._heartbeat = heartbeat
        self._silent = silent

        async def run_one(key: str) -> None:
            await run(key)

        async def rescue(timestamp: int) -> None:
            await self.rescue()

        self._app.task(name=_RUN, queue=QUEUE)(run_one)
        self._app.periodic(cron=_EVERY_MINUTE)(self._app.task(name=_RESCUE, queue=QUEUE)(rescue))

    async def work(self) -> None:
        """Runs jobs until it is cancelled, and then until those that run have ended; returns if the server fails."""
        await self._connector.open_async(pool=self._database.pool)
        await self._app.run_worker_async(
            queues=[QUEUE],
            concurrency=self._at_once,
            delete_jobs="always",  # what came of it is in the occurrence's row
            fetch_job_polling_interval=_POLL_SECONDS,
            install_signal_handlers=False,
            update_heartbeat_interval=self._heartbeat,
            stalled_worker_timeout=self._silent,
        )

    async def rescue(self) -> int:
        """Gives the jobs of workers whose heartbeat stopped to others; how many."""
        await self._connector.open_async(pool=self._database.pool)
        manager = self._app.job_manager
        try:
            stalled = list(await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=self._silent))
            for job in stalled:
                await manager.retry_job(job)
        except ConnectorException as error:
            raise told(error.__cause__ or error) from error
        return len(stalled)

    async def sweep(self, now: datetime) -> int:
        """Makes a job for each occurrence that is due at that time and has none to come; how many.

        Such are those that were moved here from a file, whose lease ran out, or that a clock which was moved made due.
        """
        keys = [key for (key,) in self._database.all(_ORPHANS, (to_micros(now),))]
        if keys:
            await self._database.write(lambda connection: _defer_all(connection, keys))
        return len(keys)


async def _defer_all(connection: Writing, keys: list[str]) -> None:
    for key in keys:
        await defer(connection, key, None)
