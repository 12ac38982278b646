"""What those who may not do something are offered and told (CHECKS B2, B5)."""

from __future__ import annotations

import pytest
from stage import ADA, BEN, ORDERS, Stage


async def test_a_near_miss_offers_nothing_that_is_denied(stage: Stage) -> None:
    """A member who mistypes an admins' command is not told its name; an admin is (B5)."""
    [to_member] = await stage.command(BEN, ORDERS, "/shipclerk setting")
    [to_admin] = await stage.command(ADA, ORDERS, "/shipclerk setting")
    assert ("settings" in to_member.text, "/shipclerk settings" in to_admin.text) == (False, True)


@pytest.mark.parametrize("flag", ["is_restricted", "is_ultra_restricted"])
async def test_a_denied_shortcut_is_answered(stage: Stage, flag: str) -> None:
    """A guest who uses the message shortcut reads why nothing happened, and nothing is asked (B2)."""
    ts = await stage.slack.post(ADA, ORDERS, "Where is 1001?")
    stage.slack.set_member(BEN, **{flag: True})
    await stage.slack.message_shortcut(BEN, ORDERS, ts, "order.lookup")
    await stage.settle()
    assert "Guests can't use Shipclerk" in stage.slack.visible(BEN, ORDERS)[-1].text
    assert stage.quivo.requests == []
