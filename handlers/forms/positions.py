"""One position of the form that makes an order, with all that may be said about it (seed 001)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from backends.quivo.new_order import NewPosition
from handlers.forms.values import Typed, Unreadable, amount, amount_text, day, pairs, pairs_text, whole

_ATTRIBUTE = "customAttributes."


def read_position(typed: Typed, path: str) -> NewPosition:
    """The position whose inputs begin with ``path``; what cannot be read is in ``typed.errors``."""
    sku = typed.needed(f"{path}sku", "Choose a SKU, or remove this position.")
    typed.needed(f"{path}quantity", "Say how many.")
    quantity = typed.read(f"{path}quantity", whole)
    more = typed.read(f"{path}more", _more) or NewPosition("", 0)
    return replace(more, sku=sku, quantity=quantity or 0)


def position_values(position: NewPosition, path: str) -> dict[str, str]:
    """What the inputs hold for a position, by block_id."""
    held = {"sku": position.sku, "quantity": str(position.quantity or ""), "more": _more_text(position)}
    return {f"{path}{name}": text for name, text in held.items() if text}


def _more(text: str) -> NewPosition:
    """Everything about a position but its SKU and quantity."""
    position = NewPosition("", 0)
    seen: set[str] = set()
    for name, value in pairs(text):
        if name in seen:
            raise Unreadable(f"{name} is there twice.")
        seen.add(name)
        position = _with(position, name, value)
    return position


def _with(position: NewPosition, name: str, value: str) -> NewPosition:
    if name.startswith(_ATTRIBUTE):
        pair = (name.removeprefix(_ATTRIBUTE), value)
        return replace(position, custom_attributes=(*position.custom_attributes, pair))
    if name == "price":
        return replace(position, price=amount(value))
    if name == "expirationDate":
        return replace(position, expiration_date=day(value))
    if name not in _TEXTS:
        raise Unreadable(f"{name[:40]} is nothing that I know about a position.")
    return _TEXTS[name](position, value or None)


_TEXTS: dict[str, Callable[[NewPosition, str | None], NewPosition]] = {
    "name": lambda position, text: replace(position, name=text),
    "lot": lambda position, text: replace(position, lot=text),
    "location": lambda position, text: replace(position, location=text),
    "positionIdentifier": lambda position, text: replace(position, position_identifier=text),
    "productIdentifier": lambda position, text: replace(position, product_identifier=text),
}


def _more_text(position: NewPosition) -> str:
    held = {
        "name": position.name,
        "price": None if position.price is None else amount_text(position.price),
        "lot": position.lot,
        "expirationDate": position.expiration_date.isoformat() if position.expiration_date else None,
        "location": position.location,
        "positionIdentifier": position.position_identifier,
        "productIdentifier": position.product_identifier,
    }
    known = [(name, text) for name, text in held.items() if text]
    return pairs_text([*known, *((f"{_ATTRIBUTE}{name}", value) for name, value in position.custom_attributes)])
