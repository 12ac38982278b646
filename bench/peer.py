"""A peer that costs as little as possible: the few answers of Slack and Quivo that a bench needs."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress

USER = {"id": "U1", "team_id": "T1", "is_admin": False, "is_bot": False, "deleted": False}
CHANNEL = {"id": "C1", "is_channel": True, "is_private": False, "is_shared": False}
ORDER = {
    "orderId": 1001,
    "orderStatus": "PROCESSING",
    "orderReference": "#DE38678",
    "sellerId": 12,
    "created": "2026-11-01T09:30:00Z",
    "deliveryAddress": {"name1": "Erika Muster", "address1": "Hauptstr. 1", "zip": "10115", "city": "Berlin"},
    "positions": [{"positionId": n, "sku": f"SKU-{n}", "name": f"Thing {n}", "quantity": n} for n in (1, 2, 3)],
}
ANSWERS = {
    "/api/auth.test": {"ok": True, "team_id": "T1", "user_id": "UB", "bot_id": "B1", "team": "Bench", "user": "bot"},
    "/api/users.info": {"ok": True, "user": USER},
    "/api/conversations.info": {"ok": True, "channel": CHANNEL},
    "/api/chat.postMessage": {"ok": True, "channel": "C1", "ts": "1700000000.000100", "message": {}},
    "/login": {"token": "bench-token"},
    "/orders/1001": ORDER,
}


class Peer(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, as far as httpx and aiohttp need it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.seen = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        self.seen += data
        while (end := self.seen.find(b"\r\n\r\n")) >= 0:
            head = self.seen[:end].decode("latin-1")
            length = next(
                (int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0
            )
            if len(self.seen) < end + 4 + length:
                return
            self.seen = self.seen[end + 4 + length :]
            path = head.split(" ", 2)[1].split("?")[0]
            body = json.dumps(ANSWERS.get(path, {"ok": True})).encode()
            self.transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
            )


async def main() -> None:
    """Serve until the parent goes away; the port is the first line."""
    server = await asyncio.get_running_loop().create_server(Peer, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main())
