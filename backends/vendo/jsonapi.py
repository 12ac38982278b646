"""The documents that Vendo answers with: resources, what they relate to, and what came along (apis/vendo.md §4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import PrivateAttr, TypeAdapter, ValidationError

from backends.wire import Maybe, Several, Text, Whole, Wire

_MOST_FOLLOWED = 20_000


class Resource(Wire):
    """One resource; ``id`` is None in estimates, ids are opaque texts (apis/vendo.md §1)."""

    id: Text = None
    type: Text = None
    attributes: Maybe[dict[str, Any]] = None
    relationships: Maybe[dict[str, Any]] = None
    _related: dict[str, tuple[tuple[str, str], ...]] = PrivateAttr(default_factory=dict)

    def related(self, name: str) -> tuple[tuple[str, str], ...]:
        """Type and id of each resource in a relationship, whether it is to one or to many."""
        if name in self._related:
            return self._related[name]
        relation = (self.relationships or {}).get(name)
        data = relation.get("data") if isinstance(relation, dict) else None
        refs = (_reference(one) for one in (data if isinstance(data, list) else [data]))
        self._related[name] = tuple(dict.fromkeys(ref for ref in refs if ref is not None))
        return self._related[name]

    def related_id(self, name: str) -> str | None:
        """The id of the first resource in a relationship."""
        return next((identifier for _, identifier in self.related(name)), None)


class Meta(Wire):
    """What a list says about itself; it is the only way to see its end, since ``links.next`` is never null (§4.3)."""

    total_count: Whole = None
    total_pages: Whole = None


class Document(Wire):
    """A whole answer; ``data`` is one resource or a list."""

    data: Resource | list[Resource]
    included: Several[Resource] = ()
    meta: Maybe[Meta] = None

    def one(self) -> Resource:
        """The one resource; raises ValueError for a list."""
        if isinstance(self.data, list):
            raise ValueError("a list came where one resource was asked for")
        return self.data

    def many(self) -> list[Resource]:
        """The resources of a list; raises ValueError for a single one."""
        if not isinstance(self.data, list):
            raise ValueError("one resource came where a list was asked for")
        return self.data

    def index(self) -> Included:
        """What came along, by type and id."""
        return Included({(one.type, one.id): one for one in self.included if one and one.type and one.id})

    def pages(self) -> tuple[int, int]:
        """Pages and resources in all; what the list does not say is what can be seen."""
        shown, meta = len(self.many()), self.meta or Meta()
        count = shown if meta.total_count is None else max(meta.total_count, 0)
        return (min(1, shown) if meta.total_pages is None else max(meta.total_pages, 0)), count


class Included:
    """Resources that came along with others."""

    def __init__(self, found: dict[tuple[str, str], Resource]) -> None:
        self._found = found
        self._left = _MOST_FOLLOWED

    def of(self, resource: Resource, name: str) -> Iterator[Resource]:
        """Those of a relationship that came along, in its order; ValueError once too much was followed.

        Resources can name each other, so a short document could be read for hours.
        """
        refs = resource.related(name)
        self._left -= 1 + len(refs)
        if self._left < 0:
            raise ValueError("too many resources to follow")
        return (self._found[ref] for ref in refs if ref in self._found)

    def first(self, resource: Resource, name: str) -> Resource | None:
        """The first of a relationship that came along."""
        return next(self.of(resource, name), None)


_REFERENCE = TypeAdapter(Resource)


def _reference(data: Any) -> tuple[str, str] | None:
    try:
        one = _REFERENCE.validate_python(data)
    except ValidationError:
        return None
    return (one.type, one.id) if one.type and one.id else None
