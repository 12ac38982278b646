"""What a member does on the page: one JSON object to one method of the workspace."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.slack.state import Impossible, Json, Outcome
from sandbox.slack.workspace import Workspace

Act = Callable[[Workspace, str, Json], Awaitable[Json]]


class BadAct(Exception):
    """The page's words made no sense; the text says which."""


def _text(body: Json, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise BadAct(f"{name}: must be a text")
    return value


def _said(outcome: Outcome) -> Json:
    return {"acked": outcome.acked, "error": outcome.error}


async def _command(workspace: Workspace, user: str, body: Json) -> Json:
    return _said(await workspace.command(user, _text(body, "channel"), _text(body, "text")))


async def _post(workspace: Workspace, user: str, body: Json) -> Json:
    files = body.get("files") or []
    if not isinstance(files, list):
        raise BadAct("files: must be a list")
    text = body.get("text") if files else _text(body, "text")
    thread_ts = _text(body, "thread_ts") if body.get("thread_ts") is not None else None
    where = (user, _text(body, "channel"), str(text or ""))
    return {"acked": True, "ts": await workspace.post(*where, thread_ts=thread_ts, files=files)}


async def _click(workspace: Workspace, user: str, body: Json) -> Json:
    where = (_text(body, "channel"), _text(body, "ts"), _text(body, "action_id"))
    return _said(await workspace.click(user, *where, block_id=_text(body, "block_id"), value=body.get("value")))


async def _act(workspace: Workspace, user: str, body: Json) -> Json:
    where = (_text(body, "view_id"), _text(body, "action_id"))
    return _said(await workspace.act_in_view(user, *where, block_id=_text(body, "block_id"), value=body.get("value")))


async def _type(workspace: Workspace, user: str, body: Json) -> Json:
    view_id, block_id, action_id = (_text(body, name) for name in ("view_id", "block_id", "action_id"))
    enter = body.get("enter") is True
    await workspace.type_into(user, view_id, block_id, action_id, body.get("value"), enter=enter)
    return {"acked": True}


async def _submit(workspace: Workspace, user: str, body: Json) -> Json:
    values = body.get("values")
    if not isinstance(values, dict):
        raise BadAct("values: must be an object")
    return _said(await workspace.submit(user, _text(body, "view_id"), values))


async def _close(workspace: Workspace, user: str, body: Json) -> Json:
    return _said(await workspace.close(user, _text(body, "view_id"), all=body.get("all") is True))


async def _suggest(workspace: Workspace, user: str, body: Json) -> Json:
    where: Any = body["view_id"] if "view_id" in body else (_text(body, "channel"), _text(body, "ts"))
    typed = body.get("value")
    element = (_text(body, "block_id"), _text(body, "action_id"))
    return {"acked": True, "options": await workspace.suggest(user, where, *element, str(typed or ""))}


async def _shortcut(workspace: Workspace, user: str, body: Json) -> Json:
    return _said(await workspace.shortcut(user, _text(body, "callback_id")))


async def _message_shortcut(workspace: Workspace, user: str, body: Json) -> Json:
    where = [_text(body, name) for name in ("channel", "ts", "callback_id")]
    return _said(await workspace.message_shortcut(user, *where))


async def _open_home(workspace: Workspace, user: str, body: Json) -> Json:
    return _said(await workspace.open_home(user))


ACTS: dict[str, Act] = {
    "command": _command,
    "post": _post,
    "click": _click,
    "act": _act,
    "type": _type,
    "submit": _submit,
    "close": _close,
    "suggest": _suggest,
    "shortcut": _shortcut,
    "message_shortcut": _message_shortcut,
    "open_home": _open_home,
}


async def act(workspace: Workspace, user: str, body: Json) -> Json:
    """Do what the page asks as `user`; the answer says `acked` and `error`. Raises `BadAct` or `Impossible`."""
    doing = ACTS.get(str(body.get("what")))
    if doing is None:
        raise BadAct("what: unknown")
    try:
        return await doing(workspace, user, body)
    except Impossible as refusal:
        return {"acked": False, "error": str(refusal)}
