"""Orders as a card, as a list, and whole in a modal (DESIGN.md §4.6 and §10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from backends.quivo.order import Order, Page
from handlers.render import limits, parts
from handlers.render.build import actions, bold, button, context, message, modal, own, paragraph, say, section, words
from handlers.render.escape import plain
from handlers.render.message import Block, Message, View
from handlers.render.naming import Named, is_user, mention, named
from handlers.render.profile import ALLOWED, Profile, trim
from handlers.render.states import can_still, label, sentence, state
from handlers.render.times import when, when_day
from operations.status import abilities


def order_card(
    order: Order, profile: Profile, *, card_id: str, asked_by: str | None = None, seen_at: datetime
) -> Message:
    """One order for everybody who reads along: the answer first, a few fields, what can still be done, buttons.

    ``asked_by`` is a Slack user id, ``seen_at`` when the back end said this. All buttons carry ``card_id``:
    `order.details` and `order.refresh`, then what the status allows of `order.edit`, `order.address`, `order.watch`
    and `order.cancel`; a status that we do not know allows none of them (seed 002).
    """
    shown = trim(order, profile)
    blocks = [
        headline(shown, can_be_told="abilities" in ALLOWED[profile]),
        *parts.times(shown),
        *parts.facts(shown, limits.LINE_VALUE),
        *parts.positions(shown, limits.CARD_POSITIONS),
        *parts.parcels(shown, limits.CARD_PARCELS),
    ]
    steps = _steps(shown, card_id) if "abilities" in ALLOWED[profile] else []
    always = [button("Details", "order.details", card_id), button("Refresh", "order.refresh", card_id)]
    return message(blocks, tail=[_seen(seen_at, asked_by), actions(*always, *steps)])


def order_details(order: Order, card_id: str) -> View:
    """Everything about one order, for the person who opened it through their own connection (DESIGN.md §4.6)."""
    shown = trim(order, Profile.MODAL)
    blocks = [
        headline(shown, can_be_told=True),
        *parts.times(shown, whole=True),
        *parts.facts(replace(shown, delivery_address=None), limits.MODAL_VALUE),
        *parts.addresses(shown),
        *parts.positions(shown, limits.MODAL_POSITIONS),
        *parts.parcels(shown, limits.MODAL_PARCELS),
        *parts.attributes(shown),
    ]
    return modal(f"Order {order.order_id}", blocks, callback_id="order.details", card_id=card_id)


def order_list(
    page: Page,
    *,
    title: str,
    profile: Profile,
    card_id: str,
    row_cards: Sequence[str],
    page_number: int,
    has_previous: bool,
    now: datetime,
) -> Message:
    """One page of orders, one line each with its own *Show* button (`order.show`, value from ``row_cards``).

    ``title`` says what was asked for. `order.page_next` and `order.page_back` carry ``card_id``. ``page_number``
    starts at 1. Raises ValueError if there is not one card for each order.
    """
    rows = [row(trim(order, profile), row_card) for order, row_card in zip(page.orders, row_cards, strict=True)]
    has_pages = bool(rows) and (has_previous or page.search_after is not None)
    head = paragraph([bold(title), *([say(f", page {page_number}")] if has_pages else [])])
    tail = [context(own(f"As of {when(now)}")), *_paging(page, card_id, has_previous)]
    if not rows:
        return message([head, section(_nothing(has_previous))], tail=tail)
    return message([head, *rows], tail=tail)


def headline(order: Order, *, can_be_told: bool) -> Block:
    """The answer in one line, and what can still be done where that may be told."""
    name = named(Named(order.order_id, order.reference))
    answer = [say(f"{state(order.status).symbol} "), name, say(sentence(order), 300)]
    return paragraph(answer, [say(can_still(order.status))]) if can_be_told else paragraph(answer)


def _steps(order: Order, card_id: str) -> list[Block]:
    """Buttons for what the status allows; a cancellation is not asked for twice."""
    can = abilities(order.status)
    cancels = can.cancel and order.cancel_requested is None
    return [
        *([button("Edit", "order.edit", card_id), button("Address", "order.address", card_id)] if can.update else []),
        *([button("Watch", "order.watch", card_id)] if can.cancel else []),
        *([button("Cancel order", "order.cancel", card_id, style="danger")] if cancels else []),
    ]


def _seen(seen_at: datetime, asked_by: str | None) -> Block:
    asked = [own(f"Asked by {mention(asked_by)}")] if is_user(asked_by) else []
    return context(own(f"As of {when(seen_at)}"), *asked)


def row(order: Order, row_card: str) -> Block:
    """One line of a list, with its own *Show* button."""
    reference = plain(order.reference or "")
    name = " · ".join(filter(None, [f"{order.order_id}", reference, label(order)]))
    moment = order.ordered or order.created
    fields = {"fields": [own(f"Ordered {when_day(moment)}")]} if moment else {}
    line = {"type": "section", "text": words(f"{state(order.status).symbol} {name}", limits.FIELD_TEXT), **fields}
    return {**line, "accessory": button("Show", "order.show", row_card)}


def _paging(page: Page, card_id: str, has_previous: bool) -> list[Block]:
    back = [button("Back", "order.page_back", card_id)] if has_previous else []
    onward = [button("Next", "order.page_next", card_id)] if page.search_after else []
    return [actions(*back, *onward)] if back or onward else []


def _nothing(has_previous: bool) -> str:
    if has_previous:
        return "There are no more orders here. Go back, or ask for something else."
    return "No orders found for this. Try a shorter part of the reference, another status or a longer period."
