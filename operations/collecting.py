"""Asking a digest's sources with its owner's connections, both back ends at a time (CHECKS E6, F3, F6)."""

from __future__ import annotations

import asyncio

from operations.collecting_orders import orders_sections
from operations.collecting_scheduled import scheduled_sections
from operations.digest_facts import SCHEDULED, Collected, sources
from operations.ports import Ports
from store.digests import Digest


async def collect(ports: Ports, digest: Digest) -> Collected:
    """What each of its sources says now; one that fails is Absent, and keeps none of the others from being told."""
    as_of, wanted = ports.now(), sources(digest)
    scheduled = tuple(what for what in wanted if what in SCHEDULED)
    orders = tuple(what for what in wanted if what not in SCHEDULED)
    found = await asyncio.gather(scheduled_sections(ports, digest, scheduled), orders_sections(ports, digest, orders))
    return Collected(as_of, (*found[0], *found[1]))
