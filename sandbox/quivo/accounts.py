"""Who may call this Quivo: demo accounts, and the session tokens that a login hands out."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from sandbox.clock import Clock

TOKEN_SECONDS = 3600.0


@dataclass(frozen=True)
class Account:
    """A person with a static key and the sellers whose orders they see."""

    api_key: str = field(repr=False)
    username: str
    password: str = field(repr=False)
    seller_ids: frozenset[int]


ADA = Account("demo-key", "ada", "demo-pass", frozenset({12}))
BOB = Account("demo-key-2", "bob", "demo-pass-2", frozenset({34}))


@dataclass(frozen=True)
class _Session:
    account: Account
    issued_at: float


class Tokens:
    """The opaque tokens in circulation: each lives an hour (seed 000), and a new login leaves older ones be."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sessions: dict[str, _Session] = {}

    def issue(self, account: Account) -> str:
        """Hand out a new token for `account`."""
        token = secrets.token_urlsafe(32)
        self._sessions[token] = _Session(account, self._clock.now())
        return token

    def holder(self, token: str) -> Account | Literal["expired", "unknown"]:
        """Return whose token this is, or why it is worth nothing.

        A clock that was moved back does not expire a token: it is then younger than when it was issued.
        """
        session = self._sessions.get(token)
        if session is None:
            return "unknown"
        return session.account if self._clock.now() - session.issued_at < TOKEN_SECONDS else "expired"

    def expire(self) -> None:
        """Expire every token that was issued so far, wherever the clock is moved afterwards."""
        for token, session in self._sessions.items():
            self._sessions[token] = _Session(session.account, float("-inf"))


def by_key(accounts: Iterable[Account], api_key: str | None) -> Account | None:
    """Return the account with this static key, or None."""
    return next((account for account in accounts if account.api_key == api_key), None)
