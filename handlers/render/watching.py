"""Following an order: one line for each change, and what a channel watches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backends.quivo.order import Order
from handlers.render.build import Element, actions, bold, button, context, message, own, paragraph, say, section
from handlers.render.escape import plain
from handlers.render.limits import fit_rows
from handlers.render.message import Block, Message
from handlers.render.naming import Named, mention, named, order_name
from handlers.render.profile import Profile, trim
from handlers.render.states import STATUS, sentence, state
from handlers.render.times import when

Line = list[Element]


@dataclass(frozen=True)
class Watched(Named):
    """One watch: of which order, its status when last looked, since when, by whom, and its own opaque id."""

    status: str = ""
    since: datetime | None = None
    by: str = ""
    watch_id: str = ""


def change_line(order: Order, *, before: str, profile: Profile) -> Message:
    """One line for one change; ``order`` is as it is now, ``before`` the status of the last look."""
    shown = trim(order, profile)
    symbols = f"{state(before).symbol} → {state(shown.status).symbol} "
    name = named(Named(shown.order_id, shown.reference))
    return message([paragraph([say(symbols), name, say(sentence(shown), 300)])])


def watch_started(watched: Watched, *, is_new: bool) -> Message:
    """This channel follows an order from now on, or did so before."""
    done = " is now watched here" if is_new else " is watched here already"
    now = say(f"{done}; it {_state(watched.status)}. I post each change in this thread, until the last one.")
    stop = actions(button("Stop watching", "watch.stop", watched.watch_id))
    return message([paragraph([say("👀 "), named(watched), now])], tail=[_small(watched), stop])


def watch_stopped(watched: Watched, *, by: str) -> Message:
    """Somebody stopped it."""
    line = [named(watched), say(" is no longer watched here.")]
    return message([paragraph(line), context(own(f"Stopped by {mention(by)}"))])


def watch_ended(watched: Watched, *, why: str) -> Message:
    """It stopped by itself; ``why`` is a declared sentence, e.g. that the order cannot change any more."""
    return message([paragraph([named(watched), say(" is no longer watched here.")], [say(why, 300)])])


def not_watched(order_id: int, reference: str | None) -> Message:
    """The answer to `/order unwatch` where nobody watched."""
    return message([section(f"{order_name(order_id, reference)} is not watched here, so there was nothing to stop.")])


def watch_list(watches: Sequence[Watched]) -> Message:
    """What this channel watches, each with its own `watch.stop`."""
    if not watches:
        return message([paragraph([say("No order is watched here.")])])
    return message(fit_rows([paragraph([bold("Watched here")])], [_row(watched) for watched in watches]))


def _row(watched: Watched) -> list[Block]:
    line = f"{state(watched.status).symbol} {order_name(watched.order_id, watched.reference)} {_state(watched.status)}"
    return [section(line, accessory=button("Stop", "watch.stop", watched.watch_id)), _small(watched)]


def _state(status: str) -> str:
    shown = state(status)
    return f"is {shown.word}" if shown.is_known else f"has the status {plain(shown.word, STATUS)}"


def _small(watched: Watched) -> Block:
    since = [own(f"Since {when(watched.since)}")] if watched.since else []
    return context(*since, own(f"Watched by {mention(watched.by)}"))
