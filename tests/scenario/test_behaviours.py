"""Each way in which Quivo can behave × each write, as a person meets it: docs/behaviours.md is the table (E3, E5).

Where the bot's words have changed on purpose, running this file (with `.`, `tests` and `tests/scenario` on the path)
writes the document anew; read what has become of it before it is committed.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path
from typing import Any

import pytest
from forms import filled, plain, story, top
from stage import ADA, ORDERS, Stage, staged

from sandbox.quivo import Fault
from store.audit import SqliteAudit

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "behaviours.md"

# What Quivo does with the write, and what of it takes effect.
BEHAVIOURS: dict[str, dict[str, Any]] = {
    "no answer, and not accepted": {"kind": "hang", "seconds": 0.1},
    "no answer, but accepted": {"kind": "accept_then_hang", "seconds": 0.1},
    "500, but accepted": {"kind": "accept_then_500"},
    "202": {"kind": "accept_202"},
    "200 with an error envelope": {"kind": "error_envelope_200"},
    "200 with an HTML page": {"kind": "html"},
    "200 with an empty body": {"kind": "empty"},
    "400 with a text": {"kind": "400"},
    "409": {"kind": "409"},
    "404": {"kind": "404"},
    "429 with seconds": {"kind": "429", "retry_after": "7"},
    "429 with a date": {"kind": "429", "retry_after": "Sun, 22 Nov 2026 12:00:05 GMT"},
    "the token runs out in between": {"kind": "expire_then"},
}
ACCEPTED = {"no answer, but accepted", "500, but accepted", "202", "the token runs out in between"}


@dataclass(frozen=True)
class Row:
    """What one write comes to under one behaviour, in the columns of the document."""

    reads: str
    later: str
    answers: str
    effect: str
    ledger: str
    audit: str


@dataclass(frozen=True)
class Write:
    """One of the four writes: where it goes, how a person does it, and how it is seen at Quivo that it took effect."""

    kind: str
    method: str
    path: str
    does: Callable[[Stage], Awaitable[None]]
    seen: Callable[[Stage], bool]
    seconds: float = 300.0


async def _submit(stage: Stage) -> None:
    await stage.submit(ADA, {})


async def _cancel(stage: Stage) -> None:
    await stage.later(10)


def _order(stage: Stage) -> Any:
    return stage.quivo.orders[1001]


WRITES = {
    "create": Write("order.create", "POST", "/orders", _submit, lambda stage: len(stage.quivo.accepted) == 1),
    "edit": Write("order.edit", "PATCH", "/orders/1001", _submit, lambda it: _order(it)["comment"] == "Ring twice"),
    "address": Write(
        "order.address",
        "PUT",
        "/orders/1001/address",
        _submit,
        lambda stage: _order(stage)["deliveryAddress"]["address1"] == "Kanarienweg 77",
    ),
    "cancel": Write(
        "order.cancel",
        "POST",
        "/orders/1001/cancelRequest",
        _cancel,
        lambda stage: bool(_order(stage).get("cancelRequestedAt")),
        seconds=3600.0,
    ),
}


async def prepare(stage: Stage, write: str) -> None:
    """Everything before the write leaves, as a person does it."""
    match write:
        case "create":
            await filled(stage)
        case "edit":
            await stage.command(ADA, ORDERS, "/order edit 1001")
            await stage.submit(ADA, {"comment": "Ring twice"})
        case "address":
            await stage.command(ADA, ORDERS, "/order address 1001")
            await stage.submit(ADA, {"street": "Kanarienweg 77"})
        case "cancel":
            await stage.command(ADA, ORDERS, "/order cancel 1001")
            await stage.slack.act_in_view(ADA, top(stage).id, "cancel.confirm")
            await stage.settle()


async def observed(folder: Path, write: str, behaviour: str) -> Row:
    """Do the write on a stage of its own, under that behaviour, and look at everything."""
    what = WRITES[write]
    async with staged(folder) as stage:
        await stage.connect(ADA)
        await prepare(stage, write)
        stage.quivo.faults.append(Fault(f"{what.method} {what.path}", times=1, **BEHAVIOURS[behaviour]))
        await what.does(stage)
        reads = read_by_ada(stage)
        await stage.later(what.seconds)
        later = read_by_ada(stage)
        ledger, audit = written(stage, what.kind)
        effect = "yes" if what.seen(stage) else "no"
        return Row(reads, "the same" if later == reads else later, answers(stage, what), effect, ledger, audit)


def read_by_ada(stage: Stage) -> str:
    """The message in the channel, where there is one, else what the modal says; without what differs each time."""
    told = story(stage)
    if told:
        (only,) = told
        return tidy(only)
    return tidy(" ".join(words(block) for block in top(stage).content["blocks"] if says(block)))


def says(block: dict[str, Any]) -> bool:
    """Whether a block of a modal tells the person something about what came of it."""
    return block["type"] in ("section", "context") and bool(re.search(r"not|Quivo", words(block)))


def words(block: dict[str, Any]) -> str:
    """All the words of a block."""
    parts = [block["text"]] if "text" in block else block.get("elements", [])
    return " ".join(part["text"] for part in parts if isinstance(part.get("text"), str))


def tidy(text: str) -> str:
    """One line without numbers of new orders, references and marks."""
    text = re.sub(r"Order (?!1001)\d+ \(#T-1\)", "Order N (#T-1)", plain(text))
    text = re.sub(r"Reference [2-9A-Z]{8}\.?", "", text)
    return " ".join(text.replace("|", "/").split())


def answers(stage: Stage, what: Write) -> str:
    """What each request of this write that left was answered with, in their order."""
    seen = [one for one in stage.quivo.requests if (one.method, one.path) == (what.method, what.path)]
    return ", ".join("none" if one.status is None else str(one.status) for one in seen)


def written(stage: Stage, kind: str) -> tuple[str, str]:
    """The state in the ledger, and what the audit says step by step."""
    rows = stage.database.read().execute("SELECT state FROM actions WHERE kind = ?", (kind,)).fetchall()
    audit = SqliteAudit(stage.database)
    assert audit.verify() is None
    lines = [line for line in reversed(audit.lines("T0HOME0001", 1000)) if line.action == kind and line.target]
    steps = [line.outcome for line in lines if re.fullmatch(r"1001|12:SC.*", line.target)]
    return ", ".join(state for (state,) in rows), " → ".join(steps)


HEAD = """# What people read when Quivo misbehaves

