"""Watches, imports, look-ups, new orders and settings: what people read about each."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from render_changes import ADA, BEN, COUNTS, WATCHED
from render_kit import NOW, NOW_SHOWN, ORDER, flaws, line, listing, mk, para, press, pt, reading, rich, row, small, t

from backends.quivo.order import Order
from handlers.render import creating, found, importing, settings, watching
from handlers.render.importing import BadRow
from handlers.render.money import money
from handlers.render.naming import Named, is_user, mention
from handlers.render.profile import Profile
from handlers.render.watching import Watched
from store.preferences import Preferences

NAME = t("Order 1001 (#DE38678)", bold=True)


@pytest.mark.parametrize(
    ("before", "order", "said"),
    [
        ("PENDING", Order(1, "PROCESSING"), "⏳ → 📦 Order 1 is in the warehouse."),
        ("PROCESSING", Order(1, "COMPLETED"), "📦 → 🚚 Order 1 is shipped."),
        ("PROCESSING", Order(1, "ON_HOLD"), "📦 → ❔ Order 1 has the status ON\u2060_\u2060HOLD."),
        (
            "PROCESSING",
            Order(1, "PROCESSING", cancel_requested=NOW),
            "📦 → 📦 Order 1 is in the warehouse. ✋ Cancel requested, not cancelled yet.",
        ),
    ],
)
def test_a_change_is_one_line(before: str, order: Order, said: str) -> None:
    """Each change of status is one line: from which to which, and the same words as on the card."""
    made = watching.change_line(order, before=before, profile=Profile.PUBLIC)
    assert made.text == said
    assert len(made.blocks) == 1


@pytest.mark.parametrize("profile", Profile)
def test_a_change_shows_no_personal_data(profile: Profile) -> None:
    """D3: the line of a change names the order and its status, whoever reads along."""
    made = watching.change_line(ORDER, before="PENDING", profile=profile)
    assert made.text == "⏳ → 📦 Order 1001 (#\u2060DE38678) is in the warehouse."


def test_a_watch_begins_and_ends() -> None:
    """A watch says where the order is now, whether it is new, who stopped it or why it stopped by itself."""
    assert watching.watch_started(WATCHED, is_new=True).blocks == (
        rich(
            t("👀 "),
            NAME,
            t(" is now watched here; it is in the warehouse. I post each change in this thread, until the last one."),
        ),
        small(mk(f"Since {NOW_SHOWN}"), mk(f"Watched by <@{ADA}>")),
        row(press("Stop watching", "watch.stop", "watch-1")),
    )
    assert " is watched here already;" in watching.watch_started(WATCHED, is_new=False).text
    assert watching.watch_stopped(WATCHED, by=BEN).blocks == (
        rich(NAME, t(" is no longer watched here.")),
        small(mk(f"Stopped by <@{BEN}>")),
    )
    ended = watching.watch_ended(WATCHED, why="Its status is final.")
    assert ended.text == "Order 1001 (#\u2060DE38678) is no longer watched here.\nIts status is final."
    none = watching.not_watched(7, None)
    assert none.text == "Order 7 is not watched here, so there was nothing to stop."


def test_the_list_of_watches() -> None:
    """Each watch has its line, since when and by whom, and its own button; an empty list says so."""
    held = replace(WATCHED, order_id=7, reference=None, status="ON_HOLD", since=None, by="", watch_id="watch-2")
    made = watching.watch_list([WATCHED, held])
    assert made.blocks == (
        rich(t("Watched here", bold=True)),
        para("📦 Order 1001 (#DE38678) is in the warehouse", accessory=press("Stop", "watch.stop", "watch-1")),
        small(mk(f"Since {NOW_SHOWN}"), mk(f"Watched by <@{ADA}>")),
        para("❔ Order 7 has the status ON_HOLD", accessory=press("Stop", "watch.stop", "watch-2")),
        small(mk("Watched by somebody")),
    )
    assert watching.watch_list([]).text == "No order is watched here."


@pytest.mark.parametrize("count", [1, 24, 500])
def test_many_watches_stay_within_limits(count: int) -> None:
    """A9: any number of watches makes a valid message that says if some are missing."""
    made = watching.watch_list([Watched(n, "R" * 200, "PROCESSING", NOW, ADA, f"w{n}") for n in range(count)])
    assert flaws(made) == []
    shown = sum("accessory" in block for block in made.blocks)
    assert shown == min(count, 24)
    assert reading(made.blocks[-1:]) == f"and {count - shown} more" or count == shown


def test_the_upload_takes_one_csv_file() -> None:
    """The modal `order.import` has one input `file` for one CSV file, and promises to show it first."""
    view = importing.upload_form(card_id="card-1")
    asked = view["blocks"][1]
    assert view["callback_id"] == "order.import"
    assert (asked["block_id"], asked["element"]) == (
        "file",
        {"type": "file_input", "action_id": "value", "filetypes": ["csv"], "max_files": 1},
    )
    assert "Nothing is sent before you have seen what is in it." in reading(view["blocks"])


def test_a_preview_counts_good_and_bad() -> None:
    """Before anything is sent: how many rows can be, which can't and why, and two buttons."""
    made = importing.preview(
        {"ready": 993, "bad": 7}, [BadRow(3, "no SKU"), BadRow(9, "no zip")], Profile.MODAL, card_id="card-1"
    )
    start = made.blocks[-1]["elements"][0]
    assert made.blocks[:3] == (
        rich(t("1000 rows", bold=True), t(": 993 can be sent, 7 can't.")),
        listing("Can't be sent", line(t("Line 3"), t(": no SKU")), line(t("Line 9"), t(": no zip"))),
        small(pt("Nothing was sent yet.")),
    )
    assert (start["text"], start["action_id"], start["value"]) == (pt("Create 993 orders"), "import.start", "card-1")
    assert "I create 993 orders" in start["confirm"]["text"]["text"]
    assert made.blocks[-1]["elements"][1] == press("Drop the file", "import.drop", "card-1")


