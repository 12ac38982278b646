"""How the bot is: version, time since its start, and which back ends answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

from bot.version import VERSION
from handlers.render.message import Message
from handlers.render.status import BackEndStatus, status_message
from operations.accounts import Accounts, Actor


class Reachable(Protocol):
    """A back end's client, as far as this asks it."""

    async def ping(self) -> bool:
        """Whether anything answers there."""
        ...


class Reporter:
    """Makes the answer to ``/shipclerk status``."""

    def __init__(self, accounts: Accounts, back_ends: Mapping[str, Reachable]) -> None:
        self._accounts = accounts
        self._back_ends = back_ends
        self._started = datetime.now(UTC)

    async def __call__(self, actor: Actor) -> Message:
        """The report for one person."""
        now = datetime.now(UTC)
        answered = await asyncio.gather(*(back_end.ping() for back_end in self._back_ends.values()))
        return status_message(
            version=VERSION,
            uptime=now - self._started,
            back_ends=[BackEndStatus(*pair) for pair in zip(self._back_ends, answered, strict=True)],
            connections=self._accounts.connections(actor),
            now=now,
        )
