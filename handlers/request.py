"""What a person did in Slack, read from any of Slack's payloads into one frozen shape (apis/slack.md §4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Payload = Mapping[str, Any]
Values = Mapping[str, Any]


class Kind(StrEnum):
    """The kinds of payload that Shipclerk listens to, one Bolt listener each."""

    COMMAND = "command"
    ACTION = "action"
    SUBMISSION = "submission"
    SUGGESTION = "suggestion"
    SHORTCUT = "shortcut"
    EVENT = "event"


@dataclass(frozen=True)
class Request:
    """One delivery: who did what, where; ``delivery`` is the key under which Slack's retries are recognised.

    ``text`` is what is left to read of a command, ``typed`` all that stood after its name.
    ``team`` is the workspace that Shipclerk is installed in, ``home_team`` the person's own: they differ for
    members of other companies in a shared channel.
    """

    kind: Kind
    name: str
    delivery: str
    team: str
    home_team: str
    user: str
    channel: str | None = None
    text: str = ""
    typed: str = ""
    value: str = ""
    trigger_id: str | None = None
    response_url: str | None = None
    message_ts: str | None = None
    ephemeral: bool = False
    view: Mapping[str, Any] | None = None
    values: Values = field(default_factory=dict)

    @property
    def card_id(self) -> str:
        """The opaque id that a button's value or a modal's private_metadata carries (DESIGN.md §3)."""
        return self.value or str((self.view or {}).get("private_metadata") or "")

    @property
    def view_id(self) -> str | None:
        """The modal or Home that this happened in."""
        return str(self.view["id"]) if self.view and self.view.get("id") else None


class Unreadable(ValueError):
    """A payload that lacks what every payload of its kind has."""


def read(body: Payload) -> Request:
    """Read one of Slack's payloads; Unreadable if it is not whole."""
    try:
        return _whole(_command(body) if "command" in body else _READERS[str(body["type"])](body))
    except (KeyError, IndexError, TypeError, AttributeError) as problem:
        raise Unreadable(str(body.get("type", "payload"))) from problem


def _whole(request: Request) -> Request:
    """The request, if its parts are what they are said to be; TypeError otherwise."""
    texts = (request.name, request.delivery, request.team, request.home_team, request.user, request.text)
    others = (request.channel, request.trigger_id, request.response_url, request.message_ts)
    if not all(isinstance(text, str) for text in texts):
        raise TypeError
    if not all(other is None or isinstance(other, str) for other in others):
        raise TypeError
    if not isinstance(request.view, Mapping | None):
        raise TypeError
    return request


def _command(body: Payload) -> Request:
    return Request(
        kind=Kind.COMMAND,
        name=body["command"],
        delivery=f"command:{body['trigger_id']}",
        team=body["team_id"],
        home_team=body["team_id"],
        user=body["user_id"],
        channel=body["channel_id"],
        text=body.get("text") or "",
        typed=body.get("text") or "",
        trigger_id=body["trigger_id"],
        response_url=body.get("response_url"),
    )


def _who(body: Payload) -> dict[str, Any]:
    team = body["team"]["id"]
    return {"team": team, "home_team": body["user"].get("team_id") or team, "user": body["user"]["id"]}


def _action(body: Payload) -> Request:
    action, container = body["actions"][0], body.get("container") or {}
    view = body.get("view")
    return Request(
        kind=Kind.ACTION,
        name=action["action_id"],
        delivery=f"action:{body['trigger_id']}",
        channel=(body.get("channel") or {}).get("id") or container.get("channel_id"),
        value=_chosen(action),
        trigger_id=body["trigger_id"],
        response_url=body.get("response_url"),
        message_ts=container.get("message_ts"),
        ephemeral=bool(container.get("is_ephemeral")),
        view=view,
        values=_values((view or body).get("state") or {}),
        **_who(body),
    )


def _chosen(action: Payload) -> str:
    option = action.get("selected_option") or {}
    return str(action.get("value") or option.get("value") or "")


def _submission(body: Payload) -> Request:
    view = body["view"]
    return Request(
        kind=Kind.SUBMISSION,
        name=view["callback_id"],
        delivery=f"submission:{body['trigger_id']}",
        trigger_id=body["trigger_id"],
        view=view,
        values=_values(view.get("state") or {}),
        **_who(body),
    )


def _suggestion(body: Payload) -> Request:
    return Request(
        kind=Kind.SUGGESTION,
        name=body["action_id"],
        delivery="",
        channel=(body.get("channel") or {}).get("id"),
        text=body.get("value") or "",
        view=body.get("view"),
        values=_values((body.get("view") or body).get("state") or {}),
        **_who(body),
    )


def _shortcut(body: Payload) -> Request:
    message = body.get("message") or {}
    return Request(
        kind=Kind.SHORTCUT,
        name=body["callback_id"],
        delivery=f"shortcut:{body['trigger_id']}",
        channel=(body.get("channel") or {}).get("id"),
        text=str(message.get("text") or ""),
        trigger_id=body["trigger_id"],
        response_url=body.get("response_url"),
        message_ts=body.get("message_ts"),
        **_who(body),
    )


def _event(body: Payload) -> Request:
    event = body["event"]
    user = event.get("user") or ""
    return Request(
        kind=Kind.EVENT,
        name=_event_name(event),
        delivery=f"event:{body['event_id']}",
        team=body["team_id"],
        home_team=body["team_id"],
        user=user if isinstance(user, str) else str(user.get("id", "")),
        channel=event.get("channel") if isinstance(event.get("channel"), str) else None,
        text=str(event.get("tab") or ""),
    )


def _event_name(event: Payload) -> str:
    """The event's type; what concerns nobody here, such as most changes of a profile, has a name that no press has."""
    name: str = event["type"]
    if name == "user_change" and event["user"].get("deleted") is not True:
        return f"{name}.stays"
    if name == "tokens_revoked" and not event["tokens"].get("bot"):
        return f"{name}.not_ours"
    return name


_READERS = {
    "block_actions": _action,
    "view_submission": _submission,
    "block_suggestion": _suggestion,
    "shortcut": _shortcut,
    "message_action": _shortcut,
    "event_callback": _event,
}


def _values(state: Payload) -> dict[str, Any]:
    """Flatten ``state.values`` to one value per block: ours have one element each, named ``value`` (DESIGN.md §3)."""
    return {
        block_id: _plain(next(iter(elements.values()), {}))
        for block_id, elements in (state.get("values") or {}).items()
    }


def _plain(element: Payload) -> Any:
    if "selected_options" in element:
        return [option["value"] for option in element["selected_options"] or ()]
    if "selected_option" in element:
        return (element["selected_option"] or {}).get("value")
    for name in _SINGLE:
        if name in element:
            return element[name]
    return None


_SINGLE = (
    "value",
    "files",
    "selected_date",
    "selected_time",
    "selected_date_time",
    "selected_user",
    "selected_conversation",
)
