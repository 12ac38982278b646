"""One-time codes and token pairs of signed-in customers (seed 003, `apis/vendo.md` §2)."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from sandbox.clock import Clock
from sandbox.vendo.customers import Customer

CODE_SECONDS = 600.0
CODE_TRIES = 5
ACCESS_SECONDS = 2_678_400


@dataclass
class _Code:
    text: str = field(repr=False)
    at: float
    tries: int = CODE_TRIES


class Codes:
    """The codes that were sent: each lives ten minutes, works once and bears five tries; a new one voids the old."""

    def __init__(self, clock: Clock, make: Callable[[], str]) -> None:
        self._clock = clock
        self._make = make
        self._codes: dict[str, _Code] = {}

    def send(self, email: str) -> str:
        """Make a code for this e-mail and return it."""
        code = _Code(self._make(), self._clock.now())
        self._codes[email] = code
        return code.text

    def use(self, email: str, text: str) -> bool:
        """Say whether this is the code, and spend it; a wrong one costs a try."""
        code = self._codes.get(email)
        if code is None or self._clock.now() - code.at >= CODE_SECONDS or code.tries == 0:
            return False
        if code.text != text:
            code.tries -= 1
            return False
        del self._codes[email]
        return True


@dataclass(frozen=True)
class Pair:
    """An access token with its refresh token; in Vendo's database they are one row."""

    customer: Customer = field(repr=False)
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    created_at: int
    expired: bool = False
    revoked: bool = False
    refreshed: bool = False


class Tokens:
    """Every pair that was handed out: an access token lives 31 days by the clock, a refresh token until it is used."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pairs: list[Pair] = []

    def issue(self, customer: Customer) -> Pair:
        """Hand out a new pair."""
        pair = Pair(customer, secrets.token_urlsafe(32), secrets.token_urlsafe(32), int(self._clock.now()))
        self._pairs.append(pair)
        return pair

    def holder(self, access: str) -> Customer | Literal["expired", "revoked"] | None:
        """Return whose access token this is, or why it is worth nothing; None for a text that never was one."""
        pair = next((pair for pair in self._pairs if pair.access == access), None)
        if pair is None:
            return None
        if pair.revoked:
            return "revoked"
        if pair.expired or self._clock.now() - pair.created_at >= ACCESS_SECONDS:
            return "expired"
        return pair.customer

    def refresh(self, customer: Customer, refresh: str, *, revoke_old: bool) -> Pair | None:
        """Return a new pair for a refresh token that is alive and this customer's, and make the old one worthless."""
        for place, pair in enumerate(self._pairs):
            dead = pair.revoked or pair.refreshed or pair.customer is not customer
            if pair.refresh == refresh and not dead:
                self._pairs[place] = replace(pair, refreshed=True, revoked=revoke_old)
                return self.issue(customer)
        return None

    def revoke(self, token: str) -> None:
        """Revoke the pair that this is either half of; a text that never was a token is no error."""
        self._pairs = [replace(p, revoked=True) if token in (p.access, p.refresh) else p for p in self._pairs]

    def revoke_all(self) -> None:
        """Revoke every pair that was handed out so far."""
        self._pairs = [replace(pair, revoked=True) for pair in self._pairs]

    def expire(self) -> None:
        """Expire every access token that was handed out so far; the refresh tokens stay alive."""
        self._pairs = [replace(pair, expired=True) for pair in self._pairs]


def six_digits() -> str:
    """Return a random code."""
    return f"{secrets.randbelow(1_000_000):06}"
