"""What admins settle for the workspace, and what waits for a second person (DESIGN.md §3, CHECKS B4)."""

from __future__ import annotations

from datetime import datetime

from handlers.access import Role
from handlers.answers import expired, too_late
from handlers.context import Context
from handlers.forms.settings import read_settings
from handlers.registry import Ack, Command, Press
from handlers.render.approving import Approval, approvals_list
from handlers.render.forms import busy, notice
from handlers.render.message import View
from handlers.render.settings import settings_form, settings_saved
from handlers.request import Request
from operations.changes import CANCEL, WAITING, due_at
from store.audit import AuditLine
from store.ledger import Action
from store.preferences import Preferences

SETTINGS_CARD, SAVE = "settings", "settings.save"
ADMINS = frozenset({Role.ADMIN})
MOST_SHOWN = 10


async def show(ctx: Context) -> str:
    """Answer ``/shipclerk settings`` with a form that holds what is settled now."""
    card = await ctx.card(SETTINGS_CARD, {"channel": ctx.request.channel})
    form: View = {**settings_form(_now(ctx), card_id=card.id), "callback_id": SAVE}
    return "done" if await ctx.show(form) else await too_late(ctx)


def checked(request: Request) -> Ack:
    """The acknowledgement: what cannot be read stands under its input, and nothing is saved then."""
    read = read_settings(request.values)
    if isinstance(read, Preferences):
        return {"response_action": "update", "view": busy(request.view or {}, "Saving …")}
    return {"response_action": "errors", "errors": read}


async def save(ctx: Context) -> str:
    """Keep what was typed, with an audit line that says what it is from now on."""
    card, wanted = ctx.found_card(SETTINGS_CARD), read_settings(ctx.request.values)
    if card is None or card.created_by != ctx.request.user or not isinstance(wanted, Preferences):
        return await expired(ctx)
    channel: str | None = card.payload["channel"]
    before = _words(_now(ctx))
    line = AuditLine(
        at=ctx.services.now(),
        reference=ctx.reference,
        team=ctx.request.team,
        user=ctx.request.user,
        channel=channel or "",
        action=SAVE,
        target="",
        outcome=f"{before} -> {_words(wanted)}",
    )
    await ctx.services.ports.preferences.set(ctx.request.team, ctx.request.user, wanted, line)
    said = settings_saved(wanted, by=ctx.request.user)
    await ctx.slack.update_view(ctx.request.view_id, notice("Settings", "Saved. It holds from now on."))
    await ctx.slack.whisper(channel, ctx.request.user, said)
    return "done"


def _now(ctx: Context) -> Preferences:
    return ctx.services.ports.preferences.get(ctx.request.team)


def _words(preferences: Preferences) -> str:
    """Settings in the audit's words: ``value 500 EUR, count 20``."""
    value, count = preferences.approval_above_value, preferences.approval_above_count
    worth = "none" if value is None else f"{value} {preferences.approval_currency or ''}".rstrip()
    return f"value {worth}, count {'none' if count is None else count}"


async def approvals(ctx: Context) -> str:
    """Answer ``/shipclerk approvals`` with the oldest cancellations that wait for a second person."""
    ports = ctx.services.ports
    now = ports.now()
    waiting = [_approval(action) for action in ports.ledger.in_state(CANCEL, ctx.request.team, WAITING)]
    open_ones = [one for one in waiting if one.expires is None or one.expires > now]
    await ctx.answer(approvals_list(open_ones[:MOST_SHOWN], reader=ctx.request.user, profile=ctx.profile))
    return "done"


def _approval(action: Action) -> Approval:
    notes = action.payload
    expires: datetime | None = due_at(action)
    return Approval(notes["order_id"], notes["reference"], action.user, notes.get("why") or "", expires, notes["card"])


COMMANDS = (
    Command("/shipclerk", "settings", "", "Settle when cancelling needs a second person", show, roles=ADMINS),
    Command("/shipclerk", "approvals", "", "List the cancellations that wait for a second person", approvals),
)
PRESSES = (Press(SAVE, save, roles=ADMINS, first_answer=checked),)
