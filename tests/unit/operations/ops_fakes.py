"""What the tests of changes share: a Quivo of ten lines a verb, a real store on a clock, and ways to die half-way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from backends.errors import BackendError, FieldError, Invalid, LoginRefused, NotFound, SessionExpired
from backends.quivo.address import AddressType
from backends.quivo.auth import Credentials, Session
from backends.quivo.client import OrderQuery, Seller
from backends.quivo.edit import Edit
from backends.quivo.new_order import NewOrder, NewPosition
from backends.quivo.order import CANCELLED, PROCESSING, Address, Order, Page, Position
from operations.accounts import Accounts, Actor
from operations.cancelling import CancelAsk, Held, ask, fingerprint
from operations.circuit import Breaker
from operations.ports import Ports
from store.audit import AuditLine, SqliteAudit
from store.database import Database
from store.envelope import Sealer
from store.imports import SqliteImports
from store.keyring import KeyRing, new_key
from store.ledger import Action, SqliteLedger
from store.occurrences import Due, SqliteOccurrences
from store.preferences import SqlitePreferences
from store.vault import SqliteVault
from store.watches import SqliteWatches

TEAM = "T0HOME0001"
ADA, BEN, CLEO = (Actor(TEAM, user) for user in ("U0ADA00001", "U0BEN00001", "U0CLEO0001"))
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOME = Address(name="Ada L", street="Ring 1", zip="1010", city="Wien", country_iso2="AT")
ORDER = Order(
    order_id=1001,
    status=PROCESSING,
    reference="#DE38678",
    identifier="shop-1001",
    seller_id=12,
    delivery_address=HOME,
    invoice_address=HOME,
    positions=(Position("SKU-1", quantity=2, price=Decimal("10.50")),),
    comment="handle with care",
    tracking_enabled=False,
    currency="EUR",
)
NEW = NewOrder(
    seller_id=12,
    order_identifier="SC-1",
    order_reference="#1",
    delivery_address=HOME,
    positions=(NewPosition("SKU-1", 1),),
)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Killed(BaseException):
    """The process dies here."""


@dataclass
class Behaviour:
    """What happens to one write: whether it takes effect, and what is raised instead of an answer."""

    accepts: bool
    raises: BaseException | None = None


@dataclass
class FakeQuivo:
    """Quivo's orders by id, the writes that reached it, and what goes wrong with the next ones."""

    orders_by_id: dict[int, Order] = field(default_factory=lambda: {ORDER.order_id: ORDER})
    writes: list[tuple[Any, ...]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    reads: list[tuple[int, str]] = field(default_factory=list)
    searches: list[str] = field(default_factory=list)
    coming: list[Behaviour] = field(default_factory=list)
    read_fails: BackendError | None = None
    login_fails: BackendError | None = None
    search_fails: BackendError | None = None
    expired: set[str] = field(default_factory=set)
    echoes: bool = False
    while_writing: Callable[[], None] = lambda: None

    async def login(self, credentials: Credentials) -> Session:
        self.logins.append(credentials.username)
        if self.login_fails is not None:
            raise self.login_fails
        if credentials.password.reveal() != "right":
            raise LoginRefused("quivo")
        return Session(credentials.api_key, f"{credentials.username}-{len(self.logins)}")

    async def order(self, session: Session, order_id: int) -> Order:
        self.reads.append((order_id, self._token(session)))
        if self.read_fails is not None:
            raise self.read_fails
        if order_id not in self.orders_by_id:
            raise NotFound("quivo")
        return self.orders_by_id[order_id]

    async def orders(
        self, session: Session, query: OrderQuery, *, page_size: int = 10, search_after: str | None = None
    ) -> Page:
        self._token(session)
        self.searches.append(query.identifier or "")
        if self.search_fails is not None:
            raise self.search_fails
        found = (one for one in self.orders_by_id.values() if one.identifier == query.identifier)
        return Page(tuple(one for one in found if one.seller_id in query.seller_ids))

    async def sellers(self, session: Session) -> tuple[Seller, ...]:
        return (Seller(12),)

    async def create(self, session: Session, order: NewOrder, *, request_id: str = "") -> int:
        await asyncio.sleep(0.005)  # on its way: whoever searches meanwhile finds nothing
        order_id = 2000 + len(self.orders_by_id)
        taken = [one.order_id for one in self.orders_by_id.values() if one.identifier == order.order_identifier]
        made = Order(order_id, PROCESSING, order.order_reference, order.order_identifier, order.seller_id)

        def work() -> None:
            if taken and not self.echoes:
                raise Invalid("quivo", fields=(FieldError("orderIdentifier", "exists already"),))
            if not taken:
                self.orders_by_id[order_id] = made

        self._write(session, ("create", order.order_identifier), work)
        return taken[0] if taken else order_id

    async def edit(self, session: Session, order_id: int, change: Edit, *, request_id: str = "") -> None:
        given = {name: value for name, value in vars(change).items() if value is not None}
        self._write(session, ("edit", order_id), lambda: self.set(order_id, **given))

    async def address(
        self, session: Session, order_id: int, kind: AddressType, address: Address, *, request_id: str = ""
    ) -> None:
        parts = {AddressType.DELIVERY: ("delivery",), AddressType.INVOICE: ("invoice",)}.get(kind)
        given = {f"{part}_address": address for part in parts or ("delivery", "invoice")}
        self._write(session, ("address", order_id), lambda: self.set(order_id, **given))

    async def cancel_request(self, session: Session, order_id: int, *, request_id: str = "") -> None:
        self._write(session, ("cancel", order_id), lambda: self.set(order_id, cancel_requested=NOON))

    def set(self, order_id: int = 1001, **changes: Any) -> None:
        self.orders_by_id[order_id] = replace(self.orders_by_id[order_id], **changes)

    def fails(self, error: BaseException, *, accepts: bool = False) -> None:
        """The next write raises this, after or instead of taking effect."""
        self.coming.append(Behaviour(accepts, error))

    def _write(self, session: Session, what: tuple[Any, ...], work: Callable[[], None]) -> None:
        token = self._token(session)
        self.writes.append((*what, token.split("-")[0]))
        self.while_writing()
        behaviour = self.coming.pop(0) if self.coming else Behaviour(accepts=True)
        if behaviour.accepts:
            work()
        if behaviour.raises is not None:
            raise behaviour.raises

    def _token(self, session: Session) -> str:
        token = session.token.reveal()
        if token in self.expired:
            raise SessionExpired("quivo")
        return token


class Mortal(SqliteLedger):
    """A ledger whose process dies before or after it writes a state."""

    dies: tuple[str, str] | None = None

    async def move(
        self,
        action_id: str,
        *,
        expect: tuple[str, ...],
        to: str,
        line: AuditLine,
        payload: dict[str, Any] | None = None,
        due: Due | None = None,
    ) -> Action | None:
        self._perhaps("before", to)
        moved = await super().move(action_id, expect=expect, to=to, line=line, payload=payload, due=due)
        self._perhaps("after", to)
        return moved

    def _perhaps(self, when: str, to: str) -> None:
        if self.dies == (when, to):
            raise Killed


@dataclass
class World:
    """One process on one store."""

    ports: Ports
    quivo: FakeQuivo
    clock: Clock
    ledger: Mortal
    vault: SqliteVault
    audit: SqliteAudit
    preferences: SqlitePreferences
    breaker: Breaker | None

    def outcomes(self) -> list[str]:
        """The audit's outcomes, oldest first."""
        return [line.outcome for line in reversed(self.audit.lines(TEAM, 1000))]

    def state(self, action_id: str) -> str:
        action = self.ledger.get(action_id, TEAM)
        return "none" if action is None else action.state

    async def connect(self, actor: Actor, username: str, *, key: str = "key", keep: bool = True) -> None:
        await self.ports.accounts.connect(actor, Credentials(key, username, "right"), keep_password=keep)

    async def due(self) -> list[tuple[str, dict[str, Any]]]:
        """What is due now, claimed by an owner that then dies."""
        claimed = await self.ports.occurrences.claim_due(owner="engine", lease=timedelta(0), most=100)
        return [(one.kind, one.payload) for one in claimed]

    async def held(self, actor: Actor = ADA, *, undo: int = 10, order_id: int = 1001) -> Held:
        """A cancellation that was asked for and is held."""
        held = await ask(self.ports, actor, self.asking(undo=undo, order_id=order_id), "REF-ASK")
        assert isinstance(held, Held)
        return held

    def asking(self, *, undo: int = 10, order_id: int = 1001, seen: str | None = None) -> CancelAsk:
        order = self.quivo.orders_by_id.get(order_id, ORDER)
        return CancelAsk(order_id, order.reference, seen or fingerprint(order), "C0ORDERS01", None, undo)


KEY = new_key()
NOT_HERE: Any = None  # a back end that a test has nothing to do with


@asynccontextmanager
async def world(
    folder: Path, quivo: FakeQuivo | None = None, clock: Clock | None = None, breaker: Breaker | None = None
) -> AsyncIterator[World]:
    """A process on the store in this folder; a second one on the same folder is the process after a crash."""
    clock, quivo = clock or Clock(), quivo or FakeQuivo()
    database, sealer = Database.open(folder / "data" / "shipclerk.db"), Sealer(KeyRing.parse(KEY))
    try:
        vault, ledger = SqliteVault(database, sealer, now=clock), Mortal(database, sealer, now=clock)
        preferences = SqlitePreferences(database, now=clock)
        ports = Ports(
            accounts=Accounts(vault, quivo, breaker),
            vendo=NOT_HERE,
            qpilot=NOT_HERE,
            carts=NOT_HERE,
            digests=NOT_HERE,
            ledger=ledger,
            occurrences=SqliteOccurrences(database, sealer, now=clock),
            watches=SqliteWatches(database, sealer, now=clock),
            preferences=preferences,
            imports=SqliteImports(database, sealer, now=clock),
            now=clock,
        )
        made = World(ports, quivo, clock, ledger, vault, SqliteAudit(database), preferences, breaker)
        if ports.accounts.vault.connection(TEAM, ADA.user, "quivo") is None:
            await made.connect(ADA, "ada")
        yield made
    finally:
        await database.close()


def settles(quivo: FakeQuivo, status: str = CANCELLED) -> None:
    """Quivo deals with the request."""
    quivo.set(status=status)
