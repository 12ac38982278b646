"""What is said of an import beside its progress: that it began, why it waits, and where it stopped by itself."""

from __future__ import annotations

from handlers.render.build import actions, bold, button, context, fallback, message, paragraph, say, section, words
from handlers.render.importing import Counts, counted
from handlers.render.message import Block, Message


def began(good: int) -> Message:
    """The preview once it was started: its buttons are gone."""
    text = f"▶️ Creating {good} orders. The message in the channel says how far it is; the result comes here."
    return message([section(text)])


def halted(counts: Counts, *, by: str, why: str, card_id: str) -> Message:
    """The run stopped without anybody's doing, with `import.resume`; ``why`` may be empty."""
    left, unclear = counts.get("ready", 0) + counts.get("sending", 0), counts.get("unknown", 0)
    head = [say("✋ "), bold("Import stopped"), say(f": {left} of {sum(counts.values())} rows are left.")]
    doubt = f"❔ Of {unclear} we do not know it. Go on, and I look for each of them before anything is sent again."
    lines = [*([[say(why, 300)]] if why else []), *([[say(doubt, 300)]] if unclear else [])]
    kept = [say("What was sent stays. No row is sent twice.")]
    resume = actions(button("Go on", "import.resume", card_id, style="primary"))
    return message([paragraph(head, *lines, kept)], tail=[counted(counts, by), resume])


def waiting(shown: Message, why: str) -> Message:
    """The progress with the reason why nothing moves just now; it goes on by itself."""
    return _with(shown, context(words(f"⏸ {why} I go on by myself.", 300)))


def record(shown: Message) -> Message:
    """The same for the person alone, beside the result file: buttons are where the others see what they do."""
    blocks = tuple(block for block in shown.blocks if block["type"] != "actions")
    return Message(fallback(blocks), blocks)


def no_file() -> Message:
    """Slack did not take the result file."""
    return message([section("⚠️ Slack did not take the result file. The numbers above are right.")])


def _with(shown: Message, line: Block) -> Message:
    blocks = (*shown.blocks[:-1], line, shown.blocks[-1])
    return Message(fallback(blocks), blocks)
