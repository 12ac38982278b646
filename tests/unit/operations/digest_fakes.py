"""What the tests of digests share: a Quivo whose list can be asked, a QPilot, a real store on a clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from ops_fakes import ADA, KEY, TEAM, Clock, FakeQuivo
from qpilot_fakes import MERCHANT, NOT_HERE, FakeQpilot

from backends.errors import BackendError
from backends.quivo.auth import Credentials, Session
from backends.quivo.client import OrderQuery, Seller
from backends.quivo.order import PROCESSING, Order, Page, Position
from operations.accounts import Accounts, Actor
from operations.digest_facts import RUN, RunAsked, asked
from operations.digesting import Wish, new
from operations.outcome import Done
from operations.ports import Ports
from operations.qpilot_accounts import QpilotAccounts
from store.audit import SqliteAudit
from store.database import Database
from store.digests import Digest, SqliteDigests
from store.envelope import Sealer
from store.keyring import KeyRing
from store.occurrences import SqliteOccurrences
from store.vault import SqliteVault

CHANNEL, VIENNA = "C0ORDERS01", "Europe/Vienna"
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
WISH = Wish(CHANNEL, ("orders_stuck", "scheduled_failed"), EVERY_DAY, "09:00", VIENNA, "summary")
SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # when the clock starts; 13:00 in Vienna
NINE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # the next 09:00 in Vienna


@dataclass
class ListedQuivo(FakeQuivo):
    """Quivo's list as apis/quivo.md §4 has it: by status, whole days and sellers, newest id first, page by page."""

    orders_by_id: dict[int, Order] = field(default_factory=dict)
    asked: list[tuple[OrderQuery, str | None]] = field(default_factory=list)
    who: list[str] = field(default_factory=list)
    fails_for: dict[str | None, BackendError] = field(default_factory=dict)
    owned: tuple[int, ...] = (12,)

    async def sellers(self, session: Session) -> tuple[Seller, ...]:
        return tuple(Seller(seller_id) for seller_id in self.owned)

    async def orders(
        self, session: Session, query: OrderQuery, *, page_size: int = 10, search_after: str | None = None
    ) -> Page:
        self.who.append(self._token(session).split("-")[0])
        self.asked.append((query, search_after))
        for failure in (self.search_fails, self.fails_for.get(query.status)):
            if failure is not None:
                raise failure
        found = sorted((one for one in self.orders_by_id.values() if fits(query, one)), key=lambda one: -one.order_id)
        later = [one for one in found if search_after is None or one.order_id < int(search_after)]
        page = tuple(later[:page_size])
        return Page(page, str(page[-1].order_id) if len(later) >= page_size else None)

    def put(self, *orders: Order) -> None:
        self.orders_by_id |= {order.order_id: order for order in orders}


def fits(query: OrderQuery, order: Order) -> bool:
    if query.status not in (None, order.status) or order.seller_id not in query.seller_ids:
        return False
    day = (order.created or SUNDAY).astimezone(UTC).date()
    return (query.created_from or date.min) <= day <= (query.created_to or date.max)


def order(order_id: int, status: str = PROCESSING, *, days: float = 0, price: str | None = None, **more: Any) -> Order:
    """An order that was made so many days before the clock's start; with a price, in euros if nothing else is said."""
    positions = () if price is None else (Position("SKU-1", quantity=2, price=Decimal(price)),)
    usual = {"seller_id": 12, "created": SUNDAY - timedelta(days=days), "reference": f"#{order_id}", "currency": "EUR"}
    return Order(order_id, status, **{**usual, "positions": positions, **more})


@dataclass
class Office:
    """One process on one store, with both back ends."""

    ports: Ports
    digests: SqliteDigests
    quivo: ListedQuivo
    qpilot: FakeQpilot
    clock: Clock
    audit: SqliteAudit
    database: Database

    def lines(self) -> list[tuple[str, str, str, str]]:
        """The audit: who, what, to which digest, outcome, oldest first."""
        return [(one.user, one.action, one.target, one.outcome) for one in reversed(self.audit.lines(TEAM, 1000))]

    async def connect(self, actor: Actor, *back_ends: str) -> None:
        for back_end in back_ends or ("quivo", "qpilot"):
            if back_end == "quivo":
                name = actor.user[2:5].lower()
                await self.ports.accounts.connect(actor, Credentials("key", name, "right"), keep_password=True)
            else:
                await self.ports.qpilot.connect(actor, MERCHANT)

    async def made(self, actor: Actor = ADA, **different: Any) -> Digest:
        outcome = await new(self.ports, actor, replace(WISH, **different), "REF-NEW")
        assert isinstance(outcome, Done), outcome
        return outcome.value

    async def runs(self) -> list[RunAsked]:
        """The runs that can be claimed now, claimed by an owner that then dies."""
        claimed = await self.ports.occurrences.claim_due(owner="engine", lease=timedelta(0), most=20_000)
        return [asked(one) for one in claimed if one.kind == RUN]


@asynccontextmanager
async def office(folder: Path, clock: Clock | None = None, *, connect: bool = True) -> AsyncIterator[Office]:
    """A process on the store in this folder; a second one on the same folder works beside it, or after a crash."""
    clock, quivo, qpilot = clock or Clock(), ListedQuivo(), FakeQpilot(orders={})
    database, sealer = Database.open(folder / "data" / "shipclerk.db"), Sealer(KeyRing.parse(KEY))
    try:
        vault, digests = SqliteVault(database, sealer, now=clock), SqliteDigests(database, sealer, now=clock)
        real: dict[str, Any] = {
            "accounts": Accounts(vault, quivo),
            "qpilot": QpilotAccounts(vault, qpilot),
            "occurrences": SqliteOccurrences(database, sealer, now=clock),
            "digests": digests,
            "now": clock,
        }
        ports = Ports(**dict.fromkeys(Ports.__dataclass_fields__, NOT_HERE) | real)
        made = Office(ports, digests, quivo, qpilot, clock, SqliteAudit(database), database)
        if connect and ports.accounts.connection(ADA) is None:
            await made.connect(ADA)
        yield made
    finally:
        await database.close()
