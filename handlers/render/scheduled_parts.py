"""The parts that a scheduled order's card, modal and previews share; each is empty where nothing is known.

They show whatever the order still has: ``scheduled_profile.trim`` has taken out what may not be shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from backends.qpilot.failures import failure
from backends.qpilot.order import ACTIVE, FAILED, Address, Item, PaymentMethod, Person, ScheduledOrder
from handlers.render import limits
from handlers.render.build import Element, bold, bullets, code, own, paragraph, say
from handlers.render.escape import plain
from handlers.render.message import Block
from handlers.render.money import money
from handlers.render.shop_parts import fact, listed
from handlers.render.times import when
from operations.frequency import in_words

_CHARGED = "The customer may already be charged."
_DUNNING = "QPilot already tries it again by itself (dunning)."
_LOCKED = "🔒 locked shortly before its date: QPilot may refuse changes"


def times(order: ScheduledOrder, now: datetime | None = None) -> list[Block]:
    """When it comes next and came last, in the reader's own zone; with ``now`` an active one that is late says so."""
    late = now is not None and order.status == ACTIVE and order.next_occurrence is not None
    past = ", past due" if late and order.next_occurrence and now and order.next_occurrence < now else ""
    named = (
        ("Next occurrence", order.next_occurrence, past),
        ("Last occurrence", order.last_occurrence, ""),
        ("Snoozed until", order.snoozed_until, ""),
        ("Customer may change it until", order.last_editable, ""),
        ("Created", order.created, ""),
    )
    shown = [own(f"*{name}*\n{when(moment)}{more}") for name, moment, more in named if moment]
    return [{"type": "section", "fields": shown}] if shown else []


def facts(order: ScheduledOrder, limit: int) -> list[Block]:
    """Short facts, one a line; ``limit`` is for each value."""
    named = (
        ("Customer", order.customer_id),
        ("Customer's name", person_name(order.customer)),
        ("E-mail", order.customer.email if order.customer else None),
        ("Phone", order.phone),
        ("Company", order.company),
        ("Recurs", frequency(order)),
        ("Occurrences so far", None if order.cycles is None else str(order.cycles)),
        *_costs(order),
        ("Payment method", payment_method(order.payment_method)),
        ("Coupons", ", ".join(plain(one) for one in order.coupons)),
        ("Shipping", order.shipping_rate),
        ("Ship to", address_line(order.address)),
        ("Name", order.name),
        ("Note", order.note),
        ("Origin", order.origin),
        ("Lock", _LOCKED if order.locked else None),
    )
    return listed(fact(name, value, limit) for name, value in named)


def _costs(order: ScheduledOrder) -> list[tuple[str, str | None]]:
    parts = (
        ("Items", order.subtotal),
        ("Shipping costs", order.shipping_total),
        ("Tax", order.tax_total),
        ("Total", order.total),
    )
    return [(name, None if amount is None else money(amount, order.currency)) for name, amount in parts]


def frequency(order: ScheduledOrder) -> str | None:
    """How often, in words; None if nothing of it is known."""
    if order.frequency is None and order.frequency_type is None and not order.frequency_name:
        return None
    return in_words(order.frequency_type, order.frequency, order.frequency_name)


def why_failed(order: ScheduledOrder) -> list[Block]:
    """Why it failed: our plain words with QPilot's code, what to do, and whether money may have moved."""
    if order.error_code is None and order.status != FAILED and not order.failure_reason:
        return [paragraph([say(_DUNNING)])] if order.in_dunning else []
    found = failure(order.error_code)
    number = "" if order.error_code is None else f" (code {order.error_code})"
    lines: list[list[Element]] = [[bold("Why it failed: "), say(f"{found.words}{number}")], [say(found.advice, 300)]]
    lines += [[bold(_CHARGED, 200)]] if found.may_have_charged else []
    reason = plain(order.failure_reason or "", limits.MODAL_VALUE)
    lines += [[say("QPilot says: "), say(reason, limits.MODAL_VALUE)]] if reason else []
    lines += [[say(_DUNNING)]] if order.in_dunning else []
    return [paragraph(*lines)]


def items(order: ScheduledOrder, limit: int) -> list[Block]:
    """What is on it: up to ``limit`` lines, the rest counted."""
    if not order.items:
        return []
    lines = [item_line(item, order.currency) for item in order.items[:limit]]
    left = len(order.items) - limit
    return [bullets("Items", [*lines, *([[say(limits.more(left))]] if left > 0 else [])])]


def item_line(item: Item, currency: str | None) -> Sequence[Element]:
    """One line: how many, of what, for how much, and whether it will ship."""
    count = [] if item.quantity is None else [say(f"{item.quantity} × ")]
    sku = [say(" "), code(item.sku)] if item.sku else []
    price = item.price if item.sale_price is None else item.sale_price
    each = [] if price is None else [say(f", {money(price, currency)} each")]
    gone = [] if item.available else [say(" ⚠️ not to be had now")]
    return [*count, say(item_name(item)), *sku, *each, *gone]


def item_name(item: Item) -> str:
    """What people call it: its title, else the product's id."""
    return plain(item.title or "") or f"product {plain(item.product_id)}".strip()


def payment_method(method: PaymentMethod | None) -> str | None:
    """The gateway, the last four digits and the expiry; never more of a card."""
    if method is None:
        return None
    digits = plain(method.last_four_digits or "")
    until = f"until {method.expiration:%m/%Y}" if method.expiration else ""
    parts = (plain(method.type or "", 40), f"ending in {digits}" if digits else "", until)
    return ", ".join(filter(None, parts)) or None


def person_name(person: Person | None) -> str | None:
    """A customer's name."""
    if person is None:
        return None
    return " ".join(filter(None, [plain(person.first_name or ""), plain(person.last_name or "")])) or None


def address_line(address: Address | None) -> str | None:
    """An address on one line, from the person to the country; parts that are missing or trimmed are left out."""
    if address is None:
        return None
    person = _joined(" ", address.first_name, address.last_name)
    town = _joined(" ", address.postcode, address.city)
    rest = (address.street1, address.street2, town, address.state, address.country)
    return _joined(", ", person, *rest) or None


def _joined(between: str, *parts: str | None) -> str:
    return between.join(filter(None, (plain(part or "") for part in parts)))
