"""Orders from a CSV file: the upload, what is in it, how far the run is, and what came of it.

``counts`` are the rows by state (``ready``, ``sending``, ``done``, ``refused``, ``unknown``, ``bad``); every message
says a number for each row of the file, so that nothing is missing from the sum (CHECKS E8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handlers.render.build import (
    Element,
    actions,
    bold,
    bullets,
    button,
    confirmation,
    context,
    form_modal,
    message,
    own,
    paragraph,
    say,
    section,
    words,
)
from handlers.render.limits import more
from handlers.render.message import Block, Message, View
from handlers.render.naming import mention
from handlers.render.profile import Profile

FIRST_BAD = 10  # ours: what still reads at a glance
_BAR = 20
Counts = Mapping[str, int]


@dataclass(frozen=True)
class BadRow:
    """A row of the file that cannot be sent; ``number`` is its line in the file, ``why`` may repeat what it holds."""

    number: int
    why: str


def upload_form(*, card_id: str) -> View:
    """The modal `order.import`, whose input `file` takes one CSV file."""
    element = {"type": "file_input", "action_id": "value", "filetypes": ["csv"], "max_files": 1}
    blocks = [
        section("A CSV file with one line for each position. Nothing is sent before you have seen what is in it."),
        {
            "type": "input",
            "block_id": "file",
            "label": words("CSV file"),
            "element": element,
            "hint": words(
                "Its first line names the columns as Quivo does, e.g. orderIdentifier or deliveryAddress.zip."
            ),
        },
    ]
    return form_modal("Import orders", blocks, callback_id="order.import", card_id=card_id, submit="Look at it")


def preview(counts: Counts, bad: Sequence[BadRow], profile: Profile, *, card_id: str) -> Message:
    """What is in the file: how many are good, the first bad ones, `import.start` and `import.drop`.

    Why a row is bad is said where one person reads; in a channel its line alone is named.
    """
    good = counts.get("ready", 0)
    head = [bold(f"{_total(counts)} rows"), say(f": {good} can be sent, {counts.get('bad', 0)} can't.")]
    start = [button(f"Create {good} orders", "import.start", card_id, style="primary", confirm=_sure(good))]
    drop = button("Drop the file", "import.drop", card_id)
    tail = [context(words("Nothing was sent yet.")), actions(*(start if good else []), drop)]
    return message([paragraph(head), *_bad(bad, profile)], tail=tail)


def dropped() -> Message:
    """The file was dropped before anything was sent."""
    return message([section("The file is dropped. Nothing was sent.")])


def progress(counts: Counts, *, by: str, card_id: str) -> Message:
    """How far the run is, with `import.stop`."""
    total, open_ = _total(counts), _open(counts)
    head = [say("📦 "), bold("Creating orders"), say(f": {total - open_} of {total} rows are through.")]
    stop = actions(button("Stop", "import.stop", card_id))
    return message([paragraph(head, [say(_bar(total - open_, total))])], tail=[counted(counts, by), stop])


def stopped(counts: Counts, *, by: str, stopped_by: str, card_id: str) -> Message:
    """The run is stopped, with `import.resume`; rows that were sent stay sent."""
    left = _open(counts)
    head = [say("✋ "), bold("Import stopped"), say(f": {left} of {_total(counts)} rows are left.")]
    resume = actions(button("Go on", "import.resume", card_id, style="primary"))
    who = context(own(f"Stopped by {mention(stopped_by)}"))
    kept = [say("What was sent stays. No row is sent twice.")]
    return message([paragraph(head, kept)], tail=[counted(counts, by), who, resume])


def finished(counts: Counts, *, by: str) -> Message:
    """What came of every row; which is which stands in the result file."""
    total, done = _total(counts), counts.get("done", 0)
    symbol = "✅ " if done == total else "⚠️ "
    head = [say(symbol), bold("Import finished"), say(f": {done} of {total} orders are created.")]
    unclear = counts.get("unknown", 0) + _open(counts)
    doubt = [[say(f"❔ Of {unclear} we do not know it. Look for them before you send them again.")]] if unclear else []
    return message(
        [paragraph(head, *doubt), section("The result file says what came of each row.")], tail=[counted(counts, by)]
    )


def _total(counts: Counts) -> int:
    return sum(counts.values())


def _open(counts: Counts) -> int:
    return counts.get("ready", 0) + counts.get("sending", 0)


_WORDS = (
    ("done", "created"),
    ("refused", "refused"),
    ("bad", "could not be read"),
    ("unknown", "not known"),
    ("sending", "on its way"),
    ("ready", "to go"),
)


def counted(counts: Counts, by: str) -> Block:
    """How many rows came to what, and whose import it is."""
    said = [f"{counts[name]} {text}" for name, text in _WORDS if counts.get(name)]
    return context(words(" · ".join(said) or "no rows", 300), own(f"Imported by {mention(by)}"))


def _bar(through: int, total: int) -> str:
    full = _BAR * through // total if total else 0
    return f"{'█' * full}{'░' * (_BAR - full)} {100 * through // total if total else 0} %"


def _bad(bad: Sequence[BadRow], profile: Profile) -> list[Block]:
    if not bad:
        return []
    lines: list[list[Element]] = [_bad_line(row, profile) for row in bad[:FIRST_BAD]]
    left = [[say(more(len(bad) - FIRST_BAD))]] if len(bad) > FIRST_BAD else []
    return [bullets("Can't be sent", [*lines, *left])]


def _bad_line(row: BadRow, profile: Profile) -> list[Element]:
    why = [say(f": {row.why}", 300)] if profile in (Profile.DIRECT, Profile.MODAL) else []
    return [say(f"Line {row.number}"), *why]


def _sure(good: int) -> Block:
    text = f"I create {good} orders at Quivo with your account, one after the other. You can stop it on the way."
    return confirmation("Create them?", text, "Create", "Not now")
