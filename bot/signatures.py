"""Whether an HTTP request is Slack's: stricter than the library, and never an exception (apis/slack.md §3)."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable

_TIMESTAMP = re.compile(rb"[0-9]{1,12}")
_SIGNATURE = re.compile(rb"v0=[0-9a-f]{64}")
MOST_SKEW_SECONDS = 300


def genuine(secret: str, headers: Iterable[tuple[bytes, bytes]], body: bytes, now: float) -> bool:
    """Whether exactly one well-formed timestamp and signature fit this body, and are not older than five minutes."""
    stamps, signatures = [], []
    for name, value in headers:
        match name.lower():
            case b"x-slack-request-timestamp":
                stamps.append(value)
            case b"x-slack-signature":
                signatures.append(value)
    if len(stamps) != 1 or len(signatures) != 1:
        return False
    if not _TIMESTAMP.fullmatch(stamps[0]) or not _SIGNATURE.fullmatch(signatures[0]):
        return False
    if abs(now - int(stamps[0])) > MOST_SKEW_SECONDS:
        return False
    wanted = hmac.new(secret.encode(), b"v0:" + stamps[0] + b":" + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(b"v0=" + wanted.encode(), signatures[0])
