"""One unambiguous encoding for what is signed, hashed or bound: no two lists of parts give the same bytes."""

from __future__ import annotations


def canonical(*parts: str | int | bytes) -> bytes:
    """Each part as a type letter, its length in 4 bytes, and its bytes; so moving a letter between parts changes it."""
    return b"".join(map(_part, parts))


def _part(part: str | int | bytes) -> bytes:
    if isinstance(part, bytes):
        kind, raw = b"b", part
    elif isinstance(part, str):
        kind, raw = b"s", part.encode("utf-8", "surrogatepass")  # Slack's JSON may hold half a surrogate pair
    else:
        kind, raw = b"i", str(part).encode("ascii")
    return kind + len(raw).to_bytes(4, "big") + raw
