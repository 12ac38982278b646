"""Reads what was typed and chosen in the forms of a checkout (apis/vendo.md §6, §7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backends.vendo.cart import Address
from backends.vendo.checkout import RateChoice
from handlers.forms.values import Typed
from handlers.render.checkout_fields import ADDRESS, rate_block


def read_address(values: Mapping[str, Any], prefix: str) -> Address:
    """The address as it was typed; what was left empty is None."""
    typed = Typed(values)
    return Address(**{field.path: typed.text(f"{prefix}{field.path}") for field in ADDRESS})


def read_text(values: Mapping[str, Any], name: str) -> str:
    """What one input holds."""
    return Typed(values).text(name) or ""


def read_rates(values: Mapping[str, Any], shipment_ids: Sequence[str]) -> tuple[RateChoice, ...]:
    """Which rate ships which shipment, by its place in the form; where none was chosen the store's own stays."""
    chosen = ((one, read_text(values, rate_block(number))) for number, one in enumerate(shipment_ids))
    return tuple(RateChoice(one, rate) for one, rate in chosen if rate)


def missing(view: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, str]:
    """The inputs of a view that must hold something and hold nothing, by block_id."""
    inputs = [block for block in view.get("blocks", ()) if block["type"] == "input" and not block.get("optional")]
    return {block["block_id"]: _asked(block) for block in inputs if not read_text(values, block["block_id"])}


def _asked(block: Mapping[str, Any]) -> str:
    return "Please choose one." if "select" in block["element"]["type"] else "Please fill this in."
