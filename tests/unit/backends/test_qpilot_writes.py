"""E3, E5: what each behaviour of QPilot means for each of its writes, and that each is sent once at most."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import formatdate
from typing import Any

import httpx
import pytest
import respx
from backends_kit import http_answer, kinds, serving, waits, with_locals
from qpilot_kit import FULL, SITE, URL, VALUE, Counting, body, qpilot, refused, sent

from backends.errors import (
    BackendError,
    Busy,
    Fault,
    FieldError,
    Garbled,
    NoAnswer,
    NotFound,
    Refused,
    SessionExpired,
    Unreachable,
)
from backends.http import Limits
from backends.qpilot.auth import Token
from backends.qpilot.client import QpilotClient
from backends.qpilot.documents import dumped
from backends.qpilot.models import scheduled_order
from backends.qpilot.new import NewCustomer, NewItem, NewOrder, NewPaymentMethod, NewProduct
from backends.qpilot.order import Item, ScheduledOrder
from backends.qpilot.refusals import NOT_FROM_THIS_STATUS, SNOOZE_IS_OFF, QpilotForbidden, QpilotInvalid, ScopeRefused
from backends.qpilot.tickets import FreshTickets

NOW = 1_700_000_000.0
LATER = datetime(2026, 2, 4, 8, 0, 0, 120_000, UTC)
ORDER = scheduled_order(FULL)
METHOD = NewPaymentMethod("Stripe", "cus_canary", "pm_canary", "107")
CUSTOMER = NewCustomer("29920", "canary@mail.example", "Chris", payment_methods=(NewPaymentMethod("Stripe", "c", "p"),))
PRODUCT = NewProduct("100982", "Shampoo", Decimal("9.75"), Decimal(6), add_to_scheduled_order=False, stock=50)
NEW = NewOrder("15", "Days", 30, (NewItem("100982", 4),), 10933, LATER)
S, ONE = "/Sites/1113", "/Sites/1113/ScheduledOrders/208022"
Write = Callable[[QpilotClient, Counting], Awaitable[object]]
WRITES: dict[str, tuple[Write, str, Any]] = {
    "create_customer": (
        lambda one, tickets: one.create_customer(tickets, SITE, CUSTOMER, request_id="r"),
        f"POST {S}/Customers",
        {
            "id": "29920",
            "email": "canary@mail.example",
            "firstName": "Chris",
            "paymentMethods": [{"type": "Stripe", "gatewayCustomerId": "c", "gatewayPaymentId": "p"}],
        },
    ),
    "create_payment_method": (
        lambda one, tickets: one.create_payment_method(tickets, SITE, METHOD, request_id="r"),
        f"POST {S}/PaymentMethods",
        {"customerId": "107", "type": "Stripe", "gatewayCustomerId": "cus_canary", "gatewayPaymentId": "pm_canary"},
    ),
    "create_product": (
        lambda one, tickets: one.create_product(tickets, SITE, PRODUCT, request_id="r"),
        f"POST {S}/Products",
        {
            "id": "100982",
            "siteId": 1113,
            "title": "Shampoo",
            "price": 9.75,
            "salePrice": 6,
            "addToScheduledOrder": False,
            "stock": 50,
        },
    ),
    "create_order": (
        lambda one, tickets: one.create_order(tickets, SITE, NEW, request_id="r"),
        f"POST {S}/ScheduledOrders",
        {
            "customerId": "15",
            "paymentMethodId": 10933,
            "frequencyType": "Days",
            "frequency": 30,
            "scheduledOrderItems": [{"productId": "100982", "quantity": 4}],
            "nextOccurrenceUtc": "2026-02-04T08:00:00.120Z",
        },
    ),
    "put_order": (
        lambda one, tickets: one.put_order(tickets, SITE, ORDER, {"coupons": ["TEN"]}, request_id="r"),
        f"PUT {ONE}",
        {
            "id": 208022,
            "customerId": "107",
            "status": "Failed",
            "isActive": False,
            "nextOccurrenceUtc": "2026-01-05T08:00:00.000Z",
            "nextOccurrenceOffset": None,
            "utcOffset": -5,
            "frequency": 30,
            "frequencyType": "Days",
            "cycles": 6,
            "paymentMethodId": 10933,
            "paymentMethod": FULL["paymentMethod"],
            "currencyIso": "USD",
            "coupons": ["TEN"],
        },
    ),
    "activate": (
        lambda one, tickets: one.set_status(tickets, SITE, 208022, "Active", request_id="r"),
        f"PUT {ONE}/Status/Active",
        None,
    ),
    "pause": (
        lambda one, tickets: one.set_status(tickets, SITE, 208022, "Paused", request_id="r"),
        f"PUT {ONE}/Status/Paused",
        None,
    ),
    "safe_activate": (
        lambda one, tickets: one.safe_activate(tickets, SITE, 208022, request_id="r"),
        f"PUT {ONE}/SafeActivate",
        None,
    ),
    "restore": (
        lambda one, tickets: one.safe_activate(tickets, SITE, 208022, allow_deleted=True, request_id="r"),
        f"PUT {ONE}/SafeActivate?allowDeleted=true",
        None,
    ),
    "set_next_occurrence": (
        lambda one, tickets: one.set_next_occurrence(tickets, SITE, ORDER, LATER, request_id="r"),
        f"PUT {ONE}/NextOccurrenceUtc",
        {"nextOccurrenceUtc": "2026-02-04T08:00:00.120Z"},
    ),
    "set_frequency": (
        lambda one, tickets: one.set_frequency(tickets, SITE, 208022, "Weeks", 2, request_id="r"),
        f"PUT {ONE}/Frequency",
        {"frequencyType": "Weeks", "frequency": 2},
    ),
    "snooze": (
        lambda one, tickets: one.snooze(tickets, SITE, 208022, LATER, request_id="r"),
        f"PUT {ONE}/Snooze",
        {"snoozeUntilUtc": "2026-02-04T08:00:00.120Z"},
    ),
    "set_payment_method": (
        lambda one, tickets: one.set_payment_method(tickets, SITE, 208022, 5, request_id="r"),
        f"PATCH {ONE}/PaymentMethod",
        {"paymentMethodId": 5},
    ),
    "retry": (lambda one, tickets: one.retry(tickets, SITE, 208022, request_id="r"), f"POST {ONE}/Retry", None),
    "delete": (lambda one, tickets: one.delete(tickets, SITE, 208022, request_id="r"), f"DELETE {ONE}", None),
    "add_items": (
        lambda one, tickets: one.add_items(tickets, SITE, 208022, [NewItem("1", 2, Decimal("0.10"))], request_id="r"),
        f"POST {S}/ScheduledOrderItems",
        {"scheduledOrderId": 208022, "scheduledOrderItems": [{"productId": "1", "quantity": 2, "price": 0.1}]},
    ),
    "change_item": (
        lambda one, tickets: one.change_item(tickets, SITE, Item(551, "1", 4, Decimal("9.75")), 3, request_id="r"),
        f"PUT {S}/ScheduledOrderItems/551",
        {"productId": "1", "quantity": 3, "price": 9.75},
    ),
    "remove_item": (
        lambda one, tickets: one.remove_item(tickets, SITE, 551, request_id="r"),
        f"DELETE {S}/ScheduledOrderItems/551",
        None,
    ),
    "product_availability": (
        lambda one, tickets: one.product_availability(tickets, SITE, "9/9", add=False, process=True, request_id="r"),
        f"PUT {S}/Products/9%2F9/ScheduledOrderAvailability",
        {"AddToScheduledOrder": False, "ProcessScheduledOrder": True},
    ),
}
HTML = b"<!doctype html><html><title>Maintenance</title></html>"


@dataclass(frozen=True)
class Meant:
    """What an answer is for a write: an error (or None: done), whether the outcome is known, and what it says."""

    kind: type[BackendError] | None
    known: bool = True
    fields: tuple[FieldError, ...] = ()
    retry_after: float | None = None
    code: int | None = None
    said: str = ""


def answer(status: int, body: bytes = b"", **headers: str) -> httpx.Response:
    return httpx.Response(
        status, content=body, headers={name.replace("_", "-"): text for name, text in headers.items()}
    )


def error(status: int = 400, **said: Any) -> httpx.Response:
    return answer(status, json.dumps(said).encode())


DONE, UNREADABLE, BROKEN = Meant(None), Meant(Garbled, known=False), Meant(Fault, known=False)
SILENCE = Meant(NoAnswer, known=False)
LOCKED = "Cannot change a locked scheduled order"
TITLE = "One or more validation errors occurred."
FREQUENCY = {"Frequency": ["The field Frequency must be between 1 and 365."]}
FIELD = FieldError("frequency", "The field Frequency must be between 1 and 365.")
CASES: list[tuple[str, httpx.Response | Exception, Meant]] = [
    ("refused", httpx.ConnectError("no"), Meant(Unreachable)),
    ("no connection in time", httpx.ConnectTimeout("no"), Meant(Unreachable)),
    ("no free connection in time", httpx.PoolTimeout("no"), Meant(Unreachable)),
    ("dropped while sending", httpx.WriteError("no"), SILENCE),
    ("silence", httpx.ReadTimeout("no"), SILENCE),
    ("dropped while answering", httpx.ReadError("no"), SILENCE),
    ("nonsense", httpx.RemoteProtocolError("no"), SILENCE),
    ("unknown trouble", RuntimeError("no"), SILENCE),
    ("500", answer(500, b'{"message":"An error has occurred."}'), BROKEN),
    ("502", answer(502, HTML), BROKEN),
    ("503", answer(503, Retry_After="7"), Meant(Fault, known=False, retry_after=7)),
    ("202 empty", answer(202), DONE),
    ("200 empty", answer(200), DONE),
    ("200 blank", answer(200, b" \n"), DONE),
    ("204", answer(204), DONE),
    ("200 true", answer(200, b"true"), DONE),
    ("200 the record", answer(200, b'{"id": 208022, "errors": null, "code": 7, "message": "done"}'), DONE),
    ("200 {}", answer(200, b"{}"), DONE),
    ("200 list", answer(200, b"[]"), DONE),
    ("200 false", answer(200, b"false"), UNREADABLE),
    ("200 HTML", answer(200, HTML, Content_Type="text/html"), UNREADABLE),
    ("200 text", answer(200, b"OK"), UNREADABLE),
    ("200 cut", answer(200, b'{"id": 2080'), UNREADABLE),
    ("200 deep", answer(200, b"[" * 100_000), UNREADABLE),
    ("200 bytes", answer(200, b"\xff\xfe\xfd"), UNREADABLE),
    ("200 error", error(200, code=1001, message="no"), Meant(QpilotForbidden, code=1001, said="no")),
    ("200 errors", error(200, errors=FREQUENCY), Meant(QpilotInvalid, fields=(FIELD,))),
    ("202 error", error(202, messages={"errors": ["no"]}), Meant(QpilotForbidden, said="no")),
    ("400", answer(400), Meant(QpilotForbidden)),
    ("400 HTML", answer(400, HTML), Meant(QpilotForbidden)),
    ("400 text", answer(400, LOCKED.encode()), Meant(QpilotForbidden, said=LOCKED)),
    ("400 JSON text", answer(400, json.dumps(LOCKED).encode()), Meant(QpilotForbidden, said=LOCKED)),
    ("400 number", answer(400, b"7"), Meant(QpilotForbidden)),
    ("400 message", error(message=LOCKED), Meant(QpilotForbidden, said=LOCKED)),
    (
        "400 all kinds of words",
        error(code=1001, message="m", messages={"errors": ["e"], "userMessage": ["u", "", 7, "v"]}),
        Meant(QpilotForbidden, code=NOT_FROM_THIS_STATUS, said="u v"),
    ),
    (
        "400 technical words",
        error(code=1010, message="m", messages={"errors": ["e"], "userMessage": []}),
        Meant(QpilotForbidden, code=SNOOZE_IS_OFF, said="e"),
    ),
    ("400 code that is none", error(code="1001", messages=["m"]), Meant(QpilotForbidden)),
    ("400 ASP.NET", error(title=TITLE, errors=FREQUENCY), Meant(QpilotInvalid, fields=(FIELD,), said=TITLE)),
    (
        "400 ASP.NET, nested",
        error(errors={"ScheduledOrderItems[0].Quantity": "bad", "$.NextOccurrenceUtc": [], "": ["lost"]}),
        Meant(
            QpilotInvalid,
            fields=(
                FieldError("scheduledOrderItems[0].quantity", "bad"),
                FieldError("nextOccurrenceUtc", "was not accepted"),
            ),
        ),
    ),
    ("400 ASP.NET, no field", error(title=TITLE, errors={"": ["lost"]}), Meant(QpilotForbidden, said=TITLE)),
    ("409", error(409, message=LOCKED), Meant(QpilotForbidden, said=LOCKED)),
    ("422", error(422, errors=FREQUENCY), Meant(QpilotInvalid, fields=(FIELD,))),
    ("404", error(404, message="Scheduled Order not found"), Meant(NotFound)),
    ("403", error(403, message="no"), Meant(ScopeRefused)),
    ("405", answer(405), Meant(Refused)),
    ("401", answer(401), Meant(SessionExpired)),
    ("429", answer(429), Meant(Busy)),
    ("429 seconds", answer(429, Retry_After="7"), Meant(Busy, retry_after=7)),
    ("429 date", answer(429, Retry_After=formatdate(NOW + 90, usegmt=True)), Meant(Busy, retry_after=90)),
    ("redirect", answer(302, Location=f"{URL}/elsewhere"), UNREADABLE),
]


async def outcome(write: str, client: QpilotClient, tickets: Counting) -> tuple[Meant, BackendError | None]:
    """What a write came to, in the words of the table."""
    try:
        await WRITES[write][0](client, tickets)
    except BackendError as error:
        more = {
            name: getattr(error, name) for name in ("fields", "retry_after", "code", "said") if hasattr(error, name)
        }
        return Meant(type(error), error.outcome_known, **more), error
    return DONE, None


SHOWN: list[type[BackendError]] = [*kinds(), ScopeRefused]
DECLARED = frozenset(kind.text.format(name="QPilot") for kind in SHOWN)


@pytest.mark.parametrize(("given", "meant"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
@respx.mock
async def test_table(given: httpx.Response | Exception, meant: Meant, monkeypatch: pytest.MonkeyPatch) -> None:
    """E3, E5: each behaviour is this outcome for every write, in a declared text, after one request and no wait."""
    slept = waits(monkeypatch)
    answers: dict[str, Any] = {"return_value" if isinstance(given, httpx.Response) else "side_effect": given}
    route = respx.route().mock(**answers)
    async with qpilot(clock=lambda: NOW) as client:
        for number, write in enumerate(WRITES, start=1):
            tickets = Counting()
            came, error = await outcome(write, client, tickets)
            assert (write, came, route.call_count, tickets.taken, slept) == (write, meant, number, 1, [])
            assert ("forget" in tickets.wishes) == (meant.kind is SessionExpired)
            if error is not None:
                assert (error.request_id, error.back_end, error.safe_text in DECLARED) == ("r", "qpilot", True)


@pytest.mark.parametrize("write", WRITES)
@respx.mock
async def test_what_is_sent(write: str) -> None:
    """Method, path, token and the whole body of each write are as seed 004 and the sheet have them (§6)."""
    route = respx.route().respond(json={"id": 1})
    async with qpilot() as client:
        await WRITES[write][0](client, Counting())
    assert (sent(route), body(route)) == ([WRITES[write][1]], WRITES[write][2])
    headers = route.calls.last.request.headers
    assert (headers["authorization"], headers["source"]) == (f"Bearer {VALUE}-1", "Merchant")


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    ("reply", "meant"),
    [
        (None, SILENCE),
        (b"", SILENCE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{", SILENCE),
        (b"\x00\x01\x02\r\n\r\n", SILENCE),
        (http_answer(b"{}", "500 Internal Server Error"), BROKEN),
        (http_answer(HTML), UNREADABLE),
    ],
)
async def test_on_the_wire(write: str, reply: bytes | None, meant: Meant, caplog: pytest.LogCaptureFixture) -> None:
    """E3, E5, C10, D6: on a real connection it is the same, after one request, and nothing hangs on the error."""
    limits = Limits(write_total=1.0)
    async with serving(lambda _: reply) as server, qpilot(server.url, limits) as client:
        came, error = await outcome(write, client, Counting())
    assert (came, len(server.seen), server.connections) == (meant, 1, 1)
    assert error is not None
    printed = with_locals(error)
    assert [secret for secret in (VALUE, "Maintenance") if secret in printed + caplog.text] == []
    assert "canary" not in caplog.text


async def test_a_login_that_fails() -> None:
    """E3: a write whose login met silence was not sent, and that is known."""

    async def login() -> Token:
        raise NoAnswer("qpilot", "ref-1", outcome_known=False)

    async with serving(lambda _: b"") as server, qpilot(server.url) as client:
        error = await refused(client.retry(FreshTickets(login), SITE, 208022))
    assert (type(error), error.outcome_known, server.seen) == (NoAnswer, True, [])


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ({"id": 12}, ["12", 12, "12", 12]),
        ({"id": "12"}, ["12", None, "12", None]),
        ({"id": True}, ["29920", None, "100982", None]),
        ({}, ["29920", None, "100982", None]),
        (True, ["29920", None, "100982", None]),
    ],
)
@respx.mock
async def test_new_ids(said: Any, ids: list[object]) -> None:
    """A new record's id is what QPilot says, else the one that was asked for, else unknown."""
    respx.route().respond(json=said)
    async with qpilot() as client:
        creates = [write for name, (write, _, _) in WRITES.items() if name.startswith("create")]
        assert [await create(client, Counting()) for create in creates] == ids


