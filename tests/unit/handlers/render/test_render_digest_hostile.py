"""Text from outside is dead in every field of every renderer of digests and Home, and reads as written (CHECKS D2)."""

from __future__ import annotations

import json

import pytest
from render_digests import DIGEST_CASES, unfit
from render_kit import HOSTILE, LONG, Case, alive, alive_mrkdwn, places, reading

from handlers.render.message import Message

CANARY = "Canary"
OURS = (".what", ".health", "].reason", "digest.id", "[digest].id", ".lacks[0]", "].kind")  # never from outside
PLACES = [(case, place) for case in DIGEST_CASES for place, _ in places(case.given) if not place.endswith(OURS)]


def _whole(made: Message | dict[str, object]) -> object:
    return made.blocks if isinstance(made, Message) else made


@pytest.mark.parametrize(("case", "place"), PLACES, ids=lambda value: getattr(value, "name", value))
def test_hostile_text_is_dead(case: Case, place: str) -> None:
    """D2: in this field each hostile text adds nothing alive, and reads as written wherever it is shown."""
    put = dict(places(case.given))[place]
    calm = case.made(put(CANARY))
    calm_alive = alive(_whole(calm))
    for name, (hostile, literal) in HOSTILE.items():
        made = case.made(put(hostile))
        assert alive(_whole(made)) == calm_alive, name
        if CANARY in reading(_whole(calm)):
            assert literal[:5] in reading(_whole(made)), name
        if isinstance(made, Message) and isinstance(calm, Message):
            assert sorted(alive_mrkdwn(made.text)) == sorted(alive_mrkdwn(calm.text)), name


@pytest.mark.parametrize(("case", "place"), PLACES, ids=lambda value: getattr(value, "name", value))
def test_ten_kilobytes_are_cut(case: Case, place: str) -> None:
    """D2 and A9: 10 kB in this field stays within Slack's limits."""
    made = case.made(dict(places(case.given))[place](LONG))
    assert unfit(made) == []
    assert len(json.dumps(_whole(made))) < 60_000
