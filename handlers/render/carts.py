"""A person's cart in a channel, seen by them alone, and the small forms beside it (seed 003, apis/vendo.md §5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from backends.vendo.cart import Cart, Line, Promotion
from handlers.render import limits, shop_parts
from handlers.render.build import (
    actions,
    bold,
    bullets,
    button,
    context,
    marked,
    message,
    modal,
    own,
    paragraph,
    say,
    section,
    words,
)
from handlers.render.escape import plain
from handlers.render.inputs import typed
from handlers.render.message import Block, Message, View
from handlers.render.money import money
from handlers.render.shop import nth
from handlers.render.times import when

MORE, LESS, REMOVE, REFRESH, CHECK_OUT = "cart.more", "cart.less", "cart.remove", "cart.refresh", "cart.checkout"
COUPON_OPEN, COUPON, COUPON_REMOVE = "cart.coupon_open", "cart.coupon", "cart.coupon_remove"
NOTE_OPEN, NOTE = "cart.note_open", "cart.note"
COUPON_TITLE, NOTE_TITLE = "Coupon", "Note for the order"
LINES, COUPONS = 15, 5  # ours: with two blocks a line a message stays below fifty
_MORE_LINES = "Change them with `/cart set <line or SKU> <quantity>`."
_EMPTY = "Type `/cart add <SKU or name>`, or look around with `/shop search <words>`."


def cart_card(cart: Cart, *, card_id: str, said: Sequence[str] = (), now: datetime) -> Message:
    """The cart with a row of buttons for each line; ``said`` are sentences of ours that stand on top.

    `cart.more`, `cart.less`, `cart.remove` and `cart.coupon_remove` carry ``nth`` of ``card_id``, all other buttons
    ``card_id``. Neither its token nor an address nor the text of its note is in it.
    """
    rows = [block for number, line in enumerate(cart.lines[:LINES]) for block in _line(line, number, cart, card_id)]
    blocks = [
        *(section(sentence) for sentence in said),
        headline(cart),
        *rows,
        *_left_out(cart),
        *_coupons(cart, card_id),
        *(shop_parts.totals(cart) if cart.lines else [paragraph(marked(_EMPTY))]),
        *([section("There is a note for the store on it.")] if cart.special_instructions else []),
    ]
    steps = [button("Check out", CHECK_OUT, card_id, style="primary")] if cart.lines else []
    steps += [button("Coupon", COUPON_OPEN, card_id), button("Note", NOTE_OPEN, card_id)]
    small = context(own(f"As of {when(now)}"), words("Only you see and change this cart."))
    return message(blocks, tail=[small, actions(*steps, button("Refresh", REFRESH, card_id))])


def cart_name(number: str) -> str:
    """How a cart is called in text that Slack does not parse."""
    return f"Cart {plain(number, 40)}"


def headline(cart: Cart) -> Block:
    """The answer in one line: how much is in it, for how much."""
    name = [say("🛒 "), bold(cart_name(cart.number))]
    if not cart.lines:
        return paragraph([*name, say(" is empty.")])
    count = cart.item_count or sum(line.quantity or 0 for line in cart.lines)
    total = "" if cart.total is None else f" for {money(cart.total, cart.currency)}"
    return paragraph([*name, say(f" has {count} {'item' if count == 1 else 'items'}{total}.")])


def several_lines(lines: Sequence[Line], currency: str | None) -> Message:
    """More than one line of the cart fits what was typed; nothing was changed."""
    head = section("Several lines of your cart fit, so I changed nothing.")
    shown = [shop_parts.line_words(line, currency) for line in lines[:LINES]]
    left = [[say(limits.more(len(lines) - LINES))]] if len(lines) > LINES else []
    hint = marked("Name one by its SKU, or by its number in `/cart show`.")
    return message([head, bullets("These fit", [*shown, *left]), paragraph(hint)])


def coupon_form(*, card_id: str) -> View:
    """The modal `cart.coupon`."""
    field = typed("coupon_code", "Coupon code", needed=True)
    return modal(COUPON_TITLE, [field], callback_id=COUPON, card_id=card_id, submit="Apply")


def note_form(*, card_id: str, held: str = "") -> View:
    """The modal `cart.note`, with the note as it is now."""
    hint = "The store reads it with your order."
    field = typed("special_instructions", "Note", held, hint=hint, needed=True, several_lines=True)
    return modal(NOTE_TITLE, [field], callback_id=NOTE, card_id=card_id, submit="Keep")


def _line(line: Line, number: int, cart: Cart, card_id: str) -> list[Block]:
    value = nth(card_id, number)
    fewer = [button("−", LESS, value)] if (line.quantity or 0) > 1 else []
    steps = actions(button("+", MORE, value), *fewer, button("Remove", REMOVE, value))
    return [paragraph([say(f"{number + 1}. "), *shop_parts.line_words(line, cart.currency)]), steps]


def _left_out(cart: Cart) -> list[Block]:
    left = len(cart.lines) - LINES
    return [paragraph([say(f"{limits.more(left, 'lines')}. "), *marked(_MORE_LINES)])] if left > 0 else []


def _coupons(cart: Cart, card_id: str) -> list[Block]:
    """The coupons, each with a button that takes it away; what the store gives by itself has none."""
    shown = [_coupon(one, number, cart, card_id) for number, one in enumerate(cart.promotions[:COUPONS])]
    left = len(cart.promotions) - COUPONS
    return [*shown, *([limits.more_block(left, "coupons")] if left > 0 else [])]


def _coupon(one: Promotion, number: int, cart: Cart, card_id: str) -> Block:
    amount = "" if one.amount is None else f", {money(one.amount, cart.currency)}"
    name = plain(one.name or "Promotion", 100)
    by = f" ({plain(one.code, 60)})" if one.code else ""
    remove = button("Remove", COUPON_REMOVE, nth(card_id, number)) if one.code else None
    return section(f"Coupon: {name}{by}{amount}", accessory=remove)
