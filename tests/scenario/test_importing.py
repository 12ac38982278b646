"""Importing orders from a CSV file as members do it (CHECKS A10, B1, B2, B3, D3, E2, E8)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from import_kit import CUSTOMER, a_file, created, ends, newest, results, story
from stage import ADA, BEN, DM_ADA, ORDERS, Message, Stage, staged, text_of

from sandbox.quivo import Fault
from sandbox.slack.workspace import DM_BEN, PRIVATE

BENS_SHOP = {"seller": 34, "sku": "BOWL-OAT-18"}
DIRECT = {ADA: DM_ADA, BEN: DM_BEN}
FINISHED = "⚠️ Import finished: {} of {} orders are created."


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with Ada connected."""
    async with staged(tmp_path) as one:
        await one.connect(ADA)
        yield one


async def choose(stage: Stage, data: bytes, user: str = ADA, channel: str = ORDERS) -> None:
    """Open the form and submit one file."""
    await stage.command(user, channel, "/order import")
    file_id = await stage.slack.upload(user, "orders.csv", data)
    await stage.submit(user, {"file": [file_id]})


async def preview(stage: Stage, data: bytes, user: str = ADA, channel: str = ORDERS) -> Message:
    """Bring a file; the message that says what is in it."""
    await choose(stage, data, user, channel)
    return newest(stage.slack, user, DIRECT[user])


async def begin(stage: Stage, data: bytes, user: str = ADA, channel: str = ORDERS) -> None:
    """Bring a file and start it."""
    shown = await preview(stage, data, user, channel)
    await stage.click(user, DIRECT[user], shown, "import.start")


async def paused(stage: Stage, count: int, user: str = ADA, channel: str = ORDERS) -> None:
    """An import that waits because Quivo is not there, before anything was sent."""
    stage.quivo.faults.append(Fault("POST /orders", "429"))
    await begin(stage, a_file(count, **(BENS_SHOP if user == BEN else {})), user, channel)  # type: ignore[arg-type]
    await stage.bot.engine.idle()
    stage.quivo.faults.clear()


def sent(stage: Stage) -> int:
    """How many orders were sent to Quivo."""
    return int(stage.quivo.count("POST", "/orders"))


async def test_from_the_file_to_the_result(stage: Stage) -> None:
    """A preview that sends nothing, a run with one message in the channel, and a file that sums to all rows (E8)."""
    shown = await preview(stage, a_file(6, frozenset({2, 5})))
    assert story(stage.slack, ADA, DM_ADA) == ["6 rows: 4 can be sent, 2 can't."]
    assert ("Line 3" in text_of(shown), "quantity is not a whole number" in text_of(shown)) == (True, True)
    assert (sent(stage), story(stage.slack)[1:]) == (0, [])
    await stage.click(ADA, DM_ADA, shown, "import.start")
    await stage.bot.engine.idle()
    assert story(stage.slack)[-1:] == [FINISHED.format(4, 6)]
    assert created(stage.quivo.orders) == dict.fromkeys(("IMP-0001", "IMP-0003", "IMP-0004", "IMP-0006"), 1)
    assert story(stage.slack, ADA, DM_ADA)[-1] == FINISHED.format(4, 6)
    (rows,) = results(stage.slack)
    assert ends(rows) == {"created": 4, "could not be read": 2}
    assert [row[0] for row in rows] == ["2", "3", "4", "5", "6", "7"]


async def test_the_preview_loses_its_buttons_once_started(stage: Stage) -> None:
    """After *Create* the preview says that it began, and its buttons cannot be pressed a second time."""
    shown = await preview(stage, a_file(2))
    await asyncio.gather(*(stage.click(ADA, DM_ADA, shown, "import.start") for _ in range(2)))
    await stage.bot.engine.idle()
    before = stage.slack.visible(ADA, DM_ADA)[0]
    assert ("Creating 2 orders" in before.text, "import.start" in text_of(before)) == (True, False)
    assert (sent(stage), created(stage.quivo.orders)) == (2, {"IMP-0001": 1, "IMP-0002": 1})


