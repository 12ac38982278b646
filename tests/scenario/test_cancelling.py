"""Cancelling an order as members do it (issue: Cancel, Four eyes; CHECKS B3, B4, B7, E1, E3, E4, E7)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from stage import ADA, BEN, ORDERS, Message, Stage, staged, text_of

from sandbox.quivo import Fault
from sandbox.quivo.accounts import Account
from sandbox.quivo.faults import FaultKind
from sandbox.slack.state import Member
from store.audit import AuditLine
from store.preferences import Preferences

CANCEL = "/orders/1001/cancelRequest"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with Ada connected, where a cancellation settles five seconds after Quivo took it."""
    async with staged(tmp_path) as one:
        await one.connect(ADA)
        yield one


async def ask(stage: Stage, user: str = ADA, order: str = "1001") -> None:
    """Type the command; the modal with the question is open afterwards."""
    await stage.command(user, ORDERS, f"/order cancel {order}")


async def confirm(stage: Stage, user: str = ADA) -> None:
    """Press the red button of the open modal."""
    await stage.slack.act_in_view(user, stage.slack.views(user)[-1].id, "cancel.confirm")
    await stage.settle()


def story(stage: Stage, user: str = BEN) -> list[str]:
    """The first lines of the bot's messages that everybody sees."""
    shown = [m for m in stage.slack.visible(user, ORDERS) if m.by_bot and m.ephemeral_to is None]
    return [message.text.splitlines()[0].replace("\u2060", "") for message in shown]


def last(stage: Stage) -> Message:
    """The newest message that everybody sees."""
    found: Message = [m for m in stage.slack.visible(BEN, ORDERS) if m.by_bot and m.ephemeral_to is None][-1]
    return found


async def test_from_the_question_to_cancelled(stage: Stage) -> None:
    """The question, held, requested, and *cancelled* only after a second read; one request, one message (E3, E7)."""
    await ask(stage)
    question = text_of(stage.slack.views(ADA)[-1])
    assert ("in the warehouse" in question, "request" in question) == (True, True)
    assert stage.quivo.count("POST", CANCEL) == 0
    await confirm(stage)
    assert story(stage) == ["✋ Order 1001 (#DE38678): I will ask Quivo to cancel it in 10 s."]
    assert stage.quivo.count("POST", CANCEL) == 0
    await stage.later(10)
    assert story(stage) == ["✋ Order 1001 (#DE38678): cancellation requested, not cancelled yet."]
    await stage.later(3)
    assert story(stage) == ["✋ Order 1001 (#DE38678): cancellation requested, not cancelled yet."]
    await stage.later(60)
    assert story(stage) == ["🚫 Order 1001 (#DE38678) is cancelled."]
    assert stage.quivo.count("POST", CANCEL) == 1


async def test_shipped_anyway(stage: Stage) -> None:
    """An order that is completed after the request is said to be shipped, and never cancelled."""
    await ask(stage)
    await confirm(stage)
    await stage.later(10)
    stage.quivo.complete(1001, "T-1", "https://carrier.example/T-1")
    await stage.later(30)
    assert story(stage) == ["🚚 Order 1001 (#DE38678) was shipped anyway, although its cancellation was requested."]


async def test_undo_within_the_window_sends_nothing(stage: Stage) -> None:
    """*Undo* in the last second calls it off; after the window it is too late (E7)."""
    await ask(stage)
    await confirm(stage)
    await stage.later(9)
    await stage.click(ADA, ORDERS, last(stage), "cancel.undo")
    await stage.later(3600)
    assert "undone and nothing was sent" in story(stage)[-1]
    assert stage.quivo.count("POST", CANCEL) == 0


async def test_undo_after_the_window_is_too_late(stage: Stage) -> None:
    """An old *Undo* button after the request was sent changes nothing and says so (E7)."""
    await ask(stage)
    await confirm(stage)
    held = last(stage)
    buttons = list(held.blocks)
    await stage.later(10)
    held.blocks[:] = buttons
    await stage.click(ADA, ORDERS, held, "cancel.undo")
    assert "Too late" in stage.slack.visible(ADA, ORDERS)[-1].text
    assert stage.quivo.count("POST", CANCEL) == 1


