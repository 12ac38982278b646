"""The ports that changes of orders are made through, chosen once by ``bootstrap()``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from operations.accounts import Accounts
from operations.linking import QPILOT, QUIVO, VENDO, Link
from operations.qpilot_accounts import QpilotAccounts
from operations.vendo_accounts import VendoAccounts
from store.carts import Carts
from store.digests import Digests
from store.imports import Imports
from store.ledger import Ledger
from store.occurrences import Occurrences
from store.preferences import PreferencesStore
from store.watches import Watches


@dataclass(frozen=True)
class Ports:
    """Whose accounts, what was asked, what is due, who follows what, what a workspace wants, and the time in UTC."""

    accounts: Accounts
    vendo: VendoAccounts
    qpilot: QpilotAccounts
    ledger: Ledger
    occurrences: Occurrences
    watches: Watches
    preferences: PreferencesStore
    imports: Imports
    carts: Carts
    digests: Digests
    now: Callable[[], datetime]

    def links(self) -> dict[str, Link[Any]]:
        """People's accounts, by back end."""
        return {QUIVO: self.accounts, VENDO: self.vendo, QPILOT: self.qpilot}
