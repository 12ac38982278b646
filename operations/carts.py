"""One person's cart in one channel: make it, look at it, change it (seed 003, apis/vendo.md §3, §5).

Every function takes ``channel``, the channel's id: two people in it have a cart each, and one person has one for each
channel. A change is sent with the cart's order token and nothing else, and believed only if the answer is about the
cart that was meant.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from backends.errors import FieldError
from backends.vendo.auth import OrderToken
from backends.vendo.cart import Cart, Line
from backends.vendo.checkout import CheckoutUpdate
from operations.cart_keeping import CartGone, NoCart, Opened, meant, opened
from operations.cart_making import made, supported
from operations.cart_writing import CartWrite, moved_on, written
from operations.changes import AlreadyBeing
from operations.creating import InvalidInput
from operations.linking import VENDO, Actor
from operations.outcome import Done, Reason, Refused, Unknown
from operations.ports import Ports
from operations.shopping import Several, chosen, product
from operations.vendo import Vendo
from operations.vendo_looks import ADD, COUPON, NOTE, REMOVE, SET, quantity_of
from operations.vendo_rules import check_quantity
from store.carts import KeptCart

__all__ = [
    "Added",
    "CartGone",
    "CartNow",
    "Changed",
    "NoCart",
    "Several",
    "SeveralLines",
    "Shown",
    "add",
    "add_variant",
    "apply_coupon",
    "new",
    "note",
    "remove",
    "remove_coupon",
    "set_quantity",
    "show",
]

_NO_LINE = "There is nothing like that in your cart."
_NO_VARIANT = "Vendo does not say what of this can be bought."


@dataclass(frozen=True)
class CartNow:
    """The cart as it is now.

    ``fresh`` is True where a new cart had to be made for this, ``after`` is the number of the one that it follows in
    this channel: ordered, or left behind by ``new``.
    """

    cart: Cart
    fresh: bool = False
    after: str | None = None


@dataclass(frozen=True)
class SeveralLines:
    """More than one line of the cart fits; nothing was changed."""

    lines: tuple[Line, ...]


Shown = CartNow | NoCart | CartGone | AlreadyBeing | InvalidInput | Refused | Unknown
Changed = CartNow | NoCart | CartGone | SeveralLines | AlreadyBeing | InvalidInput | Refused | Unknown
Added = CartNow | CartGone | Several | AlreadyBeing | InvalidInput | Refused | Unknown
_Send = Callable[[Vendo, OrderToken], Awaitable[Cart]]


async def new(ports: Ports, actor: Actor, channel: str, ref: str, *, currency: str | None = None) -> Shown:
    """Make a cart, in the place of the one that this person has here; ``currency`` is three letters (its field)."""
    if (wrong := await supported(ports, actor, currency, ref)) is not None:
        return wrong
    before = ports.carts.current(actor.team, actor.user, channel)
    return await _fresh(ports, actor, channel, ref, before, currency)


async def show(ports: Ports, actor: Actor, channel: str, ref: str) -> Shown:
    """Read the cart; where the last one has been ordered a new one is made, and ``fresh`` says so (seed 003)."""
    found = await opened(ports, actor, channel, ref)
    if isinstance(found, Opened):
        return CartNow(found.cart)
    ordered = ports.carts.last_completed(actor.team, actor.user, channel)
    if isinstance(found, NoCart) and ordered is not None:
        return await _fresh(ports, actor, channel, ref, ordered)
    return found


async def add(ports: Ports, actor: Actor, channel: str, what: str, quantity: int, ref: str) -> Added:
    """Add so many of what is named by its SKU or its name; where this person has no cart here, one is made first.

    Fields: ``quantity``. Several also for one product with variants to choose from.
    """
    if fields := check_quantity(quantity):
        return InvalidInput(fields)
    kept = ports.carts.current(actor.team, actor.user, channel)
    place = (kept.store, kept.currency) if kept else (None, None)
    found = await product(ports, actor, what, ref, store=place[0], currency=place[1])
    if not isinstance(found, Done):
        return found
    if isinstance(found.value, Several):
        return found.value
    variant = chosen(found.value, what)
    if variant is None:
        several = bool(found.value.variants)
        return Several((found.value,)) if several else Refused(Reason.NO, _NO_VARIANT, back_end=VENDO)
    return await add_variant(ports, actor, channel, variant.id, quantity, ref)


async def add_variant(ports: Ports, actor: Actor, channel: str, variant_id: str, quantity: int, ref: str) -> Added:
    """The same for a variant that was chosen; sent once, and judged by the cart's quantities if nobody answers."""
    if fields := check_quantity(quantity):
        return InvalidInput(fields)
    now = await show(ports, actor, channel, ref)
    if isinstance(now, NoCart):
        now = await _fresh(ports, actor, channel, ref, None)
    if not isinstance(now, CartNow):
        return now
    kept = ports.carts.current(actor.team, actor.user, channel)
    if kept is None or kept.number != now.cart.number:
        return CartGone(now.cart.number)
    after = await written(ports, kept, _adding(ports, kept, now.cart, variant_id, quantity, ref), ref)
    return CartNow(after, now.fresh, now.after) if isinstance(after, Cart) else after


