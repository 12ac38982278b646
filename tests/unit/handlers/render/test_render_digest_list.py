"""Digests in lists and forms, and what is said when one ends or changes hands (issue 6, CHECKS A9, F4)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from render_digests import CHANNEL, DIGEST, OWNER, RUNNING, STATUS, STOPPED, UNCONNECTED, unfit
from render_kit import NOW_SHOWN, reading

from handlers.render.digest_ended import mend, told_to_channel, told_to_owner
from handlers.render.digest_form import PROMISE, Held, digest_form, held
from handlers.render.digest_handover import decided, offer
from handlers.render.digest_list import delete_question, digest_list, digest_row, made, said
from handlers.render.digest_rows import order_rows
from handlers.render.digest_words import SIZES, SOURCES, place_of, rhythm, short, source, title
from handlers.render.message import Block, Message
from operations.digest_facts import Size, What
from operations.digesting import Health, Listed

NAME = short(DIGEST.id)


def presses(blocks: list[Block] | tuple[Block, ...]) -> list[str]:
    """The buttons in these blocks, each with what it carries."""
    rows = [block for block in blocks if block["type"] == "actions"]
    return [f"{one['action_id']}={one['value']}" for row in rows for one in row["elements"]]


def test_every_source_size_and_health_has_its_words() -> None:
    """Whatever an operation may say has words here."""
    assert (set(SOURCES), set(SIZES)) == (set(What), set(Size))
    assert source("no_longer_there").word == "no_longer_there"


def test_the_short_name_is_stable_and_typable() -> None:
    """Four letters or digits, the same each time, another for another digest."""
    assert (NAME, len(NAME), NAME.isalnum(), NAME.islower()) == (short(DIGEST.id), 4, True, True)
    assert short("digest-2") != NAME


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ((0, 1, 2, 3, 4), "weekdays"),
        ((0, 1, 2, 3, 4, 5, 6), "every day"),
        ((6, 0), "Mondays, Sundays"),
        ((), "never"),
    ],
)
def test_when_it_runs(days: tuple[int, ...], words: str) -> None:
    """Days in words, then the time and its zone."""
    assert rhythm(replace(DIGEST, days=days)).replace("\u2060", "") == f"{words} at 09:00 (Europe/Berlin)"


def test_what_it_tells() -> None:
    """All sources in one line; only the first begins with a capital letter."""
    assert title(replace(DIGEST, what=("scheduled_failed", "orders_stuck"))) == "Failed scheduled orders, stuck orders"


@pytest.mark.parametrize(
    ("channel", "shown"),
    [("C0ORDERS01", "<#C0ORDERS01>"), ("D0ADA00001", "a direct message"), ("C<!here>", "a direct message")],
)
def test_a_place(channel: str, shown: str) -> None:
    """A channel is named by Slack; a direct message is nobody else's business."""
    assert place_of(channel) == shown


def test_a_row_of_ones_own() -> None:
    """Health, name, what, next run, where and whose; all buttons carry the digest's opaque id."""
    row = digest_row(RUNNING, reader=OWNER)
    said_there = reading(row)
    assert said_there.splitlines()[0].startswith(f"✅ {NAME} Scheduled orders due in seven days, failed scheduled")
    assert "Next 2026-11-22 15:05 UTC" in said_there
    assert f"In {CHANNEL} · by" in said_there.replace("#", "")
    verbs = ("preview", "run", "pause", "edit", "handover", "delete")
    assert presses(row) == [f"digest.{verb}=digest-1" for verb in verbs]


def test_a_row_of_somebody_elses() -> None:
    """B2: a member reads it and can press nothing; an admin can pause and delete."""
    assert presses(digest_row(RUNNING, reader="U0BEN00001")) == []
    admins = digest_row(RUNNING, reader="U0BEN00001", is_admin=True)
    assert presses(admins) == ["digest.pause=digest-1", "digest.delete=digest-1"]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (STOPPED, f"It is stopped. A connection that it needs is gone. Type /connect, then /digest resume {NAME}."),
        (UNCONNECTED, "It is without a connection. Its owner has to connect QPilot: /connect qpilot."),
    ],
)
def test_how_to_mend_it(one: Listed, words: str) -> None:
    """F4: what stands still says why and what to type."""
    assert words in reading(digest_row(one, reader=OWNER))


def test_a_stopped_one_can_be_resumed_and_not_paused() -> None:
    """Only what makes sense is offered."""
    verbs = [press.partition("=")[0] for press in presses(digest_row(STOPPED, reader=OWNER))]
    assert ("digest.resume" in verbs, "digest.pause" in verbs, "digest.run" in verbs) == (True, False, False)


