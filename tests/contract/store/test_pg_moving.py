"""A SQLite store moves to an empty PostgreSQL database whole, or not at all."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from store_world import NOON, House, due, elsewhere, file_in, house, line, sealer_of

from store.digests import Digest
from store.errors import Corrupt, Missing, StoreError
from store.imports import ImportRow
from store.keyring import new_key
from store.moving import move
from store.preferences import Preferences
from store.rotation import Verification
from store.times import to_micros

KEY = new_key()
PEOPLE = 40
COUNTS = {
    "connections": PEOPLE,
    "secrets": PEOPLE,
    "deliveries": PEOPLE,
    "audit": 2 * PEOPLE + 2,
    "audit_head": 1,
    "cards": PEOPLE,
    "occurrences": PEOPLE,
    "actions": PEOPLE,
    "watches": PEOPLE,
    "preferences": 1,
    "imports": PEOPLE,
    "import_rows": 2 * PEOPLE,
    "carts": PEOPLE,
    "digests": 1,
}
LAST = to_micros(line(9).at)  # of the delivery with the last key: …9 comes after …39
NOTHING = dict.fromkeys(COUNTS, 0) | {"audit_head": 1}
DIGEST = Digest("d-1", "T1", "U1", "C1", ("orders",), (0, 4), "09:00", "Europe/Vienna", "summary", NOON, next_at=NOON)
ODD = "Zoë\tÅ \\N \\ 'x' \"y\" \n 😀"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with something in every table; each test moves a copy of it."""
    path = file_in(tmp_path_factory.mktemp("source"))
    asyncio.run(fill(path))
    return Path(path)


@pytest.fixture
def filled(source: Path, tmp_path: Path) -> str:
    """A file with something in every table."""
    Path(path := file_in(tmp_path)).parent.mkdir(mode=0o700)
    return str(shutil.copy(source, path))


async def fill(path: str) -> None:
    async with house(path, sealer_of(KEY)) as home:
        await asyncio.gather(*(worked(home, number) for number in range(PEOPLE)))
        await home.preferences.set("T1", "U1", Preferences(None, 5, "EUR"), line(99))
        await home.digests.add(DIGEST, line(98))


async def worked(home: House, n: int) -> None:
    """One row or two in each table, with letters that a copy may trip over."""
    await home.vault.connect("T1", f"U{n}", "quivo", account=ODD, keeps_password=True, secrets={"session": b"s"})
    await home.intake.admit(f"{ODD}{n}", line(n))
    await home.cards.put("order", "T1", f"U{n}", {"n": n})
    named: dict[str, Any] = {"team": "T1", "user": f"U{n}", "back_end": "quivo"}
    what: dict[str, Any] = {"kind": "order.cancel", "target": f"{ODD}{n}", "state": "held", "payload": {"n": n}}
    await home.ledger.claim(line=line(n), due=due(f"d-{n:02}"), **what, **named)
    await home.watches.add(channel="C1", thread_ts=None, order_id=n, reference=ODD, last_status="PENDING", **named)
    rows = [ImportRow(number, "ready", ODD, None, "", {"n": n}) for number in (1, 2)]
    await home.imports.create("T1", f"U{n}", "C1", rows)
    await home.carts.keep("T1", f"U{n}", "C1", number="R1", store="main", currency=None, token=ODD)


def counted(url: str) -> dict[str, int]:
    return {table: elsewhere(url, f"SELECT count(*) FROM {table}")[0][0] for table in COUNTS}


async def test_everything_moves(filled: str, bare: str) -> None:
    """Every row arrives as it was, opens with the same keys, and the work goes on there; the file stays."""
    assert await move(Path(filled), bare) == COUNTS == counted(bare)
    async with house(filled, sealer_of(KEY)) as old, house(bare, sealer_of(KEY)) as new:
        assert new.vault.verify() == old.vault.verify() == Verification(opened=8 * PEOPLE, failed=0)
        assert [new.vault.connections("T1", f"U{n}") for n in range(PEOPLE)] == [
            old.vault.connections("T1", f"U{n}") for n in range(PEOPLE)
        ]
        assert new.audit.lines("T1", 999) == old.audit.lines("T1", 999)
        assert new.watches.all_open() == old.watches.all_open()
        assert new.ledger.in_state("order.cancel", "T1", "held") == old.ledger.in_state("order.cancel", "T1", "held")
        assert new.digests.due(NOON, 9) == [DIGEST]
        assert new.preferences.get("T1") == Preferences(None, 5, "EUR")
        await new.audit.write(line(100))
        assert new.audit.verify() is None
        assert await new.intake.admit(f"{ODD}0", line(1)) is False
        lease = timedelta(seconds=60)
        assert len(await new.occurrences.claim_due(owner="A", lease=lease, most=99)) == PEOPLE


