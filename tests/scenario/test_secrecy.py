"""Nothing leaks: hostile text stays text, and canaries are in no log, channel or file (CHECKS C1, D1 to D3)."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from stage import ADA, BEN, ORDERS, PRIVATE, SHARED, Stage, staged, text_of

from sandbox.quivo import Fault
from sandbox.quivo.accounts import Account

HOSTILE = "<!channel> <@U0BEN00001> <https://evil.example|x> &lt;!here> `a` *b* _c_ ~d~ :smile: \u202egnp\u202c\u200b"
SECRETS = ("canary-key-7f3a9c", "canary.user.7f3a9c", "canary-pass-7f3a9c")
PERSONAL = ("Cordula Canary", "Kanarienweg 77", "+49 30 0077889", "cordula.canary@example.invalid")
ADDRESS = dict(zip(("name1", "address1", "phone", "email"), PERSONAL, strict=True)) | {"country": "DE", "zip": "77889"}


def forms(word: str) -> list[bytes]:
    """A canary as it might lie in a file."""
    raw = word.encode()
    return [raw, base64.b64encode(raw), raw.hex().encode(), quote(word).encode(), word[::-1].encode("utf-16-le")]


async def whole_day(stage: Stage) -> None:
    """Everything that a person does in a day, with canaries for secrets and addresses, and a few faults."""
    key, name, password = SECRETS
    stage.quivo.accounts.append(Account(key, name, password, frozenset({12})))
    order_id = stage.quivo.add_order(orderReference="#CANARY1", deliveryAddress=ADDRESS, comment=PERSONAL[1])
    await stage.command(ADA, ORDERS, "/connect quivo")
    await stage.submit(ADA, {"apiKey": key, "username": name, "password": password})
    assert "is connected" in text_of(stage.slack.views(ADA)[-1])
    await stage.slack.close(ADA, stage.slack.views(ADA)[-1].id, all=True)
    for channel in (ORDERS, PRIVATE, SHARED):
        [card] = await stage.command(ADA, channel, f"/order {order_id}")
        await stage.click(ADA, channel, card, "order.details")
        await stage.click(ADA, channel, card, "order.refresh")
    await stage.command(ADA, ORDERS, f"/order find {PERSONAL[0]}")
    await stage.command(ADA, ORDERS, f"/order {PERSONAL[3]}")
    stage.quivo.faults.append(Fault("GET /orders", "html", times=3))
    await stage.command(ADA, ORDERS, f"/order {order_id}")
    await stage.command(BEN, ORDERS, f"/order {PERSONAL[0]}")
    stage.world.clock.advance(3601)
    await stage.command(ADA, ORDERS, f"/order {order_id}")


def files_in(folder: Path) -> list[bytes]:
    """Every file below a folder, whole."""
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


async def test_canaries_are_in_no_log_no_channel_and_no_file(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """After a whole day at DEBUG: no secret and no address in logs, public messages or files (C1, D1, D3)."""
    async with staged(tmp_path, log_level="DEBUG") as stage:
        await whole_day(stage)
        seen = [m for channel in (ORDERS, PRIVATE, SHARED) for m in stage.slack.visible(BEN, channel)]
        public = "\n".join(text_of(message) for message in seen if message.ephemeral_to is None)
        files = files_in(tmp_path)
        assert len(files) == 3
    files += files_in(tmp_path)
    logged = "".join(capfd.readouterr()) + caplog.text
    assert "handled" in logged
    words = (*SECRETS, "demo-pass", *PERSONAL)
    assert [word for word in words if word in logged] == []
    assert [word for word in words if word in public] == []
    assert [(word, form) for word in words for form in forms(word) for data in files if form in data] == []


def _strings(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return [node, *(found for child in node.values() for found in _strings(child))]
    if isinstance(node, list):
        return [found for child in node for found in _strings(child)]
    return []


@pytest.mark.parametrize("hostile", [HOSTILE, "x" * 10_000, "a\nb\r\n> c\u0000\u0007"])
async def test_hostile_text_in_every_field_is_dead_text_everywhere(stage: Stage, hostile: str) -> None:
    """An order that is hostile from end to end: every message and view is accepted, and nothing in it is alive (D2)."""
    await stage.connect()
    address = dict.fromkeys(("name1", "name2", "company", "address1", "address2", "zip", "city", "state"), hostile)
    order_id = stage.quivo.add_order(
        orderReference=hostile,
        orderIdentifier=hostile,
        orderStatus=hostile,
        sellerName=hostile,
        comment=hostile,
        tags=[hostile],
        deliveryAddress=address | {"country": hostile, "phone": hostile, "email": hostile},
        invoiceAddress=address,
        customAttributes={hostile[:40]: hostile},
        shippingMethodName=hostile,
        shipmentTracking=[{"number": hostile, "link": "https://carrier.example/<!channel>"}],
        positions=[{"positionId": 1, "sku": hostile, "name": hostile, "quantity": 1, "lot": hostile}],
    )
    for channel in (ORDERS, PRIVATE, SHARED, "D0ADA00001"):
        [card] = await stage.command(ADA, channel, f"/order {order_id}")
        await stage.click(ADA, channel, card, "order.details")
        await stage.click(ADA, channel, card, "order.refresh")
    await stage.command(ADA, ORDERS, f"/order find {hostile[:2000]}")
    await stage.command(ADA, ORDERS, "/order list")
    refused = [call for call in stage.slack.calls if not call.ok]
    assert refused == []
    for one in stage.slack.sent:
        for node in _strings(one["payload"]):
            if node.get("type") == "mrkdwn":
                alive = [word for word in ("<!channel", "<@U0BEN", "<https://evil", "<!here") if word in node["text"]]
                assert alive == [], node
