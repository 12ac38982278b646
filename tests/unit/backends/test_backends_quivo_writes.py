"""E3, E5: what each behaviour of Quivo means for each of the four writes, and that each is sent once at most."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

import httpx
import pytest
import respx
from backends_kit import KEY, QUICK, TOKEN, URL, declared, http_answer, serving, to, waits, with_locals
from writing_kit import BERLIN, SMALL

from backends.errors import (
    BackendError,
    Busy,
    Fault,
    FieldError,
    Forbidden,
    Garbled,
    Invalid,
    KeyRefused,
    NoAnswer,
    NotFound,
    Refused,
    SessionExpired,
    Unreachable,
)
from backends.http import BackendHttp
from backends.quivo.auth import Session
from backends.quivo.client import QuivoClient
from backends.quivo.create import AddressType, Edit

SESSION = Session(KEY, TOKEN)
NOW = 1_700_000_000.0
CREATE, OTHERS = ("create",), ("edit", "address", "cancel")
EVERY = CREATE + OTHERS
Write = Callable[[QuivoClient], Awaitable[int | None]]
WRITES: dict[str, Write] = {
    "create": lambda quivo: quivo.create(SESSION, SMALL, request_id="ref-9"),
    "edit": lambda quivo: quivo.edit(SESSION, 1001, Edit("canary-comment"), request_id="ref-9"),
    "address": lambda quivo: quivo.address(SESSION, 1001, AddressType.INVOICE, BERLIN, request_id="ref-9"),
    "cancel": lambda quivo: quivo.cancel_request(SESSION, 1001, request_id="ref-9"),
}
HTML = b"<!doctype html><html><title>Maintenance</title></html>"
CONFLICT = b"Order cannot be changed in status COMPLETED"


@dataclass(frozen=True)
class Meant:
    """What an answer is for a write: an error (or None: done), whether the outcome is known, and its fields."""

    kind: type[BackendError] | None
    known: bool = True
    fields: tuple[FieldError, ...] = ()
    retry_after: float | None = None


def envelope(**said: Any) -> bytes:
    return json.dumps({"status": "ERROR", "field": None, "message": None, "orderId": None} | said).encode()


def answer(status: int, body: bytes = b"", **headers: str) -> httpx.Response:
    return httpx.Response(
        status, content=body, headers={name.replace("_", "-"): text for name, text in headers.items()}
    )


DONE, UNREADABLE = Meant(None), Meant(Garbled, known=False)
FIELD = Meant(Invalid, fields=(FieldError("comment", "too long"),))
BROKEN = Meant(Fault, known=False)
LINE = b"comment: too long"
Case = tuple[str, httpx.Response | Exception, tuple[str, ...], Meant]
CASES: list[Case] = [
    ("refused", httpx.ConnectError("no"), EVERY, Meant(Unreachable)),
    ("no connection in time", httpx.ConnectTimeout("no"), EVERY, Meant(Unreachable)),
    ("no free connection in time", httpx.PoolTimeout("no"), EVERY, Meant(Unreachable)),
    ("dropped while sending", httpx.WriteError("no"), EVERY, Meant(NoAnswer, known=False)),
    ("stuck while sending", httpx.WriteTimeout("no"), EVERY, Meant(NoAnswer, known=False)),
    ("silence", httpx.ReadTimeout("no"), EVERY, Meant(NoAnswer, known=False)),
    ("dropped while answering", httpx.ReadError("no"), EVERY, Meant(NoAnswer, known=False)),
    ("nonsense", httpx.RemoteProtocolError("no"), EVERY, Meant(NoAnswer, known=False)),
    ("unknown trouble", RuntimeError("no"), EVERY, Meant(NoAnswer, known=False)),
    ("500", answer(500, b'{"message":"Internal server error"}'), EVERY, BROKEN),
    ("502", answer(502, HTML), EVERY, BROKEN),
    ("503", answer(503, Retry_After="7"), EVERY, Meant(Fault, known=False, retry_after=7)),
    ("504", answer(504, b'{"message":"Endpoint request timed out"}'), EVERY, BROKEN),
    ("202 empty", answer(202), CREATE, UNREADABLE),
    ("202 empty", answer(202), OTHERS, DONE),
    ("200 empty", answer(200), CREATE, UNREADABLE),
    ("200 empty", answer(200), OTHERS, DONE),
    ("200 blank", answer(200, b" \n"), OTHERS, DONE),
    ("204", answer(204), CREATE, UNREADABLE),
    ("204", answer(204), OTHERS, DONE),
    ("200 HTML", answer(200, HTML, Content_Type="text/html"), EVERY, UNREADABLE),
    ("200 text", answer(200, b"OK"), EVERY, UNREADABLE),
    ("200 cut", answer(200, b'{"status":"OK","orderId":10'), EVERY, UNREADABLE),
    ("200 deep", answer(200, b"[" * 100_000), EVERY, UNREADABLE),
    ("200 list", answer(200, b'[{"status":"OK","orderId":1}]'), EVERY, UNREADABLE),
    ("200 null", answer(200, b"null"), EVERY, UNREADABLE),
    ("200 true", answer(200, b"true"), EVERY, UNREADABLE),
    ("200 bytes", answer(200, b"\xff\xfe\xfd"), EVERY, UNREADABLE),
    ("200 envelope", answer(200, envelope(field="comment", message="too long")), EVERY, FIELD),
    ("202 envelope", answer(202, envelope(field="comment", message="too long")), EVERY, FIELD),
    ("200 bare envelope", answer(200, b'{"status":"ERROR","field":"comment","message":"too long"}'), EVERY, FIELD),
    ("200 envelope, no field", answer(200, envelope(message="no")), CREATE, Meant(Invalid)),
    ("200 envelope, no field", answer(200, envelope(message="no")), OTHERS, Meant(Forbidden)),
    ("200 envelope, empty field", answer(200, envelope(field="", message="no")), OTHERS, Meant(Forbidden)),
    (
        "200 envelope, no message",
        answer(200, envelope(field="comment")),
        EVERY,
        Meant(Invalid, fields=(FieldError("comment", "was not accepted"),)),
    ),
    ("200 no reason", answer(200, envelope()), EVERY, UNREADABLE),
    ("200 other word", answer(200, b'{"status":"ACCEPTED"}'), EVERY, UNREADABLE),
    ("200 empty word", answer(200, envelope(status="", message="no")), EVERY, UNREADABLE),
    ("200 number for a word", answer(200, envelope(status=500, message="no")), EVERY, UNREADABLE),
    ("200 error and an order", answer(200, envelope(message="late", orderId=1001)), EVERY, UNREADABLE),
    ("200 OK without id", answer(200, envelope(status="OK", message="made")), CREATE, UNREADABLE),
    ("200 OK with text for an id", answer(200, envelope(status="OK", orderId="1001")), CREATE, UNREADABLE),
    ("200 OK with true for an id", answer(200, envelope(status="OK", orderId=True)), CREATE, UNREADABLE),
    ("200 OK with 0 for an id", answer(200, envelope(status="OK", orderId=0)), CREATE, UNREADABLE),
    ("200 OK with too large an id", answer(200, envelope(status="OK", orderId=2**63)), CREATE, UNREADABLE),
    ("200 ok in small letters", answer(200, envelope(status="ok", orderId=1001)), EVERY, UNREADABLE),
    ("200 without a word", answer(200, b'{"orderId":1001}'), CREATE, UNREADABLE),
    ("200 OK", answer(200, envelope(status="OK", message="done", orderId=1001)), OTHERS, DONE),
    ("200 the order", answer(200, b'{"orderId":1001,"orderStatus":"PROCESSING"}'), OTHERS, DONE),
    ("200 {}", answer(200, b"{}"), OTHERS, DONE),
    ("400 text", answer(400, CONFLICT), CREATE, Meant(Invalid)),
    ("400 text", answer(400, CONFLICT), OTHERS, Meant(Forbidden)),
    ("400 line", answer(400, LINE), EVERY, FIELD),
    ("400 JSON", answer(400, b'{"message":"comment: too long"}'), EVERY, FIELD),
    ("400 envelope", answer(400, envelope(field="comment", message="too long")), EVERY, FIELD),
    ("400 envelope, no field", answer(400, envelope(message="no")), CREATE, Meant(Invalid)),
    ("400 HTML", answer(400, HTML), OTHERS, Meant(Forbidden)),
    ("409", answer(409, CONFLICT), CREATE, Meant(Invalid)),
    ("409", answer(409, CONFLICT), OTHERS, Meant(Forbidden)),
    ("422", answer(422, CONFLICT), CREATE, Meant(Invalid)),
    ("422", answer(422, CONFLICT), OTHERS, Meant(Forbidden)),
    ("404", answer(404, b"Order not found"), EVERY, Meant(NotFound)),
    ("403", answer(403, b'{"message":"Forbidden"}'), EVERY, Meant(KeyRefused)),
    ("403 no such route", answer(403, b'{"message":"Missing Authentication Token"}'), EVERY, Meant(Refused)),
    ("405", answer(405), EVERY, Meant(Refused)),
    ("413", answer(413, HTML), EVERY, Meant(Refused)),
    ("401", answer(401, b'{"message":"The incoming token has expired"}'), EVERY, Meant(SessionExpired)),
    ("429", answer(429), EVERY, Meant(Busy)),
    ("429 seconds", answer(429, Retry_After="7"), EVERY, Meant(Busy, retry_after=7)),
    ("429 date", answer(429, Retry_After=formatdate(NOW + 90, usegmt=True)), EVERY, Meant(Busy, retry_after=90)),
    ("429 neither", answer(429, Retry_After="soon"), EVERY, Meant(Busy)),
    ("redirect", answer(302, Location=f"{URL}/elsewhere"), EVERY, UNREADABLE),
    ("304", answer(304), EVERY, UNREADABLE),
]
TABLE = [pytest.param(writes, given, meant, id=f"{name}: {len(writes)}") for name, given, writes, meant in CASES]


async def outcome(write: str, http: BackendHttp) -> tuple[Meant, BackendError | None]:
    """What a write came to, in the words of the table."""
    try:
        done = await WRITES[write](QuivoClient(http))
    except BackendError as error:
        fields, retry_after = getattr(error, "fields", ()), getattr(error, "retry_after", None)
        return Meant(type(error), error.outcome_known, fields, retry_after), error
    assert done is None
    return DONE, None


@pytest.mark.parametrize(("writes", "given", "meant"), TABLE)
@respx.mock
async def test_table(
    writes: tuple[str, ...], given: httpx.Response | Exception, meant: Meant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E3, E5: each behaviour is this outcome for this write, said in a declared text, after one request and no wait."""
    slept = waits(monkeypatch)
    answers: dict[str, Any] = {"return_value" if isinstance(given, httpx.Response) else "side_effect": given}
    route = respx.route().mock(**answers)
    async with to(URL, clock=lambda: NOW) as http:
        for number, write in enumerate(writes, start=1):
            came, error = await outcome(write, http)
            assert (write, came, route.call_count, slept) == (write, meant, number, [])
            if error is not None:
                assert (error.request_id, error.back_end) == ("ref-9", "quivo")
                assert error.safe_text in declared()


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    ("reply", "meant", "sent"),
    [
        (None, Meant(NoAnswer, known=False), 1),
        (b"", Meant(NoAnswer, known=False), 1),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{", Meant(NoAnswer, known=False), 1),
        (b"\x00\x01\x02\r\n\r\n", Meant(NoAnswer, known=False), 1),
        (http_answer(b"{}", "500 Internal Server Error"), BROKEN, 1),
    ],
)
async def test_on_the_wire(write: str, reply: bytes | None, meant: Meant, sent: int) -> None:
    """E3, E5: silence, hanging up, half an answer and no HTTP leave a real write unknown, after one request."""
    async with serving(lambda _: reply) as server, to(server.url, QUICK) as http:
        came, _ = await outcome(write, http)
    assert (came, len(server.seen), server.connections) == (meant, sent, 1)


