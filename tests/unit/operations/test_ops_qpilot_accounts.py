"""People's own accounts at QPilot: connecting, a fresh token for each request, and nobody else's (B7, C8, C10)."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from ops_fakes import ADA, BEN, TEAM, Clock
from qpilot_fakes import MERCHANT, NEW_YORK, ORDER, SITE_ID, FakeQpilot, shop

from backends.errors import Fault, FieldError, LoginRefused, NoAnswer, NotFound, SessionExpired, Unreachable
from backends.qpilot.auth import Credentials, Token
from backends.qpilot.entities import Site
from backends.qpilot.refusals import ScopeRefused
from operations.circuit import FAILURES, Breaker
from operations.linking import QPILOT, Removed, not_connected
from operations.outcome import Done, Reason, Refused, Unknown
from operations.qpilot_accounts import CREDENTIALS, MERCHANTS_ONLY, Grant, Place
from operations.scheduled import profile, read, shown

FOR_107 = Credentials("ada@shop.example", "right", SITE_ID, "Customer", "107")


async def test_connect_keeps_the_credentials_sealed_and_nothing_else(tmp_path: Path) -> None:
    """A login that worked keeps what the next one needs, and shows no more of the e-mail than its owner needs."""
    async with shop(tmp_path, connect=False) as it:
        done = await it.ports.qpilot.connect(ADA, MERCHANT)
        assert isinstance(done, Done)
        assert (done.value.account, done.value.keeps_password) == ("ad… (site 1113)", True)
        assert json.loads(it.vault.secret(done.value, CREDENTIALS) or b"") == {
            "email": "ada@shop.example",
            "password": "right",
            "site_id": SITE_ID,
            "scope": "Merchant",
            "customer_id": None,
        }
        assert it.vault.secret(done.value, "session") is None
        assert it.ports.qpilot.place(ADA) == Place(SITE_ID, "Merchant")


async def test_connect_costs_one_login_and_one_request(tmp_path: Path) -> None:
    """The login's own token reads the site, so that logins equal requests from the first one on."""
    async with shop(tmp_path, connect=False) as it:
        await it.connect()
        assert (it.qpilot.requests, len(it.qpilot.logins)) == ([("site", SITE_ID)], 1)


async def test_connect_as_a_customer(tmp_path: Path) -> None:
    """The scope Customer is proved by what a customer may read, and is said with the account."""
    async with shop(tmp_path, connect=False) as it:
        done = await it.ports.qpilot.connect(ADA, FOR_107)
        assert isinstance(done, Done)
        assert done.value.account == "ad… (site 1113, as a customer)"
        assert it.qpilot.requests == [("settings", SITE_ID)]
        assert it.ports.qpilot.place(ADA) == Place(SITE_ID, "Customer", "107")


@pytest.mark.parametrize(
    ("where", "error", "field"),
    [
        ("login", LoginRefused("qpilot"), "password"),
        ("site", NotFound("qpilot"), "siteId"),
        ("site", ScopeRefused("qpilot"), "siteId"),
        ("login", Unreachable("qpilot"), None),
        ("site", Fault("qpilot"), None),
    ],
)
async def test_connect_refused(tmp_path: Path, where: str, error: Exception, field: str | None) -> None:
    """What QPilot did not take is said under its input, and nothing is kept."""
    qpilot = FakeQpilot()
    if where == "login":
        qpilot.login_fails = error  # type: ignore[assignment]
    else:
        qpilot.failing["site"] = error  # type: ignore[assignment]
    async with shop(tmp_path, qpilot, connect=False) as it:
        refused = await it.ports.qpilot.connect(ADA, MERCHANT)
        assert isinstance(refused, Refused)
        text = error.safe_text  # type: ignore[attr-defined]
        assert refused.fields == ((FieldError(field, text),) if field else ())
        assert (refused.text, refused.back_end) == (text, QPILOT)
        assert it.ports.qpilot.connection(ADA) is None


async def test_a_refused_login_leaves_the_old_connection(tmp_path: Path) -> None:
    """A wrong password at a second connect does not take the first connection away."""
    async with shop(tmp_path) as it:
        before = it.ports.qpilot.connection(ADA)
        await it.ports.qpilot.connect(ADA, Credentials("ada@shop.example", "wrong", SITE_ID))
        assert it.ports.qpilot.connection(ADA) == before


async def test_each_request_has_a_login_of_its_own(tmp_path: Path) -> None:
    """Logins equal requests, in a conversation of one as of three, and no token is used twice (seed 004)."""
    async with shop(tmp_path) as it:
        assert isinstance(await read(it.ports.qpilot, ADA, ORDER.id), Done)
        assert isinstance(await profile(it.ports.qpilot, ADA, "107"), Done)
        assert len(it.qpilot.logins) == len(it.qpilot.requests) == len(set(it.qpilot.who)) == 4


