"""The form that makes an order: every field of seed 001, the usual ones at first sight and the rest behind *More*.

A position keeps its number (its *slot*) as long as the form lives, because Slack keeps what was typed by block_id: to
remove one leaves a gap and never moves what stands in the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from handlers.render import limits
from handlers.render.build import actions, button, form_modal, section, words
from handlers.render.fields import fields
from handlers.render.inputs import option
from handlers.render.message import Block, View
from handlers.render.order_fields import (
    ADDRESS,
    ATTACHMENT,
    DELIVERY_EXTRAS,
    FIRST,
    MORE,
    POSITION_MORE,
    Field,
    Kind,
)

CALLBACK = "order.create"
LEFT_OUT = "positions.left_out."
BUTTONS = "positions.buttons."
INVOICE = "invoiceAddress"
_BLOCKS = 94  # of Slack's hundred; the others are for errors and for "Checking…"


@dataclass(frozen=True)
class OrderForm:
    """What the form holds: values by block_id as ``Request.values`` has them, and which positions it shows.

    ``positions`` counts the slots that were ever made, ``gone`` are those removed. ``labels`` say how a chosen
    suggestion was shown; ``left_out`` counts positions of a copied order for which there was no room.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    positions: int = 1
    more: bool = False
    gone: frozenset[int] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)
    left_out: int = 0

    @property
    def slots(self) -> tuple[int, ...]:
        """The positions that are shown, by slot."""
        return tuple(slot for slot in range(self.positions) if slot not in self.gone)

    def added(self) -> OrderForm:
        """With one position more, if there is room for it."""
        return replace(self, positions=self.positions + 1) if len(self.slots) < room(self.more) else self

    def removed(self, slot: int) -> OrderForm:
        """Without the position in this slot; the last one left stays."""
        if slot not in self.slots or len(self.slots) == 1:
            return self
        return replace(self, gone=self.gone | {slot})

    def opened(self) -> OrderForm:
        """With everything that *More* shows, if there is room for it."""
        return replace(self, more=True) if len(self.slots) <= room(True) else self


def room(more: bool) -> int:
    """How many positions the form has room for, with or without everything that *More* shows."""
    first = len(FIRST) + len(ADDRESS) + 4  # two headings, the row of buttons, the warning of a copy
    rest = len(DELIVERY_EXTRAS) + len(ADDRESS) + len(ATTACHMENT) + len(MORE) + 1
    return (_BLOCKS - first - rest) // 3 if more else (_BLOCKS - first) // 2


def order_form(form: OrderForm, *, card_id: str, title: str = "Create an order") -> View:
    """The modal `order.create`; `position.add`, `order.more` carry ``card_id``, `position.remove` the slot chosen."""
    blocks = [
        *_left_out(form),
        *fields(FIRST, form.values, labels=form.labels),
        section("Delivery address: a name or a company, and where it is."),
        *fields(ADDRESS, form.values, "deliveryAddress."),
        section(_positions_said(form)),
        *(block for number, slot in enumerate(form.slots, 1) for block in _position(form, slot, number)),
        _buttons(form, card_id),
        *(_more(form) if form.more else []),
    ]
    return form_modal(title, blocks, callback_id=CALLBACK, card_id=card_id, submit="Create")


def _positions_said(form: OrderForm) -> str:
    fewer = "" if form.more else f", or for {room(True)} together with More"
    return f"Positions. This form has room for {room(form.more)}{fewer}."


def _left_out(form: OrderForm) -> list[Block]:
    if not form.left_out:
        return []
    said = f"⚠️ {form.left_out} more positions of the order that you copy have no room here. They are left out."
    return [section(said, block_id=f"{LEFT_OUT}{form.left_out}")]


def _position(form: OrderForm, slot: int, number: int) -> list[Block]:
    path = f"positions[{slot}]."
    asked = (
        Field("sku", f"SKU {number}", Kind.SUGGESTION, needed=True, action_id="sku.suggest"),
        Field("quantity", f"Quantity {number}", needed=True),
        *([replace(POSITION_MORE, label=f"{POSITION_MORE.label} {number}")] if form.more else []),
    )
    return fields(asked, form.values, path, labels=form.labels)


def _buttons(form: OrderForm, card_id: str) -> Block:
    """The row under the positions; its block_id is new for each set of them, so that no choice stays behind."""
    slots = form.slots
    add = [button("Add a position", "position.add", card_id)] if len(slots) < room(form.more) else []
    more = [button("More", "order.more", card_id)] if not form.more and len(slots) <= room(True) else []
    block_id = f"{BUTTONS}{'-'.join(map(str, slots))}"[: limits.ID]
    return {**actions(*add, *_remover(form), *more), "block_id": block_id}


def _remover(form: OrderForm) -> list[Block]:
    if len(form.slots) == 1:
        return []
    held = ((slot, str(form.values.get(f"positions[{slot}].sku") or "")) for slot in form.slots)
    choices = [option(str(slot), f"{number}. {sku}") for number, (slot, sku) in enumerate(held, 1)]
    start = words("Remove a position", limits.PLACEHOLDER)
    return [{"type": "static_select", "action_id": "position.remove", "placeholder": start, "options": choices}]


def _more(form: OrderForm) -> list[Block]:
    return [
        *fields(DELIVERY_EXTRAS, form.values, "deliveryAddress."),
        *fields(MORE, form.values, labels=form.labels),
        section("Invoice address: leave it empty where it is the delivery address.", block_id=INVOICE),
        *fields(_invoice(), form.values, "invoiceAddress."),
        *fields(ATTACHMENT, form.values, "attachments[0]."),
    ]


def _invoice() -> list[Field]:
    return [replace(one, label=f"Invoice: {one.label.lower()}", hint="") for one in ADDRESS]
