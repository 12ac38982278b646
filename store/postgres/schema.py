"""The tables, in small numbered steps that are each applied once; a database knows which it has (G5).

The steps bear the names of ``store.migrations`` and make the same tables and columns, so that rows can move; where
SQLite orders by its rowid there is a column ``added`` more.
All that are due go into one transaction, under a lock: replicas that start at once apply each of them once.
Text is compared byte by byte (collation "C"), as in SQLite. The queue's own tables are procrastinate's.
"""

from __future__ import annotations

from collections.abc import Sequence

from procrastinate.schema import SchemaManager
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from store.errors import StoreError, TooNew

Step = tuple[str, str]

_LOCK = 0x5348_4950_434C_524B
# Not to_regclass, which may remember from before the lock that there was none.
_THERE = (
    "SELECT count(*) FROM pg_catalog.pg_tables "
    "WHERE schemaname = current_schema() AND tablename = 'shipclerk_migrations'"
)
_MAKE = 'CREATE TABLE IF NOT EXISTS shipclerk_migrations (name text COLLATE "C" PRIMARY KEY)'
_NAMES = "SELECT name FROM shipclerk_migrations ORDER BY name"
_ADD = "INSERT INTO shipclerk_migrations (name) VALUES (%s)"
_ENCODING = "SELECT current_setting('server_encoding')"

_TABLES: tuple[Step, ...] = (
    (
        "m001_vault",
        """
        CREATE TABLE connections (
            id text PRIMARY KEY, team text NOT NULL, "user" text NOT NULL, back_end text NOT NULL,
            account text NOT NULL, connected_at bigint NOT NULL, last_used_at bigint, keeps_password bigint NOT NULL,
            UNIQUE (team, "user", back_end));
        CREATE TABLE secrets (
            connection text REFERENCES connections (id) ON DELETE CASCADE, purpose text, envelope bytea NOT NULL,
            PRIMARY KEY (connection, purpose));
        """,
    ),
    (
        "m002_deliveries",
        """
        CREATE TABLE deliveries (key text PRIMARY KEY, at bigint NOT NULL);
        CREATE INDEX deliveries_at ON deliveries (at);
        """,
    ),
    (
        "m003_audit",
        """
        CREATE TABLE audit (
            id bigint PRIMARY KEY, at bigint NOT NULL, reference text NOT NULL, team text NOT NULL,
            "user" text NOT NULL, channel text NOT NULL, action text NOT NULL, target text NOT NULL,
            outcome text NOT NULL, previous bytea NOT NULL, hash bytea NOT NULL);
        CREATE INDEX audit_team ON audit (team, id);
        CREATE TABLE audit_head (id bigint PRIMARY KEY, last bigint NOT NULL, hash bytea NOT NULL);
        INSERT INTO audit_head (id, last, hash) VALUES (1, 0, decode(repeat('00', 32), 'hex'));
        CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$;
        CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit
            FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
        CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
            FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
        """,
    ),
    (
        "m004_cards",
        """
        CREATE TABLE cards (
            id text PRIMARY KEY, team text NOT NULL, created_at bigint NOT NULL, envelope bytea NOT NULL);
        CREATE INDEX cards_created_at ON cards (created_at);
        """,
    ),
    (
        "m005_occurrences",
        """
        CREATE TABLE occurrences (
            key text PRIMARY KEY, kind text NOT NULL, team text NOT NULL, due_at bigint NOT NULL,
            ready_at bigint NOT NULL, attempt bigint NOT NULL, owner text, finished_at bigint, result text,
            envelope bytea);
        CREATE INDEX occurrences_open ON occurrences (ready_at, key) WHERE finished_at IS NULL;
        CREATE INDEX occurrences_kept ON occurrences (finished_at) WHERE envelope IS NOT NULL;
        """,
    ),
    (
        "m006_ledger",
        """
        CREATE TABLE actions (
            id text PRIMARY KEY, kind text NOT NULL, team text NOT NULL, "user" text NOT NULL, back_end text NOT NULL,
            target text NOT NULL, state text NOT NULL, reference text NOT NULL, created_at bigint NOT NULL,
            changed_at bigint NOT NULL, is_open bigint NOT NULL, envelope bytea NOT NULL);
        CREATE UNIQUE INDEX actions_open ON actions (kind, team, back_end, target) WHERE is_open = 1;
        CREATE INDEX actions_recent ON actions (kind, team, "user", created_at);
        """,
    ),
    (
        "m007_watches",
        """
        CREATE TABLE watches (
            id text PRIMARY KEY, team text NOT NULL, "user" text NOT NULL, channel text NOT NULL, thread_ts text,
            back_end text NOT NULL, last_status text NOT NULL, stopped text, order_id bigint NOT NULL,
            created_at bigint NOT NULL, stopped_at bigint, envelope bytea NOT NULL);
        CREATE UNIQUE INDEX watches_open ON watches (team, channel, back_end, order_id) WHERE stopped IS NULL;
        CREATE INDEX watches_of ON watches (team, back_end, order_id) WHERE stopped IS NULL;
        """,
    ),
    (
        "m008_preferences",
        """
        CREATE TABLE preferences (
            team text PRIMARY KEY, approval_above_value text, approval_above_count bigint, approval_currency text,
            changed_by text NOT NULL, changed_at bigint NOT NULL);
        """,
    ),
    (
        "m009_imports",
        """
        CREATE TABLE imports (
            id text PRIMARY KEY, team text NOT NULL, "user" text NOT NULL, channel text NOT NULL,
            state text NOT NULL, message_ts text, created_at bigint NOT NULL);
        CREATE TABLE import_rows (
            import text REFERENCES imports (id) ON DELETE CASCADE, number bigint, state text NOT NULL,
            order_id bigint, envelope bytea NOT NULL, PRIMARY KEY (import, number));
        """,
    ),
    (
        "m010_carts",
        """
        CREATE TABLE carts (
            id text PRIMARY KEY, team text NOT NULL, "user" text NOT NULL, channel text NOT NULL,
            number text NOT NULL, store text NOT NULL, currency text, state text NOT NULL,
            created_at bigint NOT NULL, changed_at bigint NOT NULL, envelope bytea NOT NULL,
            added bigint GENERATED ALWAYS AS IDENTITY);
        CREATE UNIQUE INDEX carts_open ON carts (team, "user", channel) WHERE state = 'open';
        CREATE INDEX carts_number ON carts (team, "user", number);
        """,
    ),
    (
        "m011_digests",
        """
        CREATE TABLE digests (
            id text PRIMARY KEY, team text NOT NULL, owner text NOT NULL, channel text NOT NULL, what text NOT NULL,
            days text NOT NULL, at text NOT NULL, zone text NOT NULL, size text NOT NULL, state text NOT NULL,
            reason text, offered_to text, run_key text, created_at bigint NOT NULL, changed_at bigint NOT NULL,
            next_at bigint, last_posted_at bigint, told_owner bigint NOT NULL, told_channel bigint NOT NULL,
            envelope bytea, added bigint GENERATED ALWAYS AS IDENTITY);
        CREATE INDEX digests_due ON digests (next_at, id) WHERE state = 'active';
        CREATE INDEX digests_offered ON digests (team, offered_to) WHERE offered_to IS NOT NULL;
        CREATE INDEX digests_owner ON digests (team, owner);
        CREATE INDEX digests_channel ON digests (team, channel);
        """,
    ),
    (
        "m012_found_at_once",
        """
        CREATE INDEX actions_mine ON actions (team, "user", created_at);
        CREATE INDEX actions_state ON actions (kind, team, state, created_at);
        """,
    ),
    (
        "m013_watches_of_a_person",
        """
        CREATE INDEX watches_mine ON watches (team, "user", created_at, id) WHERE stopped IS NULL;
        """,
    ),
)

