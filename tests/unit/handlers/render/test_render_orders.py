"""An order as a card, a list and a modal: whole values, and the limits with many orders."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from render_kit import (
    NOW,
    NOW_SHOWN,
    ORDER,
    ORDERED_DAY,
    ORDERED_SHOWN,
    alive,
    blocks_of,
    flaws,
    line,
    listing,
    mk,
    press,
    pt,
    reading,
    rich,
    row,
    small,
    t,
)

from backends.quivo.order import Address, Order, Page, Position, Tracking
from handlers.render.message import Message
from handlers.render.orders import order_card, order_details, order_list
from handlers.render.profile import Profile

CHANGED_SHOWN = "<!date^1795248000^{date_short_pretty} at {time}|2026-11-21 08:00 UTC>"
RECEIVED_SHOWN = "<!date^1795167060^{date_short_pretty} at {time}|2026-11-20 09:31 UTC>"
UPS = {"type": "link", "url": "https://www.ups.com/track?n=1Z999", "text": "Track at www.ups.com"}
HEAD = rich(
    t("📦 "),
    t("Order 1001 (#DE38678)", bold=True),
    t(" is in the warehouse."),
    t("\n"),
    t("Can be changed and cancelled."),
)
ALWAYS = (press("Details", "order.details", "card-1"), press("Refresh", "order.refresh", "card-1"))
BUTTONS = row(*ALWAYS)
EDIT, ADDRESS = press("Edit", "order.edit", "card-1"), press("Address", "order.address", "card-1")
WATCH = press("Watch", "order.watch", "card-1")
CANCEL = press("Cancel order", "order.cancel", "card-1", style="danger")


def card(order: Order = ORDER, profile: Profile = Profile.PUBLIC, asked_by: str | None = None) -> Message:
    """A card with everything but the order left as it is."""
    return order_card(order, profile, card_id="card-1", asked_by=asked_by, seen_at=NOW)


def times(*more: dict[str, Any]) -> dict[str, Any]:
    """The block of times of the sample order."""
    fields = [mk(f"*Ordered*\n{ORDERED_SHOWN}"), mk(f"*Last change*\n{CHANGED_SHOWN}"), *more]
    return {"type": "section", "fields": fields}


def test_card_in_a_direct_message() -> None:
    """The whole card where only one person reads: the answer, times, facts, positions, parcels, buttons."""
    assert card(profile=Profile.DIRECT, asked_by="U0ADA00001") == Message(
        text="\n".join(
            [
                "📦 Order 1001 (#\u2060DE38678) is in the warehouse.",
                "Can be changed and cancelled.",
                f"*Ordered* {ORDERED_SHOWN}",
                f"*Last change* {CHANGED_SHOWN}",
                "*Delivery* 24 Nov 2026 to 26 Nov 2026",
                "Seller: Acme",
                "Shipping: Express",
                "Priority: 5",
                "Ship to: Grace Hopper, Compilers Ltd, Sample Street 1, Back door, 10115 Berlin, BE, DE",
                "Comment: Please handle with care",
                "Tags: gift, vip",
                "Positions",
                "• 2 × SKU-1 Blue mug",
                "• SKU-2",
                "Parcels",
                "• 1Z999 Track at www.\u2060ups.\u2060com",
                "• JJD14",
                f"As of {NOW_SHOWN} · Asked by <@U0ADA00001>",
            ]
        ),
        blocks=(
            HEAD,
            times(mk("*Delivery*\n24 Nov 2026 to 26 Nov 2026")),
            rich(
                t("Seller: ", bold=True),
                t("Acme"),
                t("\n"),
                t("Shipping: ", bold=True),
                t("Express"),
                t("\n"),
                t("Priority: ", bold=True),
                t("5"),
                t("\n"),
                t("Ship to: ", bold=True),
                t("Grace Hopper, Compilers Ltd, Sample Street 1, Back door, 10115 Berlin, BE, DE"),
                t("\n"),
                t("Comment: ", bold=True),
                t("Please handle with care"),
                t("\n"),
                t("Tags: ", bold=True),
                t("gift, vip"),
            ),
            listing(
                "Positions",
                line(t("2 × "), t("SKU-1", code=True), t(" Blue mug")),
                line(t("SKU-2", code=True)),
            ),
            listing("Parcels", line(t("1Z999"), t(" "), UPS), line(t("JJD14"))),
            small(mk(f"As of {NOW_SHOWN}"), mk("Asked by <@U0ADA00001>")),
            row(*ALWAYS, EDIT, ADDRESS, WATCH, CANCEL),
        ),
    )


@pytest.mark.parametrize(
    ("status", "steps"),
    [
        ("PENDING", [WATCH, CANCEL]),
        ("PROCESSING", [EDIT, ADDRESS, WATCH, CANCEL]),
        ("COMPLETED", []),
        ("CANCELLED", []),
        ("ON_HOLD", []),
    ],
)
def test_the_buttons_follow_the_status_table(status: str, steps: list[dict[str, Any]]) -> None:
    """Seed 002's table decides which buttons a card has; a status that we do not know has none of them."""
    assert card(Order(1, status)).blocks[-1] == row(*ALWAYS, *steps)
    assert card(Order(1, status), Profile.EXTERNAL).blocks[-1] == row(*ALWAYS)


