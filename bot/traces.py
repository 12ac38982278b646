"""Where an exception came from, without what it says."""

from __future__ import annotations

import traceback
from pathlib import Path


def where(error: BaseException) -> list[str]:
    """The places an exception came through, without its message or any value: those may be secret (DESIGN.md §4.8)."""
    return [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
