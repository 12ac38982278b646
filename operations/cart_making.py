"""Making a cart, so that each channel of a person has its own (seed 003, apis/vendo.md §3, §5).

Vendo gives a cart that is made by a signed-in person to them; but where they have one already, in that currency, it
gives that one. If somebody's channel keeps it, two channels would change one cart, so it is left alone and a cart of
nobody's is made instead. It can do all that another can, only it never shows among the person's orders, and its status
is read with its token. (Giving it to the person afterwards would put its token into a URL.) A cart of theirs that no
channel keeps, such as one begun in a browser, is taken over with what is in it.
"""

from __future__ import annotations

from typing import Any

from backends.errors import FieldError, Garbled
from backends.errors import Refused as BackendRefused
from backends.vendo.auth import Access, Guest
from backends.vendo.cart import Cart
from backends.vendo.catalogue import StoreInfo
from operations.changes import AlreadyBeing
from operations.creating import InvalidInput
from operations.linking import VENDO, Actor, Link
from operations.once import Once, Sent, Write, once
from operations.one_key import OneKey
from operations.outcome import Done, Refused, Unknown
from operations.ports import Ports
from operations.vendo_looks import LOOKS, NEW
from operations.vendo_rules import check_currency


class LeftMeanwhile(BackendRefused):
    """The person disconnected while their cart was being made (C7)."""

    text = "You have disconnected meanwhile, so the cart was not kept."


async def supported(
    ports: Ports, actor: Actor, currency: str | None, ref: str
) -> InvalidInput | Refused | Unknown | None:
    """Why a cart cannot be in this currency: elsewise Vendo would quietly make one in the store's own (apis §3)."""
    if currency is None:
        return None
    if fields := check_currency(currency):
        return InvalidInput(fields)

    async def ask(access: Access) -> StoreInfo:
        return await ports.vendo.vendo.store(access, request_id=ref)

    found = await ports.vendo.look(actor, ask)
    if not isinstance(found, Done):
        return found
    known = found.value.supported_currencies
    if not known or currency.upper() in known:
        return None
    return InvalidInput((FieldError("currency", f"must be one of {', '.join(known)}"),))


async def made(
    ports: Ports, actor: Actor, channel: str, ref: str, currency: str | None = None
) -> Cart | AlreadyBeing | InvalidInput | Refused | Unknown:
    """Make a cart and keep it for this person in this channel, in the place of the one that was open there."""
    signed_in = ports.vendo.connection(actor)
    guest = OneKey(ports.vendo, Guest(ports.vendo.store(actor)))
    link: Link[Any] = guest if signed_in is None else ports.vendo
    maker = _Maker(ports, actor, channel, currency and currency.upper(), signed_in.id if signed_in else None)
    outcome = await maker.once(link, ref)
    if maker.taken:
        outcome = await maker.once(guest, ref)
    match outcome:
        case Sent(value=Cart() as cart):
            return cart
        case Sent():
            return Unknown("The cart was made, but I could not read it.", outcome.action)
        case Refused(fields=fields) if fields:
            return InvalidInput(fields)
        case _:
            return outcome


class _Maker:
    """One cart being made; ``taken`` once Vendo gave one that a channel keeps already."""

    def __init__(self, ports: Ports, actor: Actor, channel: str, currency: str | None, connection: str | None) -> None:
        self._ports, self._actor, self._channel = ports, actor, channel
        self._currency, self._connection = currency, connection
        self.taken = False

    async def once(self, link: Link[Any], ref: str) -> Once[Cart]:
        """Make it, once at a time for this person and channel."""

        async def send(access: Access) -> Cart:
            cart = await self._ports.vendo.vendo.create_cart(access, currency=self._currency, request_id=ref)
            self.taken = self._ports.carts.held(self._actor.team, access.store, cart.number)
            return cart if self.taken else await self._kept(access.store, cart)

        before = self._ports.carts.current(self._actor.team, self._actor.user, self._channel)
        notes = {"before": before.id if before else None}
        write = Write(NEW, f"{self._actor.user}/{self._channel}", self._channel, send, notes)
        return await once(self._ports, link, self._actor, write, LOOKS[NEW], ref)

    async def _kept(self, store: str, cart: Cart) -> Cart:
        """The token goes into the store before anybody is told of the cart."""
        if cart.token is None:
            raise Garbled(VENDO, outcome_known=False)
        kept = await self._ports.carts.keep(
            self._actor.team,
            self._actor.user,
            self._channel,
            number=cart.number,
            store=store,
            currency=cart.currency or self._currency,
            token=cart.token.reveal(),
            connection=self._connection,
        )
        if kept is None:
            raise LeftMeanwhile(VENDO)
        return cart
