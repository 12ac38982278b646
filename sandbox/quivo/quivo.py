"""The state of one Quivo: its accounts, places and orders, what is switched on, and who asked for what."""

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from sandbox.clock import Clock
from sandbox.quivo import accounts, demo, front, places, shapes, stock, taking, webhook
from sandbox.quivo.faults import Fault
from sandbox.quivo.fields import Document
from sandbox.quivo.index import Index
from sandbox.quivo.journal import Journal, Seen
from sandbox.quivo.switches import Switches


class Quivo:
    """A Quivo with friendly demo data; everything that a test or the control panel may look at or change is public.

    `orders` maps an id to one document with all fields of `shapes.FIELDS`; change it through the methods, so that
    `lastModified` and the lists' lag follow. `accepted` maps the id of an order that came over `POST /orders` to
    the body that was sent, for the fields that Quivo takes and never shows. `items` is the stock by (warehouse id,
    seller id). `switches` may be replaced and `faults` filled at any time.
    """

    status_names = demo.STATUS_NAMES

    def __init__(self, clock: Clock | None = None, switches: Switches = Switches()) -> None:  # noqa: B008 - frozen
        self.clock = clock or Clock()
        self.switches: Switches = switches
        self.faults: list[Fault] = []
        self.accounts: list[accounts.Account] = [accounts.ADA, accounts.BOB]
        self.sellers: list[Document] = places.sellers()
        self.warehouses: list[Document] = places.warehouses()
        self.items: stock.Stock = stock.stock()
        self.accepted: dict[int, Document] = {}
        self._orders: dict[int, Document] = {order["orderId"]: order for order in demo.demo_orders(self.clock.now())}
        self._cancelling: dict[int, float] = {}
        self.tokens = accounts.Tokens(self.clock)
        self.journal = Journal()
        self._index = Index()

    def app(self) -> web.Application:
        """Return the HTTP side of this state; state and application may be used side by side."""
        return front.application(self)

    @property
    def orders(self) -> dict[int, Document]:
        """Every order by id, as it is at this moment of the clock: cancel requests that were due are settled first."""
        self._settle()
        return self._orders

    @property
    def requests(self) -> list[Seen]:
        """Every request so far, the stand-in's own hooks left out; the list itself, so a test may clear it."""
        return self.journal.requests

    def count(self, method: str, path_prefix: str) -> int:
        """Count the requests with this method (`*`: any) whose path begins with `path_prefix`."""
        return self.journal.count(method, path_prefix)

    async def until(self, predicate: Callable[[], bool], timeout: float = 5.0) -> None:  # noqa: ASYNC109 - a test's bound
        """Wait until `predicate` holds, looking again whenever a request arrives or is answered."""
        await self.journal.until(predicate, timeout)

    def order_summaries(self) -> list[tuple[int, str, str]]:
        """Return (orderId, orderReference or "", orderStatus) of every order, ids ascending."""
        return [
            (order_id, self.orders[order_id].get("orderReference") or "", self.orders[order_id]["orderStatus"])
            for order_id in sorted(self.orders)
        ]

    def add_order(self, *, sparse: bool = False, extra: Mapping[str, Any] | None = None, **fields: Any) -> int:
        """Add an order and return its id: an unremarkable one of ada's seller, with `fields` put over it.

        `fields` are named as in `shapes.FIELDS`. `sparse` starts from id, seller and status alone. `extra` adds fields
        that no sheet names, as a client must expect.
        TypeError for a field that Quivo does not have.
        """
        if unknown := set(fields) - shapes.FIELDS:
            raise TypeError(f"not a field of an order: {', '.join(sorted(unknown))}")
        order_id: int = fields.get("orderId", self._next_id())
        seller_id = fields.get("sellerId", places.HOME_SELLER)
        order = demo.blank_order(order_id, seller_id, self.clock.now())
        if sparse:
            order = {name: order[name] for name in ("orderId", "sellerId", "orderStatus")}
        self._put(order_id, order | fields | dict(extra or {}))
        return order_id

    def take_order(self, body: Document) -> int:
        """Take an order whose body passed every check, and return its id."""
        order_id, seller_id = self._next_id(), body["sellerId"]
        name = next((seller["name"] for seller in self.sellers if seller["id"] == seller_id), f"Seller {seller_id}")
        self._put(order_id, taking.taken(body, order_id, name, self.clock.now()))
        self.accepted[order_id] = body
        return order_id

    def order_with_identifier(self, seller_id: int, identifier: str) -> int | None:
        """Return the id of the seller's order with this `orderIdentifier`, or None."""
        for order_id, order in self.orders.items():
            if order["sellerId"] == seller_id and order.get("orderIdentifier") == identifier:
                return order_id
        return None

    def skus(self, seller_id: int) -> frozenset[str]:
        """Return every SKU that the seller has in stock lists, wherever."""
        return frozenset(
            item["sku"] for (_, owner), items in self.items.items() if owner == seller_id for item in items
        )

    def change(self, order_id: int, **fields: Any) -> None:
        """Put `fields` over an order; KeyError if there is no such order."""
        self._put(order_id, self.orders[order_id] | fields | {"lastModified": demo.moment(self.clock.now())})

    def set_status(self, order_id: int, status: str) -> None:
        """Give an order a status, also one that the documents do not know; only a completed order has `completedAt`."""
        finished = demo.moment(self.clock.now()) if status == demo.COMPLETED else None
        self.change(order_id, orderStatus=status, completedAt=finished)

    def complete(self, order_id: int, number: str, link: str) -> None:
        """Hand an order to the carrier: COMPLETED, with one tracking number and link."""
        self.change(order_id, **demo.completed(number, link, self.clock.now()))

    def cancel_requested(self, order_id: int) -> None:
        """Log a cancel request on an order, with nothing to come of it; an earlier one keeps its time."""
        if not self.orders[order_id].get("cancelRequestedAt"):
            self.change(order_id, cancelRequestedAt=demo.moment(self.clock.now()))

    def request_cancel(self, order_id: int) -> None:
        """Log a cancel request as a client makes it: `cancel_settles` says what comes of it, a second one is no change.

        The order becomes CANCELLED only if it is still PENDING or PROCESSING when the time has come.
        """
        if self.orders[order_id].get("cancelRequestedAt"):
            return
        self.cancel_requested(order_id)
        if self.switches.cancel_settles == "never":
            return
        wait = self.switches.cancel_seconds if self.switches.cancel_settles == "after" else 0.0
        self._cancelling[order_id] = self.clock.now() + wait
        self._settle()

    async def send_webhook(self, url: str, order_id: int, version: int) -> int:
        """Deliver the event of an order's change to `url` and return the status of the answer.

        Only ids are told, once, unsigned; a test repeats and reorders deliveries itself. KeyError if there is no such
        order, aiohttp.ClientError if nobody answers.
        """
        modified = self.orders[order_id].get("lastModified") or demo.moment(self.clock.now())
        return await webhook.deliver(url, webhook.event(order_id, modified, version))

    def expire_tokens(self) -> None:
        """Expire every session token that was handed out so far."""
        self.tokens.expire()

    def revoke_key(self, api_key: str) -> None:
        """Make a static key worthless, and with it its account."""
        self.accounts = [account for account in self.accounts if account.api_key != api_key]

    def listed_orders(self, seller_ids: frozenset[int]) -> list[Document]:
        """Return the orders of these sellers as the lists know them by now, ids ascending."""
        lag = self.switches.index_lag_ms / 1000
        orders = self.orders
        known = (self._index.known(number, orders[number], self.clock.now(), lag) for number in sorted(orders))
        return [order for order in known if order is not None and order["sellerId"] in seller_ids]

    def _next_id(self) -> int:
        return max(self.orders, default=demo.FIRST_HOME_ORDER - 1) + 1

    def _settle(self) -> None:
        """Cancel what was due by now, each at its own time, however far the clock has jumped since."""
        now = self.clock.now()
        for due, order_id in sorted((due, order_id) for order_id, due in self._cancelling.items() if due <= now):
            del self._cancelling[order_id]
            order = self._orders.get(order_id, {})
            if order.get("orderStatus") in (demo.PENDING, demo.PROCESSING):
                settled = {"orderStatus": demo.CANCELLED, "lastModified": demo.moment(due)}
                self._put(order_id, order | settled, due)

    def _put(self, order_id: int, order: Document, at: float | None = None) -> None:
        moment = self.clock.now() if at is None else at
        self._index.replaced(order_id, self._orders.get(order_id), moment)
        self._orders[order_id] = order
