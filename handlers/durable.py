"""What runs when something is due, by the kind of its occurrence (DESIGN.md §6)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from handlers import cancelling, checking, digest_running, importing, leaving, watching
from handlers.context import Services
from operations.durable import Finished, Later
from store.occurrences import Occurrence

Runner = Callable[[Services, Occurrence], Awaitable[Finished | Later]]

RUNNERS: Mapping[str, Runner] = {
    **cancelling.RUNNERS,
    **checking.RUNNERS,
    **digest_running.RUNNERS,
    **importing.RUNNERS,
    **leaving.RUNNERS,
    **watching.RUNNERS,
}


def runners(services: Services) -> dict[str, Callable[[Occurrence], Awaitable[Finished | Later]]]:
    """The runners with their ports."""
    return {kind: partial(runner, services) for kind, runner in RUNNERS.items()}
