"""Text from outside is dead in every field of every renderer of digests and Home, and reads as written (CHECKS D2)."""

from __future__ import annotations

import json

import pytest
from render_digests import DIGEST_CASES, unfit
from render_kit import HOSTILE, LONG, Case, Put, alive, alive_mrkdwn, places, reading

from handlers.render.message import Message

CANARY = "Canary"
OURS = (".what", ".health", "].reason", "digest.id", "[digest].id", ".lacks[0]", "].kind")  # never from outside


def _foreign(case: Case) -> list[tuple[str, Put]]:
    return [(place, put) for place, put in places(case.given) if not place.endswith(OURS)]


def _whole(made: Message | dict[str, object]) -> object:
    return made.blocks if isinstance(made, Message) else made


@pytest.mark.parametrize("case", DIGEST_CASES, ids=lambda case: case.name)
def test_hostile_text_is_dead(case: Case) -> None:
    """D2: in every field each hostile text adds nothing alive, and reads as written wherever it is shown."""
    for place, put in _foreign(case):
        _assert_dead(case, place, put)


def _assert_dead(case: Case, place: str, put: Put) -> None:
    calm = case.made(put(CANARY))
    calm_alive = alive(_whole(calm))
    for name, (hostile, literal) in HOSTILE.items():
        made = case.made(put(hostile))
        assert alive(_whole(made)) == calm_alive, (place, name)
        if CANARY in reading(_whole(calm)):
            assert literal[:5] in reading(_whole(made)), (place, name)
        if isinstance(made, Message) and isinstance(calm, Message):
            assert sorted(alive_mrkdwn(made.text)) == sorted(alive_mrkdwn(calm.text)), (place, name)


@pytest.mark.parametrize("case", DIGEST_CASES, ids=lambda case: case.name)
def test_ten_kilobytes_are_cut(case: Case) -> None:
    """D2 and A9: 10 kB in any field stays within Slack's limits."""
    for place, put in _foreign(case):
        made = case.made(put(LONG))
        assert unfit(made) == [], place
        assert len(json.dumps(_whole(made))) < 60_000, place
