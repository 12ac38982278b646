"""People's own accounts at Vendo: signing in, renewing a pair of tokens once, leaving for good (seed 003, C7, C8)."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ops_fakes import NOON, Behaviour
from vendo_fakes import ADA, BEN, HERE, MONTH, OTHER_STORE, STORE, TEAM, THERE, Shop, shop

from backends.errors import (
    BackendError,
    Busy,
    Fault,
    FieldError,
    Forbidden,
    Garbled,
    Invalid,
    NoAnswer,
    SessionExpired,
    Unreachable,
)
from backends.secret import Secret
from backends.vendo.account import Account
from backends.vendo.auth import Access, Tokens
from backends.vendo.catalogue import StoreInfo
from operations import shopping
from operations.carts import new
from operations.circuit import Breaker
from operations.linking import VENDO, Actor, Removed
from operations.outcome import Done, Outcome, Reason, Refused
from operations.vendo_accounts import LOGIN_AGAIN, NOT_CONNECTED, SESSION, WRONG_CODE, VendoAccounts
from store.connection import Connection
from store.errors import Lingering

LOST = NoAnswer(VENDO, outcome_known=False)


async def account(home: Shop, actor: Actor = ADA) -> Outcome[Account]:
    return await shopping.account(home.ports, actor, "REF")


def kept(home: Shop, actor: Actor = ADA) -> dict[str, Any]:
    connection = home.ports.vendo.connection(actor)
    assert connection is not None
    packed = home.vault.secret(connection, SESSION)
    assert packed is not None
    found: dict[str, Any] = json.loads(packed)
    return found


# signing in
async def test_a_code_is_sent_for_the_address_and_name_that_were_given(tmp_path: Path) -> None:
    """Seed 003: e-mail and, for a new customer, the names go to the person's store; nothing is kept for it."""
    async with shop(tmp_path) as home:
        link = home.ports.vendo
        assert await link.ask_code("", "new@example.com", "Nora", "", "REF") == Done(None)
        assert await link.ask_code("other.example.com/shop", "ada@example.com") == Done(None)
        assert home.vendo.asked == [
            (STORE, "new@example.com", "Nora", None),
            (OTHER_STORE, "ada@example.com", None, None),
        ]
        assert link.connections(ADA) == []


async def test_what_vendo_has_against_an_address_stands_under_email(tmp_path: Path) -> None:
    """A refused e-mail is refused under its own input."""
    async with shop(tmp_path) as home:
        answer = await home.ports.vendo.ask_code(STORE, "nobody")
        fields = (FieldError("email", "is invalid"),)
        assert answer == Refused(Reason.NO, Invalid(VENDO).safe_text, fields, VENDO)


@pytest.mark.parametrize("store", ["http://shop.example.com", "127.0.0.1", "localhost", "shop.local", "no store", "x"])
async def test_what_is_no_store_is_asked_nothing(tmp_path: Path, store: str) -> None:
    """An address inside a network, or none at all, is refused under ``store`` before anything is sent."""
    async with shop(tmp_path) as home:
        answers = [
            await home.ports.vendo.ask_code(store, "ada@example.com"),
            await home.ports.vendo.connect(ADA, store, "ada@example.com", "123456"),
        ]
        for answer in answers:
            assert isinstance(answer, Refused)
            assert [one.field for one in answer.fields] == ["store"]
        assert (home.vendo.asked, home.ports.vendo.connections(ADA), home.lived()) == ([], [], set())


async def test_a_code_becomes_a_connection_with_both_tokens(tmp_path: Path) -> None:
    """The tokens are kept sealed for this person; of the e-mail no more is shown than its owner needs."""
    async with shop(tmp_path) as home:
        made = await home.ports.vendo.connect(ADA, "", "ada@example.com", Secret("123456"))
        assert isinstance(made, Done)
        assert isinstance(made.value, Connection)
        assert (made.value.account, made.value.keeps_password, made.value.back_end) == ("ad…", False, VENDO)
        assert kept(home) == {
            "store": STORE,
            "email": "ada@example.com",
            "access": "access-ada-0",
            "refresh": "refresh-ada-0",
            "expires_at": (NOON + MONTH).isoformat(),
            "spent": False,
        }
        assert await account(home) == Done(Account("u-1", "ada@example.com"))


