"""Facts about the cryptography package that the envelope is built on (DESIGN.md §5, CHECKS H1)."""

from __future__ import annotations

import os

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def test_fernet_does_not_know_whose_row_it_is_in() -> None:
    """M: a Fernet token of one person opens just as well where another person's should be."""
    fernet = Fernet(Fernet.generate_key())
    rows = {"ada": fernet.encrypt(b"ada's"), "ben": fernet.encrypt(b"ben's")}
    rows["ada"] = rows["ben"]
    assert fernet.decrypt(rows["ada"]) == b"ben's"


def test_aesgcm_refuses_what_was_sealed_for_another_row() -> None:
    """M: with the row as associated data, the same swap is refused."""
    cipher, nonce = AESGCM(AESGCM.generate_key(256)), os.urandom(12)
    sealed = cipher.encrypt(nonce, b"ben's", b"row of ben")
    assert cipher.decrypt(nonce, sealed, b"row of ben") == b"ben's"
    with pytest.raises(InvalidTag):
        cipher.decrypt(nonce, sealed, b"row of ada")
