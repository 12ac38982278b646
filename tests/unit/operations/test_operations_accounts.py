"""People's own accounts: connecting, renewing a session once, and acting only with the clicker's own (C7, C8, B7)."""

from __future__ import annotations

import asyncio
import json

import pytest
from fakes import ACTOR, ADA, BEN, CREDENTIALS, KEY, PASSWORD, TEAM, FakeQuivo, FakeVault

from backends.errors import (
    BackendError,
    Busy,
    Fault,
    FieldError,
    Forbidden,
    Garbled,
    Invalid,
    KeyRefused,
    LoginRefused,
    NoAnswer,
    NotFound,
    SessionExpired,
    Unreachable,
)
from backends.quivo.auth import Credentials, Session
from backends.quivo.order import Order
from operations.accounts import CREDENTIALS as CREDENTIALS_PURPOSE
from operations.accounts import LOGIN_AGAIN, NOT_CONNECTED, QUIVO, SESSION, Accounts, Actor
from operations.linking import Removed
from operations.outcome import Done, Reason, Refused
from store.connection import Connection

ORDER = Order(order_id=1001, status="PROCESSING")


async def connected(keep: bool = True) -> tuple[Accounts, FakeVault, FakeQuivo]:
    vault, quivo = FakeVault(), FakeQuivo(ORDER)
    accounts = Accounts(vault, quivo)
    await accounts.connect(ACTOR, CREDENTIALS, keep_password=keep)
    return accounts, vault, quivo


def kept(vault: FakeVault, actor: Actor = ACTOR) -> dict[str, object]:
    return {name: json.loads(secret) for name, secret in vault.rows[actor.team, actor.user, QUIVO][1].items()}


async def test_connect_keeps_credentials_and_session() -> None:
    """A login that worked keeps both secrets, and shows no more of the user name than its owner needs."""
    accounts, vault, quivo = await connected()
    assert quivo.logins == ["ada"]
    assert kept(vault) == {
        "credentials": {"api_key": KEY, "username": "ada", "password": PASSWORD},
        "session": {"api_key": KEY, "token": "token-ada-1"},
    }
    (connection,) = accounts.connections(ACTOR)
    assert (connection.account, connection.keeps_password) == ("ad…", True)


async def test_connect_without_password_keeps_only_the_session() -> None:
    """ "Don't keep my password" leaves nothing in the vault but the token of one hour and the key it needs."""
    _, vault, _ = await connected(keep=False)
    assert kept(vault) == {"session": {"api_key": KEY, "token": "token-ada-1"}}
    assert PASSWORD not in repr(vault.rows)


async def test_a_masked_account_never_shows_a_whole_long_name() -> None:
    """The label of a connection holds at most two letters of the user name, which is one of the three secrets."""
    vault, quivo = FakeVault(), FakeQuivo()
    quivo.passwords["ada@example.com"] = PASSWORD
    made = await Accounts(vault, quivo).connect(
        ACTOR, Credentials(KEY, "ada@example.com", PASSWORD), keep_password=True
    )
    assert isinstance(made, Done)
    assert made.value.account == "ad…"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (LoginRefused("quivo"), (Reason.LOGIN_AGAIN, ("password",))),
        (KeyRefused("quivo"), (Reason.LOGIN_AGAIN, ("apiKey",))),
        (Unreachable("quivo"), (Reason.NO_ANSWER, ())),
        (NoAnswer("quivo"), (Reason.NO_ANSWER, ())),
        (Busy("quivo"), (Reason.NO_ANSWER, ())),
        (Fault("quivo"), (Reason.NO_ANSWER, ())),
        (Garbled("quivo"), (Reason.NO_ANSWER, ())),
    ],
)
async def test_a_refused_login_stores_nothing(error: BackendError, expected: tuple[Reason, tuple[str, ...]]) -> None:
    """Whatever the login ends with, nothing is kept and the refusal names the inputs that it is about."""
    vault, quivo = FakeVault(), FakeQuivo()
    quivo.failing = error
    outcome = await Accounts(vault, quivo).connect(ACTOR, CREDENTIALS, keep_password=True)
    fields = tuple(FieldError(name, error.safe_text) for name in expected[1])
    assert outcome == Refused(expected[0], error.safe_text, fields)
    assert vault.rows == {}


async def test_a_refused_login_leaves_the_old_connection() -> None:
    """Trying to connect again with a wrong password takes nothing away from the connection that works."""
    accounts, vault, _ = await connected()
    before = kept(vault)
    outcome = await accounts.connect(ACTOR, Credentials(KEY, "ada", "wrong"), keep_password=True)
    assert isinstance(outcome, Refused)
    assert kept(vault) == before


async def test_login_field_errors_come_from_quivo_when_it_names_fields() -> None:
    """A login that Quivo refuses with fields of its own still is a refusal that stores nothing."""
    vault, quivo = FakeVault(), FakeQuivo()
    quivo.failing = Invalid("quivo", fields=(FieldError("username", "may not be blank"),))
    outcome = await Accounts(vault, quivo).connect(ACTOR, CREDENTIALS, keep_password=True)
    assert isinstance(outcome, Refused)
    assert (outcome.reason, vault.rows) == (Reason.NO, {})


