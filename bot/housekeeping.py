"""Forgetting what nobody needs any more: old deliveries, cards whose messages are long past, changes that ended."""

from __future__ import annotations

import asyncio

import structlog

from operations.ports import Ports
from store.cards import Cards
from store.deliveries import Deliveries
from store.errors import StoreError

log = structlog.get_logger("shipclerk.housekeeping")
DELIVERIES_DAYS = 7
CARDS_DAYS = 90
LEDGER_DAYS = 365
OCCURRENCES_DAYS = 30
WATCHES_DAYS = 90
IMPORTS_DAYS = 30
CARTS_DAYS = 90
DIGESTS_DAYS = 90
EVERY_SECONDS = 3600.0


class Housekeeping:
    """Cleans up every hour; a failure is logged and tried again the next hour."""

    def __init__(
        self, deliveries: Deliveries, cards: Cards, every: float = EVERY_SECONDS, *, ports: Ports | None = None
    ) -> None:
        self._deliveries = deliveries
        self._cards = cards
        self._every = every
        self._ports = ports
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, with a first round at once."""
        self._task = asyncio.create_task(self._rounds())

    async def stop(self) -> None:
        """End, between rounds or within one."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _rounds(self) -> None:
        while True:
            try:
                await self.once()
            except StoreError as error:
                log.warning("housekeeping failed", error=type(error).__name__)
            await asyncio.sleep(self._every)

    async def once(self) -> None:
        """Forget deliveries after a week, cards after three months, and what was changed after as long as it is kept.

        What is still open is never forgotten, however old it is.
        """
        await self._deliveries.forget_older_than(DELIVERIES_DAYS)
        await self._cards.forget_older_than(CARDS_DAYS)
        if self._ports is not None:
            await self._ports.ledger.forget_older_than(LEDGER_DAYS)
            await self._ports.occurrences.forget_older_than(OCCURRENCES_DAYS)
            await self._ports.watches.forget_older_than(WATCHES_DAYS)
            await self._ports.imports.forget_older_than(IMPORTS_DAYS)
            await self._ports.carts.forget_older_than(CARTS_DAYS)
            await self._ports.digests.forget_older_than(DIGESTS_DAYS)
