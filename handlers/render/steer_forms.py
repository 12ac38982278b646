"""The forms of changes that need something typed: a date, how often, an item, a payment method (apis/qpilot.md §6.1).

Every input's block_id is QPilot's own field; each form begins with the order as it is now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backends.qpilot.frequency import DAY_OF_MONTH, DAYS, MONTHS, WEEKDAY, WEEKS
from backends.qpilot.order import PaymentMethod, ScheduledOrder
from handlers.render import limits
from handlers.render.build import form_modal
from handlers.render.inputs import Option, picked, suggested, timed, typed
from handlers.render.message import Block, View
from handlers.render.scheduled_parts import facts, item_name, payment_method, times
from handlers.render.scheduled_profile import trim_to
from handlers.render.scheduled_states import headline
from handlers.render.steering import TITLE, current_items

RESCHEDULE, FREQUENCY, ITEMS, PAYMENT = (f"scheduled.{one}" for one in ("reschedule", "frequency", "items", "payment"))
PRODUCT = "product.suggest"
ADD = "add"
KINDS: Sequence[Option] = (
    (DAYS, "every so many days"),
    (WEEKS, "every so many weeks"),
    (MONTHS, "every so many months"),
    (WEEKDAY, "every week on a day: 1 is Sunday, 7 Saturday"),
    (DAY_OF_MONTH, "every month on this day, 1 to 31"),
)
_HOW_MANY = "How many days, weeks or months: 1 to 365. Or the number of the day."
Values = Mapping[str, Any]


def form(
    kind: str,
    order: ScheduledOrder,
    *,
    card_id: str,
    values: Values | None = None,
    methods: Sequence[PaymentMethod] = (),
    labels: Mapping[str, str] | None = None,
) -> View:
    """The modal ``kind``, filled with today's values or with what was typed before, by block_id."""
    head = [headline(order.id, order.status)]
    match kind:
        case "scheduled.reschedule":
            blocks = [*head, *times(trim_to(order, "next_occurrence", "locked")), *_reschedule(order, values)]
        case "scheduled.frequency":
            seen = trim_to(order, "frequency", "frequency_type", "frequency_name")
            blocks = [*head, *facts(seen, limits.MODAL_VALUE), *frequency_inputs(values or _frequency(order))]
        case "scheduled.items":
            blocks = [*head, *current_items(order), *_items(order, values or {}, labels or {})]
        case _:
            seen = trim_to(order, "payment_method")
            blocks = [*head, *facts(seen, limits.MODAL_VALUE), _methods(order, values, methods)]
    return form_modal(TITLE, blocks, callback_id=kind, card_id=card_id, submit="Next", close="Leave it")


def frequency_inputs(values: Values) -> list[Block]:
    """How often, as a kind and a number."""
    held = values.get("frequency")
    return [
        picked("frequencyType", "Recurs", KINDS, str(values.get("frequencyType") or ""), needed=True),
        typed("frequency", "Number", "" if held is None else str(held), hint=_HOW_MANY, needed=True),
    ]


def method_options(methods: Sequence[PaymentMethod]) -> list[Option]:
    """A customer's payment methods: the gateway, the last four digits, the expiry."""
    return [(str(one.id), payment_method(one) or f"number {one.id}") for one in methods[: limits.OPTIONS]]


def _reschedule(order: ScheduledOrder, values: Values | None) -> list[Block]:
    moment = order.next_occurrence
    held = (int(moment.timestamp()) if moment else None) if values is None else values.get("nextOccurrenceUtc")
    hint = "In your own time zone. It must be in the future."
    return [timed("nextOccurrenceUtc", "Next occurrence", held if isinstance(held, int) else None, hint=hint)]


def _frequency(order: ScheduledOrder) -> Values:
    return {"frequencyType": order.frequency_type, "frequency": order.frequency}


def _items(order: ScheduledOrder, values: Values, labels: Mapping[str, str]) -> list[Block]:
    held, product = str(values.get("item") or ADD), str(values.get("productId") or "")
    quantity = values.get("quantity")
    return [
        picked("item", "What to change", item_options(order), held, needed=True),
        suggested("productId", "Product to add", PRODUCT, product, labels.get("productId", "")),
        typed("quantity", "Quantity", "" if quantity is None else str(quantity), hint="0 removes it.", needed=True),
    ]


def item_options(order: ScheduledOrder) -> list[Option]:
    """Add a product, or one of the lines that are on it."""
    lines = order.items[: limits.OPTIONS - 1]
    shown = [(str(one.id), f"{one.quantity or '?'} × {item_name(one)}") for one in lines]
    return [(ADD, "Add a product"), *shown]


def _methods(order: ScheduledOrder, values: Values | None, methods: Sequence[PaymentMethod]) -> Block:
    held = order.payment_method_id if values is None else values.get("paymentMethodId")
    left = len(methods) - limits.OPTIONS
    hint = f"{limits.more(left, 'are not shown here')}." if left > 0 else "The customer's own."
    options = method_options(methods)
    return picked("paymentMethodId", "Payment method", options, str(held or ""), hint=hint, needed=True)
