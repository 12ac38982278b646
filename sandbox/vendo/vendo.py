"""The state of one Vendo: its store, customers, carts and orders, what is switched on, and who asked for what."""

import secrets
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from aiohttp import web

from sandbox.clock import Clock
from sandbox.quivo.journal import Journal, Seen
from sandbox.vendo import coupons, demo_catalogue, demo_orders, front, orders
from sandbox.vendo.catalogue import Product, Taxon, Variant, Vendor
from sandbox.vendo.customers import Customer
from sandbox.vendo.faults import Fault
from sandbox.vendo.front import BASE
from sandbox.vendo.ids import uid
from sandbox.vendo.orders import Order
from sandbox.vendo.switches import Switches
from sandbox.vendo.tokens import Codes, Tokens, six_digits

__all__ = ["BASE", "Mail", "Vendo"]

FIRST_NUMBER = 233_871_560


class Mail(NamedTuple):
    """A one-time code as it was sent, at epoch seconds."""

    email: str
    code: str
    at: float


class Vendo:
    """A Vendo with friendly demo data; everything that a test or the control panel may look at or change is public.

    `orders` has carts and orders in the order of their making; `mail` the codes that were sent, newest last;
    `make_code` makes the next one. `switches` may be replaced and `faults` filled at any time. The first of
    `currencies` is the store's own.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        switches: Switches = Switches(),  # noqa: B008 - frozen
        make_code: Callable[[], str] = six_digits,
    ) -> None:
        self.clock = clock or Clock()
        self.switches: Switches = switches
        self.make_code = make_code
        self.faults: list[Fault] = []
        self.mail: list[Mail] = []
        self.born_at = self.clock.now()
        self.currencies = ("USD", "EUR")
        self.products: list[Product] = demo_catalogue.products(self.born_at)
        self.taxons: tuple[Taxon, ...] = demo_catalogue.TAXONS
        self.vendors: tuple[Vendor, ...] = demo_catalogue.VENDORS
        self.coupons: list[coupons.Coupon] = coupons.coupons()
        self.shipping_methods = orders.SHIPPING_METHODS
        self.payment_methods = orders.PAYMENT_METHODS
        self.customers: list[Customer] = []
        self.orders: list[Order] = []
        self.tokens = Tokens(self.clock)
        self.codes = Codes(self.clock, lambda: self.make_code())
        self.journal = Journal()
        self._counts: Counter[str] = Counter()
        demo_orders.fill(self)

    def app(self) -> web.Application:
        """Return the HTTP side of this state; all paths begin with `BASE`."""
        return front.application(self)

    @property
    def requests(self) -> list[Seen]:
        """Every request so far, each with its path below `BASE`; the list itself, so a test may clear it."""
        return self.journal.requests

    def count(self, method: str, path_prefix: str) -> int:
        """Count the requests with this method (`*`: any) whose path below `BASE` begins with `path_prefix`."""
        return self.journal.count(method, path_prefix)

    async def until(self, predicate: Callable[[], bool], timeout: float = 5.0) -> None:  # noqa: ASYNC109 - a test's bound
        """Wait until `predicate` holds, looking again whenever a request arrives or is answered."""
        await self.journal.until(predicate, timeout)

    @property
    def carts(self) -> list[Order]:
        """The orders that are not completed, oldest first."""
        return [order for order in self.orders if order.open]

    def orders_of(self, email: str) -> list[Order]:
        """Return a customer's completed orders, canceled ones among them, oldest first."""
        customer = self.customer(email)
        return [one for one in self.orders if customer and one.customer is customer and one.completed_at is not None]

    def order_summaries(self) -> list[tuple[str, str, str, str | None]]:
        """Return (number, e-mail or "", state, shipment state) of every completed order, newest first."""
        done = [order for order in self.orders if order.completed_at is not None]
        newest = sorted(done, key=lambda order: order.completed_at or 0, reverse=True)
        return [(one.number, one.email or "", one.state, orders.shipment_state(one)) for one in newest]

    def order(self, number: str) -> Order:
        """Return the order or cart with this number; KeyError if there is none."""
        found = next((order for order in self.orders if order.number == number), None)
        if found is None:
            raise KeyError(number)
        return found

    def ship(self, number: str, tracking_url: str | None = None, shipments: int | None = None) -> None:
        """Ship a completed order, or its first so many open shipments; KeyError, or ValueError if it cannot be."""
        order = self._completed(number)
        waiting = [one for one in order.shipments if one.state in ("pending", "ready")]
        if order.state == "canceled" or not waiting:
            raise ValueError(f"{number}: nothing to ship")
        for shipment in waiting[:shipments]:
            shipment.state, shipment.shipped_at = "shipped", self.clock.now()
            shipment.tracking_url = tracking_url
        self.touch(order)

    def pay(self, number: str) -> None:
        """Receive what an order still owes; its shipments become ready. KeyError, or ValueError for a cart."""
        order = self._completed(number)
        for payment in order.live_payments:
            payment.state = "completed"
        for shipment in order.shipments:
            if shipment.state == "pending":
                shipment.state, shipment.backordered = "ready", False
        self.touch(order)

    def cancel(self, number: str) -> None:
        """Cancel a completed order of which nothing was shipped; KeyError, or ValueError if it cannot be."""
        order = self._completed(number)
        if any(shipment.state == "shipped" for shipment in order.shipments):
            raise ValueError(f"{number}: was shipped")
        order.state = "canceled"
        for shipment in order.shipments:
            shipment.state, shipment.backordered = "canceled", False
        for payment in order.live_payments:
            payment.state = "void"
        self.touch(order)

    def expire_tokens(self) -> None:
        """Expire every access token that was handed out so far; refresh tokens stay alive."""
        self.tokens.expire()

    def revoke_tokens(self) -> None:
        """Revoke every access and refresh token that was handed out so far."""
        self.tokens.revoke_all()

    def set_stock(self, sku: str, stock: int) -> None:
        """Put so many of a variant on the shelf; KeyError for an unknown SKU."""
        for product in self.products:
            for variant in [product.master, *product.variants]:
                if variant.sku == sku:
                    variant.stock = stock
                    return
        raise KeyError(sku)

    def customer(self, email: str) -> Customer | None:
        """Return the customer with this e-mail, in any letters, or None."""
        return next((customer for customer in self.customers if customer.email == email.lower()), None)

    def add_customer(self, email: str, first_name: str | None = None, last_name: str | None = None) -> Customer:
        """Add a customer."""
        customer = Customer(uid("user", email), email.lower(), first_name, last_name)
        self.customers.append(customer)
        return customer

    def send_code(self, email: str) -> None:
        """Mail a one-time code; an earlier one is void."""
        self.mail.append(Mail(email, self.codes.send(email), self.clock.now()))

    def variant(self, variant_id: object) -> tuple[Product, Variant] | None:
        """Return what can be put into a cart under this id, or None; the master stands for a product without forms."""
        forms = ((product, variant) for product in self.products for variant in product.sold if not product.deleted)
        return next((pair for pair in forms if pair[1].id == variant_id), None)

    def price(self, variant: Variant, currency: str, customer: Customer | None) -> Decimal | None:
        """Return what this customer pays for a variant, or None if it has no price in this currency."""
        own = customer.prices if customer else {}
        return own.get((variant.sku, currency), variant.prices.get(currency))

    def current(self, token: str | None, customer: Customer | None, currency: str) -> Order | None:
        """Return the current cart (§3): the token's, else the customer's newest, in this currency; or None.

        A token that leads nowhere is no error as long as there is a customer: the trap that the sheet warns of.
        """
        here = [order for order in self.carts if order.currency == currency]
        by_token = next((order for order in here if token and order.token == token), None)
        mine = [order for order in here if customer and order.customer is customer]
        return by_token or (mine[-1] if mine else None)

    def new_cart(self, customer: Customer | None, currency: str) -> Order:
        """Make an empty cart, assigned to the customer if there is one."""
        now = self.clock.now()
        number = f"R{FIRST_NUMBER + self.count_up('order'):09}"
        token = f"{secrets.token_urlsafe(16)}{int(now * 1000)}"
        order = Order(self.new_id("cart"), number, currency, now, now, token)
        order.customer, order.email = customer, customer.email if customer else None
        self.orders.append(order)
        return order

    def touch(self, order: Order) -> None:
        """Note that an order has changed."""
        order.updated_at = self.clock.now()

    def new_id(self, kind: str) -> str:
        """Return the UUID of the next new thing of this kind."""
        return uid(kind, f"new-{self.count_up(f'id-{kind}')}")

    def count_up(self, kind: str) -> int:
        """Return 1, 2, 3 and so on for things of this kind."""
        self._counts[kind] += 1
        return self._counts[kind]

    def _completed(self, number: str) -> Order:
        order = self.order(number)
        if order.completed_at is None:
            raise ValueError(f"{number}: not completed")
        return order
