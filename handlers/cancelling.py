"""Cancelling an order from Slack: the question, the claim, the undo, the second person, the looks afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from backends.quivo.order import Order
from handlers.access import MEMBERS, Role
from handlers.answers import expired, find_one, open_one, refuse
from handlers.cancel_message import draw
from handlers.context import Context, Services
from handlers.home import is_home, publish
from handlers.orders import drawn
from handlers.registry import Command, Press
from handlers.render import cancelling as say
from handlers.render.forms import notice
from operations import approving, cancelling
from operations.accounts import Actor
from operations.approving import Approved, Declined, Expired
from operations.cancel_looking import NotYet, read_back
from operations.cancel_rules import fingerprint, forbidden, needs_approval
from operations.cancel_sending import Sent, rank_of_next, send
from operations.cancelling import CancelAsk, Held, NeedsApproval, Stale, TooLate, Undone
from operations.changes import AlreadyBeing
from operations.durable import Finished, Later
from operations.outcome import Refused, Unknown
from operations.ports import Ports
from store.cards import Card
from store.ledger import Action
from store.occurrences import Occurrence

CANCEL_CARD = "cancel"
Decided = Approved | Declined | Expired | TooLate | Stale | Refused | Unknown
Decide = Callable[[Ports, Actor, str, str], Awaitable[Decided]]
TITLE = "Cancel an order"
ROLE_ATTEMPTS = 8  # some ten minutes; whoever Slack does not know after that may not do it (CHECKS B3)


async def command(ctx: Context) -> str:
    """Answer ``/order cancel 1001`` with the order as it is now and what cancelling means, in a modal."""
    return await find_one(ctx, TITLE, _question)


async def press(ctx: Context) -> str:
    """Open the same question from a card's button."""
    return await open_one(ctx, TITLE, _question)


async def _question(ctx: Context, view_id: str, order: Order) -> str:
    if (refusal := forbidden(order)) is not None:
        await ctx.slack.update_view(view_id, notice(TITLE, refusal.text, reference=ctx.reference))
        return f"refused:{refusal.reason}"
    ports = ctx.services.ports
    why = needs_approval(ports.preferences.get(ctx.actor.team), order, rank_of_next(ports, ctx.actor)) or ""
    payload = {
        "order_id": order.order_id,
        "reference": order.reference,
        "seen": fingerprint(order),
        "channel": ctx.request.channel or ctx.request.user,
    }
    card = await ctx.card(CANCEL_CARD, payload)
    form = say.cancel_form(order, card_id=card.id, undo_seconds=ctx.services.undo_seconds, approval=why)
    await ctx.slack.update_view(view_id, form)
    return "done"


async def confirm(ctx: Context) -> str:
    """Claim the cancellation of the order that was seen; one of many is first, the others are told who (E1, E4)."""
    card = ctx.found_card(CANCEL_CARD)
    if card is None or card.created_by != ctx.request.user:
        return await expired(ctx)
    notes = card.payload
    ctx = await ctx.there(notes["channel"])
    asked = CancelAsk(
        notes["order_id"],
        notes["reference"],
        notes["seen"],
        notes["channel"],
        undo_seconds=ctx.services.undo_seconds,
        card=card.id,
    )
    outcome = await cancelling.ask(ctx.services.ports, ctx.actor, asked, ctx.reference)
    match outcome:
        case Held(action) | NeedsApproval(action):
            return await _claimed(ctx, card, action)
        case Stale(order):
            return await _moved_on(ctx, card, order)
        case AlreadyBeing(action):
            await _close(ctx, f"Somebody is already cancelling this order ({action.state}), so I did nothing more.")
            await ctx.answer(say.already(action.user))
            return "refused:already"
        case Refused() | Unknown():
            await _close(ctx, outcome.text)
            return await refuse(ctx, outcome)


async def _claimed(ctx: Context, card: Card, action: Action) -> str:
    await ctx.services.cards.change(card.id, {**card.payload, "action": action.id})
    ctx.services.wake()
    await draw(ctx.services, action, first=True)  # before anything else can fail: it has the button that undoes
    said = "Waiting for a second person." if action.state == "waiting_approval" else "I will ask Quivo to cancel it."
    await _close(ctx, f"{said} The message in the channel says how it goes on.")
    return action.state


async def _moved_on(ctx: Context, card: Card, order: Order) -> str:
    """The order is no longer what was seen: say so, and ask again about what it is now."""
    await _question(ctx, ctx.request.view_id or "", order)
    await ctx.answer(say.moved_on(await drawn(ctx, order)))
    return "refused:stale"


async def _close(ctx: Context, text: str) -> None:
    await ctx.slack.update_view(ctx.request.view_id, notice(TITLE, text, reference=ctx.reference))


