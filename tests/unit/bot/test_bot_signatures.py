"""Whether a request is Slack's: the good ones pass, and nothing else does, without an exception (A2)."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.signatures import MOST_SKEW_SECONDS, genuine

SECRET, NOW, BODY = "0123456789abcdef", 1_795_356_300, b"command=%2Forder&text=1001"
STAMP, SIGNATURE = b"x-slack-request-timestamp", b"x-slack-signature"
Headers = list[tuple[bytes, bytes]]


def signed(body: bytes = BODY, stamp: bytes = str(NOW).encode(), secret: str = SECRET) -> Headers:
    digest = hmac.new(secret.encode(), b"v0:" + stamp + b":" + body, hashlib.sha256).hexdigest()
    return [(STAMP, stamp), (SIGNATURE, f"v0={digest}".encode())]


@pytest.mark.parametrize("skew", [0, -MOST_SKEW_SECONDS, MOST_SKEW_SECONDS])
@pytest.mark.parametrize("body", [BODY, b"", b"\xff\x00", "Grüße".encode()])
def test_a_request_of_slacks_is_genuine(skew: int, body: bytes) -> None:
    """A well-signed body passes, up to five minutes early or late, whatever bytes it has."""
    assert genuine(SECRET, signed(body, str(NOW + skew).encode()), body, NOW)


def test_header_names_have_no_case() -> None:
    """Header names are compared without their case, as HTTP has it."""
    assert genuine(SECRET, [(name.upper(), value) for name, value in signed()], BODY, NOW)


@pytest.mark.parametrize("skew", [301, -301, 86_400, -NOW])
def test_an_old_or_early_request_is_refused(skew: int) -> None:
    """A2: a good signature that is older or younger than five minutes is refused."""
    assert not genuine(SECRET, signed(stamp=str(NOW + skew).encode()), BODY, NOW)


ODD = (b"", b"abc", b"1e3", b"1795356300.0", b"+1795356300", b"-1", b" 1795356300", b"1795356300\n", b"1" * 13)


@pytest.mark.parametrize("stamp", [*ODD, "١٧٩٥٣٥٦٣٠٠".encode(), b"0x6b02", b"nan", b"1_795_356_300"])
def test_a_timestamp_that_is_no_number_is_refused(stamp: bytes) -> None:
    """A2: a timestamp in any other form is refused although its signature fits."""
    assert not genuine(SECRET, signed(stamp=stamp), BODY, NOW)


def test_two_of_a_kind_are_refused() -> None:
    """A2: a header that comes twice is refused, also if both are the same or one of them is good."""
    good = signed()
    for extra in (*good, (STAMP, b"1"), (SIGNATURE, b"v0=" + b"0" * 64)):
        assert not genuine(SECRET, [*good, extra], BODY, NOW)
    assert not genuine(SECRET, good[:1], BODY, NOW)
    assert not genuine(SECRET, good[1:], BODY, NOW)


@given(st.integers(0, len(BODY) * 8 - 1))
def test_any_flipped_bit_of_the_body_is_refused(bit: int) -> None:
    """A2: a body that differs in one bit does not fit its signature."""
    changed = bytearray(BODY)
    changed[bit // 8] ^= 1 << bit % 8
    assert not genuine(SECRET, signed(), bytes(changed), NOW)


@given(st.binary(), st.binary(), st.binary())
def test_any_bytes_are_refused_without_an_exception(stamp: bytes, signature: bytes, body: bytes) -> None:
    """A2: no bytes in headers or body make the check pass or fail in any other way."""
    assert not genuine(SECRET, [(STAMP, stamp), (SIGNATURE, signature)], body, NOW)


def test_another_secret_is_refused() -> None:
    """A2: a signature made with another secret, or with none, is refused."""
    assert not genuine(SECRET, signed(secret="another-secret-16"), BODY, NOW)
    assert not genuine(SECRET, signed(secret=""), BODY, NOW)
