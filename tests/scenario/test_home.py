"""Home as a person finds it: from the store alone, with what waits for them and what runs for them (issue 6)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from digest_moves import kept, make, one, plain, told, unpaced, until_due
from stage import ADA, ADAS, BEN, DM_ADA, ORDERS, Stage, staged, text_of

from handlers.request import Kind, Request
from operations.linking import Actor
from sandbox.quivo import Fault
from sandbox.quivo.accounts import Account
from sandbox.slack.workspace import DM_BEN, TEAM


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with Ada connected."""
    async with staged(tmp_path) as made:
        unpaced(made)
        await made.connect(ADA)
        yield made


async def home(stage: Stage, user: str = ADA) -> str:
    """Open Home and wait; all that it says."""
    await stage.slack.open_home(user)
    await stage.settle()
    shown = stage.slack.home(user)
    assert shown is not None
    return plain(text_of(shown))


async def press(stage: Stage, action_id: str, user: str = ADA, block: str = "") -> None:
    """Press a button of Home: the first one of this action in a block with these words."""
    shown = stage.slack.home(user)
    assert shown is not None
    fits = [b for b in shown.content["blocks"] if action_id in str(b) and block in plain(str(b))]
    await stage.slack.act_in_view(user, shown.id, action_id, block_id=fits[0]["block_id"])
    await stage.settle()


async def test_nothing_is_asked_of_a_back_end(stage: Stage) -> None:
    """Connections, a watch, a digest and what was done last are shown, and no back end hears of it."""
    await make(stage)
    await stage.command(ADA, ORDERS, "/order watch 1001")
    asked = (len(stage.quivo.requests), len(stage.world.qpilot.requests))
    said = await home(stage)
    assert "Your digests" in said
    assert "Orders by status" in said
    assert "Your watches" in said
    assert "Order 1001 (#DE38678): in the warehouse" in said
    assert "Your connections" in said
    assert (len(stage.quivo.requests), len(stage.world.qpilot.requests)) == asked


async def test_an_empty_home_offers_to_begin(stage: Stage) -> None:
    """Who has nothing sees what to begin with, and no heading of anything that there is not."""
    said = await home(stage, BEN)
    assert "You have not connected anything yet" in said
    assert [
        word for word in ("Waits for you", "Your digests", "Your watches", "What you did last") if word in said
    ] == []
    assert ("digest.new" in said, "order.create_open" in said) == (True, False)


async def test_a_watch_is_stopped_from_home(stage: Stage) -> None:
    """One's own: the channel is told and Home shows it no more; somebody else's stays."""
    await stage.connect(BEN, ADAS)
    await stage.command(ADA, ORDERS, "/order watch 1001")
    await stage.command(BEN, ORDERS, "/order watch 1004")
    await home(stage)
    await press(stage, "home.unwatch")
    left = [(watch.user, watch.order_id) for watch in stage.bot.services.ports.watches.all_open()]
    assert left == [(BEN, 1004)]
    assert "no longer watched here" in stage.slack.visible(BEN, ORDERS)[-1].text
    shown = stage.slack.home(ADA)
    assert shown is not None
    assert "Your watches" not in text_of(shown)


async def test_a_digest_is_steered_from_home(stage: Stage) -> None:
    """Made, paused and resumed there; Home says how it is at once."""
    await home(stage)
    await press(stage, "digest.new")
    await stage.submit(ADA, {"what": ["orders_by_status"], "channel": ORDERS})
    await stage.slack.close(ADA, stage.slack.views(ADA)[-1].id, all=True)
    assert one(stage).channel == ORDERS
    assert "Your digests" in await home(stage)
    await press(stage, "digest.pause")
    shown = stage.slack.home(ADA)
    assert shown is not None
    assert "⏸️" in text_of(shown)
    await press(stage, "digest.resume")
    assert one(stage).state == "active"
    await press(stage, "digest.delete")
    assert kept(stage) == []


async def test_a_stopped_digest_waits_for_its_owner(stage: Stage) -> None:
    """F4: it stands under what waits, with the way to mend it."""
    await make(stage)
    await stage.bot.services.accounts.disconnect(Actor(TEAM, ADA))
    assert "without a connection" in await home(stage)
    await until_due(stage)
    said = await home(stage)
    assert ("Waits for you" in said, "stopped" in said, "/digest resume" in said) == (True, True, True)


async def test_an_offered_digest_is_accepted_from_home(stage: Stage) -> None:
    """What a colleague offers stands there; accepted, it is one's own."""
    await stage.connect(BEN)
    await make(stage)
    await stage.command(ADA, ORDERS, "/digest handover")
    await stage.submit(ADA, {"to": BEN})
    assert "Take over a digest?" in await home(stage, BEN)
    await press(stage, "digest.accept", BEN)
    assert one(stage).owner == BEN
    assert "took over the digest" in told(stage)[-1]
    assert "Your digests" in await home(stage, BEN)


BENS = {"apiKey": "ben-key", "username": "ben", "password": "ben-pass"}


