"""A member types a slash command, or a message (`apis/slack.md` §4, §5)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sandbox.slack import acks, files, messages, payloads
from sandbox.slack.blocks import check_message
from sandbox.slack.core import Core
from sandbox.slack.delivery import Answer, Envelope
from sandbox.slack.state import BOT_USER, TEAM, Channel, Impossible, Json, Message, Outcome

_MENTION = re.compile(r"(?<![\w<])@([a-z0-9._-]+)")
_CHANNEL = re.compile(r"(?<![\w<&])#([a-z0-9._-]+)")


async def run(core: Core, user: str, channel_id: str, typed: str) -> Outcome:
    """Sends a slash command if the app has it, and shows the member what came of it."""
    channel = core.room(user, channel_id)
    name, _, text = typed.strip().partition(" ")
    registered = core.manifest.commands.get(name)
    if registered is None or core.member(user).team_id != TEAM:
        messages.slackbot(
            core, channel, user, f"`{name}` is not a valid command. Type `/` to see the ones you can use here."
        )
        return Outcome(False, "unknown_command")
    text = mentions(core, text.strip(), named=True) if registered.should_escape else text.strip()
    answer = await core.deliver(_envelope(core, user, channel, name, text))
    return _show(core, user, channel, typed.strip(), answer)


def _envelope(core: Core, user: str, channel: Channel, name: str, text: str) -> Envelope:
    url = core.response_url(core.passes.url("commands", channel.id, user))
    trigger = core.passes.trigger(user, channel.id)
    payload = payloads.slash_command(core.member(user), channel, name, text, response_url=url, trigger=trigger)
    return Envelope("slash_commands", payload, accepts_response=True)


def _show(core: Core, user: str, channel: Channel, typed: str, answer: Answer) -> Outcome:
    said = acks.for_command(answer.body)
    blocks = said.get("blocks") or [] if said else []
    error = answer.error or ("invalid_blocks" if check_message(blocks) else None)
    if error:
        messages.slackbot(core, channel, user, f'{typed.split()[0]} failed with the error "{error}"')
    elif said:
        _say(core, user, channel, typed, said)
    return core.outcome(answer, error)


def _say(core: Core, user: str, channel: Channel, typed: str, said: Json) -> None:
    if said["response_type"] == "in_channel":
        messages.post(core, channel, user, {"text": typed})
        messages.post(core, channel, BOT_USER, said)
    else:
        messages.post(core, channel, BOT_USER, said, ephemeral_to=user)


def write(
    core: Core, user: str, channel_id: str, text: str, thread_ts: str | None = None, file_ids: Sequence[str] = ()
) -> Message:
    """A member's own message, also with files of theirs; what they type is escaped, names become mentions."""
    channel = core.room(user, channel_id)
    if thread_ts is not None:
        messages.seen_by(channel, user, thread_ts)
    shared = files.share(core, channel.id, [_own(core, user, file_id) for file_id in file_ids])
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    content = {"text": mentions(core, escaped), "thread_ts": thread_ts, "files": shared}
    return messages.post(core, channel, user, content)


def _own(core: Core, user: str, file_id: str) -> files.StoredFile:
    file = files.finished(core, file_id)
    if file is None or file.user != user:
        raise Impossible(f"{user!r} has no file {file_id!r}")
    return file


def mentions(core: Core, text: str, *, named: bool = False) -> str:
    """`@ada` and `#orders` as Slack's entities, with the name behind a bar if `named`."""
    people = {member.name: member.id for member in core.members.values()}
    rooms = {room.name: room.id for room in core.channels.values() if room.kind != "im"}
    text = _MENTION.sub(lambda found: _entity(found, "@", people, named), text)
    return _CHANNEL.sub(lambda found: _entity(found, "#", rooms, True), text)


def _entity(found: re.Match[str], sign: str, ids: dict[str, str], named: bool) -> str:
    name = found[1]
    if name not in ids:
        return found[0]
    return f"<{sign}{ids[name]}|{name}>" if named else f"<{sign}{ids[name]}>"
