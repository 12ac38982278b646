"""Every request that reached the stand-in, so that a test can count what was really sent."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass
class Seen:
    """One request; `status` is None while it is under way, and stays so when the connection was dropped unanswered.

    `path` and `query` are decoded; `headers` is case-insensitive. Headers and body may hold secrets, so `repr`
    leaves them out.
    """

    at: float
    method: str
    path: str
    query: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    status: int | None = None


class Journal:
    """The requests in the order of their arrival, and a way to wait for one."""

    def __init__(self) -> None:
        self.requests: list[Seen] = []
        self._waiting: set[asyncio.Event] = set()

    def note(self, seen: Seen) -> None:
        """Add a request and wake whoever waits for one."""
        self.requests.append(seen)
        self.changed()

    def changed(self) -> None:
        """Wake everybody who waits in `until`."""
        for event in self._waiting:
            event.set()

    def count(self, method: str, path_prefix: str) -> int:
        """Count the requests with this method (`*`: any) whose path begins with `path_prefix`."""
        return sum(method in ("*", seen.method) and seen.path.startswith(path_prefix) for seen in self.requests)

    async def until(self, predicate: Callable[[], bool], timeout: float = 5.0) -> None:  # noqa: ASYNC109 - a test's bound
        """Wait until `predicate` holds, looking again at every arrival and answer; TimeoutError after `timeout` s."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            async with asyncio.timeout(timeout):
                while not predicate():
                    await event.wait()
                    event.clear()
        finally:
            self._waiting.discard(event)
