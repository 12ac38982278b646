"""The one list of what people can do: dispatch, help, the manifest and the command reference are made from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from handlers.access import MEMBERS, Role, decide
from handlers.context import Context
from handlers.request import Kind, Request
from handlers.words import near_miss, normalise

Ack = Mapping[str, Any]
Handler = Callable[[Context], Awaitable[str]]
FirstAnswer = Callable[[Request], Ack]
Suggest = Callable[[Context], Awaitable[list[dict[str, Any]]]]


def _nothing(_request: Request) -> Ack:
    return {}


@dataclass(frozen=True)
class Command:
    """One thing to type; the handler's string is the outcome for the audit line (``done``, ``refused:not_found``)."""

    command: str
    verb: str
    usage: str
    summary: str
    handler: Handler
    default: bool = False
    roles: frozenset[Role] = MEMBERS
    changes: bool = False

    @property
    def name(self) -> str:
        """The name in the audit: ``order.show``."""
        return f"{self.command.removeprefix('/')}.{self.verb}"

    @property
    def said(self) -> str:
        """What is typed before the words: ``/order`` for the default, ``/order find`` for the others."""
        return self.command if self.default else f"{self.command} {self.verb}"

    @property
    def typed(self) -> str:
        """How it is typed as a whole: ``/order <id or reference>``, ``/order find <words>``."""
        return f"{self.said} {self.usage}".strip()


@dataclass(frozen=True)
class Press:
    """One button, select, modal, shortcut or event, by its action_id, callback_id or event type.

    ``first_answer`` is a pure function that makes the acknowledgement of a submitted modal: field errors, or the
    same modal saying that it is busy (apis/slack.md §5). What ``changes`` something at a back end is checked against
    what Slack says of the person now, not a minute ago (CHECKS B3). One with a ``kind`` is nothing in any other.
    """

    name: str
    handler: Handler
    roles: frozenset[Role] = MEMBERS
    first_answer: FirstAnswer = _nothing
    runs: Callable[[Ack], bool] = field(default=lambda ack: ack.get("response_action") != "errors")
    changes: bool = False
    kind: Kind | None = None


@dataclass(frozen=True)
class Suggestion:
    """The options of one external select, by its action_id; they are the acknowledgement, so they must come quickly."""

    name: str
    suggest: Suggest
    roles: frozenset[Role] = MEMBERS


@dataclass(frozen=True)
class Meant:
    """A command as it was understood: the one to run with the rest of the words, or the nearest to what was typed."""

    command: Command | None
    rest: str = ""
    near: str | None = None


class Registry:
    """Finds what to run in one dictionary look-up."""

    def __init__(
        self, commands: Iterable[Command], presses: Iterable[Press], suggestions: Iterable[Suggestion] = ()
    ) -> None:
        self.commands = tuple(commands)
        self._verbs: dict[str, dict[str, Command]] = {}
        for command in self.commands:
            self._verbs.setdefault(command.command, {})[command.verb] = command
        self._defaults = {command.command: command for command in self.commands if command.default}
        self._presses = {press.name: press for press in presses}
        self._suggestions = {suggestion.name: suggestion for suggestion in suggestions}

    def press(self, name: str) -> Press | None:
        """The button, modal, shortcut or event of this name."""
        return self._presses.get(name)

    def changes(self, name: str, text: str = "") -> bool:
        """Whether the press of this name, or the command with these words, changes something at a back end."""
        meant = self._presses.get(name) or self.meant(name, normalise(text)).command
        return meant is not None and meant.changes

    def suggestion(self, name: str) -> Suggestion | None:
        """The external select of this name."""
        return self._suggestions.get(name)

    def meant(self, command: str, text: str, role: Role = Role.ADMIN) -> Meant:
        """Which command was meant: its verb, or its default with all the words (``/order 1001`` is ``show``).

        The nearest is looked for among those that this ``role`` may run (CHECKS B5).
        """
        verbs = self._verbs.get(command)
        if verbs is None:
            return Meant(None, text, near_miss(command, self._verbs))
        first, _, rest = text.partition(" ")
        if first.lower() in verbs:
            return Meant(verbs[first.lower()], rest.strip())
        default = self._defaults.get(command)
        offered = [verb for verb, one in verbs.items() if decide(role, one.roles).allowed]
        near = near_miss(first, offered) if first.isalpha() and len(first) > 2 else None
        if near or default is None:
            return Meant(None, text, near and f"{command} {near}")
        return Meant(default, text)

    def open_to(self, role: Role) -> tuple[Command, ...]:
        """The commands that somebody of this role may run; help shows no other (CHECKS B5)."""
        return tuple(command for command in self.commands if decide(role, command.roles).allowed)

    def slash_commands(self) -> tuple[str, ...]:
        """The distinct slash commands, in the order of the list, as the manifest has them."""
        return tuple(self._verbs)
