"""What admins settle is kept exactly, with its audit line, or not at all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from store_world import AUDIT_BROKEN, elsewhere, house, line, shut, unshut

from store.errors import StoreError
from store.preferences import Preferences

FULL = Preferences(Decimal("0.10"), 5, "EUR")


async def test_nothing_is_settled_at_first(place: str) -> None:
    """A team that settled nothing needs no approvals."""
    async with house(place) as home:
        assert home.preferences.get("T1") == Preferences(None, None, None)


async def test_preferences_come_back_whole(place: str) -> None:
    """Each value comes back digit by digit, 0 is not nothing, and another team's are untouched."""
    exact = Preferences(Decimal("123456789012345678901234.5678901"), None, "JPY")
    async with house(place) as home:
        await home.preferences.set("T9", "U2", FULL, line(1, "T9"))
        for number, preferences in enumerate((FULL, Preferences(), exact, Preferences(Decimal(0), 0, None))):
            await home.preferences.set(team := f"T{number}", "U1", preferences, line(2, team))
            found = home.preferences.get(team)
            assert (found, str(found.approval_above_value)) == (preferences, str(preferences.approval_above_value))
            assert home.preferences.get("T9") == FULL
            assert home.audit.lines(team, 9) == [line(2, team)]


async def test_the_last_one_stands(place: str) -> None:
    """A second set replaces all of the first, nothing is mixed, and both are in the audit with who changed last."""
    async with house(place) as home:
        await home.preferences.set("T1", "U1", FULL, line(1))
        await home.preferences.set("T1", "U2", replace(Preferences(), approval_above_count=2), line(2))
        assert home.preferences.get("T1") == Preferences(None, 2, None)
        assert home.audit.lines("T1", 9) == [line(2), line(1)]
        assert elsewhere(place, "SELECT team, changed_by FROM preferences") == [("T1", "U2")]


async def test_without_an_audit_nothing_is_settled(place: str) -> None:
    """G7: if the audit line cannot be written, what was settled before stands."""
    async with house(place) as home:
        await home.preferences.set("T1", "U1", FULL, line(1))
        for what, table in AUDIT_BROKEN:
            shut(place, what, table)
            with pytest.raises(StoreError):
                await home.preferences.set("T1", "U1", Preferences(), line(2))
            assert home.preferences.get("T1") == FULL
            assert home.audit.lines("T1", 9) == [line(1)]
            unshut(place, table)
