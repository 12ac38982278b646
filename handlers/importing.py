"""Importing orders from a CSV file: the upload, the preview, the run that can be stopped and resumed (CHECKS E8)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence

from handlers.access import MEMBERS, Role
from handlers.answers import connect_first, expired, too_late
from handlers.context import Context
from handlers.import_message import action_of, draw
from handlers.import_running import run
from handlers.registry import Ack, Command, Press
from handlers.render import import_ends as ends
from handlers.render import importing as say
from handlers.render.failures import failure, not_allowed
from handlers.render.forms import busy, notice, with_errors
from handlers.render.message import Message
from handlers.render.profile import Profile
from handlers.request import Request
from handlers.slack_files import MOST_BYTES, TOO_LARGE, NoFile
from operations import importing
from operations.changes import REQUESTED, audit_line
from operations.importing import IMPORT, Row, Unusable, parse_csv
from operations.linking import QUIVO
from store.imports import Import

TITLE = "Import orders"
FORM_CARD, PREVIEW_CARD = "import.form", "import"
INPUT = "file"

_ONE = "Choose one CSV file."
_SENT = "I sent you a direct message that says what is in the file. Nothing was sent to Quivo yet."
_NOT_YOURS = "Only the person who brought the file can go on with it: the orders are created with their account."
_NOT_STOPPER = "Only the person who brought the file, or an admin, can stop it."
_NOT_NOW = "It is running or over already, or its last row is still on its way. The message in the channel says which."


async def command(ctx: Context) -> str:
    """Answer ``/order import`` with the form for a file."""
    card = await ctx.card(FORM_CARD, {"channel": ctx.request.channel or ctx.request.user})
    view_id = await ctx.show(say.upload_form(card_id=card.id))
    return "done" if view_id else await too_late(ctx)


def check_form(request: Request) -> Ack:
    """The acknowledgement of a submitted file: what is wrong with it at first sight, or that it is being read."""
    files = _files(request)
    size = files[0].get("size") if len(files) == 1 else None
    if len(files) != 1:
        return {"response_action": "errors", "errors": {INPUT: _ONE}}
    if isinstance(size, int) and size > MOST_BYTES:
        return {"response_action": "errors", "errors": {INPUT: TOO_LARGE.text}}
    return {"response_action": "update", "view": busy(request.view or {"blocks": []}, "Reading your file…")}


def _files(request: Request) -> Sequence[Mapping[str, object]]:
    given = request.values.get(INPUT)
    return [file for file in given if isinstance(file, Mapping)] if isinstance(given, list) else []


async def submit(ctx: Context) -> str:
    """Read the file and show to the person alone what is in it; nothing leaves for Quivo."""
    card = ctx.found_card(FORM_CARD)
    if card is None or card.created_by != ctx.request.user:
        return await expired(ctx)
    content = await ctx.slack.file(str(_files(ctx.request)[0].get("id") or ""))
    if isinstance(content, NoFile):
        return await _unread(ctx, content.text, "refused:no_file")
    rows = await asyncio.to_thread(parse_csv, content)
    if isinstance(rows, Unusable):
        return await _unread(ctx, rows.text, "refused:unusable")
    await _preview(ctx, rows, card.payload["channel"])
    await ctx.slack.update_view(ctx.request.view_id, notice(TITLE, _SENT))
    return "done"


async def _unread(ctx: Context, text: str, outcome: str) -> str:
    await ctx.slack.update_view(ctx.request.view_id, with_errors(ctx.request.view or {"blocks": []}, {INPUT: text}))
    return outcome


async def _preview(ctx: Context, rows: Sequence[Row], channel: str) -> None:
    """Post what was read and keep it; before it is kept the buttons find nothing, and start nothing."""
    card = await ctx.card(PREVIEW_CARD, {})
    counts = Counter("bad" if row.order is None else "ready" for row in rows)
    bad = [say.BadRow(row.number, row.why) for row in rows if row.order is None]
    posted = await ctx.slack.post(ctx.request.user, say.preview(counts, bad, Profile.DIRECT, card_id=card.id))
    home = channel if posted is None or await _is_open(ctx, channel) else posted.channel
    import_id = await importing.keep(ctx.services.ports, ctx.actor, home, rows)
    await ctx.services.cards.change(card.id, {"import": import_id})


async def _is_open(ctx: Context, channel: str) -> bool:
    """Whether the bot can show its progress in this channel."""
    shown = await ctx.slack.channel(channel)
    return shown is not None and bool(shown.get("is_im") or shown.get("is_member"))


def _previewed(ctx: Context) -> Import | None:
    """The person's own import behind a preview's button."""
    card = ctx.found_card(PREVIEW_CARD)
    if card is None or card.created_by != ctx.request.user or "import" not in card.payload:
        return None
    return ctx.services.ports.imports.get(card.payload["import"], ctx.request.team)


async def start(ctx: Context) -> str:
    """Begin to create what the preview showed."""
    one = _previewed(ctx)
    if one is None:
        return await expired(ctx)
    outcome = await _go(ctx, one)
    if outcome == "done":
        good = ctx.services.ports.imports.counts(one.id)
        await _redraw(ctx, ends.began(sum(good.values()) - good["bad"]))
    return outcome


async def drop(ctx: Context) -> str:
    """Forget the file: the preview's buttons find nothing afterwards."""
    one = _previewed(ctx)
    if one is None or one.state != "preview":
        return await expired(ctx)
    await ctx.services.cards.drop(ctx.request.card_id)
    await _redraw(ctx, say.dropped())
    return "done"


