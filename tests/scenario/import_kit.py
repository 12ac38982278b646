"""A file of orders, and what members and tests do with one."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import Any

from stage import ADA, ORDERS, Message

from sandbox.slack.workspace import DM_ADA, Workspace

COLUMNS = (
    "sellerId,orderIdentifier,orderReference,deliveryAddress.name,deliveryAddress.street,deliveryAddress.zip,"
    "deliveryAddress.city,deliveryAddress.countryIso2,sku,quantity"
)
CUSTOMER = "Wilhelmine Canary"  # personal data that no channel may show


def identifier(number: int) -> str:
    return f"IMP-{number:04}"


def a_file(count: int, bad: frozenset[int] = frozenset(), *, seller: int = 12, sku: str = "MUG-SEA-350") -> bytes:
    """So many orders; those whose numbers are in ``bad`` want a quantity that is none."""
    rows = [
        f"{seller},{identifier(n)},R-{n},{CUSTOMER},Lindenstr. {n},10969,Berlin,DE,{sku},{'none' if n in bad else 1}"
        for n in range(1, count + 1)
    ]
    return "\n".join([COLUMNS, *rows, ""]).encode()


def created(orders: dict[int, Any]) -> Counter[str]:
    """How often each identifier of a file was made an order."""
    made = (str(order.get("orderIdentifier") or "") for order in orders.values())
    return Counter(one for one in made if one.startswith("IMP-"))


def story(workspace: Workspace, user: str = ADA, channel: str = ORDERS) -> list[str]:
    """The first lines of the bot's messages in a channel, threads left out."""
    shown = [m for m in workspace.visible(user, channel) if m.by_bot and m.thread_ts is None and m.text]
    return [message.text.splitlines()[0].replace("\u2060", "") for message in shown]


def newest(workspace: Workspace, user: str = ADA, channel: str = ORDERS) -> Message:
    """The bot's newest message in a channel, threads left out."""
    shown = [m for m in workspace.visible(user, channel) if m.by_bot and m.thread_ts is None and m.text]
    found: Message = shown[-1]
    return found


def results(workspace: Workspace, user: str = ADA, channel: str = DM_ADA) -> list[list[list[str]]]:
    """The result files that a person was given, each as a spreadsheet reads it, without its head."""
    files = [file for message in workspace.visible(user, channel) for file in message.files]
    contents = [workspace.files[file["id"]].content or b"" for file in files]
    return [list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))[1:] for content in contents]


def ends(rows: list[list[str]]) -> Counter[str]:
    """The rows of a result file by what came of them."""
    return Counter(row[2] for row in rows)
