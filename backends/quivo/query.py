"""A search for orders as Elasticsearch's query string, in which typed text can only ever be text (apis/quivo.md §4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_HARMLESS = re.compile(r"[A-Za-z0-9]{3,40}", re.ASCII)


@dataclass(frozen=True)
class OrderQuery:
    """What orders are asked by; everything given must hold.

    ``text`` is a reference or an identifier, or letters and digits that stand in one; the two dates are days in UTC,
    both included; with ``seller_ids`` only those sellers' orders are found.
    """

    reference: str | None = None
    identifier: str | None = None
    order_id: int | None = None
    status: str | None = None
    created_from: date | None = None
    created_to: date | None = None
    text: str | None = None
    seller_ids: tuple[int, ...] = ()


def render(query: OrderQuery) -> str:
    """The query string; every field name is ours, and every typed text stands in quotes (apis/quivo.md §4)."""
    return " AND ".join(_clauses(query)) or "_exists_:orderId"


def quoted(text: str) -> str:
    """Text as one quoted phrase that nothing in it can end; control characters become spaces."""
    plain = "".join(char if char >= " " and char != "\x7f" else " " for char in text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _clauses(query: OrderQuery) -> Iterator[str]:
    if query.order_id is not None:
        yield f"orderId:{query.order_id:d}"
    if query.reference is not None:
        yield f"orderReference:{quoted(query.reference)}"
    if query.identifier is not None:
        yield f"orderIdentifier:{quoted(query.identifier)}"
    if query.status is not None:
        yield f"orderStatus:{quoted(query.status)}"
    if query.text is not None:
        yield f"({' OR '.join(_anywhere(query.text))})"
    if query.created_from is not None:
        yield f"created:>={query.created_from.isoformat()}"
    if query.created_to is not None and query.created_to < date.max:
        yield f"created:<{(query.created_to + timedelta(days=1)).isoformat()}"
    if query.seller_ids:
        yield _any_seller(query.seller_ids)


def _anywhere(text: str) -> Iterator[str]:
    """Text as a whole reference or identifier; letters and digits alone, which can end nothing, also as a part."""
    parts = {text.removeprefix("#"), text.removeprefix("#").upper()}
    for name in ("orderReference", "orderIdentifier"):
        yield f"{name}:{quoted(text)}"
        yield from (f"{name}:*{part}*" for part in sorted(parts) if _HARMLESS.fullmatch(part))


def _any_seller(seller_ids: tuple[int, ...]) -> str:
    clauses = " OR ".join(f"sellerId:{seller_id:d}" for seller_id in seller_ids)
    return f"({clauses})" if len(seller_ids) > 1 else clauses
