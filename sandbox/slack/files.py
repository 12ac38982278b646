"""Files: who put them where, how Slack shows them to an app, and who may read their content."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from aiohttp import web

from sandbox.slack import inputs
from sandbox.slack.core import Core
from sandbox.slack.state import BOT_USER, TEAM, Impossible, Json

MOST_FILES = 10
_PRETTY = {"csv": "CSV", "json": "JSON", "pdf": "PDF", "png": "PNG", "text": "Plain Text", "xlsx": "Excel Spreadsheet"}
_LOGIN = """<!DOCTYPE html>
<html lang="en-US"><head><title>Slack</title></head>
<body><h1>Sign in to your workspace</h1><form action="/" method="post"><input name="email"></form></body></html>
"""


@dataclass
class StoredFile:
    """One file; `content` is None until its bytes came, `handed` once a member submitted it to the app in a modal."""

    id: str
    user: str
    name: str
    title: str
    size: int
    created: int
    mimetype: str = ""
    content: bytes | None = None
    handed: bool = False
    channels: list[str] = field(default_factory=list)

    @property
    def filetype(self) -> str:
        """Slack's short name of the kind: the name's ending, `text` for `.txt`, `binary` without one."""
        ending = PurePath(self.name).suffix.lower().removeprefix(".")
        return {"": "binary", "txt": "text"}.get(ending, ending)


def add(core: Core, user: str, name: str, size: int) -> StoredFile:
    """A file whose bytes are still to come; raises `Impossible` without a name."""
    if not name or not name.strip():
        raise Impossible("a file has a name")
    file = StoredFile(f"F0FILE{next(core.serial):05}", user, name, name, size, int(core.clock.now()))
    core.files[file.id] = file
    return file


def upload(core: Core, user: str, name: str, data: bytes, mimetype: str | None) -> StoredFile:
    """A member's file, whole; only they see it until they send it. Slack's client refuses an empty one."""
    if not data:
        raise Impossible("Slack does not take an empty file")
    file = add(core, core.member(user).id, name, len(data))
    fill(core, file, data, mimetype)
    return file


def fill(core: Core, file: StoredFile, data: bytes, mimetype: str | None = None) -> None:
    """Puts the bytes into a file; without a `mimetype` its name decides."""
    file.content = data
    file.mimetype = mimetype or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    core.changed(f"file:{file.id}")


def finished(core: Core, file_id: object) -> StoredFile | None:
    """The file with this id if its bytes came."""
    file = core.files.get(str(file_id))
    return file if file is not None and file.content is not None else None


def file_object(core: Core, file: StoredFile) -> Json:
    """A file as payloads, messages and `files.info` show it."""
    address = f"{core.base_url}/files-pri/{TEAM}-{file.id}"
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.filetype,
        "pretty_type": _PRETTY.get(file.filetype, file.filetype.upper()),
        "user": file.user,
        "user_team": core.members[file.user].team_id,
        "editable": False,
        "size": file.size,
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": any(core.channels[channel].kind == "public" for channel in file.channels),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": f"{address}/{_slug(file.name)}",
        "url_private_download": f"{address}/download/{_slug(file.name)}",
        "permalink": f"{core.base_url}/files/{file.user}/{file.id}/{_slug(file.name)}",
        "has_rich_preview": False,
    }


def _slug(name: str) -> str:
    kept = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._-") else "_" for sign in name)
    return kept.lower()


def picked(core: Core, user: str, element: Json, value: Any) -> Any:
    """What a member put into an element, files by their ids as Slack's file objects; other values as they are.

    Raises `Impossible` for what Slack's client does not take: more than `max_files`, a kind that is not among
    `filetypes`, a file of somebody else.
    """
    if element["type"] != "file_input" or value is None:
        return value
    ids = [one["id"] if isinstance(one, dict) and "id" in one else one for one in value]
    if len(ids) > element.get("max_files", MOST_FILES):
        raise Impossible(f"{element['action_id']!r} takes at most {element.get('max_files', MOST_FILES)} files")
    return [file_object(core, _own(core, user, element, file_id)) for file_id in ids]


def _own(core: Core, user: str, element: Json, file_id: object) -> StoredFile:
    file = finished(core, file_id)
    if file is None or file.user != user:
        raise Impossible(f"{user!r} has no file {file_id!r}")
    kinds = [kind.lower().removeprefix(".") for kind in element.get("filetypes", [])]
    ending = PurePath(file.name).suffix.lower().removeprefix(".")
    if kinds and not {ending, file.filetype} & set(kinds):
        raise Impossible(f"{element['action_id']!r} does not take {file.name!r}")
    return file


def hand_over(core: Core, blocks: list[Json], state: inputs.Values) -> None:
    """Lets the app read the files that a submitted modal holds."""
    for placed in inputs.elements(blocks):
        if placed.element["type"] == "file_input":
            for shown in state[placed.block_id][placed.action_id]["files"]:
                core.files[shown["id"]].handed = True


def need_scope(core: Core, content: Any) -> None:
    """Raises `missing_scope` for a view that asks for files while the manifest does not ask for `files:read`."""
    blocks = content.get("blocks") if isinstance(content, dict) else None
    shown = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    if any(isinstance(block.get("element"), dict) and block["element"].get("type") == "file_input" for block in shown):
        core.need("files:read")


def share(core: Core, channel: str, files: Iterable[StoredFile]) -> list[Json]:
    """Puts files into a channel; what its message carries of them."""
    shown = []
    for file in files:
        if channel not in file.channels:
            file.channels.append(channel)
        shown.append(file_object(core, file))
    return shown


def app_sees(core: Core, file: StoredFile) -> bool:
    """Whether the bot may know of a file: its own, one that was handed to it, or one in a channel with it."""
    here = any(BOT_USER in core.channels[channel].members for channel in file.channels)
    return file.user == BOT_USER or file.handed or here


def member_sees(core: Core, user: str, file: StoredFile) -> bool:
    """Whether a member may read a file: their own, or one in a channel with them."""
    return file.user == user or any(user in core.channels[channel].members for channel in file.channels)


def private(core: Core, request: web.Request) -> web.Response:
    """The content behind `url_private`, at once and without a redirect.

    Whoever has no right to it gets the page to sign in with status 200, as at Slack: only its type tells.
    """
    file = finished(core, request.match_info["file"])
    if file is None or not (_may_read(core, request) and app_sees(core, file)):
        return web.Response(text=_LOGIN, content_type="text/html", charset="utf-8")
    return content(file, file.mimetype)


def _may_read(core: Core, request: web.Request) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    known = scheme.lower() == "bearer" and token.strip() == core.bot_token and token.strip() not in core.token_faults
    return known and "files:read" in core.manifest.bot_scopes


def content(file: StoredFile, mimetype: str) -> web.Response:
    """The bytes of a finished file, to be saved under its name."""
    headers = {"Content-Type": mimetype, "Content-Disposition": f'attachment; filename="{_slug(file.name)}"'}
    return web.Response(body=file.content, headers=headers | {"X-Content-Type-Options": "nosniff"})
