"""One way to ask the QPilot stand-in, and what its refusals look like."""

import json
from typing import Any

from aiohttp import ClientSession

from sandbox.qpilot import Qpilot
from sandbox.qpilot.accounts import Grant

SITE = 1113
DAY = 86400.0
Answer = tuple[int, Any]


class Caller:
    """Somebody with a grant; each request has a fresh token, as QPilot wants it."""

    def __init__(self, qpilot: Qpilot, session: ClientSession, grant: Grant) -> None:
        self._qpilot = qpilot
        self._session = session
        self._grant = grant

    def token(self) -> str:
        """A fresh token, not yet used."""
        issued = self._qpilot.tokens.issue(self._grant, self._qpilot.switches)
        return str(issued["tokenBearerAuth"])

    async def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Send JSON (or nothing) to a path under the site, or to a whole one that begins with `//`."""
        whole = path[1:] if path.startswith("//") else f"/Sites/{SITE}{path}"
        return await send(self._session, method, whole, body, self.token())

    async def get(self, path: str) -> Any:
        """What a path answers, which must be 200."""
        status, body = await self.ask("GET", path)
        assert status == 200, body
        return body


async def send(session: ClientSession, method: str, path: str, body: Any = None, token: str | None = None) -> Answer:
    """Send a request and return status and body: read as JSON if it is, else as text."""
    sent = {} if body is None else {"json": body}
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with session.request(method, path, headers=headers, allow_redirects=False, **sent) as answer:
        text = await answer.text()
        return answer.status, json.loads(text) if answer.content_type == "application/json" else text


def broken(text: str, code: int | None = None) -> Answer:
    """The answer to something well formed that breaks a rule."""
    body: dict[str, Any] = {"message": text, "messages": {"errors": [text], "userMessage": [text]}}
    return 400, ({} if code is None else {"code": code}) | body


def invalid(**errors: str) -> Answer:
    """The answer to something malformed: one message for each field."""
    title = "One or more validation errors occurred."
    return 400, {"title": title, "status": 400, "errors": {name: [words] for name, words in errors.items()}}


FORBIDDEN: Answer = (403, {"message": "The access token does not grant access to this resource."})
UNAUTHORIZED: Answer = (401, {"message": "Authorization has been denied for this request."})
LOCKED: Answer = broken("Cannot change a locked scheduled order")


def missing(what: str) -> Answer:
    """The answer when an entity does not exist."""
    return 404, {"message": f"{what} not found"}


def without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    """A document without some of its fields."""
    return {name: value for name, value in document.items() if name not in names}
