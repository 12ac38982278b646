"""What goes wrong with PostgreSQL, in the classes of ``store.errors``; the texts speak of a server, not of a file."""

from __future__ import annotations

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from store.errors import Busy, Closed, Corrupt, DiskFault, Full, Missing, ReadOnly, StoreError

_AWAY = "Shipclerk's database server cannot be reached. Please try again in a moment."
_BUSY = "Shipclerk's database is busy. Nothing was changed; please try again."
_FULL = "The disk of Shipclerk's database server is full. Nothing was changed."
_REFUSED = "Shipclerk's database server does not let Shipclerk write. Nothing was changed."
_DAMAGED = "Shipclerk's database is damaged. Nothing was changed; restore it from a backup."
_DISK = "The disk of Shipclerk's database server reported an error. Nothing was changed."
UNSURE = "The database server went away while it was being written. Please look before you try again."

_GOING = ("57P01", "57P02", "57P03")  # it is stopping, has crashed, or is starting

# By SQLSTATE, whole or its class of two letters (PostgreSQL's manual, appendix A).
_BY_STATE: dict[str, tuple[type[StoreError], str]] = {
    "53100": (Full, _FULL),
    "53": (Busy, _BUSY),  # too many connections, no memory
    "55P03": (Busy, _BUSY),  # lock_timeout
    "40": (Busy, _BUSY),  # deadlock, serialization
    "25006": (ReadOnly, _REFUSED),
    "42501": (ReadOnly, _REFUSED),
    "58": (DiskFault, _DISK),
    "XX001": (Corrupt, _DAMAGED),
    "XX002": (Corrupt, _DAMAGED),
    "57014": (Busy, _BUSY),  # statement_timeout
    **dict.fromkeys(_GOING, (Missing, _AWAY)),
    "08": (Missing, _AWAY),
    "28": (Missing, "Shipclerk's database server does not let Shipclerk in."),
    "3D": (Missing, "There is no database of that name on the server."),
}


def told(error: BaseException) -> BaseException:
    """The same trouble in our own words: a StoreError for anything from psycopg, everything else as it is."""
    if not isinstance(error, psycopg.Error):
        return error
    ours = _ours(error)
    ours.__cause__ = error
    return ours


def lost(error: BaseException) -> bool:
    """Whether the connection itself failed, so that another one may do."""
    state = getattr(error, "sqlstate", None) or "08"
    return isinstance(error, psycopg.OperationalError) and (state in _GOING or state.startswith("08"))


def _ours(error: psycopg.Error) -> StoreError:
    if isinstance(error, PoolClosed):
        return Closed()
    if isinstance(error, PoolTimeout | TooManyRequests):
        return Busy(_AWAY)
    state = error.sqlstate or ""
    found = _BY_STATE.get(state) or _BY_STATE.get(state[:2])
    if found:
        return found[0](found[1])
    return Missing(_AWAY) if isinstance(error, psycopg.OperationalError) else StoreError()
