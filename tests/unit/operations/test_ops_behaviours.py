"""Twelve ways in which a back end behaves × four writes, over a real socket with the real client (E3, E5)."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from ops_fakes import ADA, HOME, NEW, NOT_HERE, TEAM, Clock

from backends.http import BackendHttp, Limits
from backends.quivo.address import AddressType
from backends.quivo.auth import Credentials
from backends.quivo.client import QuivoClient
from backends.quivo.edit import Edit
from operations.accounts import Accounts
from operations.cancelling import CancelAsk, Held, Sent, ask, fingerprint, send
from operations.correcting import Changed, change_address, edit
from operations.creating import create
from operations.orders import read
from operations.outcome import Done
from operations.ports import Ports
from sandbox.quivo.faults import Fault
from sandbox.quivo.quivo import Quivo
from sandbox.serving import serve
from store.audit import SqliteAudit
from store.database import Database
from store.envelope import Sealer
from store.imports import SqliteImports
from store.keyring import KeyRing, new_key
from store.ledger import SqliteLedger
from store.occurrences import SqliteOccurrences
from store.preferences import SqlitePreferences
from store.vault import SqliteVault
from store.watches import SqliteWatches

LIMITS = Limits(write_total=1.0)
ORDER_ID = 1001


@dataclass
class Stage:
    """The stand-in, and the operations in front of it."""

    quivo: Quivo
    ports: Ports
    audit: SqliteAudit

    def writes(self) -> list[tuple[str, int | None]]:
        """The writes that left, but not the logins."""
        return [(one.method, one.status) for one in self.quivo.requests if one.method != "GET" and one.path != "/login"]


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    quivo = Quivo()
    served = await serve(quivo.app())
    http = BackendHttp("quivo", served.url, LIMITS)
    database, sealer, clock = Database.open(folder / "data" / "s.db"), Sealer(KeyRing.parse(new_key())), Clock()
    try:
        ports = Ports(
            accounts=Accounts(SqliteVault(database, sealer, now=clock), QuivoClient(http)),
            vendo=NOT_HERE,
            qpilot=NOT_HERE,
            ledger=SqliteLedger(database, sealer, now=clock),
            occurrences=SqliteOccurrences(database, sealer, now=clock),
            watches=SqliteWatches(database, sealer, now=clock),
            preferences=SqlitePreferences(database, now=clock),
            imports=SqliteImports(database, sealer, now=clock),
            carts=NOT_HERE,
            digests=NOT_HERE,
            now=clock,
        )
        await ports.accounts.connect(ADA, Credentials("demo-key", "ada", "demo-pass"), keep_password=True)
        yield Stage(quivo, ports, SqliteAudit(database))
    finally:
        await http.close()
        await served.close()
        await database.close()


BEHAVIOURS = {
    "timeout before accepting": ("hang", {}),
    "timeout after accepting": ("accept_then_hang", {}),
    "500 after accepting": ("accept_then_500", {}),
    "202": ("accept_202", {}),
    "200 with an error envelope": ("error_envelope_200", {"text": "comment: no"}),
    "HTML 200": ("html", {}),
    "empty 200": ("empty", {}),
    "400 text": ("400", {}),
    "409": ("409", {}),
    "404": ("404", {}),
    "429 with seconds": ("429", {"retry_after": "1"}),
    "429 with a date": ("429", {"retry_after": "Sun, 22 Nov 2026 12:00:05 GMT"}),
    "token expired in the middle": ("expire_then", {}),
}

# what the person is told, and the state that ledger and audit end with; an empty 200 is a documented success of the
# three changes (apis/quivo.md §3), and one that cannot be read for a creation
CHANGE = {
    "timeout before accepting": ("Refused", "not_done"),
    "timeout after accepting": ("Changed", "done"),
    "500 after accepting": ("Changed", "done"),
    "202": ("Changed", "done"),
    "200 with an error envelope": ("InvalidInput", "refused"),
    "HTML 200": ("Refused", "not_done"),
    "empty 200": ("Changed", "done"),
    "400 text": ("Refused", "refused"),
    "409": ("Refused", "refused"),
    "404": ("Refused", "refused"),
    "429 with seconds": ("Refused", "refused"),
    "429 with a date": ("Refused", "refused"),
    "token expired in the middle": ("Changed", "done"),
}
CREATION = CHANGE | {
    "timeout before accepting": ("Unknown", "unknown"),
    "timeout after accepting": ("Unknown", "unknown"),
    "500 after accepting": ("Unknown", "unknown"),
    "202": ("Unknown", "unknown"),
    "HTML 200": ("Unknown", "unknown"),
    "empty 200": ("Unknown", "unknown"),
    "token expired in the middle": ("Created", "done"),
}
CANCELLATION = {
    name: ("Sent", {"not_done": "unknown", "done": "requested"}.get(state, state))
    for name, (_, state) in CHANGE.items()
} | {
    "timeout after accepting": ("Sent", "unknown"),
    "500 after accepting": ("Sent", "unknown"),
}
CREATED = {"timeout after accepting", "500 after accepting", "202", "token expired in the middle"}


async def _edit(it: Stage) -> object:
    return await edit(it.ports, ADA, ORDER_ID, Edit(comment="another"), "REF", channel="C1")


async def _address(it: Stage) -> object:
    return await change_address(it.ports, ADA, ORDER_ID, AddressType.DELIVERY, replace(HOME, city="Graz"), "REF")


async def _create(it: Stage) -> object:
    sellers = await it.ports.accounts.call(ADA, it.ports.accounts.quivo.sellers)
    assert isinstance(sellers, Done)
    return await create(it.ports, ADA, replace(NEW, seller_id=sellers.value[0].id, positions=_known(it)), "REF")


def _known(it: Stage) -> Any:
    order = it.quivo.orders[ORDER_ID]
    return (replace(NEW.positions[0], sku=order["positions"][0]["sku"]),)


async def _cancel(it: Stage) -> object:
    found = await read(it.ports.accounts, ADA, ORDER_ID)
    assert isinstance(found, Done)
    asked = CancelAsk(ORDER_ID, found.value.reference, fingerprint(found.value), "C1", None, 0)
    held = await ask(it.ports, ADA, asked, "REF")
    assert isinstance(held, Held)
    return await send(it.ports, TEAM, held.action.id, "REF")


WRITES = {
    "create": ("POST /orders", _create, CREATION),
    "edit": ("PATCH /orders", _edit, CHANGE),
    "address": ("PUT /orders", _address, CHANGE),
    "cancel": ("POST /orders", _cancel, CANCELLATION),
}


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("write", WRITES)
async def test_behaviour_and_write(
    tmp_path: Path, write: str, behaviour: str, caplog: pytest.LogCaptureFixture
) -> None:
    """One write leaves (two only after a 401), and person, ledger and audit are told the same truth (E3, E5)."""
    caplog.set_level(logging.CRITICAL, "aiohttp.access")
    match, work, expected = WRITES[write]
    kind, more = BEHAVIOURS[behaviour]
    async with stage(tmp_path) as it:
        count = len(it.quivo.orders)
        it.quivo.faults.append(Fault(match, kind, times=1, **more))  # type: ignore[arg-type]
        told = await work(it)
        word, state = expected[behaviour]
        assert type(told).__name__ == word
        if isinstance(told, Sent):
            assert told.action.state == state
        if isinstance(told, Changed):
            assert told.visible == (behaviour != "empty 200")
        ended = it.audit.lines(TEAM, 1)[0].outcome
        assert ended == state
        assert len(it.writes()) == (2 if kind == "expire_then" else 1)
        made = len(it.quivo.orders) - count
        assert made == (1 if write == "create" and behaviour in CREATED else 0)
        assert it.audit.verify() is None
