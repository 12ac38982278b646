"""The answer to `/shipclerk status`: is the bot well, are the back ends there, what have I connected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.render.build import bold, bullets, context, message, own, paragraph, say
from handlers.render.connections import name_of
from handlers.render.message import Message
from handlers.render.times import span, when
from store.connection import Connection


@dataclass(frozen=True)
class BackEndStatus:
    """Whether a back end answered just now; None if we did not ask."""

    back_end: str
    reachable: bool | None


def status_message(
    *,
    version: str,
    uptime: timedelta,
    back_ends: Sequence[BackEndStatus],
    connections: Sequence[Connection],
    now: datetime,
) -> Message:
    """How the bot and its back ends are, and this person's connections."""
    linked = {connection.back_end for connection in connections}
    lines = [[say(_line(back_end, linked))] for back_end in back_ends]
    return message(
        [
            paragraph([bold(f"Shipclerk {version}"), say(f" is up for {span(uptime)}.")]),
            *([bullets("Back ends", lines)] if lines else []),
            context(own(f"As of {when(now)}")),
        ]
    )


def _line(status: BackEndStatus, linked: set[str]) -> str:
    words = {True: "✅ {} answers", False: "⚠️ {} does not answer", None: "❔ {}: we do not know whether it answers"}
    connected = "you are connected" if status.back_end in linked else "you are not connected"
    return f"{words[status.reachable].format(name_of(status.back_end))}; {connected}."
