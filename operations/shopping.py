"""Looking around at a store: products, the account, and what was bought (seed 003, apis/vendo.md §7 to §9)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from backends.errors import NotFound
from backends.vendo.account import Account
from backends.vendo.auth import Access, Tokens
from backends.vendo.cart import OrderPage, ShopOrder
from backends.vendo.catalogue import Product, ProductPage, ProductQuery, Variant
from operations.cart_keeping import status
from operations.linking import VENDO, Actor
from operations.outcome import Done, Outcome, Reason, Refused
from operations.ports import Ports
from operations.vendo import Vendo

PER_PAGE, MOST_CHOICES = 25, 25
NOTHING = "Vendo has no product of that SKU or name."
ANOTHER_STORE = Refused(
    Reason.NO,
    "This order is at another store than the one that you are signed in to, so I can't show it to you.",
    back_end=VENDO,
)


@dataclass(frozen=True)
class Several:
    """More than one product fits, or one with several variants: the person has to choose a variant of these."""

    products: tuple[Product, ...]


@dataclass(frozen=True)
class Bought:
    """A shop order and the address of the store that it is at: another store may have one of the same number."""

    order: ShopOrder
    store: str


async def search(ports: Ports, actor: Actor, query: ProductQuery, ref: str, *, page: int = 1) -> Outcome[ProductPage]:
    """Read one page of products; works without signing in."""
    vendo = ports.vendo.vendo

    async def ask(access: Access) -> ProductPage:
        return await vendo.products(access, query, page=page, per_page=PER_PAGE, request_id=ref)

    return await ports.vendo.look(actor, ask)


async def product(
    ports: Ports, actor: Actor, text: str, ref: str, *, store: str | None = None, currency: str | None = None
) -> Outcome[Product | Several]:
    """Find one product by its SKU, else by its slug or id, else by its name; Several where more names fit.

    ``store`` and ``currency`` are those of a cart that it is for; without them the person's own store and its currency.
    """
    vendo = ports.vendo.vendo

    async def ask(access: Access) -> tuple[Product, ...]:
        return await _found(vendo, access, text.strip(), currency, ref)

    found = await ports.vendo.look(actor, ask, store)
    if not isinstance(found, Done):
        return found
    if not found.value:
        return Refused(Reason.NOT_FOUND, NOTHING, back_end=VENDO)
    return Done(found.value[0] if len(found.value) == 1 else Several(found.value))


def options(product: Product) -> tuple[Variant, ...]:
    """What of a product can be put into a cart: its variants, or itself where it has none."""
    if product.variants or product.default_variant_id is None:
        return product.variants
    parts = {name: getattr(product, name) for name in ("sku", "price", "currency", "purchasable", "in_stock")}
    return (Variant(product.default_variant_id, backorderable=product.backorderable, **parts),)


def chosen(product: Product, text: str) -> Variant | None:
    """The variant that is meant by a SKU, or the only one there is; None where the person has to choose."""
    there = options(product)
    named = [one for one in there if one.sku and one.sku.casefold() == text.strip().casefold()]
    return next(iter(named or there)) if len(named or there) == 1 else None


async def account(ports: Ports, actor: Actor, ref: str) -> Outcome[Account]:
    """Read who is signed in, with both default addresses."""
    return await ports.vendo.call(actor, lambda tokens: ports.vendo.vendo.account(tokens, request_id=ref))


async def orders(ports: Ports, actor: Actor, ref: str, *, page: int = 1) -> Outcome[OrderPage]:
    """Read one page of a person's orders, newest first; there are more while ``page < total_pages``."""
    vendo = ports.vendo.vendo
    return await ports.vendo.call(
        actor, lambda tokens: vendo.account_orders(tokens, page=page, per_page=PER_PAGE, request_id=ref)
    )


async def order(ports: Ports, actor: Actor, number: str, ref: str, *, store: str | None = None) -> Outcome[Bought]:
    """Read one order by the person's account, or else by the token of the cart that it was (apis/vendo.md §8).

    ``store`` is the only store at which it is looked for; without it that is wherever the person buys.
    """
    number = number.strip().upper()
    found = await _of_account(ports, actor, number, ref, store)
    kept = ports.carts.find(actor.team, actor.user, number)
    if isinstance(found, Done) or kept is None or store not in (None, kept.store):
        return found
    became = await status(ports, kept, ref)
    return Done(Bought(became.value, kept.store)) if isinstance(became, Done) else became


async def _of_account(ports: Ports, actor: Actor, number: str, ref: str, store: str | None) -> Outcome[Bought]:
    if ports.vendo.connection(actor) is not None and store not in (None, ports.vendo.store(actor)):
        return ANOTHER_STORE

    async def ask(tokens: Tokens) -> Bought:
        return Bought(await ports.vendo.vendo.account_order(tokens, number, request_id=ref), tokens.store)

    return await ports.vendo.call(actor, ask)


async def _found(vendo: Vendo, access: Access, text: str, currency: str | None, ref: str) -> tuple[Product, ...]:
    """The products that a text may mean: one whole with its pictures, or several from a search."""
    found = await _searched(vendo, access, ProductQuery(skus=(text,), currency=currency), ref)
    if not found and " " not in text:
        with suppress(NotFound):
            return (await vendo.product(access, text, currency=currency, request_id=ref),)
    if not found:
        found = _best(await _searched(vendo, access, ProductQuery(name=text, currency=currency), ref), text)
    if len(found) != 1:
        return found
    return (await vendo.product(access, found[0].slug or found[0].id, currency=currency, request_id=ref),)


async def _searched(vendo: Vendo, access: Access, query: ProductQuery, ref: str) -> tuple[Product, ...]:
    return (await vendo.products(access, query, per_page=MOST_CHOICES, request_id=ref)).products


def _best(products: tuple[Product, ...], name: str) -> tuple[Product, ...]:
    """Those of exactly this name, or else all whose name has it as a part."""
    return tuple(one for one in products if (one.name or "").casefold() == name.casefold()) or products
