"""The one clock that all stand-ins share, so that an hour can pass in a test without anybody waiting."""

import time


class Clock:
    """Real time plus an offset that a test or the control panel moves.

    Times are epoch seconds. The offset never stops the clock: between two reads real time still passes.
    """

    def __init__(self) -> None:
        self._offset = 0.0

    def now(self) -> float:
        """Return the stand-ins' time in epoch seconds."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        """Move the clock by `seconds`; a negative number moves it back."""
        self._offset += seconds
