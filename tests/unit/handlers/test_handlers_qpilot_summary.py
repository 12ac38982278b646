"""``/scheduled summary``: posted with a chart and a table, in words where Slack takes neither (CHECKS F3, F6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fakes import ADA
from ops_fakes import NOON
from qpilot_fakes import ORDER, FakeQpilot
from qpilot_stage import ACTORS, OF_107, QpilotStage, on_stage
from slack_sdk.errors import SlackApiError

from backends.errors import Fault, Unreachable
from backends.qpilot.order import ScheduledOrder
from handlers.render.message import Message
from handlers.render.profile import Profile
from handlers.scheduled_summary import post
from operations.outcome import Done
from operations.summary import Summary, Window, summary

TOMORROW = NOON + timedelta(days=1)


def tomorrows(count: int, **changes: Any) -> dict[int, ScheduledOrder]:
    """So many orders that are due tomorrow, in three currencies."""
    currencies = ("USD", "EUR", "JPY")
    return {
        number: replace(
            ORDER,
            id=number,
            next_occurrence=TOMORROW,
            currency=currencies[number % 3],
            total=Decimal("10.10"),
            **changes,
        )
        for number in range(1, count + 1)
    }


def kinds(message: Any) -> list[str]:
    """The types of a message's blocks."""
    return [block["type"] for block in message.blocks]


def refusal(error: str) -> SlackApiError:
    """Slack's own way to say no."""
    return SlackApiError("no", {"ok": False, "error": error})  # type: ignore[no-untyped-call]


async def found(home: QpilotStage) -> Summary:
    """Tomorrow's summary."""
    outcome = await summary(home.shop.ports, ACTORS[ADA], Window.TOMORROW)
    assert isinstance(outcome, Done)
    return outcome.value


async def test_a_summary_is_posted_with_chart_and_table(tmp_path: Path) -> None:
    """One line that answers, facts in words, then a chart and a table; money by currency, to the cent."""
    orders = tomorrows(6)
    orders[99] = replace(ORDER, id=99, status="Failed", error_code=2000, total=Decimal("7.05"))
    async with on_stage(tmp_path, FakeQpilot(orders=orders)) as home:
        assert await home.type("/scheduled summary") == "done"
        [said] = [one for one in home.said if one.how == "post"]
        text = said.text.replace("\u2060", "")
        assert text.splitlines()[0] == "📊 6 scheduled orders are due tomorrow, €20.20 + ¥20.2 + $20.20."
        assert ["Failed: 1, $7.05" in text, "Failed: payment: 1, $7.05" in text, "1 × 2000" in text] == [True] * 3
        assert [kind for kind in kinds(said.what) if kind.startswith("data")] == ["data_visualization", "data_table"]


@pytest.mark.parametrize("error", ["invalid_blocks", "invalid_blocks_format"])
async def test_once_more_in_words_if_slack_takes_no_chart(tmp_path: Path, error: str) -> None:
    """What Slack refuses is posted again without chart and table, with the same words."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)
        if "data_table" in kinds(message):
            raise refusal(error)

    async with on_stage(tmp_path, FakeQpilot(orders=tomorrows(2))) as home:
        await post(await found(home), ADA, send)
    first, second = sent
    assert (first.text == second.text, [kind for kind in kinds(second) if kind.startswith("data")]) == (True, [])


async def test_another_error_of_slacks_is_not_hidden(tmp_path: Path) -> None:
    """Only blocks that it does not take are posted again."""

    async def send(_: Message) -> None:
        raise refusal("ratelimited")

    async with on_stage(tmp_path) as home:
        with pytest.raises(SlackApiError):
            await post(await found(home), ADA, send)


@pytest.mark.parametrize(
    ("typed", "said"), [("today", "today"), ("tomorrow", "tomorrow"), ("7d", "in the next 7 days"), ("TODAY", "today")]
)
async def test_the_windows(tmp_path: Path, typed: str, said: str) -> None:
    """Today, tomorrow, and a week day by day."""
    async with on_stage(tmp_path) as home:
        assert await home.type(f"/scheduled summary {typed}") == "done"
        assert said in home.texts("post")[0]
        assert ("Tue 24 Nov 2026" in home.texts("post")[0]) is (typed == "7d")


async def test_a_window_that_there_is_not(tmp_path: Path) -> None:
    """Told what there is, and nothing is asked."""
    async with on_stage(tmp_path) as home:
        assert await home.type("/scheduled summary yesterday") == "refused:unreadable"
        assert home.qpilot.requests == []


async def test_a_part_that_fails_is_absent_and_not_zero(tmp_path: Path) -> None:
    """F3: what could not be had is named with its reason, and no number stands in its place."""
    async with on_stage(tmp_path, FakeQpilot(orders=tomorrows(3))) as home:
        home.qpilot.failing["list Failed"] = Fault("qpilot")
        assert await home.type("/scheduled summary") == "done"
        said = home.texts("post")[0]
        assert "I could not learn what has failed: QPilot has a fault on its side." in said
        assert "Failed:" not in said


async def test_without_the_site_nothing_is_said_to_be_due(tmp_path: Path) -> None:
    """F3: the day is not known, so the answer is that it is not known."""
    async with on_stage(tmp_path, FakeQpilot(orders=tomorrows(3))) as home:
        home.qpilot.failing["site"] = Fault("qpilot")
        await home.type("/scheduled summary")
        assert "I do not know which scheduled orders are due tomorrow." in home.texts("post")[0]
        assert "No scheduled orders" not in home.texts("post")[0]


async def test_silence_and_a_customers_connection_are_refusals(tmp_path: Path) -> None:
    """F3: nothing at all is a refusal to the person, not an empty summary in the channel."""
    async with on_stage(tmp_path) as home:
        for part in ("site", "list Active", "list Failed", "list Queued+Processing"):
            home.qpilot.failing[part] = Unreachable("qpilot")
        assert await home.type("/scheduled summary") == "refused:no_answer"
        await home.shop.connect(credentials=OF_107)
        assert await home.type("/scheduled summary") == "refused:no"
        assert home.texts("post") == []


async def test_in_a_shared_channel_it_is_for_one_person(tmp_path: Path) -> None:
    """D3: another company does not read what a site earns."""
    async with on_stage(tmp_path, FakeQpilot(orders=tomorrows(3))) as home:
        home.where(Profile.EXTERNAL)
        assert await home.type("/scheduled summary") == "done"
        assert home.hows() == ["respond"]
