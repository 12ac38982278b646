"""``make bench``: every figure in one run, as a table and in ``bench/results.json``."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import ack, start, summary, whole
from bench.rig import Row, peer
from bot.logs import configure

RESULTS = Path(__file__).parent / "results.json"
COMMAND = "make bench"


async def _in_process(url: str) -> list[Row]:
    return [*await ack.measure(url), *await whole.measure(url), *await summary.measure(url)]


def main() -> None:
    """Measure, print, write."""
    configure("ERROR")
    with peer() as url:
        rows = [*asyncio.run(_in_process(url)), *start.measure(url)]
    table = Table("what", "ours", "other", "ratio", "unit", "held to")
    for row in rows:
        ratio = f"{row.ratio:.3f}" if row.ratio else ""
        table.add_row(row.name, f"{row.ours:.2f}", f"{row.other:.2f}" if row.other else "", ratio, row.unit, row.bar)
    Console(file=sys.stdout, width=120).print(table)
    RESULTS.write_text(json.dumps([_plain(row) for row in rows], indent=2, ensure_ascii=False) + "\n")


def _plain(row: Row) -> dict[str, object]:
    other, ratio = (round(value, 4) if value else None for value in (row.other, row.ratio))
    return {
        "name": row.name,
        "ours": round(row.ours, 4),
        "other": other,
        "ratio": ratio,
        "unit": row.unit,
        "command": COMMAND,
    }


if __name__ == "__main__":
    main()
