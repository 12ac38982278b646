"""Sealing with AES-256-GCM, bound to a place: an envelope opens only where it was sealed (DESIGN §4.2, §6).

On disk: version (1 byte) | key id (4) | nonce (12, random) | ciphertext and tag (16 more than the plain text).
Bound to it, unwritten: version, key id, purpose, team, user, back end, row.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store.canonical import canonical
from store.errors import EnvelopeError
from store.keyring import KeyRing
from store.secrecy import Unspeakable

_VERSION = b"\x01"
_ID_END = 5
_NONCE_END = 17
SHORTEST = _NONCE_END + 16


@dataclass(frozen=True)
class Place:
    """Where an envelope belongs: what it is for, whose it is, and the row that holds it; parts may be empty."""

    purpose: str
    team: str
    user: str
    back_end: str
    row: str


class Sealer(Unspeakable):
    """Seals with the ring's primary key, opens with any key on the ring; safe to share between threads."""

    __slots__ = ("_ciphers", "_primary")

    def __init__(self, ring: KeyRing) -> None:
        self._ciphers = {bytes.fromhex(key.id): AESGCM(key.secret) for key in (ring.primary, *ring.others)}
        self._primary = bytes.fromhex(ring.primary.id)

    @property
    def primary(self) -> str:
        """The id of the key that seals."""
        return self._primary.hex()

    def seal(self, place: Place, plain: bytes) -> bytes:
        """The envelope of some bytes, for this place only."""
        head, nonce = _VERSION + self._primary, os.urandom(_NONCE_END - _ID_END)
        return head + nonce + self._ciphers[self._primary].encrypt(nonce, plain, _bound(head, place))

    def open(self, place: Place, envelope: bytes) -> bytes:
        """The bytes that were sealed for this place; EnvelopeError, always the same, for everything else."""
        if key_id(envelope) is None:
            raise EnvelopeError()
        head, nonce = envelope[:_ID_END], envelope[_ID_END:_NONCE_END]
        cipher = self._ciphers.get(head[1:])
        if cipher is None:
            raise EnvelopeError()
        try:
            return cipher.decrypt(nonce, envelope[_NONCE_END:], _bound(head, place))
        except InvalidTag:
            raise EnvelopeError() from None


def key_id(envelope: object) -> str | None:
    """Which key an envelope names, without opening it; None for whatever is no envelope of ours (plain text, say)."""
    if not isinstance(envelope, bytes) or len(envelope) < SHORTEST or envelope[:1] != _VERSION:
        return None
    return envelope[1:_ID_END].hex()


def _bound(head: bytes, place: Place) -> bytes:
    return canonical(head, place.purpose, place.team, place.user, place.back_end, place.row)