async def test_no_channel_reads_whose_orders_they_are(stage: Stage) -> None:
    """Names, identifiers and reasons stay in the direct message; the channel reads numbers only (D3)."""
    await begin(stage, a_file(3, frozenset({2})))
    await stage.bot.engine.idle()
    channel = "\n".join(text_of(message) for message in stage.slack.visible(BEN, ORDERS))
    assert [word for word in (CUSTOMER, "IMP-", "Lindenstr", "whole number") if word in channel] == []
    assert "Import finished" in channel


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"x" * 1_000_001, "larger than 1 MB"),
        (b"colour,size\nred,4\n", "there is no column colour"),
        (b"<!DOCTYPE html><html></html>", "Slack did not give me the file"),
        (b"orderIdentifier\n", "nothing below its first row"),
    ],
)
async def test_a_file_that_can_not_be_read(stage: Stage, data: bytes, why: str) -> None:
    """What is wrong with the whole file is said under it; nothing is kept, and a better file can be chosen."""
    await choose(stage, data)
    view = stage.slack.views(ADA)[-1]
    assert why in text_of(view) + str(view.errors)
    assert (story(stage.slack, ADA, DM_ADA), sent(stage)) == ([], 0)
    better = await stage.slack.upload(ADA, "better.csv", a_file(1))
    await stage.submit(ADA, {"file": [better]})
    assert story(stage.slack, ADA, DM_ADA) == ["1 rows: 1 can be sent, 0 can't."]


async def test_dropped(stage: Stage) -> None:
    """A dropped file is not sent, not even by the button of an old copy of the preview (A10)."""
    shown = await preview(stage, a_file(2))
    old = replace(shown)
    await stage.click(ADA, DM_ADA, shown, "import.drop")
    assert story(stage.slack, ADA, DM_ADA) == ["The file is dropped. Nothing was sent."]
    changed = stage.slack.channels[DM_ADA].log
    changed[changed.index(newest(stage.slack, ADA, DM_ADA))] = old
    await stage.click(ADA, DM_ADA, old, "import.start")
    await stage.bot.engine.idle()
    assert sent(stage) == 0
    assert "expired" in story(stage.slack, ADA, DM_ADA)[-1]


async def test_without_a_connection(stage: Stage) -> None:
    """Whoever is not connected can look at a file, and is asked to connect before anything is sent (B1)."""
    await begin(stage, a_file(2), BEN)
    await stage.bot.engine.idle()
    assert "Connect Quivo" in story(stage.slack, BEN, DM_BEN)[-1]
    assert (sent(stage), [line for line in story(stage.slack, BEN) if "Import" in line]) == (0, [])


async def test_it_waits_while_quivo_is_away(stage: Stage) -> None:
    """While Quivo does not answer, the message says that it waits and why; then it goes on by itself, each once."""
    await paused(stage, 3)
    waiting = newest(stage.slack)
    assert ("0 of 3 rows are through" in waiting.text, "⏸" in waiting.text) == (True, True)
    assert created(stage.quivo.orders) == {}
    await stage.later(31)
    assert story(stage.slack)[-1] == "✅ Import finished: 3 of 3 orders are created."
    assert set(created(stage.quivo.orders).values()) == {1}


async def test_it_goes_on_after_a_restart(stage: Stage) -> None:
    """A run outlives the process: the next one goes on with it, in the same message."""
    await paused(stage, 3)
    await stage.restart()
    await stage.later(31)
    assert [line for line in story(stage.slack) if "rows" in line or "Import" in line] == [
        "✅ Import finished: 3 of 3 orders are created."
    ]
    assert (len(results(stage.slack)), set(created(stage.quivo.orders).values())) == (1, {1})


