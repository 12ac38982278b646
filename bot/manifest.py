"""Where Slack's app manifest is, and what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def manifest_path() -> Path:
    """``manifest.yml`` beside the rooms, or in the installed package."""
    root = Path(__file__).resolve().parent.parent
    beside = root / "manifest.yml"
    return beside if beside.exists() else root / "sandbox" / "slack" / "manifest.yml"


def manifest() -> dict[str, Any]:
    """The manifest as data."""
    loaded: dict[str, Any] = yaml.safe_load(manifest_path().read_text(encoding="utf-8"))
    return loaded


def bot_scopes() -> frozenset[str]:
    """The scopes that the manifest asks for."""
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])
