"""A scheduled order as a card in a channel and as a modal for one person (apis/qpilot.md §5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from backends.qpilot.order import ACTIVE, DELETED, FAILED, PAUSED, PROCESSING, SNOOZED, ScheduledOrder
from handlers.render import limits
from handlers.render import scheduled_parts as parts
from handlers.render.build import actions, button, context, message, modal, own
from handlers.render.inputs import option
from handlers.render.message import Block, Message, View
from handlers.render.naming import mention
from handlers.render.profile import Profile
from handlers.render.scheduled_profile import trim
from handlers.render.scheduled_states import headline
from handlers.render.shop import nth
from handlers.render.times import when

DETAILS, REFRESH, MORE = "scheduled.details", "scheduled.refresh", "scheduled.more"
BUTTONS = ("pause", "resume", "skip", "retry", "restore")
PAUSE, RESUME, SKIP, RETRY, RESTORE = (f"scheduled.{verb}_open" for verb in BUTTONS)
MENU: Sequence[tuple[str, str]] = (
    ("reschedule", "Reschedule"),
    ("frequency", "Change the frequency"),
    ("items", "Change the items"),
    ("payment", "Change the payment method"),
    ("cancel", "Cancel"),
)
CARD_ITEMS, MODAL_ITEMS = 5, 50  # ours: what still reads at a glance


def scheduled_card(
    order: ScheduledOrder, profile: Profile, *, card_id: str, asked_by: str, seen_at: datetime
) -> Message:
    """The card, with what this profile may show; buttons carry ``card_id``, the menu `scheduled.more` ``nth`` of it."""
    shown = trim(order, profile)
    blocks = [
        headline(shown.id, shown.status),
        *parts.why_failed(shown),
        *parts.times(shown, seen_at),
        *parts.facts(shown, limits.LINE_VALUE),
        *parts.items(shown, CARD_ITEMS),
    ]
    small = context(own(f"As of {when(seen_at)}"), own(f"Asked by {mention(asked_by)}"))
    return message(blocks, tail=[small, buttons(order, card_id)])


def scheduled_details(order: ScheduledOrder, card_id: str) -> View:
    """Everything about it, opened by one person with their own connection."""
    shown = trim(order, Profile.MODAL)
    blocks = [
        headline(shown.id, shown.status),
        *parts.why_failed(shown),
        *parts.times(shown),
        *parts.facts(shown, limits.MODAL_VALUE),
        *parts.items(shown, MODAL_ITEMS),
    ]
    return modal("Scheduled order", blocks, callback_id="scheduled.details", card_id=card_id)


def buttons(order: ScheduledOrder, card_id: str) -> Block:
    """What this status allows, and a look at the whole; what only QPilot knows is left to QPilot."""
    named = {
        ACTIVE: ((PAUSE, "Pause"), (SKIP, "Skip one")),
        PAUSED: ((RESUME, "Resume"), (SKIP, "Skip one")),
        SNOOZED: ((RESUME, "Resume"),),
        FAILED: ((RETRY, "Retry"), (RESUME, "Resume")),
        DELETED: ((RESTORE, "Restore"),),
    }
    own_buttons = [button(text, action_id, card_id) for action_id, text in named.get(order.status, ())]
    looks = [button("Details", DETAILS, card_id), button("Refresh", REFRESH, card_id)]
    more = [] if order.status in (DELETED, PROCESSING) else [_menu(card_id)]
    return actions(*own_buttons, *looks, *more)


def _menu(card_id: str) -> Block:
    options = [option(nth(card_id, number), text) for number, (_, text) in enumerate(MENU)]
    return {"type": "overflow", "action_id": MORE, "options": options}
