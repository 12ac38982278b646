"""files.info and the upload pair files.getUploadURLExternal and files.completeUploadExternal."""

from __future__ import annotations

from sandbox.slack import files, messages
from sandbox.slack.core import Core
from sandbox.slack.files import StoredFile
from sandbox.slack.methods.chat import writable
from sandbox.slack.refusals import ApiError, invalid
from sandbox.slack.state import BOT_USER, Channel, Json
from sandbox.slack.wire import Args, method


@method("files.info", "files:read")
def info(core: Core, args: Args) -> Json:
    """A file that the bot may know of, and where it was shared."""
    file = files.finished(core, args.text("file"))
    if file is None or not files.app_sees(core, file):
        raise ApiError("file_not_found")
    rooms = {kind: [name for name in file.channels if core.channels[name].kind == kind] for kind in _ROOMS}
    shown = files.file_object(core, file) | {_ROOMS[kind]: names for kind, names in rooms.items()}
    return {"file": shown, "comments": [], "response_metadata": {"next_cursor": ""}}


_ROOMS = {"public": "channels", "private": "groups", "im": "ims"}


@method("files.getUploadURLExternal", "files:write")
def upload_url(core: Core, args: Args) -> Json:
    """An address to which the file's bytes are posted, and the file's id."""
    name, length = args.text("filename"), args.number("length", 0)
    if length < 1:
        raise invalid("invalid_arguments", "length must be greater than 0 [json-pointer:/length]")
    file = files.add(core, BOT_USER, name, length)
    return {"upload_url": f"{core.base_url}/upload/{file.id}", "file_id": file.id}


@method("files.completeUploadExternal", "files:write")
def complete(core: Core, args: Args) -> Json:
    """Makes uploaded files known, and shares them in a channel (and a thread of it) if one is named."""
    target, thread_ts = args.text("channel_id", ""), args.values.get("thread_ts")
    channel = writable(core, _room(target)) if target else None
    found = [_finished(core, entry) for entry in _entries(args)]
    for file, title in found:
        file.title = title
    shown = [files.file_object(core, file) for file, _ in found]
    if channel is not None:
        shown = _share(core, channel, [file for file, _ in found], args.text("initial_comment", ""), thread_ts)
    return {"files": shown}


def _room(target: str) -> str:
    # Unlike chat.postMessage this method takes ids of conversations only: no names, no members.
    if not target.startswith(("C", "D", "G")):
        raise ApiError("invalid_channel")
    return target


def _share(core: Core, channel: Channel, found: list[StoredFile], comment: str, thread_ts: str | None) -> list[Json]:
    shown = files.share(core, channel.id, found)
    messages.post(core, channel, BOT_USER, {"text": comment, "files": shown, "thread_ts": thread_ts})
    return shown


def _entries(args: Args) -> list[Json]:
    entries = args.structure("files")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise invalid("invalid_arguments", "missing required field: files")
    return entries


def _finished(core: Core, entry: Json) -> tuple[StoredFile, str]:
    file = files.finished(core, entry.get("id"))
    if file is None or file.user != BOT_USER:
        raise ApiError("file_not_found")
    return file, str(entry.get("title") or file.name)
