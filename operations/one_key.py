"""Asking a back end with one credential in hand, such as an order token, and no other (apis/vendo.md §3)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from backends.errors import BackendError
from operations.linking import VENDO, Actor, Link
from operations.outcome import Outcome
from store.connection import Connection

S = TypeVar("S")
T = TypeVar("T")


class OneKey(Link[S]):
    """Asks once with this credential, whether the person is connected or not; it is never renewed."""

    back_end = VENDO

    def __init__(self, link: Link[Any], key: S) -> None:
        ours = getattr(key, "store", None) == getattr(link, "default_store", None)
        super().__init__(link.vault, link.breaker if ours else None)
        self._key = key

    async def session(self, connection: Connection, stale: S | None) -> S:
        """The one credential."""
        return self._key

    async def _with(
        self, actor: Actor, ask: Callable[[S], Awaitable[T]], failed: Callable[[BackendError], Outcome[T]]
    ) -> Outcome[T]:
        answer = await self._asked(self._key, ask)
        return failed(answer) if isinstance(answer, BackendError) else answer
