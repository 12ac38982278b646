"""Logging in to QPilot: an account's name and password for a token that is good for one request (seed 004, step 1)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

from backends.errors import Garbled
from backends.http import LOGIN, BackendHttp, Call
from backends.qpilot.documents import loaded
from backends.qpilot.refusals import checked
from backends.reading import parsed
from backends.secret import Secret, Unportable

Scope = Literal["Merchant", "Customer"]
_VALUE = "tokenbearerauth"  # seed 004 writes TokenBearerAuth, the API's JSON tokenBearerAuth (apis/qpilot.md §2.5)


@dataclass(frozen=True, init=False, slots=True)
class Credentials(Unportable):
    """What a person typed to connect QPilot; the password is hidden, and who it is stays out of ``repr``.

    ``site_id`` is the site that this connection works on. With the scope ``Customer`` the same account logs in for one
    customer, whose id in the store ``customer_id`` is then needed (seed 004).
    """

    email: str = field(repr=False)
    password: Secret
    site_id: int
    scope: Scope
    customer_id: str | None = field(repr=False)

    def __init__(
        self,
        email: str,
        password: str | Secret,
        site_id: int,
        scope: Scope = "Merchant",
        customer_id: str | None = None,
    ) -> None:
        if scope == "Customer" and not customer_id:
            raise ValueError("the scope Customer needs a customer")
        object.__setattr__(self, "email", email)
        object.__setattr__(self, "password", Secret(password))
        object.__setattr__(self, "site_id", site_id)
        object.__setattr__(self, "scope", scope)
        object.__setattr__(self, "customer_id", customer_id)


@dataclass(frozen=True, init=False, slots=True)
class Token(Unportable):
    """What one request is made with; "re-generated (refreshed) for each request" (seed 004)."""

    value: Secret
    scope: Scope

    def __init__(self, value: str | Secret, scope: Scope = "Merchant") -> None:
        object.__setattr__(self, "value", Secret(value))
        object.__setattr__(self, "scope", scope)

    def headers(self) -> dict[str, Secret]:
        """The headers of every request but login; ``Source`` says who changes something (apis/qpilot.md §1)."""
        return {"Authorization": Secret(f"Bearer {self.value.reveal()}"), "Source": Secret(self.scope)}


async def login(http: BackendHttp, credentials: Credentials, *, request_id: str = "") -> Token:
    """Exchange credentials for a token of their scope (seed 004, step 1).

    Raises LoginRefused for 400, 401 and 403, NotFound for a site that there is not, Garbled where no usable token came
    back. The token of the scope ``Customer`` may be handed to that customer: show it once and keep it nowhere.
    """
    answer = checked(http, await http.ask(_call(credentials, request_id)), at_login=True)
    token = parsed(http, answer, _token)
    if not token.fits_a_header():
        raise Garbled(http.name, answer.request_id, outcome_known=False)
    return Token(token, credentials.scope)


def _call(credentials: Credentials, request_id: str) -> Call:
    body = {"email": credentials.email, "password": credentials.password.reveal()}
    if credentials.scope == "Merchant":
        body["accessScope"] = credentials.scope
        return Call("POST", "/AccessTokens/Login", LOGIN, body=Secret(json.dumps(body)), request_id=request_id)
    body["customerId"] = credentials.customer_id or ""
    return Call(
        "POST",
        "/Sites/{site}/AccessTokens/CustomerLogin",
        LOGIN,
        {"site": credentials.site_id},
        body=Secret(json.dumps(body)),
        request_id=request_id,
    )


def _token(body: bytes) -> Secret:
    said: Any = loaded(body)
    for name, value in said.items() if isinstance(said, dict) else ():
        if name.lower() == _VALUE and isinstance(value, str):
            return Secret(value)
    raise ValueError("no token")
