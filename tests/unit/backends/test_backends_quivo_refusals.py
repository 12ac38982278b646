"""E3: what every status means with every kind of body, and which of Quivo's own words come through."""

from __future__ import annotations

import json

import pytest
from backends_kit import TOKEN, URL, declared, with_locals

from backends.errors import (
    BackendError,
    FieldError,
    Forbidden,
    Garbled,
    Invalid,
    KeyRefused,
    LoginRefused,
    NotFound,
    Refused,
    SessionExpired,
)
from backends.http import Answer, BackendHttp
from backends.quivo.models import OrderWire
from backends.quivo.refusals import checked
from backends.reading import parsed

HTTP = BackendHttp("quivo", URL)
LINE = b"positions: must not be null"
POSITIONS = FieldError("positions", "must not be null")
BODIES: dict[str, tuple[bytes, tuple[FieldError, ...]]] = {
    "line": (LINE, (POSITIONS,)),
    "lines": (
        LINE + b"\r\ndeliveryAddress.zip: too long\n",
        (POSITIONS, FieldError("deliveryAddress.zip", "too long")),
    ),
    "indexed": (b"positions[0].sku: unknown", (FieldError("positions[0].sku", "unknown"),)),
    "mixed": (b"Validation failed\npositions: must not be null", (POSITIONS,)),
    "json line": (json.dumps({"message": LINE.decode()}).encode(), (POSITIONS,)),
    "json string": (json.dumps(LINE.decode()).encode(), (POSITIONS,)),
    "envelope": (
        b'{"status":"ERROR","field":"deliveryAddress.countryIso2","message":"unknown country","orderId":null}',
        (FieldError("deliveryAddress.countryIso2", "unknown country"),),
    ),
    "text": (b"Order cannot be updated in status COMPLETED", ()),
    "text with colon": (b"Not allowed now: the order is done", ()),
    "json": (b'{"message": "Unauthorized"}', ()),
    "json null": (b'{"message": null, "field": 5}', ()),
    "html": (b"<!doctype html>\n<style>\nbody: red\ncolor: red\n</style>", ()),
    "empty": (b"", ()),
    "binary": (b"\xff\xfe\x00", ()),
    "list": (b"[1, 2]", ()),
    "deep": (b"[" * 100_000, ()),
}
STATUSES: dict[int, type[BackendError]] = {
    401: SessionExpired, 403: KeyRefused, 404: NotFound, 400: Forbidden, 409: Forbidden, 422: Forbidden,
    402: Refused, 405: Refused, 408: Refused, 410: Refused, 413: Refused, 414: Refused, 415: Refused, 418: Refused,
    451: Refused, 499: Refused,
}  # fmt: skip


def refusal(status: int, body: bytes, *, at_login: bool = False) -> BackendError:
    with pytest.raises(BackendError) as caught:
        checked(HTTP, Answer(status, body, "ref-1", True), at_login=at_login)
    return caught.value


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("at_login", [False, True])
def test_table(status: int, body: str, at_login: bool) -> None:
    """E3, D6: every status with every kind of body is exactly this error, with a declared text and these fields."""
    text, fields = BODIES[body]
    error = refusal(status, text, at_login=at_login)
    kind: type[BackendError] = LoginRefused if at_login and status == 401 else STATUSES[status]
    if kind is Forbidden and fields:
        kind = Invalid
    assert (type(error), error.outcome_known, error.request_id, error.back_end) == (kind, True, "ref-1", "quivo")
    assert error.safe_text in declared()
    assert getattr(error, "fields", ()) == (fields if kind is Invalid else ())


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_accepted(status: int) -> None:
    """A 2xx is handed on as it is, whatever its body."""
    answer = Answer(status, LINE, "ref-1", True)
    assert checked(HTTP, answer) is answer


def test_unknown_route() -> None:
    """The gateway's 403 for a route that is not there is not blamed on the API key (apis/quivo.md §3)."""
    assert type(refusal(403, b'{"message":"Missing Authentication Token"}')) is Refused
    assert type(refusal(403, b'{"message":"Forbidden"}')) is KeyRefused


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 199 + "…"),
        ("a\tb\x00c\x1b[31m\u202edwn\u200b  d", "a b c [31m dwn d"),
        ("<!channel> *b*", "<!channel> *b*"),
    ],
)
def test_messages_are_cleaned(message: str, shown: str) -> None:
    """D6: Quivo's words about a field are one line of printable text, cut to 200 letters."""
    body = json.dumps({"status": "ERROR", "field": "comment", "message": message}).encode()
    error = refusal(400, body)
    assert isinstance(error, Invalid)
    assert error.fields == (FieldError("comment", shown),)


def test_at_most_ten() -> None:
    """D6: no more than ten complaints come through, each under a name of at most 80 letters."""
    many = refusal(400, b"".join(b"f%d: bad\n" % number for number in range(50)))
    assert isinstance(many, Invalid)
    assert many.fields == tuple(FieldError(f"f{number}", "bad") for number in range(10))
    long = refusal(400, json.dumps({"field": "f" * 500, "message": "bad"}).encode())
    assert isinstance(long, Invalid)
    assert long.fields == (FieldError("f" * 79 + "…", "bad"),)
    assert type(refusal(400, b"f" * 81 + b": bad")) is Forbidden


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"[]", b"null", b'{"orderId": "' + TOKEN.encode() + b'"}'])
@pytest.mark.parametrize("changes_something", [False, True])
def test_unreadable(body: bytes, changes_something: bool) -> None:
    """E3, C10: an unreadable 2xx is Garbled, unknown for a write, and its body hangs on nowhere."""
    answer = Answer(200, body, "ref-1", changes_something)
    with pytest.raises(Garbled) as caught:
        parsed(HTTP, answer, OrderWire.model_validate_json)
    error = caught.value
    assert (error.outcome_known, error.request_id) == (not changes_something, "ref-1")
    assert (error.__context__, error.__cause__) == (None, None)
    ours = error.__traceback__ and error.__traceback__.tb_next
    printed = with_locals(error.with_traceback(ours))
    assert "answer = Answer(status=200" in printed
    assert TOKEN not in printed
