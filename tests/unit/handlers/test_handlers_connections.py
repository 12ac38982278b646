"""Connecting, disconnecting, Home and help: nothing kept before a login, nothing shown that is not one's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fakes import ADA, BEN, CHANNEL, KEY, PASSWORD, TEAM, FakeQuivo, Stage, leaks, request

from backends.errors import Fault, KeyRefused
from backends.quivo.order import Order
from handlers.access import Role
from handlers.commands import run
from handlers.connect_quivo import check_form
from handlers.everything import REGISTRY
from handlers.request import Kind, Request

VALUES = {"apiKey": KEY, "username": "ada", "password": PASSWORD, "keepPassword": []}


def stage_of() -> Stage:
    return Stage(quivo=FakeQuivo(Order(1001, "PENDING")))


def hows(stage: Stage) -> list[str]:
    return [said.how for said in stage.slack.said]


def submission(card_id: str, user: str = ADA, **values: Any) -> Request:
    view, filled = {"id": "V1", "private_metadata": card_id}, {**VALUES, **values}
    return request(
        Kind.SUBMISSION, "connection.quivo", view=view, values=filled, user=user, channel=None, response_url=None
    )


async def test_connect_opens_the_form_where_nothing_is_connected() -> None:
    """/connect without a connection opens the form at once; its card is opaque and the person's own."""
    stage = stage_of()
    assert await run(stage.context(request(name="/connect"))) == "done"
    ((said),) = stage.slack.said
    assert (said.how, said.where) == ("open", "1.2")
    ((card),) = stage.cards.kept.values()
    assert (card.kind, card.created_by, card.payload) == ("connect", ADA, {"back_end": "quivo"})
    assert isinstance(said.what, dict)
    assert said.what["private_metadata"] == card.id


async def test_connect_shows_what_is_connected_without_a_secret() -> None:
    """/connect with a connection lists it, to the person alone, without key, password, token or whole user name."""
    stage = stage_of()
    stage.quivo.passwords["ada-lovelace"] = PASSWORD
    await stage.connect(username="ada-lovelace")
    assert await run(stage.context(request(name="/connect"))) == "done"
    assert hows(stage) == ["respond"]
    assert leaks([str(stage.slack.said)], KEY, PASSWORD, "token-", "ada-lovelace") == []


@pytest.mark.parametrize("text", ["quivo", "QUIVO", "show quivo"])
async def test_connect_with_a_name_opens_the_form_again(text: str) -> None:
    """/connect quivo opens the form also where Quivo is connected already."""
    stage = stage_of()
    await stage.connect()
    assert await run(stage.context(request(name="/connect", text=text))) == "done"
    assert hows(stage) == ["open"]


@pytest.mark.parametrize("name", ["/connect", "/disconnect"])
async def test_an_unknown_back_end_is_refused(name: str) -> None:
    """A back end that there is not yet is said, and nothing is opened or removed."""
    stage = stage_of()
    await stage.connect()
    assert await run(stage.context(request(name=name, text="vendo"))) == "refused:unknown_back_end"
    assert (hows(stage), len(stage.vault.rows)) == (["respond"], 1)


async def test_a_late_trigger_is_said() -> None:
    """Where Slack no longer opens the form, the person is told to press again."""
    stage = stage_of()
    stage.slack.refused = {"open"}
    assert await run(stage.context(request(name="/connect"))) == "refused:too_late"
    assert hows(stage) == ["respond"]


async def test_the_connect_button_opens_its_own_form_only() -> None:
    """B6: the button opens the form for the person it was made for; others, other teams and made-up ids get nothing."""
    stage = stage_of()
    quivo = {"back_end": "quivo"}
    card = await stage.cards.put("connect", TEAM, ADA, quivo)
    foreign = await stage.cards.put("connect", "T0OTHER001", ADA, quivo)
    elsewhere = await stage.cards.put("connect", TEAM, ADA, {"back_end": "nobodys"})
    wrong = await stage.cards.put("order", TEAM, ADA, {"order_id": 1})
    tried = [(card.id, ADA), (card.id, BEN), (foreign.id, ADA), (wrong.id, ADA), (elsewhere.id, ADA), ("x" * 3000, ADA)]
    pressed = [
        await run(stage.context(request(Kind.ACTION, "connection.open", value=value, user=user)))
        for value, user in tried
    ]
    assert pressed == ["done", *["refused:expired"] * 5]
    assert hows(stage).count("open") == 1


