"""`/auth` of the local Vendo: codes, token pairs, refresh and logout (`apis/vendo.md` §2)."""

import re
from typing import Any

import pytest
from vendosim_kit import FORBIDDEN, JSON, Client, login, refused

from sandbox.clock import Clock
from sandbox.vendo import Mail, Switches, Vendo
from sandbox.vendo.tokens import ACCESS_SECONDS, CODE_SECONDS

ADA = "ada@example.com"
BAD_CODE = refused(422, "The code is invalid or has expired")
BAD_REFRESH = refused(401, "The refresh token is invalid")
BAD_EMAIL = refused(422, "Email is invalid", {"email": ["is invalid"]})
SENT = (200, {"message": "Code sent"})


async def _send(guest: Client, **user: Any) -> tuple[int, Any]:
    return (await guest("POST", "/auth", {"user": {"email": ADA} | user})).said


async def test_a_code_is_mailed_and_is_the_only_thing_that_signs_in(guest: Client, vendo: Vendo, clock: Clock) -> None:
    """The code stands in the mail and nowhere in the answer; with it come tokens that show the account."""
    answer = await guest("POST", "/auth", {"user": {"email": ADA}})
    assert (answer.said, answer.kind) == (SENT, JSON)
    (mail,) = vendo.mail
    assert mail == Mail(ADA, mail.code, mail.at)
    assert re.fullmatch(r"\d{6}", mail.code)
    assert mail.at == pytest.approx(clock.now(), abs=5)
    tokens = await guest("POST", "/auth", {"user": {"email": ADA, "code": mail.code}})
    assert (tokens.status, tokens.kind, tokens.headers["Cache-Control"]) == (200, JSON, "no-store")
    told = tokens.body
    assert told == {
        "access_token": told["access_token"],
        "token_type": "Bearer",
        "expires_in": 2_678_400,
        "refresh_token": told["refresh_token"],
        "created_at": told["created_at"],
    }
    assert told["access_token"] != told["refresh_token"]
    assert isinstance(told["created_at"], int)
    account = await guest.having(Authorization=f"Bearer {told['access_token']}")("GET", "/account")
    assert account.attributes["email"] == ADA


async def test_an_unknown_email_makes_a_customer_with_the_given_names(guest: Client, vendo: Vendo) -> None:
    """Names count only for somebody new; a known customer keeps theirs."""
    before = len(vendo.customers)
    assert await _send(guest, email="New@Example.com", first_name="New", last_name="One") == SENT
    assert await _send(guest, first_name="Other") == SENT
    assert len(vendo.customers) == before + 1
    made, ada = vendo.customer("new@example.com"), vendo.customer(ADA)
    assert made is not None
    assert ada is not None
    assert (made.email, made.first_name, made.last_name, ada.first_name) == ("new@example.com", "New", "One", "Ada")


async def test_a_code_works_once(guest: Client, vendo: Vendo) -> None:
    """A second exchange of the same code is refused."""
    await login(guest, vendo, ADA)
    assert await _send(guest, code=vendo.mail[-1].code) == BAD_CODE


async def test_a_code_lives_ten_minutes(guest: Client, vendo: Vendo, clock: Clock) -> None:
    """It works just before the end of its ten minutes and not at the end."""
    await _send(guest)
    clock.advance(CODE_SECONDS)
    assert await _send(guest, code=vendo.mail[-1].code) == BAD_CODE
    await _send(guest)
    clock.advance(CODE_SECONDS - 60)
    assert (await _send(guest, code=vendo.mail[-1].code))[0] == 200


async def test_a_new_code_voids_the_old_one(guest: Client, vendo: Vendo) -> None:
    """Only the newest mail counts."""
    codes = iter(["111111", "222222"])
    vendo.make_code = lambda: next(codes)
    await _send(guest)
    await _send(guest)
    assert [mail.code for mail in vendo.mail] == ["111111", "222222"]
    assert await _send(guest, code="111111") == BAD_CODE
    assert (await _send(guest, code="222222"))[0] == 200


async def test_five_wrong_tries_void_a_code(guest: Client, vendo: Vendo) -> None:
    """After four wrong tries the right code works, after five it does not."""
    vendo.make_code = lambda: "123456"
    for tries, status in ((4, 200), (5, 422)):
        await _send(guest)
        for _ in range(tries):
            assert await _send(guest, code="000000") == BAD_CODE
        assert (await _send(guest, code="123456"))[0] == status