async def test_a_wrong_code_is_said_under_its_input_and_keeps_what_was_there(tmp_path: Path) -> None:
    """A wrong or old code stores nothing and takes nothing away from the connection that works."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        before = kept(home)
        answer = await home.ports.vendo.connect(ADA, STORE, "ada@example.com", "000000")
        assert answer == Refused(Reason.NO, WRONG_CODE, (FieldError("code", WRONG_CODE),), VENDO)
        assert kept(home) == before


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (LOST, f"{LOST.safe_text} The code may be used up now; if it is not taken again, have a new one sent."),
        (Unreachable(VENDO), Unreachable(VENDO).safe_text),
        (Busy(VENDO), Busy(VENDO).safe_text),
    ],
)
async def test_an_exchange_without_an_answer_keeps_nothing(tmp_path: Path, error: BackendError, text: str) -> None:
    """The code is used once, so it is not sent again by itself, and where it may be used up that is said (E5)."""
    async with shop(tmp_path) as home:
        home.vendo.read_fails = error
        answer = await home.ports.vendo.connect(ADA, STORE, "ada@example.com", "123456")
        assert answer == Refused(Reason.NO_ANSWER, text, back_end=VENDO)
        assert home.ports.vendo.connections(ADA) == []


# calling
async def test_nobody_is_asked_without_a_connection(tmp_path: Path) -> None:
    """Without a connection an account is refused as not connected, and Vendo hears nothing."""
    async with shop(tmp_path) as home:
        assert await account(home) == NOT_CONNECTED
        assert home.vendo.reads == []


async def test_everybody_asks_with_their_own_token(tmp_path: Path) -> None:
    """B7: whoever asks, the token on the wire is their own."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        await home.sign_in(BEN, "ben@example.com")
        assert await account(home, BEN) == Done(Account("u-1", "ben@example.com"))
        assert await account(home, Actor("T0OTHER001", ADA.user)) == NOT_CONNECTED
        assert [token for _, token in home.vendo.reads] == ["access-ben-1"]


async def test_products_work_for_a_guest_and_with_the_own_token(tmp_path: Path) -> None:
    """Seed 003: a public endpoint is asked without a credential, or with the person's, for prices may be their own."""
    async with shop(tmp_path) as home:

        async def ask(access: Access) -> StoreInfo:
            return await home.vendo.store(access)

        assert isinstance(await home.ports.vendo.look(ADA, ask), Done)
        await home.sign_in(store=OTHER_STORE)
        assert isinstance(await home.ports.vendo.look(ADA, ask), Done)
        assert isinstance(await home.ports.vendo.look(ADA, ask, STORE), Done)
        assert [token for _, token in home.vendo.reads] == ["guest", "access-ada-0", "guest"]


async def test_a_forbidden_account_is_not_an_expired_one(tmp_path: Path) -> None:
    """apis/vendo.md §2: 403 is not 401, so nothing is refreshed for it."""
    async with shop(tmp_path) as home:
        await home.sign_in()

        async def forbidden(tokens: Tokens) -> Account:
            raise Forbidden(VENDO)

        answer = await home.ports.vendo.call(ADA, forbidden)
        assert answer == Refused(Reason.NO, Forbidden(VENDO).safe_text, back_end=VENDO)
        assert home.vendo.refreshes == []


# renewing
async def test_a_pair_is_renewed_a_day_before_it_expires(tmp_path: Path) -> None:
    """Until a day before the end the pair is used as it is, and from then on a new one is kept and used."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        home.clock.advance((MONTH - timedelta(days=1)).total_seconds() - 1)
        assert isinstance(await account(home), Done)
        assert home.vendo.refreshes == []
        home.clock.advance(1)
        assert isinstance(await account(home), Done)
        assert home.vendo.refreshes == ["refresh-ada-0"]
        assert (kept(home)["access"], home.vendo.reads[-1][1]) == ("access-ada-1", "access-ada-1")


async def test_twenty_calls_with_an_expired_token_cost_one_refresh(tmp_path: Path) -> None:
    """C8: twenty calls that meet an expired token together cost one refresh, and none of them is lost."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        home.vendo.expire()
        outcomes = await asyncio.gather(*(account(home) for _ in range(20)))
        assert outcomes == [Done(Account("u-1", "ada@example.com"))] * 20
        assert (home.vendo.refreshes, kept(home)["access"]) == (["refresh-ada-0"], "access-ada-1")


async def test_twenty_calls_on_the_last_day_cost_one_refresh(tmp_path: Path) -> None:
    """C8: the same where the token is about to expire and nobody has been refused yet."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        home.clock.advance(MONTH.total_seconds())
        outcomes = await asyncio.gather(*(account(home) for _ in range(20)))
        assert {type(one) for one in outcomes} == {Done}
        assert home.vendo.refreshes == ["refresh-ada-0"]


async def test_two_people_refresh_for_themselves(tmp_path: Path) -> None:
    """C8: sharing a refresh stays within one connection."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        await home.sign_in(BEN, "ben@example.com")
        home.vendo.expire()
        await asyncio.gather(*(account(home, actor) for actor in (ADA, BEN) for _ in range(5)))
        assert sorted(home.vendo.refreshes) == ["refresh-ada-0", "refresh-ben-1"]