async def ask_order(accounts: Accounts, quivo: FakeQuivo, actor: Actor = ACTOR) -> object:
    return await accounts.call(actor, lambda session: quivo.order(session, 1001))


async def test_a_call_without_connection_asks_nobody() -> None:
    """Without a connection the answer is a refusal, and the back end hears nothing."""
    quivo = FakeQuivo(ORDER)
    assert await ask_order(Accounts(FakeVault(), quivo), quivo) == NOT_CONNECTED
    assert quivo.asked == []
    assert quivo.logins == []


async def test_a_call_with_a_good_session_costs_no_login() -> None:
    """A session that is still good is used as it is, and the connection is marked as used."""
    accounts, vault, quivo = await connected()
    assert await ask_order(accounts, quivo) == Done(ORDER)
    assert (quivo.logins, vault.touched) == (["ada"], ["connection-1"])
    assert quivo.asked == [("order", 1001, "token-ada-1")]


async def test_an_expired_session_costs_one_login_and_one_retry() -> None:
    """An expired token is renewed once, kept, and the question asked once more."""
    accounts, vault, quivo = await connected()
    quivo.expire()
    assert await ask_order(accounts, quivo) == Done(ORDER)
    assert quivo.logins == ["ada", "ada"]
    assert quivo.asked == [("order", 1001, "token-ada-1"), ("order", 1001, "token-ada-2")]
    assert kept(vault)["session"] == {"api_key": KEY, "token": "token-ada-2"}


async def test_a_second_expiry_is_a_refusal_and_not_a_third_try() -> None:
    """A back end that calls every session expired gets two questions and one login, never more."""
    accounts, vault, quivo = await connected()
    asked: list[str] = []

    async def never(session: Session) -> Order:
        asked.append(session.token.reveal())
        raise SessionExpired("quivo")

    assert await accounts.call(ACTOR, never) == Refused(Reason.NO, SessionExpired("quivo").safe_text)
    assert (asked, quivo.logins) == (["token-ada-1", "token-ada-2"], ["ada", "ada"])
    assert vault.touched == []


async def test_an_expired_session_without_password_asks_to_connect_again() -> None:
    """Where no password was kept, an expired session costs no login at all, and the person is asked."""
    accounts, _, quivo = await connected(keep=False)
    quivo.expire()
    assert await ask_order(accounts, quivo) == LOGIN_AGAIN
    assert quivo.logins == ["ada"]


async def test_a_connection_without_session_logs_in_first() -> None:
    """Where only credentials are kept, the first call logs in and asks once."""
    accounts, vault, quivo = await connected()
    del vault.rows[TEAM, ADA, QUIVO][1][SESSION]
    assert await ask_order(accounts, quivo) == Done(ORDER)
    assert (quivo.logins, len(quivo.asked)) == (["ada", "ada"], 1)


async def test_a_changed_password_says_so_and_keeps_the_connection() -> None:
    """A renewal that is refused is a reason to log in again; nothing is deleted and the question is not repeated."""
    accounts, vault, quivo = await connected()
    quivo.passwords["ada"] = "another"
    quivo.expire()
    outcome = await ask_order(accounts, quivo)
    assert outcome == Refused(Reason.LOGIN_AGAIN, LoginRefused("quivo").safe_text)
    assert (len(quivo.asked), list(vault.rows)) == (1, [(TEAM, ADA, QUIVO)])


async def test_ten_calls_at_once_share_one_login() -> None:
    """C8: ten calls that meet an expired token together cost one login, and all of them are answered."""
    accounts, vault, quivo = await connected()
    quivo.expire()
    outcomes = await asyncio.gather(*(ask_order(accounts, quivo) for _ in range(10)))
    assert outcomes == [Done(ORDER)] * 10
    assert quivo.logins == ["ada", "ada"]
    assert len(quivo.asked) == 20
    assert kept(vault)["session"] == {"api_key": KEY, "token": "token-ada-2"}


async def test_calls_of_two_people_log_in_for_each() -> None:
    """Sharing a login stays within one connection: two people's expired sessions cost a login each."""
    accounts, _, quivo = await connected()
    await accounts.connect(Actor(TEAM, BEN), Credentials(KEY, "ben", PASSWORD), keep_password=True)
    quivo.expire()
    await asyncio.gather(*(ask_order(accounts, quivo, Actor(TEAM, user)) for user in (ADA, BEN) for _ in range(5)))
    assert sorted(quivo.logins) == ["ada", "ada", "ben", "ben"]


async def test_a_call_uses_the_token_of_the_one_who_asks() -> None:
    """B7: whoever asks, the token on the wire is their own; somebody without a connection gets nobody's."""
    accounts, _, quivo = await connected()
    await accounts.connect(Actor(TEAM, BEN), Credentials(KEY, "ben", PASSWORD), keep_password=True)
    await ask_order(accounts, quivo)
    await ask_order(accounts, quivo, Actor(TEAM, BEN))
    assert await ask_order(accounts, quivo, Actor("T0OTHER001", ADA)) == NOT_CONNECTED
    assert [token for _, _, token in quivo.asked] == ["token-ada-1", "token-ben-2"]


