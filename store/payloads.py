"""JSON payloads in and out of envelopes: whatever may hold personal data lies in the file only like this."""

from __future__ import annotations

import json
from typing import Any

from store.envelope import Place, Sealer
from store.errors import EnvelopeError


def seal(sealer: Sealer, place: Place, payload: dict[str, Any]) -> bytes:
    """The payload's envelope; TypeError or ValueError for what JSON would not bring back as it was."""
    return sealer.seal(place, json.dumps(payload, separators=(",", ":"), allow_nan=False).encode("ascii"))


def unseal(sealer: Sealer, place: Place, envelope: bytes) -> dict[str, Any]:
    """The payload that was sealed for this place; EnvelopeError for everything else."""
    found = json.loads(sealer.open(place, envelope))
    if not isinstance(found, dict):
        raise EnvelopeError()
    return found
