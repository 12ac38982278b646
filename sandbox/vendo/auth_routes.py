"""`/auth`: a code by e-mail, the code for tokens, new tokens for old, and logout (seed 003, `apis/vendo.md` §2)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.vendo import answers
from sandbox.vendo.call import Call
from sandbox.vendo.checkout import BAD_EMAIL, email_is_good
from sandbox.vendo.tokens import ACCESS_SECONDS, Pair

if TYPE_CHECKING:
    from sandbox.vendo.vendo import Vendo

BAD_CODE = "The code is invalid or has expired"
BAD_REFRESH = "The refresh token is invalid"
BOTH = "Send either a code or a refresh token"
_GRANT = {
    "error": "invalid_grant",
    "error_description": "The provided authorization grant is invalid, expired or revoked.",
}


def auth(vendo: "Vendo", call: Call) -> web.Response:
    """`POST /auth`: the body says which of the three steps it is."""
    user = call.wrapped("user")
    if not email_is_good(user.get("email")):
        return _error(422, BAD_EMAIL, {"email": ["is invalid"]})
    if "code" in user and "refresh_token" in user:
        return _error(422, BOTH)
    if "code" in user:
        return _exchange(vendo, user)
    return _refresh(vendo, user) if "refresh_token" in user else _send(vendo, user)


def logout(vendo: "Vendo", call: Call) -> web.Response:
    """`DELETE /auth/{token}`: either half kills both; what never was a token is as welcome."""
    vendo.tokens.revoke(call.path["token"])
    return answers.no_data() if vendo.switches.logout == 204 else answers.data({})


def _send(vendo: "Vendo", user: Mapping[str, Any]) -> web.Response:
    email = user["email"].lower()
    if vendo.customer(email) is None:
        vendo.add_customer(email, _name(user, "first_name"), _name(user, "last_name"))
    vendo.send_code(email)
    return answers.data({"message": "Code sent"}, content_type=answers.JSON)


def _exchange(vendo: "Vendo", user: Mapping[str, Any]) -> web.Response:
    customer, code = vendo.customer(user["email"]), user["code"]
    if customer is None or not isinstance(code, str) or not vendo.codes.use(customer.email, code):
        return _error(vendo.switches.code_refused, BAD_CODE)
    return _tokens(vendo.tokens.issue(customer))


def _refresh(vendo: "Vendo", user: Mapping[str, Any]) -> web.Response:
    customer = vendo.customer(user["email"])
    revoke = vendo.switches.old_access == "revoked"
    pair = vendo.tokens.refresh(customer, user["refresh_token"], revoke_old=revoke) if customer else None
    if pair:
        return _tokens(pair)
    if vendo.switches.refresh_refused == "invalid_grant":
        return answers.data(_GRANT, 400, answers.JSON)
    return _error(401, BAD_REFRESH)


def _tokens(pair: Pair) -> web.Response:
    body = {
        "access_token": pair.access,
        "token_type": "Bearer",
        "expires_in": ACCESS_SECONDS,
        "refresh_token": pair.refresh,
        "created_at": pair.created_at,
    }
    response = answers.data(body, content_type=answers.JSON)
    response.headers["Cache-Control"] = "no-store"
    return response


def _error(status: int, text: str, errors: Mapping[str, list[str]] | None = None) -> web.Response:
    return answers.error(status, text, errors, answers.JSON)


def _name(user: Mapping[str, Any], part: str) -> str | None:
    value = user.get(part)
    return value if isinstance(value, str) else None
