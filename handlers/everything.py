"""All commands and presses of all features, in the order in which help shows them."""

from __future__ import annotations

from handlers import (
    cancelling,
    connections,
    copying,
    correcting,
    creating,
    help,
    home,
    importing,
    lookup,
    orders,
    suggesting,
    watching,
    workspace_settings,
)
from handlers.registry import Registry

REGISTRY = Registry(
    commands=(
        *orders.COMMANDS,
        *creating.COMMANDS,
        *copying.COMMANDS,
        *correcting.COMMANDS,
        *cancelling.COMMANDS,
        *importing.COMMANDS,
        *watching.COMMANDS,
        *connections.COMMANDS,
        *help.COMMANDS,
        *workspace_settings.COMMANDS,
    ),
    presses=(
        *orders.PRESSES,
        *creating.PRESSES,
        *correcting.PRESSES,
        *cancelling.PRESSES,
        *connections.PRESSES,
        *home.PRESSES,
        *importing.PRESSES,
        *watching.PRESSES,
        *lookup.PRESSES,
        *workspace_settings.PRESSES,
    ),
    suggestions=suggesting.SUGGESTIONS,
)
