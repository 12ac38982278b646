"""A channel follows an order: one line for each change of status, until the last one (CHECKS F4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from backends.quivo.order import Order
from operations.accounts import QUIVO, Actor
from operations.orders import read
from operations.outcome import Done, Reason, Refused, Unknown
from operations.ports import Ports
from operations.status import abilities
from store.occurrences import Due
from store.watches import Watch, new_watch_id

LOOK = "watch.look"
EVERY = timedelta(minutes=2)
FINAL, UNWATCHED = "final_status", "unwatched"

ALREADY_FINAL = Refused(Reason.NO, "Its status will not change any more, so there is nothing to watch.")
NOT_WATCHED = Refused(Reason.NOT_FOUND, "This channel does not watch that order.")


@dataclass(frozen=True)
class Watching:
    """The channel watches the order from now on."""

    watch: Watch
    order: Order


@dataclass(frozen=True)
class AlreadyWatching:
    """The channel watched it before; nothing has changed."""

    order: Order


@dataclass(frozen=True)
class Change:
    """The status is another; ``final`` says that it was the last change. To be posted, and then ``told``."""

    watch: Watch
    before: str
    order: Order
    final: bool

    @property
    def after(self) -> str:
        """The status as it is now."""
        return self.order.status


@dataclass(frozen=True)
class Same:
    """Nothing new; ``why`` says what kept us from seeing the order for the moment."""

    watch: Watch
    why: str | None = None


@dataclass(frozen=True)
class Stop:
    """It is over: ``reason`` is the word in the store, ``text`` what people may read (empty if they know)."""

    watch: Watch | None
    reason: str
    text: str = ""


async def watch(
    ports: Ports, actor: Actor, order_id: int, channel: str, thread_ts: str | None = None
) -> Watching | AlreadyWatching | Refused | Unknown:
    """Begin to watch an order with this person's connection; the watch and its first look are one transaction."""
    found = await read(ports.accounts, actor, order_id)
    if not isinstance(found, Done):
        return found
    order = found.value
    if abilities(order.status).final:
        return ALREADY_FINAL
    watch_id = new_watch_id()
    added = await ports.watches.add(
        team=actor.team,
        user=actor.user,
        channel=channel,
        thread_ts=thread_ts,
        back_end=QUIVO,
        order_id=order_id,
        reference=order.reference,
        last_status=order.status,
        due=Due(_key(watch_id), LOOK, ports.now() + EVERY, {"watch": watch_id}, actor.team),
        watch_id=watch_id,
    )
    return AlreadyWatching(order) if added is None else Watching(added, order)


async def unwatch(ports: Ports, actor: Actor, channel: str, order_id: int) -> Stop | Refused:
    """Stop the channel's watch of an order; anybody who may speak in the channel may do it."""
    for one in ports.watches.of(actor.team, QUIVO, order_id):
        if one.channel == channel and await ports.watches.stop(one.id, UNWATCHED):
            await ports.occurrences.drop(_key(one.id))
            return Stop(one, UNWATCHED)
    return NOT_WATCHED


async def look(ports: Ports, team: str, watch_id: str) -> Change | Same | Stop:
    """Look once; a permanent refusal stops the watch at once, with its reason (CHECKS F4).

    A Change is noted by ``told``, after it was posted, so that a crash in between posts it late and not never.
    """
    one = ports.watches.get(watch_id, team)
    if one is None or one.stopped is not None:
        return Stop(one, one.stopped if one and one.stopped else "gone")
    found = await read(ports.accounts, Actor(one.team, one.user), one.order_id)
    match found:
        case Done(order):
            final = abilities(order.status).final
            return Same(one) if order.status == one.last_status else Change(one, one.last_status, order, final)
        case Refused(reason=reason, text=text) if reason is not Reason.NO_ANSWER:
            await ports.watches.stop(one.id, reason.value)
            return Stop(one, reason.value, text)
        case Refused() | Unknown():
            return Same(one, found.text)


async def told(ports: Ports, change: Change) -> bool:
    """Note that a change was posted, and stop at a final status; False if somebody else noted it first."""
    first = await ports.watches.seen(change.watch.id, change.after)
    if change.final:
        await ports.watches.stop(change.watch.id, FINAL)
    return first


def _key(watch_id: str) -> str:
    return f"{LOOK}:{watch_id}"
