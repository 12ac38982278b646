"""The clients of the back ends, made from the settings; one pool of connections for each address."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from backends.http import BackendHttp, Observe, unobserved
from backends.qpilot.client import QpilotClient
from backends.quivo.client import QuivoClient
from backends.vendo.client import VendoClient
from backends.vendo.stores import Stores
from bot.report import Reachable
from bot.settings import Settings
from operations.linking import QPILOT, QUIVO, VENDO


@dataclass(frozen=True)
class BackEnds:
    """Every back end's client, and their pools for whoever starts and stops them."""

    quivo: QuivoClient
    vendo: VendoClient
    qpilot: QpilotClient
    _pools: tuple[BackendHttp | Stores, ...]

    @classmethod
    def of(cls, settings: Settings, observe: Observe = unobserved) -> BackEnds:
        """The clients at the addresses of the settings; nothing is opened yet, and each request is told."""
        quivo = BackendHttp(QUIVO, settings.quivo_base_url, observe=observe)
        qpilot = BackendHttp(QPILOT, settings.qpilot_base_url, observe=observe)
        stores = Stores(settings.vendo_base_url, observe=observe)
        vendo = VendoClient(stores, order_token_header=settings.vendo_order_token_header)
        return cls(QuivoClient(quivo), vendo, QpilotClient(qpilot), (quivo, stores, qpilot))

    def by_name(self) -> Mapping[str, Reachable]:
        """The clients by their short names, to ask whether they answer."""
        return {QUIVO: self.quivo, VENDO: self.vendo, QPILOT: self.qpilot}

    async def warm(self) -> None:
        """Get ready for the first request, while nobody waits."""
        await asyncio.gather(*(pool.warm() for pool in self._pools))

    async def close(self) -> None:
        """Close every connection."""
        for pool in self._pools:
            await pool.close()
