"""How the long runs tell their figures: as a table, and as a file with the same names as ``results.json``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.rig import Row


def tell(rows: Sequence[Row], file: Path, command: str) -> None:
    """Print them, and write them to this file."""
    table = Table("what", "ours", "other", "ratio", "unit", "held to")
    for row in rows:
        numbers = (f"{number:.3f}" if number is not None else "" for number in (row.ours, row.other, row.ratio))
        table.add_row(row.name, *numbers, row.unit, row.bar)
    Console(file=sys.stdout, width=140).print(table)
    file.write_text(json.dumps([_plain(row, command) for row in rows], indent=2, ensure_ascii=False) + "\n")


def _plain(row: Row, command: str) -> dict[str, object]:
    other, ratio = (None if value is None else round(value, 4) for value in (row.other, row.ratio))
    return {
        "name": row.name,
        "ours": round(row.ours, 4),
        "other": other,
        "ratio": ratio,
        "unit": row.unit,
        "command": command,
    }