async def test_reuse_is_one_login_for_a_conversation(tmp_path: Path) -> None:
    """QPILOT_TOKEN_REUSE_SECONDS takes one token for the requests of one conversation, and keeps it no longer."""
    async with shop(tmp_path, reuse=60) as it:
        tokens = []

        async def ask(grant: Grant) -> None:
            tokens.extend([await grant.tickets.take(), await grant.tickets.take()])

        await it.ports.qpilot.call(ADA, ask)
        await it.ports.qpilot.call(ADA, ask)
        assert tokens[0] is tokens[1]
        assert tokens[1] is not tokens[2]
        assert len(it.qpilot.logins) == 2


async def test_a_401_in_the_middle_of_a_read_costs_one_more_login(tmp_path: Path) -> None:
    """A token that QPilot no longer takes is minted once more, and the request repeated once."""
    async with shop(tmp_path, FakeQpilot(expires=["order"])) as it:
        assert await read(it.ports.qpilot, ADA, ORDER.id) == Done(ORDER)
        assert it.qpilot.requests == [("order", ORDER.id)] * 2
        assert len(it.qpilot.logins) == 2


async def test_a_second_401_is_the_end(tmp_path: Path) -> None:
    """Two 401 in a row end it: no loop of logins."""
    async with shop(tmp_path, FakeQpilot(expires=["order", "order", "order"])) as it:
        refused = await read(it.ports.qpilot, ADA, ORDER.id)
        assert isinstance(refused, Refused)
        assert len(it.qpilot.requests) == len(it.qpilot.logins) == 2


async def test_a_401_to_a_write_sends_it_once_more(tmp_path: Path) -> None:
    """A 401 says that the write was not accepted, so it is sent once more; an unknown outcome is not."""
    async with shop(tmp_path, FakeQpilot(expires=["retry"])) as it:
        qpilot = it.qpilot

        async def retry(grant: Grant) -> None:
            await qpilot.retry(grant.tickets, grant.site_id, ORDER.id)

        assert await it.ports.qpilot.change(ADA, retry) == Done(None)
        assert qpilot.writes == [("retry", ORDER.id)]
        qpilot.fails(NoAnswer("qpilot", outcome_known=False))
        assert isinstance(await it.ports.qpilot.change(ADA, retry), Unknown)
        assert len(qpilot.writes) == 2
        assert len(qpilot.logins) == len(qpilot.requests) == 3


async def test_a_login_refused_is_remembered_until_the_next_connect(tmp_path: Path) -> None:
    """Twenty commands after a changed password are one refused login, for more could lock the account (C8)."""
    async with shop(tmp_path) as it:
        it.qpilot.login_fails = LoginRefused("qpilot")
        told = await asyncio.gather(*(read(it.ports.qpilot, ADA, ORDER.id) for _ in range(20)))
        assert {one.reason for one in told if isinstance(one, Refused)} == {Reason.LOGIN_AGAIN}
        assert (len(it.qpilot.logins), it.qpilot.requests) == (1, [])
        it.qpilot.login_fails = None
        assert isinstance(await read(it.ports.qpilot, ADA, ORDER.id), Refused)
        assert isinstance(await it.ports.qpilot.customer_token(ADA, "107"), Refused)
        assert len(it.qpilot.logins) == 1
        await it.connect()
        assert await read(it.ports.qpilot, ADA, ORDER.id) == Done(ORDER)


async def test_another_login_error_is_not_remembered(tmp_path: Path) -> None:
    """QPilot being down at a login is forgotten as soon as it is back."""
    async with shop(tmp_path) as it:
        it.qpilot.login_fails = Unreachable("qpilot")
        assert isinstance(await read(it.ports.qpilot, ADA, ORDER.id), Refused)
        it.qpilot.login_fails = None
        assert await read(it.ports.qpilot, ADA, ORDER.id) == Done(ORDER)


async def test_each_person_acts_with_their_own_account(tmp_path: Path) -> None:
    """Ben's requests carry Ben's tokens, and without a connection nothing is asked at all (B7)."""
    async with shop(tmp_path) as it:
        assert await read(it.ports.qpilot, BEN, ORDER.id) == not_connected(QPILOT)
        assert await it.ports.qpilot.customer_token(BEN, "107") == not_connected(QPILOT)
        assert it.qpilot.requests == []
        await it.connect(BEN, Credentials("ben@shop.example", "right", SITE_ID))
        it.qpilot.who.clear()
        await read(it.ports.qpilot, BEN, ORDER.id)
        await read(it.ports.qpilot, ADA, ORDER.id)
        assert [token.split("@")[0] for token in it.qpilot.who] == ["ben", "ada"]


