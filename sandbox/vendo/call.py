"""One request after its headers were read, and what the endpoints share in reading it (`apis/vendo.md` §3, §4)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.vendo import answers, jsonapi
from sandbox.vendo.customers import Customer
from sandbox.vendo.jsonapi import Resource
from sandbox.vendo.orders import Order
from sandbox.vendo.show import Show

if TYPE_CHECKING:
    from sandbox.vendo.vendo import Vendo

DEFAULT_PER_PAGE = 25
MOST_PER_PAGE = 500


@dataclass(frozen=True)
class Call:
    """Who asks for what: `customer` is None for a guest, `url` is the address without its query."""

    vendo: "Vendo" = field(repr=False)
    customer: Customer | None
    order_token: str | None = field(repr=False)
    path: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str]
    body: Mapping[str, Any] = field(repr=False)
    url: str

    @property
    def currency(self) -> str:
        """The currency that the query asks for if the store has it, else the store's own."""
        asked = str(self.param("currency") or "").upper()
        return asked if asked in self.vendo.currencies else self.vendo.currencies[0]

    @property
    def show(self) -> Show:
        """How things are shown to this caller."""
        return Show(self.vendo, self.currency, self.customer)

    def param(self, name: str) -> Any:
        """Return a parameter, which may stand in the query or in the body."""
        return self.query.get(name, self.body.get(name))

    def including(self, include: str) -> "Call":
        """Return the same call with this include, whatever the query says."""
        return replace(self, query=dict(self.query) | {"include": include})

    def signed_in(self) -> Customer:
        """Return the customer; Refusal (403) for a guest."""
        if self.customer is None:
            answers.refuse(403, answers.FORBIDDEN)
        return self.customer

    def cart(self) -> Order:
        """Return the current cart (§3), by order token first and by customer then; Refusal (404) if there is none."""
        return answers.found(self.vendo.current(self.order_token, self.customer, self.currency))

    def wrapped(self, name: str) -> Mapping[str, Any]:
        """Return the object under this name in the body; Refusal (400) if it is missing, empty or none."""
        inner = self.body.get(name)
        if not isinstance(inner, dict) or not inner:
            answers.refuse(400, f"param is missing or the value is empty: {name}")
        return inner

    def answer(self, kind: str, data: Resource | Sequence[Resource], status: int = 200, **more: Any) -> web.Response:
        """Answer with a document of this resource type, as `include` and `fields` ask; Refusal (400) for a bad include.

        `more` becomes members beside `data`, such as `meta`.
        """
        try:
            include = jsonapi.paths(kind, self.query.get("include", ""))
        except jsonapi.UnknownInclude as error:
            answers.refuse(400, str(error))
        return answers.data(jsonapi.document(data, include, jsonapi.sparse(self.query)) | more, status)


def json_object(body: bytes) -> Mapping[str, Any]:
    """Return the body, which is a JSON object or nothing; Refusal (400) otherwise."""
    try:
        read = json.loads(body, parse_constant=_no_number) if body.strip() else {}
        json.dumps(read, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        answers.refuse(400, "There was a problem in the JSON you submitted")
    return read


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
