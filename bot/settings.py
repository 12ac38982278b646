"""Settings, read once from the environment (DESIGN.md §8)."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from backends.qpilot.client import BASE_URL as QPILOT_BASE_URL
from backends.quivo.client import BASE_URL as QUIVO_BASE_URL
from backends.vendo.client import BASE_URL as VENDO_BASE_URL

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_SHORTEST_SIGNING_SECRET = 16
_SHORTEST_WEBHOOK_SECRET = 32


class SettingsError(Exception):
    """A setting is missing or cannot be used; the text names it and says what to do, and holds no value."""


class Mode(StrEnum):
    """How Slack reaches the bot."""

    SOCKET = "socket"
    HTTP = "http"


class LogFormat(StrEnum):
    """How a line of the log is written."""

    JSON = "json"
    TEXT = "text"


class Settings(BaseSettings):
    """Every setting, by the name it has in the environment."""

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True, populate_by_name=True)

    slack_bot_token: SecretStr = Field(SecretStr(""), alias="SLACK_BOT_TOKEN", description="bot token, xoxb-…")
    slack_app_token: SecretStr = Field(SecretStr(""), alias="SLACK_APP_TOKEN", description="app token, xapp-…")
    slack_signing_secret: SecretStr = Field(SecretStr(""), alias="SLACK_SIGNING_SECRET", description="for HTTP mode")
    slack_api_url: str = Field("https://slack.com/api/", alias="SLACK_API_URL", description="Slack's Web API")
    mode: Mode = Field(Mode.SOCKET, alias="SHIPCLERK_MODE", description="socket or http")
    http_host: str = Field("127.0.0.1", alias="SHIPCLERK_HTTP_HOST", description="HTTP mode listens here")
    http_port: int = Field(3000, ge=0, le=65535, alias="SHIPCLERK_HTTP_PORT", description="and on this port")
    database: str = Field("data/shipclerk.db", alias="SHIPCLERK_DATABASE", description="a file path or postgresql://…")
    vault_keys: SecretStr = Field(SecretStr(""), alias="SHIPCLERK_VAULT_KEYS", description="key ring, newest first")
    vault_key_file: Path | None = Field(None, alias="SHIPCLERK_VAULT_KEY_FILE", description="key ring in a 0600 file")
    webhook_secret: SecretStr = Field(
        SecretStr(""), alias="SHIPCLERK_WEBHOOK_SECRET", description="makes the path of Quivo's webhook"
    )
    quivo_base_url: str = Field(QUIVO_BASE_URL, alias="QUIVO_BASE_URL", description="Quivo's API")
    vendo_base_url: str = Field(VENDO_BASE_URL, alias="VENDO_BASE_URL", description="the store, unless one is typed")
    vendo_order_token_header: str = Field(
        "X-Vendo-Order-Token", alias="VENDO_ORDER_TOKEN_HEADER", description="its name, or both"
    )
    qpilot_base_url: str = Field(QPILOT_BASE_URL, alias="QPILOT_BASE_URL", description="QPilot's API")
    qpilot_token_reuse_seconds: int = Field(
        0, ge=0, le=60, alias="QPILOT_TOKEN_REUSE_SECONDS", description="0: a fresh token for each request"
    )
    undo_seconds: int = Field(10, ge=0, le=3600, alias="SHIPCLERK_UNDO_SECONDS", description="a cancel is held so long")
    lease_seconds: int = Field(90, ge=1, alias="SHIPCLERK_LEASE_SECONDS", description="a dead process's work waits")
    log_level: str = Field("INFO", alias="SHIPCLERK_LOG_LEVEL", description="DEBUG, INFO, WARNING or ERROR")
    log_format: LogFormat = Field(LogFormat.JSON, alias="SHIPCLERK_LOG_FORMAT", description="json or text")
    health_host: str = Field("127.0.0.1", alias="SHIPCLERK_HEALTH_HOST", description="health and metrics listen here")
    health_port: int = Field(0, ge=0, le=65535, alias="SHIPCLERK_HEALTH_PORT", description="on this port; 0: off")
    secrets_dir: Path | None = Field(None, alias="SHIPCLERK_SECRETS_DIR", description="settings as files, by name")

    @property
    def local(self) -> bool:
        """Whether no Slack token is set, so that ``run`` brings its own local workspace."""
        return not self.slack_bot_token.get_secret_value().strip()


def load() -> Settings:
    """Read the settings; SettingsError names those that cannot be read, never their values."""
    folder = os.environ.get("SHIPCLERK_SECRETS_DIR", "").strip() or None
    if folder is not None and not Path(folder).is_dir():
        raise SettingsError("SHIPCLERK_SECRETS_DIR is not a folder.")
    try:
        return Settings(_secrets_dir=folder)
    except ValidationError as error:
        names = ", ".join(str(problem["loc"][0]) for problem in error.errors(include_input=False))
        raise SettingsError(f"These settings cannot be read: {names}. README.md has the table.") from None


def check(settings: Settings) -> None:
    """Refuse to start with what would fail open or fail later (CHECKS A1)."""
    if not settings.slack_bot_token.get_secret_value().startswith("xoxb-"):
        raise SettingsError("SLACK_BOT_TOKEN must be a bot token, xoxb-….")
    if settings.mode is Mode.SOCKET and not settings.slack_app_token.get_secret_value().startswith("xapp-"):
        raise SettingsError("SLACK_APP_TOKEN must be an app token, xapp-…, in socket mode.")
    secret = settings.slack_signing_secret.get_secret_value().strip()
    if settings.mode is Mode.HTTP and len(secret) < _SHORTEST_SIGNING_SECRET:
        raise SettingsError("SLACK_SIGNING_SECRET is missing or too short; HTTP mode does not start without it.")
    hook = settings.webhook_secret.get_secret_value().strip()
    if hook and len(hook) < _SHORTEST_WEBHOOK_SECRET:
        raise SettingsError("SHIPCLERK_WEBHOOK_SECRET is too short: take 32 characters or more that nobody can guess.")
    for name in ("quivo_base_url", "vendo_base_url", "qpilot_base_url"):
        _check_address(name.upper(), getattr(settings, name))
    if not settings.vault_keys.get_secret_value().strip() and settings.vault_key_file is None:
        raise SettingsError(
            "No vault key: set SHIPCLERK_VAULT_KEYS or SHIPCLERK_VAULT_KEY_FILE (python -m bot keys new prints one)."
        )


def _check_address(name: str, address: str) -> None:
    parts = urlsplit(address)
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)):
        raise SettingsError(f"{name} must be an https:// address (http:// for this machine only).")