async def test_a_second_401_is_a_refusal_and_no_loop(tmp_path: Path) -> None:
    """A store that calls every token expired gets two questions and one refresh."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        asked: list[str] = []

        async def never(tokens: Tokens) -> Account:
            asked.append(tokens.access.reveal())
            raise SessionExpired(VENDO)

        answer = await home.ports.vendo.call(ADA, never)
        assert answer == Refused(Reason.NO, SessionExpired(VENDO).safe_text, back_end=VENDO)
        assert (asked, len(home.vendo.refreshes)) == (["access-ada-0", "access-ada-1"], 1)


async def test_the_new_pair_is_kept_before_it_is_used(tmp_path: Path) -> None:
    """apis/vendo.md §2: when the first request with the new token leaves, the vault has the new pair already."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        home.vendo.expire()
        seen: list[tuple[str, str]] = []

        async def ask(tokens: Tokens) -> Account:
            seen.append((tokens.access.reveal(), kept(home)["access"]))
            return await home.vendo.account(tokens)

        assert isinstance(await home.ports.vendo.call(ADA, ask), Done)
        assert seen == [("access-ada-0", "access-ada-0"), ("access-ada-1", "access-ada-1")]


async def test_a_refused_refresh_asks_to_sign_in_and_is_remembered(tmp_path: Path) -> None:
    """A refresh token that is no longer taken is not tried again, by this process or the next, until reconnecting."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        home.vendo.expire()
        home.vendo.refreshing.clear()
        assert [await account(home) for _ in range(5)] == [LOGIN_AGAIN] * 5
        assert home.vendo.refreshes == ["refresh-ada-0"]
        vendo = home.vendo
    async with shop(tmp_path, vendo) as home:
        assert [await account(home), len(vendo.refreshes)] == [LOGIN_AGAIN, 1]
        await home.sign_in()
        assert isinstance(await account(home), Done)


async def test_a_refused_refresh_on_the_last_day_leaves_the_token_that_works(tmp_path: Path) -> None:
    """Where only the refresh token is dead, the access token is used to its end, and nothing is refreshed again."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        home.vendo.refreshing.clear()
        home.clock.advance((MONTH - timedelta(hours=1)).total_seconds())
        assert [type(await account(home)) for _ in range(3)] == [Done] * 3
        home.clock.advance(3600)
        assert await account(home) == LOGIN_AGAIN
        assert home.vendo.refreshes == ["refresh-ada-0"]


@pytest.mark.parametrize("error", [LOST, Fault(VENDO, outcome_known=False), Garbled(VENDO, outcome_known=False)])
async def test_a_refresh_that_was_accepted_without_an_answer_is_no_loop(tmp_path: Path, error: BackendError) -> None:
    """The refresh token is dead then: one refresh a call, two in all, and a clear *sign in again* each time."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        home.vendo.expire()
        home.vendo.refresh_fails.append(Behaviour(accepts=True, raises=error))
        assert [await account(home) for _ in range(4)] == [LOGIN_AGAIN] * 4
        assert home.vendo.refreshes == ["refresh-ada-0"] * 2


async def test_a_refresh_without_an_answer_leaves_the_token_that_works(tmp_path: Path) -> None:
    """On the last day silence costs nothing: the old access token is used while it has not expired."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        home.clock.advance((MONTH - timedelta(hours=1)).total_seconds())
        home.vendo.refresh_fails.append(Behaviour(accepts=False, raises=LOST))
        assert isinstance(await account(home), Done)
        assert home.vendo.reads[-1][1] == "access-ada-0"
        assert isinstance(await account(home), Done)
        assert (home.vendo.reads[-1][1], len(home.vendo.refreshes)) == ("access-ada-1", 2)


