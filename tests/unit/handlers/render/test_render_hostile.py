"""Text from outside is dead in every field of every renderer, and still reads as it was written (CHECKS D2)."""

from __future__ import annotations

import json

import pytest
from render_changes import CHANGE_CASES
from render_kit import CASES as LOOKING_CASES
from render_kit import HOSTILE, LONG, Case, Put, alive, alive_mrkdwn, flaws, places, read_mrkdwn, reading
from render_scheduled import SCHEDULED_CASES
from render_shop import SHOP_CASES

from handlers.render.message import Message

CASES = (*LOOKING_CASES, *CHANGE_CASES, *SHOP_CASES, *SCHEDULED_CASES)
CANARY = "Canary"
SHORT = {"[title]"}  # a modal's title has 24 characters
MAIL_IDS = {"scheduled_card modal", "scheduled_details"}  # a customer's id that may be an e-mail address is in these
OURS = {"[hint]"}  # our own sentence, in which back-ticks mark what one may type


def _whole(made: Message | dict[str, object]) -> object:
    return made.blocks if isinstance(made, Message) else made


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_hostile_text_is_dead_and_literal(case: Case) -> None:
    """D2: in every field each hostile text adds nothing alive, and reads as written wherever it is shown."""
    for place, put in places(case.given):
        _assert_dead_and_literal(case, place, put)


def _assert_dead_and_literal(case: Case, place: str, put: Put) -> None:
    calm = case.made(put(CANARY))
    is_shown = CANARY in reading(_whole(calm))
    calm_alive = alive(_whole(calm))
    for name, (hostile, literal) in HOSTILE.items():
        made = case.made(put(hostile))
        assert alive(_whole(made)) == calm_alive, (place, name)
        if place.endswith(".customer_id") and "@" in hostile and case.name not in MAIL_IDS:
            assert literal not in reading(_whole(made)), (place, name)
            continue
        if is_shown and not (place in OURS and name == "ticks"):
            assert (literal[:20] if place in SHORT else literal) in reading(_whole(made)), (place, name)
        if isinstance(made, Message) and isinstance(calm, Message):
            assert sorted(alive_mrkdwn(made.text)) == sorted(alive_mrkdwn(calm.text)), (place, name)
            if CANARY in calm.text and place not in OURS:
                assert literal in read_mrkdwn(made.text), (place, name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_ten_kilobytes_are_cut_and_announced(case: Case) -> None:
    """D2 and A9: 10 kB in any field stays within Slack's limits, and a person sees that something was cut."""
    for place, put in places(case.given):
        made = case.made(put(LONG))
        assert flaws(made) == [], place
        shown = reading(_whole(made))
        if CANARY in reading(_whole(case.made(put(CANARY)))):
            assert "long long" in shown, place
            assert "…" in shown, place
        assert len(json.dumps(_whole(made))) < 30_000, place


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_everything_hostile_at_once(case: Case) -> None:
    """D2: with the same hostile text in every field at once a message is valid and mentions and links nobody."""
    text = " ".join(hostile for hostile, _ in HOSTILE.values())
    given = case.given
    for place, _ in places(case.given):
        put = dict(places(given)).get(place)
        given = put(text) if put else given
    made = case.made(given)
    assert flaws(made) == []
    assert not [found for found in alive(_whole(made)) if found.startswith(("<@", "<#", "<http", "<!h", "<!c", "url"))]
    assert not [found for found in alive(_whole(made)) if found.startswith(("link", "user", "broadcast", "button"))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_typical_message_is_valid(case: Case) -> None:
    """A9: what this renderer makes of ordinary data passes the limits table and slack_sdk's models unchanged."""
    assert flaws(case.made()) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_fallback_says_what_the_blocks_say(case: Case) -> None:
    """Every word of a short message's texts is in its fallback text, without its buttons (DESIGN.md §10)."""
    made = case.made()
    if not isinstance(made, Message):
        return
    texts = [block for block in made.blocks if block["type"] != "actions"]
    without_buttons = [{name: part for name, part in block.items() if name != "accessory"} for block in texts]
    said = read_mrkdwn(made.text).split()
    assert [word for word in reading(without_buttons).split() if word.strip("•") not in said] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<!here>", ["<!here>"]),
        ("a *b* c", ["style *b*"]),
        ("`x`", ["style `x`"]),
        (":smile:", ["emoji :smile:"]),
        ("https://a", ["url https://a"]),
        ("a@b", ["mail a@b"]),
        ("x @here", ["mention @h"]),
        ("&gt; q", ["quote &gt;"]),
        ("a > b", ["stray >"]),
        ("&lt;!here&gt; 2 * 3 a_b", []),
    ],
)
def test_the_reader_sees_what_is_alive(text: str, found: list[str]) -> None:
    """The tests' own reader finds each kind of live text, so that its silence means something."""
    assert alive_mrkdwn(text) == found
