"""All commands and presses of all features, in the order in which help shows them."""

from __future__ import annotations

from handlers import connections, help, home, orders
from handlers.registry import Registry

REGISTRY = Registry(
    commands=(*orders.COMMANDS, *connections.COMMANDS, *help.COMMANDS),
    presses=(*orders.PRESSES, *connections.PRESSES, *home.PRESSES),
)
