"""What admins settle is kept exactly, with its audit line, or not at all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from store_kit import AUDIT_BROKEN, elsewhere, house, line

from store.audit import SqliteAudit
from store.errors import StoreError
from store.preferences import Preferences

FULL = Preferences(Decimal("0.10"), 5, "EUR")


async def test_nothing_is_settled_at_first(tmp_path: Path) -> None:
    """A team that settled nothing needs no approvals."""
    async with house(tmp_path) as home:
        assert home.preferences.get("T1") == Preferences(None, None, None)


@pytest.mark.parametrize(
    "preferences",
    [
        FULL,
        Preferences(),
        Preferences(Decimal("123456789012345678901234.5678901"), None, "JPY"),
        Preferences(Decimal(0), 0, None),
    ],
)
async def test_preferences_come_back_whole(tmp_path: Path, preferences: Preferences) -> None:
    """Each value comes back digit by digit, 0 is not nothing, and another team's are untouched."""
    async with house(tmp_path) as home:
        await home.preferences.set("T2", "U2", FULL, line(1, "T2"))
        await home.preferences.set("T1", "U1", preferences, line(2))
        found = home.preferences.get("T1")
        assert (found, str(found.approval_above_value)) == (preferences, str(preferences.approval_above_value))
        assert home.preferences.get("T2") == FULL
        assert SqliteAudit(home.database).lines("T1", 9) == [line(2)]


async def test_the_last_one_stands(tmp_path: Path) -> None:
    """A second set replaces all of the first, nothing is mixed, and both are in the audit with who changed last."""
    async with house(tmp_path) as home:
        await home.preferences.set("T1", "U1", FULL, line(1))
        await home.preferences.set("T1", "U2", replace(Preferences(), approval_above_count=2), line(2))
        assert home.preferences.get("T1") == Preferences(None, 2, None)
        assert SqliteAudit(home.database).lines("T1", 9) == [line(2), line(1)]
        assert elsewhere(home.database.path, "SELECT team, changed_by FROM preferences") == [("T1", "U2")]


@pytest.mark.parametrize("breakage", AUDIT_BROKEN)
async def test_without_an_audit_nothing_is_settled(tmp_path: Path, breakage: str) -> None:
    """G7: if the audit line cannot be written, what was settled before stands."""
    async with house(tmp_path) as home:
        await home.preferences.set("T1", "U1", FULL, line(1))
        elsewhere(home.database.path, breakage)
        with pytest.raises(StoreError):
            await home.preferences.set("T1", "U1", Preferences(), line(2))
        assert home.preferences.get("T1") == FULL
        assert SqliteAudit(home.database).lines("T1", 9) == [line(1)]