@pytest.mark.parametrize("error", [Unreachable(VENDO), Busy(VENDO, retry_after=3.0)])
async def test_a_refresh_that_was_not_sent_is_tried_again_later(tmp_path: Path, error: BackendError) -> None:
    """Known not done, so nobody has to sign in: it is said what is wrong, and the next call renews."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        home.vendo.expire()
        home.vendo.refresh_fails.append(Behaviour(accepts=False, raises=error))
        assert await account(home) == Refused(Reason.NO_ANSWER, error.safe_text, back_end=VENDO)
        assert isinstance(await account(home), Done)


async def test_another_process_that_was_first_is_followed(tmp_path: Path) -> None:
    """C8: where another process used the refresh token first, its new pair is used, and is not called dead."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        home.vendo.expire()
        rival = VendoAccounts(home.vault, home.vendo, home.carts, STORE, now=home.clock)
        calls = [rival.call(ADA, home.vendo.account), home.ports.vendo.call(ADA, home.vendo.account)]
        turns = iter((0, 200))

        async def pause() -> None:
            await asyncio.sleep(next(turns, 0) / 1000)

        home.vendo.pause = pause
        assert await asyncio.gather(*calls) == [Done(Account("u-1", "ada@example.com"))] * 2
        assert (len(home.vendo.refreshes), kept(home)["spent"]) == (2, False)


async def test_a_proxys_page_does_not_end_a_sign_in(tmp_path: Path) -> None:
    """What is no answer of Vendo's own, such as a proxy's 403, leaves the refresh token for the next call."""
    from backends.errors import Refused as BackendRefused

    async with shop(tmp_path) as home:
        await home.sign_in()
        home.vendo.expire()
        home.vendo.refresh_fails.append(Behaviour(accepts=False, raises=BackendRefused(VENDO)))
        assert isinstance(await account(home), Refused)
        assert isinstance(await account(home), Done)


async def test_a_resting_vendo_is_not_asked_to_refresh(tmp_path: Path) -> None:
    """E9: while Vendo is left alone, a refresh is not sent either."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        home.clock.advance(MONTH.total_seconds())
        home.ports.vendo.breaker = breaker = Breaker(VENDO, home.clock, most=1)
        with pytest.raises(Fault):
            await breaker.guard(_broken)
        assert isinstance(await account(home), Refused)
        assert home.vendo.refreshes == []


async def test_a_store_that_somebody_named_does_not_rest_the_others(tmp_path: Path) -> None:
    """E9: anybody may name a store that fails; only the configured one counts, and nobody else is told to wait."""
    async with shop(tmp_path) as home:
        home.ports.vendo.breaker = Breaker(VENDO, home.clock, most=1)

        async def away(*_: Any, **__: Any) -> None:
            raise Unreachable(VENDO)

        home.vendo.request_code = away  # type: ignore[method-assign]
        for _ in range(3):
            assert isinstance(await home.ports.vendo.ask_code("https://shop.elsewhere.example", "a@b.example"), Refused)
        assert not home.ports.vendo.breaker.open
        assert isinstance(await home.ports.vendo.ask_code("", "a@b.example"), Refused)
        assert home.ports.vendo.breaker.open


async def _broken() -> None:
    raise Fault(VENDO)


# leaving
async def test_leaving_removes_everything_and_revokes_both_tokens(tmp_path: Path) -> None:
    """Connection, tokens and all carts are gone at once, and both tokens are dead at Vendo; others keep theirs."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        await home.sign_in(BEN, "ben@example.com")
        for channel in (HERE, THERE):
            await new(home.ports, ADA, channel, "REF")
        await new(home.ports, BEN, HERE, "REF")
        connection = home.ports.vendo.connection(ADA)
        assert await home.ports.vendo.disconnect(ADA) == Removed(connection, revoked=True)
        assert (home.vendo.revoked, home.lived()) == (
            ["access-ada-0", "refresh-ada-0"],
            {"access-ben-1", "refresh-ben-1"},
        )
        assert [home.carts.current(TEAM, ADA.user, channel) for channel in (HERE, THERE)] == [None, None]
        assert home.carts.current(TEAM, BEN.user, HERE) is not None
        assert await account(home) == NOT_CONNECTED


@pytest.mark.parametrize("error", [LOST, Unreachable(VENDO), Fault(VENDO), Forbidden(VENDO)])
async def test_leaving_does_not_need_vendo(tmp_path: Path, error: BackendError) -> None:
    """Where Vendo does not agree the connection is gone all the same, and it is said that nothing was revoked."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        home.vendo.revoke_fails = error
        removed = await home.ports.vendo.disconnect(ADA)
        assert (removed.connection is not None, removed.revoked) == (True, False)
        assert home.ports.vendo.connections(ADA) == []


async def test_leaving_while_the_log_is_read_leaves_nothing_behind_at_vendo(tmp_path: Path) -> None:
    """C7: where the log cannot be emptied that is said, yet carts and tokens are gone; a second try ends it."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        await new(home.ports, ADA, HERE, "REF")
        await home.database.write(lambda writer: writer.execute("PRAGMA busy_timeout=1").fetchall())
        with closing(sqlite3.connect(home.database.path, isolation_level=None)) as rival:
            rival.execute("BEGIN")
            rival.execute("SELECT * FROM carts").fetchall()
            with pytest.raises(Lingering):
                await home.ports.vendo.disconnect(ADA)
        assert (home.lived(), home.ports.vendo.connections(ADA)) == (set(), [])
        assert home.carts.current(TEAM, ADA.user, HERE) is None
        assert await home.ports.vendo.disconnect(ADA) == Removed(None, None)


