"""The built package works where its source is not (CHECKS H2)."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.crash
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's content and nothing else of ours."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = (folder / "dist").glob("*.whl")
    target = ["--no-deps", "--no-index", "--quiet", "--disable-pip-version-check", "--target", str(folder / "site")]
    subprocess.run([sys.executable, "-m", "pip", "install", *target, str(wheel)], check=True, capture_output=True)
    return folder / "site"


def run(installed: Path, folder: Path, *words: str) -> subprocess.Popen[str]:
    """``python -m bot …`` with only the wheel to import from."""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-P", "-m", "bot", *words]
    return subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_the_wheel_says_what_it_can_do(installed: Path, tmp_path: Path) -> None:
    """``python -m bot --help`` and the command reference come out of the wheel alone."""
    said, errors = run(installed, tmp_path, "--help").communicate(timeout=60)
    assert ("doctor" in said, errors) == (True, "")
    said, _ = run(installed, tmp_path, "commands").communicate(timeout=60)
    assert said == (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


def test_the_wheel_runs_the_local_workspace(installed: Path, tmp_path: Path) -> None:
    """Without tokens it starts the workspace, serves its page, and leaves at a signal."""
    with run(installed, tmp_path, "run") as process:
        assert process.stdout is not None
        address = next(line.split()[-1] for line in process.stdout if "http://127.0.0.1" in line)
        with urllib.request.urlopen(address, timeout=10) as answer:
            page = answer.read().decode()
        process.terminate()
        process.communicate(timeout=30)
    assert ("<!doctype html>" in page.lower(), process.returncode) == (True, 0)
