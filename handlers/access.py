"""Who may do what: one pure decision, used for every delivery and for what help shows (CHECKS B1, B2, B5)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is in the workspace; UNKNOWN when Slack would not say, and then nothing is allowed."""

    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"
    OUTSIDER = "outsider"
    BOT = "bot"
    DEACTIVATED = "deactivated"
    UNKNOWN = "unknown"


MEMBERS = frozenset({Role.ADMIN, Role.MEMBER})

_WHY = {
    Role.GUEST: "Guests can't use Shipclerk. Ask a full member of this workspace.",
    Role.OUTSIDER: "This Shipclerk belongs to another company, so its buttons and commands don't work for you.",
    Role.BOT: "Shipclerk acts for people only.",
    Role.DEACTIVATED: "This account is deactivated, so Shipclerk does nothing for it.",
    Role.UNKNOWN: "Slack did not tell me who you are just now, so I did nothing. Please try again in a minute.",
    Role.MEMBER: "Only admins of this workspace may do this.",
    Role.ADMIN: "Nobody in this workspace may do this.",
}


@dataclass(frozen=True)
class Verdict:
    """Allowed, or the sentence that says why not."""

    allowed: bool
    why: str = ""


def decide(role: Role, allowed: Collection[Role] = MEMBERS) -> Verdict:
    """Whether somebody of this role may do something that these roles may do; the default is no."""
    if role in allowed:
        return Verdict(True)
    return Verdict(False, _WHY[role])


def role_of(user: dict[str, object]) -> Role:
    """The role in a ``users.info`` user (apis/slack.md §4); the most restricted reading wins."""
    checks = (
        ("deleted", Role.DEACTIVATED),
        ("is_bot", Role.BOT),
        ("is_stranger", Role.OUTSIDER),
        ("is_ultra_restricted", Role.GUEST),
        ("is_restricted", Role.GUEST),
        ("is_admin", Role.ADMIN),
        ("is_owner", Role.ADMIN),
    )
    return next((role for flag, role in checks if user.get(flag)), Role.MEMBER)
