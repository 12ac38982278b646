"""How the bot is: version, time since its start, and which back ends answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from bot.version import VERSION
from handlers.render.message import Message
from handlers.render.status import BackEndStatus, status_message
from operations.accounts import QUIVO, Accounts, Actor


class Reachable(Protocol):
    """A back end's client, as far as this asks it."""

    async def ping(self) -> bool:
        """Whether anything answers there."""
        ...


class Reporter:
    """Makes the answer to ``/shipclerk status``."""

    def __init__(self, accounts: Accounts, quivo: Reachable) -> None:
        self._accounts = accounts
        self._quivo = quivo
        self._started = datetime.now(UTC)

    async def __call__(self, actor: Actor) -> Message:
        """The report for one person."""
        now = datetime.now(UTC)
        return status_message(
            version=VERSION,
            uptime=now - self._started,
            back_ends=[BackEndStatus(QUIVO, await self._quivo.ping())],
            connections=self._accounts.connections(actor),
            now=now,
        )
