"""Digests as a list with their buttons, for ``/digest`` and Home, and what is said when one was made or changed."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.render.build import (
    actions,
    bold,
    button,
    code,
    confirmation,
    context,
    marked,
    message,
    own,
    paragraph,
    say,
    words,
)
from handlers.render.connections import name_of
from handlers.render.digest_ended import mend
from handlers.render.digest_words import HEALTH, place_of, rhythm, short, title
from handlers.render.escape import plain
from handlers.render.limits import fit_rows
from handlers.render.message import Block, Message
from handlers.render.naming import mention
from handlers.render.times import when
from operations.digesting import Health, Listed
from store.digests import Digest

NEW = "digest.new"
_NONE = "No digest here yet. I can tell a channel every morning what is due, what failed and what is stuck."
_TITLE = 300


def digest_list(listed: Sequence[Listed], *, reader: str, is_admin: bool) -> Message:
    """What runs in this channel and what is the reader's own elsewhere, each with the buttons that they may press."""
    make = [actions(button("New digest", NEW, "new", style="primary"))]
    if not listed:
        return message([paragraph([say(_NONE)]), *make])
    rows = [digest_row(one, reader=reader, is_admin=is_admin) for one in listed]
    return message(fit_rows([paragraph([bold("Digests")]), *make], rows))


def digest_row(one: Listed, *, reader: str, is_admin: bool = False) -> list[Block]:
    """One digest: how it is, what and when, its next run, what to do if it does not run, and its buttons."""
    shown = HEALTH[one.health]
    line = [say(f"{shown.symbol} "), code(short(one.digest.id)), bold(f" {title(one.digest)}", _TITLE)]
    needed = _mend(one)
    told = paragraph(line, [say(f"It is {shown.word}. "), *marked(needed)]) if needed else paragraph(line)
    buttons = _buttons(one, is_owner=one.digest.owner == reader, is_admin=is_admin)
    return [told, _small(one), *([actions(*buttons)] if buttons else [])]


def _mend(one: Listed) -> str:
    match one.health:
        case Health.STOPPED:
            return mend(one.digest.reason or "", short(one.digest.id))
        case Health.UNCONNECTED:
            connect = " and ".join(f"`/connect {plain(name, 20)}`" for name in one.lacks)
            named = " and ".join(map(name_of, one.lacks))
            return f"Its owner has to connect {named}: {connect}."
        case _:
            return ""


def _small(one: Listed) -> Block:
    digest = one.digest
    runs = one.health in (Health.RUNNING, Health.UNCONNECTED)
    due = [own(f"Next {when(digest.next_at)}")] if digest.next_at and runs else [words(HEALTH[one.health].word)]
    offered = [own(f"Offered to {mention(digest.offered_to)}")] if digest.offered_to else []
    place = own(f"In {place_of(digest.channel)} · by {mention(digest.owner)}")
    return context(*due, words(rhythm(digest)), place, *offered)


def _buttons(one: Listed, *, is_owner: bool, is_admin: bool) -> list[Block]:
    runs, value = one.health in (Health.RUNNING, Health.UNCONNECTED), one.digest.id
    if not is_owner:
        return [*([button("Pause", "digest.pause", value)] if runs else []), _delete(one.digest)] if is_admin else []
    return [
        button("Preview", "digest.preview", value),
        *([button("Run now", "digest.run", value), button("Pause", "digest.pause", value)] if runs else []),
        *([] if runs else [button("Resume", "digest.resume", value, style="primary")]),
        button("Change", "digest.edit", value),
        button("Hand over", "digest.handover", value),
        _delete(one.digest),
    ]


def _delete(digest: Digest) -> Block:
    ask = confirmation("Delete this digest?", f"{title(digest)}, {rhythm(digest)}", "Delete", "Keep it")
    return button("Delete", "digest.delete", digest.id, style="danger", confirm=ask)


def delete_question(one: Listed) -> Message:
    """Asks once more before a digest goes: what was typed names it by four letters only."""
    small = context(own(f"In {place_of(one.digest.channel)} · by {mention(one.digest.owner)}"))
    line = [say("Delete the digest "), bold(title(one.digest), _TITLE), say("? It can't be brought back.")]
    return message([paragraph(line), small, actions(_delete(one.digest))])


def said(digest: Digest, what: str, *, symbol: str = "✅", by: str | None = None) -> Message:
    """One sentence about a digest; ``what`` is ours and follows its name."""
    line = [say(f"{symbol} Digest "), code(short(digest.id)), bold(f" {title(digest)}", _TITLE), say(f" {what}", 500)]
    who = [own(f"By {mention(by)}")] if by else []
    due = [own(f"Next {when(digest.next_at)}")] if digest.next_at else []
    small = context(words(rhythm(digest)), own(f"In {place_of(digest.channel)}"), *due, *who)
    return message([paragraph(line), small])


def made(one: Listed, *, reader: str, is_new: bool) -> Message:
    """It was made or changed: what holds from now on, with its buttons."""
    head = "✅ Your digest is made." if is_new else "✅ Your digest is changed."
    return message([paragraph([say(head)]), *digest_row(one, reader=reader)])
