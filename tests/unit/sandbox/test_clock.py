"""The stand-ins' clock."""

import time

import pytest

from sandbox.clock import Clock


def test_a_new_clock_shows_real_time() -> None:
    """A clock that nobody moved lies between two readings of the real one."""
    before = time.time()
    shown = Clock().now()
    assert before <= shown <= time.time()


@pytest.mark.parametrize("seconds", [3600.0, 0.5, -7200.0])
def test_the_clock_moves_by_what_it_is_told(seconds: float) -> None:
    """Advancing shifts the shown time by exactly that much, forwards and backwards."""
    clock = Clock()
    clock.advance(seconds)
    before = time.time()
    shown = clock.now()
    assert before <= shown - seconds + 1e-3
    assert shown - seconds <= time.time() + 1e-3


def test_moves_add_up_and_stay_with_their_clock() -> None:
    """Two moves are summed, and another clock does not notice them."""
    moved, other = Clock(), Clock()
    moved.advance(100)
    moved.advance(-40)
    assert moved.now() - other.now() == pytest.approx(60, abs=1)
