"""What the tests of QPilot's operations share: a QPilot whose tokens are good for one request, and a real store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from ops_fakes import ADA, KEY, TEAM, Behaviour, Clock, Mortal

from backends.errors import BackendError, LoginRefused, NotFound, SessionExpired
from backends.qpilot.auth import Credentials, Token
from backends.qpilot.entities import Customer, Product, ProductQuery, Settings, Site
from backends.qpilot.new import NewCustomer, NewItem, NewOrder, NewPaymentMethod, NewProduct
from backends.qpilot.order import Item, Page, PaymentMethod, Row, ScheduledOrder
from backends.qpilot.tickets import Tickets
from operations.circuit import Breaker
from operations.frequency import following
from operations.linking import Actor
from operations.ports import Ports
from operations.qpilot_accounts import QpilotAccounts
from operations.scheduled import row_of
from store.audit import SqliteAudit
from store.database import Database
from store.envelope import Sealer
from store.keyring import KeyRing
from store.occurrences import SqliteOccurrences
from store.vault import SqliteVault

SITE_ID = 1113
MERCHANT = Credentials("ada@shop.example", "right", SITE_ID)
NEW_YORK = Site(SITE_ID, "Shop", timezone="America/New_York")
VISA = PaymentMethod(10933, "Stripe", "107", "4242", datetime(2028, 8, 31, tzinfo=UTC), is_default=True)
ORDER = ScheduledOrder(
    id=208022,
    status="Active",
    site_id=SITE_ID,
    customer_id="107",
    next_occurrence=datetime(2026, 12, 6, 8, 0, tzinfo=UTC),
    frequency=30,
    frequency_type="Days",
    frequency_name="Every 30 days",
    payment_method_id=10933,
    payment_method=VISA,
    currency="USD",
    subtotal=Decimal("24.00"),
    shipping_total=Decimal(0),
    tax_total=Decimal(0),
    total=Decimal("24.00"),
    items=(Item(551, "100982", 4, Decimal("9.75"), Decimal("6.00"), "Shampoo", "rco", "InStock", True),),
    created=datetime(2026, 6, 9, 14, 0, tzinfo=UTC),
    updated=datetime(2026, 11, 6, 8, 0, tzinfo=UTC),
)


@dataclass
class FakeQpilot:
    """One site's records, the requests and logins that reached it, and what goes wrong with the next ones."""

    orders: dict[int, ScheduledOrder] = field(default_factory=lambda: {ORDER.id: ORDER})
    customers_by_id: dict[str, Customer] = field(default_factory=lambda: {"107": Customer("107", "a@b.example")})
    methods: dict[int, PaymentMethod] = field(default_factory=lambda: {VISA.id: VISA})
    products_by_id: dict[str, Product] = field(default_factory=lambda: {"100982": Product("100982", "Shampoo")})
    the_site: Site = NEW_YORK
    logins: list[str] = field(default_factory=list)
    requests: list[tuple[Any, ...]] = field(default_factory=list)
    who: list[str] = field(default_factory=list)
    writes: list[tuple[Any, ...]] = field(default_factory=list)
    coming: list[Behaviour] = field(default_factory=list)
    failing: dict[str, BackendError] = field(default_factory=dict)
    expires: list[str] = field(default_factory=list)
    login_fails: BackendError | None = None
    page_size: int | None = None
    said_ids: bool = True
    events: list[str] = field(default_factory=list)
    while_writing: Callable[[], object] = lambda: None

    async def login(self, credentials: Credentials, *, request_id: str = "") -> Token:
        number = len(self.logins)
        self.logins.append(credentials.email)
        self.events.append(f"login {number}")
        await asyncio.sleep(0)
        if self.login_fails is not None:
            raise self.login_fails
        if credentials.password.reveal() != "right":
            raise LoginRefused("qpilot")
        return Token(f"{credentials.email} {number}", credentials.scope)

    async def customer_login(self, credentials: Credentials, customer_id: str, *, request_id: str = "") -> Token:
        self.logins.append(f"{credentials.email} for {customer_id}")
        if customer_id not in self.customers_by_id:
            raise LoginRefused("qpilot")
        return Token(f"of {customer_id}", "Customer")

    async def site(self, tickets: Tickets, site_id: int, *, request_id: str = "") -> Site:
        await self._read(tickets, "site", site_id)
        return self.the_site

    async def settings(self, tickets: Tickets, site_id: int, *, request_id: str = "") -> Settings:
        await self._read(tickets, "settings", site_id)
        return Settings(lock_window=2, utc_offset=-5)

    async def orders_page(
        self,
        tickets: Tickets,
        site_id: int,
        *,
        status_names: tuple[str, ...] = (),
        search: str | None = None,
        page: int = 1,
        page_size: int = 100,
        order_by: str = "NextOccurrenceUtc",
        order: str = "asc",
        request_id: str = "",
        expect: bool = False,
    ) -> Page[Row]:
        await self._read(tickets, f"list {'+'.join(status_names)}", page, search)
        found = self._page(status_names, page, page_size)
        rows = tuple(row_of(one) for one in found.items)
        return Page(rows, found.page, found.more, found.total, found.total_pages)

    async def full_page(
        self,
        tickets: Tickets,
        site_id: int,
        *,
        customer_id: str | None = None,
        status_names: tuple[str, ...] = (),
        search: str | None = None,
        page: int = 1,
        page_size: int = 100,
        order_by: str = "NextOccurrenceUtc",
        order: str = "asc",
        request_id: str = "",
    ) -> Page[ScheduledOrder]:
        await self._read(tickets, f"full {'+'.join(status_names)}", page)
        return self._page(status_names, page, page_size)

    async def order(self, tickets: Tickets, site_id: int, order_id: int, *, request_id: str = "") -> ScheduledOrder:
        await self._read(tickets, "order", order_id)
        if order_id not in self.orders:
            raise NotFound("qpilot")
        return self.orders[order_id]

    async def customer_orders(
        self, tickets: Tickets, site_id: int, customer_id: str, *, include_deleted: bool = False, request_id: str = ""
    ) -> tuple[ScheduledOrder, ...]:
        await self._read(tickets, "customer_orders", customer_id)
        mine = (one for one in self.orders.values() if one.customer_id == customer_id)
        return tuple(one for one in mine if include_deleted or one.status != "Deleted")

    async def customer(self, tickets: Tickets, site_id: int, customer_id: str, *, request_id: str = "") -> Customer:
        await self._read(tickets, "customer", customer_id)
        if customer_id not in self.customers_by_id:
            raise NotFound("qpilot")
        return self.customers_by_id[customer_id]

    async def customers(
        self, tickets: Tickets, site_id: int, search: str, *, page: int = 1, page_size: int = 25, request_id: str = ""
    ) -> Page[Customer]:
        await self._read(tickets, "customers", search)
        return Page(tuple(one for one in self.customers_by_id.values() if search in (one.email or "")))

    async def payment_methods(
        self, tickets: Tickets, site_id: int, customer_id: str, *, request_id: str = ""
    ) -> tuple[PaymentMethod, ...]:
        await self._read(tickets, "payment_methods", customer_id)
        return tuple(one for one in self.methods.values() if one.customer_id == customer_id)

    async def products(
        self,
        tickets: Tickets,
        site_id: int,
        query: ProductQuery = ProductQuery(),  # noqa: B008
        *,
        page: int = 1,
        page_size: int = 25,
        request_id: str = "",
    ) -> Page[Product]:
        await self._read(tickets, "products", query)
        return Page(tuple(self.products_by_id.values()))

    async def product(self, tickets: Tickets, site_id: int, product_id: str, *, request_id: str = "") -> Product:
        await self._read(tickets, "product", product_id)
        if product_id not in self.products_by_id:
            raise NotFound("qpilot")
        return self.products_by_id[product_id]

    async def next_occurrence(
        self,
        tickets: Tickets,
        site_id: int,
        frequency_type: str,
        frequency: int,
        after: datetime,
        *,
        request_id: str = "",
    ) -> datetime:
        await self._read(tickets, "next_occurrence", after)
        then = following(after, frequency_type, frequency, UTC)
        assert then is not None
        return then

    async def create_customer(
        self, tickets: Tickets, site_id: int, customer: NewCustomer, *, request_id: str = ""
    ) -> str:
        made = Customer(customer.id, customer.email)
        await self._write(
            tickets, ("create_customer", customer.id), lambda: self.customers_by_id.update({made.id: made})
        )
        return customer.id

    async def create_payment_method(
        self, tickets: Tickets, site_id: int, method: NewPaymentMethod, *, request_id: str = ""
    ) -> int | None:
        made = PaymentMethod(20000 + len(self.methods), method.type, method.customer_id)
        await self._write(
            tickets, ("create_payment_method", method.customer_id), lambda: self.methods.update({made.id: made})
        )
        return made.id if self.said_ids else None

    async def create_product(self, tickets: Tickets, site_id: int, product: NewProduct, *, request_id: str = "") -> str:
        made = Product(product.id, product.title)
        await self._write(tickets, ("create_product", product.id), lambda: self.products_by_id.update({made.id: made}))
        return product.id

    async def create_order(
        self, tickets: Tickets, site_id: int, order: NewOrder, *, request_id: str = ""
    ) -> int | None:
        items = tuple(
            Item(900 + place, one.product_id, one.quantity) for place, one in enumerate(order.scheduled_order_items)
        )
        made = ScheduledOrder(300000 + len(self.orders), "Active", SITE_ID, order.customer_id, items=items)
        await self._write(tickets, ("create_order", order.customer_id), lambda: self.orders.update({made.id: made}))
        return made.id if self.said_ids else None

    async def set_status(
        self,
        tickets: Tickets,
        site_id: int,
        order_id: int,
        status: Literal["Active", "Paused"],
        *,
        request_id: str = "",
    ) -> None:
        await self._change(tickets, ("set_status", order_id, status), status=status)

    async def safe_activate(
        self, tickets: Tickets, site_id: int, order_id: int, *, allow_deleted: bool = False, request_id: str = ""
    ) -> None:
        await self._change(tickets, ("safe_activate", order_id, allow_deleted), status="Active")

    async def set_next_occurrence(
        self, tickets: Tickets, site_id: int, order: ScheduledOrder, moment: datetime, *, request_id: str = ""
    ) -> None:
        await self._change(tickets, ("set_next_occurrence", order.id, moment), next_occurrence=moment)

    async def set_frequency(
        self,
        tickets: Tickets,
        site_id: int,
        order_id: int,
        frequency_type: str,
        frequency: int,
        *,
        request_id: str = "",
    ) -> None:
        what = ("set_frequency", order_id, frequency_type, frequency)
        await self._change(tickets, what, frequency_type=frequency_type, frequency=frequency)

    async def set_payment_method(
        self, tickets: Tickets, site_id: int, order_id: int, payment_method_id: int, *, request_id: str = ""
    ) -> None:
        what = ("set_payment_method", order_id, payment_method_id)
        await self._change(tickets, what, payment_method_id=payment_method_id)

    async def retry(self, tickets: Tickets, site_id: int, order_id: int, *, request_id: str = "") -> None:
        await self._change(tickets, ("retry", order_id), status="Queued")

    async def delete(self, tickets: Tickets, site_id: int, order_id: int, *, request_id: str = "") -> None:
        await self._change(tickets, ("delete", order_id), status="Deleted")

    async def add_items(
        self, tickets: Tickets, site_id: int, order_id: int, items: Sequence[NewItem], *, request_id: str = ""
    ) -> None:
        new = tuple(Item(700 + place, one.product_id, one.quantity) for place, one in enumerate(items))
        await self._change(tickets, ("add_items", order_id, tuple(items)), items=(*self.orders[order_id].items, *new))

    async def change_item(
        self, tickets: Tickets, site_id: int, item: Item, quantity: int, *, request_id: str = ""
    ) -> None:
        order = self._holding(item.id)
        items = tuple(replace(one, quantity=quantity) if one.id == item.id else one for one in order.items)
        await self._change(tickets, ("change_item", order.id, item.id, quantity), items=items)

    async def remove_item(self, tickets: Tickets, site_id: int, item_id: int, *, request_id: str = "") -> None:
        order = self._holding(item_id)
        items = tuple(one for one in order.items if one.id != item_id)
        await self._change(tickets, ("remove_item", order.id, item_id), items=items)

    def set(self, order_id: int = ORDER.id, **changes: Any) -> ScheduledOrder:
        self.orders[order_id] = replace(self.orders[order_id], **changes)
        return self.orders[order_id]

    def fails(self, error: BaseException, *, accepts: bool = False) -> None:
        """The next write raises this, after or instead of taking effect."""
        self.coming.append(Behaviour(accepts, error))

    def _holding(self, item_id: int) -> ScheduledOrder:
        return next(one for one in self.orders.values() if any(item.id == item_id for item in one.items))

    def _page(self, status_names: tuple[str, ...], number: int, size: int) -> Page[ScheduledOrder]:
        size = self.page_size or size
        wanted = [one for one in self.orders.values() if not status_names or one.status in status_names]
        wanted.sort(key=lambda one: (one.next_occurrence is not None, one.next_occurrence, one.id))
        pages = max(1, -(-len(wanted) // size))
        part = tuple(wanted[(number - 1) * size : number * size])
        return Page(part, number, number < pages, len(wanted), pages)

    async def _read(self, tickets: Tickets, name: str, *rest: object) -> None:
        await self._request(tickets, name, *rest)
        if name in self.failing:
            raise self.failing[name]

    async def _request(self, tickets: Tickets, *what: object) -> None:
        """One request with a token of its own, which is worth nothing a second time."""
        token = (await tickets.take()).value.reveal()
        number = token.split(" ")[1]
        self.events.append(f"request {number}")
        self.requests.append(what)
        again = any(token == one for one in self.who)
        self.who.append(token)
        await asyncio.sleep(0)
        self.events.append(f"answer {number}")
        if again or (self.expires and self.expires[0] == what[0]):
            self.expires[:1] = []
            tickets.forget()
            raise SessionExpired("qpilot")

    async def _change(self, tickets: Tickets, what: tuple[Any, ...], **changes: Any) -> None:
        await self._write(tickets, what, lambda: self.set(what[1], **changes))

    async def _write(self, tickets: Tickets, what: tuple[Any, ...], work: Callable[[], object]) -> None:
        await self._request(tickets, *what)
        self.writes.append(what)
        self.while_writing()
        behaviour = self.coming.pop(0) if self.coming else Behaviour(accepts=True)
        if behaviour.accepts:
            work()
        if behaviour.raises is not None:
            raise behaviour.raises


@dataclass
class Shop:
    """One process on one store, with a QPilot."""

    ports: Ports
    qpilot: FakeQpilot
    clock: Clock
    ledger: Mortal
    vault: SqliteVault
    audit: SqliteAudit

    def outcomes(self) -> list[str]:
        """The audit's outcomes, oldest first."""
        return [line.outcome for line in reversed(self.audit.lines(TEAM, 1000))]

    async def connect(self, actor: Actor = ADA, credentials: Credentials = MERCHANT) -> None:
        await self.ports.qpilot.connect(actor, credentials)

    async def due(self) -> list[tuple[str, dict[str, Any]]]:
        """What is due now, claimed by an owner that then dies."""
        claimed = await self.ports.occurrences.claim_due(owner="engine", lease=timedelta(0), most=100)
        return [(one.kind, one.payload) for one in claimed]


NOT_HERE: Any = None


@asynccontextmanager
async def shop(
    folder: Path,
    qpilot: FakeQpilot | None = None,
    clock: Clock | None = None,
    breaker: Breaker | None = None,
    *,
    reuse: float = 0,
    connect: bool = True,
) -> AsyncIterator[Shop]:
    """A process on the store in this folder; a second one on the same folder is the process after a crash."""
    clock, qpilot = clock or Clock(), qpilot or FakeQpilot()
    database, sealer = Database.open(folder / "data" / "shipclerk.db"), Sealer(KeyRing.parse(KEY))
    try:
        vault, ledger = SqliteVault(database, sealer, now=clock), Mortal(database, sealer, now=clock)
        real: dict[str, Any] = {
            "qpilot": QpilotAccounts(vault, qpilot, breaker, reuse=reuse),
            "ledger": ledger,
            "occurrences": SqliteOccurrences(database, sealer, now=clock),
            "now": clock,
        }
        ports = Ports(**dict.fromkeys(Ports.__dataclass_fields__, NOT_HERE) | real)
        made = Shop(ports, qpilot, clock, ledger, vault, SqliteAudit(database))
        if connect and ports.qpilot.connection(ADA) is None:
            await made.connect()
            for kept in (qpilot.logins, qpilot.requests, qpilot.who, qpilot.events):
                kept.clear()
        yield made
    finally:
        await database.close()
