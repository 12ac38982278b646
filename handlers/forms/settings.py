"""What an admin typed into the settings of the workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.forms.values import Typed, amount, currency, whole
from store.preferences import Preferences

VALUE, CURRENCY, COUNT = "approvalAboveValue", "approvalCurrency", "approvalAboveCount"
_MOST = 1_000_000


def read_settings(values: Mapping[str, Any]) -> Preferences | dict[str, str]:
    """The preferences that were typed, or what is wrong by block_id; what is empty asks for nobody's approval."""
    typed = Typed(values)
    value = typed.read(VALUE, amount)
    count = typed.read(COUNT, whole)
    code = typed.read(CURRENCY, currency)
    if value is not None and value < 0:
        typed.errors[VALUE] = "Write 0 or more."
    if count is not None and not 0 <= count <= _MOST:
        typed.errors[COUNT] = "Write a number from 0 to a million."
    if value is not None and typed.text(CURRENCY) is None:
        typed.errors[CURRENCY] = "Say in which currency the value is."
    return typed.errors or Preferences(value, count, code if value is not None else None)
