"""The form of an import and what is said beside its progress, without Slack or Quivo (E8, D3)."""

from __future__ import annotations

from typing import Any

import pytest
from fakes import ADA, request

from handlers.importing import PRESSES, RUNNERS, check_form
from handlers.render import import_ends as ends
from handlers.render import importing as say
from handlers.render.message import Message
from handlers.request import Kind, Request
from sandbox.slack.blocks import check_message

COUNTS = {"ready": 3, "sending": 1, "done": 4, "refused": 1, "unknown": 2, "bad": 1}
FILE = {"id": "F1", "name": "orders.csv", "size": 1_000_000}


def submitted(files: Any) -> Request:
    view = {"id": "V1", **say.upload_form(card_id="card-1")}
    return request(Kind.SUBMISSION, "order.import", view=view, values={"file": files})


def words(message: Message) -> str:
    return message.text.replace("\u2060", "")


@pytest.mark.parametrize("files", [None, [], [FILE, FILE], "F1", ["F1"], {}])
def test_exactly_one_file(files: Any) -> None:
    """No file, two files or something that is no file are refused under the input, at once."""
    assert check_form(submitted(files)) == {
        "response_action": "errors",
        "errors": {"file": "Choose one CSV file."},
    }


@pytest.mark.parametrize(("size", "answer"), [(1_000_000, "update"), (1_000_001, "errors"), (None, "update")])
def test_a_file_that_says_it_is_too_large(size: int | None, answer: str) -> None:
    """A file that Slack says is above 1 MB is refused before it is asked for; one of 1 MB is read."""
    assert check_form(submitted([{**FILE, "size": size}]))["response_action"] == answer


def test_the_form_stays_while_it_is_read() -> None:
    """While the file is read the form says so and keeps the input, so that the file need not be chosen again."""
    view = check_form(submitted([FILE]))["view"]
    assert [block.get("block_id") for block in view["blocks"] if block["type"] == "input"] == ["file"]
    assert ("Reading your file" in str(view), view["private_metadata"]) == (True, "card-1")


def test_halted_says_a_number_for_each_row() -> None:
    """What stopped by itself says why, what is left, what is not known, and a number for every row (E8)."""
    message = ends.halted(COUNTS, by=ADA, why="Your login was refused.", card_id="import-1")
    text = words(message)
    assert "Import stopped: 4 of 12 rows are left." in text
    assert ("Your login was refused." in text, "Of 2 we do not know it" in text) == (True, True)
    assert "4 created · 1 refused · 1 could not be read · 2 not known · 1 on its way · 3 to go" in text
    button = message.blocks[-1]["elements"][0]
    assert (button["action_id"], button["value"], check_message(list(message.blocks))) == (
        "import.resume",
        "import-1",
        [],
    )


def test_halted_claims_no_doubt_where_there_is_none() -> None:
    """Without unknown rows and without a reason neither is spoken of."""
    text = words(ends.halted({"ready": 1, "done": 1}, by=ADA, why="", card_id="import-1"))
    assert ("do not know" in text, "1 of 2 rows are left" in text) == (False, True)


def test_waiting_keeps_the_progress_and_its_button() -> None:
    """The reason for a pause stands above the button, and in the text that a screen reader reads."""
    shown = say.progress(COUNTS, by=ADA, card_id="import-1")
    message = ends.waiting(shown, "Quivo does not answer.")
    assert [block["type"] for block in message.blocks[-2:]] == ["context", "actions"]
    assert (message.blocks[-1], "⏸ Quivo does not answer. I go on by myself." in words(message)) == (
        shown.blocks[-1],
        True,
    )
    assert check_message(list(message.blocks)) == []


def test_the_record_has_no_buttons() -> None:
    """What stands beside the result file says the same and has nothing to press."""
    shown = ends.halted(COUNTS, by=ADA, why="", card_id="import-1")
    record = ends.record(shown)
    assert ([b for b in record.blocks if b["type"] == "actions"], record.text) == ([], shown.text)


def test_nothing_of_the_orders_is_in_them() -> None:
    """What goes to a channel carries numbers and ids; its buttons carry the opaque id alone (D3)."""
    shown = [say.progress(COUNTS, by=ADA, card_id="import-1"), ends.halted(COUNTS, by=ADA, why="", card_id="import-1")]
    values = {
        element["value"] for message in shown for block in message.blocks for element in block["elements"]
        if block["type"] == "actions"
    }  # fmt: skip
    assert values == {"import-1"}


def test_what_is_checked_anew() -> None:
    """What starts, stops or goes on with an import asks Slack who it is that presses, now (B3)."""
    assert {press.name: press.changes for press in PRESSES} == {
        "order.import": False,
        "import.start": True,
        "import.drop": False,
        "import.stop": True,
        "import.resume": True,
    }
    assert set(RUNNERS) == {"import.run"}
