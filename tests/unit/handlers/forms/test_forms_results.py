"""The result file of an import, and the settings form."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from decimal import Decimal

import pytest

from handlers.forms.results import cell, result_csv
from handlers.forms.settings import read_settings
from store.imports import ImportRow
from store.preferences import Preferences

AMBIGUOUS = "Write it like 1234.50: I can't tell whether this is a thousand or a bit more than one."


@dataclass(frozen=True)
class Row:
    """A row as the file needs it."""

    number: int
    state: str
    identifier: str = ""
    order_id: int | None = None
    message: str = ""


def read_back(made: bytes) -> list[list[str]]:
    """The file as a spreadsheet reads it."""
    return list(csv.reader(io.StringIO(made.decode("utf-8-sig"), newline="")))


def test_one_line_for_each_row() -> None:
    """E8: each row of the import is one line of the file, with what came of it in words."""
    rows = [
        Row(2, "done", "SC-1", 1001),
        Row(3, "refused", "SC-2", message="orderIdentifier: exists; “already”"),
        Row(4, "bad", "", message='zip, "missing"'),
        Row(5, "unknown", "SC-4"),
        Row(6, "sending", "SC-5"),
        Row(7, "ready", "SC-6"),
        Row(8, "new word", "SC-7"),
    ]
    made = result_csv(rows)
    assert made.startswith(b"\xef\xbb\xbf")
    assert read_back(made) == [
        ["line", "identifier", "result", "order id", "message"],
        ["2", "SC-1", "created", "1001", ""],
        ["3", "SC-2", "refused", "", "orderIdentifier: exists; “already”"],
        ["4", "", "could not be read", "", 'zip, "missing"'],
        ["5", "SC-4", "not known", "", ""],
        ["6", "SC-5", "on its way", "", ""],
        ["7", "SC-6", "not sent", "", ""],
        ["8", "SC-7", "not known", "", ""],
    ]


def test_the_rows_of_the_store_fit() -> None:
    """The store's own rows can be written as they are."""
    made = result_csv([ImportRow(2, "done", "SC-1", 1001, "", {})])
    assert read_back(made)[1:] == [["2", "SC-1", "created", "1001", ""]]
    assert read_back(result_csv([])) == [["line", "identifier", "result", "order id", "message"]]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1+1",
        " =1+1",
        "\r\n=cmd|' /C calc'!A0",
        "\u200b=1",
        "\ufeff=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠A",
        "'=1",
    ],
)
def test_nothing_from_outside_is_a_formula(text: str) -> None:
    """A text that a spreadsheet would take for a formula begins with an apostrophe, in each column from outside."""
    made = read_back(result_csv([Row(2, "bad", text, None, text)]))[1]
    assert [made[1][0], made[4][0]] == ["'", "'"]
    assert made[1] == cell(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("SC-1", "SC-1"),
        ("a=b", "a=b"),
        ("one\r\ntwo\nthree", "one two three"),
        ("a\x00b\u202ec", "a b c"),
        ("a\ud800b", "a b"),
        ("", ""),
        ("x" * 40_000, "x" * 40_000),
    ],
)
def test_other_text_stays_on_its_line(text: str, shown: str) -> None:
    """Other text is written as it is, on one line, without characters that nobody sees."""
    assert cell(text) == shown
    assert read_back(result_csv([Row(2, "bad", text)]))[1][1] == shown


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ({}, Preferences()),
        ({"approvalAboveValue": "500", "approvalCurrency": "eur"}, Preferences(Decimal(500), None, "EUR")),
        ({"approvalAboveValue": "0", "approvalCurrency": "EUR"}, Preferences(Decimal(0), None, "EUR")),
        ({"approvalAboveCount": "20"}, Preferences(None, 20, None)),
        ({"approvalAboveCount": "0"}, Preferences(None, 0, None)),
        ({"approvalCurrency": "EUR"}, Preferences()),
    ],
)
def test_settings_are_read(typed: dict[str, str], read: Preferences) -> None:
    """What is typed is the setting; what is empty asks for nobody's approval."""
    assert read_settings(typed) == read


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"approvalAboveValue": "500"}, {"approvalCurrency": "Say in which currency the value is."}),
        ({"approvalAboveValue": "-1", "approvalCurrency": "EUR"}, {"approvalAboveValue": "Write 0 or more."}),
        (
            {"approvalAboveValue": "1,000", "approvalCurrency": "EUR"},
            {"approvalAboveValue": AMBIGUOUS},
        ),
        ({"approvalAboveCount": "-1"}, {"approvalAboveCount": "Write a number from 0 to a million."}),
        ({"approvalAboveCount": "1000001"}, {"approvalAboveCount": "Write a number from 0 to a million."}),
        ({"approvalCurrency": "euros"}, {"approvalCurrency": "Write the currency's three letters, e.g. EUR."}),
    ],
)
def test_settings_that_are_refused(typed: dict[str, str], errors: dict[str, str]) -> None:
    """What cannot be a setting is said under its input, and no setting comes of it."""
    assert read_settings(typed) == errors
