"""The forms of seed 004's steps 2 to 5: a customer, a payment method, a product, a scheduled order.

Every input's block_id is the seed's own field name, so that QPilot's complaints land under it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from backends.qpilot.check import AVAILABILITIES, LENGTH_UNITS, WEIGHT_UNITS
from handlers.render import limits
from handlers.render.build import actions, button, context, form_modal, section, words
from handlers.render.fields import fields
from handlers.render.inputs import suggested, timed, typed
from handlers.render.message import Block, View
from handlers.render.order_fields import Choices, Field, Kind
from handlers.render.steer_forms import PRODUCT, frequency_inputs

CUSTOMER_FORM, METHOD_FORM = "customer.create", "payment_method.create"
PRODUCT_FORM, ORDER_FORM = "product.create", "scheduled.create"
CUSTOMER, METHOD, ADD_ITEM = "customer.suggest", "payment_method.suggest", "scheduled.item_add"
TITLES = {
    CUSTOMER_FORM: "Create a customer",
    METHOD_FORM: "Add payment method",
    PRODUCT_FORM: "Create a product",
    ORDER_FORM: "Create scheduled order",
}
MOST_ITEMS = 20
TOKENS = "Only what the payment gateway gave for the card. Never type a card number here: I refuse it."
_OPTIONAL = "A first payment method, if there is one already. Leave all three empty for none."
_CHARGES = "⚠️ QPilot charges the customer by itself when the order is due; one that is due today is charged at once."
_DEFAULT = "Without one QPilot takes the customer's default."
_KINDS = (
    "Stripe",
    "Braintree",
    "PayPal",
    "PayPalV3",
    "AuthorizeNet",
    "CyberSource",
    "CybersourceV2",
    "Nmi",
    "Square",
    "Checkout",
    "PayaV1",
    "Sage",
    "TrustCommerce",
    "Other",
    "Test",
)


def _choices(words: Iterable[str]) -> Choices:
    return tuple((one, one) for one in words)


PAYMENT = (
    Field("type", "Payment gateway", Kind.MENU, choices=_choices(_KINDS)),
    Field("gatewayCustomerId", "Gateway's customer id", hint=TOKENS),
    Field("gatewayPaymentId", "Gateway's payment id", hint=TOKENS),
)
WITHIN = "paymentMethods[0]."
PERSON = (
    Field("id", "Customer id", hint="The customer's id in the store.", needed=True),
    Field("email", "E-mail", needed=True),
    Field("firstName", "First name"),
    Field("lastName", "Last name"),
    Field("shippingFirstName", "Ship to: first name"),
    Field("shippingLastName", "Ship to: last name"),
    Field("shippingStreet1", "Street"),
    Field("shippingStreet2", "Street 2"),
    Field("shippingCity", "City"),
    Field("shippingState", "State"),
    Field("shippingPostcode", "Postcode"),
    Field("shippingCountry", "Country", hint="Two letters, e.g. US."),
    Field("phoneNumber", "Phone"),
    Field("company", "Company"),
)
GOODS = (
    Field("id", "Product id", hint="The product's id in the store.", needed=True),
    Field("title", "Title", needed=True),
    Field("price", "Price", hint="In the site's currency, e.g. 9.75.", needed=True),
    Field("salePrice", "Sale price"),
    Field("sku", "SKU"),
    Field("gtin", "GTIN"),
    Field("mpn", "MPN"),
    Field("length", "Length"),
    Field("width", "Width"),
    Field("height", "Height"),
    Field("lengthUnitType", "Unit of length", Kind.MENU, choices=_choices(LENGTH_UNITS)),
    Field("weight", "Weight"),
    Field("weightUnitType", "Unit of weight", Kind.MENU, choices=_choices(WEIGHT_UNITS)),
    Field("addToScheduledOrder", "Scheduled orders", Kind.TICK, text="It can be added to scheduled orders"),
    Field("processScheduledOrder", "Processing", Kind.TICK, text="It is processed with them"),
    Field("availability", "Availability", Kind.MENU, choices=_choices(AVAILABILITIES)),
    Field("stock", "Stock", hint="How many there are."),
)
NEW_PRODUCT: Mapping[str, Any] = {
    "addToScheduledOrder": True,
    "processScheduledOrder": True,
    "availability": "InStock",
}


def form(kind: str, *, card_id: str, values: Mapping[str, Any], labels: Mapping[str, str] | None = None) -> View:
    """The modal ``kind``, filled with ``values`` by block_id; ``labels`` are how suggestions that were chosen read."""
    match kind:
        case "customer.create":
            blocks = [*fields(PERSON, values), section(_OPTIONAL), *fields(PAYMENT, values, WITHIN)]
        case "payment_method.create":
            customer = typed("customerId", "Customer id", str(values.get("customerId") or ""), needed=True)
            blocks = [customer, *fields(PAYMENT, values)]
        case "product.create":
            blocks = fields(GOODS, values)
        case _:
            blocks = _order(values, labels or {})
    title = TITLES[kind]
    return form_modal(title, blocks, callback_id=kind, card_id=card_id, submit="Create" if "Cre" in title else "Add")


def _order(values: Mapping[str, Any], labels: Mapping[str, str]) -> list[Block]:
    rows = 1 + max((number for number in range(MOST_ITEMS) if item_path(number, "productId") in values), default=0)
    customer, method = str(values.get("customerId") or ""), str(values.get("paymentMethodId") or "")
    first = values.get("nextOccurrenceUtc")
    return [
        suggested("customerId", "Customer", CUSTOMER, customer, labels.get("customerId", ""), needed=True),
        suggested(
            "paymentMethodId", "Payment method", METHOD, method, labels.get("paymentMethodId", ""), hint=_DEFAULT
        ),
        *frequency_inputs(values),
        *(block for number in range(rows) for block in item_inputs(number, values, labels)),
        actions(button("Add another item", ADD_ITEM, "item")) | {"block_id": ADD_ITEM},
        timed("nextOccurrenceUtc", "First date", first if isinstance(first, int) else None, hint="In your time zone."),
        context(words(_CHARGES, limits.MODAL_VALUE)),
    ]


def item_inputs(number: int, values: Mapping[str, Any], labels: Mapping[str, str]) -> list[Block]:
    """One line: which product, and how many; a line that is left empty is left out."""
    product, quantity = item_path(number, "productId"), item_path(number, "quantity")
    held = str(values.get(product) or "")
    return [
        suggested(product, f"Item {number + 1}", PRODUCT, held, labels.get(product, "")),
        typed(quantity, f"Quantity of item {number + 1}", str(values.get(quantity) or "")),
    ]


def item_path(number: int, name: str) -> str:
    """The block_id of a line's input."""
    return f"scheduledOrderItems[{number}].{name}"


def items_in(view: Mapping[str, Any]) -> int:
    """How many lines a form has room for."""
    held = {str(block.get("block_id")) for block in view.get("blocks", ())}
    return sum(item_path(number, "productId") in held for number in range(MOST_ITEMS))


def with_one_more(view: View) -> View:
    """The form with one line more, if there may be one; what was typed stays."""
    number = items_in(view)
    if number >= MOST_ITEMS:
        return view
    place = next(at for at, block in enumerate(view["blocks"]) if block.get("block_id") == ADD_ITEM)
    blocks = view["blocks"]
    return {**view, "blocks": [*blocks[:place], *item_inputs(number, {}, {}), *blocks[place:]]}
