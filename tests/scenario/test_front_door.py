"""What comes in, and what must not: once each, from the right people, acknowledged first (CHECKS A4 to A10, B2, B6)."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from stage import ADA, BEN, OLGA, ORDERS, SHARED, Message, Stage, staged, text_of

from bot.settings import Mode
from sandbox.quivo import Fault
from sandbox.slack.workspace import TEAM


def signed(stage: Stage, body: bytes) -> dict[str, str]:
    """Slack's headers for this body."""
    stamp = str(int(time.time()))
    secret = stage.slack.signing_secret.encode()
    digest = hmac.new(secret, f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
    }


def slash(user: str = ADA, text: str = "1001", trigger: str = "111.222.abc", team: str = TEAM) -> bytes:
    """The body of one slash command, whole."""
    fields = {
        "token": "t",
        "team_id": team,
        "team_domain": "home",
        "channel_id": ORDERS,
        "channel_name": "orders",
        "user_id": user,
        "user_name": "ada",
        "command": "/order",
        "text": text,
        "api_app_id": "A0SHIPCLK1",
        "is_enterprise_install": "false",
        "trigger_id": trigger,
    }
    return urlencode(fields).encode()


@pytest.fixture
async def over_http(tmp_path: Path) -> Any:
    """A stage in HTTP mode, with Ada connected, and a function that posts a signed body to the bot."""
    async with staged(tmp_path, mode=Mode.HTTP) as stage, aiohttp.ClientSession() as session:
        await stage.connect()
        url = f"http://127.0.0.1:{stage.bot.front.port}/slack/events"  # type: ignore[union-attr]

        async def post(body: bytes) -> int:
            async with session.post(url, data=body, headers=signed(stage, body)) as answer:
                return answer.status

        yield stage, post


@pytest.mark.parametrize("at_once", [False, True])
async def test_the_same_signed_request_ten_times_acts_once(over_http: Any, at_once: bool) -> None:
    """Ten deliveries of one command, in a row or all at once: ten acknowledgements, one read, one card (A4)."""
    stage, post = over_http
    before = stage.quivo.count("GET", "/orders/1001")
    if at_once:
        answers = await asyncio.gather(*(post(slash()) for _ in range(10)))
    else:
        answers = [await post(slash()) for _ in range(10)]
    await stage.settle()
    cards = [m for m in stage.slack.visible(BEN, ORDERS) if m.by_bot]
    assert (answers, stage.quivo.count("GET", "/orders/1001") - before, len(cards)) == ([200] * 10, 1, 1)


async def test_a_submission_ten_times_logs_in_once(stage: Stage) -> None:
    """A modal's submission that is delivered again does not log in again (A4, A5)."""
    await stage.command(ADA, ORDERS, "/connect quivo")
    await stage.submit(ADA, {"apiKey": "demo-key", "username": "ada", "password": "demo-pass"})
    await stage.slack.redeliver_last("interactive", times=10)
    await stage.settle()
    assert stage.quivo.count("POST", "/login") == 1


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_redelivered_envelope_runs_once(stage: Stage, restarted: bool) -> None:
    """The same command in a new envelope, also to a bot that was restarted in between, is not run again (A5)."""
    await stage.connect()
    await stage.command(ADA, ORDERS, "/order 1001")
    if restarted:
        await stage.restart()
    await stage.slack.redeliver_last("slash_commands", times=3)
    await stage.settle()
    assert stage.quivo.count("GET", "/orders/1001") == 1
    assert len([m for m in stage.slack.visible(BEN, ORDERS) if m.by_bot]) == 1


async def test_acknowledgements_do_not_wait_for_back_ends(tmp_path: Path) -> None:
    """With Quivo hanging, fifty commands at once are all acknowledged within a second (A6)."""
    async with staged(tmp_path) as stage:
        await stage.connect()
        stage.slack.ack_seconds = 1.0
        stage.quivo.faults.append(Fault("GET /orders", "hang", seconds=1.5))
        typed = [stage.slack.command(ADA, ORDERS, f"/order {1001 + n}") for n in range(50)]
        outcomes = await asyncio.gather(*typed)
        assert {(outcome.acked, outcome.error) for outcome in outcomes} == {(True, None)}


async def test_a_modal_opens_before_the_back_end_is_asked(stage: Stage) -> None:
    """*Details* opens its modal while Quivo still hangs; the order comes into it later (A7)."""
    await stage.connect()
    [card] = await stage.command(ADA, ORDERS, "/order 1001")
    stage.quivo.faults.append(Fault("GET /orders", "slow", times=1, seconds=0.6))
    await stage.slack.click(ADA, ORDERS, card.ts, "order.details")
    await stage.slack.until(lambda: stage.slack.views(ADA))
    assert "One moment" in text_of(stage.slack.views(ADA)[-1])
    await stage.settle()
    assert "1001" in text_of(stage.slack.views(ADA)[-1])


