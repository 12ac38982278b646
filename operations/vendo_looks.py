"""How each change at Vendo is judged afterwards, by reading the cart with its own token (apis/vendo.md §10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from backends.vendo.cart import Address, Cart
from operations.cart_keeping import CartGone, read
from operations.correction import Verdict
from operations.once import Look
from operations.packing import unpack
from operations.ports import Ports
from store.carts import COMPLETED, OPEN
from store.ledger import Action

NEW, ADD, SET, REMOVE = "cart.new", "cart.add", "cart.set", "cart.remove"
COUPON, NOTE = "cart.coupon", "cart.note"
CHECKOUT_ADDRESS, DELIVERY, PAYMENT, COMPLETE = (
    "checkout.address",
    "checkout.delivery",
    "checkout.payment",
    "checkout.complete",
)
_ADDRESS_PARTS = ("firstname", "lastname", "address1", "city", "zipcode", "country_iso")
Judge = Callable[[Cart, Mapping[str, Any]], Verdict]


def quantity_of(cart: Cart, variant_id: str) -> int:
    """How many of a variant are in a cart."""
    return sum(line.quantity or 0 for line in cart.lines if line.variant_id == variant_id)


def has_coupon(cart: Cart, code: str) -> bool:
    """Whether a coupon works on a cart; codes are the same in small and capital letters."""
    return any((one.code or "").casefold() == code.casefold() for one in cart.promotions)


def paid_by(cart: Cart, method_id: str) -> bool:
    """Whether a cart has a payment by this method that counts, and of what is due now."""
    return any(one.payment_method_id == method_id and one.amount in (None, cart.total) for one in cart.payments)


def goes_to(cart: Cart, email: str, ship: Address, bill: Address) -> bool:
    """Whether e-mail and addresses are these, as far as a store shows an address as it was given."""
    same = _shown(cart.ship_address, ship) and _shown(cart.bill_address, bill)
    return same and (cart.email or "").casefold() == email.casefold()


def _shown(there: Address | None, given: Address) -> bool:
    """A country of three letters may come back with two, so only what has the same length is compared."""
    if there is None:
        return False
    now, wanted = ({part: _plain(getattr(one, part)) for part in _ADDRESS_PARTS} for one in (there, given))
    if len(now["country_iso"]) != len(wanted["country_iso"]):
        now["country_iso"] = wanted["country_iso"]
    return now == wanted


def _plain(text: str | None) -> str:
    return " ".join((text or "").split()).casefold()


def _if(done: bool) -> Verdict:
    return Verdict.DONE if done else Verdict.NOT_DONE


def _added(cart: Cart, notes: Mapping[str, Any]) -> Verdict:
    """Only the quantity before and the one that was wanted prove something; any other is somebody else's doing."""
    known = {notes["before"] + notes["quantity"]: Verdict.DONE, notes["before"]: Verdict.NOT_DONE}
    return known.get(quantity_of(cart, notes["variant"]), Verdict.UNKNOWN)


def _set(cart: Cart, notes: Mapping[str, Any]) -> Verdict:
    line = next((one for one in cart.lines if one.id == notes["line"]), None)
    return Verdict.UNKNOWN if line is None else _if(line.quantity == notes["quantity"])


def _removed(cart: Cart, notes: Mapping[str, Any]) -> Verdict:
    return _if(all(line.id != notes["line"] for line in cart.lines))


def _coupon(cart: Cart, notes: Mapping[str, Any]) -> Verdict:
    return _if(has_coupon(cart, notes["code"]) is notes["apply"])


def _noted(cart: Cart, notes: Mapping[str, Any]) -> Verdict:
    return _if(_plain(cart.special_instructions) == _plain(notes["text"]))


def _addressed(cart: Cart, notes: Mapping[str, Any]) -> Verdict:
    ship, bill = (unpack(Address, notes[name]) for name in ("ship", "bill"))
    return _if(goes_to(cart, notes["email"], ship, bill))


def _delivered(cart: Cart, notes: Mapping[str, Any]) -> Verdict:
    chosen = {one.id: one.selected.id for one in cart.shipments if one.selected}
    return _if(notes["choices"].items() <= chosen.items())


def _paid(cart: Cart, notes: Mapping[str, Any]) -> Verdict:
    return _if(paid_by(cart, notes["method"]))


def _by(judge: Judge) -> Look:
    """A look at the cart that an action was for; one that is gone or cannot be read proves nothing."""

    async def look(ports: Ports, action: Action) -> Verdict:
        kept = ports.carts.find(action.team, action.user, action.payload["number"])
        if kept is None or kept.state != OPEN:
            return Verdict.UNKNOWN
        cart = await read(ports, kept, action.reference)
        return judge(cart, action.payload) if isinstance(cart, Cart) else Verdict.UNKNOWN

    return look


async def _made(ports: Ports, action: Action) -> Verdict:
    """A cart whose token never arrived is out of reach, so only another one that is kept now proves something."""
    kept = ports.carts.current(action.team, action.user, action.payload["channel"])
    return Verdict.DONE if kept is not None and kept.id != action.payload["before"] else Verdict.UNKNOWN


async def _completed(ports: Ports, action: Action) -> Verdict:
    """The order's status decides, and what it shows is noted; a cart that is still one was not ordered."""
    kept = ports.carts.find(action.team, action.user, action.payload["number"])
    if kept is None:
        return Verdict.UNKNOWN
    if kept.state == COMPLETED:
        return Verdict.DONE
    match await read(ports, kept, action.reference):
        case Cart():
            return Verdict.NOT_DONE
        case CartGone(ordered=True):
            return Verdict.DONE
        case _:
            return Verdict.UNKNOWN


LOOKS: Mapping[str, Look] = {
    NEW: _made,
    ADD: _by(_added),
    SET: _by(_set),
    REMOVE: _by(_removed),
    COUPON: _by(_coupon),
    NOTE: _by(_noted),
    CHECKOUT_ADDRESS: _by(_addressed),
    DELIVERY: _by(_delivered),
    PAYMENT: _by(_paid),
    COMPLETE: _completed,
}
"""By the kind of an action; each needs nothing but the action and what it can read (see ``once.Look``)."""
