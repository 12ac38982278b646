"""What Quivo can be asked, one row and one function per endpoint (`apis/quivo.md` §2, §4, §5, §7)."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from aiohttp import web

from sandbox.quivo import answers, shapes
from sandbox.quivo.accounts import Account
from sandbox.quivo.fields import ORDER_FIELDS, SELLER_FIELDS, WAREHOUSE_FIELDS, Document, Fields
from sandbox.quivo.listing import ListError, select

if TYPE_CHECKING:
    from sandbox.quivo.quivo import Quivo

_ORDER_ID = re.compile(r"-?\d{1,18}", re.ASCII)


@dataclass(frozen=True)
class Call:
    """One request after the gateway let it through: whose key or session, and what it carries."""

    account: Account
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes = field(repr=False)
    content_type: str


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
    if call.content_type != "application/json":
        return answers.message(415, "Unsupported Media Type")
    try:
        body = json.loads(call.body)
    except ValueError:
        return answers.message(400, "Invalid request body")
    if not isinstance(body, dict):
        return answers.message(400, "Invalid request body")
    if flaws := list(_login_flaws(body)):
        return answers.refusal(quivo.switches, 400, "\n".join(flaws))
    if (body["username"], body["password"]) != (call.account.username, call.account.password):
        return answers.message(401, answers.UNAUTHORIZED)
    return answers.data({"token": quivo.tokens.issue(call.account)})


def _login_flaws(body: dict[str, Any]) -> Iterable[str]:
    for name in ("username", "password"):
        value = body.get(name)
        if value is None:
            yield f"{name}: must not be null"
        elif not isinstance(value, str):
            yield f"{name}: must be a string"
        elif not value.strip():
            yield f"{name}: must not be blank"


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
    if not _ORDER_ID.fullmatch(call.path["order_id"]):
        return answers.refusal(quivo.switches, 400, "orderId: must be an integer")
    order = quivo.orders.get(int(call.path["order_id"]))
    if quivo.switches.order_by_id == "not_found" or order is None or order["sellerId"] not in call.account.seller_ids:
        return answers.refusal(quivo.switches, 404, "Order not found")
    return answers.data(shapes.full(order))


def list_sellers(quivo: "Quivo", call: Call) -> web.Response:
    """`GET /sellers`: the account's own."""
    return _list(quivo, call, [s for s in quivo.sellers if s["id"] in call.account.seller_ids], SELLER_FIELDS, "id")


def list_warehouses(quivo: "Quivo", call: Call) -> web.Response:
    """`GET /warehouses`: the same for everybody."""
    return _list(quivo, call, quivo.warehouses, WAREHOUSE_FIELDS, "id")


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
    Route("GET", re.compile("/sellers"), "session", list_sellers),
    Route("GET", re.compile("/warehouses"), "session", list_warehouses),
)
