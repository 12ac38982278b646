"""One database for many tests: it is emptied after each, and thrown away where a test changed more than rows.

To make one takes a server up to a second, to empty one a fiftieth of it.
"""

from __future__ import annotations

from contextlib import ExitStack

import psycopg
from postgres import TEMPLATE, Server
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier, Placeholder

# Whoever makes, changes or drops a table, a column, an index, a function or a trigger writes a row of these anew.
CATALOGS = {
    "pg_attribute": "attrelid",
    **dict.fromkeys(("pg_class", "pg_proc", "pg_trigger", "pg_type", "pg_constraint", "pg_attrdef"), "oid"),
}
SETTINGS = (
    "SELECT concat_ws(' ', setrole, setconfig) FROM pg_db_role_setting "
    "WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
OBJECTS = [
    f"SELECT concat_ws(' ', '{name}', {id}, ctid, xmin) FROM {name} WHERE {id} > 16383" for name, id in CATALOGS.items()
]
SCHEMA = (
    f"SELECT md5(string_agg(it, ', ' ORDER BY it)) FROM ({' UNION ALL '.join([*OBJECTS, SETTINGS])}) AS all_of (it)"
)
TABLES = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
NUMBERS = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"

Connection = psycopg.Connection[TupleRow]


class Again:
    """An empty database with Shipclerk's tables, the same one again as long as it can be."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stack = ExitStack()
        self._url = ""
        self._schema = ""
        self._rows: dict[str, list[TupleRow]] = {}

    def take(self) -> str:
        """Its address."""
        if not self._url:
            self._url = self._stack.enter_context(self._server.database(TEMPLATE))
            with psycopg.connect(self._url) as connection:
                self._schema, self._rows = schema_of(connection), rows_of(connection)
        return self._url

    def give_back(self) -> None:
        """Whoever is still in it is thrown out, and what a test wrote is undone, or the database goes."""
        with psycopg.connect(self._url) as connection:
            connection.execute(OTHERS, (connection.info.backend_pid,))
            unchanged = schema_of(connection) == self._schema
            if unchanged:
                _restore(connection, self._rows)
        if not unchanged:
            self.drop()

    def drop(self) -> None:
        """The next one is a new one."""
        self._stack.close()
        self._url = ""


def schema_of(connection: Connection) -> str:
    """Everything in a database that is no row of ours, as a hash of which transactions wrote it."""
    ((found,),) = connection.execute(SCHEMA).fetchall()
    return str(found)


def rows_of(connection: Connection) -> dict[str, list[TupleRow]]:
    """What is in each table."""
    names = [name for (name,) in connection.execute(TABLES)]
    return {name: connection.execute(SQL("SELECT * FROM {}").format(Identifier(name))).fetchall() for name in names}


def _restore(connection: Connection, rows: dict[str, list[TupleRow]]) -> None:
    connection.execute("SET session_replication_role = replica")  # no trigger and no foreign key is in the way
    connection.execute(NUMBERS)
    for name, kept in rows.items():
        connection.execute(SQL("DELETE FROM {}").format(Identifier(name)))
        for row in kept:
            places = SQL(", ").join(Placeholder() * len(row))
            connection.execute(SQL("INSERT INTO {} VALUES ({})").format(Identifier(name), places), row)