@pytest.mark.parametrize("write", WRITES)
async def test_nobody_there(write: str) -> None:
    """E3: a write to a port on which nobody listens is known not to have been done."""
    async with serving(lambda _: b"") as server:
        url = server.url
    async with to(url, QUICK) as http:
        came, _ = await outcome(write, http)
    assert came == Meant(Unreachable)


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("status", [200, 201, 202, 299])
@respx.mock
async def test_done(write: str, status: int) -> None:
    """Any 2xx with a clear yes is done; a new order gives its id, an echoed one the id that it had (seed 001)."""
    respx.route().respond(status, json={"status": "OK", "field": None, "message": "Order exists", "orderId": 4711})
    async with to(URL) as http:
        assert await WRITES[write](QuivoClient(http)) == (4711 if write == "create" else None)


BERLIN_BODY = {
    "name": "Jana Bergmann",
    "street": "Lindenstraße 14",
    "zip": "10969",
    "city": "Berlin",
    "countryIso2": "DE",
}
SENT: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "create": (
        "POST",
        "/orders",
        {
            "sellerId": 12,
            "orderIdentifier": "shop-1",
            "orderReference": "#DE38678",
            "deliveryAddress": BERLIN_BODY,
            "positions": [{"sku": "MUG-1", "quantity": 2}],
        },
    ),
    "edit": ("PATCH", "/orders/1001", {"comment": "canary-comment"}),
    "address": ("PUT", "/orders/1001/address?type=INVOICE", BERLIN_BODY),
    "cancel": ("POST", "/orders/1001/cancelRequest", None),
}