@pytest.mark.parametrize("count", [0, 1, 50, 500])
def test_many_digests_are_within_limits(count: int) -> None:
    """A9: however many, Slack takes the list, and what is left out is counted."""
    message = digest_list([RUNNING] * count, reader=OWNER, is_admin=False)
    assert unfit(message) == []
    assert (" more" in reading(message.blocks)) is (count > 15)
    assert "digest.new=new" in presses(message.blocks)


@pytest.mark.parametrize("size", SIZES)
def test_the_form(size: str) -> None:
    """It says what it does, and holds what the digest holds; Slack takes it."""
    form = digest_form(held(replace(DIGEST, size=size)), card_id="card-1", is_new=False)
    assert unfit(form) == []
    assert (form["callback_id"], form["private_metadata"]) == ("digest.save", "card-1")
    assert form["blocks"][0]["text"]["text"] == PROMISE
    by_id = {block["block_id"]: block["element"] for block in form["blocks"][1:]}
    assert [one["value"] for one in by_id["what"]["initial_options"]] == list(DIGEST.what)
    assert by_id["channel"]["initial_conversation"] == CHANNEL
    assert [one["value"] for one in by_id["days"]["initial_options"]] == ["0", "1", "2", "3", "4"]
    assert (by_id["at"]["initial_time"], by_id["zone"]["initial_option"]["value"]) == ("09:00", "Europe/Berlin")
    assert by_id["size"]["initial_option"]["value"] == size


def test_a_new_form_without_a_channel() -> None:
    """From Home there is no channel yet, and Slack takes the form all the same."""
    assert unfit(digest_form(Held(), card_id="c", is_new=True)) == []


def test_the_end_for_the_owner_and_for_the_channel() -> None:
    """F4: the owner reads what a source said and how to mend it; the channel nothing about the account."""
    mine = told_to_owner(DIGEST, "login_again", "Quivo did not take the login.")
    assert "Quivo did not take the login." in mine.text
    assert presses(mine.blocks) == ["digest.edit=digest-1", "digest.resume=digest-1"]
    everybodys = told_to_channel(DIGEST, "login_again")
    assert ("login" in everybodys.text, "I have told them how" in everybodys.text) == (False, True)


@pytest.mark.parametrize(
    "reason", ["owner_left", "channel_gone", "bot_removed", "not_connected", "login_again", "something_new"]
)
def test_every_reason_has_a_way_on(reason: str) -> None:
    """F4: whatever the reason, there is something to type."""
    assert "`/" in mend(reason, NAME)
    assert unfit(told_to_owner(DIGEST, reason, "")) == unfit(told_to_channel(DIGEST, reason)) == []


@pytest.mark.parametrize(
    "message",
    [
        offer(DIGEST),
        decided(DIGEST, by=OWNER, accepted=True),
        made(RUNNING, reader=OWNER, is_new=True),
        said(DIGEST, "is paused."),
        delete_question(RUNNING),
    ],
)
def test_messages_about_one_digest(message: Message) -> None:
    """Each names the digest and is within Slack's limits."""
    assert "Scheduled orders due in seven days" in message.text
    assert unfit(message) == []


def test_an_offer() -> None:
    """Who asks, what it is, and whose connections it will need."""
    said_there = reading(offer(DIGEST).blocks)
    assert "asks you to take over a digest" in said_there
    assert "It then runs with your own connection to QPilot and Quivo, not with theirs." in said_there
    assert presses(offer(DIGEST).blocks) == ["digest.accept=digest-1", "digest.decline=digest-1"]


def test_the_orders_behind_a_number() -> None:
    """Each with its own button; how many are not listed is said; the count is the source's."""
    message = order_rows(STATUS, ["row-1"])
    assert reading(message.blocks).splitlines() == [
        "📦 Orders by status: 5 in your account",
        "As of 2026-11-22 14:05 UTC",
        "📦 1001 · #DE38678 · in the warehouse",
        "Show",
        "Since 2026-11-20 09:30 UTC",
        "and 4 more",
    ]
    assert NOW_SHOWN in message.text


def test_as_many_cards_as_rows() -> None:
    """A row without a card would open another order: it is refused."""
    with pytest.raises(ValueError, match="zip"):
        order_rows(STATUS, [])


def test_paused_is_paused() -> None:
    """A digest that is paused says so and not when it would run next."""
    paused = Listed(replace(DIGEST, state="paused", next_at=None), Health.PAUSED)
    assert (
        "paused" in reading(digest_row(paused, reader=OWNER)),
        "Next" in reading(digest_row(paused, reader=OWNER)),
    ) == (True, False)
