"""Quivo's API as Shipclerk uses it: reading and writing orders, and what they are made of (seeds, apis/quivo.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import TypeAdapter

from backends.errors import BackendError, Garbled, NoAnswer, NotFound, Unreachable
from backends.http import PROBE, READ, WRITE, Answer, BackendHttp, Call
from backends.quivo import auth, bodies, items
from backends.quivo.address import AddressType
from backends.quivo.auth import Credentials, Session
from backends.quivo.edit import Edit
from backends.quivo.items import ITEMS, Item
from backends.quivo.models import ORDERS, SELLERS, WAREHOUSES, OrderWire, Seller, SellerWire, Warehouse, WarehouseWire
from backends.quivo.new_order import NewOrder
from backends.quivo.order import Address, Order, Page
from backends.quivo.query import OrderQuery, render
from backends.quivo.refusals import checked
from backends.quivo.writes import accepted, created
from backends.reading import parsed
from backends.secret import Secret

__all__ = ["BASE_URL", "Item", "OrderQuery", "QuivoClient", "Seller", "Warehouse"]

BASE_URL = "https://api.quivo.co"
_PAGE, _MOST_PAGES = 1000, 20  # a list's documented maximum (apis/quivo.md §4)
_Item = TypeVar("_Item", SellerWire, WarehouseWire)


class QuivoClient:
    """One Quivo, any number of accounts: whose request it is comes with each call, and nothing is kept between them.

    Every method raises BackendError; every one but ``login`` and ``ping`` raises SessionExpired once the token has run
    out. ``read_by_list`` reads a single order through the list, should ``GET /orders/{id}`` not exist (apis/quivo.md
    §5.3). ``request_id`` is the reference that log and errors show; without one, one is made.
    """

    def __init__(self, http: BackendHttp, *, read_by_list: bool = False) -> None:
        self._http = http
        self._read_by_list = read_by_list

    async def login(self, credentials: Credentials, *, request_id: str = "") -> Session:
        """Exchange credentials for a session of one hour (seed 000); see ``auth.login`` for what it raises."""
        return await auth.login(self._http, credentials, request_id=request_id)

    async def order(self, session: Session, order_id: int, *, request_id: str = "") -> Order:
        """Read one order by its id; raises NotFound if this account has none."""
        read = self._listed if self._read_by_list else self._whole
        order, reference = await read(session, order_id, request_id)
        if order.order_id != order_id:
            raise Garbled(self._http.name, reference)
        return order

    async def orders(
        self,
        session: Session,
        query: OrderQuery,
        *,
        page_size: int = 10,
        search_after: str | None = None,
        request_id: str = "",
    ) -> Page:
        """Read one page of orders, newest id first; ``search_after`` is the former page's (apis/quivo.md §4)."""
        asked = {"query": render(query), "sort": "orderId:desc", "pageSize": str(page_size)}
        if search_after is not None:
            asked["searchAfter"] = search_after
        answer = await self._get("/orders", session, query=asked, request_id=request_id)
        found = parsed(self._http, answer, ORDERS.validate_json)
        more = found[-1].cursor() if len(found) >= page_size else None
        return Page(tuple(item.to_order() for item in found), more)

    async def sellers(self, session: Session, *, request_id: str = "") -> tuple[Seller, ...]:
        """Read all sellers of the account."""
        return tuple(item.to_seller() for item in await self._all("/sellers", session, SELLERS, request_id))

    async def warehouses(self, session: Session, *, request_id: str = "") -> tuple[Warehouse, ...]:
        """Read all warehouses, also those that are no longer active."""
        return tuple(item.to_warehouse() for item in await self._all("/warehouses", session, WAREHOUSES, request_id))

    async def items(
        self, session: Session, warehouse_id: int, seller_id: int, text: str, *, most: int = 20, request_id: str = ""
    ) -> tuple[Item, ...]:
        """Search a seller's goods in one warehouse by what was typed of SKU or name, in the order of their SKUs."""
        answer = await self._get(
            "/items/{warehouse}/{seller}",
            session,
            parts={"warehouse": warehouse_id, "seller": seller_id},
            query={"query": items.render(text), "sort": "sku:asc", "pageSize": str(most)},
            request_id=request_id,
        )
        found = (row.to_item() for row in parsed(self._http, answer, ITEMS.validate_json))
        return tuple(item for item in found if item is not None)

    async def create(self, session: Session, order: NewOrder, *, request_id: str = "") -> int:
        """Make an order and give its id; raises Invalid with Quivo's complaints, a used identifier among them.

        Like every write it is sent once. An error whose ``outcome_known`` is False leaves open whether the order is
        there: search its identifier before sending it again (seed 001).
        """
        body = bodies.new_order(order)
        call = Call("POST", "/orders", WRITE, headers=session.headers(), body=body, request_id=request_id)
        return created(self._http, await self._http.ask(call))

    async def edit(self, session: Session, order_id: int, edit: Edit, *, request_id: str = "") -> None:
        """Change an order that is being processed; raises Forbidden in any other status (seed 002)."""
        await self._change("PATCH", "/orders/{id}", session, order_id, bodies.edit(edit), request_id)

    async def address(
        self, session: Session, order_id: int, kind: AddressType, address: Address, *, request_id: str = ""
    ) -> None:
        """Replace one address of an order that is being processed, or both; raises Forbidden in any other status."""
        body = bodies.address(address, kind)
        await self._change("PUT", "/orders/{id}/address", session, order_id, body, request_id, {"type": kind.value})

    async def cancel_request(self, session: Session, order_id: int, *, request_id: str = "") -> None:
        """Ask for an order's cancellation, which is not yet its being cancelled (seed 002, apis/quivo.md §5.7)."""
        await self._change("POST", "/orders/{id}/cancelRequest", session, order_id, None, request_id)

    async def ping(self) -> bool:
        """True if Quivo answers at all, whatever it says (apis/quivo.md §4)."""
        try:
            await self._http.ask(Call("GET", "/ping", PROBE))
        except (Unreachable, NoAnswer):
            return False
        except BackendError:
            return True
        return True

    async def _whole(self, session: Session, order_id: int, request_id: str) -> tuple[Order, str]:
        answer = await self._get("/orders/{id}", session, parts={"id": order_id}, request_id=request_id)
        return parsed(self._http, answer, OrderWire.model_validate_json).to_order(), answer.request_id

    async def _listed(self, session: Session, order_id: int, request_id: str) -> tuple[Order, str]:
        asked = {"query": render(OrderQuery(order_id=order_id)), "sort": "orderId:desc", "pageSize": "1"}
        answer = await self._get("/orders", session, query=asked, request_id=request_id)
        found = parsed(self._http, answer, ORDERS.validate_json)
        if not found:
            raise NotFound(self._http.name, answer.request_id)
        return found[0].to_order(), answer.request_id

    async def _all(
        self, path: str, session: Session, items: TypeAdapter[list[_Item]], request_id: str
    ) -> tuple[_Item, ...]:
        """Every item of a list, page by page; raises Garbled for one that does not end."""
        found: list[_Item] = []
        asked = {"sort": "id:asc", "pageSize": str(_PAGE)}
        for _ in range(_MOST_PAGES):
            answer = await self._get(path, session, query=asked, request_id=request_id)
            page = parsed(self._http, answer, items.validate_json)
            found += page
            if len(page) < _PAGE:
                return tuple(found)
            asked["searchAfter"] = str(page[-1].id)
        raise Garbled(self._http.name, answer.request_id)

    async def _get(
        self,
        path: str,
        session: Session,
        *,
        parts: Mapping[str, str | int] | None = None,
        query: Mapping[str, str] | None = None,
        request_id: str,
    ) -> Answer:
        call = Call("GET", path, READ, parts or {}, query or {}, session.headers(), request_id=request_id)
        return checked(self._http, await self._http.ask(call))

    async def _change(
        self,
        method: str,
        path: str,
        session: Session,
        order_id: int,
        body: Secret | None,
        request_id: str,
        query: Mapping[str, str] | None = None,
    ) -> None:
        call = Call(method, path, WRITE, {"id": order_id}, query or {}, session.headers(), body, request_id)
        accepted(self._http, await self._http.ask(call))
