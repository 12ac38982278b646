"""The process that the crash tests kill: imports once, then forks a fresh child for each line on its standard input.

A line is the number of a round; the child answers ``pid <n>``, then a line for each write that was acknowledged to it.
When it has died, and only then, the parent answers ``dead``.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from itertools import count

from store.audit import AuditLine
from store.envelope import Sealer
from store.errors import StoreError
from store.keyring import KeyRing
from store.stores import Stores, open_stores

PEOPLE = 4


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def line(reference: str) -> AuditLine:
    return AuditLine(datetime.now(UTC), reference, "T1", "U1", "C1", "order.show", reference, "done")


async def person(name: str, stores: Stores) -> None:
    """One person at work for ever: connect, be admitted, renew, disconnect every third time."""
    for turn in count():
        secret = f"{name}/{turn}"
        made = await stores.vault.connect(
            "T1", name, "quivo", account=secret, keeps_password=True, secrets={"session": secret.encode()}
        )
        say(f"holds {name} {secret}")
        await stores.intake.admit(secret, line(secret))
        say(f"admitted {secret}")
        await stores.vault.keep(made, "session", f"{secret}+".encode())
        say(f"holds {name} {secret}+")
        if turn % 3 == 2:
            await stores.vault.disconnect("T1", name, "quivo")
            say(f"holds {name} none")


async def load(url: str, keys: str, number: str) -> None:
    stores = await open_stores(url, Sealer(KeyRing.parse(keys)))
    try:
        await asyncio.gather(*(person(f"U{number}.{who}", stores) for who in range(PEOPLE)))
    except StoreError as error:  # the server went away
        say(f"refused {type(error).__name__}")
        os._exit(0)


def main() -> None:
    url, keys = sys.argv[1:]
    for order in sys.stdin:
        child = os.fork()
        if child == 0:
            say(f"pid {os.getpid()}")
            asyncio.run(load(url, keys, order.strip()))
        os.waitpid(child, 0)
        say("dead")


if __name__ == "__main__":
    main()
