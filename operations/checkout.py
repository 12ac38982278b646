"""Checking out a cart, step by step: what comes next is read from the cart, never predicted (apis/vendo.md §6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from backends.errors import BackendError, FieldError, NotFound
from backends.vendo.auth import OrderToken
from backends.vendo.cart import (
    COMPLETE as COMPLETED_STATE,
)
from backends.vendo.cart import (
    CONFIRM,
    Address,
    Cart,
    PaymentMethod,
    Shipment,
    ShopOrder,
)
from backends.vendo.cart import (
    PAYMENT as PAYMENT_STATE,
)
from backends.vendo.checkout import CheckoutUpdate, RateChoice
from operations.cart_keeping import CartGone, NoCart, Opened, key_of, meant, opened, status
from operations.cart_writing import CartWrite, sending, written
from operations.changes import AlreadyBeing, digest
from operations.creating import InvalidInput
from operations.linking import Actor
from operations.once import Sent
from operations.outcome import Done, Refused, Unknown
from operations.packing import pack
from operations.ports import Ports
from operations.vendo import Vendo
from operations.vendo_looks import CHECKOUT_ADDRESS, COMPLETE, DELIVERY, PAYMENT, paid_by
from operations.vendo_rules import check_address, check_email
from store.carts import KeptCart
from store.ledger import Action

T = TypeVar("T")


class Step(StrEnum):
    """What a checkout needs next."""

    ITEMS = "items"
    ADDRESS = "address"
    DELIVERY = "delivery"
    PAYMENT = "payment"
    REVIEW = "review"
    DONE = "done"


@dataclass(frozen=True)
class AddressForm:
    """Who buys and where it goes: ``address`` whole, or ``saved`` as the id of one in the account.

    ``bill_address`` None bills to where it goes.
    """

    email: str
    address: Address | None = None
    saved: str | None = None
    bill_address: Address | None = None


@dataclass(frozen=True)
class Checkout:
    """A cart on its way to an order, and what it needs next.

    ``addresses`` are the saved ones (``begin``), ``shipments`` have the rates to choose from (``rates``), ``methods``
    are the ways to pay (``payment_methods``); each is empty where it was not asked for. ``seen`` is what ``complete``
    takes, so that only what was shown is ordered.
    """

    cart: Cart
    step: Step
    seen: str
    addresses: tuple[Address, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    methods: tuple[PaymentMethod, ...] = ()


@dataclass(frozen=True)
class Ordered:
    """It was ordered; ``order`` is None where Vendo has the order but could not be read just now."""

    number: str
    order: ShopOrder | None
    action: Action


@dataclass(frozen=True)
class Moved:
    """The cart is no longer what the person saw, so it was not ordered; here it is as it is now (CHECKS E4)."""

    checkout: Checkout


Stepped = Checkout | NoCart | CartGone | AlreadyBeing | InvalidInput | Refused | Unknown
Completed = Ordered | Moved | NoCart | CartGone | AlreadyBeing | InvalidInput | Refused | Unknown


def next_step(cart: Cart) -> Step:
    """What this cart needs next, from what is there: no address, no chosen rate, no payment, or nothing any more."""
    if cart.completed_at is not None or cart.state == COMPLETED_STATE:
        return Step.DONE
    if not cart.lines:
        return Step.ITEMS
    if not cart.email or cart.ship_address is None:
        return Step.ADDRESS
    if not _delivered(cart):
        return Step.DELIVERY
    return Step.PAYMENT if not cart.payments and cart.total != 0 else Step.REVIEW


def seen_of(cart: Cart) -> str:
    """A mark of all that is ordered: what, how much of it, where to, how it is sent and paid (CHECKS E4)."""
    lines = [(one.variant_id, one.quantity, one.total) for one in cart.lines]
    rates = [(one.id, one.selected.id if one.selected else None) for one in cart.shipments]
    payments = [(one.payment_method_id, one.amount) for one in cart.payments]
    places = (cart.email, cart.ship_address, cart.bill_address, cart.special_instructions)
    return digest(cart.number, cart.currency, cart.total, *places, *lines, *rates, *payments)


async def begin(ports: Ports, actor: Actor, channel: str, ref: str) -> Stepped:
    """Read the cart and, of who is signed in at its store, the saved addresses."""
    found = await opened(ports, actor, channel, ref)
    if not isinstance(found, Opened):
        return found
    return replace(_shown(found.cart), addresses=await _saved(ports, actor, found.kept, ref))


async def set_address(ports: Ports, actor: Actor, channel: str, form: AddressForm, ref: str) -> Stepped:
    """Set e-mail and addresses; fields: ``email``, ``ship_address.firstname``, ``bill_address.city``, ``saved``.

    A saved address is sent as a copy, for the order token alone, unlike the account, need not know it by its id.
    """
    kept = ports.carts.current(actor.team, actor.user, channel)
    if kept is None:
        return NoCart()
    ship = await _ship_address(ports, actor, kept, form, ref)
    if ship is None:
        return InvalidInput((FieldError("saved", "is no longer among your addresses"),))
    bill = _plain(form.bill_address or ship)
    email = form.email.strip()
    complaints = (*check_email(email), *check_address(ship, "ship_address"))
    if fields := (*complaints, *(check_address(bill, "bill_address") if form.bill_address else ())):
        return InvalidInput(fields)
    outcome = await _step(ports, kept, _addressing(email, ship, bill, ref), ref)
    return _under_one_form(outcome) if isinstance(outcome, InvalidInput) and not form.bill_address else outcome


async def rates(ports: Ports, actor: Actor, channel: str, ref: str) -> Stepped:
    """Read the shipments and their rates, which Vendo makes if there are none; a download has none, and goes on."""
    found = await opened(ports, actor, channel, ref)
    if not isinstance(found, Opened):
        return found
    key = key_of(ports, found.kept)
    if key is None:
        return CartGone(found.kept.number)
    there = await key.call(actor, lambda token: ports.vendo.vendo.shipping_rates(token, request_id=ref))
    if not isinstance(there, Done):
        return _input(there)
    return replace(_undelivered(replace(found.cart, shipments=there.value)), shipments=there.value)


async def choose_rate(ports: Ports, actor: Actor, channel: str, choices: Sequence[RateChoice], ref: str) -> Stepped:
    """Choose how each shipment is sent."""
    kept = ports.carts.current(actor.team, actor.user, channel)
    if kept is None:
        return NoCart()

    async def send(vendo: Vendo, token: OrderToken) -> Cart:
        return await vendo.update_checkout(token, CheckoutUpdate(shipments=tuple(choices)), request_id=ref)

    notes = {"choices": {one.shipment_id: one.rate_id for one in choices}}
    return await _step(ports, kept, CartWrite(DELIVERY, send, notes=notes), ref)


async def payment_methods(ports: Ports, actor: Actor, channel: str, ref: str) -> Stepped:
    """Read the ways to pay."""
    found = await opened(ports, actor, channel, ref)
    if not isinstance(found, Opened):
        return found
    key = key_of(ports, found.kept)
    if key is None:
        return CartGone(found.kept.number)
    there = await key.call(actor, lambda token: ports.vendo.vendo.payment_methods(token, request_id=ref))
    return replace(_undelivered(found.cart), methods=there.value) if isinstance(there, Done) else _input(there)


async def choose_payment(ports: Ports, actor: Actor, channel: str, method_id: str, ref: str) -> Stepped:
    """Add a payment of the whole total by this method, once; one that is there already is not added again."""
    kept = ports.carts.current(actor.team, actor.user, channel)
    if kept is None:
        return NoCart()

    async def send(vendo: Vendo, token: OrderToken) -> Cart:
        now = await meant(ports, kept, await vendo.cart(token, request_id=ref))
        return now if paid_by(now, method_id) else await vendo.create_payment(token, method_id, request_id=ref)

    return await _step(ports, kept, CartWrite(PAYMENT, send, notes={"method": method_id}, repeatable=False), ref)


async def review(ports: Ports, actor: Actor, channel: str, ref: str) -> Stepped:
    """Read the cart as it would be ordered."""
    found = await opened(ports, actor, channel, ref)
    return _shown(found.cart) if isinstance(found, Opened) else found


async def complete(ports: Ports, actor: Actor, channel: str, seen: str, ref: str) -> Completed:
    """Order it, once, if it still is what was ``seen``; without an answer the order's status decides (apis §10)."""
    found = await opened(ports, actor, channel, ref)
    if not isinstance(found, Opened):
        return _perhaps_ordered(ports, actor, channel) if isinstance(found, NoCart) else found
    if seen_of(found.cart) != seen:
        return Moved(_shown(found.cart))
    kept = found.kept

    async def send(vendo: Vendo, token: OrderToken) -> ShopOrder:
        order = await _ordered(ports, vendo, token, kept, ref)
        await ports.carts.complete(kept)
        return order

    sent = await sending(ports, kept, CartWrite(COMPLETE, send, notes={"store": kept.store}, repeatable=False), ref)
    if not isinstance(sent, Sent):
        return sent
    return Ordered(kept.number, sent.value or await _read(ports, kept, ref), sent.action)


