"""People's own accounts at QPilot: connecting, and a token of its own for each request (seed 004, step 1)."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from backends.errors import BackendError, FieldError, KeyRefused, LoginRefused, NotFound
from backends.qpilot.auth import Credentials, Scope, Token
from backends.qpilot.tickets import FreshTickets, ReusedTickets
from operations.circuit import Breaker
from operations.linking import QPILOT, Actor, Link, not_connected
from operations.outcome import Done, Outcome, Reason, Refused, read_failed
from operations.qpilot_api import Qpilot
from store.connection import Connection
from store.vault import Vault

__all__ = ["MERCHANTS_ONLY", "QPILOT", "Actor", "Grant", "Place", "Qpilot", "QpilotAccounts"]

CREDENTIALS = "credentials"
MERCHANTS_ONLY = Refused(Reason.NO, "Only a connection with the scope Merchant can do that.", back_end=QPILOT)
LOGIN_AGAIN = Refused(Reason.LOGIN_AGAIN, "I no longer have your QPilot login. Please connect again.", back_end=QPILOT)
T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """What a connection works on: one site, as its merchant or as one of its customers."""

    site_id: int
    scope: Scope
    customer_id: str | None = None


@dataclass(frozen=True)
class Grant:
    """What one conversation (one ``call`` or ``change``) is held with; each of its requests takes a token from it."""

    tickets: FreshTickets | ReusedTickets
    place: Place

    @property
    def site_id(self) -> int:
        """The site that every path names."""
        return self.place.site_id


class QpilotAccounts(Link[Grant]):
    """The accounts of all people at QPilot, which has no way to revoke.

    ``reuse`` is QPILOT_TOKEN_REUSE_SECONDS: 0 logs in for each request, as seed 004 asks; more reuses a token for so
    long within one conversation.
    """

    back_end = QPILOT

    def __init__(self, vault: Vault, qpilot: Qpilot, breaker: Breaker | None = None, *, reuse: float = 0) -> None:
        super().__init__(vault, breaker)
        self.qpilot = qpilot
        self._reuse = reuse
        self._refused: set[str] = set()

    async def connect(self, actor: Actor, credentials: Credentials) -> Outcome[Connection]:
        """Log in and read the site first, and only then keep the credentials: the next request needs them again.

        Refused for a wrong login has the field ``password``, for a site that is not theirs ``siteId``.
        """
        tickets = FreshTickets(lambda: self.qpilot.login(credentials))
        try:
            await self.guarded(lambda: self._proof(tickets, credentials))
        except BackendError as error:
            return _connect_failed(error)
        connection = await self.vault.connect(
            actor.team,
            actor.user,
            QPILOT,
            account=_account(credentials),
            keeps_password=True,
            secrets={CREDENTIALS: _pack(credentials)},
        )
        return Done(connection)

    def place(self, actor: Actor) -> Place | None:
        """What this person's connection works on; None without one."""
        connection = self.connection(actor)
        credentials = None if connection is None else self._kept(connection)
        return None if credentials is None else _place(credentials)

    async def customer_token(self, actor: Actor, customer_id: str, *, request_id: str = "") -> Outcome[Token]:
        """A token for one customer, to be shown once and kept nowhere (seed 004, step 1); merchants only."""
        connection = self.connection(actor)
        if connection is None:
            return not_connected(QPILOT)
        credentials = self._kept(connection)
        if credentials is None or connection.id in self._refused:
            return LOGIN_AGAIN
        if credentials.scope != "Merchant":
            return MERCHANTS_ONLY
        try:
            token = await self.guarded(
                lambda: self.qpilot.customer_login(credentials, customer_id, request_id=request_id)
            )
        except LoginRefused:
            return Refused(Reason.NO, "QPilot gave no token for this customer.", back_end=QPILOT)
        except BackendError as error:
            return read_failed(error)
        await self.vault.touch(connection)
        return Done(token)

    async def session(self, connection: Connection, stale: Grant | None) -> Grant | Refused:
        """A new conversation; nothing is asked for it until its first request is made."""
        credentials = self._kept(connection)
        if credentials is None:
            return LOGIN_AGAIN

        async def login() -> Token:
            return await self._login(connection, credentials)

        tickets = ReusedTickets(login, self._reuse) if self._reuse > 0 else FreshTickets(login)
        return Grant(tickets, _place(credentials))

    async def _login(self, connection: Connection, credentials: Credentials) -> Token:
        """One login at a time; one that QPilot refused is not tried again until the person connects anew.

        More of them could lock their account.
        """
        async with self.lock(connection):
            if connection.id in self._refused:
                raise LoginRefused(QPILOT)
            try:
                return await self.qpilot.login(credentials)
            except LoginRefused:
                self._refused.add(connection.id)
                raise

    async def _asked(self, session: Grant, ask: Callable[[Grant], Awaitable[T]]) -> Done[T] | BackendError:
        try:
            return await super()._asked(session, ask)
        finally:
            await session.tickets.close()

    async def _proof(self, tickets: FreshTickets, credentials: Credentials) -> None:
        """One request with the login's token: a merchant's login alone says nothing about the site."""
        read = self.qpilot.site if credentials.scope == "Merchant" else self.qpilot.settings
        await read(tickets, credentials.site_id)

    def _kept(self, connection: Connection) -> Credentials | None:
        packed = self.vault.secret(connection, CREDENTIALS)
        return None if packed is None else Credentials(**json.loads(packed))


def _place(credentials: Credentials) -> Place:
    return Place(credentials.site_id, credentials.scope, credentials.customer_id)


def _connect_failed(error: BackendError) -> Refused:
    """The refusal of a login, with the input that it is about."""
    names: tuple[str, ...] = ()
    if isinstance(error, LoginRefused):
        names = ("password",)
    elif isinstance(error, NotFound | KeyRefused):
        names = ("siteId",)
    return replace(read_failed(error), fields=tuple(FieldError(name, error.safe_text) for name in names))


def _account(credentials: Credentials) -> str:
    """Enough for its owner to know the account by; the whole e-mail address is personal data."""
    as_customer = ", as a customer" if credentials.scope == "Customer" else ""
    return f"{credentials.email[:2]}… (site {credentials.site_id}{as_customer})"


def _pack(credentials: Credentials) -> bytes:
    kept = {
        "email": credentials.email,
        "password": credentials.password.reveal(),
        "site_id": credentials.site_id,
        "scope": credentials.scope,
        "customer_id": credentials.customer_id,
    }
    return json.dumps(kept).encode()