async def test_leaving_does_not_wait_for_a_silent_vendo(tmp_path: Path) -> None:
    """A revocation that hangs is given up after its short deadline, long after the connection was removed."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        home.vendo.pause, home.ports.vendo.revoke_seconds = lambda: asyncio.sleep(30), 0.01
        assert (await home.ports.vendo.disconnect(ADA)).revoked is False
        assert home.ports.vendo.connections(ADA) == []


async def test_a_guest_who_leaves_loses_their_carts(tmp_path: Path) -> None:
    """Without a connection there is nothing to revoke, and the tokens of the guest's carts are forgotten."""
    async with shop(tmp_path) as home:
        await new(home.ports, ADA, HERE, "REF")
        assert await home.ports.vendo.disconnect(ADA) == Removed(None, None)
        assert (home.carts.current(TEAM, ADA.user, HERE), home.vendo.revoked) == (None, [])


async def test_leaving_while_a_refresh_runs_stays_left(tmp_path: Path) -> None:
    """C7: the pair of a refresh that was on its way is not kept, is revoked, and the call is refused."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        home.vendo.expire()
        gate, waiting = asyncio.Event(), asyncio.Event()

        async def pause() -> None:
            if home.vendo.refreshes and not gate.is_set():
                waiting.set()
                await gate.wait()

        home.vendo.pause = pause
        call = asyncio.create_task(account(home))
        await waiting.wait()
        home.vendo.pause = lambda: asyncio.sleep(0)
        assert (await home.ports.vendo.disconnect(ADA)).revoked is True
        gate.set()
        assert await call == NOT_CONNECTED
        assert (home.ports.vendo.connections(ADA), home.lived()) == ([], set())


async def test_no_interleaving_brings_a_connection_or_a_token_back(tmp_path: Path) -> None:
    """C7: 1,000 interleavings of refreshes with leaving: 0 connections, and 0 tokens that still work at Vendo."""
    wrong: list[object] = []
    async with shop(tmp_path) as home:
        for batch in range(20):
            chance = random.Random(batch)
            home.vendo.pause = partial(_steps, chance, 5)
            people = [Actor(TEAM, f"U{number:02}") for number in range(50)]
            await asyncio.gather(*(_signs_in(home, person) for person in people))
            home.vendo.expire()
            await asyncio.gather(*(_asks_and_leaves(home, person, chance) for person in people))
            wrong += [(batch, person) for person in people if home.ports.vendo.connection(person)]
            wrong += home.lived()
    assert wrong == []


async def _signs_in(home: Shop, person: Actor) -> None:
    home.vendo.codes[f"{person.user}@example.com"] = "123456"
    await home.sign_in(person, f"{person.user}@example.com")


async def _asks_and_leaves(home: Shop, person: Actor, chance: random.Random) -> None:
    await asyncio.gather(_asks(home, person, chance), _leaves(home, person, chance), _asks(home, person, chance))


async def _asks(home: Shop, person: Actor, chance: random.Random) -> None:
    await _steps(chance, 8)
    await account(home, person)


async def _leaves(home: Shop, person: Actor, chance: random.Random) -> None:
    await _steps(chance, 14)
    await asyncio.sleep(chance.choice((0, 0, 0.001, 0.005, 0.02)))
    await home.ports.vendo.disconnect(person)


async def _steps(chance: random.Random, most: int) -> None:
    for _ in range(chance.randrange(most)):
        await asyncio.sleep(0)


async def test_a_connection_that_cannot_be_opened_can_be_left(tmp_path: Path) -> None:
    """C4: tokens that do not open are no reason to stay: they are removed, and nothing could be revoked."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        with closing(sqlite3.connect(home.database.path, isolation_level=None)) as rival:
            rival.execute("UPDATE secrets SET envelope = x'00'")
        removed = await home.ports.vendo.disconnect(ADA)
        assert (removed.connection is not None, removed.revoked) == (True, False)
        assert home.ports.vendo.connections(ADA) == []


def test_the_name_of_the_secret_may_not_change() -> None:
    """What is sealed under it could not be opened any more."""
    assert SESSION == "session"