def test_a_cancellation_is_not_offered_twice() -> None:
    """An order whose cancellation was requested already has no cancel button, and keeps the others."""
    asked = Order(1, "PROCESSING", cancel_requested=NOW)
    assert card(asked).blocks[-1] == row(*ALWAYS, EDIT, ADDRESS, WATCH)


def test_card_in_a_shared_channel() -> None:
    """D3: the whole card that another company reads along: reference, status and times, not even what can be done."""
    assert card(profile=Profile.EXTERNAL).blocks == (
        rich(t("📦 "), t("Order 1001 (#DE38678)", bold=True), t(" is in the warehouse.")),
        times(),
        small(mk(f"As of {NOW_SHOWN}")),
        BUTTONS,
    )


def test_card_of_a_sparse_order() -> None:
    """An order of which only the number and an unknown status came is shown as that, with nothing made up."""
    assert card(Order(1059, "ON_HOLD")) == Message(
        text="❔ Order 1059 has the status ON\u2060_\u2060HOLD.\n"
        f"We do not know what “ON\u2060_\u2060HOLD” allows.\nAs of {NOW_SHOWN}",
        blocks=(
            rich(
                t("❔ "),
                t("Order 1059", bold=True),
                t(" has the status ON_HOLD."),
                t("\n"),
                t("We do not know what “ON_HOLD” allows."),
            ),
            small(mk(f"As of {NOW_SHOWN}")),
            BUTTONS,
        ),
    )


def test_an_address_without_anything_shown_leaves_no_line() -> None:
    """An address of which nothing may be shown, or nothing is known, takes no line of its own."""
    hidden = Order(1, "PENDING", delivery_address=Address(name="Grace", phone="123"))
    assert "Ship to" not in card(hidden, Profile.PRIVATE).text
    assert "Ship to: Grace" in card(hidden, Profile.DIRECT).text


