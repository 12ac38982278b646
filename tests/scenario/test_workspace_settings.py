"""What admins settle, and the list of what waits for a second person (issue: Four eyes; CHECKS B2, B4, B5)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from stage import ADA, BEN, DM_ADA, OLGA, ORDERS, SHARED, Stage, staged, text_of

from handlers.request import Kind, Request
from sandbox.quivo.accounts import Account
from sandbox.slack.workspace import TEAM
from store.audit import SqliteAudit
from store.preferences import Preferences

FULL = {"approvalAboveValue": "500", "approvalCurrency": "EUR", "approvalAboveCount": "20"}
CANCEL = "/orders/1001/cancelRequest"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with Ada connected, who is an admin; Ben is a member."""
    async with staged(tmp_path) as one:
        await one.connect(ADA)
        yield one


def settled(stage: Stage) -> Preferences:
    """What holds now."""
    kept: Preferences = stage.bot.services.ports.preferences.get(TEAM)
    return kept


def saved(stage: Stage) -> list[str]:
    """The audit's lines about what was settled, oldest first."""
    lines = reversed(SqliteAudit(stage.database).lines(TEAM, 100))
    return [line.outcome for line in lines if line.action == "settings.save" and "->" in line.outcome]


async def test_an_admin_settles_it(stage: Stage) -> None:
    """The form is empty, then saved; the next form shows what was saved, and the audit says who changed what."""
    await stage.command(ADA, ORDERS, "/shipclerk settings")
    await stage.submit(ADA, FULL)
    assert "Saved" in text_of(stage.slack.views(ADA)[-1])
    assert settled(stage) == Preferences(Decimal(500), 20, "EUR")
    told = stage.slack.visible(ADA, ORDERS)[-1]
    assert (told.ephemeral_to, "worth more than" in told.text, "20 cancellations" in told.text) == (ADA, True, True)
    await stage.command(ADA, DM_ADA, "/shipclerk settings")
    shown = text_of(stage.slack.views(ADA)[-1])
    assert all(f'"initial_value": "{value}"' in shown for value in FULL.values())
    await stage.submit(ADA, {"approvalAboveValue": None, "approvalCurrency": None, "approvalAboveCount": "3"})
    assert settled(stage) == Preferences(None, 3, None)
    assert saved(stage) == [
        "value none, count none -> value 500 EUR, count 20",
        "value 500 EUR, count 20 -> value none, count 3",
    ]


@pytest.mark.parametrize(
    ("values", "under"),
    [
        ({**FULL, "approvalAboveValue": "much"}, "approvalAboveValue"),
        ({**FULL, "approvalAboveValue": "-1"}, "approvalAboveValue"),
        ({**FULL, "approvalCurrency": "euros"}, "approvalCurrency"),
        ({**FULL, "approvalCurrency": None}, "approvalCurrency"),
        ({**FULL, "approvalAboveCount": "1.5"}, "approvalAboveCount"),
    ],
)
async def test_what_cannot_be_read_is_said_under_its_input(
    stage: Stage, values: dict[str, str | None], under: str
) -> None:
    """An error stands under the input that it is about, and nothing is saved."""
    await stage.command(ADA, ORDERS, "/shipclerk settings")
    await stage.submit(ADA, values)
    assert list(stage.slack.views(ADA)[-1].errors) == [under]
    assert (settled(stage), saved(stage)) == (Preferences(), [])


async def test_members_may_not(stage: Stage) -> None:
    """B2, B5: a member is refused and opens nothing; help does not offer it to them."""
    [answer] = await stage.command(BEN, ORDERS, "/shipclerk settings")
    assert ("Only admins" in answer.text, stage.slack.views(BEN)) == (True, [])
    [helped] = await stage.command(BEN, ORDERS, "/shipclerk help")
    assert ("settings" in text_of(helped), "approvals" in text_of(helped)) == (False, True)


async def test_who_is_no_longer_an_admin_saves_nothing(stage: Stage) -> None:
    """B3: demoted between opening and saving: refused, and nothing is changed."""
    await stage.command(ADA, ORDERS, "/shipclerk settings")
    stage.slack.set_member(ADA, is_admin=False, is_owner=False)
    stage.bot.services.directory._roles._known.clear()
    await stage.submit(ADA, FULL)
    assert ("Only admins" in text_of(stage.slack.views(ADA)[-1]), settled(stage)) == (True, Preferences())


