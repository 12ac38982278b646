"""Login, tokens and keys of the Quivo stand-in."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import ClientSession

from sandbox.clock import Clock
from sandbox.quivo import Quivo, Switches

CREDENTIALS = {"username": "ada", "password": "demo-pass"}
KEY = {"X-Api-Key": "demo-key"}
EXPIRED = (401, {"message": "The incoming token has expired"})
UNAUTHORIZED = (401, {"message": "Unauthorized"})
FORBIDDEN = (403, {"message": "Forbidden"})


async def _login(session: ClientSession, body: Any = None, key: str = "demo-key") -> tuple[int, Any]:
    async with session.post("/login", json=body or CREDENTIALS, headers={"X-Api-Key": key}) as answer:
        return answer.status, await answer.json()


async def _token(session: ClientSession) -> str:
    status, body = await _login(session)
    assert status == 200
    assert list(body) == ["token"]
    token: str = body["token"]
    return token


async def _sellers(session: ClientSession, headers: Mapping[str, str]) -> tuple[int, Any]:
    async with session.get("/sellers", headers=headers) as answer:
        body = await answer.json()
        return answer.status, [seller["id"] for seller in body] if answer.status == 200 else body


async def test_login_gives_an_opaque_token_that_opens_the_door(nobody: ClientSession) -> None:
    """A login answers one field, and its token with the key reads the account's own data."""
    token = await _token(nobody)
    assert len(token) > 30
    assert "." not in token
    assert await _sellers(nobody, KEY | {"Authorization": token}) == (200, [12])


async def test_each_demo_account_sees_its_own_sellers(nobody: ClientSession) -> None:
    """Bob's login leads to bob's seller only."""
    status, body = await _login(nobody, {"username": "bob", "password": "demo-pass-2"}, "demo-key-2")
    assert status == 200
    assert await _sellers(nobody, {"X-Api-Key": "demo-key-2", "Authorization": body["token"]}) == (200, [34])


@pytest.mark.parametrize("form", ["{}", "Bearer {}"])
async def test_raw_and_bearer_tokens_are_accepted(nobody: ClientSession, form: str) -> None:
    """The documented raw form and the Bearer form seen in the wild both work."""
    token = await _token(nobody)
    assert await _sellers(nobody, KEY | {"Authorization": form.format(token)}) == (200, [12])


async def test_a_new_login_leaves_older_tokens_valid(nobody: ClientSession) -> None:
    """Two logins give two tokens, and both work."""
    tokens = [await _token(nobody), await _token(nobody)]
    assert tokens[0] != tokens[1]
    for token in tokens:
        assert await _sellers(nobody, KEY | {"Authorization": token}) == (200, [12])


@pytest.mark.parametrize(
    ("body", "key", "expected"),
    [
        ({"username": "ada", "password": "wrong"}, "demo-key", UNAUTHORIZED),
        ({"username": "eve", "password": "demo-pass"}, "demo-key", UNAUTHORIZED),
        ({"username": "Ada", "password": "demo-pass"}, "demo-key", UNAUTHORIZED),
        ({"username": "bob", "password": "demo-pass-2"}, "demo-key", UNAUTHORIZED),
        (CREDENTIALS, "wrong", FORBIDDEN),
        (CREDENTIALS, "", FORBIDDEN),
    ],
)
async def test_a_wrong_login_gives_no_token(
    nobody: ClientSession, body: dict[str, str], key: str, expected: tuple[int, Any]
) -> None:
    """Wrong credentials are 401 and a wrong key is 403, each in the gateway's shape."""
    assert await _login(nobody, body, key) == expected


async def test_login_without_a_key_is_forbidden(nobody: ClientSession) -> None:
    """The key is asked for at the login too."""
    async with nobody.post("/login", json=CREDENTIALS) as answer:
        assert (answer.status, await answer.json()) == FORBIDDEN


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"password": "demo-pass"}, "username: must not be null"),
        ({"username": "ada", "password": None}, "password: must not be null"),
        ({"username": "ada", "password": ""}, "password: must not be blank"),
        ({"username": "  ", "password": "x"}, "username: must not be blank"),
        ({"username": 7, "password": "x"}, "username: must be a string"),
        ({"other": 1}, "username: must not be null\npassword: must not be null"),
    ],
)
async def test_a_blank_field_is_refused_in_plain_text(nobody: ClientSession, body: Any, text: str) -> None:
    """A missing, blank or odd field is a 400 with one `field: message` line each."""
    async with nobody.post("/login", json=body, headers=KEY) as answer:
        assert (answer.status, answer.content_type, await answer.text()) == (400, "text/plain", text)


@pytest.mark.parametrize("body", ["{", "[]", '"ada"', ""])
async def test_a_body_that_is_no_object_is_refused(nobody: ClientSession, body: str) -> None:
    """What is not a JSON object is the gateway's 400."""
    headers = KEY | {"Content-Type": "application/json"}
    async with nobody.post("/login", data=body, headers=headers) as answer:
        assert (answer.status, await answer.json()) == (400, {"message": "Invalid request body"})


async def test_a_login_that_is_not_json_is_refused(nobody: ClientSession) -> None:
    """A form body is an unsupported media type."""
    async with nobody.post("/login", data=CREDENTIALS, headers=KEY) as answer:
        assert (answer.status, await answer.json()) == (415, {"message": "Unsupported Media Type"})


