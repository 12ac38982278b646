"""The fulfilment orders behind one number of a digest, for the person who clicked."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.render.build import bold, button, context, message, own, paragraph, say, section
from handlers.render.digest_numbers import counted, row_state
from handlers.render.digest_words import SOURCES
from handlers.render.escape import plain
from handlers.render.limits import fit_rows, more
from handlers.render.message import Block, Message
from handlers.render.states import state
from handlers.render.times import when
from operations.digest_facts import RowOf, Section, What

SHOW_ORDER = "order.show"


def order_rows(found: Section, row_cards: Sequence[str]) -> Message:
    """Each with its own *Show*, value from ``row_cards``; how many are not listed is said.

    Raises ValueError if there is not one card for each row.
    """
    shown = SOURCES[found.what]
    head = [
        paragraph([bold(f"{shown.symbol} {shown.word}"), say(f": {counted(found.total)} in your account", 2000)]),
        context(own(f"As of {when(found.as_of)}")),
    ]
    rows = [[_row(found.what, row, card)] for row, card in zip(found.rows, row_cards, strict=True)]
    left = [[section(more(found.more))]] if found.more else []
    return message(fit_rows(head, [*rows, *left]))


def _row(what: What, row: RowOf, card: str) -> Block:
    symbol = state(row.status).symbol
    name = " · ".join(filter(None, [str(row.id), plain(row.reference or ""), row_state(what, row)]))
    line = section(f"{symbol} {name}", accessory=button("Show", SHOW_ORDER, card))
    return {**line, "fields": [own(f"Since {when(row.at)}")]} if row.at else line
