"""Text that must not leak: it shows as dots and refuses to be copied, pickled or written as JSON (check C10)."""

from __future__ import annotations

from hmac import compare_digest
from typing import NoReturn


class Unportable:
    """A base for what holds secrets: it can be neither copied nor pickled, so it stays where it was put."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds a secret and cannot be copied or pickled")

    def __copy__(self) -> NoReturn:
        self.__reduce_ex__(None)

    def __deepcopy__(self, memo: object) -> NoReturn:
        self.__reduce_ex__(None)


class Secret(Unportable):
    """One secret text; ``reveal`` is the only way to read it, so that readers can be searched for."""

    __slots__ = ("__text",)

    def __init__(self, text: str | Secret) -> None:
        self.__text: str = text.reveal() if isinstance(text, Secret) else text

    def reveal(self) -> str:
        """The text itself, for the wire or the vault only."""
        return self.__text

    def fits_a_header(self) -> bool:
        """True if it can be the value of an HTTP header: not empty, printable ASCII, no space at either end."""
        text = self.__text
        return text.isascii() and text.isprintable() and text == text.strip() != ""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return compare_digest(_raw(self), _raw(other))

    def __hash__(self) -> int:
        return hash(self.__text)

    def __repr__(self) -> str:
        return "Secret(…)"


def _raw(secret: Secret) -> bytes:
    return secret.reveal().encode(errors="surrogatepass")
