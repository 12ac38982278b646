"""Backing up, restoring and moving the store from the command line (DESIGN.md §6, CHECKS G6)."""

from __future__ import annotations

from pathlib import Path

from bot.bootstrap import key_ring
from bot.settings import Settings
from store.backup import Rehearsal, verify_backup
from store.backup import backup as back_up
from store.database import Database
from store.envelope import Sealer
from store.errors import Missing, StoreError
from store.restoring import restore as put_in_place
from store.stores import on_postgres

_IS_SERVER = (
    "The database is on PostgreSQL, which has its own tools: pg_dump to back it up, pg_restore to restore it. "
    "Nothing was done."
)
_NO_ADDRESS = "Move where? Give an address: --to postgresql://name@host/database. Nothing was moved."
_MOVED_ALREADY = "SHIPCLERK_DATABASE is on PostgreSQL already; name the file that is to be moved. Nothing was moved."


async def backup(settings: Settings, target: Path) -> Rehearsal:
    """One state of the file, copied while the bot may run, and then rehearsed; StoreError, and then there is no copy.

    Without the keys nothing is copied, for nobody could say whether it can be used.
    """
    source, sealer = _file(settings, _IS_SERVER), Sealer(key_ring(settings))
    if not source.is_file():
        raise Missing("There is no database yet, so there is nothing to back up.")
    database = Database.open(source)
    try:
        await back_up(database, target)
    finally:
        await database.close()
    return await verify_backup(target, sealer)


async def restore(settings: Settings, source: Path) -> Rehearsal:
    """Puts a backup where SHIPCLERK_DATABASE says, if nothing is there; StoreError, and then nothing is."""
    return await put_in_place(source, _file(settings, _IS_SERVER), Sealer(key_ring(settings)))


async def move(settings: Settings, address: str) -> dict[str, int]:
    """Carries everything to an empty PostgreSQL database, with the bot stopped; how many rows, by table."""
    from store.moving import move as move_house  # psycopg takes a while to import

    if not on_postgres(address):
        raise StoreError(_NO_ADDRESS)
    return await move_house(_file(settings, _MOVED_ALREADY), address)


def told(found: Rehearsal) -> str:
    """What a rehearsal found, in a sentence."""
    audit = "whole" if found.audit_broken_at is None else f"broken at row {found.audit_broken_at}"
    rows = sum(found.rows.values())
    return f"{rows} rows; {found.opened} sealed values opened, {found.failed} failed; the audit is {audit}."


def is_good(found: Rehearsal) -> bool:
    """Whether everything opened and the audit is as it was written."""
    return not found.failed and found.audit_broken_at is None


def _file(settings: Settings, on_server: str) -> Path:
    if on_postgres(settings.database):
        raise StoreError(on_server)
    return Path(settings.database)