async def test_a_code_is_for_one_customer_and_a_text(guest: Client, vendo: Vendo) -> None:
    """Somebody else's code, a number and a code that nobody asked for are refused."""
    vendo.make_code = lambda: "123456"
    await _send(guest)
    assert await _send(guest, email="bob@example.com", code="123456") == BAD_CODE
    assert await _send(guest, email="nobody@example.com", code="123456") == BAD_CODE
    assert await _send(guest, code=123456) == BAD_CODE
    assert vendo.customer("nobody@example.com") is None


@pytest.mark.parametrize("email", [None, 5, "", "ada", "ada@", "@example.com", "a b@example.com", "a@b@c.d", "a@host"])
async def test_a_bad_email_is_refused_and_mails_nothing(guest: Client, vendo: Vendo, email: Any) -> None:
    """422 with the field, no mail, no new customer."""
    before = len(vendo.customers)
    assert await _send(guest, email=email) == BAD_EMAIL
    assert (vendo.mail, len(vendo.customers)) == ([], before)


@pytest.mark.parametrize("body", [{}, {"user": {}}, {"user": "ada"}, {"email": ADA}])
async def test_a_missing_user_is_a_400(guest: Client, vendo: Vendo, body: Any) -> None:
    """The wrapper is required."""
    answer = await guest("POST", "/auth", body)
    assert answer.said == refused(400, "param is missing or the value is empty: user")
    assert vendo.mail == []


async def test_a_code_and_a_refresh_token_together_are_refused(guest: Client) -> None:
    """The three shapes do not mix."""
    assert await _send(guest, code="1", refresh_token="2") == refused(422, "Send either a code or a refresh token")


async def test_a_refresh_rotates_both_tokens(guest: Client, vendo: Vendo) -> None:
    """The new pair differs in both, the old refresh token is dead at once, the old access token lives on."""
    old = await login(guest, vendo, ADA)
    new = (await guest("POST", "/auth", {"user": {"email": ADA, "refresh_token": old["refresh_token"]}})).body
    assert {new["access_token"], new["refresh_token"]}.isdisjoint({old["access_token"], old["refresh_token"]})
    assert await _send(guest, refresh_token=old["refresh_token"]) == BAD_REFRESH
    for token in (old["access_token"], new["access_token"]):
        assert (await guest.having(Authorization=f"Bearer {token}")("GET", "/account")).status == 200
    assert (await _send(guest, refresh_token=new["refresh_token"]))[0] == 200


async def test_a_refresh_needs_the_email_of_its_customer(guest: Client, vendo: Vendo) -> None:
    """Somebody else's e-mail, none and an unknown one are refused, and the token stays good."""
    tokens = await login(guest, vendo, ADA)
    refresh = tokens["refresh_token"]
    assert await _send(guest, email="bob@example.com", refresh_token=refresh) == BAD_REFRESH
    assert await _send(guest, email="nobody@example.com", refresh_token=refresh) == BAD_REFRESH
    assert await _send(guest, email=None, refresh_token=refresh) == BAD_EMAIL
    assert await _send(guest, refresh_token="nothing") == BAD_REFRESH
    assert await _send(guest, refresh_token=tokens["access_token"]) == BAD_REFRESH
    assert (await _send(guest, refresh_token=refresh))[0] == 200


async def test_a_refresh_token_outlives_the_access_token(guest: Client, vendo: Vendo, clock: Clock) -> None:
    """After 31 days the access token is over and the refresh token still gives a new one."""
    tokens = await login(guest, vendo, ADA)
    clock.advance(ACCESS_SECONDS * 3)
    status, new = await _send(guest, refresh_token=tokens["refresh_token"])
    assert status == 200
    assert (await guest.having(Authorization=f"Bearer {new['access_token']}")("GET", "/account")).status == 200


