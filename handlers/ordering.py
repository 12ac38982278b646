"""Placing the order at the end of a checkout, once, and looking again when nobody knows (apis/vendo.md §10)."""

from __future__ import annotations

from handlers import checkout_steps as steps
from handlers.answers import expired, patient, refuse
from handlers.change_message import clicked
from handlers.checking_out import check_complete
from handlers.checkout_message import draw
from handlers.checkout_steps import CHECKOUT_CARD, mine
from handlers.context import Context
from handlers.registry import Press
from handlers.render import checkout as render
from handlers.render.forms import notice
from handlers.render.shop_orders import order_title
from handlers.shop_answers import ASKING, tell
from operations import checkout
from operations.carts import CartGone, NoCart
from operations.changes import NOT_YOURS, SENDING, UNKNOWN, AlreadyBeing
from operations.checkout import Moved, Ordered
from operations.creating import InvalidInput
from operations.once import settle
from operations.outcome import Refused, Unknown
from operations.vendo_looks import LOOKS
from store.ledger import Action

_MOVED = "Your cart has changed since you saw it, so nothing was ordered. This is what would be ordered now."
_UNKNOWN = "We do not know whether it was ordered. The message that I wrote has a button to look again."
_BEING = "This cart is being ordered already, so I did nothing. The message tells how it ends."


async def place_order(ctx: Context) -> str:
    """Order what was reviewed, once, and post the order to the channel that its cart belongs to."""
    card = mine(ctx)
    if card is None or "seen" not in card.payload:
        return await expired(ctx)
    ports, notes = ctx.services.ports, card.payload
    outcome = await checkout.complete(ports, ctx.actor, notes["channel"], notes["seen"], ctx.reference)
    ctx.services.wake()
    match outcome:
        case Ordered(number, order, action):
            await _close(ctx, f"✅ {order_title(number)} is ordered. The message tells more.")
            await draw(ctx.services, action, None, order)
            return "done"
        case Moved(now):
            await steps.review(ctx, ctx.request.view_id, card, now, _MOVED)
            return "refused:stale"
        case Unknown(_, Action() as action):
            await _close(ctx, _UNKNOWN)
            await draw(ctx.services, action, None)
            return "unknown"
        case AlreadyBeing():
            await _close(ctx, _BEING)
            return "refused:already"
        case NoCart() | CartGone() | InvalidInput() | Refused() | Unknown():
            return await steps.failed(ctx, ctx.request.view_id, outcome, ctx.request.view)


async def _close(ctx: Context, text: str) -> None:
    await ctx.slack.update_view(ctx.request.view_id, notice(render.TITLE, text, reference=ctx.reference))


async def look(ctx: Context) -> str:
    """Look what became of an order that nobody knows about, and edit its message; nothing is sent again."""
    card = ctx.found_card(CHECKOUT_CARD)
    action_id = card.payload.get("action") if card else None
    action = ctx.services.ports.ledger.get(action_id, ctx.request.team) if action_id else None
    if action is None:
        return await expired(ctx)
    if action.user != ctx.request.user:
        return await refuse(ctx, NOT_YOURS)
    work = settle(ctx.services.ports, action, LOOKS[action.kind], ctx.reference)
    settled = await patient(ctx, work, ASKING)
    await draw(ctx.services, settled, clicked(ctx.request))
    if settled.state in (SENDING, UNKNOWN):
        return await tell(ctx, "I looked again, and still do not know.", "Please look again later.", "unknown")
    return "done"


PRESSES = (
    Press(render.COMPLETE, place_order, first_answer=check_complete, changes=True),
    Press(render.LOOK, look),
)
