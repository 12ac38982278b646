"""Holding what the bot sent to slack_sdk's own models and to the table of limits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from slack_sdk.models.blocks import Block

from sandbox.slack.blocks import check_message, check_view

UNKNOWN_TO_SDK = {"data_table", "data_visualization"}


def assert_all_sent_is_sound(sent: Iterable[dict[str, Any]]) -> None:
    """Every message and view passes slack_sdk.models both ways, and every limit."""
    for one in sent:
        payload = one["payload"]
        view = payload.get("view") if one["kind"] == "ack" and isinstance(payload, dict) else None
        if one["kind"] == "view":
            view = payload.get("view", payload)
        if view:
            assert check_view(view) == [], (one["kind"], view)
            _parse(view["blocks"])
        elif isinstance(payload, dict) and payload.get("blocks"):
            assert check_message(payload["blocks"]) == [], payload
            assert payload.get("text"), "a message without fallback text"
            _parse(payload["blocks"])


def _parse(blocks: list[dict[str, Any]]) -> None:
    known = [block for block in blocks if block["type"] not in UNKNOWN_TO_SDK]
    parsed = Block.parse_all(known)
    assert len(parsed) == len(known)
    for block, ours in zip(parsed, known, strict=True):
        assert block.to_dict()["type"] == ours["type"]
