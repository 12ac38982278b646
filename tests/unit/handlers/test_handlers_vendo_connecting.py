"""Signing in to a store from Slack: the e-mail address, the code in the same modal, sending it again (seed 003)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fakes import ADA, BEN, CHANNEL, TEAM, request
from vendo_fakes import OTHER_STORE, STORE
from vendo_stage import VendoStage, on_stage

from backends.errors import Fault, Unreachable
from handlers import connect_vendo
from operations.linking import Actor

EMAIL = "ada@example.com"


async def opened(home: VendoStage, payload: dict[str, Any] | None = None) -> str:
    """The first form, as the button of a connect prompt opens it; the id of its card."""
    card = await home.stage.cards.put("connect", TEAM, ADA, {"back_end": "vendo", **(payload or {})})
    ctx = home.stage.context(request())
    await ctx.show(connect_vendo.form(ctx, card.id))
    return card.id


async def asked(home: VendoStage, payload: dict[str, Any] | None = None) -> str:
    """The second form, after a code was sent."""
    card_id = await opened(home, payload)
    assert await home.submit({"email": EMAIL}) == "asked"
    return card_id


def connected(home: VendoStage, user: str = ADA) -> list[str]:
    """The accounts that this person has connected."""
    return [one.account for one in home.shop.ports.vendo.connections(Actor(TEAM, user))]


async def test_an_email_and_then_a_code_in_the_same_modal(tmp_path: Path) -> None:
    """The form turns into the field for the code; the code signs in, and neither it nor a token is said or kept."""
    async with on_stage(tmp_path) as home:
        card_id = await asked(home)
        assert home.vendo.asked == [(STORE, EMAIL, None, None)]
        assert (home.view()["callback_id"], EMAIL in str(home.view())) == ("connection.vendo_code", True)
        assert "123456" not in str(home.stage.cards.kept)
        assert await home.submit({"code": " 123456 "}) == "done"
        assert connected(home) == ["ad…"]
        assert "is connected" in str(home.view())
        assert home.stage.cards.get(card_id, TEAM) is None
        assert [one.text for one in home.said if "123456" in one.text or "access-" in one.text] == []


async def test_the_first_form_says_which_store_and_what_a_new_email_means(tmp_path: Path) -> None:
    """The default store is shown, and that an unknown address makes a new customer (seed 003)."""
    async with on_stage(tmp_path) as home:
        await opened(home)
        said = str(home.view())
        assert [part for part in (STORE, "makes a new customer", "no password") if part not in said] == []
        assert [block["block_id"] for block in home.view()["blocks"] if block["type"] == "input"] == [
            "email", "first_name", "last_name", "store",
        ]  # fmt: skip


async def test_names_and_another_store_are_passed_on(tmp_path: Path) -> None:
    """What was typed reaches the store that was typed."""
    async with on_stage(tmp_path) as home:
        await opened(home)
        typed = {"email": "new@example.com", "first_name": "Grace", "last_name": "Hopper", "store": OTHER_STORE}
        assert await home.submit(typed) == "asked"
        assert home.vendo.asked == [(OTHER_STORE, "new@example.com", "Grace", "Hopper")]


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"email": ""}, "email"),
        ({"email": "ada"}, "email"),
        ({"email": EMAIL, "first_name": "x" * 101}, "first_name"),
        ({"email": EMAIL, "store": "x" * 201}, "store"),
    ],
)
async def test_what_is_wrong_is_said_at_once(tmp_path: Path, typed: dict[str, str], wrong: str) -> None:
    """What can be known without the store is refused in the acknowledgement, and the store is not asked."""
    async with on_stage(tmp_path) as home:
        await opened(home)
        assert await home.submit(typed) == f"errors:{wrong}"
        assert home.vendo.asked == []


async def test_no_store_is_said_under_its_field(tmp_path: Path) -> None:
    """An address that is none stays in the form and is said under it; nothing is sent anywhere."""
    async with on_stage(tmp_path) as home:
        await opened(home)
        assert await home.submit({"email": EMAIL, "store": "http://127.0.0.1:1"}) == "refused:no"
        assert ("note.store" in str(home.view()), home.vendo.asked) == (True, [])


async def test_a_wrong_code_is_said_under_its_field_and_can_be_typed_again(tmp_path: Path) -> None:
    """Nothing is connected by it, and the same modal takes the right one."""
    async with on_stage(tmp_path) as home:
        await asked(home)
        assert await home.submit({"code": ""}) == "errors:code"
        assert await home.submit({"code": "000000"}) == "refused:no"
        assert ("note.code" in str(home.view()), connected(home)) == (True, [])
        assert await home.submit({"code": "123456"}) == "done"
        assert connected(home) == ["ad…"]


async def test_a_code_can_be_sent_again(tmp_path: Path) -> None:
    """The button has another code sent to the same address of the same store, and says that the old one is void."""
    async with on_stage(tmp_path) as home:
        await asked(home)
        assert await home.press("connection.vendo_again", view={"id": "V1"}) == "asked"
        assert home.vendo.asked == [(STORE, EMAIL, None, None)] * 2
        assert "works no more" in str(home.view())


async def test_not_any_number_of_codes(tmp_path: Path) -> None:
    """After five more codes no other is sent for a form, and the field for the code stays."""
    async with on_stage(tmp_path) as home:
        await asked(home)
        pressed = [await home.press("connection.vendo_again", view={"id": "V1"}) for _ in range(7)]
        assert pressed == ["asked"] * 5 + ["refused:too_many"] * 2
        assert home.vendo.asked == [(STORE, EMAIL, None, None)] * 6
        assert ("enough codes" in str(home.view()), '"code"' in str(home.view()).replace("'", '"')) == (True, True)


async def test_a_code_that_is_not_sent_again_is_said(tmp_path: Path) -> None:
    """Where the store can't be reached the field for the code stays, with why no new one was sent."""
    async with on_stage(tmp_path) as home:
        await asked(home)

        async def broken(*_: Any, **__: Any) -> None:
            raise Unreachable("vendo")

        home.vendo.request_code = broken  # type: ignore[method-assign]
        assert await home.press("connection.vendo_again", view={"id": "V1"}) == "refused:no_answer"
        assert ("No new code was sent" in str(home.view()), "REF23456" in str(home.view())) == (True, True)


