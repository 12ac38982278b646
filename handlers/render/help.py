"""Help: what this person may type here, grouped by command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from handlers.render.build import Element, bullets, code, message, say, section
from handlers.render.message import Message


@dataclass(frozen=True)
class HelpEntry:
    """One thing to type: "/order find", what follows it ("<words>", may be empty) and one short sentence."""

    command: str
    usage: str
    summary: str

    @property
    def slash(self) -> str:
        """The command as Slack knows it, e.g. "/order"."""
        return self.command.partition(" ")[0]


def help_message(entries: Sequence[HelpEntry]) -> Message:
    """What one can type, in the order given, what begins with the same command together."""
    if not entries:
        return message([section("There is nothing that you may run here.")])
    ranks = {entry.slash: rank for rank, entry in reversed(list(enumerate(entries)))}
    ordered = sorted(entries, key=lambda entry: ranks[entry.slash])
    groups = groupby(ordered, key=lambda entry: entry.slash)
    return message([bullets(command, [_line(entry) for entry in group]) for command, group in groups])


def _line(entry: HelpEntry) -> list[Element]:
    return [code(f"{entry.command} {entry.usage}".strip()), say(f" {entry.summary}", 151)]