async def waits(stage: Stage, order: str = "1001") -> None:
    """Ada asks for a cancellation that needs a second person."""
    await stage.command(ADA, ORDERS, f"/order cancel {order}")
    await stage.slack.act_in_view(ADA, stage.slack.views(ADA)[-1].id, "cancel.confirm")
    await stage.settle()


async def settle_all(stage: Stage) -> None:
    """From now on every cancellation needs a second person; Ben gets an account of his own for Ada's seller."""
    stage.quivo.accounts.append(Account("ben-key", "ben", "ben-pass", frozenset({12})))
    await stage.connect(BEN, {"apiKey": "ben-key", "username": "ben", "password": "ben-pass"})
    await stage.command(ADA, ORDERS, "/shipclerk settings")
    await stage.submit(ADA, {"approvalAboveValue": None, "approvalCurrency": None, "approvalAboveCount": "0"})
    await stage.slack.close(ADA, stage.slack.views(ADA)[-1].id, all=True)


async def test_what_waits_is_listed_and_approved_from_the_list(stage: Stage) -> None:
    """B4: what was settled asks for a second person; the list shows it to Ben, who approves it there; it is sent."""
    await settle_all(stage)
    await waits(stage)
    [listed] = await stage.command(BEN, SHARED, "/shipclerk approvals")
    shown = text_of(listed)
    assert (listed.ephemeral_to, "Order 1001" in shown, "cancel.approve" in shown) == (BEN, True, True)
    assert "number 1 of" not in shown
    await stage.click(BEN, SHARED, listed, "cancel.approve")
    await stage.later(10)
    assert stage.quivo.count("POST", CANCEL) == 1
    [empty] = await stage.command(BEN, ORDERS, "/shipclerk approvals")
    assert "Nothing waits for approval." in empty.text


async def test_ones_own_request_can_only_be_declined(stage: Stage) -> None:
    """The list gives Ada no *Approve* for what she asked for herself, and *Decline* takes it back."""
    await settle_all(stage)
    await waits(stage)
    [listed] = await stage.command(ADA, ORDERS, "/shipclerk approvals")
    assert ("cancel.approve" in text_of(listed), "cancel.decline" in text_of(listed)) == (False, True)
    assert "number 1 of" in text_of(listed)
    await stage.click(ADA, ORDERS, listed, "cancel.decline")
    await stage.later(60)
    assert stage.quivo.count("POST", CANCEL) == 0


async def test_what_is_too_old_is_not_listed(stage: Stage) -> None:
    """After thirty minutes nothing waits any more."""
    await settle_all(stage)
    await waits(stage)
    await stage.later(1801)
    [empty] = await stage.command(BEN, ORDERS, "/shipclerk approvals")
    assert "Nothing waits for approval." in empty.text


async def test_what_is_too_old_but_not_closed_yet_is_not_listed(stage: Stage) -> None:
    """The engine has not come to close it: it is too old by the clock, and that counts."""
    await settle_all(stage)
    await waits(stage)
    await stage.bot.engine.stop(1)
    stage.world.clock.advance(1801)
    [empty] = await stage.command(BEN, ORDERS, "/shipclerk approvals")
    assert "Nothing waits for approval." in empty.text


async def test_somebody_elses_form_saves_nothing(stage: Stage) -> None:
    """A form that was opened for Ada is not Ben's to submit, although he is an admin too (B2)."""
    stage.slack.set_member(BEN, is_admin=True)
    await stage.command(ADA, ORDERS, "/shipclerk settings")
    card = stage.slack.views(ADA)[-1].content["private_metadata"]
    view = {"id": "V0FORGED", "private_metadata": card}
    await stage.bot.door.handle(
        Request(Kind.SUBMISSION, "settings.save", "forged-1", TEAM, TEAM, BEN, view=view, values=FULL)
    )
    assert (settled(stage), saved(stage)) == (Preferences(), [])


async def test_an_outsider_sees_no_list(stage: Stage) -> None:
    """Somebody of another company cannot even type it; Slack knows no such command there (B1)."""
    outcome = await stage.slack.command(OLGA, SHARED, "/shipclerk approvals")
    assert outcome.error == "unknown_command"
