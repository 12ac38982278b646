"""The part of the client that only looks: account, orders, catalogue, countries (apis/vendo.md §7, §8, §9)."""

from __future__ import annotations

from backends.vendo import models, shelf
from backends.vendo.account import Account
from backends.vendo.asking import Asking
from backends.vendo.auth import Access, Guest, OrderToken
from backends.vendo.cart import Address, OrderPage, ShopOrder
from backends.vendo.catalogue import Country, Product, ProductPage, ProductQuery, StoreInfo

WHOLE_CART = (
    "line_items,variants,promotions,billing_address,shipping_address,payments,"
    "shipments,shipments.shipping_rates,shipments.selected_shipping_rate"
)
_EVERYTHING = ProductQuery()


class Looking(Asking):
    """Reads; each is asked again after silence or a fault (apis/vendo.md §10)."""

    async def account(self, access: Access, *, request_id: str = "") -> Account:
        """Read who is signed in, with both default addresses; raises Forbidden for a guest."""
        query = {"include": "default_billing_address,default_shipping_address"}
        return await self._get(access, "/account", models.to_account, query=query, request_id=request_id)

    async def addresses(self, access: Access, *, request_id: str = "") -> tuple[Address, ...]:
        """Read the saved addresses of who is signed in, at most a hundred."""
        query = {"per_page": "100"}
        return await self._get(access, "/account/addresses", models.to_addresses, query=query, request_id=request_id)

    async def account_orders(
        self, access: Access, *, page: int = 1, per_page: int = 25, request_id: str = ""
    ) -> OrderPage:
        """Read one page of completed orders with lines and shipments, newest first, canceled ones included."""
        query = {"include": "line_items,shipments", "sort": "-completed_at", **_page(page, per_page)}
        return await self._get(
            access,
            "/account/orders",
            lambda found: models.to_order_page(found, page),
            query=query,
            request_id=request_id,
        )

    async def account_order(self, access: Access, number: str, *, request_id: str = "") -> ShopOrder:
        """Read one completed order whole, with lines, addresses, shipments, payments and promotions."""
        return await self._order(access, "/account/orders/{number}", number, request_id)

    async def order_status(self, access: OrderToken, number: str, *, request_id: str = "") -> ShopOrder:
        """Read a completed order by its cart's token; raises NotFound while it is not completed (apis/vendo.md §8)."""
        return await self._order(access, "/order_status/{number}", number, request_id)

    async def products(
        self,
        access: Access,
        query: ProductQuery = _EVERYTHING,
        *,
        page: int = 1,
        per_page: int = 25,
        request_id: str = "",
    ) -> ProductPage:
        """Read one page of products with their variants; prices may be the person's own (seed 003)."""
        asked = {**shelf.asked(query), "include": "variants,images", **_page(page, per_page)}
        return await self._get(
            access,
            "/products",
            lambda found: shelf.to_product_page(found, page, access.store),
            query=asked,
            request_id=request_id,
        )

    async def product(
        self, access: Access, slug_or_id: str, *, currency: str | None = None, request_id: str = ""
    ) -> Product:
        """Read one product with its variants and images."""
        query = {"include": "variants,images", **({"currency": currency} if currency else {})}
        return await self._get(
            access,
            "/products/{product}",
            lambda found: shelf.to_product(found, access.store),
            parts={"product": slug_or_id},
            query=query,
            request_id=request_id,
        )

    async def countries(self, store: str, *, shippable: bool = False, request_id: str = "") -> tuple[Country, ...]:
        """Read all countries, or only those that the store ships to; their states are not read."""
        query = {"filter[shippable]": "true"} if shippable else {}
        return await self._get(Guest(store), "/countries", shelf.to_countries, query=query, request_id=request_id)

    async def country(self, store: str, iso: str, *, request_id: str = "") -> Country:
        """Read one country, by two or three letters, with its states."""
        return await self._get(
            Guest(store),
            "/countries/{iso}",
            shelf.to_country,
            parts={"iso": iso},
            query={"include": "states"},
            request_id=request_id,
        )

    async def store(self, access: Access, *, request_id: str = "") -> StoreInfo:
        """Read the store's name and currencies."""
        return await self._get(access, "/store", shelf.to_store, request_id=request_id)

    async def _order(self, access: Access, path: str, number: str, request_id: str) -> ShopOrder:
        return await self._get(
            access,
            path,
            models.to_cart,
            parts={"number": number},
            query={"include": WHOLE_CART},
            request_id=request_id,
        )


def _page(page: int, per_page: int) -> dict[str, str]:
    return {"page": str(page), "per_page": str(per_page)}
