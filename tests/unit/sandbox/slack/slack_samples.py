"""A workspace with an app that answers as it is told, and the smallest messages and views to put into it."""

from __future__ import annotations

from typing import Any

from sandbox.clock import Clock
from sandbox.slack import methods
from sandbox.slack.delivery import Answer, Envelope
from sandbox.slack.manifest import Command, Manifest
from sandbox.slack.wire import METHODS, Args
from sandbox.slack.workspace import Workspace

Json = dict[str, Any]
FAMILIES = methods.__all__

SCOPES = frozenset(
    {"channels:history", "channels:join", "channels:read", "chat:write", "commands", "files:write", "groups:history"}
    | {"groups:read", "im:history", "im:read", "im:write", "pins:write", "reactions:write", "team:read"}
    | {"usergroups:read", "users:read", "users:read.email"}
)
EVENTS = frozenset(
    {"app_home_opened", "app_mention", "message.channels", "message.groups", "message.im"}
    | {"reaction_added", "reaction_removed"}
)


def manifest(**changes: Any) -> Manifest:
    """An app with everything switched on; `changes` replace single fields."""
    fields: Json = {
        "display_name": "Shipclerk",
        "commands": {
            "/order": Command("/order", "Look up orders"),
            "/who": Command("/who", "Look up people", should_escape=True),
        },
        "bot_scopes": SCOPES,
        "bot_events": EVENTS,
        "global_shortcuts": {"order.create": "Create order"},
        "message_shortcuts": {"order.lookup": "Look up orders"},
        "socket_mode": True,
        "interactivity": True,
        "home_tab": True,
        "messages_tab": True,
    }
    return Manifest(**(fields | changes))


class Scripted:
    """An app that gives the prepared answers in turn (then empty acks) and remembers what it got."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.got: list[Envelope] = []

    async def deliver(self, envelope: Envelope, seconds: float) -> Answer:
        """Answers at once."""
        self.got.append(envelope)
        return self.answers.pop(0) if self.answers else Answer()

    @property
    def last(self) -> Json:
        """The newest payload."""
        return self.got[-1].payload


def workspace(*answers: Answer, **changes: Any) -> tuple[Workspace, Scripted]:
    """A workspace in whose place of an app stands a `Scripted` one."""
    made = Workspace(manifest(**changes), Clock())
    made.base_url = "http://127.0.0.1:9"
    app = Scripted(*answers)
    made.transport = app
    return made, app


def call(made: Workspace, method: str, **args: Any) -> Json:
    """One Web API method without the wire."""
    return METHODS[method].run(made, Args(args))


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def option(value: str) -> Json:
    """An option."""
    return {"text": plain(value.title()), "value": value}


def text_input(block_id: str, **element: Any) -> Json:
    """An input block with a text field `a`."""
    field = {"type": "plain_text_input", "action_id": "a"} | element
    return {"type": "input", "block_id": block_id, "label": plain("Label"), "element": field}


def actions(*elements: Json, block_id: str = "acts") -> Json:
    """An actions block."""
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def button(action_id: str = "order.show", value: str = "card-1") -> Json:
    """A button."""
    return {"type": "button", "action_id": action_id, "text": plain("Show"), "value": value}


def modal(*blocks: Json, **fields: Any) -> Json:
    """A modal that can be submitted."""
    shown = list(blocks) or [text_input("name")]
    return {"type": "modal", "title": plain("Title"), "submit": plain("Send"), "blocks": shown} | fields


def home(*blocks: Json, **fields: Any) -> Json:
    """A Home tab."""
    return {"type": "home", "blocks": list(blocks) or [{"type": "divider"}]} | fields
