"""Logging in to a store without a password: a code by e-mail, then a pair of tokens (seed 003, apis/vendo.md §2)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeAlias

from pydantic import Field

from backends.errors import Garbled, LoginRefused, SessionExpired
from backends.http import IDEMPOTENT, LOGIN, Answer, BackendHttp, Call
from backends.reading import parsed
from backends.secret import Secret, Unportable
from backends.vendo.refusals import checked
from backends.wire import Wire

PATH = "/api/v2/storefront/auth"


@dataclass(frozen=True, init=False, slots=True)
class Tokens(Unportable):
    """A signed-in person at one store; the pair dies together, and each refresh gives a new pair (seed 003).

    ``store`` is the store's address as ``store_address`` writes it, ``expires_at`` is UTC.
    """

    store: str
    email: str = field(repr=False)
    access: Secret
    refresh: Secret
    expires_at: datetime

    def __init__(
        self, store: str, email: str, access: str | Secret, refresh: str | Secret, expires_at: datetime
    ) -> None:
        object.__setattr__(self, "store", store)
        object.__setattr__(self, "email", email)
        object.__setattr__(self, "access", Secret(access))
        object.__setattr__(self, "refresh", Secret(refresh))
        object.__setattr__(self, "expires_at", expires_at)


@dataclass(frozen=True, init=False, slots=True)
class OrderToken(Unportable):
    """The key to one cart, checkout or order at one store, whoever it belongs to (seed 003).

    A cart in another currency than the store's own is found only with its ``currency`` (apis/vendo.md §3).
    """

    store: str
    token: Secret
    currency: str | None

    def __init__(self, store: str, token: str | Secret, currency: str | None = None) -> None:
        object.__setattr__(self, "store", store)
        object.__setattr__(self, "token", Secret(token))
        object.__setattr__(self, "currency", currency)


@dataclass(frozen=True, slots=True)
class Guest:
    """Nobody in particular at one store; enough for products, countries and a new cart."""

    store: str


Access: TypeAlias = Tokens | OrderToken | Guest


class _TokensWire(Wire):
    """A pair of tokens; the seconds count from ``created_at``, itself seconds since 1970 (seed 003)."""

    access_token: str = Field(repr=False)
    refresh_token: str = Field(repr=False)
    expires_in: Annotated[int, Field(ge=0, le=10**9)]
    created_at: Annotated[int, Field(ge=0, le=10**11)]

    def to_tokens(self, store: str, email: str) -> Tokens:
        """The tokens in Shipclerk's words."""
        expires_at = datetime.fromtimestamp(self.created_at, UTC) + timedelta(seconds=self.expires_in)
        return Tokens(store, email, self.access_token, self.refresh_token, expires_at)


async def request_code(
    http: BackendHttp, email: str, first_name: str | None = None, last_name: str | None = None, *, request_id: str = ""
) -> None:
    """Have a code sent to an e-mail address; raises Invalid with field ``email``."""
    names = {"first_name": first_name, "last_name": last_name}
    user = {"email": email, **{name: text for name, text in names.items() if text}}
    checked(http, await http.ask(_post(user, request_id)), field="email")


async def exchange(http: BackendHttp, store: str, email: str, code: str | Secret, *, request_id: str = "") -> Tokens:
    """Exchange a code for tokens; raises LoginRefused for one that is wrong, old or used."""
    answer = await http.ask(_post({"email": email, "code": Secret(code).reveal()}, request_id))
    return _tokens(http, checked(http, answer, as_refused=LoginRefused), store, email)


async def refresh(http: BackendHttp, tokens: Tokens, *, request_id: str = "") -> Tokens:
    """Exchange a refresh token for a new pair; raises SessionExpired if it is not taken."""
    answer = await http.ask(_post({"email": tokens.email, "refresh_token": tokens.refresh.reveal()}, request_id))
    return _tokens(http, checked(http, answer, as_refused=SessionExpired), tokens.store, tokens.email)


async def revoke(http: BackendHttp, token: Secret, *, request_id: str = "") -> None:
    """End a session by either of its tokens, which stands in the path as Vendo asks (seed 003); gone is gone."""
    path, media = PATH + "/{token}", "application/vnd.api+json"
    answer = await http.ask(Call("DELETE", path, IDEMPOTENT, {"token": token}, request_id=request_id, media=media))
    if answer.status not in (401, 404):
        checked(http, answer)


def _post(user: Mapping[str, str], request_id: str) -> Call:
    """A login; its values work once, so silence never makes it be sent again (apis/vendo.md §10)."""
    return Call("POST", PATH, LOGIN, body=Secret(json.dumps({"user": user})), request_id=request_id)


def _tokens(http: BackendHttp, answer: Answer, store: str, email: str) -> Tokens:
    """The tokens of an answer; raises Garbled where a header could not carry them."""
    tokens = parsed(http, answer, lambda body: _TokensWire.model_validate_json(body).to_tokens(store, email))
    if not (tokens.access.fits_a_header() and tokens.refresh.fits_a_header()):
        raise Garbled(http.name, answer.request_id, outcome_known=False)
    return tokens
