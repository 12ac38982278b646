"""People's own accounts at Vendo: signing in by a code, and a pair of tokens that is renewed once (seed 003)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from backends.errors import BackendError, FieldError, LoginRefused, SessionExpired
from backends.secret import Secret
from backends.vendo.auth import Access, Guest, Tokens
from backends.vendo.stores import store_address
from operations.circuit import Breaker
from operations.linking import VENDO, Actor, Link, Removed, not_connected
from operations.one_key import OneKey
from operations.outcome import Done, Outcome, Reason, Refused, read_failed
from operations.vendo import Vendo
from store.carts import Carts
from store.connection import Connection
from store.errors import EnvelopeError
from store.times import Now, utc_now
from store.vault import Vault

__all__ = ["LOGIN_AGAIN", "NOT_CONNECTED", "SESSION", "Vendo", "VendoAccounts"]

T = TypeVar("T")
SESSION = "session"
RENEW_BEFORE = timedelta(days=1)

NOT_CONNECTED = not_connected(VENDO)
LOGIN_AGAIN = Refused(
    Reason.LOGIN_AGAIN, "Your Vendo sign-in could not be renewed. Please sign in again.", back_end=VENDO
)
WRONG_CODE = "Vendo did not accept this code. It is wrong, used or too old; you can have a new one sent."
_PERHAPS_USED = "The code may be used up now; if it is not taken again, have a new one sent."
_NO_STORE = "This is not the address of a store, such as https://shop.example.com."


@dataclass(frozen=True)
class Kept:
    """The tokens in the vault; ``spent`` once Vendo has refused to renew them, which is not tried again."""

    tokens: Tokens
    spent: bool = False


class VendoAccounts(Link[Tokens]):
    """The accounts of all people at Vendo's stores; one refresh at a time for each connection."""

    back_end = VENDO

    def __init__(
        self,
        vault: Vault,
        vendo: Vendo,
        carts: Carts,
        default_store: str,
        *,
        breaker: Breaker | None = None,
        now: Now = utc_now,
        revoke_seconds: float = 3.0,
    ) -> None:
        """``default_store`` is the configured store's address, which guests and people without one of their own use."""
        super().__init__(vault, breaker)
        self.vendo = vendo
        self.default_store = default_store.rstrip("/")
        self._carts = carts
        self._now = now
        self.revoke_seconds = revoke_seconds
        self._arriving: dict[str, Tokens] = {}

    def address(self, text: str) -> str | None:
        """A store's address from what a person typed; nothing means the configured store, None that it is none."""
        return store_address(text, self.default_store) if text.strip() else self.default_store

    async def ask_code(
        self, store: str, email: str, first_name: str | None = None, last_name: str | None = None, ref: str = ""
    ) -> Outcome[None]:
        """Have a one-time code sent by e-mail; fields: ``store``, ``email``. An unknown e-mail becomes a customer."""
        address = self.address(store)
        if address is None:
            return _no_store()
        names = {"first_name": first_name or None, "last_name": last_name or None}
        try:
            await self._at(address, lambda: self.vendo.request_code(address, email, request_id=ref, **names))
        except BackendError as error:
            return read_failed(error)
        return Done(None)

    async def connect(
        self, actor: Actor, store: str, email: str, code: str | Secret, ref: str = ""
    ) -> Outcome[Connection]:
        """Exchange the code and keep the tokens; a wrong or old code is refused under the field ``code``."""
        address = self.address(store)
        if address is None:
            return _no_store()
        try:
            tokens = await self._at(address, lambda: self.vendo.exchange(address, email, code, request_id=ref))
        except BackendError as error:
            return _not_exchanged(error)
        connection = await self.vault.connect(
            actor.team,
            actor.user,
            VENDO,
            account=f"{email[:2]}…",
            keeps_password=False,
            secrets={SESSION: _pack(Kept(tokens))},
        )
        return Done(connection)

    async def disconnect(self, actor: Actor) -> Removed:
        """Remove the connection and all the person's cart tokens at once, then ask Vendo to revoke both tokens."""
        connection = self.connection(actor)
        pairs = self._pairs(connection) if connection else []
        revoked: bool | None = None
        try:
            removed = await self._forgotten(actor)
        finally:  # what lingers in the log is gone from the vault all the same
            if connection is not None:
                revoked = await self._revoked(pairs)
        return Removed(removed, revoked)

    def store(self, actor: Actor) -> str:
        """The address of the store that this person buys at: their connection's, or else the default one."""
        connection = self.connection(actor)
        kept = self._kept(connection) if connection else None
        return kept.tokens.store if kept else self.default_store

    async def look(self, actor: Actor, ask: Callable[[Access], Awaitable[T]], store: str | None = None) -> Outcome[T]:
        """Read something public: as whoever is signed in (prices may be their own), or else as a guest (seed 003).

        ``store`` is another store's address; at one where the person has no connection they are a guest.
        """
        here = self.store(actor)
        if self.connection(actor) is None or store not in (None, here):
            return await OneKey(self, Guest(store or here)).call(actor, ask)
        return await self.call(actor, ask)

    async def _at(self, store: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask a store; only the configured one is left alone when it fails: anybody may name another (CHECKS E9)."""
        return await (self.guarded(ask) if store == self.default_store else ask())

    async def _asked(self, session: Tokens, ask: Callable[[Tokens], Awaitable[T]]) -> Done[T] | BackendError:
        try:
            return Done(await self._at(session.store, lambda: ask(session)))
        except BackendError as error:
            return error

    async def session(self, connection: Connection, stale: Tokens | None) -> Tokens | Refused:
        """The kept tokens, the ones that somebody else just got, or the ones of a refresh (apis/vendo.md §2)."""
        kept = self._kept(connection)
        if kept is None:
            return LOGIN_AGAIN
        if stale is None and not self._due(kept):
            return kept.tokens
        async with self.lock(connection):
            return await self._renewed(connection, stale)

    async def _renewed(self, connection: Connection, stale: Tokens | None) -> Tokens | Refused:
        kept = self._kept(connection)
        if kept is None:
            return LOGIN_AGAIN
        if kept.tokens != stale and not self._due(kept):
            return kept.tokens
        if kept.spent:
            return self._old(kept, stale)
        try:
            fresh = await self._at(kept.tokens.store, lambda: self.vendo.refresh(kept.tokens))
        except SessionExpired:
            return await self._refused(connection, kept, stale)
        except BackendError as error:
            return self._unanswered(kept, stale, error)
        return await self._taken(connection, fresh)

    async def _refused(self, connection: Connection, used: Kept, stale: Tokens | None) -> Tokens | Refused:
        """Remember that it is not taken any more, unless that is because another process has just used it."""
        now = self._kept(connection)
        if now is not None and now.tokens != used.tokens:
            return now.tokens
        await self.vault.keep(connection, SESSION, _pack(replace(used, spent=True)))
        return self._old(used, stale)

    async def _taken(self, connection: Connection, fresh: Tokens) -> Tokens | Refused:
        """Keep the new pair before it is used; where the person has disconnected meanwhile it must not live on (C7)."""
        self._arriving[connection.id] = fresh
        try:
            if await self.vault.keep(connection, SESSION, _pack(Kept(fresh))):
                return fresh
        finally:
            del self._arriving[connection.id]
        await self._revoked([fresh])
        return NOT_CONNECTED

    def _unanswered(self, kept: Kept, stale: Tokens | None, error: BackendError) -> Tokens | Refused:
        """After a refresh that may have been accepted the kept refresh token may be dead: it is not sent again now."""
        old = self._old(kept, stale)
        if old is LOGIN_AGAIN and error.outcome_known:
            return read_failed(error)
        return old

    def _old(self, kept: Kept, stale: Tokens | None) -> Tokens | Refused:
        """The access token that is there, as long as nobody has called it expired."""
        usable = kept.tokens != stale and self._now() < kept.tokens.expires_at
        return kept.tokens if usable else LOGIN_AGAIN

    def _due(self, kept: Kept) -> bool:
        return self._now() >= kept.tokens.expires_at - RENEW_BEFORE

    def _kept(self, connection: Connection) -> Kept | None:
        packed = self.vault.secret(connection, SESSION)
        return None if packed is None else _unpack(packed)

    def _pairs(self, connection: Connection) -> list[Tokens]:
        """All that has to be revoked: the kept pair, and one that a refresh is just about to keep."""
        try:
            kept = self._kept(connection)
        except EnvelopeError:  # it cannot be read, but it can be removed
            kept = None
        found = (kept.tokens if kept else None, self._arriving.get(connection.id))
        return [tokens for tokens in found if tokens is not None]

    async def _forgotten(self, actor: Actor) -> Connection | None:
        """The connection goes first: a cart that it is just making is not kept any more then."""
        try:
            return (await super().disconnect(actor)).connection
        finally:
            await self._carts.forget_person(actor.team, actor.user)

    async def _revoked(self, pairs: list[Tokens]) -> bool:
        """Whether Vendo agreed, within a few seconds, that none of these tokens works any more."""
        try:
            async with asyncio.timeout(self.revoke_seconds):
                for tokens in pairs:
                    await self.vendo.revoke(tokens.store, tokens.access)
                    await self.vendo.revoke(tokens.store, tokens.refresh)
        except (BackendError, TimeoutError):
            return False
        return bool(pairs)


def _no_store() -> Refused:
    return Refused(Reason.NO, _NO_STORE, (FieldError("store", _NO_STORE),), VENDO)


def _not_exchanged(error: BackendError) -> Refused:
    if isinstance(error, LoginRefused):
        return Refused(Reason.NO, WRONG_CODE, (FieldError("code", WRONG_CODE),), VENDO)
    refused = read_failed(error)
    return refused if error.outcome_known else replace(refused, text=f"{refused.text} {_PERHAPS_USED}")


def _pack(kept: Kept) -> bytes:
    tokens = kept.tokens
    parts = {
        "store": tokens.store,
        "email": tokens.email,
        "access": tokens.access.reveal(),
        "refresh": tokens.refresh.reveal(),
        "expires_at": tokens.expires_at.isoformat(),
        "spent": kept.spent,
    }
    return json.dumps(parts).encode()


def _unpack(packed: bytes) -> Kept:
    parts = json.loads(packed)
    spent, expires_at = parts.pop("spent"), datetime.fromisoformat(parts.pop("expires_at"))
    return Kept(Tokens(expires_at=expires_at, **parts), spent)