async def test_stopped_and_resumed(stage: Stage) -> None:
    """Stopped it says by whom, and hands over what there is so far; resumed it goes on to the end, each row once."""
    await paused(stage, 3)
    await stage.click(ADA, ORDERS, newest(stage.slack), "import.stop")
    await stage.later(31)
    stopped = newest(stage.slack)
    assert ("Import stopped: 3 of 3 rows are left" in stopped.text, f"Stopped by <@{ADA}>" in stopped.text) == (
        True,
        True,
    )
    assert [ends(rows) for rows in results(stage.slack)] == [{"not sent": 3}]
    await stage.click(ADA, ORDERS, stopped, "import.resume")
    await stage.bot.engine.idle()
    assert story(stage.slack)[-1] == "✅ Import finished: 3 of 3 orders are created."
    assert [ends(rows) for rows in results(stage.slack)] == [{"not sent": 3}, {"created": 3}]
    assert set(created(stage.quivo.orders).values()) == {1}


async def test_a_later_stop_is_nobodys(stage: Stage) -> None:
    """A run that stops by itself does not name the person who had stopped the run before it."""
    await paused(stage, 3)
    await stage.click(ADA, ORDERS, newest(stage.slack), "import.stop")
    await stage.later(31)
    stage.quivo.faults.append(Fault("POST /orders", "accept_then_500", times=1))
    await stage.click(ADA, ORDERS, newest(stage.slack), "import.resume")
    await stage.bot.engine.idle()
    text = newest(stage.slack).text
    assert ("Of 1 we do not know it" in text, "Stopped by" in text) == (True, False)


async def test_only_the_owner_or_an_admin_stops_it(tmp_path: Path) -> None:
    """A colleague cannot stop Ada's import; Ada, an admin, can stop Ben's, and only Ben goes on with his (B2, B3)."""
    async with staged(tmp_path) as stage:
        await stage.connect(ADA)
        await stage.connect(BEN)
        await paused(stage, 2)
        adas = newest(stage.slack)
        await stage.click(BEN, ORDERS, adas, "import.stop")
        assert "⛔ Only the person who brought the file, or an admin, can stop it." in story(stage.slack, BEN)
        await stage.later(31)
        assert story(stage.slack)[-1] == "✅ Import finished: 2 of 2 orders are created."
        await paused(stage, 2, BEN)
        await stage.click(ADA, ORDERS, newest(stage.slack), "import.stop")
        await stage.later(31)
        stopped = newest(stage.slack)
        assert f"Stopped by <@{ADA}>" in stopped.text
        await stage.click(ADA, ORDERS, stopped, "import.resume")
        await stage.later(31)
        assert "Only the person who brought the file can go on with it" in story(stage.slack)[-1]
        assert sent(stage) == 4  # two that Quivo was too busy for, and Ada's two
        await stage.click(BEN, ORDERS, stopped, "import.resume")
        await stage.bot.engine.idle()
        assert created(stage.quivo.orders) == {"IMP-0001": 2, "IMP-0002": 2}  # one for each seller


async def test_a_deactivated_person_creates_nothing_more(stage: Stage) -> None:
    """Who may not use Shipclerk any more is found out between batches: the rest is not sent, and it says so (B3)."""
    await paused(stage, 2)
    stage.slack.members[ADA].deleted = True
    await stage.restart()  # what is remembered of people is forgotten
    await stage.later(31)
    shown = newest(stage.slack, BEN)
    assert ("Import stopped" in shown.text, "may not use Shipclerk any more" in shown.text) == (True, True)
    assert created(stage.quivo.orders) == {}


