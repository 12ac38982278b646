"""The tables, in small numbered steps that are each applied once; a file knows which it has (G5).

All steps that are due go into one transaction, so that an interrupted start leaves the old tables and can be repeated.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

from store.errors import TooNew

if TYPE_CHECKING:
    from sqlite_utils import Database as Schema

_SET = "shipclerk"
_APPLIED = "SELECT name FROM _sqlite_migrations WHERE migration_set = ?"
_TABLE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_sqlite_migrations'"


def m001_vault(db: Schema) -> None:
    """Connections and their sealed secrets; a secret goes when its connection goes."""
    from sqlite_utils.db import ForeignKey

    whole = {
        "id": str,
        "team": str,
        "user": str,
        "back_end": str,
        "account": str,
        "connected_at": int,
        "last_used_at": int,
        "keeps_password": int,
    }
    db.create_table("connections", whole, pk="id", not_null=set(whole) - {"last_used_at"}, strict=True)
    db["connections"].create_index(["team", "user", "back_end"], unique=True)  # type: ignore[union-attr]
    db.create_table(
        "secrets",
        {"connection": str, "purpose": str, "envelope": bytes},
        pk=("connection", "purpose"),
        foreign_keys=[ForeignKey("secrets", "connection", "connections", "id", on_delete="CASCADE")],
        not_null={"envelope"},
        strict=True,
    )


def m002_deliveries(db: Schema) -> None:
    """What Slack has delivered, once each."""
    db.create_table("deliveries", {"key": str, "at": int}, pk="key", not_null={"at"}, strict=True)
    db["deliveries"].create_index(["at"])  # type: ignore[union-attr]


def m003_audit(db: Schema) -> None:
    """The audit's rows, each holding its forerunner's hash, and the head that shows when the last rows are missing."""
    words = ("reference", "team", "user", "channel", "action", "target", "outcome")
    columns: dict[str, type] = {"id": int, "at": int, **dict.fromkeys(words, str), "previous": bytes, "hash": bytes}
    db.create_table("audit", columns, pk="id", not_null=set(columns) - {"id"}, strict=True)
    db["audit"].create_index(["team", "id"])  # type: ignore[union-attr]
    db.create_table(
        "audit_head", {"id": int, "last": int, "hash": bytes}, pk="id", not_null={"last", "hash"}, strict=True
    )
    db.execute("INSERT INTO audit_head (id, last, hash) VALUES (1, 0, zeroblob(32))")
    for change in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER audit_no_{change.lower()} BEFORE {change} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        )


def m004_cards(db: Schema) -> None:
    """Cards: what they are about is sealed, so only the team and the age are readable."""
    columns: dict[str, type] = {"id": str, "team": str, "created_at": int, "envelope": bytes}
    db.create_table("cards", columns, pk="id", not_null=set(columns) - {"id"}, strict=True)
    db["cards"].create_index(["created_at"])  # type: ignore[union-attr]


def m005_occurrences(db: Schema) -> None:
    """Due runs: a key is kept for ever, a payload (sealed) until it is forgotten."""
    whole: dict[str, type] = {
        "key": str,
        "kind": str,
        "team": str,
        "due_at": int,
        "ready_at": int,
        "attempt": int,
        "owner": str,
        "finished_at": int,
        "result": str,
        "envelope": bytes,
    }
    optional = {"owner", "finished_at", "result", "envelope"}
    db.create_table("occurrences", whole, pk="key", not_null=set(whole) - optional, strict=True)
    db.execute("CREATE INDEX occurrences_open ON occurrences (ready_at, key) WHERE finished_at IS NULL")
    db.execute("CREATE INDEX occurrences_kept ON occurrences (finished_at) WHERE envelope IS NOT NULL")


def m006_ledger(db: Schema) -> None:
    """Actions: at most one is open for a kind, team, back end and target."""
    words = ("id", "kind", "team", "user", "back_end", "target", "state", "reference")
    numbers = ("created_at", "changed_at", "is_open")
    whole: dict[str, type] = {**dict.fromkeys(words, str), **dict.fromkeys(numbers, int), "envelope": bytes}
    db.create_table("actions", whole, pk="id", not_null=set(whole) - {"id"}, strict=True)
    db.execute("CREATE UNIQUE INDEX actions_open ON actions (kind, team, back_end, target) WHERE is_open = 1")
    db["actions"].create_index(["kind", "team", "user", "created_at"])  # type: ignore[union-attr]


def m007_watches(db: Schema) -> None:
    """Watches: at most one is open for a channel and an order; the order's reference is sealed."""
    words = ("id", "team", "user", "channel", "thread_ts", "back_end", "last_status", "stopped")
    numbers = ("order_id", "created_at", "stopped_at")
    whole: dict[str, type] = {**dict.fromkeys(words, str), **dict.fromkeys(numbers, int), "envelope": bytes}
    optional = {"id", "thread_ts", "stopped", "stopped_at"}
    db.create_table("watches", whole, pk="id", not_null=set(whole) - optional, strict=True)
    db.execute("CREATE UNIQUE INDEX watches_open ON watches (team, channel, back_end, order_id) WHERE stopped IS NULL")
    db.execute("CREATE INDEX watches_of ON watches (team, back_end, order_id) WHERE stopped IS NULL")