@pytest.mark.parametrize("missing", ["apiKey", "username", "password"])
@pytest.mark.parametrize("value", [None, "", "   "])
def test_a_missing_field_is_said_under_its_input(missing: str, value: str | None) -> None:
    """An empty field is refused in the acknowledgement, under its own input and no other."""
    answer = check_form(replace(submission("card-1"), values={**VALUES, missing: value}))
    assert answer["response_action"] == "errors"
    assert list(answer["errors"]) == [missing]


def test_a_field_that_is_too_long_is_refused() -> None:
    """A field longer than any credential is refused at once, without saying it back."""
    answer = check_form(submission("card-1", password="x" * 501))
    assert answer == {"response_action": "errors", "errors": {"password": "That is too long."}}
    assert check_form(submission("card-1", password="x" * 500))["response_action"] == "update"


def test_a_whole_form_becomes_busy_and_keeps_its_card() -> None:
    """A form that is filled in is answered with itself, busy, and no value that was typed stands in the answer."""
    answer = check_form(submission("card-1"))
    assert answer["response_action"] == "update"
    assert answer["view"]["private_metadata"] == "card-1"
    assert [block["block_id"] for block in answer["view"]["blocks"] if block["type"] == "input"] == list(VALUES)
    assert leaks([str(answer)], KEY, PASSWORD) == []


async def test_a_submitted_form_connects_and_says_so() -> None:
    """After a login that worked the modal says so, Home is drawn anew and the form's card is gone."""
    stage = stage_of()
    card = await stage.cards.put("connect", TEAM, ADA, {})
    assert await run(stage.context(submission(card.id))) == "done"
    assert hows(stage) == ["update", "home"]
    assert stage.cards.get(card.id, TEAM) is None
    assert [row.keeps_password for row, _ in stage.vault.rows.values()] == [True]
    assert leaks([str(stage.slack.said)], KEY, PASSWORD) == []
    assert stage.ran == []


async def test_the_password_is_not_kept_if_so_ticked() -> None:
    """With the box ticked only the session of one hour is in the vault."""
    stage = stage_of()
    card = await stage.cards.put("connect", TEAM, ADA, {})
    await run(stage.context(submission(card.id, keepPassword=["forget"])))
    ((row, secrets),) = stage.vault.rows.values()
    assert (row.keeps_password, list(secrets)) == (False, ["session"])


async def test_a_remembered_command_runs_once_for_the_same_person() -> None:
    """The command that was typed before connecting runs by itself, once, in the same place for the same person."""
    stage = stage_of()
    payload = {"command": "/order", "text": "1001", "channel": CHANNEL, "response_url": "https://reply"}
    card = await stage.cards.put("connect", TEAM, ADA, payload)
    await run(stage.context(submission(card.id)))
    assert stage.ran == [
        Request(
            kind=Kind.COMMAND,
            name="/order",
            delivery=f"remembered:{card.id}",
            team=TEAM,
            home_team=TEAM,
            user=ADA,
            channel=CHANNEL,
            text="1001",
            typed="1001",
            response_url="https://reply",
        )
    ]
    assert await run(stage.context(submission(card.id))) == "refused:expired"
    assert len(stage.ran) == 1


async def test_somebody_elses_form_is_refused() -> None:
    """B6: a form's card is good for the person it was made for; nobody logs in with another's."""
    stage = stage_of()
    card = await stage.cards.put("connect", TEAM, ADA, {"command": "/order", "text": "1001"})
    assert await run(stage.context(submission(card.id, BEN))) == "refused:expired"
    assert (stage.quivo.logins, stage.vault.rows, stage.ran) == ([], {}, [])
    assert hows(stage) == ["update"]


