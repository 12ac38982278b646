"""What Shipclerk changes at QPilot; every write is one request, sent once (apis/qpilot.md §6, §7).

What an answer holds is mostly undocumented, so a write gives nothing back but a new record's id: who shows a result
reads the record again. An error whose ``outcome_known`` is False leaves open whether it was done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from backends.qpilot import bodies
from backends.qpilot.asking import Asking, Request
from backends.qpilot.documents import secret, written
from backends.qpilot.new import NewCustomer, NewItem, NewOrder, NewPaymentMethod, NewProduct
from backends.qpilot.order import Item, ScheduledOrder
from backends.qpilot.query import Value
from backends.qpilot.tickets import Tickets
from backends.qpilot.writes import accepted
from backends.secret import Secret

_SITE, _ORDER = "/Sites/{site}", "/Sites/{site}/ScheduledOrders/{id}"
_ITEM = "/Sites/{site}/ScheduledOrderItems"


class Writing:
    """The writes of ``QpilotClient``; run the checks of ``check.py`` before, for these do not.

    Besides what every request raises: QpilotInvalid where QPilot names fields, QpilotForbidden where it says no without
    (status, lock, a feature that is off), NotFound.
    """

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    async def create_customer(
        self, tickets: Tickets, site_id: int, customer: NewCustomer, *, request_id: str = ""
    ) -> str:
        """Make a customer, with payment methods if there are any, and give its id (seed 004, steps 2 and 3)."""
        path = _SITE + "/Customers"
        said = await self._write(tickets, "POST", path, site_id, body=bodies.customer(customer), request_id=request_id)
        return bodies.text_id(said) or customer.id

    async def create_payment_method(
        self, tickets: Tickets, site_id: int, method: NewPaymentMethod, *, request_id: str = ""
    ) -> int | None:
        """Make a payment method and give its id, None if QPilot did not say it (seed 004, step 3)."""
        path, body = _SITE + "/PaymentMethods", bodies.payment_method(method)
        said = await self._write(tickets, "POST", path, site_id, body=body, request_id=request_id)
        return bodies.number_id(said)

    async def create_product(self, tickets: Tickets, site_id: int, product: NewProduct, *, request_id: str = "") -> str:
        """Make a product and give its id (seed 004, step 4)."""
        path, body = _SITE + "/Products", bodies.product(product, site_id)
        said = await self._write(tickets, "POST", path, site_id, body=body, request_id=request_id)
        return bodies.text_id(said) or product.id

    async def create_order(
        self, tickets: Tickets, site_id: int, order: NewOrder, *, request_id: str = ""
    ) -> int | None:
        """Make a scheduled order and give its id, None if QPilot did not say it (seed 004, step 5)."""
        path, body = _SITE + "/ScheduledOrders", bodies.order(order)
        said = await self._write(tickets, "POST", path, site_id, body=body, request_id=request_id)
        return bodies.number_id(said)

    async def put_order(
        self,
        tickets: Tickets,
        site_id: int,
        order: ScheduledOrder,
        changes: Mapping[str, Any],
        *,
        request_id: str = "",
    ) -> None:
        """Write the whole scheduled order as it was read, with ``changes`` under QPilot's own names.

        Every field that is not in ``changes`` stays; what QPilot reckons itself is left out (apis/qpilot.md §6.1).
        ``status`` cannot be changed so. Raises ValueError for an order that was not read from QPilot.
        """
        body = bodies.whole(order, changes)
        await self._write(tickets, "PUT", _ORDER, site_id, order.id, body=body, request_id=request_id)

    async def set_status(
        self,
        tickets: Tickets,
        site_id: int,
        order_id: int,
        status: Literal["Active", "Paused"],
        *,
        request_id: str = "",
    ) -> None:
        """Activate or pause; activating one that is due queues it at once, so it can charge (apis/qpilot.md §7).

        Raises QpilotForbidden with the code NOT_FROM_THIS_STATUS.
        """
        path = f"{_ORDER}/Status/{status}"
        await self._write(tickets, "PUT", path, site_id, order_id, request_id=request_id)

    async def safe_activate(
        self, tickets: Tickets, site_id: int, order_id: int, *, allow_deleted: bool = False, request_id: str = ""
    ) -> None:
        """Activate a failed, paused or snoozed one, with ``allow_deleted`` a deleted one too; it can charge."""
        query: dict[str, Value] = {"allowDeleted": True if allow_deleted else None}
        path = _ORDER + "/SafeActivate"
        await self._write(tickets, "PUT", path, site_id, order_id, query=query, request_id=request_id)

    async def set_next_occurrence(
        self, tickets: Tickets, site_id: int, order: ScheduledOrder, moment: datetime, *, request_id: str = ""
    ) -> None:
        """Move the next occurrence to a moment in the future, written as precisely as the record's (§3.2)."""
        body = secret({"nextOccurrenceUtc": written(moment, bodies.digits(order))})
        path = _ORDER + "/NextOccurrenceUtc"
        await self._write(tickets, "PUT", path, site_id, order.id, body=body, request_id=request_id)

    async def set_frequency(
        self,
        tickets: Tickets,
        site_id: int,
        order_id: int,
        frequency_type: str,
        frequency: int,
        *,
        request_id: str = "",
    ) -> None:
        """Change how often it recurs (apis/qpilot.md §6.1)."""
        body = secret({"frequencyType": frequency_type, "frequency": frequency})
        await self._write(tickets, "PUT", _ORDER + "/Frequency", site_id, order_id, body=body, request_id=request_id)

    async def snooze(
        self, tickets: Tickets, site_id: int, order_id: int, until: datetime, *, request_id: str = ""
    ) -> None:
        """Pause until a moment in the future; QpilotForbidden with the code SNOOZE_IS_OFF where the site has it not."""
        body = secret({"snoozeUntilUtc": written(until)})
        await self._write(tickets, "PUT", _ORDER + "/Snooze", site_id, order_id, body=body, request_id=request_id)

    async def set_payment_method(
        self, tickets: Tickets, site_id: int, order_id: int, payment_method_id: int, *, request_id: str = ""
    ) -> None:
        """Choose another of the customer's payment methods (apis/qpilot.md §6.1)."""
        body, path = secret({"paymentMethodId": payment_method_id}), _ORDER + "/PaymentMethod"
        await self._write(tickets, "PATCH", path, site_id, order_id, body=body, request_id=request_id)

    async def retry(self, tickets: Tickets, site_id: int, order_id: int, *, request_id: str = "") -> None:
        """Process a failed one again, which may charge a card; never again after an unknown outcome (§3.3)."""
        await self._write(tickets, "POST", _ORDER + "/Retry", site_id, order_id, request_id=request_id)

    async def delete(self, tickets: Tickets, site_id: int, order_id: int, *, request_id: str = "") -> None:
        """Delete it, which is QPilot's word for cancelling; ``safe_activate`` can bring it back (§6.1)."""
        await self._write(tickets, "DELETE", _ORDER, site_id, order_id, request_id=request_id)

    async def add_items(
        self, tickets: Tickets, site_id: int, order_id: int, items: Sequence[NewItem], *, request_id: str = ""
    ) -> None:
        """Add lines to a scheduled order (apis/qpilot.md §6.2)."""
        body = bodies.items(order_id, items)
        await self._write(tickets, "POST", _ITEM, site_id, body=body, request_id=request_id)

    async def change_item(
        self, tickets: Tickets, site_id: int, item: Item, quantity: int, *, request_id: str = ""
    ) -> None:
        """Change a line's quantity; its product and prices are written as they were read (apis/qpilot.md §6.2)."""
        body, path = bodies.item(item, quantity), _ITEM + "/{id}"
        await self._write(tickets, "PUT", path, site_id, item.id, body=body, request_id=request_id)

    async def remove_item(self, tickets: Tickets, site_id: int, item_id: int, *, request_id: str = "") -> None:
        """Remove a line for good; added again it has another id (apis/qpilot.md §6.2)."""
        await self._write(tickets, "DELETE", _ITEM + "/{id}", site_id, item_id, request_id=request_id)

    async def product_availability(
        self, tickets: Tickets, site_id: int, product_id: str, *, add: bool, process: bool, request_id: str = ""
    ) -> None:
        """Say whether a product may be added to scheduled orders, and whether they ship it (apis/qpilot.md §6.3)."""
        body = secret({"AddToScheduledOrder": add, "ProcessScheduledOrder": process})
        path = _SITE + "/Products/{id}/ScheduledOrderAvailability"
        await self._write(tickets, "PUT", path, site_id, product_id, body=body, request_id=request_id)

    async def _write(
        self,
        tickets: Tickets,
        method: str,
        path: str,
        site_id: int,
        record_id: str | int = "",
        *,
        query: Mapping[str, Value] | None = None,
        body: Secret | None = None,
        request_id: str,
    ) -> object:
        """What QPilot answered, None for an empty body; raises what ``accepted`` raises."""
        parts = {"site": site_id, "id": record_id}
        request = Request(method, path, parts, query or {}, body, request_id)
        return accepted(self._asking.http, await self._asking.write(tickets, request))