async def _redraw(ctx: Context, message: Message) -> None:
    if ctx.request.channel and ctx.request.message_ts:
        await ctx.slack.update(ctx.request.channel, ctx.request.message_ts, message)


async def resume(ctx: Context) -> str:
    """Go on with a stopped import: whoever brought the file, for it is their account that creates (DESIGN.md §4.1)."""
    one = _shown(ctx)
    if one is None:
        return await expired(ctx)
    if one.user != ctx.request.user:
        await ctx.answer(not_allowed(_NOT_YOURS, ctx.reference))
        return "refused:not_yours"
    return await _go(ctx, one)


async def _go(ctx: Context, one: Import) -> str:
    if ctx.services.accounts.connection(ctx.actor) is None:
        await ctx.answer(await connect_first(ctx, QUIVO))
        return "refused:not_connected"
    if not await importing.start(ctx.services.ports, ctx.actor, one.id, ctx.reference):
        await ctx.answer(failure(_NOT_NOW, ctx.reference))
        return "refused:not_now"
    await draw(ctx.services, one, first=one.state == "preview")
    ctx.services.wake()
    return "done"


async def stop(ctx: Context) -> str:
    """Stop an import: whoever brought the file, or an admin; the row that is on its way is finished."""
    one = _shown(ctx)
    if one is None:
        return await expired(ctx)
    if one.user != ctx.request.user and ctx.role is not Role.ADMIN:
        await ctx.answer(not_allowed(_NOT_STOPPER, ctx.reference))
        return "refused:not_yours"
    await _note(ctx, one)
    is_admin = ctx.role is Role.ADMIN
    stopped = await importing.stop(ctx.services.ports, ctx.actor, one.id, admin=is_admin)
    await draw(ctx.services, one)
    return "done" if stopped else "refused:too_late"


async def _note(ctx: Context, one: Import) -> None:
    """Write down who stops it, before it stops: as long as it runs, nobody can start another run in between."""
    action = action_of(ctx.services, one)
    if action is None or one.state != "running":
        return
    line = audit_line(ctx.services.ports, ctx.actor, ctx.reference, IMPORT, one.id, "stopping", one.channel)
    notes = {**action.payload, "stopped_by": ctx.request.user, "stopped_run": action.payload["run"]}
    await ctx.services.ports.ledger.move(action.id, expect=(REQUESTED,), to=REQUESTED, line=line, payload=notes)


def _shown(ctx: Context) -> Import | None:
    """The import behind a button of the message in the channel."""
    one = ctx.services.ports.imports.get(ctx.request.card_id, ctx.request.team)
    return None if one is None or one.state == "preview" else one


COMMANDS = (Command("/order", "import", "", "Create many orders from a CSV file", command),)
PRESSES = (
    Press("order.import", submit, first_answer=check_form, roles=MEMBERS),
    Press("import.start", start, changes=True),
    Press("import.drop", drop),
    Press("import.stop", stop, changes=True),
    Press("import.resume", resume, changes=True),
)
RUNNERS = {"import.run": run}
