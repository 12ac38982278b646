"""What one member sees at this moment, as the page's JSON: only that member's ephemeral messages, views and rooms."""

from __future__ import annotations

from sandbox.slack.state import (
    APP_ID,
    BOT_USER,
    OTHER_TEAM,
    SLACKBOT,
    TEAM,
    Channel,
    Json,
    Member,
    Message,
    View,
)
from sandbox.slack.workspace import Workspace


def people(workspace: Workspace) -> list[Member]:
    """The members whose eyes the page can look through: neither the bot nor Slackbot."""
    return [member for member in workspace.members.values() if not member.is_bot and member.id != SLACKBOT]


def state(workspace: Workspace, user: str) -> Json:
    """Everything the page draws for `user`; times are the workspace's epoch seconds."""
    member = workspace.members[user]
    rooms = [room for room in workspace.channels.values() if _shown(room, member)]
    return {
        "now": workspace.clock.now(),
        "team": {"id": TEAM, "name": _company(TEAM)},
        "app": _app(workspace),
        "me": _person(member),
        "members": [_person(one) for one in people(workspace)],
        "people": {one.id: _person(one) for one in workspace.members.values()},
        "channels": [_channel(room, workspace, member) for room in rooms],
        "messages": {room.id: [_message(one, user) for one in workspace.visible(user, room.id)] for room in rooms},
        "views": [_view(view) for view in workspace.views(user)],
        "home": _home(workspace, member),
        "home_tab": workspace.manifest.home_tab and _inside(member),
    } | _offers(workspace, member)


def connected(workspace: Workspace) -> bool:
    """Whether the app can be reached as far as the workspace knows; with HTTP delivery nobody knows before trying."""
    return workspace.transport is not workspace.sockets or workspace.sockets.connections > 0


def _inside(member: Member) -> bool:
    return member.team_id == TEAM


def _shown(room: Channel, member: Member) -> bool:
    # The app is installed at home: somebody of another company meets it in the shared channel only.
    return member.id in room.members and not room.is_archived and (_inside(member) or room.is_ext_shared)


def _company(team_id: str) -> str:
    return "Acme" if team_id == OTHER_TEAM else "Sandbox"


def _app(workspace: Workspace) -> Json:
    return {"id": APP_ID, "user": BOT_USER, "name": workspace.manifest.display_name, "connected": connected(workspace)}


def _person(member: Member) -> Json:
    return {
        "id": member.id,
        "name": member.name,
        "real_name": member.real_name,
        "team": member.team_id,
        "company": _company(member.team_id),
        "outsider": not _inside(member),
        "note": "admin" if member.is_admin else "member",
        "is_bot": member.is_bot,
        "is_service": member.id == SLACKBOT,
    }


def _channel(room: Channel, workspace: Workspace, member: Member) -> Json:
    kind = "shared" if room.is_ext_shared else {"im": "dm"}.get(room.kind, room.kind)
    name = workspace.manifest.display_name if kind == "dm" else room.name
    shown: Json = {"id": room.id, "name": name, "kind": kind, "members": len(room.members)}
    partner = _company(OTHER_TEAM if _inside(member) else TEAM)
    return shown | ({"partner": partner} if kind == "shared" else {})


def _message(message: Message, user: str) -> Json:
    return {
        "ts": message.ts,
        "user": message.user,
        "text": message.text,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "files": [_file(file, user) for file in message.files],
        "thread_ts": message.thread_ts,
        "ephemeral": message.ephemeral_to is not None,
        "edited": message.edited_ts is not None,
        "reactions": [{"name": name, "count": len(users)} for name, users in message.reactions.items()],
        "picked": message.picked.get(user, {}),
        "warnings": sorted(message.warnings),
    }


def _file(file: Json, user: str) -> Json:
    shown = {key: file[key] for key in ("id", "name", "title", "pretty_type", "size")}
    return shown | {"href": f"/ui/file/{file['id']}?as={user}"}


def _view(view: View) -> Json:
    content = view.content
    return {
        "id": view.id,
        "title": content.get("title"),
        "submit": content.get("submit"),
        "close": content.get("close"),
        "blocks": view.blocks,
        "state": view.state,
        "errors": view.errors,
        "trouble": view.trouble,
        "warnings": sorted(view.warnings),
    }


def _home(workspace: Workspace, member: Member) -> Json | None:
    home = workspace.home(member.id)
    return _view(home) if home and _inside(member) else None


def _offers(workspace: Workspace, member: Member) -> Json:
    if not _inside(member):
        return {"commands": [], "shortcuts": []}
    manifest = workspace.manifest
    commands = [
        {"command": one.command, "description": one.description, "usage_hint": one.usage_hint}
        for one in manifest.commands.values()
    ]
    kinds = {"global": manifest.global_shortcuts, "message": manifest.message_shortcuts}
    shortcuts = [
        {"callback_id": callback, "name": name, "type": kind}
        for kind, names in kinds.items()
        for callback, name in names.items()
    ]
    return {"commands": commands, "shortcuts": shortcuts}