@pytest.mark.parametrize(
    "who",
    [
        {"is_restricted": True},
        {"is_ultra_restricted": True, "is_restricted": True},
        {"deleted": True},
        {"is_bot": True},
    ],
    ids=["guest", "single-channel guest", "deactivated", "bot"],
)
async def test_those_who_may_not_are_refused_and_nothing_happens(stage: Stage, who: dict[str, bool]) -> None:
    """A guest, a deactivated account or a bot presses a card: no back end is asked, no modal opens (B2)."""
    await stage.connect(ADA)
    [card] = await stage.command(ADA, ORDERS, "/order 1001")
    stage.slack.set_member(BEN, **who)
    before = len(stage.quivo.requests)
    await stage.click(BEN, ORDERS, card, "order.details")
    await stage.click(BEN, ORDERS, card, "order.refresh")
    assert (len(stage.quivo.requests), stage.slack.views(BEN)) == (before, [])
    refused = [line for line in stage.audit(2) if line.outcome.startswith("refused:")]
    assert [line.user for line in refused] == [BEN, BEN]


async def test_a_click_by_somebody_of_another_company_does_nothing(stage: Stage) -> None:
    """Olga, in the shared channel, presses Ada's card: nothing is asked, opened or changed (B2)."""
    await stage.connect(ADA)
    [card] = await stage.command(ADA, SHARED, "/order 1001")
    before, text = len(stage.quivo.requests), card.text
    await stage.click(OLGA, SHARED, card, "order.details")
    await stage.click(OLGA, SHARED, card, "order.refresh")
    assert (len(stage.quivo.requests), stage.slack.views(OLGA), card.text) == (before, [], text)
    assert [line.outcome for line in stage.audit(2)] == ["refused:outsider"] * 2


async def test_a_request_for_another_team_is_refused(over_http: Any) -> None:
    """A correctly signed command that names another workspace does nothing (B2)."""
    stage, post = over_http
    before = len(stage.quivo.requests)
    assert await post(slash(team="T0STRANGER", trigger="1.1.x")) == 200
    await stage.settle()
    assert len(stage.quivo.requests) == before
    assert stage.audit(1, team="T0STRANGER")[0].outcome == "refused:outsider"


@pytest.mark.parametrize("value", ["", "no-such-card", "x" * 2000, "../../etc/passwd", "' OR 1=1 --"])
async def test_a_tampered_button_is_refused(stage: Stage, value: str) -> None:
    """A value that is no card of this team is answered as expired, with one audit line and no request (B6, A10)."""
    await stage.connect()
    before = len(stage.quivo.requests)
    await press(stage, "order.details", value)
    assert len(stage.quivo.requests) == before
    assert "expired" in stage.slack.visible(ADA, ORDERS)[-1].text
    assert [line.outcome for line in stage.audit(1)] == ["refused:expired"]


async def test_a_card_of_another_kind_is_refused(stage: Stage) -> None:
    """The id of a connect card does not open an order, and another person's connect card opens no form (B6)."""
    [prompt] = await stage.command(BEN, ORDERS, "/order 1001")
    card_id = prompt.blocks[-1]["elements"][0]["value"]
    await press(stage, "order.details", card_id)
    await press(stage, "connection.open", card_id)
    assert stage.slack.views(ADA) == []
    assert [line.outcome for line in stage.audit(2)] == ["refused:expired"] * 2


async def test_an_unknown_button_says_that_its_card_has_expired(stage: Stage) -> None:
    """A button of a version that is gone, or of one to come, gets a sentence and no exception (A10)."""
    await press(stage, "order.teleport", "x")
    assert "expired" in stage.slack.visible(ADA, ORDERS)[-1].text


async def press(stage: Stage, action_id: str, value: str) -> None:
    """Press a button that says of itself what a tampered one might."""
    button = {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": "x"}, "value": value}
    message = Message(stage.slack.stamp(), ORDERS, "U0BOT00001", "x", [{"type": "actions", "elements": [button]}])
    message.blocks[0]["block_id"] = "b"
    stage.slack.channels[ORDERS].log.append(message)
    await stage.click(ADA, ORDERS, message, action_id)


async def test_a_secret_typed_into_a_command_is_refused(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """A token after a command is not used, not stored and not repeated (D7)."""
    secret = "xoxb-" + "1234567890-ABCDEFabcdef"
    [answer] = await stage.command(ADA, ORDERS, f"/order {secret}")
    assert ("password, key or token" in answer.text, secret in text_of(answer)) == (True, False)
    assert (secret in caplog.text, stage.quivo.requests) == (False, [])


async def test_stopping_finishes_what_is_running(tmp_path: Path) -> None:
    """A bot that is told to stop still posts the card that it was asked for, and takes nothing new."""
    async with staged(tmp_path) as stage:
        await stage.connect()
        stage.quivo.faults.append(Fault("GET /orders", "slow", times=1, seconds=0.4))
        await stage.slack.command(ADA, ORDERS, "/order 1001")
        assert await stage.bot.stop() == 0
        assert [m.text for m in stage.slack.visible(BEN, ORDERS) if m.by_bot] != []
        outcome = await stage.slack.command(ADA, ORDERS, "/order 1002")
        assert outcome.error == "dispatch_failed"
