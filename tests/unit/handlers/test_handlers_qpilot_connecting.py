"""Connecting QPilot from Slack: account, site and scope in one form, and one login (seed 004, step 1; CHECKS D1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fakes import ADA, BEN, TEAM, request
from qpilot_stage import ACTORS, QpilotStage, on_stage

from backends.errors import KeyRefused, NotFound, Unreachable
from handlers import connect_qpilot
from operations.qpilot_accounts import Place

TYPED = {"email": "ada@shop.example", "password": "right", "siteId": "1113", "accessScope": "Merchant"}


async def opened(home: QpilotStage, payload: dict[str, Any] | None = None) -> str:
    """The form, as the button of a connect prompt opens it; the id of its card."""
    card = await home.stage.cards.put("connect", TEAM, ADA, {"back_end": "qpilot", **(payload or {})})
    ctx = home.stage.context(request())
    await ctx.show(connect_qpilot.form(ctx, card.id))
    return card.id


async def test_a_merchant_connects(tmp_path: Path) -> None:
    """The seed's fields by their own names; one login, then it is said; the password is in no message and no card."""
    async with on_stage(tmp_path, connect=False) as home:
        card_id = await opened(home)
        assert [block["block_id"] for block in home.view()["blocks"] if block["type"] == "input"] == [
            *TYPED,
            "customerId",
        ]
        assert await home.submit({**TYPED, "password": " right ".strip()}) == "done"
        assert home.shop.ports.qpilot.place(ACTORS[ADA]) == Place(1113, "Merchant")
        assert ("is connected" in home.shown(), len(home.qpilot.logins)) == (True, 1)
        assert "right" not in str(home.stage.cards.kept)
        assert home.stage.cards.get(card_id, TEAM) is None


async def test_a_connection_for_one_customer(tmp_path: Path) -> None:
    """The scope Customer needs the customer's id, and the connection is for that one; a merchant's is for none."""
    async with on_stage(tmp_path, connect=False) as home:
        await opened(home)
        assert await home.submit({**TYPED, "accessScope": "Customer"}) == "errors:customerId"
        assert await home.submit({**TYPED, "accessScope": "Customer", "customerId": "107"}) == "done"
        assert home.shop.ports.qpilot.place(ACTORS[ADA]) == Place(1113, "Customer", "107")
        await opened(home)
        await home.submit({**TYPED, "customerId": "107"})
        assert home.shop.ports.qpilot.place(ACTORS[ADA]) == Place(1113, "Merchant")


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"email": ""}, "email"),
        ({"password": ""}, "password"),
        ({"siteId": "shop"}, "siteId"),
        ({"siteId": "0"}, "siteId"),
        ({"siteId": "-3"}, "siteId"),
        ({"siteId": None}, "siteId"),
        ({"accessScope": None}, "accessScope"),
        ({"email": "x" * 255}, "email"),
        ({"email": "", "password": "", "siteId": ""}, "email,password,siteId"),
    ],
)
async def test_what_is_missing_is_said_at_once(tmp_path: Path, changes: dict[str, Any], errors: str) -> None:
    """Under each field, before anybody is asked."""
    async with on_stage(tmp_path, connect=False) as home:
        await opened(home)
        assert await home.submit({**TYPED, **changes}) == f"errors:{errors}"
        assert home.qpilot.logins == []


async def test_a_wrong_login_is_said_under_the_password(tmp_path: Path) -> None:
    """Nothing is kept, the form stays with what was typed, and the password is not in it."""
    async with on_stage(tmp_path, connect=False) as home:
        await opened(home)
        assert await home.submit({**TYPED, "password": "canary-pass"}) == "refused:login_again"
        assert ("note.password" in home.shown(), "canary-pass" in home.shown()) == (True, False)
        assert home.shop.ports.qpilot.connection(ACTORS[ADA]) is None


@pytest.mark.parametrize("error", [NotFound("qpilot"), KeyRefused("qpilot")])
async def test_a_site_that_is_not_theirs_is_said_under_its_number(tmp_path: Path, error: Exception) -> None:
    """The login worked, the site did not answer to it."""
    async with on_stage(tmp_path, connect=False) as home:
        home.qpilot.failing["site"] = error  # type: ignore[assignment]
        await opened(home)
        assert (await home.submit(TYPED)).startswith("refused:")
        assert "note.siteId" in home.shown()


async def test_silence_keeps_the_form(tmp_path: Path) -> None:
    """Who could not be asked may be asked again."""
    async with on_stage(tmp_path, connect=False) as home:
        home.qpilot.login_fails = Unreachable("qpilot")
        await opened(home)
        assert await home.submit(TYPED) == "refused:no_answer"
        assert "note.banner" in home.shown()


async def test_what_was_typed_before_runs_once_connected(tmp_path: Path) -> None:
    """The command that lay in the card runs by itself, in its place."""
    async with on_stage(tmp_path, connect=False) as home:
        remembered = {"command": "/scheduled", "text": "list", "channel": "C0", "response_url": "https://reply"}
        await opened(home, remembered)
        assert await home.submit(TYPED) == "done"
        assert [(one.name, one.text) for one in home.stage.ran] == [("/scheduled", "list")]


async def test_nobody_uses_somebody_elses_form(tmp_path: Path) -> None:
    """B6: the card is for who was asked to connect."""
    async with on_stage(tmp_path, connect=False) as home:
        await opened(home)
        assert await home.submit(TYPED, user=BEN) == "refused:expired"
        assert home.qpilot.logins == []