async def test_what_was_typed_before_runs_once_connected(tmp_path: Path) -> None:
    """The command that led here runs by itself, once."""
    async with on_stage(tmp_path) as home:
        remembered = {"command": "/shop", "text": "orders", "channel": CHANNEL, "response_url": "https://reply"}
        await asked(home, remembered)
        assert await home.submit({"code": "123456"}) == "done"
        assert [(one.name, one.text) for one in home.stage.ran] == [("/shop", "orders")]


async def test_nobody_signs_in_with_anothers_form(tmp_path: Path) -> None:
    """B6: a card of another person, one for which no code was sent, and one that is gone do nothing."""
    async with on_stage(tmp_path) as home:
        first = await opened(home)
        form = home.view()
        assert await home.submit({"email": EMAIL}, BEN, view=form) == "refused:expired"
        code = {**form, "callback_id": "connection.vendo_code"}
        assert await home.submit({"code": "123456"}, view=code) == "refused:expired"
        assert await home.press("connection.vendo_again", first) == "refused:expired"
        assert (home.vendo.asked, connected(home), connected(home, BEN)) == ([], [], [])
        await asked(home)
        code = home.view()
        assert await home.submit({"code": "123456"}, BEN, view=code) == "refused:expired"
        assert connected(home, BEN) == []


async def test_a_form_that_was_closed_is_answered_in_words(tmp_path: Path) -> None:
    """The code is on its way, but its field is gone: the person is told how to begin again."""
    async with on_stage(tmp_path) as home:
        await opened(home)
        form = home.view()
        home.stage.slack.refused = {"update"}
        assert await home.submit({"email": EMAIL}, view=form) == "asked"
        assert "/connect vendo" in home.last()


async def test_a_fault_at_the_store_keeps_the_code(tmp_path: Path) -> None:
    """Nobody knows whether the code is used up: that is said, and the field stays."""
    async with on_stage(tmp_path) as home:
        await asked(home)
        home.vendo.read_fails = Fault("vendo", outcome_known=False)
        assert await home.submit({"code": "123456"}) == "refused:no_answer"
        assert (home.view()["callback_id"], "may be used up" in str(home.view())) == ("connection.vendo_code", True)