async def test_an_outcome_that_nobody_knows(stage: Stage) -> None:
    """A row whose answer never came is unknown at the end, searched when it goes on, and not sent again (E2)."""
    stage.quivo.faults.append(Fault("POST /orders", "accept_then_500", times=1))
    await begin(stage, a_file(3))
    await stage.bot.engine.idle()
    stopped = newest(stage.slack)
    assert ("Import stopped: 0 of 3 rows are left" in stopped.text, "Of 1 we do not know it" in stopped.text) == (
        True,
        True,
    )
    assert ends(results(stage.slack)[-1]) == {"created": 2, "not known": 1}
    await stage.click(ADA, ORDERS, stopped, "import.resume")
    await stage.bot.engine.idle()
    assert story(stage.slack)[-1] == "✅ Import finished: 3 of 3 orders are created."
    assert (sent(stage), set(created(stage.quivo.orders).values())) == (3, {1})


async def test_a_login_that_no_longer_works(stage: Stage) -> None:
    """When Quivo does not let the person in any more it stops at once, says why, and nothing is lost."""
    shown = await preview(stage, a_file(25))
    stage.quivo.accounts = [replace(account, password="another-one") for account in stage.quivo.accounts]
    stage.quivo.expire_tokens()
    await stage.click(ADA, DM_ADA, shown, "import.start")
    await stage.bot.engine.idle()
    text = newest(stage.slack).text
    assert ("Import stopped: 25 of 25 rows are left" in text, "Stopped by" in text) == (True, False)
    assert (created(stage.quivo.orders), ends(results(stage.slack)[-1])) == ({}, {"not sent": 25})


async def test_where_the_bot_is_not_a_member(stage: Stage) -> None:
    """Asked for where the bot cannot write, the progress is shown in the direct message, with the file beneath it."""
    stage.slack.channels[PRIVATE].members.remove("U0BOT00001")
    await paused(stage, 1, ADA, PRIVATE)
    progress = newest(stage.slack, ADA, DM_ADA)
    assert ("0 of 1 rows are through" in progress.text, "import.stop" in text_of(progress)) == (True, True)
    await stage.later(31)
    assert [line for line in story(stage.slack, ADA, PRIVATE) if "Import" in line] == []
    finished = [m for m in stage.slack.visible(ADA, DM_ADA) if "Import finished: 1 of 1" in m.text]
    files = [m for m in stage.slack.visible(ADA, DM_ADA) if m.files]
    assert ([m.ts for m in finished], [m.thread_ts for m in files]) == ([progress.ts], [progress.ts])


def due_kinds(stage: Stage) -> list[str]:
    """What will run one day."""
    return [kind for (kind,) in stage.database.all("SELECT kind FROM occurrences WHERE finished_at IS NULL", ())]


async def test_a_file_that_slack_does_not_take(stage: Stage) -> None:
    """If Slack refuses the result file for good, the person is told so once, and the import is finished as it is."""
    manifest = stage.slack.manifest
    stage.slack.manifest = replace(manifest, bot_scopes=manifest.bot_scopes - {"files:write"})
    await begin(stage, a_file(1))
    await stage.bot.engine.idle()
    for _ in range(6):
        await stage.later(60)
    told = [m.text for m in stage.slack.visible(ADA, DM_ADA) if "did not take the result file" in m.text]
    summaries = [m for m in stage.slack.visible(ADA, DM_ADA) if "Import finished" in m.text]
    assert (len(told), len(summaries), results(stage.slack)) == (1, 1, [])
    assert due_kinds(stage) == ["digest.tick"]


async def test_a_form_that_is_no_longer_kept(stage: Stage) -> None:
    """A form whose card is gone reads no file and says that it has expired (A10)."""
    await stage.command(ADA, ORDERS, "/order import")
    for (card,) in stage.database.all("SELECT id FROM cards", ()):
        await stage.bot.services.cards.drop(str(card))
    file_id = await stage.slack.upload(ADA, "orders.csv", a_file(1))
    await stage.submit(ADA, {"file": [file_id]})
    assert "expired" in text_of(stage.slack.views(ADA)[-1])
    assert story(stage.slack, ADA, DM_ADA) == []
