"""A CSV file of orders, read whole before anything is sent: good rows, and bad ones with the reason (seed 001)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from typing import Any, get_args, get_origin

from backends.errors import FieldError
from backends.quivo.create import check
from backends.quivo.new_order import NewOrder
from operations.csv_cells import Path, Unreadable, path_of, value_of
from operations.packing import hints_of

MOST_BYTES, MOST_ROWS = 1_000_000, 2_000
_ALIASES = {"sku": "positions[0].sku", "quantity": "positions[0].quantity", "price": "positions[0].price"}
_MOST_REASONS = 3


@dataclass(frozen=True)
class Row:
    """One order of the file: ``order`` if it may be sent, else ``why`` not; ``number`` is its first row (header: 1)."""

    number: int
    identifier: str = field(repr=False)
    order: NewOrder | None = field(repr=False)
    why: str = field(default="", repr=False)


@dataclass(frozen=True)
class Unusable:
    """The file as a whole can't be read; ``text`` is safe to show."""

    text: str


@dataclass(frozen=True)
class _Column:
    name: str
    path: Path
    hint: Any


@dataclass
class _Draft:
    """An order on its way: what its first row says, a position from each of its rows, and what is wrong."""

    number: int
    head: dict[Path, Any] = field(default_factory=dict)
    lines: list[dict[Path, Any]] = field(default_factory=list)
    flaws: list[str] = field(default_factory=list)

    def add(self, number: int, cells: Mapping[Path, Any], flaws: list[str]) -> None:
        """One more row; what it repeats must be the same, what it adds counts for the order."""
        self.flaws += flaws
        for path, value in cells.items():
            if path[0] != "positions" and self.head.setdefault(path, value) != value:
                self.flaws.append(f"row {number} says something else than row {self.number} about the same order")
        for index in sorted({path[1] for path in cells if path[0] == "positions"}, key=int):
            self.lines.append({path[2:]: value for path, value in cells.items() if path[:2] == ("positions", index)})


def parse_csv(raw: bytes) -> tuple[Row, ...] | Unusable:
    """Read a file: UTF-8 or Windows' western code page, `;` or `,`, columns by Quivo's field names.

    ``sku``, ``quantity`` and ``price`` stand for ``positions[0].…``; rows with the same seller and identifier are the
    positions of one order; several tags stand as ``a|b``. At most 1 MB and 2,000 rows.
    """
    try:
        records = _records(raw)
        columns = _columns(records[0][1])
        return tuple(_row(draft) for draft in _drafts(columns, records[1:], comma=_delimiter(_text(raw)) == ";"))
    except Unreadable as flaw:
        return Unusable(f"I can't read this file: {flaw}.")


def _records(raw: bytes) -> list[tuple[int, list[str]]]:
    """The numbered rows that hold anything, the header first."""
    if len(raw) > MOST_BYTES:
        raise Unreadable("it is larger than 1 MB")
    text = _text(raw)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        rows = [(number, [cell.strip() for cell in cells]) for number, cells in enumerate(reader, 1)]
    except csv.Error:
        raise Unreadable("its quotation marks do not match, or a cell is too long") from None
    rows = [(number, cells) for number, cells in rows if any(cells)]
    if len(rows) < 2:
        raise Unreadable("there is nothing below its first row" if rows else "it is empty")
    if len(rows) > MOST_ROWS + 1:
        raise Unreadable(f"it has {len(rows) - 1:,} rows, and {MOST_ROWS:,} are the most")
    return rows


def _text(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in raw:
        raise Unreadable("save it as CSV in UTF-8")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("save it as CSV in UTF-8")


def _delimiter(text: str) -> str:
    first = text.split("\n", 1)[0]
    return ";" if first.count(";") > first.count(",") else ","


def _columns(names: list[str]) -> list[_Column | None]:
    """What each column means; one without a name is left out."""
    columns: list[_Column | None] = []
    seen: set[Path] = set()
    for name in names:
        if not name:
            columns.append(None)
            continue
        path, hint = path_of(_ALIASES.get(name, name))
        if path in seen:
            raise Unreadable(f"the column {name[:60]} is there twice")
        seen.add(path)
        columns.append(_Column(name, path, hint))
    if ("order_identifier",) not in seen:
        raise Unreadable("the column orderIdentifier is missing; it keeps an order from being created twice")
    return columns


def _drafts(columns: list[_Column | None], records: list[tuple[int, list[str]]], *, comma: bool) -> Iterator[_Draft]:
    """The orders, in the order of their first rows; a row without an identifier is one of its own."""
    drafts: dict[Any, _Draft] = {}
    for number, cells in records:
        values, flaws = _values(columns, cells, number, comma=comma)
        identifier = values.get(("order_identifier",))
        key = number if identifier is None else (values.get(("seller_id",)), identifier)
        drafts.setdefault(key, _Draft(number)).add(number, values, flaws)
    yield from drafts.values()


def _values(
    columns: list[_Column | None], cells: list[str], number: int, *, comma: bool
) -> tuple[dict[Path, Any], list[str]]:
    values: dict[Path, Any] = {}
    flaws = [f"row {number} has more cells than there are columns"] if any(cells[len(columns) :]) else []
    for column, cell in zip(columns, cells, strict=False):
        if column is None or not cell:
            continue
        try:
            values[column.path] = value_of(column.hint, cell, comma=comma)
        except Unreadable as flaw:
            flaws.append(f"{column.name} {flaw}")
    return values, flaws


def _row(draft: _Draft) -> Row:
    tree: dict[str | int, Any] = {"positions": {index: _tree(line) for index, line in enumerate(draft.lines)}}
    order: NewOrder = _made(NewOrder, _tree(draft.head) | tree)
    flaws = draft.flaws or [_said(one) for one in check(order)]
    more = len(flaws) - _MOST_REASONS
    why = "; ".join(dict.fromkeys(flaws[:_MOST_REASONS])) + (f"; and {more} more" if more > 0 else "")
    return Row(draft.number, order.order_identifier, None if flaws else order, why)


def _said(one: FieldError) -> str:
    return f"{one.field} {one.message}"


def _tree(cells: Mapping[Path, Any]) -> dict[str | int, Any]:
    """Values by path as nested dictionaries."""
    tree: dict[str | int, Any] = {}
    for path, value in cells.items():
        place = tree
        for part in path[:-1]:
            place = place.setdefault(part, {})
        place[path[-1]] = value
    return tree


def _made(hint: Any, tree: Any) -> Any:
    """The tree as what the hint says; whatever is missing is empty, so that the check can name it."""
    if is_dataclass(hint):
        hints = hints_of(hint)
        given = {name: _made(hints[name], part) for name, part in tree.items()}
        lacking = [one.name for one in fields(hint) if one.default is MISSING and one.name not in given]
        kind: Any = hint
        return kind(**given, **{name: _empty(hints[name]) for name in lacking})
    if get_origin(hint) is tuple and isinstance(tree, dict):
        if get_origin(get_args(hint)[0]) is tuple:
            return tuple(tree.items())
        return tuple(_made(get_args(hint)[0], tree[index]) for index in sorted(tree))
    return tree


def _empty(hint: Any) -> Any:
    return () if get_origin(hint) is tuple else hint()
