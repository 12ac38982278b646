"""The quota of a site: so many requests a second, and some at once (`apis/qpilot.md` §3.3, our assumption)."""

from sandbox.clock import Clock
from sandbox.qpilot.switches import Switches


class Bucket:
    """One site's allowance; it fills as the clock goes on, up to the burst."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._spent = 0.0
        self._at = clock.now()

    def take(self, switches: Switches) -> bool:
        """Count one request and say whether it is within the quota; a refused one counts for nothing."""
        now = self._clock.now()
        self._spent = max(0.0, self._spent - max(0.0, now - self._at) * switches.rate_per_second)
        self._at = now
        if switches.rate_limit and self._spent + 1 > switches.rate_burst:
            return False
        self._spent += 1 if switches.rate_limit else 0
        return True
