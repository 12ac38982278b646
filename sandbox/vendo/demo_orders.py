"""The demo store's customers and what they bought: ada thirty orders in every state, bob nothing, cara two in euros."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.vendo import checkout, customers
from sandbox.vendo.customers import Card, Customer
from sandbox.vendo.demo_catalogue import DAY
from sandbox.vendo.ids import uid
from sandbox.vendo.orders import BOGUS, CHECK, Line, Order, Payment, PaymentState
from sandbox.vendo.totals import of

if TYPE_CHECKING:
    from sandbox.vendo.vendo import Vendo

ADA, BOB, CARA = "ada@example.com", "bob@example.com", "cara@example.com"
_TRACK = "https://track.example/"
_HOME = {
    "firstname": "Ada", "lastname": "Lovelace", "address1": "7735 Old Georgetown Road", "address2": "2nd Floor",
    "city": "Bethesda", "zipcode": "20814", "phone": "3014445002", "state_name": "Maryland", "country_iso": "US",
    "label": "Home",
}  # fmt: skip
_OFFICE = {
    "firstname": "Ada", "lastname": "Lovelace", "address1": "12 St James's Square", "city": "London",
    "zipcode": "SW1Y 4JH", "phone": "02079460000", "company": "Engine & Sons", "country_iso": "GB", "label": "Office",
}  # fmt: skip
_BOBS = {
    "firstname": "Bob", "lastname": "Kahn", "address1": "1 Main Street", "city": "Springfield", "zipcode": "62701",
    "state_name": "IL", "country_iso": "US",
}  # fmt: skip
_CARAS = {
    "firstname": "Cara", "lastname": "Nowak", "address1": "ul. Prosta 1", "city": "Warszawa", "zipcode": "00-838",
    "phone": "+48221234567", "country_iso": "PL",
}  # fmt: skip
_BASKETS = (
    (("TEE-BLACK-M", 2), ("NOTE", 1)),
    (("HOOD-GREY-L", 1),),
    (("MUG-WHITE", 1), ("BOTTLE", 1), ("TOTE", 1)),
    (("SOCKS-41-46", 3),),
    (("SALT", 1), ("TEE-WHITE-S", 1)),
)


def fill(vendo: "Vendo") -> None:
    """Put customers, addresses, cards and past orders into a new store; its shelves are as full as before."""
    ada = _customer(vendo, ADA, "Ada", "Lovelace", (_HOME, _OFFICE))
    ada.cards = [_card("visa", "1111", default=True), _card("mastercard", "6695")]
    ada.credit = Decimal("25.0")
    for size in ("S", "M", "L"):
        ada.prices |= {(f"HOOD-{colour}-{size}", "USD"): Decimal("44.95") for colour in ("GREY", "BLACK")}
    _customer(vendo, BOB, "Bob", "Kahn", (_BOBS,))
    cara = _customer(vendo, CARA, "Cara", "Nowak", (_CARAS,))
    stock = {variant.id: variant.stock for product in vendo.products for variant in product.sold}
    for place in range(30):
        order = _order(vendo, ada, _BASKETS[place % len(_BASKETS)], days=3 * (30 - place), check=place == 27)
        _FATES.get(place, _shipped)(vendo, order)
    for days in (40, 2):
        _shipped(vendo, _order(vendo, cara, _BASKETS[2], days=days, currency="EUR"))
    for product in vendo.products:
        for variant in product.sold:
            variant.stock = stock[variant.id]


def _customer(vendo: "Vendo", email: str, first: str, last: str, addresses: Sequence[dict[str, str]]) -> Customer:
    customer = vendo.add_customer(email, first, last)
    customer.addresses = [
        customers.address(uid("address", f"{email}/{place}"), written) for place, written in enumerate(addresses)
    ]
    customer.billing = customer.shipping = customer.addresses[0]
    return customer


def _card(cc_type: str, last_digits: str, *, default: bool = False) -> Card:
    profile = f"BGS-{last_digits}"
    return Card(uid("card", last_digits), cc_type, last_digits, 12, 2030, "Ada Lovelace", default, profile)


def _order(
    vendo: "Vendo",
    customer: Customer,
    basket: Sequence[tuple[str, int]],
    *,
    days: float,
    currency: str = "USD",
    check: bool = False,
) -> Order:
    """Complete an order of so many days ago."""
    order = vendo.new_cart(customer, currency)
    forms = {variant.sku: (product, variant) for product in vendo.products for variant in product.sold}
    for sku, quantity in basket:
        product, variant = forms[sku]
        price = vendo.price(variant, currency, customer) or Decimal(0)
        order.lines.append(Line(vendo.new_id("line"), product, variant, quantity, price))
        variant.stock += quantity
    order.billing, order.shipping = customer.billing, customer.shipping
    checkout.propose(vendo, order)
    method, card = (CHECK, None) if check else (BOGUS, customer.cards[0] if customer.cards else None)
    state: PaymentState = "pending" if check else "completed"
    number = f"P{vendo.count_up('payment'):08}"
    order.payments = [Payment(vendo.new_id("payment"), number, method, of(order).total, card, state)]
    checkout.finish(vendo, order)
    order.created_at = order.updated_at = vendo.born_at - days * DAY - 600
    order.completed_at = vendo.born_at - days * DAY
    return order


def _shipped(vendo: "Vendo", order: Order) -> None:
    vendo.ship(order.number, f"{_TRACK}{order.number}")
    for shipment in order.shipments:
        shipment.shipped_at = (order.completed_at or 0) + DAY


def _partly(vendo: "Vendo", order: Order) -> None:
    vendo.ship(order.number, f"{_TRACK}{order.number}", shipments=1)


def _canceled(vendo: "Vendo", order: Order) -> None:
    vendo.cancel(order.number)


def _returned(vendo: "Vendo", order: Order) -> None:
    _shipped(vendo, order)
    order.state = "returned"


def _backordered(_: "Vendo", order: Order) -> None:
    for shipment in order.shipments:
        shipment.state, shipment.backordered = "pending", True


def _waiting(_: "Vendo", __: Order) -> None:
    """A completed order stays as it is: ready if it was paid, pending if not."""


_FATES: dict[int, Callable[["Vendo", Order], None]] = {
    5: _canceled,
    22: _partly,
    24: _backordered,
    25: _returned,
    26: _canceled,
    27: _waiting,
    28: _waiting,
    29: _waiting,
}