async def _ordered(ports: Ports, vendo: Vendo, token: OrderToken, kept: KeptCart, ref: str) -> ShopOrder:
    """Complete it; where the cart is not found it may be an order by now (apis/vendo.md §10)."""
    try:
        return await meant(ports, kept, await vendo.complete(token, request_id=ref))
    except NotFound:
        pass
    try:
        return await vendo.order_status(token, kept.number, request_id=ref)
    except BackendError as error:
        error.outcome_known = isinstance(error, NotFound)
        raise


async def _read(ports: Ports, kept: KeptCart, ref: str) -> ShopOrder | None:
    found = await status(ports, kept, ref)
    return found.value if isinstance(found, Done) else None


def _perhaps_ordered(ports: Ports, actor: Actor, channel: str) -> NoCart | CartGone:
    last = ports.carts.last_completed(actor.team, actor.user, channel)
    return NoCart() if last is None else CartGone(last.number, ordered=True)


def _delivered(cart: Cart) -> bool:
    """Whether every shipment has its rate; what needs none, such as a download, is past that by its state."""
    if not cart.shipments:
        return cart.state in (PAYMENT_STATE, CONFIRM)
    return all(one.selected for one in cart.shipments)


def _shown(cart: Cart) -> Checkout:
    return Checkout(cart, next_step(cart), seen_of(cart))