async def undo(ctx: Context) -> str:
    """Take a cancellation back while it is held: whoever asked for it, or an admin."""
    card, action = _action(ctx)
    if card is None or action is None:
        return await expired(ctx)
    is_admin = ctx.role is Role.ADMIN
    outcome = await cancelling.undo(ctx.services.ports, ctx.actor, action.id, ctx.reference, admin=is_admin)
    match outcome:
        case Undone(undone):
            await draw(ctx.services, undone, by=ctx.request.user)
            return "done"
        case TooLate():
            await ctx.answer(say.too_late())
            return "refused:too_late"
        case Refused():
            return await refuse(ctx, outcome)


async def approve(ctx: Context) -> str:
    """Agree to somebody else's cancellation, with one's own connection (CHECKS B4)."""
    return await _seen_on_home(ctx, _decide(ctx, approving.approve))


async def decline(ctx: Context) -> str:
    """Say no to somebody else's cancellation; whoever asked for it takes it back with the same button."""
    _, action = _action(ctx)
    is_own = action is not None and action.user == ctx.request.user
    return await _seen_on_home(ctx, undo(ctx) if is_own else _decide(ctx, approving.decline))


async def _seen_on_home(ctx: Context, work: Awaitable[str]) -> str:
    """Draw Home anew if it was pressed there, whatever came of it: what was refused may be over as well."""
    word = await work
    if is_home(ctx):
        await publish(ctx)
    return word


async def _decide(ctx: Context, decide: Decide) -> str:
    card, action = _action(ctx)
    if card is None or action is None:
        return await expired(ctx)
    outcome = await decide(ctx.services.ports, ctx.actor, action.id, ctx.reference)
    if isinstance(outcome, Refused | Unknown):
        return await refuse(ctx, outcome)
    ctx.services.wake()
    if isinstance(outcome, Stale):
        await ctx.answer(say.moved_on(await drawn(ctx, outcome.order)))
    await draw(ctx.services, action, by=ctx.request.user)
    return "done"


async def look_again(ctx: Context) -> str:
    """Look once more at an order whose cancellation nobody knows about, with the clicker's own connection."""
    return await _seen_on_home(ctx, _look_again(ctx))


async def _look_again(ctx: Context) -> str:
    card, action = _action(ctx)
    if card is None or action is None:
        return await expired(ctx)
    outcome = await read_back(ctx.services.ports, ctx.actor.team, action.id, ctx.reference, reader=ctx.actor)
    if isinstance(outcome, Refused):
        return await refuse(ctx, outcome)
    if isinstance(outcome, NotYet) and outcome.why:
        return await refuse(ctx, Unknown(outcome.why))
    await draw(ctx.services, outcome.action)
    return outcome.action.state


def _action(ctx: Context) -> tuple[Card | None, Action | None]:
    card = ctx.found_card(CANCEL_CARD)
    action_id = card.payload.get("action") if card else None
    return card, ctx.services.ports.ledger.get(action_id, ctx.request.team) if action_id else None


async def run_send(services: Services, occurrence: Occurrence) -> Finished:
    """The undo window is over: send it, once, if the person who asked may still do so (CHECKS B3, E2)."""
    action_id, ref = occurrence.payload["action"], f"run-{occurrence.key[-8:]}"
    action = services.ports.ledger.get(action_id, occurrence.team)
    if action is None:
        return Finished("gone")
    role = await services.directory.role(action.team, action.team, action.user, fresh=True)
    if role is Role.UNKNOWN and occurrence.attempt <= ROLE_ATTEMPTS:
        raise TimeoutError("Slack does not say who asked")
    outcome = await send(services.ports, occurrence.team, action_id, ref, allowed=role in MEMBERS)
    if isinstance(outcome, Sent):
        services.wake()
        await draw(services, outcome.action)
        return Finished(outcome.action.state)
    return Finished("gone")


async def run_look(services: Services, occurrence: Occurrence) -> Finished | Later:
    """Look again after it was sent, until the status says how it ended, or a day has passed."""
    payload = occurrence.payload
    outcome = await read_back(
        services.ports, occurrence.team, payload["action"], occurrence.key[-8:], looked=payload["looked"]
    )
    if isinstance(outcome, Refused):
        return Finished("gone")
    await draw(services, outcome.action)
    if isinstance(outcome, NotYet):
        return Later(outcome.next_at, {**payload, "looked": outcome.looked})
    return Finished(outcome.action.state)


async def run_expire(services: Services, occurrence: Occurrence) -> Finished:
    """Nobody agreed within thirty minutes."""
    outcome = await approving.expire(services.ports, occurrence.team, occurrence.payload["action"], occurrence.key[-8:])
    if isinstance(outcome, Refused):
        return Finished("gone")
    await draw(services, outcome.action)
    return Finished(outcome.action.state)


COMMANDS = (Command("/order", "cancel", "<id or reference>", "Ask Quivo to cancel an order", command),)
PRESSES = (
    Press("order.cancel", press),
    Press("cancel.confirm", confirm, changes=True),
    Press("cancel.undo", undo),
    Press("cancel.approve", approve, changes=True),
    Press("cancel.decline", decline),
    Press("cancel.look", look_again),
)
RUNNERS = {"cancel.send": run_send, "cancel.look": run_look, "cancel.expire": run_expire}
