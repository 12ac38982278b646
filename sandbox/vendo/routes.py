"""What Vendo can be asked, one row per endpoint: path patterns below `BASE`."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import unquote

from aiohttp import web

from sandbox.vendo import account_routes as account
from sandbox.vendo import auth_routes as auth
from sandbox.vendo import cart_routes as cart
from sandbox.vendo import catalogue_routes as catalogue
from sandbox.vendo import checkout_routes as checkout
from sandbox.vendo import checkout_update
from sandbox.vendo.call import Call

if TYPE_CHECKING:
    from sandbox.vendo.vendo import Vendo

Answer = Callable[["Vendo", Call], web.Response]

_ROWS: tuple[tuple[str, str, Answer], ...] = (
    ("POST", "/auth", auth.auth),
    ("DELETE", "/auth/{token}", auth.logout),
    ("POST", "/cart", cart.create),
    ("GET", "/cart", cart.show),
    ("DELETE", "/cart", cart.delete),
    ("POST", "/cart/add_item", cart.add_item),
    ("PATCH", "/cart/set_quantity", cart.set_quantity),
    ("DELETE", "/cart/remove_line_item/{id}", cart.remove_line_item),
    ("PATCH", "/cart/empty", cart.empty),
    ("PATCH", "/cart/apply_coupon_code", cart.apply_coupon),
    ("DELETE", "/cart/remove_coupon_code/{code}", cart.remove_coupon),
    ("DELETE", "/cart/remove_coupon_code", cart.remove_coupon),
    ("GET", "/cart/estimate_shipping_rates", cart.estimate_shipping_rates),
    ("PATCH", "/cart/associate", cart.associate),
    ("PATCH", "/cart/change_currency", cart.change_currency),
    ("PATCH", "/checkout", checkout_update.update),
    ("PATCH", "/checkout/next", checkout.next_step),
    ("PATCH", "/checkout/advance", checkout.advance),
    ("PATCH", "/checkout/complete", checkout.complete),
    ("GET", "/checkout/shipping_rates", checkout.shipping_rates),
    ("PATCH", "/checkout/select_shipping_method", checkout.select_shipping_method),
    ("GET", "/checkout/payment_methods", checkout.payment_methods),
    ("POST", "/checkout/create_payment", checkout.create_payment),
    ("POST", "/checkout/add_store_credit", checkout.add_store_credit),
    ("POST", "/checkout/remove_store_credit", checkout.remove_store_credit),
    ("GET", "/account", account.show),
    ("POST", "/account", account.create),
    ("PATCH", "/account", account.update),
    ("GET", "/account/addresses", account.addresses),
    ("POST", "/account/addresses", account.add_address),
    ("PATCH", "/account/addresses/{id}", account.edit_address),
    ("DELETE", "/account/addresses/{id}", account.drop_address),
    ("GET", "/account/credit_cards", account.cards),
    ("GET", "/account/credit_cards/default", account.default_card),
    ("DELETE", "/account/credit_cards/{id}", account.drop_card),
    ("GET", "/account/orders", account.orders),
    ("GET", "/account/orders/{number}", account.order),
    ("GET", "/order_status/{number}", account.order_status),
    ("GET", "/products", catalogue.products),
    ("GET", "/products/{slug}", catalogue.product),
    ("GET", "/taxons", catalogue.taxons),
    ("GET", "/taxons/{permalink...}", catalogue.taxon),
    ("GET", "/vendors", catalogue.vendors),
    ("GET", "/vendors/{slug}", catalogue.vendor),
    ("GET", "/countries", catalogue.countries),
    ("GET", "/countries/{iso}", catalogue.country),
    ("GET", "/store", catalogue.store),
)


def _pattern(path: str) -> re.Pattern[str]:
    whole = re.sub(r"{(\w+)\.\.\.}", r"(?P<\1>.+)", path)
    return re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", whole))


ROUTES = tuple((method, _pattern(path), answer) for method, path, answer in _ROWS)


def find(method: str, path: str) -> tuple[Answer, dict[str, str]] | None:
    """Return what answers a request and the parts of its path, decoded; None if there is no such route."""
    for known, pattern, answer in ROUTES:
        found = pattern.fullmatch(path)
        if found and known == method:
            return answer, {name: unquote(part) for name, part in found.groupdict().items()}
    return None
