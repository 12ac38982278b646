"""The event loop's own connection: reads are made at once, on the loop, as on SQLite (docs/storage.md says why)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.rows import TupleRow

from store.errors import Closed, Missing, StoreError
from store.postgres.errors import lost, told
from store.postgres.settings import READ_SECONDS, READING, demand, hold_to

REST_SECONDS = 1.0


class _Bounded(psycopg.Connection[TupleRow]):
    """Waits for no answer longer than READ_SECONDS, for a server that is frozen keeps no timeout of its own."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        return super().wait(gen, interval, READ_SECONDS if timeout is None else timeout)


class Reader:
    """One connection, for reading only, from one thread; it is opened anew when the server has dropped it.

    A server that does not let us in is not asked again for a second: meanwhile each read fails at once (Missing).
    """

    def __init__(self, parameters: dict[str, Any]) -> None:
        self._parameters = parameters
        self._connection: _Bounded | None = None
        self._closed = False
        self._rest_until = 0.0
        self._within = False

    def all(self, sql: str, parameters: Sequence[object] = ()) -> list[TupleRow]:
        """All rows of a SELECT; StoreError."""
        if any(isinstance(value, str) and "\0" in value for value in parameters):
            return []  # PostgreSQL's text never holds it, so no row is meant
        try:
            return self._asked(sql, parameters)
        except psycopg.Error as error:
            if not lost(error) or self._within:
                raise told(error) from error
        try:
            return self._asked(sql, parameters)  # once more: reading twice does no harm, and the server may be back
        except psycopg.Error as error:
            raise told(error) from error

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Reads inside see one state of the database; do not await in there."""
        self.all("BEGIN ISOLATION LEVEL REPEATABLE READ")
        self._within = True
        try:
            yield
        finally:
            self._within = False
            with suppress(StoreError):
                self.all("ROLLBACK")

    def close(self) -> None:
        """Closes it for good."""
        self._closed = True
        self._drop()

    def _asked(self, sql: str, parameters: Sequence[object]) -> list[TupleRow]:
        connection = self._opened()
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, parameters or None)
                return cursor.fetchall() if cursor.description else []
        except psycopg.OperationalError:
            if connection.info.transaction_status is psycopg.pq.TransactionStatus.ACTIVE:
                self._drop()  # it still waits for an answer that nobody wants any more
            raise

    def _opened(self) -> _Bounded:
        if self._closed:
            raise Closed()
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> _Bounded:
        if time.monotonic() < self._rest_until:
            raise Missing("Shipclerk's database server cannot be reached. Please try again in a moment.")
        try:
            connection = _Bounded.connect(**self._parameters, autocommit=True)
        except psycopg.Error:
            self._rest_until = time.monotonic() + REST_SECONDS
            raise
        try:
            hold_to(READING, connection.execute(demand(READING)).fetchone())
        except BaseException:
            connection.close()
            raise
        return connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
