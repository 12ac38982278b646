"""How due orders run: Active → Queued → Processing → Active again, or Failed (`apis/qpilot.md` §7)."""

import heapq
import math
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sandbox.qpilot import goods
from sandbox.qpilot.moments import Document, epoch, moment
from sandbox.qpilot.occurrences import next_after

if TYPE_CHECKING:
    from sandbox.qpilot.qpilot import Qpilot

_DAY = 86400.0
_OPENS, _CLOSES = time.fromisoformat(goods.START), time.fromisoformat(goods.END)


class Processor:
    """What happens next to each order, and making it happen once the clock is there.

    An order that was put into Queued or Processing by hand has no next: it is stuck, as orders sometimes are.
    """

    def __init__(self, qpilot: "Qpilot") -> None:
        self._qpilot = qpilot
        self._agenda: list[tuple[float, int]] = []
        self._planned: dict[int, float] = {}
        self._stage_ends: dict[int, float] = {}

    def plan(self, order: Document, now: float) -> None:
        """Note when something happens next to an order that was changed at `now`; never before that."""
        at = max(self._next(order), now)
        self._planned[order["id"]] = at
        if math.isfinite(at):
            heapq.heappush(self._agenda, (at, order["id"]))

    def run(self, now: float) -> None:
        """Do what was due by `now`, each thing at its own time."""
        while self._agenda and self._agenda[0][0] <= now:
            at, order_id = heapq.heappop(self._agenda)
            if self._planned.get(order_id) == at:
                self._planned[order_id] = math.inf
                self._step(self._qpilot.kept(order_id), at)

    def start(self, order: Document, now: float) -> None:
        """Begin a new processing cycle: the order is Queued (`Retry` is this, too)."""
        cycle_id = self._qpilot.open_cycle(order, now)
        self._stage_ends[order["id"]] = now + self._qpilot.switches.processing_seconds
        self._qpilot.put(order | {"status": "Queued", "lastProcessingCycleId": str(cycle_id)}, now)

    def due(self, order: Document) -> float:
        """Return when an Active order is due: its date less the offset days, inside the processing window."""
        offset = order["nextOccurrenceOffset"]
        days = self._qpilot.switches.offset_days if offset is None else offset
        return _in_window(epoch(order["nextOccurrenceUtc"]) - days * _DAY)

    def _next(self, order: Document) -> float:
        match order["status"]:
            case "Active":
                return math.inf if self._qpilot.switches.paused else self.due(order)
            case "Snoozed" if order["snoozeUntilUtc"]:
                return epoch(order["snoozeUntilUtc"])
            case "Queued" | "Processing":
                return self._stage_ends.get(order["id"], math.inf)
        self._stage_ends.pop(order["id"], None)
        return math.inf

    def _step(self, order: Document, at: float) -> None:
        match order["status"]:
            case "Active":
                self.start(order, at)
            case "Snoozed":
                self._qpilot.put(order | awake(), at)
            case "Queued":
                if code := _cannot_begin(self._qpilot, order):
                    self._end(order, code, at)
                else:
                    self._stage_ends[order["id"]] = at + self._qpilot.switches.processing_seconds
                    self._qpilot.put(order | {"status": "Processing"}, at)
            case "Processing":
                self._end(order, _declined(self._qpilot, order, at), at)

    def _end(self, order: Document, code: int | None, at: float) -> None:
        self._stage_ends.pop(order["id"], None)
        if code is not None:
            self._qpilot.fail(order["id"], code, at)
            return
        self._qpilot.close_cycle(order, None, at)
        self._qpilot.put(order | _after(order, at), at)


def awake() -> Document:
    """Return what makes a snoozed order Active again."""
    return {"status": "Active", "snoozeUntilUtc": None, "snoozeDuration": None, "snoozeDurationType": None}


def can_ship(item: Document, product: Document | None) -> bool:
    """Say whether an item can be sent now: in stock, not kept out of processing, and within its cycles (§5.1)."""
    if product is None or not product["processScheduledOrder"] or product["availability"] != "InStock":
        return False
    low, high = item["minCycles"], item["maxCycles"]
    return (low is None or item["cycles"] >= low) and (high is None or item["cycles"] < high)


def _in_window(at: float) -> float:
    local = datetime.fromtimestamp(at, ZoneInfo(goods.ZONE))
    if local.time() < _OPENS:
        return datetime.combine(local.date(), _OPENS, local.tzinfo).timestamp()
    if local.time() > _CLOSES:
        return datetime.combine(local.date() + timedelta(days=1), _OPENS, local.tzinfo).timestamp()
    return at


def _cannot_begin(qpilot: "Qpilot", order: Document) -> int | None:
    """Return why pre-processing fails, or None: items, shipping and payment must all be there."""
    items = order["scheduledOrderItems"]
    if not items:
        return 1000
    if not any(can_ship(item, qpilot.products.get(item["productId"])) for item in items):
        return 1001
    if not order["shippingCountry"]:
        return 1002
    return 1004 if order["paymentMethodId"] not in qpilot.payment_methods else None


def _declined(qpilot: "Qpilot", order: Document, at: float) -> int | None:
    """Return why processing fails, or None: the store's order comes first, then the charge."""
    if qpilot.store_down:
        return 3000
    if code := qpilot.gateway.get(order["customerId"]):
        return code
    ends = qpilot.payment_methods[order["paymentMethodId"]]["expirationDate"]
    return 2000 if ends and epoch(ends) + _DAY <= at else None


def _after(order: Document, at: float) -> Document:
    """Return what a success changes: one cycle more, and the next occurrence in the future."""
    rhythm = order["frequencyType"], order["frequency"]
    return {
        "status": "Active",
        "cycles": order["cycles"] + 1,
        "lastOccurrenceUtc": moment(at),
        "nextOccurrenceUtc": moment(next_after(epoch(order["nextOccurrenceUtc"]), *rhythm, now=at)),
        "lifetimeValue": order["lifetimeValue"] + order["total"],
        "scheduledOrderItems": [item | {"cycles": item["cycles"] + 1} for item in order["scheduledOrderItems"]],
    }