async def test_somebody_elses_cancellation_is_not_undone_by_a_member(stage: Stage) -> None:
    """Ben, a member, cannot undo what Ada asked for; Ada, an admin, could undo his (B2)."""
    await ask(stage)
    await confirm(stage)
    await stage.click(BEN, ORDERS, last(stage), "cancel.undo")
    assert "Somebody else asked for this" in stage.slack.visible(BEN, ORDERS)[-1].text
    await stage.later(10)
    assert stage.quivo.count("POST", CANCEL) == 1


async def test_the_window_survives_a_restart(stage: Stage) -> None:
    """Held, stopped, started again: it is sent once, after its time (E7)."""
    await ask(stage)
    await confirm(stage)
    await stage.restart()
    await stage.later(10)
    await stage.later(60)
    assert (stage.quivo.count("POST", CANCEL), story(stage)[-1]) == (1, "🚫 Order 1001 (#DE38678) is cancelled.")


async def test_an_order_that_moved_on_is_asked_about_anew(stage: Stage) -> None:
    """Changed between the question and the click: nothing is claimed or sent, and the order is shown as it is (E4)."""
    await ask(stage)
    stage.quivo.change(1001, comment="x", deliveryAddress={"name1": "Somebody else", "country": "DE"})
    await confirm(stage)
    assert "has changed since you saw it" in stage.slack.visible(ADA, ORDERS)[-1].text
    await stage.later(60)
    assert (stage.quivo.count("POST", CANCEL), story(stage)) == (0, [])


@pytest.mark.parametrize("status", ["COMPLETED", "CANCELLED"])
async def test_what_cannot_be_cancelled_is_said_with_what_to_do(stage: Stage, status: str) -> None:
    """The status table refuses at the question already (seed 002)."""
    stage.quivo.set_status(1001, status)
    await ask(stage)
    assert any(word in text_of(stage.slack.views(ADA)[-1]) for word in ("return", "/order copy"))
    assert "cancel.confirm" not in text_of(stage.slack.views(ADA)[-1])


async def test_ten_at_once_are_one_request(stage: Stage) -> None:
    """Ada and nine colleagues confirm at once: one cancellation, nine are told who was first (E1)."""
    crew = [f"U0CREW{number:04d}" for number in range(9)]
    for user in crew:
        stage.slack.members[user] = Member(user, user.lower(), user.title())
        stage.slack.channels[ORDERS].members.append(user)
        await stage.connect(user, {"apiKey": "demo-key", "username": "ada", "password": "demo-pass"})
    for user in (ADA, *crew):
        await ask(stage, user)
    views = {user: stage.slack.views(user)[-1].id for user in (ADA, *crew)}
    await asyncio.gather(*(stage.slack.act_in_view(user, view, "cancel.confirm") for user, view in views.items()))
    await stage.settle()
    await stage.later(10)
    told = [
        user for user in (ADA, *crew) if any("already cancelling" in m.text for m in stage.slack.visible(user, ORDERS))
    ]
    assert (len(told), stage.quivo.count("POST", CANCEL), len(story(stage))) == (9, 1, 1)


@pytest.mark.parametrize("kind", ["accept_then_hang", "accept_then_500", "html", "close"])
async def test_an_unknown_outcome_is_said_as_unknown_and_never_sent_again(stage: Stage, kind: FaultKind) -> None:
    """Where nobody knows, the message says so with *Look again*; looking finds out, and nothing is sent twice (E3)."""
    await ask(stage)
    await confirm(stage)
    stage.quivo.faults.append(Fault(f"POST {CANCEL}", kind, times=1, seconds=0.1))
    await stage.later(10)
    assert "we do not know" in story(stage)[-1] or "requested" in story(stage)[-1]
    await stage.later(3600)
    ended = "is cancelled" if kind.startswith("accept") else "we do not know"
    assert ended in story(stage)[-1]
    assert stage.quivo.count("POST", CANCEL) == 1


async def test_look_again_looks_with_the_clickers_connection(stage: Stage) -> None:
    """*Look again* after an unknown outcome tells what Quivo says now (B7)."""
    await ask(stage)
    await confirm(stage)
    stage.quivo.faults.append(Fault(f"POST {CANCEL}", "close", times=1))
    await stage.later(10)
    stage.quivo.set_status(1001, "CANCELLED")
    await stage.click(ADA, ORDERS, last(stage), "cancel.look")
    assert story(stage) == ["🚫 Order 1001 (#DE38678) is cancelled."]