@pytest.mark.parametrize(
    ("kept", "written"),
    [
        ("2026-01-05T08:00:00.000Z", "2026-02-04T08:00:00.120Z"),
        ("2026-01-05T08:00:00Z", "2026-02-04T08:00:00Z"),
        ("2026-01-05T08:00:00", "2026-02-04T08:00:00Z"),
        ("2026-01-05T08:00:00.1234567Z", "2026-02-04T08:00:00.1200000Z"),
        ("2026-01-05T08:00:00.5+00:00", "2026-02-04T08:00:00.1Z"),
        (None, "2026-02-04T08:00:00.120Z"),
        (7, "2026-02-04T08:00:00.120Z"),
    ],
)
@respx.mock
async def test_precision(kept: object, written: str) -> None:
    """A new date is as precise as the record's, or QPilot refuses it (apis/qpilot.md §3.2)."""
    route = respx.route().respond(json=True)
    async with qpilot() as client:
        order = scheduled_order(FULL | {"nextOccurrenceUtc": kept})
        await client.set_next_occurrence(Counting(), SITE, order, LATER)
    assert body(route) == {"nextOccurrenceUtc": written}


@respx.mock
async def test_amounts_stay_exact() -> None:
    """A full PUT writes every number as it was read, and money goes as plain JSON numbers (apis/qpilot.md §3.2)."""
    route = respx.route().respond(json=True)
    order = scheduled_order(FULL | {"metadata": {"a": [Decimal("0.10"), Decimal("12345678901234567890.12"), 2**70]}})
    async with qpilot() as client:
        await client.put_order(Counting(), SITE, order, {"x": Decimal("1E+3"), "y": Decimal("1E-7")})
    text = route.calls.last.request.content.decode()
    assert '"metadata": {"a": [0.10, 12345678901234567890.12, 1180591620717411303424]}' in text
    assert ('"x": 1000' in text, '"y": 0.0000001' in text) == (True, True)
    assert dumped(Decimal("1E+400")) == "1E+400"


