"""``python -m bench.durable``: 300 digests due at once while whole bots die with kill -9, on both databases (F2).

The crash test's own scene, only longer: how many were lost or posted twice, and how many a look at Slack kept from
being posted twice, which is what it is there for (DESIGN.md §6).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from bench.figures import tell
from bench.rig import Row

_TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(_TESTS), str(_TESTS / "crash")]

from postgres import server  # noqa: E402
from test_digest_crash import Plan, outlived  # noqa: E402

RESULTS, COMMAND = Path(__file__).with_name("durable.json"), "python -m bench.durable"
ON_FILE = Plan(300, 100, bots=2, kills=13)
ON_POSTGRES = Plan(300, 100, bots=3, kills=13, for_good=1)


async def _rows(where: str, place: str, plan: Plan) -> list[Row]:
    begin = time.monotonic()
    result = await outlived(place, plan)
    seconds = time.monotonic() - begin
    again = sum(attempt > 1 for attempt in result.attempts.values())
    count, unit = float(len(result.wanted)), "digests"
    return [
        Row(f"{where}, {plan.kills} kills: lost", result.lost, count, unit, "0"),
        Row(f"{where}, {plan.kills} kills: posted twice", result.twice, count, unit, "0"),
        Row(f"{where}: run again after a death", again, count, unit),
        Row(f"{where}: found posted by a look at Slack", result.found, count, unit),
        Row(f"{where}: from the first due to the last recorded, starts included", seconds, None, "s"),
    ]


def main() -> None:
    """Measure, print, write."""
    with tempfile.TemporaryDirectory() as folder:
        place = str(Path(folder) / "private" / "shipclerk.db")
        rows = asyncio.run(_rows("SQLite, two bots", place, ON_FILE))
    with server(durable=True) as postgres, postgres.database() as url:
        rows += asyncio.run(_rows("PostgreSQL, three replicas, one gone for good", url, ON_POSTGRES))
    tell(rows, RESULTS, COMMAND)


if __name__ == "__main__":
    main()
