"""Who may agree to another person's change, and for how long (CHECKS B4)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest

from operations.accounts import CREDENTIALS, NOT_CONNECTED, QUIVO, SESSION, Accounts, Actor
from operations.changes import EXPIRED, WAITING, due_at, move
from operations.outcome import Reason, Refused
from operations.ports import Ports
from store.ledger import Action

APPROVE_WITHIN = timedelta(minutes=30)
EXPIRE = "cancel.expire"

OWN = Refused(Reason.NO, "You asked for this yourself, so somebody else must agree.")
SAME_ACCOUNT = Refused(
    Reason.NO, "You use the same Quivo account as the person who asked, so somebody else must agree."
)
NOT_TOLD_APART = Refused(
    Reason.NO,
    "I can't tell your Quivo account from that of the person who asked, because one of you did not let me keep the "
    "password. Connect again and let me keep it, or ask somebody else.",
)


@dataclass(frozen=True)
class Marks:
    """What tells two accounts apart: hashes of the API key and, where credentials are kept, of the user name."""

    api_key: bytes
    username: bytes | None


def may_approve(accounts: Accounts, requester: Actor, approver: Actor) -> Refused | None:
    """Why this person may not agree, or None: never the requester, never the requester's account at the back end."""
    if approver.user == requester.user or approver.team != requester.team:
        return OWN
    theirs = marks(accounts, approver)
    if theirs is None:
        return NOT_CONNECTED
    return same_account(marks(accounts, requester), theirs)


def same_account(one: Marks | None, other: Marks) -> Refused | None:
    """Compare two accounts; where a user name is not known they count as the same (fail closed)."""
    if one is None:
        return None  # the requester has disconnected: sending it will be refused, whoever agrees
    if one.username is not None and other.username is not None:
        return SAME_ACCOUNT if compare_digest(one.username, other.username) else None
    return SAME_ACCOUNT if compare_digest(one.api_key, other.api_key) else NOT_TOLD_APART


def marks(accounts: Accounts, actor: Actor) -> Marks | None:
    """The marks of a person's account, or None without a connection; no secret leaves this function."""
    connection = accounts.vault.connection(actor.team, actor.user, QUIVO)
    if connection is None:
        return None
    packed = accounts.vault.secret(connection, CREDENTIALS) or accounts.vault.secret(connection, SESSION)
    if packed is None:
        return None
    kept = json.loads(packed)
    username = kept.get("username")
    return Marks(_hash(kept["api_key"]), None if username is None else _hash(username.strip().casefold()))


async def expire_if_late(ports: Ports, action: Action, ref: str) -> Action | None:
    """Close a request whose thirty minutes are over, by the clock; None if it is not that late."""
    until = due_at(action)
    if action.state != WAITING or until is None or ports.now() < until:
        return None
    return await move(ports, action, EXPIRED, ref, expect=(WAITING,))


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
