"""Looking at scheduled orders and what belongs to them (seed 004, apis/qpilot.md §6)."""

from __future__ import annotations

from dataclasses import dataclass

from backends.qpilot.entities import Customer, Product, ProductQuery, Site
from backends.qpilot.order import Page, PaymentMethod, Row, ScheduledOrder
from operations.outcome import Outcome
from operations.qpilot_accounts import Actor, Grant, Qpilot, QpilotAccounts

PAGE_SIZE = 10
SUGGESTIONS = 25


@dataclass(frozen=True)
class Asked:
    """What a list of scheduled orders was asked by; kept with the list, so that its buttons ask the same again."""

    status: str | None = None
    search: str | None = None


@dataclass(frozen=True)
class Shown:
    """A scheduled order, and the site that it belongs to: for its time zone and lock."""

    order: ScheduledOrder
    site: Site


@dataclass(frozen=True)
class Profile:
    """A customer with what they pay with and what they have ordered."""

    customer: Customer
    payment_methods: tuple[PaymentMethod, ...]
    orders: tuple[ScheduledOrder, ...]


async def listed(accounts: QpilotAccounts, actor: Actor, asked: Asked, page: int = 1) -> Outcome[Page[Row]]:
    """One page of scheduled orders, the soonest first; a customer's connection sees only their own."""

    async def ask(grant: Grant) -> Page[Row]:
        if grant.place.customer_id is not None:
            mine = await _own(accounts.qpilot, grant, grant.place.customer_id)
            return _cut(tuple(row for row in mine if _fits(row, asked)), page)
        names = (asked.status,) if asked.status else ()
        return await accounts.qpilot.orders_page(
            grant.tickets,
            grant.site_id,
            status_names=names,
            search=asked.search or None,
            page=page,
            page_size=PAGE_SIZE,
        )

    return await accounts.call(actor, ask)


async def read(accounts: QpilotAccounts, actor: Actor, order_id: int) -> Outcome[ScheduledOrder]:
    """One whole scheduled order as it is now."""
    return await accounts.call(actor, lambda it: accounts.qpilot.order(it.tickets, it.site_id, order_id))


async def shown(accounts: QpilotAccounts, actor: Actor, order_id: int) -> Outcome[Shown]:
    """One whole scheduled order as it is now, with its site."""

    async def ask(grant: Grant) -> Shown:
        order = await accounts.qpilot.order(grant.tickets, grant.site_id, order_id)
        return Shown(order, await site_of(accounts.qpilot, grant))

    return await accounts.call(actor, ask)


async def site(accounts: QpilotAccounts, actor: Actor) -> Outcome[Site]:
    """The site of this person's connection."""
    return await accounts.call(actor, lambda grant: site_of(accounts.qpilot, grant))


async def site_of(qpilot: Qpilot, grant: Grant) -> Site:
    """The site; for a customer what the site's settings say of it, for they may not read the rest (§5.5)."""
    if grant.place.scope == "Merchant":
        return await qpilot.site(grant.tickets, grant.site_id)
    known = await qpilot.settings(grant.tickets, grant.site_id)
    return Site(grant.site_id, utc_offset=known.utc_offset, lock_days=known.lock_window)


async def profile(accounts: QpilotAccounts, actor: Actor, customer_id: str) -> Outcome[Profile]:
    """One customer by the store's id, with their payment methods and scheduled orders, deleted ones left out."""

    async def ask(grant: Grant) -> Profile:
        qpilot, site_id = accounts.qpilot, grant.site_id
        return Profile(
            await qpilot.customer(grant.tickets, site_id, customer_id),
            await qpilot.payment_methods(grant.tickets, site_id, customer_id),
            await qpilot.customer_orders(grant.tickets, site_id, customer_id),
        )

    return await accounts.call(actor, ask)


async def customer(accounts: QpilotAccounts, actor: Actor, customer_id: str) -> Outcome[Customer]:
    """One customer by the store's id."""
    return await accounts.call(actor, lambda it: accounts.qpilot.customer(it.tickets, it.site_id, customer_id))


async def product(accounts: QpilotAccounts, actor: Actor, product_id: str) -> Outcome[Product]:
    """One product by the store's id."""
    return await accounts.call(actor, lambda it: accounts.qpilot.product(it.tickets, it.site_id, product_id))


async def payment_methods(
    accounts: QpilotAccounts, actor: Actor, customer_id: str
) -> Outcome[tuple[PaymentMethod, ...]]:
    """All payment methods of one customer."""
    return await accounts.call(actor, lambda it: accounts.qpilot.payment_methods(it.tickets, it.site_id, customer_id))


async def customers_like(accounts: QpilotAccounts, actor: Actor, text: str) -> Outcome[tuple[Customer, ...]]:
    """Customers to choose from while somebody types a name, an e-mail address or an id; at most SUGGESTIONS."""

    async def ask(grant: Grant) -> tuple[Customer, ...]:
        found = await accounts.qpilot.customers(grant.tickets, grant.site_id, text, page_size=SUGGESTIONS)
        return found.items[:SUGGESTIONS]

    return await accounts.call(actor, ask)


async def products_like(accounts: QpilotAccounts, actor: Actor, text: str) -> Outcome[tuple[Product, ...]]:
    """Products to choose from while somebody types; only what scheduled orders may take, at most SUGGESTIONS."""

    async def ask(grant: Grant) -> tuple[Product, ...]:
        query = ProductQuery(search=text or None, add=True)
        found = await accounts.qpilot.products(grant.tickets, grant.site_id, query, page_size=SUGGESTIONS)
        return found.items[:SUGGESTIONS]

    return await accounts.call(actor, ask)


async def _own(qpilot: Qpilot, grant: Grant, customer_id: str) -> tuple[Row, ...]:
    orders = await qpilot.customer_orders(grant.tickets, grant.site_id, customer_id)
    rows = (row_of(order) for order in orders)
    return tuple(sorted(rows, key=lambda row: (row.next_occurrence is None, row.next_occurrence or 0, row.id)))


def row_of(order: ScheduledOrder) -> Row:
    """A whole scheduled order as a list shows it."""
    return Row(
        id=order.id,
        status=order.status,
        customer_id=order.customer_id,
        customer=order.customer,
        next_occurrence=order.next_occurrence,
        last_occurrence=order.last_occurrence,
        frequency=order.frequency,
        frequency_type=order.frequency_type,
        frequency_name=order.frequency_name,
        currency=order.currency,
        total=order.total,
        subtotal=order.subtotal,
        cycles=order.cycles,
        locked=order.locked,
        error_code=order.error_code,
        failure_reason=order.failure_reason,
    )


def _fits(row: Row, asked: Asked) -> bool:
    by_status = not asked.status or row.status == asked.status
    return by_status and (not asked.search or asked.search.strip() == str(row.id))


def _cut(rows: tuple[Row, ...], page: int) -> Page[Row]:
    pages = -(-len(rows) // PAGE_SIZE)
    start = (page - 1) * PAGE_SIZE
    return Page(rows[start : start + PAGE_SIZE], page, page < pages, len(rows), pages)
