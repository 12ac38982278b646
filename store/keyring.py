"""The vault's keys: one primary that seals, older ones that still open (DESIGN §6)."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from store.errors import KeyRingError
from store.files import read_private
from store.secrecy import Unspeakable

_SHAPE = re.compile(r"([0-9a-f]{8}):([A-Za-z0-9_-]{43}=?)", re.ASCII)
_LENGTH = 32
_DISTINCT = 16  # 32 random bytes have fewer distinct values about once in 10^18 keys; a hand-made key often has

NO_KEYS = "No vault key is set. Make one with: python -m bot keys new"
BLANK_KEY = "One of the vault's keys is blank."
MALFORMED = "A vault key is malformed. Make one with: python -m bot keys new"
WEAK = "A vault key is too weak: it was not made at random. Make one with: python -m bot keys new"
TWICE = "Two of the vault's keys have the same id or are the same key."


class Key(Unspeakable):
    """One 256-bit key and its id (8 hex digits); immutable, and shows only the id."""

    __slots__ = ("_id", "_secret")

    def __init__(self, id: str, secret: bytes) -> None:
        self._id = id
        self._secret = secret

    @property
    def id(self) -> str:
        """The 8 hex digits that an envelope names its key by."""
        return self._id

    @property
    def secret(self) -> bytes:
        """The 32 bytes; hand them to the cipher and to nothing else."""
        return self._secret

    def __repr__(self) -> str:
        return f"<Key {self._id}, hidden>"


class KeyRing(Unspeakable):
    """The newest key first; immutable. Raises KeyRingError when empty or when two keys are alike."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Iterable[Key]) -> None:
        self._keys = tuple(keys)
        if not self._keys:
            raise KeyRingError(NO_KEYS)
        if min(len({key.id for key in self._keys}), len({key.secret for key in self._keys})) < len(self._keys):
            raise KeyRingError(TWICE)

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """Reads ``<id>:<base64url of 32 bytes>``, newest first, between commas; KeyRingError names the flaw, no key."""
        keys, flaw = _read(text)
        del text  # a traceback that shows locals must not show the keys
        if flaw:
            raise KeyRingError(flaw)
        return cls(keys)

    @classmethod
    def from_file(cls, path: Path) -> KeyRing:
        """The same from a file of ours with mode 0600 (else Unsafe); lines may stand in for commas."""
        return cls.parse(",".join(read_private(path).split()).replace(",,", ","))

    @property
    def primary(self) -> Key:
        """The key that seals."""
        return self._keys[0]

    @property
    def others(self) -> tuple[Key, ...]:
        """Older keys, which only open."""
        return self._keys[1:]

    def __repr__(self) -> str:
        return f"<KeyRing {', '.join(key.id for key in self._keys)}, hidden>"


def new_key() -> str:
    """A fresh random key in its text form."""
    while True:
        secret = secrets.token_bytes(_LENGTH)
        if not _weak(secret):
            return f"{secrets.token_hex(4)}:{base64.urlsafe_b64encode(secret).decode('ascii').rstrip('=')}"


def _read(text: str) -> tuple[list[Key], str]:
    if not text.strip():
        return [], NO_KEYS
    keys: list[Key] = []
    for item in text.split(","):
        key, flaw = _read_one(item.strip())
        if key is None:
            return [], flaw
        keys.append(key)
    return keys, ""


def _read_one(item: str) -> tuple[Key | None, str]:
    if not item:
        return None, BLANK_KEY
    found = _SHAPE.fullmatch(item)
    secret = _decoded(found[2]) if found else None
    if not found or secret is None:
        return None, MALFORMED
    return (None, WEAK) if _weak(secret) else (Key(found[1], secret), "")


def _decoded(text: str) -> bytes | None:
    bare = text.rstrip("=")
    try:
        secret = base64.b64decode(bare + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    exact = base64.urlsafe_b64encode(secret).decode("ascii").rstrip("=") == bare  # one spelling per key
    return secret if exact and len(secret) == _LENGTH else None


def _weak(secret: bytes) -> bool:
    """A pass phrase, a counter or a repeated byte; plain ASCII happens to a random key once in 4 billion."""
    return len(set(secret)) < _DISTINCT or max(secret) < 0x80
