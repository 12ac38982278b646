"""The three ways to a token (`apis/qpilot.md` §2, seed 004): merchant login, customer login, site secret."""

import hmac
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.qpilot import answers, checks
from sandbox.qpilot.accounts import SECRET_KEY, SITE_ID, Account, Grant
from sandbox.qpilot.answers import Refusal
from sandbox.qpilot.call import Call
from sandbox.qpilot.moments import Document

if TYPE_CHECKING:
    from sandbox.qpilot.qpilot import Qpilot

_PERSON = {"email": checks.FILLED, "password": checks.FILLED}
_SECRET = {"secretKey": checks.FILLED, "accessScope": checks.one_of("Merchant", "Customer")}


def merchant(qpilot: "Qpilot", call: Call) -> web.Response:
    """`POST /AccessTokens/Login`: a token for every site of the account."""
    body = call.json(_PERSON | {"accessScope": checks.one_of("Merchant")}, (*_PERSON, "accessScope"))
    account = _account(qpilot, body)
    return _issued(qpilot, Grant(account.site_ids, "Merchant", account.user_id, None, None))


def customer(qpilot: "Qpilot", call: Call) -> web.Response:
    """`POST /Sites/{siteId}/AccessTokens/CustomerLogin`: the merchant's login, a token for one customer."""
    body = call.json(_PERSON | {"customerId": checks.FILLED}, (*_PERSON, "customerId"))
    account = _account(qpilot, body)
    if call.number("site") not in account.site_ids:
        raise answers.forbidden()
    customer_id = _customer(qpilot, body)
    return _issued(qpilot, Grant(frozenset({SITE_ID}), "Customer", account.user_id, SITE_ID, customer_id))


def generate(qpilot: "Qpilot", call: Call) -> web.Response:
    """`POST /Sites/{siteId}/AccessTokens/Generate`: by the site's secret, for the merchant or for one customer."""
    body = call.json(_SECRET | {"customerId": checks.FILLED}, _SECRET)
    if not hmac.compare_digest(body["secretKey"].encode(), SECRET_KEY.encode()):
        raise Refusal(answers.message(401, "Invalid secret key."))
    if body["accessScope"] == "Merchant":
        return _issued(qpilot, Grant(frozenset({SITE_ID}), "Merchant", None, SITE_ID, None))
    if body.get("customerId") is None:
        raise answers.invalid({"CustomerId": [checks.missing("customerId")]})
    return _issued(qpilot, Grant(frozenset({SITE_ID}), "Customer", None, SITE_ID, _customer(qpilot, body)))


def _issued(qpilot: "Qpilot", grant: Grant) -> web.Response:
    return answers.data(qpilot.tokens.issue(grant, qpilot.switches))


def _account(qpilot: "Qpilot", body: Document) -> Account:
    for account in qpilot.accounts:
        if (account.email, account.password) == (body["email"], body["password"]):
            return account
    raise Refusal(answers.message(401, "Invalid email or password."))


def _customer(qpilot: "Qpilot", body: Document) -> str:
    if body["customerId"] not in qpilot.customers:
        raise answers.not_found("Customer")
    return str(body["customerId"])
