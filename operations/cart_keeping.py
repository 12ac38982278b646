"""The cart that is kept for a person in a channel, read with its own order token and with nothing else (apis §3)."""

from __future__ import annotations

from dataclasses import dataclass

from backends.errors import Garbled
from backends.vendo.auth import OrderToken
from backends.vendo.cart import Cart, ShopOrder
from operations.linking import VENDO, Actor
from operations.one_key import OneKey
from operations.outcome import Done, Outcome, Reason, Refused, Unknown
from operations.ports import Ports
from store.carts import KeptCart


class WrongCart(Garbled):
    """The answer is about another cart than the one that was meant (apis/vendo.md §3)."""

    text = "{name} answered about another cart than the one that was meant, so I have let go of it."


@dataclass(frozen=True)
class NoCart:
    """This person has no cart in this channel yet."""


@dataclass(frozen=True)
class CartGone:
    """Vendo no longer has the cart that was kept here, so it is forgotten; ``ordered`` if it has become an order."""

    number: str
    ordered: bool = False


@dataclass(frozen=True)
class Opened:
    """The cart that is kept, and what is in it."""

    kept: KeptCart
    cart: Cart


def owner(kept: KeptCart) -> Actor:
    """Whose cart it is."""
    return Actor(kept.team, kept.user)


def key_of(ports: Ports, kept: KeptCart) -> OneKey[OrderToken] | None:
    """The one credential for this cart; None if the cart has been forgotten meanwhile."""
    token = ports.carts.token(kept)
    return None if token is None else OneKey(ports.vendo, OrderToken(kept.store, token, kept.currency))


async def meant(ports: Ports, kept: KeptCart, cart: Cart) -> Cart:
    """The cart, if it is the one that was meant; else the kept one is dropped and WrongCart is raised."""
    if cart.number == kept.number:
        return cart
    await ports.carts.drop(kept)
    raise WrongCart(VENDO, outcome_known=False)


async def opened(ports: Ports, actor: Actor, channel: str, ref: str) -> Opened | NoCart | CartGone | Refused | Unknown:
    """The cart of a person in a channel, read now."""
    kept = ports.carts.current(actor.team, actor.user, channel)
    if kept is None:
        return NoCart()
    cart = await read(ports, kept, ref)
    return Opened(kept, cart) if isinstance(cart, Cart) else cart


async def read(ports: Ports, kept: KeptCart, ref: str) -> Cart | CartGone | Refused | Unknown:
    """One kept cart, read now; one that Vendo no longer has is looked up as an order, and else dropped."""
    key, vendo = key_of(ports, kept), ports.vendo.vendo
    if key is None:
        return CartGone(kept.number)

    async def ask(token: OrderToken) -> Cart:
        return await meant(ports, kept, await vendo.cart(token, request_id=ref))

    found = await key.call(owner(kept), ask)
    if isinstance(found, Done):
        return found.value
    if isinstance(found, Refused) and found.reason is Reason.NOT_FOUND:
        return await _gone(ports, kept, ref)
    return found


async def status(ports: Ports, kept: KeptCart, ref: str) -> Outcome[ShopOrder]:
    """The order that a kept cart became, by the cart's token; NOT_FOUND while it is none (apis/vendo.md §8)."""
    key, vendo = key_of(ports, kept), ports.vendo.vendo
    if key is None:
        return Refused(Reason.NOT_FOUND, "I no longer have the key to this order.", back_end=VENDO)

    async def ask(token: OrderToken) -> ShopOrder:
        return await vendo.order_status(token, kept.number, request_id=ref)

    return await key.call(owner(kept), ask)


async def _gone(ports: Ports, kept: KeptCart, ref: str) -> CartGone | Refused | Unknown:
    order = await status(ports, kept, ref)
    match order:
        case Done():
            await ports.carts.complete(kept)
            return CartGone(kept.number, ordered=True)
        case Refused(reason=Reason.NOT_FOUND):
            await ports.carts.drop(kept)
            return CartGone(kept.number)
        case _:
            return order
