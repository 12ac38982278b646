"""A modal that is being filled in, and what is said when something did not work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from render_kit import (
    CONNECTION,
    NOW,
    NOW_SHOWN,
    flaws,
    line,
    listing,
    mk,
    para,
    press,
    pt,
    reading,
    rich,
    row,
    small,
    t,
)

from handlers.render.build import button
from handlers.render.connections import connect_form
from handlers.render.failures import did_you_mean, expired_card, failure, not_allowed
from handlers.render.forms import busy, clear_errors, loading, notice, with_errors
from handlers.render.help import HelpEntry, help_message
from handlers.render.message import Message, View
from handlers.render.status import BackEndStatus, status_message

FORM = connect_form(card_id="card-1")


def inputs(view: View) -> list[dict[str, Any]]:
    """The blocks that Slack keeps typed values for."""
    return [block for block in view["blocks"] if block["type"] == "input"]


def test_errors_stand_under_their_inputs() -> None:
    """Each error is the next block after its input, the banner is on top, and all else is as it was."""
    made = with_errors(FORM, {"apiKey": "That key is refused.", "password": "Too short."}, banner="Not connected.")
    intro, key, user, password, keep, small_print = FORM["blocks"]
    assert made == {
        **FORM,
        "blocks": [
            para("⚠️ Not connected.", block_id="note.banner"),
            intro,
            key,
            para("⚠️ That key is refused.", block_id="note.apiKey"),
            user,
            password,
            para("⚠️ Too short.", block_id="note.password"),
            keep,
            small_print,
        ],
    }
    assert flaws(made) == []


def test_no_error_is_lost() -> None:
    """An error for a field that the form does not have is said on top, with its field."""
    made = with_errors(FORM, {"positions[0].sku": "unknown"}, banner="Refused.")
    assert made["blocks"][0] == para("⚠️ Refused. positions[0].sku: unknown", block_id="note.banner")
    alone = with_errors(FORM, {"zip": "must not be null"})
    assert alone["blocks"] == [para("⚠️ zip: must not be null", block_id="note.banner"), *FORM["blocks"]]
    assert with_errors(FORM, {}) == FORM


def test_inputs_keep_their_names_through_it_all() -> None:
    """Busy, errors, busy again and clear: the inputs are the same blocks each time, so what was typed stays."""
    waiting = busy(FORM, "Checking with Quivo…")
    refused = with_errors(waiting, {"apiKey": "no"}, banner="Refused.")
    again = busy(refused, "Checking once more…")
    assert [inputs(view) for view in (waiting, refused, again)] == [inputs(FORM)] * 3
    assert again["blocks"] == [para("⏳ Checking once more…", block_id="note.busy"), *FORM["blocks"]]
    assert clear_errors(again) == FORM
    assert [flaws(view) for view in (waiting, refused, again)] == [[], [], []]


def test_a_view_from_slack_can_be_sent_back() -> None:
    """A view as Slack sent it loses what only Slack may set, and keeps all that is ours."""
    theirs = {
        **FORM,
        "id": "V1",
        "team_id": "T1",
        "hash": "1.2",
        "state": {"values": {"password": {"value": {"value": "secret"}}}},
        "root_view_id": "V1",
        "bot_id": "B1",
        "external_id": "",
        "clear_on_close": False,
    }
    assert with_errors(theirs, {}) == {**FORM, "clear_on_close": False}
    assert "secret" not in str(busy(theirs, "Checking…"))


def test_the_view_given_is_not_changed() -> None:
    """These functions give new views and leave the one they got alone."""
    before = connect_form(card_id="card-1")
    with_errors(before, {"apiKey": "x"}, banner="y")
    busy(before, "z")
    assert before == FORM


def test_loading_and_notice() -> None:
    """Two small modals, whole: one to open at once, one that only says something."""
    assert loading("Order") == {
        "type": "modal",
        "callback_id": "shipclerk.loading",
        "title": pt("Order"),
        "close": pt("Close"),
        "private_metadata": "",
        "blocks": [para("⏳ One moment…")],
    }
    assert notice("Order", "Quivo did not answer.", reference="7f3k") == {
        "type": "modal",
        "callback_id": "shipclerk.notice",
        "title": pt("Order"),
        "close": pt("Close"),
        "private_metadata": "",
        "blocks": [para("Quivo did not answer."), small(pt("Reference 7f3k"))],
    }
    assert notice("Order", "Quivo did not answer.")["blocks"] == [para("Quivo did not answer.")]


def test_a_failure_is_text_hint_buttons_and_reference() -> None:
    """D5: a failure shows its declared text, a hint, its buttons and its reference, in this order."""
    again = button("Try again", "order.refresh", "card-1")
    assert failure("Quivo is busy.", "7f3k", hint="Try `/order 1001` later.", actions=[again]) == Message(
        text="⚠️ Quivo is busy.\nTry /order 1001 later.\nReference 7f3k",
        blocks=(
            para("⚠️ Quivo is busy."),
            rich(t("Try "), t("/order 1001", code=True), t(" later.")),
            row(press("Try again", "order.refresh", "card-1")),
            small(pt("Reference 7f3k")),
        ),
    )
    assert failure("No.", "7f3k").blocks == (para("⚠️ No."), small(pt("Reference 7f3k")))


def test_a_failure_keeps_its_reference_whatever_the_text() -> None:
    """D5: the reference stays whole and last, however long the text before it is."""
    made = failure("x" * 20_000, "7f3k", hint="y " * 9000)
    assert made.blocks[-1] == small(pt("Reference 7f3k"))
    assert made.text.endswith("\nReference 7f3k")
    assert flaws(made) == []


def test_near_misses() -> None:
    """An unknown command is repeated as typed, with the near miss if there is one, and a way to learn more."""
    assert did_you_mean("/order fnd", "/order find").blocks == (
        rich(
            t("I don't know "),
            t("/order fnd", code=True),
            t("."),
            t(" Did you mean "),
            t("/order find", code=True),
            t("?"),
            t("\n"),
            t("You can type "),
            t("/shipclerk help", code=True),
            t("."),
        ),
    )
    assert did_you_mean("/order xyz", None, usage="/order find").text == (
        "I don't know /order xyz.\nYou can type /order find."
    )


def test_an_expired_card() -> None:
    """A10: the button of a card that is gone is answered in one line that says what to do."""
    said = "⌛ This card has expired, so its buttons do nothing now. Please ask again."
    assert expired_card() == Message(said, (para(said),))


def test_a_refusal_has_a_reference() -> None:
    """D5: somebody who may not do this is told why, with a reference."""
    assert not_allowed("Guests can't use Shipclerk.", "7f3k") == Message(
        text="⛔ Guests can't use Shipclerk.\nReference 7f3k",
        blocks=(para("⛔ Guests can't use Shipclerk."), small(pt("Reference 7f3k"))),
    )


def test_help_is_grouped_by_command() -> None:
    """Help shows each slash command once, in the order given, with all that follows it under it."""
    entries = [
        HelpEntry("/order", "<id or reference>", "Show where an order is"),
        HelpEntry("/connect", "", "Show my connections"),
        HelpEntry("/order find", "<words>", "Find orders"),
    ]
    assert help_message(entries) == Message(
        text="/order\n• /order &lt;id or reference\u2060&gt; Show where an order is\n"
        "• /order find &lt;words\u2060&gt; Find orders\n/connect\n• /connect Show my connections",
        blocks=(
            listing(
                "/order",
                line(t("/order <id or reference>", code=True), t(" Show where an order is")),
                line(t("/order find <words>", code=True), t(" Find orders")),
            ),
            listing("/connect", line(t("/connect", code=True), t(" Show my connections"))),
        ),
    )


def test_help_for_somebody_without_rights() -> None:
    """B5: who may run nothing is told so, and sees no command."""
    said = "There is nothing that you may run here."
    assert help_message([]) == Message(said, (para(said),))


@pytest.mark.parametrize("count", [1, 60, 500])
def test_help_stays_within_limits(count: int) -> None:
    """A9: help for any number of commands is valid, and says if some are missing."""
    made = help_message([HelpEntry(f"/c{number} do", "<it>", "Does it. " * 10) for number in range(count)])
    assert flaws(made) == []
    assert (" more" in reading(made.blocks)) is (count > 50)


def test_status() -> None:
    """Status says version, uptime, each back end as it answered or that we do not know, and what is connected."""
    made = status_message(
        version="0.1.0",
        uptime=timedelta(hours=2, minutes=5),
        back_ends=[BackEndStatus("quivo", True), BackEndStatus("vendo", False), BackEndStatus("qpilot", None)],
        connections=[CONNECTION],
        now=NOW,
    )
    assert made.blocks == (
        rich(t("Shipclerk 0.1.0", bold=True), t(" is up for 2 h 5 min.")),
        listing(
            "Back ends",
            line(t("✅ Quivo answers; you are connected.")),
            line(t("⚠️ Vendo does not answer; you are not connected.")),
            line(t("❔ QPilot: we do not know whether it answers; you are not connected.")),
        ),
        small(mk(f"As of {NOW_SHOWN}")),
    )
    bare = status_message(version="0.1.0", uptime=timedelta(), back_ends=[], connections=[], now=NOW)
    assert bare.text == f"Shipclerk 0.\u20601.\u20600 is up for less than a minute.\nAs of {NOW_SHOWN}"