async def test_disconnect_takes_the_credentials_away(tmp_path: Path) -> None:
    """After a disconnect nothing is sent; QPilot has no way to revoke, so nobody claims that it did."""
    async with shop(tmp_path) as it:
        connection = it.ports.qpilot.connection(ADA)
        assert connection is not None
        assert await it.ports.qpilot.disconnect(ADA) == Removed(connection, None)
        assert it.vault.secret(connection, CREDENTIALS) is None
        assert await read(it.ports.qpilot, ADA, ORDER.id) == not_connected(QPILOT)
        assert it.ports.qpilot.place(ADA) is None
        assert it.qpilot.requests == []


async def test_a_merchant_gets_a_token_for_a_customer(tmp_path: Path) -> None:
    """The customer's token comes from the merchant's own credentials, and shows itself to nobody (C10)."""
    async with shop(tmp_path) as it:
        done = await it.ports.qpilot.customer_token(ADA, "107")
        assert isinstance(done, Done)
        assert (done.value.value.reveal(), done.value.scope) == ("of 107", "Customer")
        assert "of 107" not in repr(done)
        assert it.qpilot.logins == ["ada@shop.example for 107"]


async def test_no_token_for_an_unknown_customer(tmp_path: Path) -> None:
    """QPilot's no to a customer's login is not a no to the merchant's password, which goes on working."""
    async with shop(tmp_path) as it:
        refused = await it.ports.qpilot.customer_token(ADA, "999")
        assert refused == Refused(Reason.NO, "QPilot gave no token for this customer.", back_end=QPILOT)
        assert await read(it.ports.qpilot, ADA, ORDER.id) == Done(ORDER)


async def test_a_customer_gets_no_token_for_anybody(tmp_path: Path) -> None:
    """A connection with the scope Customer hands out no tokens, and asks for none."""
    async with shop(tmp_path, connect=False) as it:
        await it.connect(ADA, FOR_107)
        it.qpilot.logins.clear()
        assert await it.ports.qpilot.customer_token(ADA, "107") == MERCHANTS_ONLY
        assert it.qpilot.logins == []


async def test_a_customer_sees_the_site_by_its_settings(tmp_path: Path) -> None:
    """A customer's connection reads the settings where a merchant's reads the site."""
    async with shop(tmp_path, connect=False) as it:
        await it.connect(ADA, FOR_107)
        as_customer = await shown(it.ports.qpilot, ADA, ORDER.id)
        await it.connect(ADA, MERCHANT)
        as_merchant = await shown(it.ports.qpilot, ADA, ORDER.id)
        assert isinstance(as_customer, Done)
        assert isinstance(as_merchant, Done)
        assert as_customer.value.site == Site(SITE_ID, utc_offset=-5, lock_days=2)
        assert as_merchant.value.site == NEW_YORK


async def test_credentials_that_are_gone_ask_for_a_new_connect(tmp_path: Path) -> None:
    """A connection without its secret is no crash: the person is asked to connect again."""
    async with shop(tmp_path, connect=False) as it:
        await it.vault.connect(TEAM, ADA.user, QPILOT, account="ad…", keeps_password=True, secrets={})
        refused = await read(it.ports.qpilot, ADA, ORDER.id)
        assert isinstance(refused, Refused)
        assert (refused.reason, refused.back_end) == (Reason.LOGIN_AGAIN, QPILOT)
        assert await it.ports.qpilot.customer_token(ADA, "107") == refused


async def test_an_ill_qpilot_is_left_alone(tmp_path: Path) -> None:
    """After five failures in a row nothing is asked any more, logins included (E9)."""
    clock = Clock()
    qpilot = FakeQpilot()
    async with shop(tmp_path, qpilot, clock, Breaker(QPILOT, clock)) as it:
        qpilot.failing["order"] = Fault("qpilot")
        for _ in range(FAILURES + 3):
            assert isinstance(await read(it.ports.qpilot, ADA, ORDER.id), Refused)
        assert len(qpilot.requests) == len(qpilot.logins) == FAILURES


class SlowToLogIn(FakeQpilot):
    """A QPilot whose logins never end."""

    async def login(self, credentials: Credentials, *, request_id: str = "") -> Token:
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_token_fetched_ahead_in_vain_is_not_left_running(tmp_path: Path) -> None:
    """A conversation that ends early cancels the login that it had begun."""
    async with shop(tmp_path) as it:
        it.ports.qpilot.qpilot = SlowToLogIn()

        async def ask(grant: Grant) -> None:
            grant.tickets.expect()
            await asyncio.sleep(0)
            raise SessionExpired("qpilot")

        await it.ports.qpilot.call(ADA, ask)
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1
