"""How the tests call the local Vendo: one line a request, whole answers back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from sandbox.vendo import BASE, Vendo
from sandbox.vendo.orders import Order

VND = "application/vnd.api+json"
JSON = "application/json"
NOT_FOUND = {"error": "The resource you were looking for could not be found."}
FORBIDDEN = {"error": "You are not authorized to access this page."}
HOME = {
    "firstname": "Grace", "lastname": "Hopper", "address1": "1 Harbor Street", "city": "Brooklyn", "zipcode": "11201",
    "state_name": "New York", "country_iso": "US",
}  # fmt: skip
CARD = {"gateway_payment_profile_id": "BGS-1", "name": "Grace Hopper", "cc_type": "visa", "last_digits": "4242"}


@dataclass(frozen=True)
class Answer:
    """What came back; `body` is None for an empty one, and a text if it is no JSON."""

    status: int
    kind: str
    body: Any
    headers: Mapping[str, str] = field(compare=False, repr=False, default_factory=dict)

    @property
    def attributes(self) -> Any:
        """The attributes of the one resource."""
        return self.body["data"]["attributes"]

    @property
    def relations(self) -> Any:
        """The relationships of the one resource."""
        return self.body["data"]["relationships"]

    @property
    def said(self) -> tuple[int, Any]:
        """Status and body, which is most of what a refusal is."""
        return self.status, self.body

    def all(self, name: str) -> list[Any]:
        """One attribute of every resource of a list."""
        return [one["attributes"][name] for one in self.body["data"]]

    def included(self, kind: str) -> list[Any]:
        """The included resources of this type."""
        return [one for one in self.body["included"] if one["type"] == kind]


def refused(status: int, text: str, errors: Any = None) -> tuple[int, Any]:
    """What `said` is for a refusal."""
    return status, {"error": text} | ({"errors": errors} if errors else {})


class Client:
    """Somebody who calls Vendo with the same headers every time."""

    def __init__(self, session: aiohttp.ClientSession, headers: Mapping[str, str] | None = None) -> None:
        self.session = session
        self.headers = dict(headers or {})

    def having(self, **headers: str) -> Client:
        """The same caller with more headers; `X_Vendo_Order_Token` becomes `X-Vendo-Order-Token`."""
        return Client(self.session, self.headers | {name.replace("_", "-"): text for name, text in headers.items()})

    async def __call__(self, method: str, path: str, body: Any = None, **query: str) -> Answer:
        """Send JSON:API's media type with a body (`/auth`: JSON); `filter__name` in the query is `filter[name]`."""
        asked = {name.replace("__", "[", 1) + ("]" if "__" in name else ""): text for name, text in query.items()}
        headers = dict(self.headers)
        if body is not None:
            headers.setdefault("Content-Type", JSON if path == "/auth" else VND)
        sent = body if isinstance(body, str | bytes) else None if body is None else json.dumps(body)
        async with self.session.request(
            method, f"{BASE}{path}", params=asked, data=sent, headers=headers, allow_redirects=False
        ) as answer:
            text = await answer.text()
            return Answer(answer.status, answer.content_type, _read(text), answer.headers)


async def signed_in(guest: Client, vendo: Vendo, email: str) -> Client:
    """Sign somebody in by way of the mail, and return the caller with the bearer token."""
    tokens = await login(guest, vendo, email)
    return guest.having(Authorization=f"Bearer {tokens['access_token']}")


async def login(guest: Client, vendo: Vendo, email: str) -> Any:
    """Ask for a code and exchange it; returns the tokens."""
    await guest("POST", "/auth", {"user": {"email": email}})
    answer = await guest("POST", "/auth", {"user": {"email": email, "code": vendo.mail[-1].code}})
    assert answer.status == 200
    return answer.body


async def new_cart(caller: Client) -> Client:
    """Make a cart and return the caller with its token."""
    answer = await caller("POST", "/cart")
    assert answer.status == 201
    return caller.having(X_Vendo_Order_Token=answer.attributes["token"])


def variant_id(vendo: Vendo, sku: str) -> str:
    """The id of what is sold under this SKU."""
    return next(form.id for product in vendo.products for form in product.sold if form.sku == sku)


async def filled_cart(caller: Client, vendo: Vendo, *skus: str) -> Client:
    """Make a cart with one of each SKU; without any, two black T-shirts in M."""
    shopper = await new_cart(caller)
    for sku in skus or ("TEE-BLACK-M", "TEE-BLACK-M"):
        answer = await shopper("POST", "/cart/add_item", {"variant_id": variant_id(vendo, sku)})
        assert answer.status == 200
    return shopper


async def addressed_cart(caller: Client, vendo: Vendo, *skus: str) -> Client:
    """Make a filled cart that knows where it goes."""
    shopper = await filled_cart(caller, vendo, *skus)
    order = {"email": "grace@example.com", "ship_address_attributes": HOME, "bill_address_attributes": HOME}
    answer = await shopper("PATCH", "/checkout", {"order": order})
    assert answer.status == 200
    return shopper


def newest(vendo: Vendo) -> Order:
    """The order or cart that was made last."""
    return vendo.orders[-1]


def _read(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except json.JSONDecodeError:
        return text
