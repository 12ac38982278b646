"""Acting with a person's own account at a back end, with a session that is renewed once (DESIGN.md §4.1)."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar
from weakref import WeakValueDictionary

from backends.errors import NAMES, BackendError, SessionExpired
from operations.circuit import Breaker
from operations.outcome import Done, Outcome, Reason, Refused, read_failed, write_failed
from store.connection import Connection
from store.vault import Vault

S = TypeVar("S")
T = TypeVar("T")
QUIVO, VENDO, QPILOT = "quivo", "vendo", "qpilot"
BACK_ENDS = (QUIVO, VENDO, QPILOT)


@dataclass(frozen=True)
class Actor:
    """The person whose connection acts."""

    team: str
    user: str


@dataclass(frozen=True)
class Removed:
    """What a disconnect took away; ``revoked`` is whether the back end agreed, None where it has no way to revoke."""

    connection: Connection | None
    revoked: bool | None = None


def not_connected(back_end: str) -> Refused:
    """Nothing was sent, for this person has no account there."""
    return Refused(Reason.NOT_CONNECTED, f"You have not connected {NAMES[back_end]} yet.", back_end=back_end)


class Link(ABC, Generic[S]):
    """All people's accounts at one back end; ``S`` is what a request is made with."""

    back_end: ClassVar[str]

    def __init__(self, vault: Vault, breaker: Breaker | None = None) -> None:
        self.vault = vault
        self.breaker = breaker
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def connections(self, actor: Actor) -> list[Connection]:
        """What this person has connected, at every back end, without any secret."""
        return self.vault.connections(actor.team, actor.user)

    def connection(self, actor: Actor) -> Connection | None:
        """This person's connection to this back end."""
        return self.vault.connection(actor.team, actor.user, self.back_end)

    async def disconnect(self, actor: Actor) -> Removed:
        """Remove the connection and all its secrets at once (DESIGN.md §4.3)."""
        return Removed(await self.vault.disconnect(actor.team, actor.user, self.back_end))

    async def call(self, actor: Actor, ask: Callable[[S], Awaitable[T]]) -> Outcome[T]:
        """Ask with this person's session; an expired one costs one renewal and one retry, never two."""
        return await self._with(actor, ask, read_failed)

    async def change(self, actor: Actor, ask: Callable[[S], Awaitable[T]]) -> Outcome[T]:
        """Send one write with this person's session: Done, Refused (known not done) or Unknown.

        ``ask`` sends that write and nothing else. Only a 401, which says that it was not accepted, sends it once more
        after one renewal; a renewal that fails leaves nothing unknown, for the write was not accepted by then.
        """
        return await self._with(actor, ask, write_failed)

    async def _with(
        self, actor: Actor, ask: Callable[[S], Awaitable[T]], failed: Callable[[BackendError], Outcome[T]]
    ) -> Outcome[T]:
        connection = self.connection(actor)
        if connection is None:
            return not_connected(self.back_end)
        session = await self._session(connection, None)
        if isinstance(session, Refused):
            return session
        outcome = await self._asked(session, ask)
        if isinstance(outcome, SessionExpired):
            session = await self._session(connection, session)
            if isinstance(session, Refused):
                return session
            outcome = await self._asked(session, ask)
        if isinstance(outcome, BackendError):
            return failed(outcome)
        await self.vault.touch(connection)
        return outcome

    async def guarded(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask, unless the back end failed so often in a row that it is left alone (CHECKS E9)."""
        return await (ask() if self.breaker is None else self.breaker.guard(ask))

    async def _asked(self, session: S, ask: Callable[[S], Awaitable[T]]) -> Done[T] | BackendError:
        try:
            return Done(await self.guarded(lambda: ask(session)))
        except BackendError as error:
            return error

    async def _session(self, connection: Connection, stale: S | None) -> S | Refused:
        """A session other than the stale one, or why there is none: renewing changes nothing that was asked for."""
        try:
            return await self.session(connection, stale)
        except BackendError as error:
            return read_failed(error)

    @asynccontextmanager
    async def lock(self, connection: Connection) -> AsyncIterator[None]:
        """Held while a connection's session is renewed, so that many commands on all replicas cost one (CHECKS C8)."""
        mine = self._locks.setdefault(connection.id, asyncio.Lock())
        async with mine, self.vault.renewing(connection):
            yield

    @abstractmethod
    async def session(self, connection: Connection, stale: S | None) -> S | Refused:
        """What to make a request with, other than ``stale``; Refused where the person must sign in again."""
