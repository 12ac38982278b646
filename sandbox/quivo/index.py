"""The lag of Quivo's lists: they are fed asynchronously, so for a while they show what an order was before a change."""

from sandbox.quivo.fields import Document


class Index:
    """The earlier states of each order with the time at which each was replaced (assumption of `apis/quivo.md` §4)."""

    def __init__(self) -> None:
        self._replaced: dict[int, list[tuple[float, Document | None]]] = {}

    def replaced(self, order_id: int, before: Document | None, at: float) -> None:
        """Remember what an order was until `at`; None if it did not exist."""
        self._replaced.setdefault(order_id, []).append((at, before))

    def known(self, order_id: int, current: Document, now: float, lag: float) -> Document | None:
        """Return the order as lists show it: as it was before the first change that is younger than `lag` seconds.

        A change that lies in the future, because the clock was moved back, is shown at once.
        """
        for at, before in self._replaced.get(order_id, ()):
            if 0 <= now - at < lag:
                return before
        return current
