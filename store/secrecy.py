"""What an object that holds a secret must refuse: to be shown, copied or written down (C10)."""

from __future__ import annotations

from typing import NoReturn, SupportsIndex


class Unspeakable:
    """A base without a ``__dict__``: says only its class name, and refuses pickle, copy and deepcopy with TypeError."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, hidden>"

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds a secret and is not copied or written down")

    def __getstate__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds a secret and is not copied or written down")