@pytest.mark.parametrize("write", WRITES)
@respx.mock
async def test_what_is_sent(write: str) -> None:
    """Method, path, both headers and the whole body of each write are as the sheet has them (apis/quivo.md §1, §5)."""
    route = respx.route().respond(json={"status": "OK", "orderId": 1})
    async with to(URL) as http:
        await WRITES[write](QuivoClient(http))
    request = route.calls.last.request
    method, target, body = SENT[write]
    assert (request.method, request.url.raw_path.decode()) == (method, target)
    assert (request.headers["authorization"], request.headers["x-api-key"]) == (TOKEN, KEY)
    assert (json.loads(request.content) if request.content else None) == body
    assert request.headers.get("content-type") == (None if body is None else "application/json")
    assert request.headers["content-length"] == str(len(request.content))


@pytest.mark.parametrize("kind", list(AddressType))
@respx.mock
async def test_kinds_of_addresses(kind: AddressType) -> None:
    """The kind of address is always said, for nobody knows what Quivo assumes without (apis/quivo.md §5.5)."""
    route = respx.put(f"{URL}/orders/1001/address").respond(204)
    async with to(URL) as http:
        await QuivoClient(http).address(SESSION, 1001, kind, BERLIN)
    assert dict(route.calls.last.request.url.params) == {"type": kind.value}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    "reply", [http_answer(HTML), http_answer(LINE, "400 Bad Request"), http_answer(CONFLICT, "409 Conflict"), b""]
)
async def test_nothing_hangs_on_an_error(write: str, reply: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """C10, D6: no frame on a failed write shows key, token or answer, and no log line what was written."""
    async with serving(lambda _: reply) as server, to(server.url, QUICK) as http:
        _, error = await outcome(write, http)
    assert error is not None
    printed = with_locals(error) + caplog.text
    assert [secret for secret in (KEY, TOKEN, "Maintenance") if secret in printed] == []
    assert "canary-comment" not in caplog.text
    assert "Lindenstraße" not in caplog.text


@pytest.mark.parametrize(
    ("message", "shown"), [("x" * 500, "x" * 199 + "…"), ("a\r\nb\u202e", "a b"), ("<!channel>", "<!channel>")]
)
@respx.mock
async def test_messages_are_cleaned(message: str, shown: str) -> None:
    """D6: the words of an envelope on 200 are cleaned and cut like those on 400."""
    respx.route().respond(json={"status": "ERROR", "field": "positions[0].sku", "message": message, "orderId": None})
    async with to(URL) as http:
        came, _ = await outcome("create", http)
    assert came == Meant(Invalid, fields=(FieldError("positions[0].sku", shown),))
