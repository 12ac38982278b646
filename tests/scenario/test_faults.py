"""What people read when a back end, Slack or the store fails, and that nothing else happens (CHECKS D4 to D6, A8)."""

from __future__ import annotations

import json
import re

import pytest
from stage import ADA, BEN, ORDERS, Stage, text_of

from sandbox.quivo import Fault
from sandbox.quivo.faults import FaultKind

REFERENCE = re.compile(r"Reference ([2-9A-HJ-NP-Z]{8})")
KINDS: tuple[FaultKind, ...] = ("429", "500", "502", "503", "504", "close", "html", "empty", "garbage_json", "redirect")


@pytest.mark.parametrize("kind", KINDS)
async def test_every_failure_has_a_sentence_and_a_reference_that_is_in_log_and_audit(
    stage: Stage, kind: FaultKind, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever Quivo answers, the person alone reads a declared sentence; its reference leads to log and audit (D5)."""
    await stage.connect()
    stage.quivo.faults.append(Fault("GET /orders", kind, retry_after="0" if kind == "429" else None))
    [said] = await stage.command(ADA, ORDERS, "/order 1001")
    found = REFERENCE.search(said.text)
    assert said.ephemeral_to == ADA
    assert found, said.text
    [line] = stage.audit(1)
    logged = capsys.readouterr()
    assert (line.reference, line.outcome) == (found[1], "refused:no_answer")
    assert found[1] in logged.out + logged.err
    assert not re.search(r"Traceback|Error\(|Exception|<!doctype|0x[0-9a-f]{6}", text_of(said))


async def test_a_read_is_asked_three_times_at_most(stage: Stage) -> None:
    """A read that fails is tried again twice and no more (E5)."""
    await stage.connect()
    stage.quivo.faults.append(Fault("GET /orders", "503"))
    await stage.command(ADA, ORDERS, "/order 1001")
    assert stage.quivo.count("GET", "/orders/1001") == 3


async def test_a_passing_fault_is_not_seen_by_the_person(stage: Stage) -> None:
    """One 503 and then an order: the card comes, and nothing is said of it (E5)."""
    await stage.connect()
    stage.quivo.faults.append(Fault("GET /orders", "503", times=1))
    [card] = await stage.command(ADA, ORDERS, "/order 1001")
    assert "in the warehouse" in card.text


async def test_a_login_that_nobody_answered_stores_nothing(stage: Stage) -> None:
    """Quivo fails while connecting: the form says so, what was typed stays, and nothing is kept."""
    stage.quivo.faults.append(Fault("POST /login", "500"))
    await stage.command(ADA, ORDERS, "/connect quivo")
    await stage.submit(ADA, {"apiKey": "demo-key", "username": "ada", "password": "demo-pass"})
    view = stage.slack.views(ADA)[-1]
    assert (view.blocks[0]["block_id"], view.state["username"]["value"]["value"]) == ("note.banner", "ada")
    assert stage.bot.services.accounts.vault.connections("T0HOME0001", ADA) == []
    assert REFERENCE.search(text_of(view).replace("Reference ", "Reference "))


async def test_an_ephemeral_that_fails_goes_to_the_direct_message_and_never_to_the_channel(stage: Stage) -> None:
    """With the response_url used up and no ephemeral possible, the answer is in the person's own messages (D4)."""
    await stage.connect()
    stage.slack.limit("chat.postEphemeral", times=10, retry_after=0)
    from stage import DM_ADA

    from handlers.render.failures import failure

    before = len(stage.slack.visible(BEN, ORDERS))
    await stage.bot.services.slack.whisper(ORDERS, ADA, failure("Nobody else may read this.", "ABCDEFGH"))
    assert len(stage.slack.visible(BEN, ORDERS)) == before
    assert "Nobody else may read this." in stage.slack.visible(ADA, DM_ADA)[-1].text


async def test_slack_saying_too_many_is_waited_for(stage: Stage) -> None:
    """A 429 from Slack costs a moment and no card."""
    await stage.connect()
    stage.slack.limit("chat.postMessage", times=1, retry_after=1)
    [card] = await stage.command(ADA, ORDERS, "/order 1001")
    assert "in the warehouse" in card.text


async def test_without_an_audit_nothing_is_done(stage: Stage) -> None:
    """Once the audit cannot be written, a command reaches no back end, and the person is told so (DESIGN §4.7)."""
    await stage.connect()
    refuse = "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    await stage.database.write(lambda connection: connection.execute(refuse).rowcount)
    before = len(stage.quivo.requests)
    [said] = await stage.command(ADA, ORDERS, "/order 1001")
    assert len(stage.quivo.requests) == before
    assert ("I stopped" in said.text, said.ephemeral_to) == (True, ADA)


async def test_a_revoked_bot_token_does_not_end_the_process(stage: Stage) -> None:
    """Slack refuses every call: the work fails with a line in the log, and the next command works again."""
    await stage.connect()
    stage.slack.break_token(stage.slack.bot_token, "token_revoked")
    outcome = await stage.slack.command(ADA, ORDERS, "/order 1001")
    await stage.settle()
    assert outcome.acked
    stage.slack.token_faults.clear()
    [card] = await stage.command(ADA, ORDERS, "/order 1002")
    assert json.dumps(card.blocks)


async def test_a_back_end_that_keeps_failing_is_left_alone_and_the_channel_told_once(stage: Stage) -> None:
    """After five failures Quivo is asked once in thirty seconds; the channel reads so once, until it is back (E9)."""
    await stage.connect()
    stage.quivo.faults.append(Fault("GET /orders", "500"))
    for _ in range(8):
        await stage.command(ADA, ORDERS, "/order 1001")
    asked = stage.quivo.count("GET", "/orders/1001")
    told = [m for m in stage.slack.visible(BEN, ORDERS) if "keeps failing" in m.text]
    assert (asked, len(told)) == (15, 1)
    stage.quivo.faults.clear()
    await stage.later(31)
    [card] = await stage.command(ADA, ORDERS, "/order 1001")
    assert "in the warehouse" in card.text
