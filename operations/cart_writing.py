"""One write to a kept cart, once, with its order token alone, believed only of the cart that was meant (apis §3)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from backends.errors import Refused as BackendRefused
from backends.vendo.auth import OrderToken
from backends.vendo.cart import Cart
from operations.cart_keeping import CartGone, key_of, meant, owner, read
from operations.changes import AlreadyBeing
from operations.creating import InvalidInput
from operations.linking import VENDO
from operations.once import Sent, Write, once
from operations.outcome import Reason, Refused, Unknown
from operations.ports import Ports
from operations.vendo import Vendo
from operations.vendo_looks import LOOKS
from store.carts import KeptCart

UNREAD = "It was done, but I could not read the cart again just now."


class MovedOn(BackendRefused):
    """Known not done: somebody changed the cart just before it would have been sent."""

    text = "The cart changed just before I could do that, so nothing was sent. Please look at it and ask again."


@dataclass(frozen=True)
class CartWrite:
    """What to do to a cart; ``part`` names what of it is changed, ``notes`` are what its look needs, no secret."""

    kind: str
    send: Callable[[Vendo, OrderToken], Awaitable[Cart]]
    part: str = ""
    notes: dict[str, Any] = field(default_factory=dict, repr=False)
    repeatable: bool = True


Unsent = CartGone | AlreadyBeing | InvalidInput | Refused | Unknown


async def written(ports: Ports, kept: KeptCart, write: CartWrite, ref: str) -> Cart | Unsent:
    """Send it, and give the cart as it is then, read again where the answer was lost."""
    sent = await sending(ports, kept, write, ref)
    if not isinstance(sent, Sent):
        return sent
    cart = sent.value or await read(ports, kept, ref)
    return Unknown(UNREAD, sent.action) if isinstance(cart, Refused | Unknown) else cart


async def sending(ports: Ports, kept: KeptCart, write: CartWrite, ref: str) -> Sent[Cart] | Unsent:
    """Send it once; a refusal because the cart is gone says so, and what Vendo has against an input is InvalidInput."""
    key = key_of(ports, kept)
    if key is None:
        return CartGone(kept.number)

    async def send(token: OrderToken) -> Cart:
        return await meant(ports, kept, await write.send(ports.vendo.vendo, token))

    target = f"{kept.number}/{write.part}" if write.part else kept.number
    notes = {"number": kept.number, **write.notes}
    whole = Write(write.kind, target, kept.channel, send, notes, write.repeatable)
    outcome = await once(ports, key, owner(kept), whole, LOOKS[write.kind], ref)
    match outcome:
        case Refused(fields=fields) if fields:
            return InvalidInput(fields)
        case Refused(reason=Reason.NOT_FOUND):
            now = await read(ports, kept, ref)
            return now if isinstance(now, CartGone) else outcome
        case _:
            return outcome


def moved_on() -> MovedOn:
    """Raised by a ``send`` that finds the cart changed."""
    return MovedOn(VENDO)