@pytest.mark.parametrize("half", ["access_token", "refresh_token"])
async def test_revoking_either_half_kills_both(guest: Client, vendo: Vendo, half: str) -> None:
    """C7: after a logout with either token neither works; a second logout is as welcome; other pairs live."""
    tokens, other = await login(guest, vendo, ADA), await login(guest, vendo, ADA)
    for _ in range(2):
        assert (await guest("DELETE", f"/auth/{tokens[half]}")).said == (204, None)
    answer = await guest.having(Authorization=f"Bearer {tokens['access_token']}")("GET", "/account")
    assert answer.said == refused(401, "The access token was revoked")
    assert await _send(guest, refresh_token=tokens["refresh_token"]) == BAD_REFRESH
    assert (await guest.having(Authorization=f"Bearer {other['access_token']}")("GET", "/account")).status == 200


async def test_an_unknown_token_is_revoked_without_complaint(guest: Client) -> None:
    """There is nothing to learn from a logout."""
    assert (await guest("DELETE", "/auth/nothing%2Fat%20all")).said == (204, None)


@pytest.mark.parametrize("path", ["/account", "/products", "/countries", "/store", "/cart"])
async def test_an_expired_token_is_a_401_everywhere(guest: Client, vendo: Vendo, clock: Clock, path: str) -> None:
    """After 31 days by the clock, to the second, also on public endpoints; a moment earlier it is good."""
    tokens = await login(guest, vendo, ADA)
    caller = guest.having(Authorization=f"Bearer {tokens['access_token']}")
    clock.advance(ACCESS_SECONDS - 60)
    assert (await caller("GET", path)).status in (200, 404)
    clock.advance(60)
    assert (await caller("GET", path)).said == refused(401, "The access token expired")


async def test_expire_tokens_leaves_the_refresh_token(guest: Client, vendo: Vendo, clock: Clock) -> None:
    """The control panel's expiry ends access tokens, wherever the clock goes; revoking ends refresh tokens too."""
    tokens = await login(guest, vendo, ADA)
    caller = guest.having(Authorization=f"Bearer {tokens['access_token']}")
    vendo.expire_tokens()
    clock.advance(-ACCESS_SECONDS)
    assert (await caller("GET", "/account")).said == refused(401, "The access token expired")
    status, new = await _send(guest, refresh_token=tokens["refresh_token"])
    assert status == 200
    vendo.revoke_tokens()
    assert await _send(guest, refresh_token=new["refresh_token"]) == BAD_REFRESH


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nothing", "Basic x", "nothing"])
async def test_no_token_and_an_unknown_one_are_a_guest(guest: Client, header: str) -> None:
    """403 on the account, 200 on what is public."""
    caller = guest.having(Authorization=header)
    assert (await caller("GET", "/account")).said == (403, FORBIDDEN)
    assert (await caller("GET", "/products")).status == 200


async def test_auth_itself_does_not_look_at_the_bearer(guest: Client, vendo: Vendo) -> None:
    """A customer whose token is over can still sign in and out."""
    tokens = await login(guest, vendo, ADA)
    vendo.expire_tokens()
    caller = guest.having(Authorization=f"Bearer {tokens['access_token']}")
    assert await _send(caller) == SENT
    assert (await caller("DELETE", f"/auth/{tokens['access_token']}")).status == 204


async def test_the_switches_of_auth(guest: Client, vendo: Vendo) -> None:
    """Each choice that the sheet leaves open: code, refresh, logout, and what becomes of the old access token."""
    vendo.switches = Switches(code_refused=401, refresh_refused="invalid_grant", logout=200, old_access="revoked")
    assert (await _send(guest, code="000000"))[0] == 401
    status, body = await _send(guest, refresh_token="nothing")
    assert (status, body["error"], set(body)) == (400, "invalid_grant", {"error", "error_description"})
    old = await login(guest, vendo, ADA)
    assert (await _send(guest, refresh_token=old["refresh_token"]))[0] == 200
    answer = await guest.having(Authorization=f"Bearer {old['access_token']}")("GET", "/account")
    assert answer.said == refused(401, "The access token was revoked")
    assert (await guest("DELETE", f"/auth/{old['access_token']}")).said == (200, {})


async def test_nothing_secret_is_in_a_repr(guest: Client, vendo: Vendo) -> None:
    """D1: pairs and codes print without their tokens."""
    customer = vendo.customer(ADA)
    assert customer is not None
    pair = vendo.tokens.issue(customer)
    assert pair.access not in repr(pair)
    assert pair.refresh not in repr(pair)
    assert vendo.new_cart(None, "USD").token not in repr(vendo.orders[-1])