@pytest.mark.parametrize("error", [None, KeyRefused("quivo"), Fault("quivo")])
async def test_a_refused_login_is_said_in_the_form(error: Any) -> None:
    """A login that did not work is said in the same form with its inputs still there, and nothing is stored."""
    stage = stage_of()
    stage.quivo.failing = error
    card = await stage.cards.put("connect", TEAM, ADA, {"command": "/order", "text": "1001"})
    outcome = await run(stage.context(submission(card.id, password="wrong-canary")))
    assert outcome.startswith("refused:")
    ((said),) = stage.slack.said
    assert said.how == "update"
    assert isinstance(said.what, dict)
    assert [block["block_id"] for block in said.what["blocks"] if block["type"] == "input"] == list(VALUES)
    assert leaks([said.text], KEY, "wrong-canary") == []
    assert "REF23456" in said.text
    assert (stage.vault.rows, stage.ran) == ({}, [])
    assert stage.cards.get(card.id, TEAM) is not None


async def test_a_refusal_after_the_form_was_closed_is_whispered() -> None:
    """Where the person has closed the form meanwhile, they are told in their messages."""
    stage = stage_of()
    stage.quivo.failing = Fault("quivo")
    stage.slack.refused = {"update"}
    card = await stage.cards.put("connect", TEAM, ADA, {})
    assert await run(stage.context(submission(card.id))) == "refused:no_answer"
    assert hows(stage) == ["whisper"]


@pytest.mark.parametrize("text", ["", "quivo", "Quivo"])
async def test_disconnect_removes_at_once(text: str) -> None:
    """/disconnect removes the connection with its secrets, says so and draws Home anew."""
    stage = stage_of()
    await stage.connect()
    assert await run(stage.context(request(name="/disconnect", text=text))) == "done"
    assert (stage.vault.rows, hows(stage)) == ({}, ["respond", "home"])


async def test_disconnect_without_a_connection_says_so() -> None:
    """Where there is nothing to remove, that is said and no other person's connection is touched."""
    stage = stage_of()
    await stage.connect(BEN, "ben")
    assert await run(stage.context(request(name="/disconnect"))) == "refused:not_connected"
    assert list(stage.vault.rows) == [(TEAM, BEN, "quivo")]


async def test_the_disconnect_button_removes_only_what_it_was_drawn_for() -> None:
    """B6: the button removes the connection whose id it carries; another person's, a former or a made-up one stays."""
    stage = stage_of()
    await stage.connect()
    await stage.connect(BEN, "ben")
    await stage.connect()
    for value in ("connection-1", "connection-2", "", "x" * 2000):
        asked = request(Kind.ACTION, "connection.remove", value=value)
        assert await run(stage.context(asked)) == "refused:expired"
    assert len(stage.vault.rows) == 2
    assert await run(stage.context(request(Kind.ACTION, "connection.remove", value="connection-3"))) == "done"
    assert list(stage.vault.rows) == [(TEAM, BEN, "quivo")]


@pytest.mark.parametrize(("tab", "drawn"), [("home", 1), ("", 1), ("messages", 0)])
async def test_home_is_drawn_when_it_is_opened(tab: str, drawn: int) -> None:
    """Opening Home draws it for that person; opening the messages tab draws nothing."""
    stage = stage_of()
    assert await run(stage.context(request(Kind.EVENT, "app_home_opened", text=tab))) == "done"
    assert [(said.how, said.where) for said in stage.slack.said] == [("home", ADA)] * drawn


async def test_home_shows_no_other_persons_connection() -> None:
    """Home shows one's own connections and nobody else's."""
    stage = stage_of()
    stage.quivo.passwords["benjamin"] = PASSWORD
    await stage.connect(BEN, "benjamin")
    await run(stage.context(request(Kind.EVENT, "app_home_opened", text="home")))
    assert leaks(stage.texts(), "be…", "connection-1") == []


async def test_help_lists_exactly_what_one_may_run() -> None:
    """B5: help names every command that this person may run, and no other."""
    stage = stage_of()
    assert await run(stage.context(request(name="/shipclerk", text="help"))) == "done"
    (said,) = stage.texts()
    assert all(command.summary in said for command in REGISTRY.open_to(Role.MEMBER))
    assert hows(stage) == ["respond"]


async def test_status_reports_to_the_person_alone() -> None:
    """/shipclerk status answers the one who asked with the report for them."""
    stage = stage_of()
    assert await run(stage.context(request(name="/shipclerk", text="status"))) == "done"
    assert (hows(stage), stage.texts()) == (["respond"], [f"report for {ADA}"])
