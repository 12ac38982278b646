"""Shop orders as a card, as a list, and whole in a modal (DESIGN.md §4.6 and §10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from backends.vendo.cart import Cart, OrderPage, ShopOrder
from handlers.render import limits, shop_parts
from handlers.render.build import (
    actions,
    bold,
    button,
    context,
    message,
    modal,
    own,
    paragraph,
    say,
    section,
    words,
)
from handlers.render.escape import plain
from handlers.render.message import Block, Message, View
from handlers.render.money import money
from handlers.render.naming import is_user, mention
from handlers.render.profile import Profile
from handlers.render.shop_profile import trim_order
from handlers.render.shop_states import order_state, payment_state, shipment_state, shown
from handlers.render.times import when, when_day

DETAILS, REFRESH, SHOW = "shop_order.details", "shop_order.refresh", "shop_order.show"
NEXT, BACK = "shop_order.page_next", "shop_order.page_back"


def shop_order_card(
    order: ShopOrder, profile: Profile, *, card_id: str, asked_by: str | None = None, seen_at: datetime
) -> Message:
    """One shop order for everybody who reads along; `shop_order.details` and `shop_order.refresh` carry ``card_id``."""
    kept = trim_order(order, profile)
    blocks = [*_facts(kept, limits.LINE_VALUE), *_parts(kept, limits.CARD_POSITIONS, limits.CARD_PARCELS)]
    asked = [own(f"Asked by {mention(asked_by)}")] if is_user(asked_by) else []
    seen = context(own(f"As of {when(seen_at)}"), *asked)
    buttons = actions(button("Details", DETAILS, card_id), button("Refresh", REFRESH, card_id))
    return message([_headline(kept), *blocks], tail=[seen, buttons])


def shop_order_details(order: ShopOrder, card_id: str) -> View:
    """Everything about one shop order, for the person who opened it through their own account."""
    kept = trim_order(order, Profile.MODAL)
    blocks = [
        _headline(kept),
        *_facts(kept, limits.MODAL_VALUE),
        *shop_parts.address_block("Delivery address", kept.ship_address),
        *shop_parts.address_block("Billing address", kept.bill_address),
        *_parts(kept, limits.MODAL_POSITIONS, limits.MODAL_PARCELS),
    ]
    return modal("Shop order", blocks, callback_id=DETAILS, card_id=card_id)


def shop_order_list(page: OrderPage, *, card_id: str, row_cards: Sequence[str], now: datetime) -> Message:
    """One page of a person's shop orders, one line each with its own `shop_order.show`; no name and no address.

    `shop_order.page_next` and `shop_order.page_back` carry ``card_id``. Raises ValueError if there is not one card for
    each order.
    """
    kept = [trim_order(order, Profile.PUBLIC) for order in page.orders]
    rows = [_row(order, row_card) for order, row_card in zip(kept, row_cards, strict=True)]
    pages = [say(f", page {page.page} of {page.total_pages}")] if page.total_pages > 1 else []
    head = paragraph([bold("Your shop orders"), say(f" ({page.total_count})"), *pages])
    tail = [context(own(f"As of {when(now)}")), *paging(page.page, page.total_pages, card_id, BACK, NEXT)]
    return message([head, *(rows or [section("There are no orders here yet.")])], tail=tail)


def paging(page: int, total: int, card_id: str, back: str, onward: str) -> list[Block]:
    """The buttons that turn pages, by counting them: Vendo's ``links.next`` is never null (apis/vendo.md §4.3)."""
    turns = [button("Back", back, card_id)] if page > 1 else []
    turns += [button("Next", onward, card_id)] if page < total else []
    return [actions(*turns)] if turns else []


def order_title(number: str) -> str:
    """How a shop order is called in text that Slack does not parse."""
    return f"Shop order {plain(number, 40)}"


def _headline(order: Cart) -> Block:
    state = order_state(order)
    verb = " is " if state.is_known else " has the state "
    return paragraph([say(f"{state.symbol} "), bold(order_title(order.number)), say(f"{verb}{state.word}.", 100)])


def _facts(order: Cart, limit: int) -> list[Block]:
    total = None if order.total is None else money(order.total, order.currency)
    named = (
        ("Payment", shown(payment_state(order.payment_state))),
        ("Shipping", shown(shipment_state(order.shipment_state))),
        ("Items", None if order.item_count is None or order.lines else str(order.item_count)),
        ("Total", None if _priced(order) else total),
        ("E-mail", order.email),
        ("Ship to", shop_parts.address_line(order.ship_address) if order.email is None else None),
        ("Note", order.special_instructions),
    )
    at = [own(f"*Ordered*\n{when(order.completed_at)}")] if order.completed_at else []
    fields: list[Block] = [{"type": "section", "fields": at}] if at else []
    return [*fields, *shop_parts.listed(shop_parts.fact(name, value, limit) for name, value in named)]


def _parts(order: Cart, items: int, parcels: int) -> list[Block]:
    return [
        *shop_parts.lines(order, items),
        *shop_parts.promotions(order, parcels),
        *(shop_parts.totals(order) if _priced(order) else []),
        *shop_parts.payments(order, parcels),
        *shop_parts.shipments(order, parcels),
    ]


def _priced(order: Cart) -> bool:
    """Whether more than the total is known of what it costs."""
    parts = (order.item_total, order.ship_total, order.promo_total, order.tax_total)
    return any(part is not None for part in parts)


def _row(order: Cart, row_card: str) -> Block:
    state = order_state(order)
    total = None if order.total is None else money(order.total, order.currency)
    name = " · ".join(filter(None, [plain(order.number, 40), state.word, total]))
    moment = order.completed_at
    fields = {"fields": [own(f"Ordered {when_day(moment)}")]} if moment else {}
    line = {"type": "section", "text": words(f"{state.symbol} {name}", limits.FIELD_TEXT), **fields}
    return {**line, "accessory": button("Show", SHOW, row_card)}