async def test_a_refusal_is_said_as_a_refusal(stage: Stage) -> None:
    """Quivo says no to the request: not cancelled, with a reference, and nothing more is tried."""
    await ask(stage)
    await confirm(stage)
    stage.quivo.faults.append(Fault(f"POST {CANCEL}", "409"))
    await stage.later(10)
    await stage.later(3600)
    assert "is not cancelled" in story(stage)[-1]
    assert stage.quivo.count("POST", CANCEL) == 1


async def test_a_token_that_runs_out_in_between_costs_one_login(stage: Stage) -> None:
    """The hour is over when the window ends: one login, one request that counts, and the message goes on."""
    await ask(stage)
    await confirm(stage)
    stage.quivo.expire_tokens()
    await stage.later(10)
    assert "cancellation requested" in story(stage)[-1]


async def test_who_lost_their_rights_meanwhile_sends_nothing(stage: Stage) -> None:
    """Deactivated inside the window: it is not sent (B3)."""
    await ask(stage)
    await confirm(stage)
    stage.slack.set_member(ADA, deleted=True)
    await stage.later(10)
    assert ("is not cancelled" in story(stage)[-1], stage.quivo.count("POST", CANCEL)) == (True, 0)


async def second_person(stage: Stage) -> None:
    """From now on any cancellation needs a second person; Ben has an account of his own with Ada's seller."""
    stage.quivo.accounts.append(Account("ben-key", "ben", "ben-pass", frozenset({12})))
    await stage.connect(BEN, {"apiKey": "ben-key", "username": "ben", "password": "ben-pass"})
    line = AuditLine(stage.bot.services.now(), "TEST", "T0HOME0001", ADA, "", "settings.save", "", "done")
    await stage.bot.services.ports.preferences.set("T0HOME0001", ADA, Preferences(Decimal(0), None, None), line)


async def test_a_second_person_agrees(stage: Stage) -> None:
    """Above the limit it waits; Ada cannot agree to her own; Ben can, and it is sent with Ada's connection (B4, B7)."""
    await second_person(stage)
    await ask(stage)
    await confirm(stage)
    assert "needs a second person" in story(stage)[-1]
    await stage.later(60)
    assert stage.quivo.count("POST", CANCEL) == 0
    await stage.click(ADA, ORDERS, last(stage), "cancel.approve")
    assert "somebody else must agree" in stage.slack.visible(ADA, ORDERS)[-1].text
    await stage.click(BEN, ORDERS, last(stage), "cancel.approve")
    await stage.later(10)
    [sent] = [seen for seen in stage.quivo.requests if seen.path == CANCEL]
    assert sent.headers["X-Api-Key"] == "demo-key"


async def test_nobody_agrees_in_time(stage: Stage) -> None:
    """After thirty minutes it is over, and an old *Approve* does nothing (B4)."""
    await second_person(stage)
    await ask(stage)
    await confirm(stage)
    waiting, buttons = last(stage), list(last(stage).blocks)
    await stage.later(1801)
    assert "nobody approved in time" in story(stage)[-1]
    waiting.blocks[:] = buttons
    await stage.click(BEN, ORDERS, waiting, "cancel.approve")
    await stage.later(60)
    assert stage.quivo.count("POST", CANCEL) == 0


async def test_a_second_person_declines(stage: Stage) -> None:
    """Declined is the end of it; nothing is sent."""
    await second_person(stage)
    await ask(stage)
    await confirm(stage)
    await stage.click(BEN, ORDERS, last(stage), "cancel.decline")
    await stage.later(60)
    assert ("declined" in story(stage)[-1], stage.quivo.count("POST", CANCEL)) == (True, 0)


async def test_cancelling_typed_before_connecting_asks_to_type_again(tmp_path: Path) -> None:
    """A modal cannot open by itself once the person is connected: they are told to type the command again."""
    async with staged(tmp_path) as stage:
        [prompt] = await stage.command(ADA, ORDERS, "/order cancel 1001")
        await stage.click(ADA, ORDERS, prompt, "connection.open")
        await stage.submit(ADA, {"apiKey": "demo-key", "username": "ada", "password": "demo-pass"})
        assert "Please type /order cancel 1001 again" in stage.slack.visible(ADA, ORDERS)[-1].text.replace("\u2060", "")
        assert stage.quivo.count("POST", CANCEL) == 0
