"""People's own accounts at Quivo: connecting, and calling with a session that is valid (seed 000)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Protocol

from backends.errors import BackendError, FieldError, KeyRefused, LoginRefused
from backends.quivo.address import AddressType
from backends.quivo.auth import Credentials, Session
from backends.quivo.client import OrderQuery, Seller
from backends.quivo.edit import Edit
from backends.quivo.new_order import NewOrder
from backends.quivo.order import Address, Order, Page
from operations.circuit import Breaker
from operations.linking import QUIVO, Actor, Link, not_connected
from operations.outcome import Done, Outcome, Reason, Refused, read_failed
from store.connection import Connection
from store.vault import Vault

__all__ = ["CREDENTIALS", "LOGIN_AGAIN", "NOT_CONNECTED", "QUIVO", "SESSION", "Accounts", "Actor", "Quivo"]

CREDENTIALS, SESSION = "credentials", "session"
_MOST_REMEMBERED = 10_000

NOT_CONNECTED = not_connected(QUIVO)
LOGIN_AGAIN = Refused(
    Reason.LOGIN_AGAIN,
    "Your Quivo login has run out, and you asked me not to keep your password. Please connect again.",
)


class Quivo(Protocol):
    """The part of Quivo's client that operations use."""

    async def login(self, credentials: Credentials) -> Session:
        """Exchange credentials for a session of one hour."""
        ...

    async def order(self, session: Session, order_id: int) -> Order:
        """Read one order by its id."""
        ...

    async def orders(
        self, session: Session, query: OrderQuery, *, page_size: int = 10, search_after: str | None = None
    ) -> Page:
        """Read one page of orders, newest first."""
        ...

    async def sellers(self, session: Session) -> tuple[Seller, ...]:
        """Read the sellers of the account."""
        ...

    async def create(self, session: Session, order: NewOrder, *, request_id: str = "") -> int:
        """Make an order and give its id."""
        ...

    async def edit(self, session: Session, order_id: int, change: Edit, *, request_id: str = "") -> None:
        """Change some of an order."""
        ...

    async def address(
        self, session: Session, order_id: int, kind: AddressType, address: Address, *, request_id: str = ""
    ) -> None:
        """Replace one address of an order, or both."""
        ...

    async def cancel_request(self, session: Session, order_id: int, *, request_id: str = "") -> None:
        """Ask for an order's cancellation."""
        ...


class Accounts(Link[Session]):
    """The accounts of all people at Quivo; one login at a time for each connection. Quivo has no way to revoke."""

    back_end = QUIVO

    def __init__(self, vault: Vault, quivo: Quivo, breaker: Breaker | None = None) -> None:
        super().__init__(vault, breaker)
        self.quivo = quivo
        self._sellers: dict[str, tuple[int, ...]] = {}
        self._refused: dict[str, LoginRefused] = {}

    async def connect(self, actor: Actor, credentials: Credentials, *, keep_password: bool) -> Outcome[Connection]:
        """Log in first, and only then keep anything: the credentials, or just the session of one hour."""
        try:
            session = await self.guarded(lambda: self.quivo.login(credentials))
        except BackendError as error:
            return _login_failed(error)
        secrets = {SESSION: _pack(api_key=session.api_key.reveal(), token=session.token.reveal())}
        if keep_password:
            secrets[CREDENTIALS] = _pack(
                api_key=credentials.api_key.reveal(),
                username=credentials.username,
                password=credentials.password.reveal(),
            )
        connection = await self.vault.connect(
            actor.team,
            actor.user,
            QUIVO,
            account=_masked(credentials.username),
            keeps_password=keep_password,
            secrets=secrets,
        )
        return Done(connection)

    async def seller_ids(self, actor: Actor, session: Session) -> tuple[int, ...]:
        """The sellers of this person's account, asked once for each connection (apis/quivo.md §4, *Security*)."""
        connection = self.connection(actor)
        if connection is None:
            return ()
        if connection.id not in self._sellers:
            if len(self._sellers) >= _MOST_REMEMBERED:
                self._sellers.clear()
            self._sellers[connection.id] = tuple(seller.id for seller in await self.quivo.sellers(session))
        return self._sellers[connection.id]

    async def session(self, connection: Connection, stale: Session | None) -> Session | Refused:
        """The kept session, the one that somebody else just got, or a new login's."""
        kept = self._kept(connection) if stale is None else None
        return kept or await self._renew(connection, stale) or LOGIN_AGAIN

    def _kept(self, connection: Connection) -> Session | None:
        packed = self.vault.secret(connection, SESSION)
        return None if packed is None else Session(**json.loads(packed))

    async def _renew(self, connection: Connection, stale: Session | None) -> Session | None:
        """A session that is not the stale one: the one that somebody else just got, or a new login's.

        A login that Quivo refused is not tried again until the person connects anew: it could lock their account.
        """
        async with self.lock(connection):
            kept = self._kept(connection)
            if kept is not None and (stale is None or kept != stale):
                return kept
            packed = self.vault.secret(connection, CREDENTIALS)
            if packed is None:
                return None
            if connection.id in self._refused:
                raise self._refused[connection.id]
            try:
                session = await self.guarded(lambda: self.quivo.login(Credentials(**json.loads(packed))))
            except LoginRefused as error:
                self._refused[connection.id] = error
                raise
            packed_session = _pack(api_key=session.api_key.reveal(), token=session.token.reveal())
            return session if await self.vault.keep(connection, SESSION, packed_session) else None


def _login_failed(error: BackendError) -> Refused:
    """The refusal of a login, with the inputs that it is about."""
    names: tuple[str, ...] = ()
    if isinstance(error, LoginRefused):
        names = ("password",)
    elif isinstance(error, KeyRefused):
        names = ("apiKey",)
    return replace(read_failed(error), fields=tuple(FieldError(name, error.safe_text) for name in names))


def _masked(username: str) -> str:
    """Enough of a user name for its owner to know the account by; the whole of it is a secret."""
    return f"{username[:2]}…"


def _pack(**parts: str) -> bytes:
    return json.dumps(parts).encode()
