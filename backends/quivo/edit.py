"""What can be changed about an order that is being processed (seed 002, apis/quivo.md §5.4)."""

from __future__ import annotations

from dataclasses import dataclass

from backends.errors import FieldError
from backends.quivo.limits import MAX_LENGTH
from backends.quivo.rules import attributes, complaints, longest


@dataclass(frozen=True)
class Edit:
    """A change; None leaves a field alone, an empty comment or no attributes take away what was there.

    ``tracking_enabled`` costs money when True. ``custom_attributes`` replace all that there were (our assumption).
    """

    comment: str | None = None
    tracking_enabled: bool | None = None
    custom_attributes: tuple[tuple[str, str], ...] | None = None


def check_edit(edit: Edit) -> tuple[FieldError, ...]:
    """What Quivo would refuse in a change, under the names that it has for the fields (seed 002)."""
    return tuple(
        complaints(
            longest("comment", edit.comment, MAX_LENGTH["comment"]),
            attributes("customAttributes", edit.custom_attributes or ()),
        )
    )