def test_details_is_a_modal_with_everything() -> None:
    """The whole modal: both addresses part by part, attributes and numbers, for the one who opened it."""
    address = [
        (t(f"{name}: ", bold=True), t(value))
        for name, value in (
            ("Name", "Grace Hopper"),
            ("Company", "Compilers Ltd"),
            ("Street", "Sample Street 1"),
            ("Street 2", "Back door"),
            ("Zip", "10115"),
            ("City", "Berlin"),
            ("State", "BE"),
            ("Country", "DE"),
            ("Phone", "+49 30 123"),
            ("E-mail", "grace@example.com"),
            ("Coordinates", "52.5, 13.4"),
        )
    ]
    facts = [
        (t(f"{name}: ", bold=True), t(value))
        for name, value in (
            ("Seller", "Acme"),
            ("Shipping", "Express"),
            ("Priority", "5"),
            ("Comment", "Please handle with care"),
            ("Tags", "gift, vip"),
            ("Your identifier", "shop-77"),
            ("Seller number", "12"),
            ("Warehouse number", "3"),
            ("Currency", "EUR"),
            ("Paid tracking", "on"),
        )
    ]
    invoice = [(address[0][0], t("Accounts")), *address[1:]]
    assert order_details(ORDER, "card-1") == {
        "type": "modal",
        "callback_id": "order.details",
        "title": pt("Order 1001"),
        "close": pt("Close"),
        "private_metadata": "card-1",
        "blocks": [
            HEAD,
            times(mk(f"*Received*\n{RECEIVED_SHOWN}"), mk("*Delivery*\n24 Nov 2026 to 26 Nov 2026")),
            rich(*_lines(facts)),
            rich(t("Delivery address", bold=True), t("\n"), *_lines(address)),
            rich(t("Invoice address", bold=True), t("\n"), *_lines(invoice)),
            listing(
                "Positions",
                line(t("2 × "), t("SKU-1", code=True), t(" Blue mug"), t(", lot lot-9")),
                line(t("SKU-2", code=True)),
            ),
            listing("Parcels", line(t("1Z999"), t(" "), UPS), line(t("JJD14"))),
            listing("Custom attributes", line(t("wrapping: ", bold=True), t("blue"))),
        ],
    }


