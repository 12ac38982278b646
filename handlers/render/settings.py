"""What an admin sets for the workspace: when cancelling needs a second person (DESIGN.md §3)."""

from __future__ import annotations

from decimal import Decimal

from handlers.forms.values import amount_text
from handlers.render.build import context, form_modal, message, own, section
from handlers.render.inputs import typed
from handlers.render.message import Message, View
from handlers.render.money import money
from handlers.render.naming import mention
from store.preferences import Preferences


def settings_form(preferences: Preferences, *, card_id: str) -> View:
    """The modal `settings`, filled with how it is: `approvalAboveValue`, `approvalCurrency`, `approvalAboveCount`."""
    value, count = preferences.approval_above_value, preferences.approval_above_count
    blocks = [
        section("Cancelling above a value or a number of orders needs a second person. Empty means that it does not."),
        typed("approvalAboveValue", "Above this value", _number(value), hint="What one order is worth, e.g. 500."),
        typed("approvalCurrency", "Currency", preferences.approval_currency or "", hint="Three letters, e.g. EUR."),
        typed(
            "approvalAboveCount",
            "Above this number of orders",
            "" if count is None else str(count),
            hint="Cancellations of one person in 24 hours, e.g. 20.",
        ),
    ]
    return form_modal("Settings", blocks, callback_id="settings", card_id=card_id, submit="Save")


def settings_saved(preferences: Preferences, *, by: str) -> Message:
    """What holds from now on, for those whom it concerns."""
    value, count = preferences.approval_above_value, preferences.approval_above_count
    above = [] if value is None else [f"for an order worth more than {money(value, preferences.approval_currency)}"]
    after = [] if count is None else [f"after {count} cancellations of one person in 24 hours"]
    rule = " and ".join([*above, *after])
    said = f"Cancelling needs a second person {rule}." if rule else "Cancelling never needs a second person."
    return message([section(f"✅ Saved. {said}"), context(own(f"Set by {mention(by)}"))])


def _number(value: Decimal | None) -> str:
    return "" if value is None else amount_text(value)
