"""Everything that any test made the bot send and that the workspace took, as `make test` left it in `build/corpus`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# values that a type names one by one; every other text is as good as any other
_LITERAL = {"type", "style", "level", "status", "width", "align", "range", "include", "trigger_actions_on"}


@dataclass
class Corpus:
    """Distinct lists of blocks, views and answers to suggestions."""

    blocks: list[list[dict[str, Any]]] = field(default_factory=list)
    views: list[dict[str, Any]] = field(default_factory=list)
    suggestions: list[dict[str, Any]] = field(default_factory=list)
    lines: int = 0


def read(root: Path) -> Corpus:
    """The corpus; a line that is not JSON raises."""
    folder = Path(os.environ.get("SHIPCLERK_CORPUS", root / "build" / "corpus"))
    corpus = Corpus()
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            corpus.lines += 1
            _sort(corpus, json.loads(line))
    corpus.blocks, corpus.views = _distinct(corpus.blocks), _distinct(corpus.views)
    corpus.suggestions = _distinct(corpus.suggestions)
    return corpus


def _sort(corpus: Corpus, sent: dict[str, Any]) -> None:
    payload = sent["payload"]
    if sent["kind"] == "view":
        corpus.views.append(_decoded(payload))
    elif isinstance(payload, dict):
        if payload.get("blocks"):
            corpus.blocks.append(_decoded(payload["blocks"]))
        if payload.get("view"):
            corpus.views.append(_decoded(payload["view"]))
        if sent["kind"] == "ack" and ("options" in payload or "option_groups" in payload):
            corpus.suggestions.append(payload)


def _decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _distinct(items: list[Any]) -> list[Any]:
    return list({json.dumps(item, sort_keys=True): item for item in items}.values())


def shape(value: Any, name: str = "") -> Any:
    """The value as a type sees it: free texts are empty, and of equal items in a list one is left."""
    if isinstance(value, dict):
        return {key: shape(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return _distinct([shape(item, name) for item in value])
    return "" if isinstance(value, str) and name not in _LITERAL else value


def shapes(values: list[Any]) -> list[Any]:
    """Distinct shapes."""
    return _distinct([shape(value) for value in values])


def flat(corpus: Corpus) -> list[dict[str, Any]]:
    """Every block of every message and view."""
    return [block for blocks in [*corpus.blocks, *(view["blocks"] for view in corpus.views)] for block in blocks]


def kinds(value: Any) -> Iterator[str]:
    """Every `type` in a document."""
    if isinstance(value, dict):
        if isinstance(value.get("type"), str):
            yield value["type"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from kinds(item)
