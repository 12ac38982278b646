"""A member who is deactivated, and an app that is taken out: what Slack tells the app (apis/slack.md §3)."""

from __future__ import annotations

from slack_samples import EVENTS, workspace

from sandbox.slack.delivery import Answer
from sandbox.slack.workspace import BEN, BOT_USER, TEAM

ALL = EVENTS | {"user_change", "app_uninstalled", "tokens_revoked"}


async def test_a_deactivated_member_is_told_whole() -> None:
    """`user_change` holds the whole member as users.info shows it, deleted; from then on it is."""
    ws, app = workspace(bot_events=ALL)
    assert await ws.deactivate(BEN) == Answer()
    event = app.last["event"]
    assert (event["type"], app.last["team_id"]) == ("user_change", TEAM)
    assert {name: event["user"][name] for name in ("id", "team_id", "deleted", "is_bot")} == {
        "id": BEN,
        "team_id": TEAM,
        "deleted": True,
        "is_bot": False,
    }
    assert ws.member(BEN).deleted


async def test_an_app_that_is_taken_out_is_told_twice_and_then_refused() -> None:
    """Revoked tokens are named by the bot's user, never by themselves; then its token is of no use."""
    ws, app = workspace(bot_events=ALL)
    assert await ws.uninstall() == [Answer(), Answer()]
    told = [envelope.payload["event"] for envelope in app.got]
    assert [event.pop("event_ts") for event in told]
    assert told == [
        {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USER]}},
        {"type": "app_uninstalled"},
    ]
    assert ws.token_faults == {ws.bot_token: "account_inactive"}


async def test_without_a_subscription_nobody_is_told() -> None:
    """The member is deactivated and the token dead all the same."""
    ws, app = workspace()
    assert (await ws.deactivate(BEN), await ws.uninstall(), app.got) == (None, [], [])
    assert (ws.member(BEN).deleted, ws.token_faults) == (True, {ws.bot_token: "account_inactive"})
