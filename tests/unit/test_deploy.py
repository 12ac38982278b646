"""Dockerfile and compose.yaml, which no test can run, say only what the code knows (CHECKS H5)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.bootstrap import DRAIN_SECONDS
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = {str(field.alias) for field in Settings.model_fields.values()}
DOCKERFILE = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8")).splitlines()


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return found


def bot() -> dict[str, Any]:
    found: dict[str, Any] = compose()["services"]["shipclerk"]
    return found


def steps(word: str) -> list[str]:
    """What stands behind a word of the Dockerfile, in order."""
    return [line.removeprefix(word).strip() for line in DOCKERFILE if line.startswith(f"{word} ")]


def image_settings() -> set[str]:
    names = {pair.partition("=")[0] for line in steps("ENV") for pair in line.split()}
    return {name for name in names if not name.startswith("PYTHON")}


def test_everything_that_is_set_is_a_setting() -> None:
    """Every name in the bot's environment, and every secret but the key file, is read by ``Settings``."""
    service = bot()
    named = {*service["environment"], *image_settings(), *service["secrets"]} - {"vault.key"}
    assert named - SETTINGS == set()
    assert service["environment"]["SHIPCLERK_VAULT_KEY_FILE"] == "/run/secrets/vault.key"
    assert service["environment"]["SHIPCLERK_SECRETS_DIR"] == "/run/secrets"


def test_what_is_secret_comes_in_files() -> None:
    """No token, address with a password or key stands in the environment, which would also win over the file."""
    made = compose()
    tokens = {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"}
    secret = tokens | {"SHIPCLERK_DATABASE", "SHIPCLERK_VAULT_KEYS", "SHIPCLERK_WEBHOOK_SECRET"}
    for service in made["services"].values():
        assert secret & {*service["environment"]} == set()
    assert secret & image_settings() == set()
    assert {name: entry["file"] for name, entry in made["secrets"].items()} == {
        name: f"./secrets/{name}" for name in made["secrets"]
    }
    assert {name for service in made["services"].values() for name in service["secrets"]} == {*made["secrets"]}
    assert "secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_three_replicas_in_socket_mode_on_one_database() -> None:
    """The database starts first and is not reachable from outside; nothing publishes a port."""
    made = compose()
    service = bot()
    assert (service["deploy"]["replicas"], service["environment"]["SHIPCLERK_MODE"]) == (3, "socket")
    assert service["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert made["services"]["postgres"]["networks"] == ["inside"]
    assert made["networks"]["inside"] == {"internal": True}
    assert [name for name, one in made["services"].items() if "ports" in one] == []


def test_a_replica_may_do_little() -> None:
    """Not as root, no capability, nothing of its image to write to, and time to finish what it has begun."""
    service = bot()
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert steps("USER") == ["10001"]
    assert int(service["stop_grace_period"].removesuffix("s")) > 2 * DRAIN_SECONDS
    ends = [line.split()[0] for line in DOCKERFILE if line.startswith(("USER", "RUN", "ENTRYPOINT"))]
    assert ends[-2:] == ["USER", "ENTRYPOINT"]


def test_images_have_a_name_and_a_version_and_no_address() -> None:
    """No registry stands in front of an image's name, and none is taken at its newest."""
    images = [service["image"] for service in compose()["services"].values()] + steps("FROM")
    assert images == ["postgres:17", "shipclerk", "python:3.11-slim"]
    text = "\n".join([*DOCKERFILE, (ROOT / "compose.yaml").read_text(encoding="utf-8")])
    addresses = re.findall(r"https?://[^\s'\"]+", text)
    assert addresses == ["http://127.0.0.1:"]
    assert not re.search(r"index-url|find-links|trusted-host|syntax=", text)


def test_packages_are_held_to_their_hashes() -> None:
    """H5: one installation, of the lock file, with hashes and without building anything."""
    installs = [line for line in steps("RUN") if "pip" in line]
    assert len(installs) == 1
    wanted = {"--require-hashes", "--no-deps", "--only-binary", "requirements.txt"}
    assert wanted <= set(installs[0].split())


def test_the_image_holds_what_the_wheel_holds() -> None:
    """Every room that the wheel packs is copied, the manifest with them, and the builder is shown nothing else."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rooms = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    copied = {word for line in steps("COPY") for word in line.split()[:-1]}
    assert copied == rooms | {"requirements.txt", "manifest.yml", "LICENSE"}
    assert [name for name in copied if not (ROOT / name).exists()] == []
    shown = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line[1:] for line in shown if line.startswith("!")} == copied
    assert shown[1] == "*"


@pytest.mark.parametrize("word", ["/health/ready", "SHIPCLERK_HEALTH_PORT", "urllib.request"])
def test_the_image_looks_at_its_own_health(word: str) -> None:
    """It asks the health address on the port that is set, with what Python brings."""
    assert word in DOCKERFILE[next(n for n, line in enumerate(DOCKERFILE) if line.startswith("HEALTHCHECK"))]
    assert "SHIPCLERK_HEALTH_PORT=9090" in " ".join(steps("ENV"))