async def waiting(stage: Stage) -> None:
    """Ada's cancellation of 1001 waits for a second person; Ben has an account of his own at her seller."""
    await stage.connect(ADA)
    stage.quivo.accounts.append(Account("ben-key", "ben", "ben-pass", frozenset({12})))
    await stage.connect(BEN, BENS)
    await stage.command(ADA, ORDERS, "/shipclerk settings")
    await stage.submit(ADA, {"approvalAboveCount": "0"})
    await stage.slack.close(ADA, stage.slack.views(ADA)[-1].id, all=True)
    await cancel(stage)


async def cancel(stage: Stage) -> None:
    """Ada asks for 1001 to be cancelled."""
    await stage.command(ADA, ORDERS, "/order cancel 1001")
    await stage.slack.act_in_view(ADA, stage.slack.views(ADA)[-1].id, "cancel.confirm")
    await stage.settle()


def drawn(stage: Stage, user: str = ADA) -> str:
    """All that Home says as it stands, without its being opened anew."""
    shown = stage.slack.home(user)
    assert shown is not None
    return plain(text_of(shown))


def homes_drawn(stage: Stage) -> int:
    """How often any Home was published."""
    return sum(call.method == "views.publish" for call in stage.slack.calls)


async def test_approvals_are_the_others_to_decide(tmp_path: Path) -> None:
    """A cancellation that waits stands on the Home of whoever may decide it, not of whoever asked (B4)."""
    async with staged(tmp_path) as stage:
        await waiting(stage)
        assert ("cancel.approve" in await home(stage, BEN), "cancel.approve" in await home(stage)) == (True, False)
        assert "Cancel order 1001: waits for a second person" in await home(stage)


@pytest.mark.parametrize(("button", "said"), [("cancel.approve", "I will ask Quivo"), ("cancel.decline", "declined")])
async def test_what_was_decided_on_home_is_gone_from_it(tmp_path: Path, button: str, said: str) -> None:
    """After Approve and after Decline there, Home no longer has what waited, and the message in the channel says so."""
    async with staged(tmp_path) as stage:
        await waiting(stage)
        await home(stage, BEN)
        await press(stage, button, BEN)
        assert ("Waits for you" in drawn(stage, BEN), button in drawn(stage, BEN)) == (False, False)
        assert said in plain(stage.slack.visible(BEN, ORDERS)[-1].text)


async def test_what_may_not_be_decided_stays_on_home(tmp_path: Path) -> None:
    """B4: with the same account as whoever asked, nothing is decided, and Home still has it."""
    async with staged(tmp_path) as stage:
        await waiting(stage)
        await stage.bot.services.accounts.disconnect(Actor(TEAM, BEN))
        await stage.connect(BEN, ADAS)
        await home(stage, BEN)
        await press(stage, "cancel.approve", BEN)
        assert "cancel.approve" in drawn(stage, BEN)
        assert "needs a second person" in plain(stage.slack.visible(BEN, ORDERS)[-1].text)


async def test_what_is_decided_in_a_channel_draws_no_home(tmp_path: Path) -> None:
    """Where the button was pressed in the message, nobody's Home is published."""
    async with staged(tmp_path) as stage:
        await waiting(stage)
        before = homes_drawn(stage)
        await stage.click(BEN, ORDERS, stage.slack.visible(BEN, ORDERS)[-1], "cancel.approve")
        assert "I will ask Quivo" in plain(stage.slack.visible(BEN, ORDERS)[-1].text)
        assert homes_drawn(stage) == before


@pytest.mark.parametrize(("status", "waits"), [("CANCELLED", False), ("PROCESSING", True)])
async def test_look_again_on_home_shows_what_was_seen(stage: Stage, status: str, waits: bool) -> None:
    """An outcome that nobody knew is no longer there once a look has shown it; while nothing is to be seen it stays."""
    await cancel(stage)
    stage.quivo.faults.append(Fault("POST /orders/1001/cancelRequest", "close", times=1))
    await stage.later(10)
    assert "nobody knows whether it was done" in await home(stage)
    stage.quivo.set_status(1001, status)
    await press(stage, "cancel.look")
    assert ("nobody knows whether it was done" in drawn(stage)) is waits
    assert ("Cancel order 1001: cancelled" in drawn(stage)) is not waits


async def test_find_answers_in_the_direct_message(stage: Stage) -> None:
    """The form on Home runs the command in the person's own messages with the bot, with their own connection."""
    await home(stage)
    await press(stage, "home.find")
    await stage.submit(ADA, {"words": "1001"})
    assert "Order 1001 (#DE38678)" in plain(stage.slack.visible(ADA, DM_ADA)[-1].text)
    assert "I answer in our direct message" in text_of(stage.slack.views(ADA)[-1])


async def test_a_forged_unwatch_does_nothing(stage: Stage) -> None:
    """B6: somebody else's watch is not stopped from one's own Home."""
    await stage.command(ADA, ORDERS, "/order watch 1001")
    [watch] = stage.bot.services.ports.watches.all_open()
    view: dict[str, Any] = {"type": "home", "id": "V1"}
    forged = Request(Kind.ACTION, "home.unwatch", "forged-1", TEAM, TEAM, BEN, value=watch.id, view=view)
    await stage.bot.door.handle(forged)
    assert len(stage.bot.services.ports.watches.all_open()) == 1
    assert "expired" in stage.slack.visible(BEN, DM_BEN)[-1].text
