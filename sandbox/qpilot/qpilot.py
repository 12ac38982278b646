"""The state of one QPilot: its site, people, orders, what is switched on, and who asked for what."""

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from aiohttp import web

from sandbox.clock import Clock
from sandbox.qpilot import accounts, front, goods, people, shapes
from sandbox.qpilot.bucket import Bucket
from sandbox.qpilot.faults import Fault
from sandbox.qpilot.moments import Document, epoch, moment
from sandbox.qpilot.money import totals
from sandbox.qpilot.processor import Processor
from sandbox.qpilot.seeds import demo
from sandbox.qpilot.switches import Switches
from sandbox.quivo.journal import Journal, Seen

_DAY = 86400.0
_ONE_ITEM: tuple[Document, ...] = ({"productId": "100982", "quantity": 1},)


class Qpilot:
    """A QPilot with friendly demo data; everything that a test or the control panel may look at or change is public.

    `orders` maps an id to one document; change it through the methods, so that totals and the processor follow.
    Amounts in it are Decimals. `gateway` maps a customer's id to the code with which every charge of theirs fails
    (2000 or 2001), and with `store_down` the store takes no order (3000). `faults` may be filled and `switches`
    replaced at any time: what was due before still happens under the old ones.
    """

    status_names = shapes.STATUS_NAMES

    def __init__(self, clock: Clock | None = None, switches: Switches = Switches()) -> None:  # noqa: B008 - frozen
        self.clock = clock or Clock()
        self._switches = switches
        self.faults: list[Fault] = []
        self.accounts: list[accounts.Account] = [accounts.OPS, accounts.OUTSIDER]
        self.gateway: dict[str, int] = {}
        self.store_down = False
        start = demo(self.clock.now())
        self.customers: dict[str, Document] = start.customers
        self.payment_methods: dict[int, Document] = start.methods
        self.products: dict[str, Document] = start.products
        self.coupons: dict[str, Document] = start.coupons
        self.cycles: dict[int, Document] = start.cycles
        self.changes: list[Document] = []
        self._orders = start.orders
        self._next_item = start.items
        self.tokens = accounts.Tokens(self.clock)
        self.bucket = Bucket(self.clock)
        self.journal = Journal()
        self._processor = Processor(self)
        self._replan()

    def app(self) -> web.Application:
        """Return the HTTP side of this state; state and application may be used side by side."""
        return front.application(self)

    @property
    def orders(self) -> dict[int, Document]:
        """Every scheduled order by id, as it is at this moment of the clock: what was due is processed first."""
        self.process()
        return self._orders

    @property
    def switches(self) -> Switches:
        """What this QPilot does where the sheet leaves it open; replace it with `switches.changed({…})`."""
        return self._switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        self.process()
        self._switches = switches
        self._replan()

    @property
    def requests(self) -> list[Seen]:
        """Every request so far; the list itself, so a test may clear it."""
        return self.journal.requests

    @property
    def logins(self) -> int:
        """How many tokens were handed out, by any of the three ways."""
        return self.tokens.issued

    @property
    def site(self) -> Document:
        """The site as it describes itself now."""
        return goods.site() | {
            "lockDurationDays": self._switches.lock_days,
            "orderProcessingOffset": self._switches.offset_days,
            "isProcessingPaused": self._switches.paused,
            "hasActiveInvalidProducts": any(not product["valid"] for product in self.products.values()),
        }

    def process(self) -> None:
        """Process every order that is due by now; nothing else is needed, as every look at `orders` does it."""
        self._processor.run(self.clock.now())

    def count(self, method: str, path_prefix: str) -> int:
        """Count the requests with this method (`*`: any) whose path begins with `path_prefix`."""
        return self.journal.count(method, path_prefix)

    async def until(self, predicate: Callable[[], bool], timeout: float = 5.0) -> None:  # noqa: ASYNC109 - a test's bound
        """Wait until `predicate` holds, looking again whenever a request arrives or is answered."""
        await self.journal.until(predicate, timeout)

    def expire_tokens(self) -> None:
        """Make every access token that was handed out so far worthless."""
        self.tokens.expire()

    def order_summaries(self) -> list[tuple[int, str, str]]:
        """Return (id, "customer's name, next date", status) of every order, ids ascending."""
        return [(number, self._reference(order), order["status"]) for number, order in sorted(self.orders.items())]

    def add_customer(self, **fields: Any) -> str:
        """Add a customer and return their id (a text); `fields` are put over one of whom nothing is known."""
        known = len(self.customers)
        free = (str(number) for number in count(101 + known) if str(number) not in self.customers)
        customer_id: str = fields.get("id") or next(free)
        blank = people.customer(customer_id, 90001 + known, f"customer{known + 1}@mail.example", self.clock.now())
        self.customers[customer_id] = blank | fields
        return customer_id

    def add_payment_method(self, customer_id: str, **fields: Any) -> int:
        """Add a payment method of a customer, their default if it is their first, and return its id."""
        number = max(self.payment_methods, default=10900) + 1
        first = self.default_method(customer_id) is None
        self.payment_methods[number] = people.method(number, customer_id, isDefault=first) | fields
        return number

    def add_order(self, items: Iterable[Document] = _ONE_ITEM, **fields: Any) -> int:
        """Add a scheduled order and return its id: an Active one of customer 101 in ten days, `fields` put over it.

        `items` are as they are written (`productId`, `quantity`, …). The payment method is the customer's default
        unless `paymentMethodId` says otherwise.
        """
        now = self.clock.now()
        customer = self.customers[fields.get("customerId", "101")]
        order_id: int = fields.get("id", max(self._orders, default=208000) + 1)
        order = shapes.blank(order_id, customer, now, now + 10 * _DAY)
        order |= {"paymentMethodId": self.default_method(customer["id"])} | fields
        order["scheduledOrderItems"] = [self.new_item(order, item) for item in items]
        self.put(order, now)
        return order_id

    def new_item(self, order: Document, written: Document) -> Document:
        """Return an item for an order, with an id of its own; KeyError for a product that does not exist."""
        self._next_item += 1
        return shapes.item(self._next_item - 1, order, self.products[written["productId"]], written)

    def default_method(self, customer_id: str) -> int | None:
        """Return the id of a customer's default payment method, or of any, or None."""
        owned = [one for one in self.payment_methods.values() if one["customerId"] == customer_id]
        return next((one["id"] for one in sorted(owned, key=lambda one: not one["isDefault"])), None)

    def set_status(self, order_id: int, status: str) -> None:
        """Give an order a status, whatever it is; one that is Queued or Processing stays so. KeyError if unknown."""
        self.change(order_id, status=status)

    def fail(self, order_id: int, code: int, at: float | None = None) -> None:
        """Let an order fail now with a `processingErrorCode` (`apis/qpilot.md` §4.1)."""
        now = self.clock.now() if at is None else at
        order = self._orders[order_id]
        if order["status"] not in ("Queued", "Processing"):
            order = order | {"lastProcessingCycleId": str(self.open_cycle(order, now))}
        self.close_cycle(order, code, now)
        reason = shapes.REASONS.get(code, shapes.REASONS[99])
        failure = {"status": "Failed", "processingErrorCode": code, "scheduledOrderFailureReason": reason}
        self.put(order | failure | {"updatedUtc": moment(now)}, now)

    def retry(self, order_id: int) -> None:
        """Begin a new cycle of an order, as `POST …/Retry` does."""
        self._processor.start(self._orders[order_id], self.clock.now())

    def due(self, order: Document) -> float:
        """Return when an Active order is due, epoch seconds."""
        return self._processor.due(order)

    def locked(self, order: Document) -> bool:
        """Say whether an order is in its lock window: some days before its next occurrence."""
        if not self._switches.lock_days or order["status"] == "Deleted":
            return False
        left = epoch(order["nextOccurrenceUtc"]) - self.clock.now()
        return 0 <= left <= self._switches.lock_days * _DAY

    def change(self, order_id: int, **fields: Any) -> Document:
        """Put `fields` over an order and return it; `updatedUtc` follows unless it is given. KeyError if unknown."""
        now = self.clock.now()
        return self.put(self.orders[order_id] | {"updatedUtc": moment(now)} | fields, now)

    def kept(self, order_id: int) -> Document:
        """Return an order as it is kept, without processing anything; for the processor."""
        return self._orders[order_id]

    def put(self, order: Document, at: float) -> Document:
        """Keep an order as of `at`; a failure is forgotten with the status Failed, the totals and the plan follow."""
        if order["status"] != "Failed":
            order = order | {"processingErrorCode": None, "scheduledOrderFailureReason": None}
        kept = order | totals(order, self.coupons) | shapes.named(order)
        self._note(self._orders.get(order["id"]), kept, at)
        self._orders[order["id"]] = kept
        self._processor.plan(kept, at)
        return kept

    def open_cycle(self, order: Document, at: float) -> int:
        """Begin a processing cycle of an order and return its id."""
        cycle_id = next(reversed(self.cycles), 771000) + 1
        self.cycles[cycle_id] = shapes.cycle(cycle_id, order, at)
        return cycle_id

    def close_cycle(self, order: Document, code: int | None, at: float) -> None:
        """End an order's last cycle: with a success, or with a code."""
        cycle_id = int(order["lastProcessingCycleId"] or 0)
        if cycle_id in self.cycles:
            end = shapes.succeeded(cycle_id, order["total"], at) if code is None else shapes.failed(code, at)
            self.cycles[cycle_id] |= end

    def _note(self, before: Document | None, after: Document, at: float) -> None:
        if before is None or before["status"] != after["status"]:
            verb = "Create" if before is None else _VERBS.get(after["status"], "Update")
        else:
            verb = "Update"
        self.changes.append({"at": at, "verb": verb, "order": after})

    def _replan(self) -> None:
        now = self.clock.now()
        for order in self._orders.values():
            self._processor.plan(order, now)

    def _reference(self, order: Document) -> str:
        customer = self.customers.get(order["customerId"], {})
        name = " ".join(customer.get(part) or "" for part in ("firstName", "lastName")).strip()
        return f"{name or order['customerId']}, {order['nextOccurrenceUtc'][:10]}"


_VERBS = {"Paused": "Pause", "Active": "Activate", "Deleted": "Delete"}