def test_a_preview_with_nothing_to_send_cannot_be_started() -> None:
    """A file without one good row has no button to start it."""
    made = importing.preview({"bad": 2}, [BadRow(2, "x"), BadRow(3, "y")], Profile.MODAL, card_id="c")
    assert [item["action_id"] for item in made.blocks[-1]["elements"]] == ["import.drop"]
    clean = importing.preview({"ready": 1}, [], Profile.MODAL, card_id="c")
    assert "Can't be sent" not in clean.text
    assert importing.dropped().text == "The file is dropped. Nothing was sent."


@pytest.mark.parametrize("profile", Profile)
def test_why_a_row_is_bad_is_for_one_person(profile: Profile) -> None:
    """D3: why a row is bad may repeat what it holds, so in a channel its line alone is named; the first ten are."""
    bad = [BadRow(number, f"canary {number}") for number in range(2, 50)]
    said = importing.preview({"ready": 1, "bad": 48}, bad, profile, card_id="c").text
    assert ("canary" in said) is (profile in (Profile.DIRECT, Profile.MODAL))
    assert "Line 11" in said
    assert "Line 12" not in said
    assert "and 38 more" in said


def test_progress() -> None:
    """The message of a run says how far it is in numbers and as a bar, with a button to stop it."""
    assert importing.progress(COUNTS, by=ADA, card_id="card-1").blocks == (
        rich(
            t("📦 "),
            t("Creating orders", bold=True),
            t(": 996 of 1000 rows are through."),
            t("\n"),
            t("█" * 19 + "░ 99 %"),
        ),
        small(
            pt("990 created · 4 refused · 1 could not be read · 1 not known · 1 on its way · 3 to go"),
            mk(f"Imported by <@{ADA}>"),
        ),
        row(press("Stop", "import.stop", "card-1")),
    )
    empty = importing.progress({}, by=ADA, card_id="c")
    assert "░ 0 %" in empty.text


def test_a_stopped_run_can_go_on() -> None:
    """A stopped run says how many rows are left, that none is sent twice, who stopped it, and how to go on."""
    made = importing.stopped(COUNTS, by=ADA, stopped_by=BEN, card_id="card-1")
    assert made.text.startswith(
        "✋ Import stopped: 4 of 1000 rows are left.\nWhat was sent stays. No row is sent twice."
    )
    assert f"Stopped by <@{BEN}>" in made.text
    assert made.blocks[-1] == row(press("Go on", "import.resume", "card-1", style="primary"))


@pytest.mark.parametrize(
    ("counts", "symbol", "said"),
    [
        ({"done": 1000}, "✅", "1000 created"),
        ({"done": 993, "refused": 6, "bad": 1}, "⚠️", "993 created · 6 refused · 1 could not be read"),
        ({"done": 8, "unknown": 2}, "⚠️", "8 created · 2 not known"),
        ({}, "✅", "no rows"),
    ],
)
def test_the_end_of_a_run_sums_up(counts: dict[str, int], symbol: str, said: str) -> None:
    """E8: the summary names every row once, so that its numbers sum to all rows; what is not known is said."""
    made = importing.finished(counts, by=ADA)
    assert made.text.startswith(f"{symbol} Import finished: {counts.get('done', 0)} of {sum(counts.values())} orders")
    assert f"{said} · Imported by <@{ADA}>" in made.text
    assert ("we do not know" in made.text) is ("unknown" in counts)
    assert sum(int(part.split()[0]) for part in said.split(" · ") if part[0].isdigit()) == sum(counts.values())


