"""E3: what every status means with every kind of body, and which of Vendo's own words come through."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backends.errors import BackendError, FieldError, Forbidden, Invalid, NotFound, Refused, SessionExpired
from backends.http import Answer, BackendHttp
from backends.vendo.refusals import checked

HTTP = BackendHttp("vendo", "http://vendo.test")
BASE = FieldError("base", "Coupon code usage limit exceeded")
BODIES: dict[str, tuple[bytes, tuple[FieldError, ...]]] = {
    "sentence": (b'{"error":"Coupon code usage limit exceeded"}', (BASE,)),
    "no fields": (b'{"error":"Coupon code usage limit exceeded","errors":{}}', (BASE,)),
    "odd fields": (b'{"error":"Coupon code usage limit exceeded","errors":["x"]}', (BASE,)),
    "field": (b'{"error":"Email is invalid","errors":{"email":["is invalid"]}}', (FieldError("email", "is invalid"),)),
    "dotted": (
        b'{"error":"x","errors":{"ship_address.city":["can\'t be blank","is odd"],"quantity":"too many"}}',
        (
            FieldError("ship_address.city", "can't be blank"),
            FieldError("ship_address.city", "is odd"),
            FieldError("quantity", "too many"),
        ),
    ),
    "oauth": (
        b'{"error":"invalid_grant","error_description":"The grant is invalid"}',
        (FieldError("base", "The grant is invalid"),),
    ),
    "code": (b'{"error":"shipment_not_found"}', (FieldError("base", "This shipment is not part of this cart."),)),
    "nested": (b'{"error":{"message":"x"},"errors":{"email":[1,null]}}', ()),
    "html": (b"<!doctype html><h1>Just a moment</h1>", ()),
    "empty": (b"", ()),
    "blank": (b'{"error":" "}', ()),
    "list": (b"[1]", ()),
    "binary": (b"\xff\xfe\x00", ()),
    "deep": (b"[" * 100_000, ()),
}
OBJECTS = {name for name in BODIES if BODIES[name][0].startswith(b"{")}


def refusal(status: int, body: bytes, **asked: Any) -> BackendError:
    with pytest.raises(BackendError) as caught:
        checked(HTTP, Answer(status, body, "ref-1", True), **asked)
    return caught.value


def expected(status: int, name: str) -> type[BackendError]:
    match status:
        case 401:
            return SessionExpired
        case 404:
            return NotFound
        case 403:
            return Forbidden if name in OBJECTS else Refused
        case 400 | 409 | 422:
            return Invalid if BODIES[name][1] else Refused
        case _:
            return Refused


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 413, 415, 418, 422, 451, 499])
def test_table(status: int, name: str) -> None:
    """E3, D6: every status with every kind of body is exactly this error with these fields, and known not done."""
    body, fields = BODIES[name]
    error, kind = refusal(status, body), expected(status, name)
    assert (type(error), error.outcome_known, error.request_id, error.back_end) == (kind, True, "ref-1", "vendo")
    assert error.safe_text == kind.text.format(name="Vendo")
    assert getattr(error, "fields", ()) == (fields if kind is Invalid else ())


@pytest.mark.parametrize("status", [200, 201, 204])
def test_accepted(status: int) -> None:
    """A 2xx is handed on as it is, whatever its body."""
    answer = Answer(status, b"<html>", "ref-1", True)
    assert checked(HTTP, answer) is answer


def test_where_a_sentence_stands() -> None:
    """A sentence about no field in particular stands under the name that the form has for it."""
    error = refusal(422, b'{"error":"The coupon code is expired"}', field="coupon_code")
    assert isinstance(error, Invalid)
    assert error.fields == (FieldError("coupon_code", "The coupon code is expired"),)


def test_all_that_is_no() -> None:
    """Where every no means one thing it is that one, but for a page of a proxy."""
    kinds = [type(refusal(status, b'{"error":"x"}', as_refused=SessionExpired)) for status in (400, 401, 403, 404, 422)]
    assert kinds == [SessionExpired] * 5
    assert type(refusal(403, b"\n <html>", as_refused=SessionExpired)) is Refused


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
    """D6: Vendo's words are one line of printable text, cut to 200 letters, alone or under a field."""
    alone, under = refusal(422, json.dumps({"error": message}).encode()), json.dumps({"errors": {"a": [message]}})
    fielded = refusal(422, under.encode())
    assert isinstance(alone, Invalid)
    assert isinstance(fielded, Invalid)
    assert (alone.fields, fielded.fields) == ((FieldError("base", shown),), (FieldError("a", shown),))


def test_at_most_ten() -> None:
    """D6: no more than ten complaints come through, each under a name of at most 80 letters."""
    many = refusal(422, json.dumps({"errors": {f"f{number}": ["bad"] * 3 for number in range(50)}}).encode())
    assert isinstance(many, Invalid)
    assert many.fields == tuple(FieldError(f"f{number}", "bad") for number in (0, 0, 0, 1, 1, 1, 2, 2, 2, 3))
    long = refusal(422, json.dumps({"errors": {"f" * 500: ["bad"]}}).encode())
    assert isinstance(long, Invalid)
    assert long.fields == (FieldError("f" * 79 + "…", "bad"),)
