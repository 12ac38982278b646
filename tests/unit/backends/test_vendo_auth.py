"""Logging in to a store by a code: what is sent, what comes back, and every way of saying no (seed 003)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from vendo_client_kit import ACCESS, CODE, EMAIL, ORDER, REFRESH, TOKENS, asked, printed, said, shop, tokens

from backends.errors import BackendError, FieldError, Garbled, Invalid, LoginRefused, Refused, SessionExpired
from backends.secret import Secret
from backends.vendo.auth import Tokens

SENT: list[tuple[str, dict[str, Any]]] = [
    ("request_code", {"email": EMAIL}),
    ("named", {"email": EMAIL, "first_name": "Ada", "last_name": "L"}),
    ("exchange", {"email": EMAIL, "code": CODE}),
    ("refresh", {"email": EMAIL, "refresh_token": REFRESH}),
]


async def do(vendo: Any, store: str, what: str) -> object:
    match what:
        case "request_code":
            return await vendo.request_code(store, EMAIL)
        case "named":
            return await vendo.request_code(store, EMAIL, first_name="Ada", last_name="L")
        case "exchange":
            return await vendo.exchange(store, EMAIL, Secret(CODE))
        case _:
            return await vendo.refresh(tokens(store))


async def refused(what: str, answer: bytes) -> BackendError:
    async with shop(lambda _: answer) as (vendo, server):
        with pytest.raises(BackendError) as caught:
            await do(vendo, server.url, what)
    assert len(server.seen) == 1
    return caught.value


@pytest.mark.parametrize(("what", "user"), SENT)
async def test_what_is_sent(what: str, user: dict[str, Any]) -> None:
    """Each step is one plain JSON request without a credential, as seed 003 shows it."""
    async with shop(lambda _: said(TOKENS)) as (vendo, server):
        await do(vendo, server.url, what)
    (one,) = (asked(raw) for raw in server.seen)
    assert (one.method, one.path, one.query, one.body) == ("POST", "/api/v2/storefront/auth", {}, {"user": user})
    assert (one.headers["accept"], one.headers["content-type"]) == ("application/json",) * 2
    assert {"authorization", "x-vendo-order-token"} & {*one.headers} == set()


@pytest.mark.parametrize("what", ["exchange", "refresh"])
async def test_tokens(what: str) -> None:
    """The pair lives 31 days from ``created_at``, in UTC, and is tied to store and address (seed 003)."""
    async with shop(lambda _: said(TOKENS, "201 Created")) as (vendo, server):
        got = await do(vendo, server.url, what)
    ends = datetime(2020, 3, 18, 18, 9, 32, tzinfo=UTC)
    assert got == Tokens(server.url, EMAIL, ACCESS, REFRESH, ends)


@pytest.mark.parametrize("answer", [said({"message": "Code sent"}), said(b""), said(b"{ message: 'Code sent' }")])
async def test_code_sent(answer: bytes) -> None:
    """Any 2xx means that a code is on its way, for its body is documented as no JSON at all."""
    async with shop(lambda _: answer) as (vendo, server):
        await vendo.request_code(server.url, EMAIL)
    assert len(server.seen) == 1


NOS = [
    said({"error": "Code is invalid"}, "422 No"),
    said({"error": "invalid_grant", "error_description": "The grant is invalid"}, "400 No"),
    said({"error": "unauthorized"}, "401 No"),
    said({"error": "forbidden"}, "403 No"),
    said(b"", "404 No"),
    said({}, "409 No"),
]


@pytest.mark.parametrize("answer", NOS)
async def test_every_no(answer: bytes) -> None:
    """Every 4xx of the store's own is a wrong code or a session that is over, and known not done (apis/vendo.md §2)."""
    wrong, over = await refused("exchange", answer), await refused("refresh", answer)
    assert [(type(error), error.outcome_known) for error in (wrong, over)] == [
        (LoginRefused, True),
        (SessionExpired, True),
    ]


@pytest.mark.parametrize("what", ["exchange", "refresh"])
async def test_a_page_in_between_is_no_answer(what: str) -> None:
    """A proxy's page neither says that a code is wrong nor ends a connection."""
    error = await refused(what, said(b"<!doctype html><title>Attention</title>", "403 Forbidden"))
    assert type(error) is Refused


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"error": "Email is invalid", "errors": {"email": ["is invalid"]}}, FieldError("email", "is invalid")),
        ({"error": "Email is invalid"}, FieldError("email", "Email is invalid")),
    ],
)
@pytest.mark.parametrize("status", ["422 No", "400 No"])
async def test_invalid_email(body: dict[str, Any], complaint: FieldError, status: str) -> None:
    """A complaint about the address stands under ``email``, the name of the form's field."""
    error = await refused("request_code", said(body, status))
    assert isinstance(error, Invalid)
    assert error.fields == (complaint,)


BROKEN = [
    {},
    {**TOKENS, "access_token": None},
    {**TOKENS, "access_token": ""},
    {**TOKENS, "refresh_token": "two words\n"},
    {**TOKENS, "expires_in": "soon"},
    {**TOKENS, "expires_in": -1},
    {**TOKENS, "created_at": 10**30},
    [TOKENS],
]


@pytest.mark.parametrize("body", BROKEN)
async def test_unusable_tokens(body: Any) -> None:
    """E3, C10: tokens that cannot be used are Garbled, the code may be spent, and nothing of the body shows."""
    error = await refused("exchange", said(body))
    assert (type(error), error.outcome_known) == (Garbled, False)
    assert [secret for secret in (ACCESS, REFRESH, CODE) if secret in printed(error)] == []


@pytest.mark.parametrize("token", [ACCESS, "a/b?c#d&e", "ü"])
async def test_revoke(token: str) -> None:
    """A token to revoke stands in the path, whole and encoded, and nowhere else (seed 003)."""
    async with shop(lambda _: http_204()) as (vendo, server):
        await vendo.revoke(server.url, Secret(token))
    (one,) = (asked(raw) for raw in server.seen)
    encoded = {ACCESS: ACCESS, "a/b?c#d&e": "a%2Fb%3Fc%23d%26e", "ü": "%C3%BC"}[token]
    assert (one.method, one.path, one.query) == ("DELETE", f"/api/v2/storefront/auth/{encoded}", {})
    assert (one.headers["accept"], "authorization" in one.headers) == ("application/vnd.api+json", False)


def http_204() -> bytes:
    return b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.mark.parametrize("answer", [http_204(), said({}), said({"error": "?"}, "404 No"), said(b"", "401 No")])
async def test_revoked_is_revoked(answer: bytes) -> None:
    """A token that is gone already is no error."""
    async with shop(lambda _: answer) as (vendo, server):
        await vendo.revoke(server.url, Secret(ACCESS))
    assert len(server.seen) == 1


async def test_revoke_refused() -> None:
    """Any other no is one: the token may still be alive."""
    async with shop(lambda _: said({"error": "no"}, "422 No")) as (vendo, server):
        with pytest.raises(Invalid) as caught:
            await vendo.revoke(server.url, Secret(ORDER))
    assert ORDER not in printed(caught.value)
