"""How orders, customers and their parts are shown (`apis/vendo.md` §5 to §7)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.vendo import totals
from sandbox.vendo.customers import Address, Card, Customer
from sandbox.vendo.ids import moment, uid
from sandbox.vendo.jsonapi import Document, Relations, Resource
from sandbox.vendo.money import ZERO, pair, plain
from sandbox.vendo.orders import (
    Line,
    Order,
    Payment,
    PaymentMethod,
    Rate,
    Shipment,
    ShippingMethod,
    payment_state,
    shipment_state,
)
from sandbox.vendo.show_catalogue import Shelf
from sandbox.vendo.totals import LineTotals

if TYPE_CHECKING:
    from sandbox.vendo.vendo import Vendo


class Show:
    """Everything as one caller sees it, in one currency for what has no currency of its own."""

    def __init__(self, vendo: "Vendo", currency: str, customer: Customer | None) -> None:
        self._vendo = vendo
        self.shelf = Shelf(vendo, currency, customer)

    def order(self, order: Order, kind: str = "cart") -> Resource:
        """A cart, or under another type an order."""
        return Resource(
            kind,
            order.id,
            self._order_attributes(order),
            {
                "line_items": lambda: [self.line(order, line) for line in order.lines],
                "variants": lambda: [self.shelf.variant(line.product, line.variant) for line in order.lines],
                "promotions": lambda: self._promotions(order),
                "payments": lambda: [self.payment(payment) for payment in order.live_payments],
                "shipments": lambda: [self.shipment(order, shipment) for shipment in order.shipments],
                "user": lambda: self.customer(order.customer) if order.customer else None,
                "billing_address": lambda: self.address(order.billing) if order.billing else None,
                "shipping_address": lambda: self.address(order.shipping) if order.shipping else None,
            },
        )

    def _order_attributes(self, order: Order) -> Mapping[str, Any]:
        sums = totals.of(order)
        return {
            "number": order.number,
            "created_at": self._moment(order.created_at),
            "updated_at": self._moment(order.updated_at),
            "completed_at": self._moment(order.completed_at),
            "currency": order.currency,
            "state": order.state,
            "token": order.token,
            "email": order.email,
            "item_count": sum(line.quantity for line in order.lines),
            "special_instructions": order.special_instructions,
            "shipment_state": shipment_state(order),
            "payment_state": payment_state(order, sums.total),
            "public_metadata": order.public_metadata,
            **pair("item_total", sums.items, order.currency),
            **pair("total", sums.total, order.currency),
            **pair("ship_total", sums.ship, order.currency),
            **pair("adjustment_total", sums.adjustment, order.currency),
            **pair("included_tax_total", sums.included_tax, order.currency),
            **pair("additional_tax_total", sums.additional_tax, order.currency),
            **pair("tax_total", sums.included_tax + sums.additional_tax, order.currency),
            **pair("promo_total", sums.promo, order.currency),
            **pair("pre_tax_item_amount", sums.pre_tax_items, order.currency),
            **pair("pre_tax_total", sums.pre_tax_items + sums.ship, order.currency),
        }

    def line(self, order: Order, line: Line) -> Resource:
        """A line item."""
        sums = totals.of_lines(order)[line.id]
        attributes: Document = {
            "name": line.product.name,
            "quantity": line.quantity,
            "slug": line.product.slug,
            "options_text": line.variant.options_text,
            "currency": order.currency,
            "public_metadata": line.public_metadata,
            **pair("price", line.price, order.currency),
            **_line_money(sums, order.currency),
        }
        relations: Relations = {
            "variant": lambda: self.shelf.variant(line.product, line.variant),
            "digital_links": lambda: [],
        }
        return Resource("line_item", line.id, attributes, relations)

    def _promotions(self, order: Order) -> list[Resource]:
        coupon, off = order.coupon, totals.of(order).promo
        if coupon is None or not off:
            return []
        attributes: Document = {
            "name": coupon.name,
            "description": coupon.name,
            "code": coupon.code,
            "public_metadata": {},
            **pair("amount", off, order.currency),
        }
        return [Resource("promotion", coupon.id, attributes)]

    def shipment(self, order: Order, shipment: Shipment) -> Resource:
        """A shipment, with its rates."""
        chosen = shipment.selected
        cost = chosen.cost if chosen else ZERO
        attributes: Document = {
            "number": shipment.number,
            "state": shipment.state,
            "shipped_at": self._moment(shipment.shipped_at),
            "tracking_url": shipment.tracking_url,
            "free": chosen is not None and not cost,
            "public_metadata": {},
            **pair("final_price", cost, order.currency),
        }
        place = Resource("stock_location", uid("stock_location", shipment.location), {"name": shipment.location})
        relations: Relations = {
            "shipping_rates": lambda: [self.rate(rate, order.currency) for rate in shipment.rates],
            "selected_shipping_rate": lambda: self.rate(chosen, order.currency) if chosen else None,
            "stock_location": lambda: place,
            "line_items": lambda: [self.line(order, line) for line in shipment.lines],
        }
        return Resource("shipment", shipment.id, attributes, relations)

    def rate(self, rate: Rate, currency: str) -> Resource:
        """A shipping rate."""
        return _rate(rate.id, rate.method, rate.cost, rate.selected, currency)

    def estimates(self, currency: str) -> list[Resource]:
        """What each method would cost: rates without an id."""
        methods = self._vendo.shipping_methods
        return [_rate(None, m, dict(m.prices)[currency], m is methods[0], currency) for m in methods]

    def payment(self, payment: Payment) -> Resource:
        """A payment."""
        source = payment.source
        attributes: Document = {
            "amount": plain(payment.amount),
            "response_code": None,
            "number": payment.number,
            "cvv_response_code": None,
            "cvv_response_message": None,
            "payment_method_id": payment.method.id,
            "payment_method_name": payment.method.name,
            "state": payment.state,
            "public_metadata": {},
        }
        relations: Relations = {
            "source": lambda: self.card(source) if source else None,
            "payment_method": lambda: self.payment_method(payment.method),
        }
        return Resource("payment", payment.id, attributes, relations)

    def payment_method(self, method: PaymentMethod) -> Resource:
        """A way to pay."""
        attributes: Document = {
            "type": method.type,
            "name": method.name,
            "description": method.description,
            "preferences": {"dummy_key": "PUBLICKEY123"} if method.needs_source else {},
            "public_metadata": {},
        }
        return Resource("payment_method", method.id, attributes)

    def card(self, card: Card) -> Resource:
        """A credit card, by its last digits."""
        names = ("cc_type", "last_digits", "month", "year", "name", "default")
        attributes: Document = {name: getattr(card, name) for name in names} | {"public_metadata": {}}
        method = next(method for method in self._vendo.payment_methods if method.needs_source)
        return Resource("credit_card", card.id, attributes, {"payment_method": lambda: self.payment_method(method)})

    def customer(self, customer: Customer) -> Resource:
        """A customer; `store_credits` is the number 0, or a decimal string."""
        attributes: Document = {
            "email": customer.email,
            "first_name": customer.first_name,
            "last_name": customer.last_name,
            "store_credits": plain(customer.credit) if customer.credit else 0,
            "completed_orders": len(self._vendo.orders_of(customer.email)),
            "public_metadata": {},
        }
        relations: Relations = {
            "default_billing_address": lambda: self.address(customer.billing) if customer.billing else None,
            "default_shipping_address": lambda: self.address(customer.shipping) if customer.shipping else None,
        }
        return Resource("user", customer.id, attributes, relations)

    def address(self, address: Address) -> Resource:
        """An address."""
        code, name = address.state or (None, address.state_name)
        attributes: Document = address.fields | {
            "state_name": name or "",
            "state_code": code,
            "country_name": address.country.name,
            "country_iso3": address.country.iso3,
            "country_iso": address.country.iso,
            "public_metadata": {},
        }
        return Resource("address", address.id, attributes)

    def _moment(self, at: float | None) -> str | None:
        return None if at is None else moment(at, offset=self._vendo.switches.times == "offset")


def _line_money(sums: LineTotals, currency: str) -> dict[str, str]:
    return {
        **pair("total", sums.amount + sums.adjustment, currency),
        **pair("adjustment_total", sums.adjustment, currency),
        **pair("additional_tax_total", sums.additional_tax, currency),
        **pair("discounted_amount", sums.discounted, currency),
        **pair("promo_total", sums.promo, currency),
        **pair("included_tax_total", sums.included_tax, currency),
        **pair("pre_tax_amount", sums.pre_tax, currency),
    }


def _rate(rate_id: str | None, method: ShippingMethod, cost: Decimal, selected: bool, currency: str) -> Resource:
    attributes: Document = {
        "name": method.name,
        "selected": selected,
        "shipping_method_id": method.id,
        "free": not cost,
        **pair("final_price", cost, currency),
        **pair("cost", cost, currency),
        **pair("tax_amount", ZERO, currency),
    }
    return Resource("shipping_rate", rate_id, attributes)