async def test_a_file_of_an_earlier_version_moves(tmp_path: Path, bare: str) -> None:
    """A file that was last opened by an earlier version is brought up to date first."""
    from store.files import private_database
    from store.migrations import STEPS, migrate
    from store.pragmas import connect

    path = Path(file_in(tmp_path))
    private_database(path)
    with closing(connect(path)) as file:
        migrate(file, STEPS[:2])
        file.execute("INSERT INTO deliveries VALUES ('a', 1)")
    assert await move(path, bare) == NOTHING | {"deliveries": 1}


async def test_nobody_opens_the_file_while_it_moves(filled: str, url: str) -> None:
    """The file is locked until the move is over: what a bot would write meanwhile would be lost."""
    with psycopg.connect(url) as rival:
        rival.execute("SELECT * FROM cards")  # keeps the move waiting
        moving = asyncio.create_task(move(Path(filled), url))
        while not elsewhere(url, "SELECT 1 FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        with (
            closing(sqlite3.connect(filled, timeout=0)) as bot,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            bot.execute("SELECT * FROM cards").fetchall()
    assert await moving == COUNTS


@pytest.mark.parametrize("work", ["audit", "card"])
async def test_a_target_that_holds_something_is_refused(filled: str, url: str, work: str) -> None:
    """A database with a single row, or a single line in its audit, stays as it is."""
    async with house(url) as home:
        await (home.audit.write(line(1)) if work == "audit" else home.cards.put("order", "T1", "U1", {}))
    before = counted(url)
    with pytest.raises(StoreError, match="Nothing was moved"):
        await move(Path(filled), url)
    assert counted(url) == before
    assert elsewhere(url, "SELECT last FROM audit_head") == [(int(work == "audit"),)]


async def test_a_second_move_is_refused(filled: str, url: str) -> None:
    """What was moved is not moved again."""
    await move(Path(filled), url)
    with pytest.raises(StoreError, match="Nothing was moved"):
        await move(Path(filled), url)
    assert counted(url) == COUNTS


async def test_what_arrives_otherwise_moves_nothing(filled: str, url: str) -> None:
    """If the server changes a single letter of a single row, everything is undone."""
    elsewhere(
        url,
        "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN IF NEW.order_id = 7 THEN NEW.last_status := 'pENDING'; END IF; RETURN NEW; END$$",
    )
    elsewhere(url, "CREATE TRIGGER meddle BEFORE INSERT ON watches FOR EACH ROW EXECUTE FUNCTION meddle()")
    with pytest.raises(StoreError, match="not what was sent"):
        await move(Path(filled), url)
    assert counted(url) == NOTHING


async def test_a_row_that_gets_lost_moves_nothing(filled: str, url: str) -> None:
    """If the server swallows the last row of a table, everything is undone."""
    elsewhere(
        url,
        "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN IF NEW.at = {LAST} THEN RETURN NULL; END IF; RETURN NEW; END$$",
    )
    elsewhere(url, "CREATE TRIGGER swallow BEFORE INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION swallow()")
    with pytest.raises(StoreError, match="not what was sent"):
        await move(Path(filled), url)
    assert counted(url) == NOTHING


async def test_what_the_server_refuses_moves_nothing(filled: str, url: str) -> None:
    """A letter that PostgreSQL cannot hold stops the move, and nothing is there afterwards."""
    elsewhere(filled, "UPDATE imports SET channel = 'C' || char(0) WHERE user = 'U7'")
    with pytest.raises(StoreError):
        await move(Path(filled), url)
    assert counted(url) == NOTHING


async def test_a_table_that_the_target_does_not_know_is_refused(filled: str, url: str) -> None:
    """A file with a table more than the target has is not moved without it."""
    elsewhere(filled, "CREATE TABLE more (id TEXT PRIMARY KEY)")
    with pytest.raises(StoreError, match="lacks a table"):
        await move(Path(filled), url)
    assert counted(url) == NOTHING


async def test_no_file_and_a_damaged_file_do_not_move(tmp_path: Path, url: str) -> None:
    """A file that is not there is not made, and one that is no database is said to be damaged."""
    with pytest.raises(Missing):
        await move(tmp_path / "none.db", url)
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "odd.db").write_bytes(b"no database" * 500)
    with pytest.raises(Corrupt):
        await move(tmp_path / "odd.db", url)


async def test_a_server_that_is_not_there_moves_nothing(filled: str) -> None:
    """Without a server the file is as it was and can be opened again at once."""
    with pytest.raises(Missing):
        await move(Path(filled), "postgresql://clerk:canary@127.0.0.1:1/none")
    async with house(filled, sealer_of(KEY)) as home:
        assert home.vault.verify() == Verification(opened=8 * PEOPLE, failed=0)
