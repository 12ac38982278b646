"""What admins settle is kept exactly, with its audit line, or not at all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from store_world import AUDIT_BROKEN, elsewhere, house, line, shut

from store.errors import StoreError
from store.preferences import Preferences

FULL = Preferences(Decimal("0.10"), 5, "EUR")


async def test_nothing_is_settled_at_first(place: str) -> None:
    """A team that settled nothing needs no approvals."""
    async with house(place) as home:
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
async def test_preferences_come_back_whole(place: str, preferences: Preferences) -> None:
    """Each value comes back digit by digit, 0 is not nothing, and another team's are untouched."""
    async with house(place) as home:
        await home.preferences.set("T2", "U2", FULL, line(1, "T2"))
        await home.preferences.set("T1", "U1", preferences, line(2))
        found = home.preferences.get("T1")
        assert (found, str(found.approval_above_value)) == (preferences, str(preferences.approval_above_value))
        assert home.preferences.get("T2") == FULL
        assert home.audit.lines("T1", 9) == [line(2)]


async def test_the_last_one_stands(place: str) -> None:
    """A second set replaces all of the first, nothing is mixed, and both are in the audit with who changed last."""
    async with house(place) as home:
        await home.preferences.set("T1", "U1", FULL, line(1))
        await home.preferences.set("T1", "U2", replace(Preferences(), approval_above_count=2), line(2))
        assert home.preferences.get("T1") == Preferences(None, 2, None)
        assert home.audit.lines("T1", 9) == [line(2), line(1)]
        assert elsewhere(place, "SELECT team, changed_by FROM preferences") == [("T1", "U2")]


@pytest.mark.parametrize(("what", "table"), AUDIT_BROKEN)
async def test_without_an_audit_nothing_is_settled(place: str, what: str, table: str) -> None:
    """G7: if the audit line cannot be written, what was settled before stands."""
    async with house(place) as home:
        await home.preferences.set("T1", "U1", FULL, line(1))
        shut(place, what, table)
        with pytest.raises(StoreError):
            await home.preferences.set("T1", "U1", Preferences(), line(2))
        assert home.preferences.get("T1") == FULL
        assert home.audit.lines("T1", 9) == [line(1)]
