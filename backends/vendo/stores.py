"""The addresses of stores, and one pool of connections for each (DESIGN.md §8, apis/vendo.md §1)."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from contextlib import suppress
from urllib.parse import urlsplit

from backends.http import BackendHttp, Limits, Observe, unobserved

MOST_STORES = 32
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"({_LABEL}\.)+([a-z]{{2,63}}|xn--[a-z0-9-]{{1,59}})", re.ASCII)
_INSIDE = frozenset(
    {"localhost", "local", "internal", "localdomain", "lan", "home", "corp", "intranet", "arpa", "svc", "cluster"}
)


class Stores:
    """Pools of connections by store address, at most 32: one more takes the place of the one unused for longest.

    ``default_url`` is the configured store, which may be ``http://127.0.0.1:port`` in the local workspace. A pool that
    lost its place is closed once nobody can be waiting on it any more.
    """

    def __init__(
        self,
        default_url: str,
        limits: Limits = Limits(),  # noqa: B008
        *,
        observe: Observe = unobserved,
    ) -> None:
        self.default = default_url.rstrip("/")
        self._limits = limits
        self._observe = observe
        self._pools: OrderedDict[str, BackendHttp] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()

    def http(self, store: str) -> BackendHttp:
        """The pool of a store, by its address as ``store_address`` writes it."""
        pool = self._pools.get(store)
        if pool is None:
            pool = self._pools[store] = BackendHttp("vendo", store, self._limits, observe=self._observe)
        self._pools.move_to_end(store)
        while len(self._pools) > MOST_STORES:
            self._let_go(self._pools.popitem(last=False)[1])
        return pool

    def address(self, text: str) -> str | None:
        """``store_address`` with the configured store allowed."""
        return store_address(text, self.default)

    async def warm(self) -> None:
        """Prepare the configured store's connections (see ``BackendHttp.warm``)."""
        await self.http(self.default).warm()

    async def close(self) -> None:
        """Close every connection to every store."""
        pools = [*self._pools.values()]
        self._pools.clear()
        for task in [*self._closing]:
            task.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)
        for pool in pools:
            await pool.close()

    def _let_go(self, pool: BackendHttp) -> None:
        task = asyncio.create_task(_closed_later(pool, self._limits.read_total + self._limits.write_total))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _closed_later(pool: BackendHttp, seconds: float) -> None:
    """Close a pool after the longest that a request on it can take, or at once when cancelled."""
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(seconds)
    await pool.close()


def store_address(text: str, default: str | None = None) -> str | None:
    """The address of a store from what a person typed, such as ``https://shop.example.com``; None if it is none.

    Whatever stands behind the host is dropped. Only public names over https on its usual port are taken, so that nobody
    sends a request to the inside of a network; ``default``, the configured store, is taken as it is.
    """
    typed = text.strip()
    if default is not None and typed.rstrip("/") == default.rstrip("/"):
        return default.rstrip("/")
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    public = len(host) <= 253 and _HOST.fullmatch(host) and host.rsplit(".", 1)[1] not in _INSIDE
    if not public or parts.scheme != "https" or "@" in parts.netloc or port not in (None, 443):
        return None
    return f"https://{host}"
