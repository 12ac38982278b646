"""Correcting an order: the forms, what will change before it does, what changed after (seed 002, DESIGN.md §10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from backends.quivo.create import AddressType
from backends.quivo.order import Order
from handlers.forms.addresses import address_values
from handlers.forms.correcting import edit_values
from handlers.render.build import (
    actions,
    button,
    context,
    form_modal,
    marked,
    message,
    own,
    paragraph,
    say,
    section,
    words,
)
from handlers.render.changes import Change, change_lines
from handlers.render.fields import fields
from handlers.render.inputs import picked
from handlers.render.limits import VIEW, fit
from handlers.render.message import Block, Message, View
from handlers.render.naming import Named, mention, named, order_name
from handlers.render.order_fields import ADDRESS, ATTRIBUTES, COMMENT, COORDINATES, COSTS, TRACKING
from handlers.render.orders import headline
from handlers.render.profile import Profile, trim
from handlers.render.states import sentence, state
from handlers.render.times import when

_KINDS = (
    (AddressType.DELIVERY, "Delivery address"),
    (AddressType.INVOICE, "Invoice address"),
    (AddressType.DELIVERY_AND_INVOICE, "Both, to the same address"),
)


def edit_form(order: Order, *, card_id: str, values: Mapping[str, Any] | None = None) -> View:
    """The modal `order.edit`, filled with today's values, or with ``values`` by block_id: what was typed before."""
    held = edit_values(order) if values is None else values
    tracking = replace(TRACKING, hint=f"{COSTS} Now it is {_switch(order.tracking_enabled)}.")
    blocks = [headline(trim(order, Profile.MODAL), can_be_told=True), *fields((COMMENT, tracking, ATTRIBUTES), held)]
    return form_modal(_title("Edit", order), blocks, callback_id="order.edit", card_id=card_id, submit="Next")


def address_form(
    order: Order,
    *,
    card_id: str,
    kind: AddressType = AddressType.DELIVERY,
    values: Mapping[str, Any] | None = None,
) -> View:
    """The modal `order.address`, filled with the address as it is today, or with ``values``: what was typed before.

    ``kind`` says which address it is filled with and which one is chosen in the menu `type`.
    """
    address = order.invoice_address if kind is AddressType.INVOICE else order.delivery_address
    held = address_values(address) if values is None else values
    chosen = str(kind if values is None else values.get("type") or kind)
    blocks = [
        headline(trim(order, Profile.MODAL), can_be_told=True),
        picked("type", "Which address", _KINDS, chosen, hint="The inputs hold the address as it is now.", needed=True),
        *fields(ADDRESS, held),
        *fields(COORDINATES, held),
        context(words("Coordinates stand for the place of a delivery. For an invoice address Quivo ignores them.")),
    ]
    return form_modal(_title("Address of", order), blocks, callback_id="order.address", card_id=card_id, submit="Next")


def will_change(order: Order, changes: Sequence[Change], *, card_id: str, callback_id: str) -> View:
    """What a correction will change, shown to the person who asked before it is sent; its submit sends it.

    ``callback_id`` is `order.edit_confirm` or `order.address_confirm`.
    """
    costs = any(change.path == "tracking_enabled" and change.after == "on" for change in changes)
    blocks = [
        section(f"This will change in {order_name(order.order_id, order.reference)}:"),
        *change_lines(changes, Profile.MODAL),
        *([section(f"⚠️ {COSTS}")] if costs else []),
    ]
    whole = fit(blocks, room=VIEW, what="parts of this")
    return form_modal("What will change", whole, callback_id=callback_id, card_id=card_id, submit="Change it")


def changed(
    order: Order, changes: Sequence[Change], profile: Profile, *, by: str, at: datetime, card_id: str
) -> Message:
    """What changed, as read again afterwards; values where one person reads, the fields' names where others do."""
    head = [say("✅ "), named(_named(order)), say(" is changed." if changes else ": there was nothing to change.")]
    small = context(own(f"Changed by {mention(by)}"), own(f"As of {when(at)}"))
    details = actions(button("Details", "order.details", card_id))
    return message([paragraph(head), *change_lines(changes, profile)], tail=[small, details])


def accepted(order: Order, *, by: str, at: datetime, card_id: str) -> Message:
    """Quivo took the change, but the order does not show it, or could not be read; nobody says that it is there."""
    head = [say("❔ "), named(_named(order)), say(": Quivo took the change. I do not see it in the order yet.")]
    small = context(own(f"Changed by {mention(by)}"), own(f"As of {when(at)}"))
    buttons = actions(button("Details", "order.details", card_id), button("Refresh", "order.refresh", card_id))
    return message([paragraph(head)], tail=[small, buttons])


def change_unknown(order: Order, *, why: str, card_id: str, reference: str) -> Message:
    """Nobody can say whether it was changed; `change.look` looks at the order again and sends nothing."""
    head = [say("❔ "), named(_named(order)), say(": we do not know whether it was changed.")]
    look = actions(button("Look again", "change.look", card_id))
    return message([paragraph(head), section(why)], tail=[_reference(reference), look])


def cannot_change(order: Order, *, hint: str, reference: str) -> Message:
    """The status forbids it; ``hint`` is our own sentence about what to do instead, with back-ticks to type."""
    head = [say(f"⛔ {state(order.status).symbol} "), named(_named(order)), say(sentence(order), 300)]
    return message([paragraph(head, marked(hint))], tail=[_reference(reference)])


def _named(order: Order) -> Named:
    return Named(order.order_id, order.reference)


def _title(start: str, order: Order) -> str:
    return f"{start} {order.order_id}"


def _switch(value: bool | None) -> str:
    return "not known" if value is None else ("on" if value else "off")


def _reference(reference: str) -> Block:
    return context(words(f"Reference {reference}", 100))
