"""A message as the renderers make it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Block = dict[str, Any]
View = dict[str, Any]


@dataclass(frozen=True)
class Message:
    """Blocks, and the fallback text that says the same to a notification or a screen reader (DESIGN.md §10)."""

    text: str
    blocks: tuple[Block, ...]
