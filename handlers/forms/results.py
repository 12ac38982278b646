"""The result of an import as a file that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Protocol

_HEAD = ("line", "identifier", "result", "order id", "message")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "'")
_UNSEEN = re.compile("[\x00-\x1f\x7f\x85\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")
_WORDS = {
    "done": "created",
    "refused": "refused",
    "bad": "could not be read",
    "unknown": "not known",
    "sending": "on its way",
    "ready": "not sent",
}


class Row(Protocol):
    """One row of an import, as the store has it."""

    @property
    def number(self) -> int:
        """Its line in the file."""
        ...

    @property
    def state(self) -> str:
        """``ready``, ``sending``, ``done``, ``refused``, ``unknown`` or ``bad``."""
        ...

    @property
    def identifier(self) -> str:
        """The order's own identifier, from outside."""
        ...

    @property
    def order_id(self) -> int | None:
        """The order that was made."""
        ...

    @property
    def message(self) -> str:
        """Why not, from outside."""
        ...


def result_csv(rows: Iterable[Row]) -> bytes:
    """One line for each row, in UTF-8 with a mark that spreadsheets know; text from outside is never a formula."""
    made = io.StringIO()
    writer = csv.writer(made, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(_HEAD)
    for row in rows:
        result = _WORDS.get(row.state, "not known")
        writer.writerow((row.number, cell(row.identifier), result, row.order_id or "", cell(row.message)))
    return made.getvalue().encode("utf-8-sig")


def cell(text: str) -> str:
    """Text from outside on one line; what a spreadsheet would take for a formula begins with an apostrophe."""
    shown = _UNSEEN.sub(" ", text).strip()
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
