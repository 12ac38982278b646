"""The steps of one change of a scheduled order in its modal: the form if it needs one, then what will be different."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backends.errors import FieldError
from backends.qpilot.order import PaymentMethod, ScheduledOrder
from handlers.change_message import clicked, place_of
from handlers.context import Context
from handlers.forms.complaints import place
from handlers.forms.steering import values_of
from handlers.render import steering as render
from handlers.render.forms import notice, with_errors
from handlers.render.steer_forms import FREQUENCY, ITEMS, PAYMENT, RESCHEDULE, form, method_options
from handlers.scheduled import ORDER_CARD
from handlers.shop_answers import complaints, in_modal, refuse_in
from handlers.steer_message import STEER_CARD
from operations import scheduled, steering
from operations.outcome import Done, Refused, Unknown
from operations.packing import pack
from operations.steer_changes import AnyChange, Cancel, Pause, Payment, Restore, Resume, Retry, Skip
from operations.steer_preview import Preview, refusal
from store.cards import Card

STRAIGHT: Mapping[str, AnyChange] = {
    "pause": Pause(),
    "resume": Resume(),
    "retry": Retry(),
    "cancel": Cancel(),
    "restore": Restore(),
}
FORMS = {"reschedule": RESCHEDULE, "frequency": FREQUENCY, "items": ITEMS, "payment": PAYMENT}
_MOVED = "It has changed since you saw it, so nothing was sent. This is what would be different now."
_NO_METHODS = (
    "The customer has no payment method to choose from. A merchant can add one with /scheduled payment new {customer}."
)
_NOBODY = "QPilot does not say whose order this is, so I cannot tell which payment methods there are."


async def begin(ctx: Context, verb: str, order_id: int) -> str:
    """Open a modal at once (CHECKS A7), and show in it the form of this change, or what the change will do."""

    async def then(view_id: str) -> str:
        card = await ctx.card(STEER_CARD, {"order_id": order_id, "channel": place_of(ctx.request), **_where(ctx)})
        if verb in FORMS:
            return await open_form(ctx, view_id, card, FORMS[verb])
        return await preview(ctx, view_id, card, STRAIGHT.get(verb))

    return await in_modal(ctx, render.TITLE, then)


def _where(ctx: Context) -> dict[str, Any]:
    """The order's own card whose button was pressed, to be drawn anew when the change is done."""
    pressed = ctx.services.cards.get(ctx.request.value.partition(":")[0], ctx.request.team)
    if pressed is None or pressed.kind != ORDER_CARD or not pressed.payload.get("drawn"):
        return {}
    posted = clicked(ctx.request)
    place = [posted.channel, posted.ts] if posted else None
    return {"pressed": pressed.id, "posted": place, "url": ctx.request.response_url, "seen_in": ctx.request.channel}


async def open_form(
    ctx: Context,
    view_id: str | None,
    card: Card,
    kind: str,
    *,
    change: AnyChange | None = None,
    errors: Mapping[str, str] | None = None,
    banner: str | None = None,
) -> str:
    """Show the form with the order as it is now, filled with ``change`` if that was typed before."""
    found = await scheduled.read(ctx.services.ports.qpilot, ctx.actor, card.payload["order_id"])
    if not isinstance(found, Done):
        return await refuse_in(ctx, view_id, render.TITLE, found)
    order = found.value
    if (text := refusal(order, Payment(0))) is not None:
        return await forbidden(ctx, view_id, order, text)
    methods = await _methods(ctx, order) if kind == PAYMENT else ()
    if isinstance(methods, Refused | Unknown):
        return await refuse_in(ctx, view_id, render.TITLE, methods)
    if kind == PAYMENT and not methods:
        said = _NO_METHODS.format(customer=order.customer_id) if order.customer_id else _NOBODY
        await ctx.slack.update_view(view_id, notice(render.TITLE, said, reference=ctx.reference))
        return "refused:no"
    labels = {**card.payload.get("labels", {}), **dict(method_options(methods))}
    await ctx.services.cards.change(card.id, {**card.payload, "labels": labels})
    typed = None if change is None else values_of(change)
    known = {"productId": labels.get(str((typed or {}).get("productId")), "")}
    view = form(kind, order, card_id=card.id, values=typed, methods=methods, labels=known)
    await ctx.slack.update_view(view_id, with_errors(view, errors or {}, banner=banner))
    return "refused:invalid" if errors or banner else "asked"


async def _methods(ctx: Context, order: ScheduledOrder) -> tuple[PaymentMethod, ...] | Refused | Unknown:
    if not order.customer_id:
        return ()
    found = await scheduled.payment_methods(ctx.services.ports.qpilot, ctx.actor, order.customer_id)
    return found.value if isinstance(found, Done) else found


async def preview(
    ctx: Context, view_id: str | None, card: Card, change: AnyChange | None, *, moved: bool = False
) -> str:
    """Show what will be different, and keep what was shown; None is to skip, which QPilot's calculator reckons.

    ``moved`` says that the order is no longer what the person saw: nothing was sent (CHECKS E4).
    """
    ports, order_id = ctx.services.ports, card.payload["order_id"]
    if change is None or isinstance(change, Skip):
        outcome = await steering.skipped(ports, ctx.actor, order_id)
    else:
        outcome = await steering.previewed(ports, ctx.actor, order_id, change)
    if not isinstance(outcome, Done):
        return await refuse_in(ctx, view_id, render.TITLE, outcome)
    seen = outcome.value
    if seen.refusal is not None:
        return await forbidden(ctx, view_id, seen.order, seen.refusal)
    if seen.fields:
        return await invalid(ctx, view_id, card, seen.change, seen.fields)
    return await _ask(ctx, view_id, card, seen, moved=moved)


async def _ask(ctx: Context, view_id: str | None, card: Card, seen: Preview, *, moved: bool) -> str:
    kept = {"kind": seen.change.kind, "change": pack(seen.change), "seen": seen.seen}
    now = ctx.services.cards.get(card.id, ctx.request.team) or card
    await ctx.services.cards.change(card.id, {**now.payload, **kept})
    view = render.will_change(seen, card_id=card.id, labels=now.payload.get("labels", {}))
    await ctx.slack.update_view(view_id, with_errors(view, {}, banner=_MOVED) if moved else view)
    return "refused:stale" if moved else "asked"


async def forbidden(ctx: Context, view_id: str | None, order: ScheduledOrder, text: str) -> str:
    """Say that the order's status does not allow it, and what does."""
    await ctx.slack.update_view(view_id, render.cannot(order, text, reference=ctx.reference))
    return "refused:status"


async def invalid(
    ctx: Context, view_id: str | None, card: Card, change: AnyChange, fields: tuple[FieldError, ...]
) -> str:
    """Back to the form with what was typed, each complaint under its input; what has no form is only told."""
    kind = next((one for one in FORMS.values() if change.kind.startswith(one)), None)
    if kind is None:
        said = complaints(fields)
        await ctx.slack.update_view(view_id, notice(render.TITLE, f"Not changed. {said}", reference=ctx.reference))
        return "refused:invalid"
    placed = place(fields, list(values_of(change)))
    banner = " ".join(filter(None, ["Nothing was sent.", placed.banner, f"Reference {ctx.reference}."]))
    return await open_form(ctx, view_id, card, kind, change=change, errors=placed.errors, banner=banner)
