"""Tokens of the QPilot stand-in: three ways to get one, how long it is good, and what it may."""

from typing import Any

import pytest
from aiohttp import ClientSession
from qpsim_kit import FORBIDDEN, SITE, UNAUTHORIZED, Caller, invalid, missing, send

from sandbox.clock import Clock
from sandbox.qpilot import Fault, Qpilot

OPS = {"email": "ops@example.com", "password": "demo-pilot"}
LOGIN = "/AccessTokens/Login"
CUSTOMER_LOGIN = f"/Sites/{SITE}/AccessTokens/CustomerLogin"
GENERATE = f"/Sites/{SITE}/AccessTokens/Generate"


async def _token(session: ClientSession, path: str, body: dict[str, Any]) -> str:
    status, answer = await send(session, "POST", path, body)
    assert status == 200, answer
    token = answer["tokenBearerAuth"]
    assert isinstance(token, str)
    return token


async def test_a_merchant_login_answers_with_a_token(session: ClientSession, qpilot: Qpilot) -> None:
    """The whole answer of seed 004's login, and the login is counted."""
    status, body = await send(session, "POST", LOGIN, OPS | {"accessScope": "Merchant"})
    assert status == 200
    assert (len(body.pop("tokenBearerAuth")), len(body.pop("tokenAuth"))) == (43, 22)
    assert body == {
        "id": 918274,
        "userId": 41,
        "siteId": None,
        "customerId": None,
        "accessScope": "Merchant",
        "expiresUtc": "2026-01-14T17:05:00.000Z",
    }
    assert (qpilot.logins, qpilot.count("POST", LOGIN)) == (1, 1)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (LOGIN, OPS | {"accessScope": "Merchant"}),
        ("/accesstokens/LOGIN", {"Email": OPS["email"], "Password": OPS["password"], "AccessScope": "Merchant"}),
        (GENERATE, {"accessScope": "Merchant", "secretKey": "demo-site-secret"}),
    ],
)
async def test_a_merchant_token_opens_the_site_once(session: ClientSession, path: str, body: Any) -> None:
    """A token is good for one request, then 401: it must be made anew for each (seed 004)."""
    token = await _token(session, path, body)
    assert (await send(session, "GET", f"/Sites/{SITE}", token=token))[0] == 200
    assert await send(session, "GET", f"/Sites/{SITE}", token=token) == UNAUTHORIZED


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CUSTOMER_LOGIN, OPS | {"customerId": "101"}),
        (GENERATE, {"accessScope": "Customer", "customerId": "101", "secretKey": "demo-site-secret"}),
    ],
)
async def test_a_customer_token_is_good_for_that_customer_alone(session: ClientSession, path: str, body: Any) -> None:
    """Own data is read, another customer's and the merchant's are forbidden."""
    asked = [("/Customers/101", 200), ("/Customers/102", 403), ("/Customers", 403), ("/ScheduledOrdersHistory", 403)]
    found = []
    for part, _ in asked:
        token = await _token(session, path, body)
        found.append((part, (await send(session, "GET", f"/Sites/{SITE}{part}", token=token))[0]))
    assert found == asked


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (LOGIN, OPS | {"password": "no", "accessScope": "Merchant"}, (401, {"message": "Invalid email or password."})),
        (
            CUSTOMER_LOGIN,
            OPS | {"email": "x@y.z", "customerId": "101"},
            (401, {"message": "Invalid email or password."}),
        ),
        (CUSTOMER_LOGIN, OPS | {"customerId": "0001"}, missing("Customer")),
        (CUSTOMER_LOGIN, OPS, invalid(CustomerId="The CustomerId field is required.")),
        (LOGIN, OPS, invalid(AccessScope="The AccessScope field is required.")),
        (
            LOGIN,
            OPS | {"accessScope": "Customer"},
            invalid(AccessScope="The field AccessScope must be one of Merchant."),
        ),
        (
            LOGIN,
            OPS | {"password": 7, "accessScope": "Merchant"},
            invalid(Password="The field Password must not be empty."),
        ),
        (GENERATE, {"accessScope": "Merchant", "secretKey": "no"}, (401, {"message": "Invalid secret key."})),
        (
            GENERATE,
            {"accessScope": "Customer", "secretKey": "demo-site-secret"},
            invalid(CustomerId="The CustomerId field is required."),
        ),
    ],
)
async def test_a_login_that_is_refused(
    session: ClientSession, qpilot: Qpilot, path: str, body: Any, expected: Any
) -> None:
    """Wrong credentials are 401, a bad body is 400, and no token is made."""
    assert await send(session, "POST", path, body) == expected
    assert qpilot.logins == 0


async def test_an_account_without_the_site_is_forbidden(session: ClientSession) -> None:
    """It gets a token, and 403 with it, at the customer's login too; a site that does not exist is 404."""
    outsider = {"email": "outsider@example.com", "password": "demo-outside"}
    token = await _token(session, LOGIN, outsider | {"accessScope": "Merchant"})
    assert await send(session, "GET", f"/Sites/{SITE}", token=token) == FORBIDDEN
    assert await send(session, "POST", CUSTOMER_LOGIN, outsider | {"customerId": "101"}) == FORBIDDEN
    token = await _token(session, LOGIN, OPS | {"accessScope": "Merchant"})
    assert await send(session, "GET", "/Sites/7/ScheduledOrders", token=token) == missing("Site")


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer nonsense", "nonsense"])
async def test_no_token_or_a_strange_one_is_unauthorized(session: ClientSession, merchant: Caller, header: str) -> None:
    """Only `Bearer` with a token that was handed out opens anything."""
    async with session.get(f"/Sites/{SITE}", headers={"Authorization": header}) as answer:
        assert (answer.status, await answer.json()) == UNAUTHORIZED
    async with session.get(f"/Sites/{SITE}", headers={"Authorization": merchant.token()}) as answer:
        assert answer.status == 401


