"""The part of the client that buys: cart and checkout (seed 003, apis/vendo.md §3, §5, §6).

Each answer is the whole cart as it is now; whoever asked checks that its ``number`` is the one that was meant. What
apis/vendo.md §10 calls safe to repeat is repeated after silence or a fault, everything else is sent once.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from backends.errors import BackendError
from backends.http import IDEMPOTENT, READ, WRITE, Answer, Call, Care
from backends.secret import Secret
from backends.vendo import checkout, models
from backends.vendo.asking import Asking, Texts
from backends.vendo.auth import Access, OrderToken, Tokens
from backends.vendo.cart import Cart, PaymentMethod, Shipment, ShopOrder
from backends.vendo.checkout import Card, CheckoutUpdate
from backends.vendo.jsonapi import Document
from backends.vendo.looking import WHOLE_CART

_ALREADY = b"already been applied"


class Buying(Asking):
    """Cart and checkout; an OrderToken's currency goes with each request, for a cart is found only in its own."""

    async def create_cart(self, access: Access, *, currency: str | None = None, request_id: str = "") -> Cart:
        """Make a cart and give it, always with its ``token``; sent once.

        With Tokens whose person already has a cart in that currency, Vendo gives that one (apis/vendo.md §3).
        """
        body = checkout.body(**({"currency": currency} if currency else {}))
        return await self._cart(access, "POST", "/cart", body=body, into=_with_token, request_id=request_id)

    async def cart(self, access: Access, *, currency: str | None = None, request_id: str = "") -> Cart:
        """Read the cart; with Tokens the newest one in ``currency``. Raises NotFound once it is completed."""
        query = {"currency": currency} if currency else {}
        return await self._cart(access, "GET", "/cart", READ, query=query, request_id=request_id)

    async def add_item(self, access: Access, variant_id: str, quantity: int = 1, *, request_id: str = "") -> Cart:
        """Add to what is there of a variant already; sent once, for a second time would add again."""
        body = checkout.body(variant_id=variant_id, quantity=quantity)
        return await self._cart(access, "POST", "/cart/add_item", body=body, request_id=request_id)

    async def set_quantity(self, access: Access, line_item_id: str, quantity: int, *, request_id: str = "") -> Cart:
        """Set a line to a quantity of 1 or more; safe to repeat, and repeated."""
        body = checkout.body(line_item_id=line_item_id, quantity=quantity)
        path = "/cart/set_quantity"
        return await self._cart(access, "PATCH", path, IDEMPOTENT, body=body, request_id=request_id)

    async def remove_item(self, access: Access, line_item_id: str, *, request_id: str = "") -> Cart:
        """Take a line away; safe to repeat, and repeated."""
        path, parts = "/cart/remove_line_item/{line}", {"line": line_item_id}
        return await self._cart(access, "DELETE", path, IDEMPOTENT, parts=parts, request_id=request_id)

    async def empty(self, access: Access, *, request_id: str = "") -> Cart:
        """Take all lines away; sent once."""
        return await self._cart(access, "PATCH", "/cart/empty", request_id=request_id)

    async def apply_coupon(self, access: Access, code: str, *, request_id: str = "") -> Cart:
        """Apply a coupon; raises Invalid with Vendo's sentence under ``coupon_code``. Safe to repeat, and repeated."""
        body, path = checkout.body(coupon_code=code), "/cart/apply_coupon_code"
        return await self._cart(
            access, "PATCH", path, IDEMPOTENT, body=body, field="coupon_code", request_id=request_id
        )

    async def remove_coupon(self, access: Access, code: str | None = None, *, request_id: str = "") -> Cart:
        """Take one coupon away, or all; safe to repeat, and repeated."""
        path = "/cart/remove_coupon_code" if code is None else "/cart/remove_coupon_code/{code}"
        parts = {} if code is None else {"code": code}
        return await self._cart(
            access, "DELETE", path, IDEMPOTENT, parts=parts, field="coupon_code", request_id=request_id
        )

    async def change_currency(self, access: Access, currency: str, *, request_id: str = "") -> Cart:
        """Change the cart's currency; from then on it is found only with an OrderToken of the new currency."""
        query = {"new_currency": currency}
        return await self._cart(access, "PATCH", "/cart/change_currency", query=query, request_id=request_id)

    async def associate(self, tokens: Tokens, order_token: OrderToken, *, request_id: str = "") -> Cart:
        """Give a guest's cart to who is signed in; raises Invalid if it belongs to somebody already.

        The one token besides a revoked one that stands in a URL, for there Vendo reads it (apis/vendo.md §5).
        """
        query: Texts = {"guest_order_token": order_token.token, **_currency(order_token)}
        return await self._cart(tokens, "PATCH", "/cart/associate", query=query, request_id=request_id)

    async def update_checkout(self, access: Access, update: CheckoutUpdate, *, request_id: str = "") -> Cart:
        """Change e-mail, addresses, instructions or rates; read ``state`` afterwards, Vendo may advance by itself."""
        return await self._cart(access, "PATCH", "/checkout", body=checkout.order(update), request_id=request_id)

    async def next(self, access: Access, *, request_id: str = "") -> Cart:
        """Go one step on; sent once."""
        return await self._cart(access, "PATCH", "/checkout/next", request_id=request_id)

    async def advance(self, access: Access, *, request_id: str = "") -> Cart:
        """Go on as far as it goes; 200 also where it stopped early, so read ``state``. Sent once."""
        return await self._cart(access, "PATCH", "/checkout/advance", request_id=request_id)

    async def shipping_rates(self, access: Access, *, request_id: str = "") -> tuple[Shipment, ...]:
        """Read the shipments with their rates, which Vendo makes if there are none; needs an address and a line."""
        return await self._get(
            access,
            "/checkout/shipping_rates",
            models.to_shipments,
            query=_currency(access),
            request_id=request_id,
        )

    async def select_shipping(
        self, access: Access, shipping_method_id: str, *, shipment_id: str | None = None, request_id: str = ""
    ) -> Cart:
        """Ship by this method, one shipment or all; sent once."""
        shipment = {"shipment_id": shipment_id} if shipment_id else {}
        body = checkout.body(shipping_method_id=shipping_method_id, **shipment)
        return await self._cart(access, "PATCH", "/checkout/select_shipping_method", body=body, request_id=request_id)

    async def payment_methods(self, access: Access, *, request_id: str = "") -> tuple[PaymentMethod, ...]:
        """Read the ways to pay."""
        return await self._get(
            access,
            "/checkout/payment_methods",
            models.to_payment_methods,
            query=_currency(access),
            request_id=request_id,
        )

    async def create_payment(
        self,
        access: Access,
        payment_method_id: str,
        *,
        amount: Decimal | None = None,
        source_id: str | None = None,
        card: Card | None = None,
        request_id: str = "",
    ) -> Cart:
        """Add a payment; sent once: after an unknown outcome read ``payments`` first (apis/vendo.md §10).

        ``source_id`` is a card of the account, ``card`` a new one; a method such as Check needs neither.
        """
        body = checkout.payment(payment_method_id, amount, source_id, card)
        return await self._cart(access, "POST", "/checkout/create_payment", body=body, request_id=request_id)

    async def complete(self, access: Access, *, request_id: str = "") -> ShopOrder:
        """Order what is in the cart; sent once. After an unknown outcome or NotFound ask ``order_status``.

        The order's cart is gone then; the next purchase needs a new one (seed 003).
        """
        return await self._cart(access, "PATCH", "/checkout/complete", request_id=request_id)

    async def _cart(
        self,
        access: Access,
        method: str,
        path: str,
        care: Care = WRITE,
        *,
        parts: Texts | None = None,
        query: Texts | None = None,
        body: Secret | None = None,
        field: str = "base",
        into: Callable[[Document], Cart] = models.to_cart,
        request_id: str,
    ) -> Cart:
        """The cart after a request; a no that only says that the first of several attempts did it is a yes."""
        asked = {"include": WHOLE_CART, **_currency(access), **(query or {})}
        call = self._call(method, path, access, care, parts=parts, query=asked, body=body, request_id=request_id)
        answer = await self._ask(access, call)
        if answer.repeated and _was_done(call, answer):
            return await self._look_again(access, call.request_id)
        return self._read(access, answer, into, field=field)

    async def _look_again(self, access: Access, request_id: str) -> Cart:
        try:
            return await self.cart(access, request_id=request_id)
        except BackendError as error:
            error.outcome_known = False
            raise


def _with_token(document: Document) -> Cart:
    """A new cart; without a token that a header can carry it would be lost at once."""
    cart = models.to_cart(document)
    if cart.token is None or not cart.token.fits_a_header():
        raise ValueError("a new cart has no token")
    return cart


def _was_done(call: Call, answer: Answer) -> bool:
    """True if a repeated request is refused because there is nothing left to do (apis/vendo.md §10)."""
    if call.method == "DELETE":
        return answer.status in (404, 422)
    return answer.status == 422 and _ALREADY in answer.body


def _currency(access: Access) -> dict[str, str]:
    return {"currency": access.currency} if isinstance(access, OrderToken) and access.currency else {}