Thirteen ways in which Quivo can behave × the four writes, as the whole bot shows them to a person. Of a write that may
have been accepted no second request ever leaves; only a 401, which says that nothing was accepted, is followed by one
login and one more. *Cancelled* is said only after the order's status says so.

- **reads**: what stands in the channel, or in the modal where there is nothing to tell the channel, after the write
- **later**: the same place after the bot has looked by itself (minutes later; an hour for a cancellation)
- **answers**: what each request that left was answered with
- **effect**: whether the write took effect at Quivo
- **ledger**, **audit**: the state that the write ends in, and the audit's words about each step

`tests/scenario/test_behaviours.py` makes each row with the whole bot and compares it with this document.
"""
_COLUMNS = ("behaviour", *(one.name for one in fields(Row)))
Table = dict[str, dict[str, Row]]


def document(table: Table) -> str:
    """The document of a table."""
    parts = [HEAD]
    for write, rows in table.items():
        lines = [f"## {write}", "", f"| {' | '.join(_COLUMNS)} |", "|" + "---|" * len(_COLUMNS)]
        lines += [f"| {' | '.join((behaviour, *astuple(row)))} |" for behaviour, row in rows.items()]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def table_in(text: str) -> Table:
    """The table of a document."""
    table: Table = {}
    for section in text.split("\n## ")[1:]:
        write, *lines = section.splitlines()
        cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
        table[write] = {behaviour: Row(*rest) for behaviour, *rest in cells[1:]}
    return table


def kept() -> Table:
    """What the document says."""
    return table_in(DOCUMENT.read_text(encoding="utf-8"))


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("write", WRITES)
async def test_what_a_person_meets(write: str, behaviour: str, tmp_path: Path) -> None:
    """The person, the requests, the ledger and the audit are what the document says (E3)."""
    assert asdict(await observed(tmp_path, write, behaviour)) == asdict(kept()[write][behaviour])


def test_the_document_is_the_whole_table_and_nothing_else() -> None:
    """Every behaviour × every write stands in it, once, in the order of this test's tables."""
    table = kept()
    assert document(table) == DOCUMENT.read_text(encoding="utf-8")
    assert {write: list(rows) for write, rows in table.items()} == {write: list(BEHAVIOURS) for write in WRITES}


@pytest.mark.parametrize("write", WRITES)
def test_no_row_of_the_document_breaks_the_promises(write: str) -> None:
    """Whatever is written there: one request unless a 401 came first, and nothing is said to be done that is not."""
    for behaviour, row in kept()[write].items():
        asked = row.answers.split(", ")
        assert len(asked) == (2 if asked[0] == "401" else 1), behaviour
        assert (row.effect == "yes") == (behaviour in ACCEPTED), behaviour
        if row.effect == "no":
            assert not re.search("is (cancelled|changed|created)", f"{row.reads} {row.later}"), behaviour
            assert row.ledger in ("refused", "not_done", "unknown", "requested", "done"), behaviour
        assert row.audit.endswith(row.ledger), behaviour
        assert not (write == "cancel" and "is cancelled" in row.reads), behaviour


async def rewrite() -> None:
    """Make the whole table, and write the document."""
    table: Table = {}
    for write in WRITES:
        for behaviour in BEHAVIOURS:
            with tempfile.TemporaryDirectory() as folder:
                table.setdefault(write, {})[behaviour] = await observed(Path(folder), write, behaviour)
    DOCUMENT.write_text(document(table), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(asyncio.run(rewrite()))
