"""Following an order from a channel: begin, stop, and what is watched here (DESIGN.md §3)."""

from __future__ import annotations

from handlers.answers import NO_SUCH, ORDER_CARD, SEVERAL, expired, patient, refuse
from handlers.context import Context
from handlers.registry import Command, Press
from handlers.render.failures import failure
from handlers.render.watching import not_watched, watch_list, watch_started, watch_stopped
from handlers.watch_looking import RUNNERS, key_of, shown
from operations import watching
from operations.accounts import QUIVO
from operations.orders import look_up
from operations.outcome import Done, Refused, Unknown
from operations.watching import NOT_WATCHED, AlreadyWatching, Watching
from store.watches import Watch

__all__ = ["COMMANDS", "PRESSES", "RUNNERS"]

_PATIENCE = "Still asking Quivo …"
_WHICH = "Which order? Type its number or reference."
_CANNOT_WRITE = "I can't write in this channel, so I watch nothing here."


async def command(ctx: Context) -> str:
    """Answer ``/order watch 1001`` with a message in the channel, in whose thread each change is posted."""
    if not ctx.request.text:
        await ctx.answer(failure(_WHICH, ctx.reference, hint="Type `/order watch 1001`."))
        return "refused:empty"
    found = await patient(ctx, look_up(ctx.services.accounts, ctx.actor, ctx.request.text), _PATIENCE)
    match found:
        case Done((order,)):
            return await _begin(ctx, order.order_id, None)
        case Done(orders):
            await ctx.answer(failure(SEVERAL.text if orders else NO_SUCH.text, ctx.reference))
            return "refused:several" if orders else "refused:not_found"
        case Refused() | Unknown():
            return await refuse(ctx, found)


async def press(ctx: Context) -> str:
    """Watch the order of a card, in the card's own thread; one that only one person sees has none."""
    card = ctx.found_card(ORDER_CARD)
    if card is None or ctx.request.channel is None:
        return await expired(ctx)
    return await _begin(ctx, card.payload["order_id"], None if ctx.request.ephemeral else ctx.request.message_ts)


async def _begin(ctx: Context, order_id: int, thread_ts: str | None) -> str:
    channel = ctx.request.channel or ""
    work = watching.watch(ctx.services.ports, ctx.actor, order_id, channel, thread_ts)
    outcome = await patient(ctx, work, _PATIENCE)
    match outcome:
        case Watching(watch):
            return await _say_begun(ctx, watch)
        case AlreadyWatching(order):
            for watch in _here(ctx):
                if watch.order_id == order.order_id:
                    await ctx.answer(watch_started(shown(watch), is_new=False))
            return "refused:already"
        case Refused() | Unknown():
            return await refuse(ctx, outcome)


async def _say_begun(ctx: Context, watch: Watch) -> str:
    """Tell the channel; where the bot may not write there is nothing to watch for."""
    ctx.services.wake()
    begun = watch_started(shown(watch), is_new=True)
    if await ctx.slack.post(watch.channel, begun, thread_ts=watch.thread_ts, key=key_of(watch.id)):
        return "done"
    await watching.unwatch(ctx.services.ports, ctx.actor, watch.channel, watch.order_id)
    await ctx.answer(failure(_CANNOT_WRITE, ctx.reference, hint="Type `/invite @Shipclerk` here, then try again."))
    return "refused:not_here"


async def unwatch(ctx: Context) -> str:
    """Answer ``/order unwatch 1001``; the order is found among what is watched here, without asking Quivo."""
    typed = ctx.request.text
    if not typed:
        await ctx.answer(failure(_WHICH, ctx.reference, hint="`/order watches` lists what is watched here."))
        return "refused:empty"
    meant = [watch for watch in _here(ctx) if _is_called(watch, typed)]
    if len(meant) != 1:
        said = SEVERAL.text if meant else NOT_WATCHED.text
        await ctx.answer(failure(said, ctx.reference, hint="`/order watches` lists what is watched here."))
        return "refused:several" if meant else "refused:not_found"
    if not await _stopped(ctx, meant[0]):
        return await _was_not(ctx, meant[0])
    await ctx.publish(watch_stopped(shown(meant[0]), by=ctx.request.user))
    return "done"


async def list_watches(ctx: Context) -> str:
    """Answer ``/order watches`` with what this channel watches, to the person alone."""
    await ctx.answer(watch_list([shown(watch) for watch in _here(ctx)]))
    return "done"


async def stop(ctx: Context) -> str:
    """Stop a watch by its button, in the message that began it or in a list; only from its own channel."""
    watch = ctx.services.ports.watches.get(ctx.request.value, ctx.request.team)
    if watch is None or watch.channel != ctx.request.channel:
        return await expired(ctx)
    if watch.stopped is not None or not await _stopped(ctx, watch):
        return await _was_not(ctx, watch)
    said = watch_stopped(shown(watch), by=ctx.request.user)
    if ctx.request.ephemeral:
        await ctx.answer(watch_list([shown(one) for one in _here(ctx)]), replace_original=True)
        await ctx.publish(said)
    elif not await ctx.slack.update(watch.channel, ctx.request.message_ts or "", said):
        await ctx.publish(said)
    return "done"


async def _stopped(ctx: Context, watch: Watch) -> bool:
    outcome = await watching.unwatch(ctx.services.ports, ctx.actor, watch.channel, watch.order_id)
    return not isinstance(outcome, Refused)


async def _was_not(ctx: Context, watch: Watch) -> str:
    await ctx.answer(not_watched(watch.order_id, watch.reference))
    return "refused:not_watched"


def _here(ctx: Context) -> list[Watch]:
    watches = ctx.services.ports.watches.in_channel(ctx.request.team, ctx.request.channel or "")
    return [watch for watch in watches if watch.back_end == QUIVO]


def _is_called(watch: Watch, typed: str) -> bool:
    """Whether somebody means this one: by its number, or by its reference with or without the leading ``#``."""
    reference = (watch.reference or "").removeprefix("#").casefold()
    return typed == str(watch.order_id) or (bool(reference) and typed.removeprefix("#").casefold() == reference)


COMMANDS = (
    Command("/order", "watch", "<id or reference>", "Post each change of an order's status here", command),
    Command("/order", "unwatch", "<id or reference>", "Stop watching an order here", unwatch),
    Command("/order", "watches", "", "List the orders that are watched here", list_watches),
)
PRESSES = (Press("order.watch", press), Press("watch.stop", stop))
