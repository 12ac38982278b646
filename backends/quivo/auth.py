"""Logging in to Quivo: three credentials for a session of one hour (seed 000, apis/quivo.md §2)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field

from backends.errors import Garbled, KeyRefused
from backends.http import LOGIN, Answer, BackendHttp, Call
from backends.quivo.refusals import checked
from backends.reading import parsed
from backends.secret import Secret, Unportable


@dataclass(frozen=True, init=False, slots=True)
class Credentials(Unportable):
    """What a person typed to connect Quivo; API key and password are hidden, and none of it is shown."""

    api_key: Secret
    username: str = field(repr=False)
    password: Secret

    def __init__(self, api_key: str | Secret, username: str, password: str | Secret) -> None:
        object.__setattr__(self, "api_key", Secret(api_key))
        object.__setattr__(self, "username", username)
        object.__setattr__(self, "password", Secret(password))


@dataclass(frozen=True, init=False, slots=True)
class Session(Unportable):
    """What a request is made with: the API key and a token that lives for an hour after login (seed 000)."""

    api_key: Secret
    token: Secret

    def __init__(self, api_key: str | Secret, token: str | Secret) -> None:
        object.__setattr__(self, "api_key", Secret(api_key))
        object.__setattr__(self, "token", Secret(token))

    def headers(self) -> dict[str, Secret]:
        """Both headers of every request but login; the token goes raw, without ``Bearer`` (apis/quivo.md §1)."""
        return {"X-Api-Key": self.api_key, "Authorization": self.token}


class _LoginAnswer(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, extra="ignore", frozen=True)

    token: str = Field(repr=False)


async def login(http: BackendHttp, credentials: Credentials, *, request_id: str = "") -> Session:
    """Exchange credentials for a session.

    Raises LoginRefused for a wrong name or password, KeyRefused for the API key (at once and unsent if it could never
    stand in a header), Invalid for a field that Quivo names, Garbled where no usable token came back.
    """
    call = _call(credentials, request_id)
    if not credentials.api_key.fits_a_header():
        raise KeyRefused(http.name, call.request_id)
    answer = checked(http, await http.ask(call), at_login=True)
    token = _token(http, answer)
    if not token.fits_a_header():
        raise Garbled(http.name, answer.request_id, outcome_known=False)
    return Session(credentials.api_key, token)


def _call(credentials: Credentials, request_id: str) -> Call:
    body = {"username": credentials.username, "password": credentials.password.reveal()}
    return Call(
        "POST",
        "/login",
        LOGIN,
        headers={"X-Api-Key": credentials.api_key},
        body=Secret(json.dumps(body)),
        request_id=request_id,
    )


def _token(http: BackendHttp, answer: Answer) -> Secret:
    return Secret(parsed(http, answer, _LoginAnswer.model_validate_json).token)