def m008_preferences(db: Schema) -> None:
    """What a workspace's admins have settled; the value is a decimal in words, for a float would round it."""
    whole: dict[str, type] = {
        "team": str,
        "approval_above_value": str,
        "approval_above_count": int,
        "approval_currency": str,
        "changed_by": str,
        "changed_at": int,
    }
    db.create_table("preferences", whole, pk="team", not_null={"changed_by", "changed_at"}, strict=True)


def m009_imports(db: Schema) -> None:
    """Imports and their rows, whose contents are sealed; rows go with their import."""
    from sqlite_utils.db import ForeignKey

    words = ("id", "team", "user", "channel", "state", "message_ts")
    whole: dict[str, type] = {**dict.fromkeys(words, str), "created_at": int}
    db.create_table("imports", whole, pk="id", not_null=set(whole) - {"id", "message_ts"}, strict=True)
    rows: dict[str, type] = {"import": str, "number": int, "state": str, "order_id": int, "envelope": bytes}
    db.create_table(
        "import_rows",
        rows,
        pk=("import", "number"),
        foreign_keys=[ForeignKey("import_rows", "import", "imports", "id", on_delete="CASCADE")],
        not_null={"state", "envelope"},
        strict=True,
    )


def m010_carts(db: Schema) -> None:
    """Carts: at most one is open for a person in a channel; its order token is sealed."""
    words = ("id", "team", "user", "channel", "number", "store", "currency", "state")
    whole: dict[str, type] = {**dict.fromkeys(words, str), "created_at": int, "changed_at": int, "envelope": bytes}
    db.create_table("carts", whole, pk="id", not_null=set(whole) - {"id", "currency"}, strict=True)
    db.execute("CREATE UNIQUE INDEX carts_open ON carts (team, user, channel) WHERE state = 'open'")
    db["carts"].create_index(["team", "user", "number"])  # type: ignore[union-attr]


def m011_digests(db: Schema) -> None:
    """Digests: what is due is found by its time alone; the numbers that were posted last are sealed."""
    words = ("id", "team", "owner", "channel", "what", "days", "at", "zone", "size", "state")
    maybe = ("reason", "offered_to", "run_key")
    numbers = ("created_at", "changed_at", "next_at", "last_posted_at", "told_owner", "told_channel")
    columns = (*words, *maybe)
    whole: dict[str, type] = {**dict.fromkeys(columns, str), **dict.fromkeys(numbers, int), "envelope": bytes}
    optional = {"id", *maybe, "next_at", "last_posted_at", "envelope"}
    db.create_table("digests", whole, pk="id", not_null=set(whole) - optional, strict=True)
    db.execute("CREATE INDEX digests_due ON digests (next_at, id) WHERE state = 'active'")
    db.execute("CREATE INDEX digests_offered ON digests (team, offered_to) WHERE offered_to IS NOT NULL")
    db["digests"].create_index(["team", "owner"])  # type: ignore[union-attr]
    db["digests"].create_index(["team", "channel"])  # type: ignore[union-attr]


def m012_found_at_once(db: Schema) -> None:
    """One's own changes, those in one state, and what is due, digests apart: each found without reading the rest."""
    db["actions"].create_index(["team", "user", "created_at"], "actions_mine")  # type: ignore[union-attr]
    db["actions"].create_index(["kind", "team", "state", "created_at"], "actions_state")  # type: ignore[union-attr]
    db.execute(
        "CREATE INDEX occurrences_first ON occurrences ((kind = 'digest.run'), ready_at, key) WHERE finished_at IS NULL"
    )


def m013_watches_of_a_person(db: Schema) -> None:
    """One's own open watches, found in their order without reading everybody's."""
    db.execute("CREATE INDEX watches_mine ON watches (team, user, created_at, id) WHERE stopped IS NULL")


STEPS: tuple[Callable[[Schema], None], ...] = (
    m001_vault,
    m002_deliveries,
    m003_audit,
    m004_cards,
    m005_occurrences,
    m006_ledger,
    m007_watches,
    m008_preferences,
    m009_imports,
    m010_carts,
    m011_digests,
    m012_found_at_once,
    m013_watches_of_a_person,
)


def migrate(connection: sqlite3.Connection, steps: tuple[Callable[[Schema], None], ...] = STEPS) -> None:
    """Applies the steps that this file lacks, all or none; TooNew if it has steps that we do not know."""
    names = [step.__name__ for step in steps]
    if _applied(connection) == names:
        return
    connection.execute("BEGIN IMMEDIATE")  # first: two processes that start at once must not both apply a step
    try:
        if set(_applied(connection)) - set(names):
            raise TooNew()
        _apply(connection, steps)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _applied(connection: sqlite3.Connection) -> list[str]:
    if connection.execute(_TABLE).fetchone() is None:
        return []
    return sorted(name for (name,) in connection.execute(_APPLIED, (_SET,)))


def _apply(connection: sqlite3.Connection, steps: tuple[Callable[[Schema], None], ...]) -> None:
    from sqlite_utils import Database as Schema  # 0.1 s to import, and needed on few starts
    from sqlite_utils import Migrations

    migrations = Migrations(_SET)
    for step in steps:
        migrations(name=step.__name__)(step)
    migrations.apply(Schema(connection, recursive_triggers=False, execute_plugins=False))
