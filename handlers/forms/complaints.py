"""Complaints about fields, each said under the input that it is about (DESIGN.md §3)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from backends.errors import FieldError
from handlers.render.escape import plain

LONGEST = 150  # ours: what still reads under an input
_NUMBER = re.compile(r"\[([0-9]{1,9})\]")
_MOST = 5  # ours: complaints in one banner


@dataclass(frozen=True)
class Placed:
    """Complaints by block_id, and in ``banner`` those for which there is no input."""

    errors: Mapping[str, str] = field(default_factory=dict)
    banner: str = ""


def place(found: Iterable[FieldError], block_ids: Collection[str]) -> Placed:
    """Each complaint under its input: the one of that name, else one that it is part of or that is part of it.

    ``positions[0].price`` stands under ``positions[0].more`` or, where that is not shown, under the first input of that
    position; ``tags[2]`` under ``tags``; ``positions`` under the first input of the first one. Several complaints about
    one input are said one after the other.
    """
    errors: dict[str, str] = {}
    strays: list[str] = []
    for one in found:
        block_id = _home(one.field, block_ids)
        if block_id is None:
            strays.append(": ".join(filter(None, [plain(one.field, 80), plain(one.message, LONGEST)])))
        else:
            said = one.message if one.field == block_id else f"{_rest(one.field, block_id)}{one.message}"
            errors[block_id] = " ".join(filter(None, [errors.get(block_id), sentence(said)]))
    return Placed(errors, _banner(strays))


def sentence(text: str) -> str:
    """A complaint as a sentence: "must not be empty" → "Must not be empty."."""
    shown = plain(text, LONGEST)
    ended = shown if shown.endswith((".", "!", "?", "…")) else f"{shown}."
    return ended[:1].upper() + ended[1:]


def _home(field: str, block_ids: Collection[str]) -> str | None:
    if field in block_ids:
        return field
    owner = field
    while owner:
        owner = _owner(owner)
        if owner in block_ids:
            return owner
        if f"{owner}.more" in block_ids:
            return f"{owner}.more"
        beside = next((block_id for block_id in block_ids if owner and block_id.startswith(f"{owner}.")), None)
        if beside is not None:
            return beside
    inside = (f"{field}.", f"{field}[")
    return next((block_id for block_id in block_ids if field and block_id.startswith(inside)), None)


def _rest(field: str, block_id: str) -> str:
    """What the input's own name does not say about the field."""
    if block_id.startswith(field):
        return ""
    owner = block_id.removesuffix(".more") if field.startswith(block_id.removesuffix(".more")) else _owner(block_id)
    rest = field.removeprefix(owner).strip(".")
    number = _NUMBER.fullmatch(rest)
    shown = f"number {int(number[1]) + 1}" if number else rest
    return f"{shown}: " if shown else ""


def _owner(field: str) -> str:
    """What a field is part of: ``positions[0]`` for ``positions[0].sku``."""
    return field[: max(field.rfind("."), field.rfind("["), 0)]


def _banner(strays: list[str]) -> str:
    more = [f"and {len(strays) - _MOST} more"] if len(strays) > _MOST else []
    return "; ".join([*strays[:_MOST], *more])
