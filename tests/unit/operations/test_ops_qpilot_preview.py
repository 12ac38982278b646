"""What a change will make different, and what speaks against it, told before anything is sent (apis/qpilot.md §7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from ops_fakes import NOON
from qpilot_fakes import NEW_YORK, ORDER

from backends.qpilot.new import NewItem
from backends.qpilot.order import Item
from operations.steer_changes import AnyChange, Line, mark
from operations.steering import (
    SAID,
    AddItems,
    Cancel,
    Caution,
    Difference,
    Frequency,
    Pause,
    Payment,
    Quantity,
    RemoveItem,
    Reschedule,
    Restore,
    Resume,
    Retry,
    Skip,
    preview,
)

NEXT = ORDER.next_occurrence
LATER = datetime(2026, 12, 20, 8, 0, tzinfo=UTC)
DUE = NOON - timedelta(hours=1)
LINE = Line(551, "100982", 4)


@pytest.mark.parametrize(
    ("change", "given", "differences"),
    [
        (Pause(), {}, [("status", "Active", "Paused")]),
        (Cancel(), {}, [("status", "Active", "Deleted")]),
        (Resume(), {"status": "Paused"}, [("status", "Paused", "Active")]),
        (Restore(), {"status": "Deleted"}, [("status", "Deleted", "Active")]),
        (Retry(), {"status": "Failed"}, [("status", "Failed", "Queued")]),
        (Payment(7), {}, [("payment_method_id", 10933, 7)]),
        (Payment(10933), {}, []),
        (
            Reschedule(LATER),
            {},
            [
                ("next_occurrence", NEXT, LATER),
                ("following", datetime(2027, 1, 5, 8, tzinfo=UTC), datetime(2027, 1, 19, 8, tzinfo=UTC)),
            ],
        ),
        (Skip(LATER), {"frequency_type": None}, [("next_occurrence", NEXT, LATER)]),
        (Reschedule(LATER), {"next_occurrence": None}, [("next_occurrence", None, LATER)]),
        (
            Frequency("DayOfTheMonth", 15),
            {},
            [
                ("frequency", "every 30 days", "on the 15th of every month"),
                ("following", datetime(2027, 1, 5, 8, tzinfo=UTC), datetime(2026, 12, 15, 8, tzinfo=UTC)),
            ],
        ),
        (
            Quantity(551, 5),
            {},
            [
                ("items", (LINE,), (replace(LINE, quantity=5),)),
                ("subtotal", Decimal("24.00"), Decimal("30.00")),
                ("total", Decimal("24.00"), Decimal("30.00")),
            ],
        ),
        (
            Quantity(551, 5),
            {"total": Decimal("29.00"), "shipping_total": Decimal(5)},
            [
                ("items", (LINE,), (replace(LINE, quantity=5),)),
                ("subtotal", Decimal("24.00"), Decimal("30.00")),
            ],
        ),
        (
            Quantity(551, 5),
            {"subtotal": Decimal("20.00")},
            [("items", (LINE,), (replace(LINE, quantity=5),))],
        ),
        (
            RemoveItem(551),
            {},
            [
                ("items", (LINE,), ()),
                ("subtotal", Decimal("24.00"), Decimal(0)),
                ("total", Decimal("24.00"), Decimal(0)),
            ],
        ),
        (
            AddItems((NewItem("200", 2, Decimal("1.50")),)),
            {},
            [
                ("items", (LINE,), (LINE, Line(0, "200", 2))),
                ("subtotal", Decimal("24.00"), Decimal("27.00")),
                ("total", Decimal("24.00"), Decimal("27.00")),
            ],
        ),
        (AddItems((NewItem("200", 2),)), {}, [("items", (LINE,), (LINE, Line(0, "200", 2)))]),
    ],
)
def test_differences(change: AnyChange, given: dict[str, Any], differences: list[tuple[str, Any, Any]]) -> None:
    """Before and after of exactly what will be different; an amount only where it can be reckoned to the cent."""
    seen = preview(replace(ORDER, **given), change, NEW_YORK, NOON)
    assert seen.differences == tuple(Difference(*one) for one in differences)
    assert (seen.refusal, seen.fields, seen.change) == (None, (), change)


C = Caution


@pytest.mark.parametrize(
    ("change", "given", "site", "cautions"),
    [
        (Pause(), {}, {}, []),
        (Resume(), {"status": "Paused"}, {}, []),
        (Resume(), {"status": "Paused", "next_occurrence": DUE}, {}, [C.CHARGES_NOW]),
        (Resume(), {"status": "Paused", "next_occurrence": NOON - timedelta(days=400)}, {}, [C.CHARGES_NOW]),
        # later today by the site's calendar: QPilot takes up what is due today (§7)
        (Resume(), {"status": "Paused", "next_occurrence": NOON + timedelta(hours=10)}, {}, [C.CHARGES_NOW]),
        (Resume(), {"status": "Paused", "next_occurrence": NOON + timedelta(hours=18)}, {}, []),
        (Resume(), {"status": "Paused", "next_occurrence": None}, {}, []),
        (
            Resume(),
            {"status": "Paused", "next_occurrence": DUE},
            {"processing_paused": True},
            [C.CHARGES_NOW, C.PAUSED_SITE],
        ),
        (Resume(), {"status": "Paused", "next_occurrence": DUE}, {"lock_days": 2}, [C.DATE_MOVES]),
        (
            Resume(),
            {"status": "Paused", "next_occurrence": NOON + timedelta(days=2)},
            {"processing_offset_days": 3},
            [C.DATE_MOVES],
        ),
        (
            Resume(),
            {"status": "Paused", "next_occurrence": NOON + timedelta(days=2), "next_occurrence_offset": 0},
            {"processing_offset_days": 3},
            [],
        ),
        (Restore(), {"status": "Deleted", "next_occurrence": DUE}, {}, [C.CHARGES_NOW]),
        (Retry(), {"status": "Failed", "error_code": 2000}, {}, [C.MAY_CHARGE]),
        (Retry(), {"status": "Failed", "error_code": 2001}, {}, [C.MAY_CHARGE, C.MAY_BE_CHARGED]),
        (Retry(), {"status": "Failed", "error_code": 3001}, {}, [C.MAY_CHARGE, C.MAY_BE_CHARGED]),
        (Retry(), {"status": "Failed", "in_dunning": True}, {}, [C.MAY_CHARGE, C.IN_DUNNING]),
        (
            Resume(),
            {"status": "Failed", "error_code": 2001, "next_occurrence": DUE, "in_dunning": True},
            {},
            [C.CHARGES_NOW, C.MAY_BE_CHARGED, C.IN_DUNNING],
        ),
        (Skip(LATER), {"locked": True}, {}, [C.LOCKED]),
        (Cancel(), {"locked": True}, {}, [C.LOCKED, C.RESTORABLE]),
        (Payment(1), {"locked": True}, {}, []),
        (Cancel(), {}, {}, [C.RESTORABLE]),
        (RemoveItem(551), {}, {}, [C.EMPTY, C.TOTAL_LATER]),
        (RemoveItem(551), {"items": (*ORDER.items, Item(552, "1", 1))}, {}, [C.TOTAL_LATER]),
        (Quantity(551, 2), {}, {}, [C.TOTAL_LATER]),
        (AddItems((NewItem("1", 1),)), {}, {}, [C.TOTAL_LATER]),
    ],
)
def test_cautions(change: AnyChange, given: dict[str, Any], site: dict[str, Any], cautions: list[Caution]) -> None:
    """Whatever may charge, may have charged, or may be refused is said before a person says yes."""
    seen = preview(replace(ORDER, **given), change, replace(NEW_YORK, **site), NOON)
    assert seen.cautions == tuple(cautions)


def test_a_date_that_moves_behind_the_lock_is_shown() -> None:
    """Where the site locks, activating a due order moves it to now, the lock and the offset later (§7)."""
    site = replace(NEW_YORK, lock_days=2, processing_offset_days=1)
    seen = preview(replace(ORDER, status="Paused", next_occurrence=DUE), Resume(), site, NOON)
    assert seen.differences[1:] == (Difference("next_occurrence", DUE, NOON + timedelta(days=3)),)


def test_each_caution_has_a_sentence() -> None:
    """No caution without words, and each is a sentence."""
    assert set(SAID) == set(Caution)
    assert all(text.endswith(".") for text in SAID.values())


def test_a_preview_says_why_not() -> None:
    """A refusal and wrong inputs are in the preview, which is bound to what it was made from."""
    refused = preview(replace(ORDER, status="Processing"), Pause(), NEW_YORK, NOON)
    assert refused.refusal is not None
    assert "processing" in refused.refusal
    wrong = preview(ORDER, Reschedule(DUE), NEW_YORK, NOON)
    assert [one.field for one in wrong.fields] == ["nextOccurrenceUtc"]
    assert wrong.seen == mark(ORDER)