def test_orders_found_in_a_message() -> None:
    """Each order of a message is one line with its own button, and what was not found is named."""
    made = found.found_orders(
        [Order(1001, "PROCESSING"), Order(7, "ON_HOLD")],
        missing=["R-7", "8888"],
        profile=Profile.PUBLIC,
        row_cards=["row-1", "row-2"],
        now=NOW,
    )
    assert made.blocks == (
        para("2 orders in this message:"),
        para("📦 1001 · in the warehouse", accessory=press("Show", "order.show", "row-1")),
        para("❔ 7 · ON_HOLD", accessory=press("Show", "order.show", "row-2")),
        rich(t("Not found: "), t("R-7", code=True), t(", "), t("8888", code=True)),
        small(mk(f"As of {NOW_SHOWN}")),
    )
    one = found.found_orders([ORDER], missing=[], profile=Profile.PUBLIC, row_cards=["r"], now=NOW)
    assert one.text.startswith("One order in this message:")


def test_nothing_found_in_a_message() -> None:
    """A message without an order, and orders that are not in one's account, are answered each in their own words."""
    none = found.found_orders([], missing=["1001"], profile=Profile.PUBLIC, row_cards=[], now=NOW)
    assert none.text.startswith("I found none of the orders of this message in your account.\nNot found: 1001")
    assert "A number has 3 digits or more" in found.nothing_to_look_up().text
    with pytest.raises(ValueError, match="argument"):
        found.found_orders([ORDER], missing=[], profile=Profile.PUBLIC, row_cards=[], now=NOW)


@pytest.mark.parametrize("profile", [Profile.EXTERNAL, Profile.PUBLIC, Profile.PRIVATE])
def test_found_orders_show_no_personal_data(profile: Profile) -> None:
    """D3: the lines of found orders show number, reference and status alone."""
    made = found.found_orders([ORDER], missing=[], profile=profile, row_cards=["r"], now=NOW)
    assert [word for word in ("Grace", "Berlin", "gift", "care") if word in made.text] == []


def test_a_new_order() -> None:
    """What came of a new order: it is there, it was there before, or nobody knows; each with its next step."""
    new = Named(1001, "#DE38678")
    assert creating.created(new, card_id="card-1").blocks == (
        rich(t("✅ "), NAME, t(" is created.")),
        row(press("Show", "order.show", "card-1")),
    )
    there = creating.already_there(new, card_id="card-1")
    assert there.text.endswith("has this identifier already, so I made no second one.")
    unclear = creating.create_unknown(why="Quivo did not answer.", card_id="card-1", reference="7f3k")
    assert unclear.blocks == (
        para("❔ We do not know whether the order was created."),
        para("Quivo did not answer."),
        para("If you try again, I look for its identifier first, so that there is never a second order."),
        small(pt("Reference 7f3k")),
        row(press("Try again", "create.again", "card-1")),
    )


def test_the_settings_form_holds_how_it_is() -> None:
    """The modal `settings` is filled with what holds today; nothing set is nothing in it."""
    view = settings.settings_form(Preferences(Decimal("1000.125"), 20, "EUR"), card_id="card-1")
    held = {block["block_id"]: block["element"].get("initial_value") for block in view["blocks"][1:]}
    assert (view["callback_id"], view["private_metadata"]) == ("settings", "card-1")
    assert held == {"approvalAboveValue": "1000.125", "approvalCurrency": "EUR", "approvalAboveCount": "20"}
    blank = settings.settings_form(Preferences(), card_id="card-1")
    assert [block["element"].get("initial_value") for block in blank["blocks"][1:]] == [None] * 3


@pytest.mark.parametrize(
    ("preferences", "said"),
    [
        (Preferences(), "Cancelling never needs a second person."),
        (
            Preferences(Decimal("1500"), None, "EUR"),
            "Cancelling needs a second person for an order worth more than €1,500.00.",
        ),
        (
            Preferences(Decimal("0"), 0, "EUR"),
            "Cancelling needs a second person for an order worth more than €0.00 and after 0 cancellations of one "
            "person in 24 hours.",
        ),
    ],
)
def test_saved_settings_say_what_holds(preferences: Preferences, said: str) -> None:
    """After saving, what holds from now on is said in one sentence, and who set it."""
    made = settings.settings_saved(preferences, by=ADA)
    assert made.blocks == (para(f"✅ Saved. {said}"), small(mk(f"Set by <@{ADA}>")))


def test_money_and_people() -> None:
    """Amounts keep their digits; only what is a Slack user id becomes a mention."""
    assert [money(Decimal(text), "EUR") for text in ("1234.5", "0.125", "-3")] == [
        "€1,234.50",
        "€0.125",
        "-€3.00",
    ]
    assert money(Decimal(1), None) == "1.00"
    assert mention(ADA) == f"<@{ADA}>"
    for nobody in ("", None, "ada", "<!channel>", "U1> <!here", "U" + "A" * 99):
        assert mention(nobody) == "somebody"
        assert not is_user(nobody)
