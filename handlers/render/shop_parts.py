"""The parts that a cart, a shop order and a review share; each is a list of blocks, empty where nothing is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from backends.vendo.cart import Address, Cart, Line, Payment, Promotion, Shipment
from handlers.render import limits
from handlers.render.build import Element, bold, bullets, code, host, link, paragraph, safe_url, say
from handlers.render.escape import plain
from handlers.render.message import Block
from handlers.render.money import money
from handlers.render.shop_states import paid, shipment_state, shown
from handlers.render.states import STATUS

Words = Sequence[Element]


def totals(cart: Cart, limit: int = limits.LINE_VALUE) -> list[Block]:
    """What it costs, part by part; a part that is zero is left out, the total never."""
    parts = (
        ("Subtotal", cart.item_total),
        ("Shipping", cart.ship_total),
        ("Coupons", cart.promo_total or None),
        ("Tax", cart.tax_total or None),
        ("Total", cart.total),
    )
    return listed(fact(name, money(part, cart.currency), limit) for name, part in parts if part is not None)


def lines(cart: Cart, limit: int) -> list[Block]:
    """What is in it: up to ``limit`` lines, the rest announced."""
    return _bulleted("Items", [line_words(line, cart.currency) for line in cart.lines], limit)


def line_words(line: Line, currency: str | None) -> Words:
    """One line: how many, of what, for how much."""
    count = [] if line.quantity is None else [say(f"{line.quantity} × ")]
    name = [say(plain(line.name or "") or "an item")]
    options = [say(f" ({plain(line.options)})", limits.LINE_VALUE + 3)] if line.options else []
    sku = [say(" "), code(line.sku)] if line.sku else []
    each = [say(f", {money(line.price, currency)} each")] if line.price is not None else []
    total = [say(f", {money(line.total, currency)}")] if line.total is not None else []
    return [*count, *name, *options, *sku, *each, *total]


def promotions(cart: Cart, limit: int) -> list[Block]:
    """The coupons and promotions that work on it."""
    return _bulleted("Coupons", [_promotion(one, cart.currency) for one in cart.promotions], limit)


def shipments(cart: Cart, limit: int) -> list[Block]:
    """The parcels, with a link to the carrier's page where it is https; the link says where it leads."""
    return _bulleted("Parcels", [_shipment(one) for one in cart.shipments], limit)


def payments(cart: Cart, limit: int) -> list[Block]:
    """The payments, never more of a card than the name of its method."""
    return _bulleted("Payments", [_payment(one, cart.currency) for one in cart.payments], limit)


def address_line(address: Address | None) -> str:
    """An address on one line, from the person to the country; parts that are missing or trimmed are left out."""
    if address is None:
        return ""
    person = " ".join(filter(None, [plain(address.firstname or ""), plain(address.lastname or "")]))
    town = " ".join(filter(None, [plain(address.zipcode or ""), plain(address.city or "")]))
    rest = (address.company, address.address1, address.address2)
    end = (address.state_name, address.country_iso)
    parts = (person, *(plain(part or "") for part in rest), town, *(plain(part or "") for part in end))
    return ", ".join(filter(None, parts))


def address_block(title: str, address: Address | None, *, phone: bool = True) -> list[Block]:
    """An address under its title, with its phone number; nothing if nothing of it is known."""
    if address is None:
        return []
    said = [line for line in (address_line(address), address.phone if phone else None) if line]
    return [paragraph([bold(title)], *([say(line, limits.MODAL_VALUE)] for line in said))] if said else []


def fact(name: str, value: str | None, limit: int) -> Words | None:
    """One short fact; None if there is nothing to say."""
    shown_value = plain(value or "", limit)
    return [bold(f"{name}: "), say(shown_value, limit)] if shown_value else None


def listed(facts: Iterable[Words | None]) -> list[Block]:
    """Facts, one a line."""
    known = [words for words in facts if words]
    return [paragraph(*known)] if known else []


def _promotion(one: Promotion, currency: str | None) -> Words:
    name = [say(plain(one.name) if one.name else "Promotion")]
    by = [say(" "), code(one.code)] if one.code else []
    off = [say(f", {money(one.amount, currency)}")] if one.amount is not None else []
    return [*name, *by, *off]


def _shipment(one: Shipment) -> Words:
    number = [say(one.number)] if one.number else [say("Parcel")]
    state = shown(shipment_state(one.state))
    url = safe_url(one.tracking_url)
    where = [say(" "), link(url, f"Track at {host(url)}")] if url else []
    return [*number, *([say(f", {state}")] if state else []), *where]


def _payment(one: Payment, currency: str | None) -> Words:
    name = [say(one.payment_method_name)] if one.payment_method_name else [say("Payment")]
    amount = [say(f", {money(one.amount, currency)}")] if one.amount is not None else []
    said = paid(one.state)
    state = [say(f", {said}", STATUS + 3)] if said else []
    return [*name, *amount, *state]


def _bulleted(title: str, items: Sequence[Words], limit: int) -> list[Block]:
    return [bullets(title, _first(items, limit))] if items else []


def _first(items: Sequence[Words], limit: int) -> Iterator[Words]:
    yield from items[:limit]
    if len(items) > limit:
        yield [say(limits.more(len(items) - limit))]