def _lines(pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[dict[str, Any]]:
    return [element for pair in pairs for element in (t("\n"), *pair)][1:]


def test_details_of_a_scrubbed_order() -> None:
    """An order whose personal data Quivo removed says so, instead of showing empty fields."""
    view = order_details(Order(7, "CANCELLED", personal_data_removed=True, tracking_enabled=False), "card-1")
    assert "Personal data: removed at Quivo" in reading(view)
    assert "Paid tracking: off" in reading(view)


def test_list_of_two() -> None:
    """The whole message of one page: a line and a button for each order, buttons for the pages around it."""
    page = Page((ORDER, Order(1002, "ON_HOLD")), "next")
    assert list_of(page, page_number=2, has_previous=True) == Message(
        text="\n".join(
            [
                "Orders of today, page 2",
                "📦 1001 · #\u2060DE38678 · in the warehouse",
                f"Ordered {ORDERED_DAY}",
                "❔ 1002 · ON\u2060_\u2060HOLD",
                f"As of {NOW_SHOWN}",
            ]
        ),
        blocks=(
            rich(t("Orders of today", bold=True), t(", page 2")),
            {
                "type": "section",
                "text": pt("📦 1001 · #DE38678 · in the warehouse"),
                "fields": [mk(f"Ordered {ORDERED_DAY}")],
                "accessory": press("Show", "order.show", "row-0"),
            },
            {
                "type": "section",
                "text": pt("❔ 1002 · ON_HOLD"),
                "accessory": press("Show", "order.show", "row-1"),
            },
            small(mk(f"As of {NOW_SHOWN}")),
            row(press("Back", "order.page_back", "card-1"), press("Next", "order.page_next", "card-1")),
        ),
    )


def list_of(page: Page, *, page_number: int = 1, has_previous: bool = False) -> Message:
    """A list with one card for each order."""
    return order_list(
        page,
        title="Orders of today",
        profile=Profile.PUBLIC,
        card_id="card-1",
        row_cards=[f"row-{number}" for number in range(len(page.orders))],
        page_number=page_number,
        has_previous=has_previous,
        now=NOW,
    )


def test_the_only_page_has_no_paging() -> None:
    """A list that fits on one page has neither a page number nor buttons to turn it."""
    made = list_of(Page((ORDER,)))
    assert made.blocks[0] == rich(t("Orders of today", bold=True))
    assert [block["type"] for block in made.blocks] == ["rich_text", "section", "context"]


def test_no_results_say_what_was_asked_and_what_to_try() -> None:
    """Zero results repeat the question and say what else may help; they are never an empty message."""
    assert list_of(Page(())).text == (
        "Orders of today\nNo orders found for this. Try a shorter part of the reference, another status or a longer "
        f"period.\nAs of {NOW_SHOWN}"
    )


def test_an_empty_later_page_leads_back() -> None:
    """A page after the last one says that there is no more, and has a button back."""
    made = list_of(Page(()), page_number=3, has_previous=True)
    assert "There are no more orders here" in made.text
    assert made.blocks[-1] == row(press("Back", "order.page_back", "card-1"))


def test_each_row_needs_its_card() -> None:
    """A row without a card of its own is refused, instead of opening another row's order."""
    with pytest.raises(ValueError, match="zip"):
        order_list(
            Page((ORDER,)),
            title="x",
            profile=Profile.PUBLIC,
            card_id="c",
            row_cards=[],
            page_number=1,
            has_previous=False,
            now=NOW,
        )


@pytest.mark.parametrize("count", [1, 10, 44, 50, 500])
def test_lists_stay_within_limits(count: int) -> None:
    """A9: any number of orders makes a valid message with its buttons, and what is left out is counted exactly."""
    names = "ü" * 100
    page = Page(tuple(replace(ORDER, order_id=number, reference=names) for number in range(count)), "next")
    made = list_of(page, has_previous=True)
    assert flaws(made) == []
    assert made.blocks[-1]["type"] == "actions"
    shown = sum("accessory" in block for block in made.blocks)
    assert (f"and {count - shown} more" in reading(made.blocks)) is (shown < count)
    assert shown == min(count, 46)


@pytest.mark.parametrize("count", [1, 5, 6, 50, 500])
def test_positions_stay_within_limits(count: int) -> None:
    """A9: a card shows 5 positions and parcels, a modal 50 and 20, and each says how many more there are."""
    order = replace(
        ORDER,
        positions=tuple(Position(f"SKU-{number}", "näme " * 30, number) for number in range(count)),
        tracking=tuple(Tracking(f"T-{number}", f"https://t.example/{number}") for number in range(count)),
        custom_attributes=tuple((f"a{number}", "v" * 600) for number in range(count)),
    )
    for made, most in ((card(order), (5, 5)), (order_details(order, "card-1"), (50, 20, 30))):
        assert flaws(made) == []
        rich_texts = [block["elements"] for block in blocks_of(made) if block["type"] == "rich_text"]
        bullets = [parts[1]["elements"] for parts in rich_texts if len(parts) == 2]
        assert [len(items) for items in bullets] == [min(count, limit + 1) for limit in most]
        announced = [f"and {count - limit} more" in reading(items) for items, limit in zip(bullets, most, strict=True)]
        assert announced == [count > limit for limit in most]


@pytest.mark.parametrize(
    "url",
    [
        "http://t.example/1",
        "javascript:alert(1)",
        "https://",
        "https://ada:pw@t.example/",
        "https://t.example@evil.example/",
        "https://t.example/a b",
        "https://t.example/<x>",
        "https://t.example|x",
        "https://t.example\\@evil.example",
        "https://t.example:8443/",
        "https://[::1]/",
        "https://[broken/",
        "https://localhost/",
        "https://tést.example/",
        "https://t.example/\u202e",
        "HTTPS//t.example",
        "https://t.example/" + "x" * 3000,
        "",
        None,
    ],
)
def test_only_plain_https_links_are_links(url: str | None) -> None:
    """A tracking link that is not plain https to a host name is not a link; its number is shown all the same."""
    made = card(Order(1, "COMPLETED", tracking=(Tracking("NUM-1", url),)))
    assert not [found for found in alive(made.blocks) if found.startswith("link")]
    assert "NUM-1" in reading(made.blocks)
    assert flaws(made) == []


@pytest.mark.parametrize("asked_by", ["", "ada", "U1> <!channel", "<@U0ADA00001>", "u0ada00001", "U" + "A" * 99])
def test_only_a_user_id_becomes_a_mention(asked_by: str) -> None:
    """What is not a Slack user id is not mentioned as one."""
    assert card(asked_by=asked_by) == card()