async def test_a_renewal_after_disconnect_brings_nothing_back() -> None:
    """C7: a login that is under way while the person disconnects leaves no connection and no secret behind."""
    accounts, vault, quivo = await connected()
    quivo.expire()
    quivo.login_gate = asyncio.Event()
    call = asyncio.create_task(ask_order(accounts, quivo))
    await quivo.waiting.wait()
    removed = await accounts.disconnect(ACTOR)
    quivo.login_gate.set()
    await call
    assert removed.connection is not None
    assert (removed.connection.id, removed.revoked) == ("connection-1", None)
    assert vault.rows == {}


async def test_a_renewal_does_not_write_into_a_newer_connection() -> None:
    """C7: a renewal for an old connection does not overwrite the session of the one that replaced it."""
    accounts, vault, quivo = await connected()
    old = vault.rows[TEAM, ADA, QUIVO][0]
    await accounts.connect(ACTOR, CREDENTIALS, keep_password=True)
    before = kept(vault)
    assert not await vault.keep(old, SESSION, b"{}")
    assert await accounts.call(ACTOR, lambda session: quivo.order(session, 1001)) == Done(ORDER)
    assert kept(vault) == before


async def test_disconnect_says_whether_there_was_anything() -> None:
    """Disconnecting removes the connection and its secrets; doing it again removes nothing."""
    accounts, vault, _ = await connected()
    first, second = await accounts.disconnect(ACTOR), await accounts.disconnect(ACTOR)
    assert isinstance(first.connection, Connection)
    assert (second, vault.rows, accounts.connections(ACTOR)) == (Removed(None), {}, [])


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (NotFound("quivo"), Reason.NOT_FOUND),
        (Forbidden("quivo"), Reason.NO),
        (KeyRefused("quivo"), Reason.LOGIN_AGAIN),
        (Unreachable("quivo"), Reason.NO_ANSWER),
        (NoAnswer("quivo", outcome_known=False), Reason.NO_ANSWER),
        (Busy("quivo", retry_after=3.0), Reason.NO_ANSWER),
        (Fault("quivo"), Reason.NO_ANSWER),
        (Garbled("quivo"), Reason.NO_ANSWER),
    ],
)
async def test_a_failed_read_is_a_refusal_with_a_declared_text(error: BackendError, reason: Reason) -> None:
    """D6: every failure of a read becomes a refusal whose text its class declares, asked once (E5)."""
    accounts, vault, quivo = await connected()
    quivo.failing = error
    assert await ask_order(accounts, quivo) == Refused(reason, error.safe_text)
    assert (len(quivo.asked), quivo.logins, vault.touched) == (1, ["ada"], [])


async def test_invalid_fields_stay_with_the_refusal() -> None:
    """What Quivo says about single fields is kept for the inputs that it is about."""
    accounts, _, quivo = await connected()
    quivo.failing = Invalid("quivo", fields=(FieldError("query", "is too long"),))
    outcome = await ask_order(accounts, quivo)
    assert outcome == Refused(Reason.NO, quivo.failing.safe_text, (FieldError("query", "is too long"),))


async def sellers_of(accounts: Accounts, actor: Actor = ACTOR) -> object:
    return await accounts.call(actor, lambda session: accounts.seller_ids(actor, session))


async def test_sellers_are_asked_once_for_each_connection() -> None:
    """The sellers of an account are read once; connecting again, which may be another account, reads them again."""
    accounts, _, quivo = await connected()
    assert [await sellers_of(accounts), await sellers_of(accounts)] == [Done((12,)), Done((12,))]
    assert [what for what, _, _ in quivo.asked] == ["sellers"]
    quivo.seller_ids = (13, 14)
    await accounts.connect(ACTOR, CREDENTIALS, keep_password=True)
    assert await sellers_of(accounts) == Done((13, 14))


async def test_sellers_of_nobody_are_none() -> None:
    """Somebody whose connection has just gone has no sellers, and Quivo is not asked."""
    accounts, _, quivo = await connected()
    session = Session(KEY, "token-ada-1")
    assert await accounts.seller_ids(Actor(TEAM, BEN), session) == ()
    assert quivo.asked == []


async def test_a_failed_question_for_sellers_is_not_remembered() -> None:
    """Where reading the sellers fails the next call asks again, and never counts as an account without sellers."""
    accounts, _, quivo = await connected()
    quivo.failing = Fault("quivo")
    assert isinstance(await sellers_of(accounts), Refused)
    quivo.failing = None
    assert await sellers_of(accounts) == Done((12,))


def test_the_purposes_of_secrets_are_the_vaults_names() -> None:
    """The two names under which secrets are sealed may not change: what is stored could not be opened any more."""
    assert (CREDENTIALS_PURPOSE, SESSION, QUIVO) == ("credentials", "session", "quivo")
