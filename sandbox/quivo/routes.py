"""What Quivo can be asked, one row per endpoint, and what it answers to a look (`apis/quivo.md` §2, §4, §5, §7, §8)."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from aiohttp import web

from sandbox.quivo import answers, shapes, writes
from sandbox.quivo.call import Call, json_object, number, own_order
from sandbox.quivo.fields import ITEM_FIELDS, ORDER_FIELDS, SELLER_FIELDS, WAREHOUSE_FIELDS, Document, Fields
from sandbox.quivo.listing import ListError, select

if TYPE_CHECKING:
    from sandbox.quivo.quivo import Quivo


@dataclass(frozen=True)
class Route:
    """One endpoint: `pattern` matches the whole path, `needs` says which headers the gateway asks for."""

    method: str
    pattern: re.Pattern[str]
    needs: Literal["key", "session"]
    answer: "Callable[[Quivo, Call], web.Response]"


def find(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Return the route for a request with the parts of its path, or None if the gateway has none."""
    for route in ROUTES:
        found = route.pattern.fullmatch(path)
        if found and route.method == method:
            return route, found.groupdict()
    return None


def login(quivo: "Quivo", call: Call) -> web.Response:
    """`POST /login`: user name and password of the account that owns the key, for a token."""
    body = json_object(call)
    if flaws := list(_login_flaws(body)):
        return answers.flaws(quivo.switches, flaws)
    if (body["username"], body["password"]) != (call.account.username, call.account.password):
        return answers.message(401, answers.UNAUTHORIZED)
    return answers.data({"token": quivo.tokens.issue(call.account)})


def _login_flaws(body: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for name in ("username", "password"):
        value = body.get(name)
        if value is None:
            yield name, "must not be null"
        elif not isinstance(value, str):
            yield name, "must be a string"
        elif not value.strip():
            yield name, "must not be blank"


def ping(_: "Quivo", __: Call) -> web.Response:
    """`GET /ping`: database and search are always well here; faults make it fail."""
    return answers.data({"database": "OK", "elasticsearch": "OK"})


def list_orders(quivo: "Quivo", call: Call) -> web.Response:
    """`GET /orders`: summaries of the account's own sellers' orders."""
    orders = [shapes.summary(order) for order in quivo.listed_orders(call.account.seller_ids)]
    return _list(quivo, call, orders, ORDER_FIELDS, "orderId")


def one_order(quivo: "Quivo", call: Call) -> web.Response:
    """`GET /orders/{orderId}`: another seller's order is as unknown as one that does not exist."""
    if quivo.switches.order_by_id == "no_route":
        return answers.message(403, answers.NO_ROUTE)
    number(quivo, call, "order_id")
    if quivo.switches.order_by_id == "not_found":
        return answers.refusal(quivo.switches, 404, "Order not found")
    return answers.data(shapes.full(own_order(quivo, call)))


def list_sellers(quivo: "Quivo", call: Call) -> web.Response:
    """`GET /sellers`: the account's own."""
    return _list(quivo, call, [s for s in quivo.sellers if s["id"] in call.account.seller_ids], SELLER_FIELDS, "id")


def list_warehouses(quivo: "Quivo", call: Call) -> web.Response:
    """`GET /warehouses`: the same for everybody."""
    return _list(quivo, call, quivo.warehouses, WAREHOUSE_FIELDS, "id")


def list_items(quivo: "Quivo", call: Call) -> web.Response:
    """`GET /items/{warehouseId}/{sellerId}`: stock; another account's seller is as unknown as one without a number."""
    warehouse, seller = number(quivo, call, "warehouse_id"), number(quivo, call, "seller_id")
    if seller not in call.account.seller_ids:
        return answers.refusal(quivo.switches, 404, "Seller not found")
    if warehouse not in {known["id"] for known in quivo.warehouses}:
        return answers.refusal(quivo.switches, 404, "Warehouse not found")
    return _list(quivo, call, quivo.items.get((warehouse, seller), []), ITEM_FIELDS, "itemId")


def _list(quivo: "Quivo", call: Call, documents: list[Document], fields: Fields, id_field: str) -> web.Response:
    try:
        page = select(documents, call.query, fields, id_field=id_field, page_base=quivo.switches.page_base)
    except ListError as error:
        return answers.refusal(quivo.switches, 400, str(error))
    if quivo.switches.sort_in_items:
        return answers.data([document | {"sort": sort} for document, sort in page])
    return answers.data([document for document, _ in page])


ROUTES = (
    Route("POST", re.compile("/login"), "key", login),
    Route("GET", re.compile("/ping"), "key", ping),
    Route("GET", re.compile("/orders"), "session", list_orders),
    Route("GET", re.compile("/orders/(?P<order_id>[^/]+)"), "session", one_order),
    Route("POST", re.compile("/orders"), "session", writes.create),
    Route("PATCH", re.compile("/orders/(?P<order_id>[^/]+)"), "session", writes.edit),
    Route("PUT", re.compile("/orders/(?P<order_id>[^/]+)/address"), "session", writes.address),
    Route("POST", re.compile("/orders/(?P<order_id>[^/]+)/cancelRequest"), "session", writes.cancel_request),
    Route("GET", re.compile("/items/(?P<warehouse_id>[^/]+)/(?P<seller_id>[^/]+)"), "session", list_items),
    Route("GET", re.compile("/sellers"), "session", list_sellers),
    Route("GET", re.compile("/warehouses"), "session", list_warehouses),
)
