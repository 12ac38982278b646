"""How every request to a store is made: one credential, the right pool, an answer that is read (apis/vendo.md §1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

from backends.errors import NotFound, SessionExpired
from backends.http import READ, Answer, BackendHttp, Call, Care
from backends.reading import parsed
from backends.secret import Secret
from backends.vendo.auth import Access, Guest, OrderToken, Tokens
from backends.vendo.jsonapi import Document
from backends.vendo.refusals import checked
from backends.vendo.stores import Stores

API, MEDIA = "/api/v2/storefront", "application/vnd.api+json"
VENDO_HEADER, SPREE_HEADER = "X-Vendo-Order-Token", "X-Spree-Order-Token"
BOTH = "both"

T = TypeVar("T")
Texts: TypeAlias = Mapping[str, str | Secret]


class Asking:
    """What the parts of the client share.

    ``order_token_header`` is the name that the store wants an order token under, or ``both`` to send it under Vendo's
    and under the open-source name (apis/vendo.md §1.1).
    """

    def __init__(self, stores: Stores, *, order_token_header: str = VENDO_HEADER) -> None:
        self._stores = stores
        both = order_token_header == BOTH
        self._token_headers = (VENDO_HEADER, SPREE_HEADER) if both else (order_token_header,)

    async def _get(
        self,
        access: Access,
        path: str,
        into: Callable[[Document], T],
        *,
        parts: Texts | None = None,
        query: Texts | None = None,
        request_id: str,
    ) -> T:
        """Read something and give it in Shipclerk's words."""
        call = self._call("GET", path, access, READ, parts=parts, query=query, request_id=request_id)
        return self._read(access, await self._ask(access, call), into)

    def _call(
        self,
        method: str,
        path: str,
        access: Access,
        care: Care,
        *,
        parts: Texts | None,
        query: Texts | None,
        body: Secret | None = None,
        request_id: str,
    ) -> Call:
        credential = self._credential(access)
        return Call(method, API + path, care, parts or {}, query or {}, credential, body, request_id, MEDIA)

    async def _ask(self, access: Access, call: Call) -> Answer:
        """What the store answers, be it yes or no."""
        http = self._stores.http(access.store)
        _refuse_unsendable(http, call)
        return await http.ask(call)

    def _read(self, access: Access, answer: Answer, into: Callable[[Document], T], *, field: str = "base") -> T:
        """A yes in Shipclerk's words; raises the Refused that a no means, its sentence under ``field``."""
        http = self._stores.http(access.store)
        return parsed(http, checked(http, answer, field=field), lambda body: into(Document.model_validate_json(body)))

    def _credential(self, access: Access) -> dict[str, Secret]:
        """The one header that says whose request it is; two would act on whichever cart is found first (§3)."""
        match access:
            case Tokens():
                return {"Authorization": Secret(f"Bearer {access.access.reveal()}")}
            case OrderToken():
                return dict.fromkeys(self._token_headers, access.token)
            case Guest():
                return {}


def _refuse_unsendable(http: BackendHttp, call: Call) -> None:
    """Raise, before anything is sent, for what no header can carry or what would end up at another path.

    An empty part or one of dots turns ``/cart/remove_coupon_code/{code}`` into another route: all coupons, or the cart.
    """
    if not all(secret.fits_a_header() for secret in call.headers.values()):
        raise SessionExpired(http.name, call.request_id)
    texts = [part for part in call.parts.values() if isinstance(part, str)]
    if any(not text.strip() or text in (".", "..") or not text.isprintable() for text in texts):
        raise NotFound(http.name, call.request_id)
