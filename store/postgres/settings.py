"""How every connection to the server is opened and what it must answer; there is no other way to open one (G1)."""

from __future__ import annotations

from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from store.errors import StoreError

READ_SECONDS = 2
CONNECT: dict[str, Any] = {
    "application_name": "shipclerk",
    "connect_timeout": 2,
    "client_encoding": "utf8",
    "keepalives_idle": 30,
    "tcp_user_timeout": 5000,
    "prepare_threshold": 0,  # the same few statements for ever: each is planned once for a connection
}
WRITING = {
    "synchronous_commit": "on",
    "default_transaction_isolation": "read committed",
    "statement_timeout": "10s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
}
HOLDING = {
    "lock_timeout": "40s",  # longer than a renewal at a back end may take
    "statement_timeout": "45s",
    "idle_in_transaction_session_timeout": "90s",
}
READING = {
    "default_transaction_read_only": "on",
    "default_transaction_isolation": "read committed",
    "statement_timeout": f"{READ_SECONDS}s",
    "lock_timeout": "1s",
    "idle_in_transaction_session_timeout": "1min",
}
_BAD_ADDRESS = "The database's address cannot be read. It should be like postgresql://name@host/database."


def parameters(url: str) -> dict[str, Any]:
    """What psycopg connects with; StoreError, which quotes nothing, for an address that cannot be read."""
    try:
        return {**CONNECT, **conninfo_to_dict(url)}
    except ProgrammingError:
        raise StoreError(_BAD_ADDRESS) from None  # libpq's own words may quote pieces of a password


def demand(settings: dict[str, str]) -> str:
    """A SELECT that sets each for the session and answers what is in force now."""
    return "SELECT " + ", ".join(f"set_config('{name}', '{value}', false)" for name, value in settings.items())


def hold_to(settings: dict[str, str], answer: tuple[Any, ...] | None) -> None:
    """StoreError if the server did not take a setting."""
    if answer != tuple(settings.values()):
        raise StoreError("The database server refused a setting that Shipclerk needs.")