def _undelivered(cart: Cart) -> Checkout:
    """What comes next where Vendo has been asked for shipments: where there are none, nothing has to be sent."""
    past = cart if cart.shipments else replace(cart, state=PAYMENT_STATE)
    return replace(_shown(cart), step=next_step(past))


async def _step(ports: Ports, kept: KeptCart, write: CartWrite, ref: str) -> Stepped:
    cart = await written(ports, kept, write, ref)
    return _shown(cart) if isinstance(cart, Cart) else cart


def _addressing(email: str, ship: Address, bill: Address, ref: str) -> CartWrite:
    update = CheckoutUpdate(email=email, ship_address=ship, bill_address=bill)

    async def send(vendo: Vendo, token: OrderToken) -> Cart:
        return await vendo.update_checkout(token, update, request_id=ref)

    return CartWrite(CHECKOUT_ADDRESS, send, notes={"email": email, "ship": pack(ship), "bill": pack(bill)})


async def _ship_address(ports: Ports, actor: Actor, kept: KeptCart, form: AddressForm, ref: str) -> Address | None:
    if form.saved is None:
        return _plain(form.address or Address())
    saved = await _saved(ports, actor, kept, ref)
    return next((_plain(one) for one in saved if one.id == form.saved), None)


async def _saved(ports: Ports, actor: Actor, kept: KeptCart, ref: str) -> tuple[Address, ...]:
    """The account's addresses; none where nobody is signed in at the cart's store or they cannot be read."""
    if ports.vendo.store(actor) != kept.store:
        return ()
    found = await ports.vendo.call(actor, lambda tokens: ports.vendo.vendo.addresses(tokens, request_id=ref))
    return found.value if isinstance(found, Done) else ()


def _plain(address: Address) -> Address:
    """Without what it is only in an account: there a label is given once (apis/vendo.md §7)."""
    return replace(address, id=None, label=None)


def _under_one_form(wrong: InvalidInput) -> InvalidInput:
    """One form asked for both addresses, so both are wrong there, once."""
    fields = (replace(one, field=one.field.replace("bill_address.", "ship_address.")) for one in wrong.fields)
    return InvalidInput(tuple(dict.fromkeys(fields)))


def _input(outcome: Refused | Unknown) -> InvalidInput | Refused | Unknown:
    return InvalidInput(outcome.fields) if isinstance(outcome, Refused) and outcome.fields else outcome