async def test_a_refused_request_has_used_its_token(session: ClientSession, merchant: Caller, qpilot: Qpilot) -> None:
    """A request that failed on the way has had its token: asking again needs a new one."""
    qpilot.faults.append(Fault(f"GET /Sites/{SITE}", "500", times=1))
    token = merchant.token()
    path = f"/Sites/{SITE}/ScheduledOrders/208001"
    assert (await send(session, "GET", path, token=token))[0] == 500
    assert await send(session, "GET", path, token=token) == UNAUTHORIZED
    assert (await send(session, "GET", path, token=merchant.token()))[0] == 200


async def test_a_ttl_token_lives_by_the_clock(
    session: ClientSession, merchant: Caller, qpilot: Qpilot, clock: Clock
) -> None:
    """In that mode a token is good as often as one likes, for 300 s."""
    qpilot.switches = qpilot.switches.changed({"bearer_mode": "ttl"})
    token = merchant.token()
    clock.advance(299)
    for _ in range(2):
        assert (await send(session, "GET", f"/Sites/{SITE}", token=token))[0] == 200
    clock.advance(1)
    assert await send(session, "GET", f"/Sites/{SITE}", token=token) == UNAUTHORIZED


async def test_an_unused_token_grows_old_too(session: ClientSession, merchant: Caller, clock: Clock) -> None:
    """A token for one request is not good for ever."""
    token = merchant.token()
    clock.advance(300)
    assert await send(session, "GET", f"/Sites/{SITE}", token=token) == UNAUTHORIZED


async def test_a_token_that_lives_for_ever_can_be_expired(
    session: ClientSession, merchant: Caller, qpilot: Qpilot, clock: Clock
) -> None:
    """`expire_tokens` ends every token of any mode, and only those that exist."""
    qpilot.switches = qpilot.switches.changed({"bearer_mode": "forever"})
    token = merchant.token()
    clock.advance(10**7)
    assert (await send(session, "GET", f"/Sites/{SITE}", token=token))[0] == 200
    qpilot.expire_tokens()
    assert await send(session, "GET", f"/Sites/{SITE}", token=token) == UNAUTHORIZED
    assert (await send(session, "GET", f"/Sites/{SITE}", token=merchant.token()))[0] == 200


async def test_the_journal_hides_tokens_and_passwords(session: ClientSession, merchant: Caller, qpilot: Qpilot) -> None:
    """What is printed of a request or an account holds no secret (C10)."""
    await send(session, "POST", LOGIN, OPS | {"accessScope": "Merchant"})
    token = merchant.token()
    await send(session, "GET", f"/Sites/{SITE}", token=token)
    printed = repr(qpilot.requests) + repr(qpilot.accounts)
    assert [secret for secret in (token, "demo-pilot", "demo-outside") if secret in printed] == []


async def test_merchants_alone_may_do_what_only_merchants_do(customer: Caller, qpilot: Qpilot) -> None:
    """With a customer's token every merchant endpoint is 403, whatever it holds, and nothing changes (A)."""
    order_id = qpilot.add_order(customerId="101", status="Failed")
    asked = [
        ("GET", f"//v3/Sites/{SITE}/ScheduledOrders"),
        ("GET", "/ScheduledOrders"),
        ("POST", f"/ScheduledOrders/{order_id}/Retry"),
        ("POST", "/Customers"),
        ("POST", "/Products"),
        ("PUT", "/Products/100982/ScheduledOrderAvailability"),
        ("GET", "/CustomerMetrics"),
        ("GET", "/Integration/Check"),
        ("GET", ""),
        ("GET", "/Coupons"),
    ]
    assert [await customer.ask(method, path) for method, path in asked] == [FORBIDDEN] * len(asked)
    assert qpilot.orders[order_id]["status"] == "Failed"


async def test_a_customer_changes_their_own_order_and_no_other(customer: Caller, qpilot: Qpilot) -> None:
    """The same change is done on one's own order and is 403 on another's, items and payment methods too."""
    mine, theirs = qpilot.add_order(customerId="101"), qpilot.add_order(customerId="102")
    assert (await customer.ask("PUT", f"/ScheduledOrders/{mine}/Status/Paused"))[0] == 200
    assert await customer.ask("PUT", f"/ScheduledOrders/{theirs}/Status/Paused") == FORBIDDEN
    item = qpilot.orders[theirs]["scheduledOrderItems"][0]
    assert await customer.ask("DELETE", f"/ScheduledOrderItems/{item['id']}") == FORBIDDEN
    added = {"scheduledOrderId": theirs, "scheduledOrderItems": [{"productId": "100983", "quantity": 1}]}
    assert await customer.ask("POST", "/ScheduledOrderItems", added) == FORBIDDEN
    new = {"customerId": "102", "type": "Stripe", "gatewayCustomerId": "c", "gatewayPaymentId": "p"}
    assert await customer.ask("POST", "/PaymentMethods", new) == FORBIDDEN
    assert await customer.ask("POST", "/ScheduledOrders", {"customerId": "102"} | _EVERY) == FORBIDDEN
    assert (qpilot.orders[mine]["status"], qpilot.orders[theirs]["status"]) == ("Paused", "Active")
    assert qpilot.orders[theirs]["scheduledOrderItems"] == [item]


_EVERY = {"frequency": 30, "frequencyType": "Days"}
