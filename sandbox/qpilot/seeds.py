"""A thousand scheduled orders as of the clock's now, in three currencies and every status, always the same."""

import math
import pickle
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from sandbox.qpilot import goods, shapes
from sandbox.qpilot.moments import Document, epoch, moment
from sandbox.qpilot.money import totals
from sandbox.qpilot.occurrences import following
from sandbox.qpilot.people import COUNTRY_CURRENCY, people

FIRST_ORDER, ORDERS = 208001, 1000
FIRST_ITEM, FIRST_CYCLE = 5001, 771001

_SEED = 1113
_HOUR, _DAY = 3600.0, 86400.0
_COUNTS = {"Paused": 90, "Failed": 72, "Deleted": 40, "Snoozed": 10, "Queued": 4, "Processing": 4}
_RHYTHMS = (
    ("Days", 30), ("Days", 30), ("Days", 14), ("Weeks", 2), ("Weeks", 4), ("Months", 1), ("Months", 2),
    ("DayOfTheWeek", 2),
)  # fmt: skip
_LENGTHS = {"Days": 1, "Weeks": 7, "Months": 30, "DayOfTheWeek": 7}
_NO_METHOD, _ENDING_CARD, _NO_STOCK = range(0, 2), range(2, 5), range(5, 8)


@dataclass
class Demo:
    """Everything that a new QPilot knows."""

    customers: dict[str, Document]
    methods: dict[int, Document]
    products: dict[str, Document]
    coupons: dict[str, Document]
    orders: dict[int, Document] = field(default_factory=dict)
    cycles: dict[int, Document] = field(default_factory=dict)
    items: int = FIRST_ITEM


