"""Who may call this QPilot: demo accounts, and the access tokens that a login hands out (`apis/qpilot.md` §2)."""

import secrets
from dataclasses import dataclass, field
from typing import Literal

from sandbox.clock import Clock
from sandbox.qpilot.moments import Document, moment
from sandbox.qpilot.switches import Switches

SITE_ID = 1113
SECRET_KEY = "demo-site-secret"  # noqa: S105 - made up, like everything here

Scope = Literal["Merchant", "Customer"]
_FIRST_TOKEN = 918273


@dataclass(frozen=True)
class Account:
    """A person with a login and the sites that they may see."""

    user_id: int
    email: str
    password: str = field(repr=False)
    site_ids: frozenset[int]


OPS = Account(41, "ops@example.com", "demo-pilot", frozenset({SITE_ID}))
OUTSIDER = Account(42, "outsider@example.com", "demo-outside", frozenset())


@dataclass(frozen=True)
class Grant:
    """What a token stands for; `site_id` is None if it is good for every site of the account."""

    site_ids: frozenset[int]
    scope: Scope
    user_id: int | None
    site_id: int | None
    customer_id: str | None


@dataclass
class _Token:
    grant: Grant
    issued_at: float
    uses: int = 0
    dead: bool = False


class Tokens:
    """The opaque tokens in circulation; the switches say how long each is good."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: dict[str, _Token] = {}

    @property
    def issued(self) -> int:
        """How many tokens were handed out."""
        return len(self._tokens)

    def issue(self, grant: Grant, switches: Switches) -> Document:
        """Hand out a new token; returns the login's answer, with the token under `tokenBearerAuth`."""
        text = secrets.token_urlsafe(32)
        now = self._clock.now()
        self._tokens[text] = _Token(grant, now)
        return {
            "id": _FIRST_TOKEN + len(self._tokens),
            "userId": grant.user_id,
            "siteId": grant.site_id,
            "customerId": grant.customer_id,
            "accessScope": grant.scope,
            "tokenAuth": secrets.token_urlsafe(16),
            "tokenBearerAuth": text,
            "expiresUtc": moment(now + switches.token_seconds),
        }

    def spend(self, text: str, switches: Switches) -> Grant | None:
        """Use a token for one request and return what it stands for, or None if it is not good (any more).

        A use counts whatever becomes of the request, so a client that asks again needs a new token to do so.
        """
        token = self._tokens.get(text)
        if token is None:
            return None
        token.uses += 1
        worn = switches.bearer_mode == "single_use" and token.uses > 1
        old = switches.bearer_mode != "forever" and self._clock.now() - token.issued_at >= switches.token_seconds
        return None if worn or old or token.dead else token.grant

    def expire(self) -> None:
        """Make every token that was handed out so far worthless."""
        for token in self._tokens.values():
            token.dead = True
