"""The Home tab: what is connected, and what one can do here."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.render import limits
from handlers.render.build import actions, bullets, button, code, context, say, section, words
from handlers.render.connections import connection_blocks
from handlers.render.limits import fit
from handlers.render.message import View
from store.connection import Connection


def home(
    *,
    connections: Sequence[Connection],
    connectable: Sequence[str],
    commands: Sequence[tuple[str, str]],
    card_id: str,
) -> View:
    """Home for one person; ``commands`` are (usage, summary) of what this person may run (CHECKS B5)."""
    can = [bullets("What you can type", ([code(usage), say(f" {summary}", 151)] for usage, summary in commands))]
    blocks = [
        {"type": "header", "text": words("Shipclerk", limits.HEADER_TEXT)},
        section("Ask where an order is, with your own account."),
        *([actions(button("Create an order", "order.create_open", card_id))] if connections else []),
        {"type": "divider"},
        *connection_blocks(connections, connectable=connectable, card_id=card_id),
        {"type": "divider"},
        *(can if commands else []),
    ]
    tail = [context(words("Names and addresses are shown to you alone, in Details."))]
    return {"type": "home", "blocks": fit(blocks, tail=tail, room=limits.VIEW)}
