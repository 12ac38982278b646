"""A Vendo of ten lines a verb, with the real store behind the operations (apis/vendo.md §2, §3, §5, §6)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from ops_fakes import ADA, BEN, KEY, TEAM, Behaviour, Clock, FakeQuivo, Mortal

from backends.errors import (
    BackendError,
    FieldError,
    Forbidden,
    Invalid,
    LoginRefused,
    NotFound,
    SessionExpired,
)
from backends.secret import Secret
from backends.vendo.account import Account
from backends.vendo.auth import Access, OrderToken, Tokens
from backends.vendo.cart import (
    Address,
    Cart,
    Line,
    OrderPage,
    Payment,
    PaymentMethod,
    Promotion,
    Rate,
    Shipment,
    ShopOrder,
)
from backends.vendo.catalogue import Product, ProductPage, ProductQuery, StoreInfo, Variant
from backends.vendo.checkout import Card, CheckoutUpdate
from operations.accounts import Accounts
from operations.circuit import Breaker
from operations.linking import VENDO, Actor
from operations.outcome import Done
from operations.ports import Ports
from operations.vendo_accounts import VendoAccounts
from store.audit import SqliteAudit
from store.carts import SqliteCarts
from store.database import Database
from store.digests import SqliteDigests
from store.envelope import Sealer
from store.imports import SqliteImports
from store.keyring import KeyRing
from store.occurrences import SqliteOccurrences
from store.preferences import SqlitePreferences
from store.vault import SqliteVault
from store.watches import SqliteWatches

STORE, OTHER_STORE = "https://shop.example.com", "https://other.example.com"
HERE, THERE = "C0SHOP0001", "C0SHOP0002"
MONTH = timedelta(seconds=2_678_400)
SHIRT, SHIRT_L, MUG = "v-shirt-s", "v-shirt-l", "v-mug"
HOME = Address("Ada", "Lovelace", "1 Main St", None, "Boston", "02108", "555-0100", country_iso="US")
PRODUCTS = (
    Product(
        "p-shirt",
        "Varsity Shirt",
        "varsity-shirt",
        "SHIRT",
        default_variant_id=SHIRT,
        variants=(Variant(SHIRT, "SHIRT-S", "Size: S"), Variant(SHIRT_L, "SHIRT-L", "Size: L")),
    ),
    Product("p-mug", "Mug", "mug", "MUG-1", default_variant_id=MUG, price=Decimal("9.50")),
    Product("p-cap", "Baseball Cap", "baseball-cap", "CAP-1", default_variant_id="v-cap"),
    Product("p-cap2", "Rain Cap", "rain-cap", "CAP-2", default_variant_id="v-cap2"),
)
PRICES = {SHIRT: "60.00", SHIRT_L: "62.00", MUG: "9.50", "v-cap": "20.00", "v-cap2": "25.00"}
ANY = ProductQuery()
RATES = (Rate("r-slow", "Slow", "m-slow", cost=Decimal(5)), Rate("r-fast", "Fast", "m-fast", cost=Decimal(15)))


@dataclass
class FakeVendo:
    """Carts by number, their owners, the tokens that live, the writes that arrived, what goes wrong with the next."""

    clock: Callable[[], Any]
    carts: dict[str, Cart] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    access: dict[str, str] = field(default_factory=dict)
    refreshing: dict[str, tuple[str, str]] = field(default_factory=dict)
    expired: set[str] = field(default_factory=set)
    codes: dict[str, str] = field(default_factory=lambda: {"ada@example.com": "123456", "ben@example.com": "222222"})
    saved: dict[str, tuple[Address, ...]] = field(default_factory=dict)
    writes: list[tuple[str, str]] = field(default_factory=list)
    reads: list[tuple[str, str]] = field(default_factory=list)
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    refreshes: list[str] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    coming: list[Behaviour] = field(default_factory=list)
    read_fails: BackendError | None = None
    refresh_fails: list[Behaviour] = field(default_factory=list)
    revoke_fails: BackendError | None = None
    pause: Callable[[], Awaitable[None]] = lambda: asyncio.sleep(0)
    hook: Callable[[str, str], Awaitable[None]] = lambda when, what: asyncio.sleep(0)
    made: int = 0
    issued: int = 0

    # signing in
    async def request_code(
        self,
        store: str,
        email: str,
        *,
        first_name: str | None = None,
        last_name: str | None = None,
        request_id: str = "",
    ) -> None:
        self.asked.append((store, email, first_name, last_name))
        if "@" not in email:
            raise Invalid(VENDO, fields=(FieldError("email", "is invalid"),))
        self.codes.setdefault(email, "999999")

    async def exchange(self, store: str, email: str, code: str | Secret, *, request_id: str = "") -> Tokens:
        if self.read_fails:
            raise self.read_fails
        if self.codes.get(email) != Secret(code).reveal():
            raise LoginRefused(VENDO)
        return self._pair(store, email)

    async def refresh(self, tokens: Tokens, *, request_id: str = "") -> Tokens:
        self.refreshes.append(tokens.refresh.reveal())
        behaviour = self.refresh_fails.pop(0) if self.refresh_fails else Behaviour(accepts=True)
        fresh = None
        if behaviour.accepts:
            store, email = self.refreshing.pop(tokens.refresh.reveal(), ("", ""))
            fresh = self._pair(store, email) if email else None
        await self.pause()
        if behaviour.raises is not None:
            raise behaviour.raises
        if fresh is None:
            raise SessionExpired(VENDO)
        return fresh

    async def revoke(self, store: str, token: Secret, *, request_id: str = "") -> None:
        await self.pause()
        if self.revoke_fails:
            raise self.revoke_fails
        self.revoked.append(token.reveal())
        self.access.pop(token.reveal(), None)
        self.refreshing.pop(token.reveal(), None)

    def expire(self) -> None:
        """Every access token that is out there has run out."""
        self.expired |= set(self.access)

    # looking
    async def account(self, access: Access, *, request_id: str = "") -> Account:
        return Account("u-1", self._person(access))

    async def addresses(self, access: Access, *, request_id: str = "") -> tuple[Address, ...]:
        return self.saved.get(self._person(access), ())

    async def account_orders(
        self, access: Access, *, page: int = 1, per_page: int = 25, request_id: str = ""
    ) -> OrderPage:
        mine = [self.carts[number] for number, owner in self.owners.items() if owner == self._person(access)]
        done = [one for one in mine if one.completed_at]
        return OrderPage(tuple(done), page, 1, len(done))

    async def account_order(self, access: Access, number: str, *, request_id: str = "") -> ShopOrder:
        if self.owners.get(number) != self._person(access) or not self.carts[number].completed_at:
            raise NotFound(VENDO)
        return self.carts[number]

    async def order_status(self, access: OrderToken, number: str, *, request_id: str = "") -> ShopOrder:
        await self._reading("status", access)
        found = self.carts.get(number)
        if self.keys.get(access.token.reveal()) != number or found is None or not found.completed_at:
            raise NotFound(VENDO)
        return found

    async def products(
        self,
        access: Access,
        query: ProductQuery = ANY,
        *,
        page: int = 1,
        per_page: int = 25,
        request_id: str = "",
    ) -> ProductPage:
        await self._reading("products", access)
        found = [one for one in PRODUCTS if _fits(one, query)]
        return ProductPage(tuple(found), page, 1, len(found))

    async def product(
        self, access: Access, slug_or_id: str, *, currency: str | None = None, request_id: str = ""
    ) -> Product:
        await self._reading("product", access)
        found = [one for one in PRODUCTS if slug_or_id in (one.slug, one.id)]
        if not found:
            raise NotFound(VENDO)
        return found[0]

    async def store(self, access: Access, *, request_id: str = "") -> StoreInfo:
        await self._reading("store", access)
        return StoreInfo("Shop", default_currency="USD", supported_currencies=("USD", "EUR"))

    # buying
    async def create_cart(self, access: Access, *, currency: str | None = None, request_id: str = "") -> Cart:
        email = self._person(access) if isinstance(access, Tokens) else None
        mine = [self.carts[number] for number, owner in self.owners.items() if email and owner == email]
        there = [one for one in mine if not one.completed_at and one.currency == (currency or "USD")]

        def work(_: Cart) -> Cart:
            if there:
                return there[-1]
            self.made += 1
            number, token = f"R{self.made:09}", f"order-token-{self.made}"
            self.keys[token] = number
            if email:
                self.owners[number] = email
            made = Cart(f"c-{self.made}", number, "cart", Secret(token), currency=currency or "USD", total=Decimal(0))
            return self._put(made)

        return await self._write("create_cart", access, work, find=False)

    async def cart(self, access: Access, *, currency: str | None = None, request_id: str = "") -> Cart:
        await self._reading("cart", access)
        return self._current(access)

    async def add_item(self, access: Access, variant_id: str, quantity: int = 1, *, request_id: str = "") -> Cart:
        def work(cart: Cart) -> Cart:
            if variant_id not in PRICES:
                raise NotFound(VENDO)
            there = next((one for one in cart.lines if one.variant_id == variant_id), None)
            line = there or Line(f"l-{variant_id}", variant_id, variant_id, sku=variant_id.upper(), quantity=0)
            added = replace(line, quantity=(line.quantity or 0) + quantity)
            return replace(cart, lines=(*(one for one in cart.lines if one.id != line.id), added))

        return await self._write("add_item", access, work)

    async def set_quantity(self, access: Access, line_item_id: str, quantity: int, *, request_id: str = "") -> Cart:
        def work(cart: Cart) -> Cart:
            if all(one.id != line_item_id for one in cart.lines):
                raise NotFound(VENDO)
            lines = (replace(one, quantity=quantity) if one.id == line_item_id else one for one in cart.lines)
            return replace(cart, lines=tuple(lines))

        return await self._write("set_quantity", access, work)

    async def remove_item(self, access: Access, line_item_id: str, *, request_id: str = "") -> Cart:
        def work(cart: Cart) -> Cart:
            if all(one.id != line_item_id for one in cart.lines):
                raise NotFound(VENDO)
            return replace(cart, lines=tuple(one for one in cart.lines if one.id != line_item_id))

        return await self._write("remove_item", access, work)

    async def apply_coupon(self, access: Access, code: str, *, request_id: str = "") -> Cart:
        def work(cart: Cart) -> Cart:
            if code != "test":
                raise Invalid(VENDO, fields=(FieldError("coupon_code", "The coupon code is expired"),))
            return replace(cart, promotions=(Promotion("pr-1", "Ten", code),))

        return await self._write("apply_coupon", access, work)

    async def remove_coupon(self, access: Access, code: str | None = None, *, request_id: str = "") -> Cart:
        return await self._write("remove_coupon", access, lambda cart: replace(cart, promotions=()))

    async def update_checkout(self, access: Access, update: CheckoutUpdate, *, request_id: str = "") -> Cart:
        return await self._write("update_checkout", access, lambda cart: _updated(cart, update))

    async def shipping_rates(self, access: Access, *, request_id: str = "") -> tuple[Shipment, ...]:
        await self._reading("rates", access)
        cart = self._current(access)
        if cart.ship_address is None:
            raise Invalid(VENDO, fields=(FieldError("base", "needs to have a Shipping Address"),))
        return self._put(replace(cart, shipments=cart.shipments or (Shipment("s-1", rates=RATES),))).shipments

    async def payment_methods(self, access: Access, *, request_id: str = "") -> tuple[PaymentMethod, ...]:
        await self._reading("methods", access)
        self._current(access)
        return (PaymentMethod("pm-check", "Check"), PaymentMethod("pm-card", "Card"))

    async def create_payment(
        self,
        access: Access,
        payment_method_id: str,
        *,
        amount: Decimal | None = None,
        source_id: str | None = None,
        card: Card | None = None,
        request_id: str = "",
    ) -> Cart:
        def work(cart: Cart) -> Cart:
            payment = Payment(f"pay-{len(cart.payments)}", amount=cart.total, payment_method_id=payment_method_id)
            return replace(cart, payments=(*cart.payments, payment))

        return await self._write("create_payment", access, work)

    async def complete(self, access: Access, *, request_id: str = "") -> ShopOrder:
        def work(cart: Cart) -> Cart:
            if not cart.payments:
                raise Invalid(VENDO, fields=(FieldError("base", "No payment found"),))
            return replace(cart, state="complete", completed_at=self.clock())

        return await self._write("complete", access, work)

    # what the verbs share
    def fails(self, error: BaseException, *, accepts: bool = False) -> None:
        """The next write raises this, after or instead of taking effect."""
        self.coming.append(Behaviour(accepts, error))

    def only(self) -> Cart:
        (cart,) = self.carts.values()
        return cart

    def _put(self, cart: Cart) -> Cart:
        items = sum((Decimal(PRICES[one.variant_id or ""]) * (one.quantity or 0) for one in cart.lines), Decimal(0))
        sent = sum((one.selected.cost or Decimal(0) for one in cart.shipments if one.selected), Decimal(0))
        self.carts[cart.number] = replace(cart, item_total=items, ship_total=sent, total=items + sent)
        return self.carts[cart.number]

    async def _write(self, what: str, access: Access, work: Callable[[Cart], Cart], *, find: bool = True) -> Cart:
        """Find the cart as Vendo does, let the next behaviour happen, and answer with the cart."""
        self.writes.append((what, _shown(access)))
        self._live(access)
        behaviour = self.coming.pop(0) if self.coming else Behaviour(accepts=True)
        if not behaviour.accepts and behaviour.raises is not None:
            raise behaviour.raises
        await self.hook("before", what)
        cart = self._put(work(self._current(access) if find else Cart("", "", "")))
        await self.hook("after", what)
        if behaviour.raises is not None:
            raise behaviour.raises
        return cart

    def _current(self, access: Access) -> Cart:
        """The cart of an order token in its currency, or else the newest of who is signed in (apis/vendo.md §3)."""
        number: str | None = None
        if isinstance(access, OrderToken):
            number = self.keys.get(access.token.reveal())
            right = number in self.carts and self.carts[number].currency == (access.currency or "USD")
            number = number if right else None
        if isinstance(access, Tokens):
            mine = [one for one, owner in self.owners.items() if owner == self._person(access)]
            number = next((one for one in reversed(mine) if not self.carts[one].completed_at), None)
        if number is None or number not in self.carts or self.carts[number].completed_at:
            raise NotFound(VENDO)
        return self.carts[number]

    async def _reading(self, what: str, access: Access) -> None:
        self.reads.append((what, _shown(access)))
        await self.hook("before", what)
        self._live(access)
        if self.read_fails is not None:
            raise self.read_fails

    def _live(self, access: Access) -> None:
        if isinstance(access, Tokens):
            token = access.access.reveal()
            if token in self.expired or token not in self.access:
                raise SessionExpired(VENDO)

    def _person(self, access: Access) -> str:
        if not isinstance(access, Tokens):
            raise Forbidden(VENDO)
        self.reads.append(("person", _shown(access)))
        self._live(access)
        return self.access[access.access.reveal()]

    def _pair(self, store: str, email: str) -> Tokens:
        access, refresh = f"access-{email[:3]}-{self.issued}", f"refresh-{email[:3]}-{self.issued}"
        self.issued += 1
        self.access[access], self.refreshing[refresh] = email, (store, email)
        return Tokens(store, email, access, refresh, self.clock() + MONTH)


def _shown(access: Access) -> str:
    match access:
        case Tokens():
            return access.access.reveal()
        case OrderToken():
            return access.token.reveal()
        case _:
            return "guest"


def _fits(product: Product, query: ProductQuery) -> bool:
    skus = {product.sku, *(one.sku for one in product.variants)}
    named = query.name is None or query.name.casefold() in (product.name or "").casefold()
    return named and (not query.skus or bool(skus & set(query.skus)))


def _updated(cart: Cart, update: CheckoutUpdate) -> Cart:
    names = ("email", "ship_address", "bill_address", "special_instructions")
    cart = replace(cart, **{name: part for name in names if (part := getattr(update, name)) is not None})
    chosen = {one.shipment_id: one.rate_id for one in update.shipments}
    shipments = (
        replace(one, rates=tuple(replace(rate, selected=rate.id == chosen[one.id]) for rate in one.rates))
        if one.id in chosen
        else one
        for one in cart.shipments
    )
    return replace(cart, shipments=tuple(shipments))


@dataclass
class Shop:
    """One process in front of a fake Vendo, on a real store."""

    ports: Ports
    vendo: FakeVendo
    clock: Clock
    ledger: Mortal
    vault: SqliteVault
    carts: SqliteCarts
    audit: SqliteAudit
    database: Database

    async def sign_in(self, actor: Actor = ADA, email: str = "ada@example.com", store: str = STORE) -> None:
        code = self.vendo.codes[email]
        assert isinstance(await self.ports.vendo.connect(actor, store, email, code), Done)

    def outcomes(self) -> list[tuple[str, str]]:
        """The audit's actions and outcomes, oldest first."""
        return [(line.action, line.outcome) for line in reversed(self.audit.lines(TEAM, 1000))]

    def lived(self) -> set[str]:
        """The tokens that still work at Vendo."""
        return set(self.vendo.access) - self.vendo.expired | set(self.vendo.refreshing)


