"""All that any test made the bot send, before validators by others: slack_sdk, a schema, TypeScript (A9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from blocks_samples import BLOCKS, HOME, IN_ACTIONS, IN_INPUT, MODAL, acted, asked
from conftest import ROOT, Compiler, Schema
from corpus import Corpus, flat, kinds, read, shapes
from slack_sdk.models.blocks import Block

from sandbox.slack.blocks import check_message, check_suggestions, check_view

UNKNOWN_TO_SDK = {"data_table", "data_visualization"}
UNKNOWN_TO_TYPES = {"data_visualization"}
"""Newer than the validators (`apis/slack.md` §8); our own check is all there is for them."""


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """The corpus; an empty one is a failure."""
    found = read(ROOT)
    assert found.lines, "build/corpus is empty: run `make test` with SHIPCLERK_CORPUS set, as .ci/run does"
    assert found.blocks, "no message with blocks in build/corpus"
    assert found.views, "no view in build/corpus"
    return found


def without(blocks: list[dict[str, Any]], unknown: set[str]) -> list[dict[str, Any]]:
    """The blocks that a validator can know."""
    return [block for block in blocks if not unknown.intersection(kinds(block))]


def round_trip(block: dict[str, Any]) -> dict[str, Any] | None:
    """The block as slack_sdk's models read it and write it again."""
    parsed = Block.parse(block)
    return None if parsed is None else parsed.to_dict()


def as_sdk_writes(value: Any) -> Any:
    """The value without what slack_sdk 3.47 forgets: `unsafe` and `border` of rich text, an empty `initial_value`."""
    if isinstance(value, list):
        return [as_sdk_writes(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: as_sdk_writes(item) for key, item in value.items() if key not in ("unsafe", "border")}
    return {key: item for key, item in kept.items() if (key, item) != ("initial_value", "")}


def constants(blocks: list[dict[str, Any]], views: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """What to compile: blocks as `KnownBlock`, and views without them, because a view's type takes any block."""
    named = [("KnownBlock", block) for block in shapes(without(blocks, UNKNOWN_TO_TYPES))]
    for view in shapes([{**view, "blocks": []} for view in views]):
        named.append(("HomeView" if view["type"] == "home" else "ModalView", view))
    return named


def test_our_own_check(corpus: Corpus) -> None:
    """A9: what the workspace took has no flaw when looked at again."""
    assert [(blocks, flaws) for blocks in corpus.blocks if (flaws := check_message(blocks))] == []
    assert [(view, flaws) for view in corpus.views if (flaws := check_view(view))] == []
    assert [(answer, flaws) for answer in corpus.suggestions if (flaws := check_suggestions(answer))] == []


def test_slack_sdk(corpus: Corpus) -> None:
    """A9: slack_sdk's models read every block, find it valid and write the same again."""
    blocks = without(flat(corpus), UNKNOWN_TO_SDK)
    assert [block for block in blocks if as_sdk_writes(round_trip(block)) != as_sdk_writes(block)] == []


def test_types_schema(corpus: Corpus, blockkit_schema: Schema) -> None:
    """A9: every message and view has the structure of `@slack/types`."""
    messages = [{"blocks": without(blocks, UNKNOWN_TO_TYPES)} for blocks in corpus.blocks]
    views = [{view["type"]: {**view, "blocks": without(view["blocks"], UNKNOWN_TO_TYPES)}} for view in corpus.views]
    documents = [*messages, *views]
    found = blockkit_schema.errors(documents)
    assert [pair for pair in zip(documents, found, strict=True) if pair[1]] == []


def test_typescript(corpus: Corpus, compiler: Compiler) -> None:
    """A9: TypeScript takes every distinct shape of block and view as a value of Slack's own types."""
    assert compiler.errors(constants(flat(corpus), corpus.views)) == []


SAMPLES = [
    *(block for name, block in BLOCKS.items() if name != "card"),
    {key: value for key, value in BLOCKS["card"].items() if key != "subtext"},
    *map(asked, IN_INPUT),
    *(acted(name) for name in IN_ACTIONS),
]
"""All that our unit tests call valid; `subtext` of a card is newer than the types."""
WRONG = [{"type": "section", "tex": "x"}, {"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, {"type": "foo"}]


def test_our_samples_are_valid_to_others(blockkit_schema: Schema, compiler: Compiler) -> None:
    """What our check takes in unit tests, Slack's types take too: it is not laxer than they are."""
    for block in without(SAMPLES, UNKNOWN_TO_SDK):
        assert as_sdk_writes(round_trip(block)) == as_sdk_writes(block)
    samples = without(SAMPLES, UNKNOWN_TO_TYPES)
    assert blockkit_schema.errors([{"blocks": samples}, {"modal": MODAL}, {"home": HOME}]) == [[], [], []]
    assert compiler.errors(constants(samples, [MODAL, HOME])) == []


@pytest.mark.parametrize("wrong", WRONG)
def test_the_validators_are_awake(wrong: dict[str, Any], blockkit_schema: Schema, compiler: Compiler) -> None:
    """A block that nobody should take is refused by every validator, so that silence means consent."""
    looks: list[Callable[[], object]] = [
        lambda: check_message([wrong]),
        lambda: blockkit_schema.errors([{"blocks": [wrong]}])[0],
        lambda: compiler.errors([("KnownBlock", wrong)]),
    ]
    assert all(look() for look in looks)
