"""What is said when a customer, a payment method, a product or a scheduled order was made, and the step after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backends.qpilot.entities import Product
from handlers.render import limits
from handlers.render.build import actions, bold, button, context, message, modal, own, paragraph, say, section, words
from handlers.render.escape import plain
from handlers.render.message import Block, Message, View
from handlers.render.money import money
from handlers.render.naming import mention
from handlers.render.profile import Profile
from handlers.render.scheduled_parts import address_line, payment_method
from handlers.render.scheduled_profile import customer_shown
from handlers.render.scheduled_states import status
from handlers.render.shop_parts import fact, listed
from handlers.render.steering import LOOK
from operations.qpilot_looks import NEW_CUSTOMER, NEW_ORDER, NEW_PAYMENT_METHOD, NEW_PRODUCT
from operations.scheduled import Profile as CustomerProfile

OPEN, ADD_METHOD, CREATE_ORDER = "founding.open", "payment_method.open", "scheduled.create_open"
_NOUNS = {
    NEW_CUSTOMER: "Customer",
    NEW_PAYMENT_METHOD: "Payment method",
    NEW_PRODUCT: "Product",
    NEW_ORDER: "Scheduled order",
}
_NOT_SEEN = ": QPilot took it. I do not see it there yet."
_NAME, _ORDERS, _METHODS = 60, 20, 20


@dataclass(frozen=True)
class Next:
    """The steps that can follow: the ids of the cards behind their buttons."""

    method: str | None = None
    order: str | None = None


def what(kind: str, record: str | None, customer: str | None, profile: Profile) -> str:
    """Such as "Payment method 20001 of customer 107"; in a channel with another company just what it is.

    An id of a customer that is an e-mail address is left out wherever such an address may not be read.
    """
    noun = _NOUNS[kind]
    if profile is Profile.EXTERNAL and kind != NEW_ORDER:
        return noun
    customer = customer_shown(customer, profile)
    record = customer_shown(record, profile) if kind == NEW_CUSTOMER else record
    number = f" {plain(record, _NAME)}" if record else ""
    of = f" of customer {plain(customer, _NAME)}" if customer and kind in (NEW_PAYMENT_METHOD, NEW_ORDER) else ""
    return f"{noun}{number}{'' if profile is Profile.EXTERNAL else of}"


def founded(named: str, *, by: str, visible: bool, following: Next) -> Message:
    """It was made; ``named`` comes from ``what``, and buttons lead to the next step."""
    return message([_head(named, visible)], tail=[context(own(f"Created by {mention(by)}")), *_next(following)])


def founded_view(named: str, title: str, *, visible: bool, following: Next) -> View:
    """The same in the modal, for the person who made it."""
    return modal(title, [_head(named, visible), *_next(following)], callback_id="founding.done")


def _head(named: str, visible: bool) -> Block:
    """Never more than was seen: what QPilot took is not there before a look has shown it (DESIGN.md §4.5)."""
    sign, ending = ("✅ ", " is created.") if visible else ("❔ ", _NOT_SEEN)
    return paragraph([say(sign), bold(named, limits.MODAL_VALUE), say(ending)])


def _next(following: Next) -> list[Block]:
    buttons = [button("Add payment method", ADD_METHOD, following.method)] if following.method else []
    buttons += [button("Create scheduled order", CREATE_ORDER, following.order)] if following.order else []
    return [actions(*buttons)] if buttons else []


def not_known(named: str, *, why: str, card_id: str, reference: str) -> Message:
    """Nobody can say whether it was made; `scheduled.look` looks for it and sends nothing."""
    head = paragraph([say("❔ "), bold(named, limits.MODAL_VALUE), say(": we do not know whether it was created.")])
    small = context(words(f"Reference {reference}", 100))
    return message([head, section(why)], tail=[small, actions(button("Look again", LOOK, card_id))])


def open_prompt(text: str, card_id: str) -> Message:
    """A button that opens a form, with what was typed before."""
    return message([section(text)], tail=[actions(button("Open the form", OPEN, card_id))])


def customer_view(found: CustomerProfile, following: Next) -> View:
    """One customer, for the one person who looked them up: names and addresses are in no channel (DESIGN.md §4.6)."""
    one = found.customer
    name = " ".join(filter(None, [plain(one.first_name or ""), plain(one.last_name or "")]))
    named = (
        ("Name", name),
        ("E-mail", one.email),
        ("Phone", one.phone),
        ("Company", one.company),
        ("Ship to", address_line(one.shipping)),
        ("Bill to", address_line(one.billing)),
        *(("Payment method", payment_method(method)) for method in found.payment_methods[:_METHODS]),
        *_orders(found),
    )
    blocks = [
        paragraph([say("👤 "), bold(f"Customer {plain(one.id, _NAME)}")]),
        *listed(fact(title, value, limits.MODAL_VALUE) for title, value in named),
        *_left(found),
        *_next(following),
    ]
    return modal("Customer", blocks, callback_id="scheduled.customer")


def _orders(found: CustomerProfile) -> Sequence[tuple[str, str]]:
    shown = [(one, status(one.status)) for one in found.orders[:_ORDERS]]
    return [("Scheduled order", f"{one.id}, {state.symbol} {state.word}") for one, state in shown]


def _left(found: CustomerProfile) -> list[Block]:
    methods, orders = len(found.payment_methods) - _METHODS, len(found.orders) - _ORDERS
    left = [limits.more_block(methods, "payment methods")] if methods > 0 else []
    return [*left, *([limits.more_block(orders, "scheduled orders")] if orders > 0 else [])]


def product_card(one: Product) -> Message:
    """One product, for the person who asked."""
    available = one.availability in (None, "InStock")
    named = (
        ("SKU", one.sku),
        ("Price", None if one.price is None else money(one.price, None)),
        ("Sale price", None if one.sale_price is None else money(one.sale_price, None)),
        ("Availability", None if available else one.availability),
        ("Stock", None if one.stock is None else str(one.stock)),
        ("Can be added to scheduled orders", _yes(one.add)),
        ("Is processed with them", _yes(one.process)),
    )
    name = [bold(f"Product {plain(one.id, _NAME)}"), say(f" {plain(one.title or '')}", limits.LINE_VALUE + 1)]
    return message([paragraph(name), *listed(fact(title, value, limits.LINE_VALUE) for title, value in named)])


def _yes(value: bool | None) -> str | None:
    return None if value is None else ("yes" if value else "no")
