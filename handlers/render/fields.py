"""From the fields of a form and what they hold to its input blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from handlers.render.inputs import dated, picked, suggested, ticked, timed, typed
from handlers.render.message import Block
from handlers.render.order_fields import Field, Kind

_NO_LABELS: Mapping[str, str] = {}


def fields(
    asked: Iterable[Field], values: Mapping[str, Any], prefix: str = "", *, labels: Mapping[str, str] = _NO_LABELS
) -> list[Block]:
    """One input for each field, its block_id ``prefix`` and path, filled from ``values`` by block_id."""
    return [_block(field, f"{prefix}{field.path}", values, labels) for field in asked]


def _block(field: Field, path: str, values: Mapping[str, Any], labels: Mapping[str, str]) -> Block:
    held = values.get(path)
    text = "" if held is None else str(held)
    match field.kind:
        case Kind.LINE | Kind.LINES:
            several = field.kind is Kind.LINES
            return typed(path, field.label, text, hint=field.hint, needed=field.needed, several_lines=several)
        case Kind.DAY:
            return dated(path, field.label, text, hint=field.hint)
        case Kind.MOMENT:
            return timed(path, field.label, held if isinstance(held, int) else None, hint=field.hint)
        case Kind.TICK:
            return ticked(path, field.label, field.text, held, hint=field.hint)
        case Kind.MENU:
            return picked(path, field.label, field.choices, text, hint=field.hint)
        case Kind.SUGGESTION:
            shown = labels.get(path, "")
            return suggested(path, field.label, field.action_id, text, shown, hint=field.hint, needed=field.needed)
