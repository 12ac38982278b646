"""The one modal that leads from a cart to an order: where it goes, how it is sent, how it is paid, what is ordered.

It belongs to one person, who opened it with their own cart; the message in the channel names the order and no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backends.vendo.cart import Address, Cart, PaymentMethod, Rate, Shipment
from handlers.render import limits, shop_parts
from handlers.render.build import (
    actions,
    bold,
    button,
    context,
    form_modal,
    message,
    modal,
    paragraph,
    say,
    section,
    words,
)
from handlers.render.checkout_fields import ADDRESS, BILL, EMAIL, METHOD, SAVED, SHIP, address_values, rate_block
from handlers.render.escape import plain
from handlers.render.fields import fields
from handlers.render.inputs import picked, typed
from handlers.render.message import Block, Message, View
from handlers.render.money import money
from handlers.render.shop_orders import order_title

TITLE = "Check out"
SAVED_STEP, ADDRESS_STEP = "checkout.saved", "checkout.address"
DELIVERY_STEP, PAYMENT_STEP, COMPLETE = "checkout.delivery", "checkout.payment", "checkout.complete"
TO_ADDRESS, TO_FORM, TO_DELIVERY, TO_PAYMENT = (
    "checkout.address_open",
    "checkout.address_new",
    "checkout.delivery_open",
    "checkout.payment_open",
)
BILLING, LOOK = "checkout.billing_open", "checkout.look"
SHIPMENTS = 40  # ours: parcels for which one form asks
_BILLING = "The bill goes to the same address."


def saved_step(cart: Cart, addresses: Sequence[Address], *, card_id: str) -> View:
    """The modal `checkout.saved`: one of the person's own addresses, or `checkout.address_new` for another one.

    Where none of them can be chosen from it is the form for a new one.
    """
    options = [(one.id, _address_option(one)) for one in addresses if one.id and len(one.id) <= limits.OPTION_VALUE]
    if not options:
        return address_step(cart, card_id=card_id)
    blocks = [
        section("Where shall it go?"),
        _email(cart),
        picked(SAVED, "Saved address", options[: limits.OPTIONS], _held_id(cart), needed=True),
        actions(button("Another address", TO_FORM, card_id)),
        context(words(_BILLING)),
    ]
    return form_modal(TITLE, blocks, callback_id=SAVED_STEP, card_id=card_id, submit="Next")


def address_step(cart: Cart, *, card_id: str, has_saved: bool = False) -> View:
    """The modal `checkout.address`: who buys and where it goes, as far as the cart knows it already."""
    back = [button("My saved addresses", TO_ADDRESS, card_id)] if has_saved else []
    blocks = [
        section("Where shall it go?"),
        _email(cart),
        *_address(cart.ship_address, SHIP),
        context(words(_BILLING)),
        actions(button("Bill to another address", BILLING, card_id), *back),
    ]
    return form_modal(TITLE, blocks, callback_id=ADDRESS_STEP, card_id=card_id, submit="Next")


def with_billing(view: Mapping[str, Any]) -> View:
    """The address form, as it was sent to us, with inputs for the billing address; what was typed stays."""
    kept = [block for block in view["blocks"] if block["type"] not in ("actions", "context")]
    return {**view, "blocks": [*kept, section("Where shall the bill go?"), *_address(None, BILL)]}


def delivery_step(cart: Cart, shipments: Sequence[Shipment], *, card_id: str) -> View:
    """The modal `checkout.delivery`: how each parcel is sent, and what that costs."""
    asked = [_rates(one, number, cart.currency) for number, one in enumerate(shipments[:SHIPMENTS])]
    left = len(shipments) - SHIPMENTS
    more = [limits.more_block(left, "parcels, sent as the store suggests")] if left > 0 else []
    head = [section("How shall it be sent?"), *_going_to(cart)]
    blocks = [*head, *asked, *more, actions(button("Change address", TO_ADDRESS, card_id))]
    return form_modal(TITLE, blocks, callback_id=DELIVERY_STEP, card_id=card_id, submit="Next")


def payment_step(cart: Cart, methods: Sequence[PaymentMethod], *, card_id: str) -> View:
    """The modal `checkout.payment`: how it is paid; numbers of cards are never asked for in Slack."""
    held = next((one.payment_method_id for one in cart.payments if one.payment_method_id), "") or ""
    usable = [one for one in methods if len(one.id) <= limits.OPTION_VALUE]
    options = [(one.id, plain(one.name or one.type or "A way to pay", limits.OPTION_TEXT)) for one in usable]
    asked = picked(METHOD, "Payment method", options[: limits.OPTIONS], held, needed=True)
    blocks = [
        section("How shall it be paid?"),
        *_total(cart),
        asked if options else section("The store offers no way to pay that I can use here."),
        context(words("I never ask for the number of a card. A method that needs one, the store will refuse here.")),
        actions(button("Change delivery", TO_DELIVERY, card_id)),
    ]
    return form_modal(TITLE, blocks, callback_id=PAYMENT_STEP, card_id=card_id, submit="Next")


def review_step(cart: Cart, *, card_id: str) -> View:
    """The modal `checkout.complete`: all that will be ordered, before anything is."""
    buttons = actions(
        button("Change address", TO_ADDRESS, card_id),
        button("Change delivery", TO_DELIVERY, card_id),
        button("Change payment", TO_PAYMENT, card_id),
    )
    blocks = [
        paragraph([say("🛒 "), bold("This will be ordered."), say(" Nothing is ordered yet.")]),
        *_total(cart),
        buttons,
        *shop_parts.listed([shop_parts.fact("E-mail", cart.email, limits.MODAL_VALUE)]),
        *shop_parts.address_block("Delivery address", cart.ship_address),
        *shop_parts.address_block("Billing address", cart.bill_address),
        *shop_parts.listed(_sent_by(one, cart.currency) for one in cart.shipments[: limits.MODAL_PARCELS]),
        *shop_parts.payments(cart, limits.MODAL_PARCELS),
        *shop_parts.lines(cart, limits.MODAL_POSITIONS),
        *shop_parts.promotions(cart, limits.MODAL_PARCELS),
        *shop_parts.totals(cart),
        *shop_parts.listed([shop_parts.fact("Note", cart.special_instructions, limits.MODAL_VALUE)]),
    ]
    return {
        **modal(TITLE, blocks, callback_id=COMPLETE, card_id=card_id, submit="Place the order"),
        "close": words("Not yet", limits.VIEW_TITLE),
    }


def ordered_line(number: str) -> Message:
    """What the order's card says first, where the order itself can't be read just now."""
    return message([paragraph([say("✅ "), bold(order_title(number)), say(" is ordered.")])])


def order_unknown(number: str, *, why: str, card_id: str, reference: str) -> Message:
    """Nobody knows whether it was ordered; `checkout.look` carries ``card_id``."""
    blocks = [
        paragraph([say("❔ "), bold(order_title(number)), say(": we do not know whether it was ordered.")]),
        section(why),
    ]
    small = context(words(f"Reference {reference}", 100))
    return message(blocks, tail=[small, actions(button("Look again", LOOK, card_id))])


def _email(cart: Cart) -> Block:
    return typed(EMAIL, "E-mail", cart.email or "", hint="The store writes there about the order.", needed=True)


def _address(address: Address | None, prefix: str) -> list[Block]:
    values = address_values(address, prefix)
    return fields(ADDRESS, values, prefix, labels={f"{prefix}country_iso": values.get(f"{prefix}country_iso", "")})


def _address_option(address: Address) -> str:
    label = f"{plain(address.label)}: " if address.label else ""
    return plain(f"{label}{shop_parts.address_line(address)}", limits.OPTION_TEXT) or "An address"


def _held_id(cart: Cart) -> str:
    return (cart.ship_address.id or "") if cart.ship_address else ""


def _going_to(cart: Cart) -> list[Block]:
    line = shop_parts.address_line(cart.ship_address)
    return shop_parts.listed([shop_parts.fact("To", line, limits.MODAL_VALUE)])


def _rates(shipment: Shipment, number: int, currency: str | None) -> Block:
    options = [(rate.id, _rate(rate, currency)) for rate in shipment.rates if len(rate.id) <= limits.OPTION_VALUE]
    label = f"Parcel {number + 1}" + (f" ({plain(shipment.number, 40)})" if shipment.number else "")
    if not options:
        return section(f"{label}: the store has no way to send this.")
    held = shipment.selected.id if shipment.selected else ""
    return picked(rate_block(number), label, options[: limits.OPTIONS], held, needed=True)


def _rate(rate: Rate, currency: str | None) -> str:
    """A rate in the 75 characters of an option: the price is never what is cut off."""
    amount = rate.final_price if rate.final_price is not None else rate.cost
    end = ", free" if rate.free else ("" if amount is None else f", {money(amount, currency)}")
    return plain(rate.name or "Shipping", max(limits.OPTION_TEXT - len(end), 10)) + end


def _sent_by(shipment: Shipment, currency: str | None) -> shop_parts.Words | None:
    rate = shipment.selected
    return shop_parts.fact("Sent by", _rate(rate, currency), limits.LINE_VALUE) if rate else None


def _total(cart: Cart) -> list[Block]:
    total = None if cart.total is None else money(cart.total, cart.currency)
    return shop_parts.listed([shop_parts.fact("Total", total, limits.LINE_VALUE)])
