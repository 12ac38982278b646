"""The Home tab: what is connected, what waits for me, what runs for me, and what one can do here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handlers.render import limits
from handlers.render.approving import Approval
from handlers.render.build import (
    actions,
    bold,
    bullets,
    button,
    code,
    context,
    form_modal,
    paragraph,
    say,
    section,
    words,
)
from handlers.render.connections import connection_blocks, name_of
from handlers.render.digest_list import NEW, digest_row
from handlers.render.home_actions import done_line, unknown_row
from handlers.render.home_waiting import approval_row, mending_row, offer_row, watch_row
from handlers.render.inputs import typed
from handlers.render.limits import fit, more
from handlers.render.message import Block, View
from handlers.render.watching import Watched
from operations.digesting import Health, Listed
from operations.linking import QUIVO
from store.connection import Connection
from store.ledger import Action

FIND, UNWATCH, WORDS = "home.find", "home.unwatch", "words"
_FEW, _DIGESTS, _WATCHES = 3, 6, 8  # ours: within a hundred blocks whatever there is


@dataclass(frozen=True)
class Mine:
    """What one person's Home shows; ``resting`` are back ends that are left alone because they keep failing.

    ``commands`` are (usage, summary) of what this person may run (CHECKS B5), ``approvals`` what they may decide.
    """

    user: str
    is_admin: bool = False
    connections: Sequence[Connection] = ()
    resting: Sequence[str] = ()
    commands: Sequence[tuple[str, str]] = ()
    approvals: Sequence[Approval] = ()
    unknown: Sequence[Action] = ()
    offered: Sequence[Listed] = ()
    digests: Sequence[Listed] = ()
    watches: Sequence[Watched] = ()
    recent: Sequence[Action] = ()


def home(mine: Mine, *, connectable: Mapping[str, str]) -> View:
    """Home for one person; ``connectable`` has for each back end the id of the card behind its *Connect*."""
    blocks = [
        {"type": "header", "text": words("Shipclerk", limits.HEADER_TEXT)},
        section("Ask where an order is, with your own account."),
        _starts(mine),
        *_waiting(mine),
        *_titled("Your digests", [digest_row(one, reader=mine.user) for one in mine.digests], _DIGESTS),
        *_titled("Your watches", [watch_row(one, UNWATCH) for one in mine.watches], _WATCHES),
        *_titled("What you did last", [[done_line(one)] for one in mine.recent], len(mine.recent)),
        {"type": "divider"},
        *connection_blocks(mine.connections, connectable=connectable),
        *_resting(mine.resting),
        *_commands(mine.commands),
    ]
    tail = [context(words("Names and addresses are shown to you alone, in Details."))]
    return {"type": "home", "blocks": fit(blocks, tail=tail, room=limits.VIEW)}


def find_form() -> View:
    """The modal `home.find_form` with the one input `words`."""
    said = section("I look with your own account and answer in our direct message.")
    asked = typed(WORDS, "Number or reference", hint="For example 1001 or #DE38678.", needed=True)
    return form_modal("Find an order", [said, asked], callback_id=f"{FIND}_form", submit="Find")


def _starts(mine: Mine) -> Block:
    """What a day begins with; an order needs an account first."""
    linked = {connection.back_end for connection in mine.connections}
    create = [button("Create an order", "order.create_open", "home")] if QUIVO in linked else []
    find = [button("Find an order", FIND, "home")] if QUIVO in linked else []
    return actions(*create, *find, button("New digest", NEW, "home"))


def _waiting(mine: Mine) -> list[Block]:
    """What needs this person: others' requests, outcomes that nobody knows, digests that stand still or are offered."""
    ill = [one for one in mine.digests if one.health in (Health.STOPPED, Health.UNCONNECTED)]
    groups = (
        [approval_row(one) for one in mine.approvals],
        [unknown_row(one) for one in mine.unknown],
        [offer_row(one.digest) for one in mine.offered],
        [mending_row(one) for one in ill],
    )
    rows = [block for group in groups for block in _few(group, _FEW)]
    return [{"type": "divider"}, paragraph([bold("Waits for you")]), *rows] if rows else []


def _titled(title: str, rows: Sequence[Sequence[Block]], most: int) -> list[Block]:
    return [{"type": "divider"}, paragraph([bold(title)]), *_few(rows, most)] if rows else []


def _few(rows: Sequence[Sequence[Block]], most: int) -> list[Block]:
    left = [context(words(more(len(rows) - most)))] if len(rows) > most else []
    return [*(block for row in rows[:most] for block in row), *left]


def _resting(back_ends: Sequence[str]) -> list[Block]:
    names = ", ".join(map(name_of, back_ends))
    return [section(f"⚠️ {names}: keeps failing, so I look every 30 seconds whether it is back.")] if names else []


def _commands(commands: Sequence[tuple[str, str]]) -> list[Block]:
    lines = [[code(usage), say(f" {summary}", 151)] for usage, summary in commands]
    return [{"type": "divider"}, bullets("What you can type", lines)] if lines else []