async def test_put_of_nothing() -> None:
    """An order that was not read is not written, for the PUT would empty it."""
    async with qpilot() as client:
        with pytest.raises(ValueError, match="was not read"):
            await client.put_order(Counting(), SITE, ScheduledOrder(1, "Active"), {})


@pytest.mark.parametrize(
    ("said", "shown"), [("x" * 500, "x" * 199 + "…"), ("a\r\nb\u202e", "a b"), ("<!here>", "<!here>")]
)
@respx.mock
async def test_words_are_cleaned(said: str, shown: str) -> None:
    """D6: QPilot's words are one line of printable text, cut."""
    respx.route().respond(400, json={"message": said, "errors": {"Quantity": [said]}})
    async with qpilot() as client:
        error = await refused(client.retry(Counting(), SITE, 208022))
    assert (getattr(error, "said", ""), getattr(error, "fields", ())) == (shown, (FieldError("quantity", shown),))
    assert shown not in error.safe_text


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            QpilotForbidden("qpilot", "r", code=1, said="x"),
            "QPilot does not allow that, most likely because of the present status.",
        ),
        (QpilotInvalid("qpilot", "r", code=1, said="x"), "QPilot did not accept some of what was entered."),
        (ScopeRefused("qpilot", "r"), "QPilot does not allow that for this connection."),
    ],
)
def test_its_own_errors(error: BackendError, text: str) -> None:
    """D6: what QPilot's own refusals show is declared, and never what QPilot said."""
    assert (error.safe_text, str(error), error.outcome_known) == (text, f"{text} (r)", True)
