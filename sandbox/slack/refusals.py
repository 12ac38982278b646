"""How the workspace says no: Slack's error code, and more fields where Slack has them."""

from __future__ import annotations

from typing import Any

from sandbox.slack.blocks import Flaw
from sandbox.slack.state import Json


class ApiError(Exception):
    """A refused request; `code` is Slack's error name, `extra` further fields of the answer."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra

    def body(self) -> Json:
        """The answer as the Web API sends it."""
        return {"ok": False, "error": self.code} | self.extra


class RateLimited(ApiError):
    """The only routine answer that is not a 200: 429 with `Retry-After` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after


def invalid(code: str, *messages: str) -> ApiError:
    """A refusal with `response_metadata.messages`, one line each."""
    return ApiError(code, response_metadata={"messages": [f"[ERROR] {message}" for message in messages]})


def refuse_flawed(code: str, flaws: list[Flaw]) -> None:
    """Raises in the shape of `apis/slack.md` §1 if there are flaws."""
    if flaws:
        raise invalid(code, *(f"{flaw.message} [json-pointer:{flaw.pointer}]" for flaw in flaws))
