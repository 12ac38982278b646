"""Logging in to QPilot, and the tickets that turn logins into requests."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
import respx
from backends_kit import with_locals
from qpilot_kit import FOR_107, OPS, PASSWORD, SITE, URL, VALUE, qpilot, refused

from backends.errors import BackendError, Busy, Fault, Garbled, LoginRefused, NotFound, Refused, SessionExpired
from backends.qpilot.auth import Credentials, Token
from backends.qpilot.tickets import FreshTickets, ReusedTickets


@respx.mock
async def test_merchant_login() -> None:
    """A merchant's token is asked for with the three fields of seed 004, and without one."""
    route = respx.post(f"{URL}/AccessTokens/Login").respond(json={"tokenBearerAuth": VALUE, "tokenAuth": "x"})
    async with qpilot() as client:
        assert await client.login(OPS) == Token(VALUE, "Merchant")
    request = route.calls.last.request
    asked = {"email": "ops@mail.example", "password": PASSWORD, "accessScope": "Merchant"}
    assert (json.loads(request.content), "authorization" in request.headers) == (asked, False)


@respx.mock
async def test_customer_login() -> None:
    """A customer's token is asked for at the site, with the merchant's own password (seed 004, step 1)."""
    route = respx.post(f"{URL}/Sites/1113/AccessTokens/CustomerLogin").respond(json={"TokenBearerAuth": VALUE})
    async with qpilot() as client:
        assert await client.login(FOR_107) == Token(VALUE, "Customer")
        assert await client.customer_login(OPS, "107") == Token(VALUE, "Customer")
    asked = {"email": "ops@mail.example", "password": PASSWORD, "customerId": "107"}
    assert [json.loads(call.request.content) for call in route.calls] == [asked, asked]


def test_a_customer_is_needed() -> None:
    """The scope of a customer without a customer is nobody's mistake but ours."""
    with pytest.raises(ValueError, match="needs a customer"):
        Credentials("ops@mail.example", PASSWORD, SITE, "Customer")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(400, json={"message": "no"}), LoginRefused),
        (httpx.Response(401), LoginRefused),
        (httpx.Response(403), LoginRefused),
        (httpx.Response(404), NotFound),
        (httpx.Response(418), Refused),
        (httpx.Response(429), Busy),
        (httpx.Response(500), Fault),
        (httpx.Response(302, headers={"Location": "/x"}), Garbled),
        (httpx.Response(200), Garbled),
        (httpx.Response(200, html="<html>"), Garbled),
        (httpx.Response(200, json=VALUE), Garbled),
        (httpx.Response(200, json={"token": VALUE}), Garbled),
        (httpx.Response(200, json={"tokenBearerAuth": None}), Garbled),
        (httpx.Response(200, json={"tokenBearerAuth": ""}), Garbled),
        (httpx.Response(200, json={"tokenBearerAuth": {"x": VALUE}}), Garbled),
        (httpx.Response(200, json={"tokenBearerAuth": f"{VALUE}\r\nX-Evil: 1"}), Garbled),
        (httpx.Response(200, text="[" * 100_000), Garbled),
    ],
)
@respx.mock
async def test_login_fails(answer: httpx.Response, kind: type[BackendError]) -> None:
    """E3, C10: each way in which a login fails is its own error, after one request, and no secret hangs on it."""
    route = respx.post(f"{URL}/AccessTokens/Login").mock(return_value=answer)
    async with qpilot() as client:
        error = await refused(client.login(OPS, request_id="ref-9"))
    assert (type(error), error.request_id, route.call_count) == (kind, "ref-9", 1)
    frames = error.__traceback__ and error.__traceback__.tb_next and error.__traceback__.tb_next.tb_next
    printed = with_locals(error.with_traceback(frames))
    assert [secret for secret in (VALUE, PASSWORD) if secret in printed] == []