def demo(now: float) -> Demo:
    """Return the demo data as of the hour of `now` (epoch seconds); the same dice fall each time, only dates move.

    Whoever asks again within the hour gets a copy, which is much quicker.
    """
    found: Demo = pickle.loads(_made(now // _HOUR * _HOUR))  # noqa: S301 - made below
    return found


@lru_cache(maxsize=1)
def _made(now: float) -> bytes:
    return pickle.dumps(_dice(now))


def _dice(now: float) -> Demo:
    dice = random.Random(_SEED)  # noqa: S311 - demo data
    customers, methods = people(now, dice)
    found = Demo(customers, methods, goods.products(), goods.coupons())
    starts = _starts(now)
    statuses = [name for name, count in _COUNTS.items() for _ in range(count)]
    statuses += ["Active"] * (ORDERS - len(statuses))
    dice.shuffle(statuses)
    for place, status in enumerate(statuses):
        _add(found, FIRST_ORDER + place, status, starts, now, dice)
    _risks(found, now)
    for order in found.orders.values():
        order |= totals(order, found.coupons) | shapes.named(order)
        _past(found, order, now, dice)
    return found


def starts_at(day: datetime) -> float:
    """Return when processing starts on the day of a moment in the site's time zone."""
    return datetime.combine(day.date(), time.fromisoformat(goods.START), day.tzinfo).timestamp()


def _starts(now: float) -> list[float]:
    """Return when processing starts on each day from ten days ago on; index 10 is today."""
    today = datetime.fromtimestamp(now, ZoneInfo(goods.ZONE))
    return [starts_at(today + timedelta(days=day - 10)) for day in range(71)]


def _add(found: Demo, order_id: int, status: str, starts: list[float], now: float, dice: random.Random) -> None:
    customer = found.customers[dice.choice(tuple(found.customers))]
    kind, frequency = dice.choice(_RHYTHMS)
    day = {"Failed": dice.randint(1, 9), "Queued": 9, "Processing": 9}.get(status, dice.randint(11, 70))
    next_at = starts[day] + (dice.randint(0, 900) * 60 if dice.random() < 0.25 else 0)
    if kind == "DayOfTheWeek" and day > 10:
        next_at = following(next_at - (7 if day > 17 else 1) * _DAY, kind, frequency)
    cycles = dice.randint(0, 12)
    order = shapes.blank(order_id, customer, now, next_at) | {
        "status": status,
        "frequency": frequency,
        "frequencyType": kind,
        "cycles": cycles,
        "currencyIso": COUNTRY_CURRENCY[customer["shippingCountry"]],
        "paymentMethodId": next(one["id"] for one in found.methods.values() if one["customerId"] == customer["id"]),
    }
    if status == "Snoozed":
        order["snoozeUntilUtc"] = moment(starts[dice.randint(12, 30)])
    if status == "Deleted":
        order["lastChangeToDeleted"] = moment(now - dice.randint(1, 40) * _DAY)
    if dice.random() < 0.04:
        order["coupons"] = [dice.choice(tuple(found.coupons))]
    found.orders[order_id] = order
    _fill(found, order, dice)


def _fill(found: Demo, order: Document, dice: random.Random) -> None:
    """Put one to three goods into an order; two in a hundred orders have something that is out of stock."""
    for product_id in dice.sample(tuple(found.products), dice.choice((1, 1, 2, 3))):
        product = found.products[product_id]
        if (product["availability"] == "InStock" and product["processScheduledOrder"]) or dice.random() < 0.02:
            _put(found, order, product, dice.choice((1, 1, 2, 4)))
    if not order["scheduledOrderItems"]:
        _put(found, order, found.products["100982"], 2)


def _put(found: Demo, order: Document, product: Document, quantity: int) -> None:
    written = {"quantity": quantity}
    order["scheduledOrderItems"].append(shapes.item(found.items, order, product, written) | {"cycles": order["cycles"]})
    found.items += 1


def _risks(found: Demo, now: float) -> None:
    """Give some of tomorrow's orders what makes orders fail: no payment method, a card that ends, nothing in stock."""
    tomorrow = datetime.fromtimestamp(now + _DAY, ZoneInfo(goods.ZONE)).date()
    due = [order for order in found.orders.values() if order["status"] == "Active" and _day(order) == tomorrow]
    sold_out = next(one for one in found.products.values() if one["availability"] == "OutOfStock")
    for place, order in enumerate(due):
        if place in _NO_METHOD:
            order["paymentMethodId"] = None
        elif place in _ENDING_CARD:
            customer = found.customers[str(99 + place)]
            order |= {"customerId": customer["id"], "currencyIso": "USD"}
            order |= {name: customer[name] for name in shapes.SHIPPING}
            order["paymentMethodId"] = next(iter(found.methods)) + place - _ENDING_CARD.start
        elif place in _NO_STOCK:
            order["scheduledOrderItems"] = []
            _put(found, order, sold_out, 1)


def _day(order: Document) -> object:
    return datetime.fromtimestamp(epoch(order["nextOccurrenceUtc"]), UTC).astimezone(ZoneInfo(goods.ZONE)).date()


def _past(found: Demo, order: Document, now: float, dice: random.Random) -> None:
    """Give an order the cycles that it went through, at most the last three, and why it failed if it did."""
    days = order["frequency"] * _LENGTHS[order["frequencyType"]] if order["frequencyType"] != "DayOfTheWeek" else 7
    next_at, length = epoch(order["nextOccurrenceUtc"]), days * _DAY
    # An order that comes again in sixty days and every thirty was moved: its last time is the last one in the past.
    last_at = next_at - max(1, math.ceil((next_at - now) / length)) * length
    created = last_at - order["cycles"] * length - 4000
    order["createdUtc"] = order["updatedUtc"] = moment(created)
    for back in range(min(order["cycles"], 3) - 1, -1, -1):
        at = last_at - back * length
        _cycle(found, order, at, shapes.succeeded(FIRST_CYCLE + len(found.cycles), order["total"], at + 12.431))
    if order["cycles"]:
        order["lastOccurrenceUtc"] = order["updatedUtc"] = moment(last_at + 12.431)
    order["lifetimeValue"] = Decimal(order["cycles"]) * order["total"]
    if order["status"] == "Failed":
        code = dice.choice(tuple(shapes.REASONS) + (2000,) * 6 + (1001,) * 3)
        _cycle(found, order, next_at, shapes.failed(code, next_at + 41.09))
        order |= {"processingErrorCode": code, "scheduledOrderFailureReason": shapes.REASONS[code]}
        order["updatedUtc"] = moment(next_at + 41.09)
    elif order["status"] in ("Queued", "Processing"):
        _cycle(found, order, next_at, {})


def _cycle(found: Demo, order: Document, at: float, end: Document) -> None:
    cycle_id = FIRST_CYCLE + len(found.cycles)
    found.cycles[cycle_id] = shapes.cycle(cycle_id, order, at) | end
    order["lastProcessingCycleId"] = str(cycle_id)
