"""The upload pair files.getUploadURLExternal and files.completeUploadExternal."""

from __future__ import annotations

from sandbox.slack import messages
from sandbox.slack.core import Core
from sandbox.slack.methods.chat import writable
from sandbox.slack.refusals import ApiError, invalid
from sandbox.slack.state import BOT_USER, Json
from sandbox.slack.wire import Args, method


@method("files.getUploadURLExternal", "files:write")
def upload_url(core: Core, args: Args) -> Json:
    """An address to which the file's bytes are posted, and the file's id."""
    name, length = args.text("filename"), args.number("length", 0)
    if length < 1:
        raise invalid("invalid_arguments", "length must be greater than 0 [json-pointer:/length]")
    file_id = f"F0FILE{next(core.serial):05}"
    core.files[file_id] = {"id": file_id, "name": name, "title": name, "size": length, "content": None}
    return {"upload_url": f"{core.base_url}/upload/{file_id}", "file_id": file_id}


@method("files.completeUploadExternal", "files:write")
def complete(core: Core, args: Args) -> Json:
    """Makes uploaded files known, in a channel if one is named."""
    files = [_finished(core, entry) for entry in _entries(args)]
    target = args.text("channel_id", "")
    if target:
        content = {"text": args.text("initial_comment", ""), "files": files, "thread_ts": args.values.get("thread_ts")}
        messages.post(core, writable(core, target), BOT_USER, content)
    return {"files": files}


def _entries(args: Args) -> list[Json]:
    entries = args.structure("files")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise invalid("invalid_arguments", "missing required field: files")
    return entries


def _finished(core: Core, entry: Json) -> Json:
    file = core.files.get(str(entry.get("id")))
    if file is None or file["content"] is None:
        raise ApiError("file_not_found")
    file["title"] = entry.get("title") or file["name"]
    return {key: file[key] for key in ("id", "name", "title", "size")}