@asynccontextmanager
async def shop(
    folder: Path, vendo: FakeVendo | None = None, clock: Clock | None = None, breaker: Breaker | None = None
) -> AsyncIterator[Shop]:
    """A process on the store in this folder; a second one on the same folder is the process after a crash."""
    clock = clock or (vendo.clock if vendo and isinstance(vendo.clock, Clock) else Clock())
    vendo = vendo or FakeVendo(clock)
    database, sealer = Database.open(folder / "data" / "shipclerk.db"), Sealer(KeyRing.parse(KEY))
    try:
        vault, ledger = SqliteVault(database, sealer, now=clock), Mortal(database, sealer, now=clock)
        carts = SqliteCarts(database, sealer, now=clock)
        parts: dict[str, Any] = {"qpilot": None}
        ports = Ports(
            accounts=Accounts(vault, FakeQuivo()),
            vendo=VendoAccounts(vault, vendo, carts, STORE, breaker=breaker, now=clock),
            ledger=ledger,
            occurrences=SqliteOccurrences(database, sealer, now=clock),
            watches=SqliteWatches(database, sealer, now=clock),
            preferences=SqlitePreferences(database, now=clock),
            imports=SqliteImports(database, sealer, now=clock),
            carts=carts,
            digests=SqliteDigests(database, sealer, clock),
            now=clock,
            **parts,
        )
        yield Shop(ports, vendo, clock, ledger, vault, carts, SqliteAudit(database), database)
    finally:
        await database.close()


__all__ = ["ADA", "BEN", "TEAM", "FakeVendo", "Shop", "shop"]
