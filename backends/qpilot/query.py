"""A path with its query: QPilot wants several values of one name as repeated names (apis/qpilot.md §1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

Value = str | int | bool | tuple[str, ...] | None


def target(path: str, parts: Mapping[str, str | int], query: Mapping[str, Value]) -> tuple[str, dict[str, str | int]]:
    """A path template with the query's names in it, and the parts for both; what is None is left out.

    ``path`` is a template such as ``/Sites/{site}``; every value stays inside its place, whatever it holds.
    """
    filled = dict(parts)
    pieces = []
    for number, (name, value) in enumerate(_pairs(query)):
        pieces.append(f"{name}={{q{number}}}")
        filled[f"q{number}"] = value
    clean = {name: _clean(part) if isinstance(part, str) else part for name, part in filled.items()}
    return f"{path}?{'&'.join(pieces)}" if pieces else path, clean


def _pairs(query: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    for name, value in query.items():
        match value:
            case None:
                continue
            case bool():
                yield name, str(value).lower()
            case tuple():
                yield from ((name, one) for one in value)
            case _:
                yield name, str(value)


def _clean(text: str) -> str:
    """Text that goes into UTF-8; half of a character becomes a question mark."""
    return text.encode(errors="replace").decode()
