"""A person's account at the store, in a modal that they opened themselves (DESIGN.md §4.6)."""

from __future__ import annotations

from backends.vendo.account import Account
from handlers.render import limits
from handlers.render.build import bold, modal, paragraph, say
from handlers.render.escape import plain
from handlers.render.message import View
from handlers.render.shop_parts import address_block, fact, listed

TITLE = "Shop account"


def account_view(account: Account, store: str) -> View:
    """Who is signed in at ``store``: name, e-mail, store credits, orders, both default addresses."""
    name = " ".join(filter(None, [plain(account.first_name or ""), plain(account.last_name or "")]))
    # Vendo names no currency beside store credits, so none is shown.
    credits = None if account.store_credits is None else f"{account.store_credits:,f}"
    named = (
        ("Name", name),
        ("E-mail", account.email),
        ("Store", store),
        ("Orders", None if account.completed_orders is None else str(account.completed_orders)),
        ("Store credits", credits),
    )
    facts = listed(fact(title, value, limits.MODAL_VALUE) for title, value in named)
    blocks = [
        paragraph([say("🔗 "), bold("You are signed in.")]),
        *facts,
        *address_block("Delivery address", account.default_shipping_address),
        *address_block("Billing address", account.default_billing_address),
    ]
    return modal(TITLE, blocks, callback_id="shop.account")
