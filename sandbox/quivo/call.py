"""One request after the gateway let it through, and what the endpoints share in reading it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.quivo import answers
from sandbox.quivo.accounts import Account
from sandbox.quivo.fields import Document

if TYPE_CHECKING:
    from sandbox.quivo.quivo import Quivo

_ID = re.compile(r"-?\d{1,18}", re.ASCII)
_PARTS = {"order_id": "orderId", "warehouse_id": "warehouseId", "seller_id": "sellerId"}


@dataclass(frozen=True)
class Call:
    """Whose key or session a request has, and what it carries; `path` holds the named parts of the path."""

    account: Account
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes = field(repr=False)
    content_type: str


class Refusal(Exception):
    """The request is refused while it is still being read; `response` is the answer."""

    def __init__(self, response: web.Response) -> None:
        super().__init__()
        self.response = response


def json_object(call: Call) -> Document:
    """Return the body, which must be a JSON object; Refusal in the gateway's shape otherwise."""
    if call.content_type != "application/json":
        raise Refusal(answers.message(415, "Unsupported Media Type"))
    try:
        body = json.loads(call.body, parse_constant=_no_number)
        # A lone surrogate is text that cannot be sent back.
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refusal(answers.message(400, "Invalid request body"))
    return body


def number(quivo: "Quivo", call: Call, part: str) -> int:
    """Return a part of the path as an int64; Refusal (400) if it is none."""
    if not _ID.fullmatch(call.path[part]):
        raise Refusal(answers.refusal(quivo.switches, 400, f"{_PARTS[part]}: must be an integer"))
    return int(call.path[part])


def own_order(quivo: "Quivo", call: Call) -> Document:
    """Return the order that the path names; Refusal (404) for another seller's as for one that does not exist."""
    order = quivo.orders.get(number(quivo, call, "order_id"))
    if order is None or order["sellerId"] not in call.account.seller_ids:
        raise Refusal(answers.refusal(quivo.switches, 404, "Order not found"))
    return order


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
