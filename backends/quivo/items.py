"""What lies in a warehouse, to choose the lines of an order from (apis/quivo.md §8)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import TypeAdapter

from backends.quivo.query import quoted
from backends.wire import DEFERRED, Text, Whole, Wire

_WORDS = re.compile(r"[^\W_]{1,40}")
_MOST_WORDS = 5


@dataclass(frozen=True)
class Item:
    """One kind of goods in a warehouse; ``quantity`` is what can be sold, as far as Quivo says."""

    sku: str
    name: str | None = None
    quantity: int | None = None


class ItemWire(Wire):
    """One row of the stock list; all of it may be missing."""

    sku: Text = None
    name: Text = None
    quantity: Whole = None
    articleDeletedAt: Text = None

    def to_item(self) -> Item | None:
        """The item in Shipclerk's words; None without a SKU, or if its article was deleted."""
        return Item(self.sku, self.name, self.quantity) if self.sku and not self.articleDeletedAt else None


ITEMS = TypeAdapter(list[ItemWire], config=DEFERRED)


def render(text: str) -> str:
    """A search for what somebody has typed so far of SKU or name; nothing typed finds everything that is not deleted.

    Each word may begin a word of the name or stand anywhere in the SKU; letters and digits alone can end nothing, and
    whatever else was typed counts only inside of quotes (apis/quivo.md §4, *Security*).
    """
    return f"{_wanted(text.strip())} AND NOT _exists_:articleDeletedAt"


def _wanted(text: str) -> str:
    if not text:
        return "_exists_:sku"
    found = [f"sku:{quoted(text)}", f"name:{quoted(text)}"]
    words = _WORDS.findall(text)[:_MOST_WORDS]
    if words:
        found.append(f"({' AND '.join(_either(word) for word in words)})")
    return f"({' OR '.join(found)})"


def _either(word: str) -> str:
    skus = sorted({word, word.upper()})
    return f"(name:{word}* OR {' OR '.join(f'sku:*{sku}*' for sku in skus)})"