class Logins:
    """Logins that are counted, held back and made to fail."""

    def __init__(self) -> None:
        self.begun = 0
        self.cancelled = 0
        self.errors: list[BackendError] = []
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self) -> Token:
        """One login."""
        self.begun += 1
        number = self.begun
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.errors:
            raise self.errors.pop()
        return Token(f"t{number}")


async def test_fresh_tickets() -> None:
    """Each request has a token of its own (seed 004, step 1), and one that was expected is the next to be taken."""
    logins = Logins()
    tickets = FreshTickets(logins)
    assert await tickets.take() == Token("t1")
    tickets.expect()
    tickets.expect()
    await asyncio.sleep(0)
    assert logins.begun == 2
    assert (await tickets.take(), await tickets.take(), logins.begun) == (Token("t2"), Token("t3"), 3)


async def test_expected_while_others_work() -> None:
    """A login that was expected runs while its asker does something else."""
    logins = Logins()
    logins.open.clear()
    tickets = FreshTickets(logins)
    tickets.expect()
    await asyncio.sleep(0)
    assert logins.begun == 1
    logins.open.set()
    assert await tickets.take() == Token("t1")


async def test_background_error() -> None:
    """What a login in the background met is raised where its token is taken, and the next one is new."""
    logins = Logins()
    logins.errors.append(LoginRefused("qpilot", "ref-1"))
    tickets = FreshTickets(logins)
    tickets.expect()
    await asyncio.sleep(0)
    assert type(await refused(tickets.take())) is LoginRefused
    assert (await tickets.take(), logins.begun) == (Token("t2"), 2)


@pytest.mark.parametrize("fails", [False, True])
async def test_close(fails: bool) -> None:
    """Closing cancels the login that is outstanding, or swallows its error, and twice does no harm."""
    logins = Logins()
    tickets = FreshTickets(logins)
    if fails:
        logins.errors.append(LoginRefused("qpilot", "ref-1"))
    else:
        logins.open.clear()
    tickets.expect()
    await asyncio.sleep(0)
    await tickets.close()
    await tickets.close()
    assert (logins.begun, logins.cancelled) == (1, 0 if fails else 1)


async def test_cancelled_while_taking() -> None:
    """Whoever goes away while waiting for an expected token takes its login along."""
    logins = Logins()
    logins.open.clear()
    tickets = FreshTickets(logins)
    tickets.expect()
    taking = asyncio.create_task(tickets.take())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert (logins.begun, logins.cancelled) == (1, 1)


async def test_reused_tickets() -> None:
    """For so many seconds the same token, whoever asks, counted from before its login (apis/qpilot.md §2.6)."""
    logins, now = Logins(), [100.0]
    tickets = ReusedTickets(logins, 30, lambda: now[0])
    both = await asyncio.gather(tickets.take(), tickets.take())
    tickets.expect()
    now[0] = 129.9
    assert ([*both, await tickets.take()], logins.begun) == ([Token("t1")] * 3, 1)
    now[0] = 130.0
    assert (await tickets.take(), logins.begun) == (Token("t2"), 2)


async def test_reused_tickets_forget() -> None:
    """A token that QPilot no longer takes is not given out again, nor one whose renewal failed."""
    logins, now = Logins(), [0.0]
    tickets = ReusedTickets(logins, 30, lambda: now[0])
    await tickets.take()
    tickets.forget()
    assert await tickets.take() == Token("t2")
    now[0] = 60.0
    logins.errors.append(SessionExpired("qpilot"))
    assert type(await refused(tickets.take())) is SessionExpired
    now[0] = 0.0
    assert await tickets.take() == Token("t4")
    await tickets.close()
    assert await tickets.take() == Token("t5")


async def test_fresh_tickets_forget_nothing() -> None:
    """A token is given out once anyway, so a refused one costs no further login."""
    logins = Logins()
    tickets = FreshTickets(logins)
    await tickets.take()
    tickets.forget()
    await tickets.close()
    assert logins.begun == 1