# Whoever takes a later procrastinate adds the migrations that it brings (procrastinate.sql.migrations) as steps.
STEPS: tuple[Step, ...] = (
    *((name, ddl.replace(" text", ' text COLLATE "C"')) for name, ddl in _TABLES),
    ("p001_procrastinate", SchemaManager.get_schema()),
)


async def migrate(connection: AsyncConnection[TupleRow], steps: Sequence[Step] = STEPS) -> None:
    """Applies the steps that this database lacks, all or none; TooNew if it has steps that we do not know."""
    names = [name for name, _ in steps]
    if set(await _applied(connection)) == set(names):
        return
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        there = await _applied(connection)
        if set(there) - set(names):
            raise TooNew()
        await _made(connection)
        for name, ddl in steps:
            if name not in there:
                await connection.execute(ddl, prepare=False)
                await connection.execute(_ADD, (name,))


async def _made(connection: AsyncConnection[TupleRow]) -> None:
    """The table of steps; and a server that cannot hold every name is refused before anything is in it."""
    if await (await connection.execute(_ENCODING)).fetchone() != ("UTF8",):
        raise StoreError("The database must be made with the encoding UTF8.")
    await connection.execute(_MAKE)


async def _applied(connection: AsyncConnection[TupleRow]) -> list[str]:
    there = await (await connection.execute(_THERE)).fetchone()
    if there != (1,):
        return []
    return [name for (name,) in await (await connection.execute(_NAMES)).fetchall()]
