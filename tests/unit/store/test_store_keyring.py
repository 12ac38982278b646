"""The key ring takes good keys and nothing else."""

from __future__ import annotations

import base64
import itertools
import os
from pathlib import Path

import pytest

from store.errors import KeyRingError, Missing, StoreError, Unsafe
from store.keyring import BLANK_KEY, MALFORMED, NO_KEYS, TWICE, WEAK, KeyRing, new_key


def text_of(secret: bytes, id: str = "0a1b2c3d") -> str:
    return f"{id}:{base64.urlsafe_b64encode(secret).decode()}"


def refusal(text: str) -> str:
    with pytest.raises(KeyRingError) as caught:
        KeyRing.parse(text)
    return caught.value.safe_text


def test_new_keys_are_read_back_newest_first() -> None:
    """A ring made of fresh keys has the first one as primary and keeps the order of the others."""
    texts = [new_key() for _ in range(3)]
    ring = KeyRing.parse(" , ".join(texts))
    found = [
        (key.id, base64.urlsafe_b64encode(key.secret).decode().rstrip("=")) for key in (ring.primary, *ring.others)
    ]
    assert found == [tuple(text.split(":")) for text in texts]
    assert {len(key.secret) for key in (ring.primary, *ring.others)} == {32}


def test_new_key_has_the_documented_form() -> None:
    """A fresh key is 8 hex digits, a colon and 43 letters of base64url, and no two are alike."""
    texts = {new_key() for _ in range(200)}
    assert len({text.split(":")[0] for text in texts}) == len({text.split(":")[1] for text in texts}) == 200
    assert {(len(text), text[8]) for text in texts} == {(52, ":")}


def test_padding_may_be_written_or_left_out() -> None:
    """The same key with and without its closing equals sign is the same secret."""
    text = new_key()
    assert KeyRing.parse(text).primary.secret == KeyRing.parse(text + "=").primary.secret


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_no_key_is_refused(text: str) -> None:
    """A1: a blank setting is said to be no key at all."""
    assert refusal(text) == NO_KEYS


@pytest.mark.parametrize("text", ["{key},", ",{key}", "{key},,{other}", "{key}, ,{other}"])
def test_a_blank_key_among_others_is_refused(text: str) -> None:
    """A1: a stray comma does not silently drop a key."""
    assert refusal(text.format(key=new_key(), other=new_key())) == BLANK_KEY


@pytest.mark.parametrize(
    "text",
    [
        "password",
        "correct horse battery staple and more",
        "0a1b2c3d",
        "0a1b2c3d:",
        "0A1B2C3D:" + new_key()[9:],
        "0a1b2c3:" + new_key()[9:],
        "0a1b2c3d4:" + new_key()[9:],
        "xxxxxxxx:" + new_key()[9:],
        new_key()[:-1],
        new_key() + "A",
        new_key() + "==",
        new_key()[:-1] + "+",
        new_key()[:20] + "/" + new_key()[21:],
        new_key()[:20] + "é" + new_key()[21:],
        text_of(os.urandom(31)),
        text_of(os.urandom(33)),
        text_of(os.urandom(16)),
        "0a1b2c3d:" + os.urandom(32).hex(),
        f"0a1b2c3d:{'A' * 42}B",
    ],
    ids=itertools.count(),
)
def test_malformed_keys_are_refused(text: str) -> None:
    """A1: wrong length, wrong alphabet, wrong id, pass phrase or a second spelling is no key."""
    assert refusal(text) == MALFORMED
    assert refusal(f"{new_key()},{text}") == MALFORMED


@pytest.mark.parametrize(
    "secret",
    [
        bytes(32),
        b"\xff" * 32,
        b"\x80\xff" * 16,
        bytes(range(128, 143)) * 2 + b"\x80\x81",
        bytes(range(32)),
        b"correct horse battery staple 12!",
    ],
)
def test_weak_keys_are_refused(secret: bytes) -> None:
    """A1: one byte repeated, fewer than 16 different bytes, a counter and a pass phrase are weak."""
    assert len(secret) == 32
    assert refusal(text_of(secret)) == WEAK


def test_sixteen_different_bytes_are_enough() -> None:
    """The bar for variety lies at exactly 16 different bytes, so that no honest random key is refused."""
    assert KeyRing.parse(text_of(bytes(range(128, 144)) * 2)).others == ()


def test_the_same_id_or_the_same_key_twice_is_refused() -> None:
    """A ring in which an envelope's key id is ambiguous, or a rotation would change nothing, is refused."""
    one, other = os.urandom(31) + b"\xff", os.urandom(31) + b"\xfe"
    assert refusal(f"{text_of(one)},{text_of(other)}") == TWICE
    assert refusal(f"{text_of(one)},{text_of(one, id='ffffffff')}") == TWICE
    with pytest.raises(KeyRingError):
        KeyRing([])


@pytest.mark.parametrize("between", [",", "\n", ",\n", " \n "])
def test_a_private_key_file_is_read(tmp_path: Path, between: str) -> None:
    """A file of mode 0600 may hold its keys between commas or one a line."""
    file, texts = tmp_path / "keys", [new_key(), new_key()]
    file.write_text(between.join(texts) + "\n")
    file.chmod(0o600)
    ring = KeyRing.from_file(file)
    assert [key.id for key in (ring.primary, *ring.others)] == [text[:8] for text in texts]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o610])
def test_an_open_key_file_is_refused(tmp_path: Path, mode: int) -> None:
    """C9: a key file that anybody else could read or write is not read."""
    file = tmp_path / "keys"
    file.write_text(new_key())
    file.chmod(mode)
    with pytest.raises(Unsafe, match="chmod 600"):
        KeyRing.from_file(file)


def test_a_linked_odd_or_missing_key_file_is_refused(tmp_path: Path) -> None:
    """C9: a symbolic link, a folder and nothing at all are no key file."""
    real = tmp_path / "real"
    real.write_text(new_key())
    real.chmod(0o600)
    (tmp_path / "link").symlink_to(real)
    (tmp_path / "folder").mkdir(mode=0o700)
    refused: list[tuple[str, type[StoreError]]] = [("link", Unsafe), ("folder", Unsafe), ("none", Missing)]
    for name, error in refused:
        with pytest.raises(error):
            KeyRing.from_file(tmp_path / name)


def test_an_empty_key_file_is_refused(tmp_path: Path) -> None:
    """A1: an empty file holds no key, and says so."""
    file = tmp_path / "keys"
    file.touch(mode=0o600)
    with pytest.raises(KeyRingError, match="keys new"):
        KeyRing.from_file(file)
