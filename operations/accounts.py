"""People's own accounts at Quivo: connecting, disconnecting, and calling with a session that is valid (seed 000)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar
from weakref import WeakValueDictionary

from backends.errors import BackendError, FieldError, KeyRefused, LoginRefused, SessionExpired
from backends.quivo.address import AddressType
from backends.quivo.auth import Credentials, Session
from backends.quivo.client import OrderQuery, Seller
from backends.quivo.edit import Edit
from backends.quivo.new_order import NewOrder
from backends.quivo.order import Address, Order, Page
from operations.circuit import Breaker
from operations.outcome import Done, Outcome, Reason, Refused, read_failed, write_failed
from store.connection import Connection
from store.vault import Vault

T = TypeVar("T")
QUIVO = "quivo"
CREDENTIALS, SESSION = "credentials", "session"
_MOST_REMEMBERED = 10_000

NOT_CONNECTED = Refused(Reason.NOT_CONNECTED, "You have not connected Quivo yet.")
LOGIN_AGAIN = Refused(
    Reason.LOGIN_AGAIN,
    "Your Quivo login has run out, and you asked me not to keep your password. Please connect again.",
)


@dataclass(frozen=True)
class Actor:
    """The person whose connection acts."""

    team: str
    user: str


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


class Accounts:
    """The accounts of all people; one login at a time for each connection."""

    def __init__(self, vault: Vault, quivo: Quivo, breaker: Breaker | None = None) -> None:
        self.quivo = quivo
        self.vault = vault
        self.breaker = breaker
        self._logins: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._sellers: dict[str, tuple[int, ...]] = {}
        self._refused: dict[str, LoginRefused] = {}

    def connections(self, actor: Actor) -> list[Connection]:
        """What this person has connected, without any secret."""
        return self.vault.connections(actor.team, actor.user)

    async def connect(self, actor: Actor, credentials: Credentials, *, keep_password: bool) -> Outcome[Connection]:
        """Log in first, and only then keep anything: the credentials, or just the session of one hour."""
        try:
            session = await self._guarded(lambda: self.quivo.login(credentials))
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

    async def disconnect(self, actor: Actor) -> Connection | None:
        """Remove the connection and all its secrets at once; None if there was none. Quivo has no way to revoke."""
        return await self.vault.disconnect(actor.team, actor.user, QUIVO)

    async def call(self, actor: Actor, ask: Callable[[Session], Awaitable[T]]) -> Outcome[T]:
        """Ask Quivo with this person's session; an expired one costs one login and one retry, never two (seed 000)."""
        connection = self.vault.connection(actor.team, actor.user, QUIVO)
        if connection is None:
            return NOT_CONNECTED
        try:
            session = self._kept(connection) or await self._renew(connection, None)
            if session is None:
                return LOGIN_AGAIN
            try:
                answer = await self._ask(session, ask)
            except SessionExpired:
                session = await self._renew(connection, session)
                if session is None:
                    return LOGIN_AGAIN
                answer = await self._ask(session, ask)
        except BackendError as error:
            return read_failed(error)
        await self.vault.touch(connection)
        return Done(answer)

    async def change(self, actor: Actor, ask: Callable[[Session], Awaitable[T]]) -> Outcome[T]:
        """Send one write with this person's session: Done, Refused (known not done) or Unknown.

        ``ask`` sends that write and nothing else. Only a 401, which says that it was not accepted, sends it once more
        after one login (seed 000); a login that fails leaves nothing unknown, for the write was not accepted by then.
        """
        connection = self.vault.connection(actor.team, actor.user, QUIVO)
        if connection is None:
            return NOT_CONNECTED
        session = await self._session(connection, None)
        if isinstance(session, Refused):
            return session
        outcome = await self._written(session, ask)
        if isinstance(outcome, SessionExpired):
            session = await self._session(connection, session)
            if isinstance(session, Refused):
                return session
            outcome = await self._written(session, ask)
        if isinstance(outcome, BackendError):
            return write_failed(outcome)
        await self.vault.touch(connection)
        return outcome

    async def seller_ids(self, actor: Actor, session: Session) -> tuple[int, ...]:
        """The sellers of this person's account, asked once for each connection (apis/quivo.md §4, *Security*)."""
        connection = self.vault.connection(actor.team, actor.user, QUIVO)
        if connection is None:
            return ()
        if connection.id not in self._sellers:
            if len(self._sellers) >= _MOST_REMEMBERED:
                self._sellers.clear()
            self._sellers[connection.id] = tuple(seller.id for seller in await self.quivo.sellers(session))
        return self._sellers[connection.id]

    async def _ask(self, session: Session, ask: Callable[[Session], Awaitable[T]]) -> T:
        return await self._guarded(lambda: ask(session))

    async def _guarded(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask, unless the back end failed so often in a row that it is left alone (CHECKS E9)."""
        return await (ask() if self.breaker is None else self.breaker.guard(ask))

    async def _written(self, session: Session, ask: Callable[[Session], Awaitable[T]]) -> Done[T] | BackendError:
        try:
            return Done(await self._ask(session, ask))
        except BackendError as error:
            return error

    async def _session(self, connection: Connection, stale: Session | None) -> Session | Refused:
        """A session other than the stale one, or why there is none: a login changes nothing that was asked for."""
        try:
            kept = self._kept(connection) if stale is None else None
            session = kept or await self._renew(connection, stale)
        except BackendError as error:
            return read_failed(error)
        return LOGIN_AGAIN if session is None else session

    def _kept(self, connection: Connection) -> Session | None:
        packed = self.vault.secret(connection, SESSION)
        return None if packed is None else Session(**json.loads(packed))

    async def _renew(self, connection: Connection, stale: Session | None) -> Session | None:
        """A session that is not the stale one: the one that somebody else just got, or a new login's.

        A login that Quivo refused is not tried again until the person connects anew: it could lock their account.
        """
        lock = self._logins.setdefault(connection.id, asyncio.Lock())
        async with lock:
            kept = self._kept(connection)
            if kept is not None and (stale is None or kept != stale):
                return kept
            packed = self.vault.secret(connection, CREDENTIALS)
            if packed is None:
                return None
            if connection.id in self._refused:
                raise self._refused[connection.id]
            try:
                session = await self._guarded(lambda: self.quivo.login(Credentials(**json.loads(packed))))
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