async def set_quantity(ports: Ports, actor: Actor, channel: str, what: str, quantity: int, ref: str) -> Changed:
    """Set a line, by its id, its SKU or its name, to a quantity of 1 or more."""
    if fields := check_quantity(quantity):
        return InvalidInput(fields)
    found = await _line(ports, actor, channel, what, ref)
    if not isinstance(found, tuple):
        return found
    kept, line = found

    async def send(vendo: Vendo, token: OrderToken) -> Cart:
        return await vendo.set_quantity(token, line.id, quantity, request_id=ref)

    return await _now(ports, kept, CartWrite(SET, send, line.id, {"line": line.id, "quantity": quantity}), ref)


async def remove(ports: Ports, actor: Actor, channel: str, what: str, ref: str) -> Changed:
    """Take a line, by its id, its SKU or its name, out of the cart; one that is already gone is no error."""
    found = await _line(ports, actor, channel, what, ref)
    if not isinstance(found, tuple):
        return found
    kept, line = found

    async def send(vendo: Vendo, token: OrderToken) -> Cart:
        return await vendo.remove_item(token, line.id, request_id=ref)

    after = await _now(ports, kept, CartWrite(REMOVE, send, line.id, {"line": line.id}), ref)
    if not isinstance(after, Refused) or after.reason is not Reason.NOT_FOUND:
        return after
    now = await opened(ports, actor, channel, ref)
    gone = isinstance(now, Opened) and all(one.id != line.id for one in now.cart.lines)
    return CartNow(now.cart) if isinstance(now, Opened) and gone else after


async def apply_coupon(ports: Ports, actor: Actor, channel: str, code: str, ref: str) -> Changed:
    """Apply a coupon; what Vendo has against it stands under ``coupon_code``."""

    async def send(vendo: Vendo, token: OrderToken) -> Cart:
        return await vendo.apply_coupon(token, code.strip(), request_id=ref)

    return await _coupon(ports, actor, channel, code, ref, send, apply=True)


async def remove_coupon(ports: Ports, actor: Actor, channel: str, code: str, ref: str) -> Changed:
    """Take a coupon away."""

    async def send(vendo: Vendo, token: OrderToken) -> Cart:
        return await vendo.remove_coupon(token, code.strip(), request_id=ref)

    return await _coupon(ports, actor, channel, code, ref, send, apply=False)


async def note(ports: Ports, actor: Actor, channel: str, text: str, ref: str) -> Changed:
    """Set the special instructions of the cart; field ``special_instructions``."""

    async def send(vendo: Vendo, token: OrderToken) -> Cart:
        return await vendo.update_checkout(token, CheckoutUpdate(special_instructions=text), request_id=ref)

    return await _here(ports, actor, channel, CartWrite(NOTE, send, notes={"text": text}), ref)


async def _fresh(
    ports: Ports, actor: Actor, channel: str, ref: str, before: KeptCart | None, currency: str | None = None
) -> CartNow | AlreadyBeing | InvalidInput | Refused | Unknown:
    cart = await made(ports, actor, channel, ref, currency)
    return CartNow(cart, True, before.number if before else None) if isinstance(cart, Cart) else cart


def _adding(ports: Ports, kept: KeptCart, cart: Cart, variant_id: str, quantity: int, ref: str) -> CartWrite:
    """Adding adds up, so it starts from a quantity that is read again once nobody else may add (apis/vendo.md §10)."""
    before = quantity_of(cart, variant_id)

    async def send(vendo: Vendo, token: OrderToken) -> Cart:
        now = await meant(ports, kept, await vendo.cart(token, request_id=ref))
        if quantity_of(now, variant_id) != before:
            raise moved_on()
        return await vendo.add_item(token, variant_id, quantity, request_id=ref)

    return CartWrite(ADD, send, variant_id, {"variant": variant_id, "before": before, "quantity": quantity})


async def _coupon(
    ports: Ports, actor: Actor, channel: str, code: str, ref: str, send: _Send, *, apply: bool
) -> Changed:
    if not code.strip():
        return InvalidInput((FieldError("coupon_code", "must not be empty"),))
    notes = {"code": code.strip(), "apply": apply}
    return await _here(ports, actor, channel, CartWrite(COUPON, send, notes=notes), ref)


async def _here(ports: Ports, actor: Actor, channel: str, write: CartWrite, ref: str) -> Changed:
    """A write to whatever cart is kept here, without looking at it first."""
    kept = ports.carts.current(actor.team, actor.user, channel)
    return NoCart() if kept is None else await _now(ports, kept, write, ref)


async def _now(ports: Ports, kept: KeptCart, write: CartWrite, ref: str) -> Changed:
    after = await written(ports, kept, write, ref)
    return CartNow(after) if isinstance(after, Cart) else after


async def _line(
    ports: Ports, actor: Actor, channel: str, what: str, ref: str
) -> tuple[KeptCart, Line] | NoCart | CartGone | SeveralLines | Refused | Unknown:
    """The one line that is meant, by id, else by SKU, else by name."""
    found = await opened(ports, actor, channel, ref)
    if not isinstance(found, Opened):
        return found
    lines = _fitting(found.cart, what.strip().casefold())
    if not lines:
        return Refused(Reason.NOT_FOUND, _NO_LINE, back_end=VENDO)
    return (found.kept, lines[0]) if len(lines) == 1 else SeveralLines(lines)


def _fitting(cart: Cart, what: str) -> tuple[Line, ...]:
    for name in ("id", "sku", "name"):
        lines = tuple(line for line in cart.lines if (getattr(line, name) or "").casefold() == what)
        if lines:
            return lines
    return tuple(line for line in cart.lines if what and what in (line.name or "").casefold())
