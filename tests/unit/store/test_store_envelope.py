"""An envelope opens in its own place with its own key, and nowhere else."""

from __future__ import annotations

from dataclasses import astuple, fields, replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_kit import sealer_of

from store.canonical import canonical
from store.envelope import SHORTEST, Place, Sealer, key_id
from store.errors import EnvelopeError
from store.keyring import new_key

HOME = Place("credentials", "T1", "U1", "quivo", "row1")
SECRET = b"canary-3f9a: the api key"
SEALER = sealer_of(new_key())
places = st.builds(Place, *[st.text(max_size=8)] * 5)


def refuses(sealer: Sealer, place: Place, envelope: object) -> bool:
    """Whether opening fails, and with the one error that tells nothing about why."""
    try:
        sealer.open(place, envelope)  # type: ignore[arg-type]
    except EnvelopeError as error:
        quiet = error.__cause__ is None and (error.__suppress_context__ or error.__context__ is None)
        return str(error) == EnvelopeError.safe_text and quiet
    return False


@settings(deadline=None)
@given(place=places, plain=st.binary(max_size=300))
def test_what_is_sealed_opens_to_the_same_bytes(place: Place, plain: bytes) -> None:
    """Any bytes in any place come back unchanged, from an envelope that is longer by a fixed amount."""
    envelope = SEALER.seal(place, plain)
    assert SEALER.open(place, envelope) == plain
    assert len(envelope) == len(plain) + SHORTEST


@settings(deadline=None)
@given(place=places, other=places)
def test_only_the_same_place_opens(place: Place, other: Place) -> None:
    """C2: of two places, an envelope of one opens in the other exactly if they are equal."""
    assert refuses(SEALER, other, SEALER.seal(place, SECRET)) == (place != other)


@settings(deadline=None)
@given(st.lists(st.one_of(st.text(max_size=5), st.binary(max_size=5), st.integers()), max_size=5))
def test_no_two_lists_are_bound_by_the_same_bytes(parts: list[str | bytes | int]) -> None:
    """C2: moving a letter from one part to the next, or joining parts, changes what is bound."""
    assert canonical(*parts) != canonical(*parts, "")
    for at in range(len(parts) - 1):
        left, right = parts[at], parts[at + 1]
        if isinstance(left, str) and isinstance(right, str) and right:
            moved = [*parts[:at], left + right[0], right[1:], *parts[at + 2 :]]
            assert canonical(*parts) != canonical(*moved)


def test_half_a_surrogate_pair_is_bound_too() -> None:
    """A place with text that is no valid Unicode seals and opens instead of failing."""
    odd = replace(HOME, user="\ud800")
    assert SEALER.open(odd, SEALER.seal(odd, SECRET)) == SECRET


def test_an_envelope_is_refused_in_every_other_place() -> None:
    """C2: another user, team, back end, purpose or row, or the same words in another order, opens nothing."""
    envelope = SEALER.seal(HOME, SECRET)
    moved = [replace(HOME, **{field.name: "other"}) for field in fields(Place)]
    swapped = [Place(*order) for order in permutations(astuple(HOME)) if order != astuple(HOME)]
    words = list(astuple(HOME))
    shifts = [[*words[:n], words[n] + words[n + 1][0], words[n + 1][1:], *words[n + 2 :]] for n in range(4)]
    split = [Place(*shift) for shift in shifts]
    assert len({*moved, *swapped, *split} - {HOME}) == 5 + 119 + 4
    assert [place for place in (*moved, *swapped, *split) if not refuses(SEALER, place, envelope)] == []
    assert SEALER.open(HOME, envelope) == SECRET


def test_every_flipped_bit_is_refused() -> None:
    """C3: with any one bit of any byte turned over, nothing opens."""
    envelope = SEALER.seal(HOME, SECRET)
    for position in range(len(envelope)):
        for bit in range(8):
            bent = bytearray(envelope)
            bent[position] ^= 1 << bit
            assert refuses(SEALER, HOME, bytes(bent)), (position, bit)


def test_every_truncation_and_every_addition_is_refused() -> None:
    """C3: shortened at either end to any length, or made longer, nothing opens."""
    envelope = SEALER.seal(HOME, SECRET)
    cut = [envelope[:length] for length in range(len(envelope))]
    beheaded = [envelope[length:] for length in range(1, len(envelope) + 1)]
    longer = [envelope + b"\0", b"\0" + envelope, envelope * 2]
    assert [bent for bent in cut + beheaded + longer if not refuses(SEALER, HOME, bent)] == []


def test_parts_of_two_envelopes_do_not_mix() -> None:
    """C3: the head, nonce or body of one envelope with the rest of another opens nothing."""
    one, other = SEALER.seal(HOME, SECRET), SEALER.seal(HOME, SECRET)
    mixed = {one[:at] + other[at:] for at in range(6, len(one))} - {one, other}
    assert [bent for bent in mixed if not refuses(SEALER, HOME, bent)] == []


def test_keys_that_are_not_on_the_ring_open_nothing() -> None:
    """C4: a missing key, and a wrong key under the right id, are refused."""
    key, other = new_key(), new_key()
    envelope = sealer_of(key).seal(HOME, SECRET)
    assert refuses(sealer_of(other), HOME, envelope)
    assert refuses(sealer_of(key[:9] + other[9:]), HOME, envelope)
    assert sealer_of(other, key).open(HOME, envelope) == SECRET


def test_the_key_id_is_bound() -> None:
    """C4: the same key under another id does not open what it sealed under its own."""
    key = new_key()
    envelope = sealer_of(key).seal(HOME, SECRET)
    relabelled = envelope[:1] + bytes.fromhex("deadbeef") + envelope[5:]
    assert refuses(sealer_of("deadbeef" + key[8:]), HOME, relabelled)


@pytest.mark.parametrize("version", [0, 2, 3, 128, 255])
def test_unknown_versions_are_refused(version: int) -> None:
    """C4: an envelope of a version that we do not know is not tried."""
    envelope = SEALER.seal(HOME, SECRET)
    assert refuses(SEALER, HOME, bytes([version]) + envelope[1:])
    assert key_id(bytes([version]) + envelope[1:]) is None


@pytest.mark.parametrize(
    "plain", [b"", SECRET, SECRET.decode(), SECRET * 9, None, 7, 1.5, bytearray(SECRET), "\x01" * 60]
)
def test_plain_text_is_refused(plain: object) -> None:
    """C4: what is no envelope is refused, never handed back as if it were the secret."""
    assert refuses(SEALER, HOME, plain)
    assert key_id(plain) is None


def test_an_envelope_names_the_primary_key_and_shows_nothing_else() -> None:
    """New envelopes are sealed with the ring's first key, and the plain text is not in them."""
    old, new = new_key(), new_key()
    sealer = sealer_of(new, old)
    envelope = sealer.seal(HOME, SECRET)
    assert (key_id(envelope), sealer.primary) == (new[:8], new[:8])
    assert SECRET not in envelope
    assert len({sealer.seal(HOME, SECRET) for _ in range(50)}) == 50


def test_a_million_envelopes_have_a_million_nonces() -> None:
    """C5: 1,000,000 encryptions, 0 nonces used twice."""
    seal, place = SEALER.seal, Place("", "", "", "", "")
    assert len({seal(place, b"")[5:17] for _ in range(1_000_000)}) == 1_000_000
