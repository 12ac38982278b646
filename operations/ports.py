"""The ports that changes of orders are made through, chosen once by ``bootstrap()``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from operations.accounts import Accounts
from store.imports import Imports
from store.ledger import Ledger
from store.occurrences import Occurrences
from store.preferences import PreferencesStore
from store.watches import Watches


@dataclass(frozen=True)
class Ports:
    """Whose accounts, what was asked, what is due, who follows what, what a workspace wants, and the time in UTC."""

    accounts: Accounts
    ledger: Ledger
    occurrences: Occurrences
    watches: Watches
    preferences: PreferencesStore
    imports: Imports
    now: Callable[[], datetime]
