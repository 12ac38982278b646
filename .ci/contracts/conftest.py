"""Where the contracts by others lie, and the validators of npm that read them. Nothing here is ever skipped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TYPES = ROOT / ".ci" / "types"
NPM = ROOT / "build" / "npm"

sys.path.insert(0, str(ROOT / "tests" / "unit" / "sandbox" / "slack"))


@pytest.fixture(scope="session")
def contracts() -> Path:
    """The folder of Slack's contracts; a missing one is a failure."""
    folder = Path(os.environ.get("SHIPCLERK_CONTRACTS", ROOT.parent / "shared" / "contracts")) / "slack"
    assert folder.is_dir(), f"no contracts at {folder}; set SHIPCLERK_CONTRACTS"
    return folder


@pytest.fixture(scope="session")
def npm() -> Path:
    """The folder that holds `node_modules` with exactly the versions of `.ci/types/package.json`."""
    wanted: dict[str, str] = json.loads((TYPES / "package.json").read_text(encoding="utf-8"))["dependencies"]
    missing = [f"{name}@{version}" for name, version in wanted.items() if _installed(name) != version]
    if missing:
        NPM.mkdir(parents=True, exist_ok=True)
        quiet = ("--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
        run("npm", "install", "--prefix", str(NPM), *quiet, *missing)
    return NPM


def _installed(name: str) -> str | None:
    manifest = NPM / "node_modules" / name / "package.json"
    return json.loads(manifest.read_text(encoding="utf-8"))["version"] if manifest.is_file() else None


def run(*command: str, given: str = "", cwd: Path | None = None) -> str:
    """What the command prints; a command that fails, fails the test with all that it said."""
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=110, cwd=cwd)
    if done.returncode:
        pytest.fail(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


class Schema:
    """A JSON schema as ajv reads it."""

    def __init__(self, modules: Path, path: Path) -> None:
        self._asked = {"modules": str(modules), "schema": str(path)}

    def errors(self, documents: list[Any]) -> list[list[str]]:
        """A list of errors for each document."""
        given = json.dumps({**self._asked, "documents": documents})
        answer: list[list[str]] = json.loads(run("node", str(TYPES / "schema.cjs"), given=given))
        return answer


@pytest.fixture(scope="session")
def manifest_schema(npm: Path, contracts: Path) -> Schema:
    """Slack's own schema of an app manifest, version 2."""
    return Schema(npm, contracts / "manifest-schema" / "schemas" / "manifest.schema.2.0.0.json")


@pytest.fixture(scope="session")
def blockkit_schema(npm: Path, contracts: Path) -> Schema:
    """The JSON schema made from `@slack/types`."""
    return Schema(npm, contracts / "slack-types-3.2.0.blockkit.schema.json")


class Compiler:
    """TypeScript's compiler with `@slack/types`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "tsconfig.json").write_text((TYPES / "tsconfig.json").read_text(encoding="utf-8"), encoding="utf-8")

    def errors(self, typed: list[tuple[str, Any]]) -> list[str]:
        """The compiler's lines about constants, each given as its type and its value."""
        lines = ['import type { HomeView, KnownBlock, ModalView } from "@slack/types";']
        lines += [f"export const c{n}: {kind} = {json.dumps(value)};" for n, (kind, value) in enumerate(typed)]
        (self._folder / "corpus.ts").write_text("\n".join(lines) + "\n", encoding="utf-8")
        compiler = self._folder / "node_modules" / "typescript" / "bin" / "tsc"
        command = ["node", str(compiler), "--noEmit", "--strict", "--pretty", "false", "-p", "tsconfig.json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=110, cwd=self._folder)
        said = done.stdout.splitlines() + done.stderr.splitlines()
        assert bool(done.returncode) == bool(said), f"exit {done.returncode}: {said}"
        return said


@pytest.fixture(scope="session")
def compiler(npm: Path) -> Compiler:
    """TypeScript in its strict mode."""
    return Compiler(npm)