async def test_refusals_of_the_application_can_be_json(nobody: ClientSession, quivo: Quivo) -> None:
    """With the switch on, a validation line comes as JSON."""
    quivo.switches = Switches(error_bodies="json")
    body = {"username": "ada", "password": ""}
    assert await _login(nobody, body) == (400, {"message": "password: must not be blank"})


@pytest.mark.parametrize(("moved", "expected"), [(3590.0, (200, [12])), (3600.0, EXPIRED), (90000.0, EXPIRED)])
async def test_a_token_lives_one_hour(nobody: ClientSession, clock: Clock, moved: float, expected: Any) -> None:
    """A token works within 3600 s of the clock and is expired from then on."""
    token = await _token(nobody)
    clock.advance(moved)
    assert await _sellers(nobody, KEY | {"Authorization": token}) == expected


async def test_a_token_stays_valid_when_the_clock_is_moved_back(nobody: ClientSession, clock: Clock) -> None:
    """A token from the future is young, and its hour counts from its own login."""
    token = await _token(nobody)
    clock.advance(-7200)
    assert await _sellers(nobody, KEY | {"Authorization": token}) == (200, [12])
    clock.advance(7200 + 3601)
    assert await _sellers(nobody, KEY | {"Authorization": token}) == EXPIRED


async def test_a_login_after_the_expiry_helps(nobody: ClientSession, clock: Clock) -> None:
    """An expired token is replaced by a new login while the old one stays expired."""
    old = await _token(nobody)
    clock.advance(3600)
    new = await _token(nobody)
    assert await _sellers(nobody, KEY | {"Authorization": new}) == (200, [12])
    assert await _sellers(nobody, KEY | {"Authorization": old}) == EXPIRED


async def test_tokens_can_be_expired_for_good(nobody: ClientSession, quivo: Quivo, clock: Clock) -> None:
    """Tokens that were expired by hand stay so wherever the clock goes, and later ones are fresh."""
    old = await _token(nobody)
    quivo.expire_tokens()
    clock.advance(-clock.now())
    assert await _sellers(nobody, KEY | {"Authorization": old}) == EXPIRED
    assert await _sellers(nobody, KEY | {"Authorization": await _token(nobody)}) == (200, [12])


@pytest.mark.parametrize("token", ["", "Bearer ", "nonsense", "Bearer nonsense", "Basic YWRhOng="])
async def test_a_garbage_token_is_unauthorized(nobody: ClientSession, token: str) -> None:
    """A missing or unknown token is told apart from an expired one."""
    assert await _sellers(nobody, KEY | {"Authorization": token}) == UNAUTHORIZED


async def test_a_token_without_its_key_is_forbidden(nobody: ClientSession) -> None:
    """Missing, wrong and other people's keys are all 403, whatever the token."""
    token = await _token(nobody)
    for key in ({}, {"X-Api-Key": "wrong"}, {"X-Api-Key": "demo-key-2"}):
        assert await _sellers(nobody, key | {"Authorization": token}) == FORBIDDEN


async def test_a_revoked_key_is_forbidden_and_others_go_on(
    nobody: ClientSession, ada: ClientSession, bob: ClientSession, quivo: Quivo
) -> None:
    """A key that died is 403 at the login and everywhere else, and for its account only."""
    quivo.revoke_key("demo-key")
    assert await _login(nobody) == FORBIDDEN
    assert await _sellers(ada, {}) == FORBIDDEN
    assert await _sellers(bob, {}) == (200, [34])


@pytest.mark.parametrize("path", ["/orders", "/orders/1001", "/sellers", "/warehouses"])
async def test_every_other_endpoint_asks_for_both_headers(nobody: ClientSession, path: str) -> None:
    """No key is 403 and a key without a token is 401, on every endpoint that reads data."""
    async with nobody.get(path) as answer:
        assert (answer.status, await answer.json()) == FORBIDDEN
    async with nobody.get(path, headers=KEY) as answer:
        assert (answer.status, await answer.json()) == UNAUTHORIZED


async def test_ping_asks_for_the_key_only(nobody: ClientSession) -> None:
    """A ping needs the key and no token."""
    async with nobody.get("/ping") as answer:
        assert (answer.status, await answer.json()) == FORBIDDEN
    async with nobody.get("/ping", headers=KEY) as answer:
        assert (answer.status, await answer.json()) == (200, {"database": "OK", "elasticsearch": "OK"})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/login"),
        ("GET", "/v1/orders"),
        ("GET", "/orders/"),
        ("GET", "/orders/1001/tracking"),
        ("DELETE", "/orders/1001"),
        ("GET", "/sellers/12"),
        ("GET", "/__sandbox/nothing"),
    ],
)
async def test_an_unknown_route_is_the_gateways_403(ada: ClientSession, method: str, path: str) -> None:
    """A path or method that Quivo does not have is 403 even for a good session."""
    async with ada.request(method, path) as answer:
        assert (answer.status, await answer.json()) == (403, {"message": "Missing Authentication Token"})


async def test_ten_logins_at_once_are_counted_and_all_valid(nobody: ClientSession, quivo: Quivo) -> None:
    """Concurrent logins each get a token of their own, so a test can count how many a client really made."""
    tokens = await asyncio.gather(*(_token(nobody) for _ in range(10)))
    assert len(set(tokens)) == 10
    assert quivo.count("POST", "/login") == 10
    answers = await asyncio.gather(*(_sellers(nobody, KEY | {"Authorization": token}) for token in tokens))
    assert answers == [(200, [12])] * 10
