"""No secret is among the project's files (CHECKS H5)."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATTERNS = {
    "a Slack token": r"xox[abeoprs]-[0-9]{8,}-([0-9]{8,}-)?[0-9A-Za-z]{20,}",
    "a Slack app's token": r"xapp-[0-9]-[A-Z0-9]{6,}-[0-9]{6,}-[0-9a-f]{20,}",
    "a Slack webhook": r"hooks\.slack\.com/(services|workflows)/T[0-9A-Z]{8,}/[0-9A-Z]{8,}/[0-9A-Za-z]{16,}",
    "a private key": r"-----BEGIN (RSA |EC |OPENSSH |DSA |PGP )?PRIVATE KEY",
    "a vault key": r"\b[0-9a-f]{8}:[A-Za-z0-9_-]{43}=?(?![A-Za-z0-9_-])",
    "a cloud key": r"\b(AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{35}\b",
    "a code host's token": r"\bgh[pousr]_[0-9A-Za-z]{36}\b|\bgithub_pat_[0-9A-Za-z_]{60,}|\bglpat-[0-9A-Za-z_-]{20}\b",
    "a payment key": r"\b[rs]k_live_[0-9A-Za-z]{20,}",
    "a JSON web token": r"\beyJ[0-9A-Za-z_-]{20,}\.eyJ[0-9A-Za-z_-]{20,}\.[0-9A-Za-z_-]{20,}",
    "an address with a password": r"\b(postgres(ql)?|https?|amqp|redis|mysql)://[^\s/:@'\"{}<>…]+:(?!can(ary|%40ary))[^\s/@'\"{}<>…$]{6,}@",
}
ALLOWED = ("sandbox/", "tests/unit/test_secret_scan.py")
"""The local workspace's made-up tokens, which open nothing but itself, and the samples below."""
SAMPLES = {
    "a Slack token": ["xoxb-" + "123456789012-" * 2 + "a1B2" * 6],
    "a Slack app's token": ["xapp-" + "1-A012345678-123456789012-" + "0" * 64],
    "a Slack webhook": ["https://hooks.slack.com/services/" + "T00000000/B00000000/" + "X" * 24],
    "a private key": ["-----BEGIN " + "OPENSSH PRIVATE KEY-----", "-----BEGIN " + "PRIVATE KEY-----"],
    "a vault key": ["0123abcd:" + "A" * 43],
    "a cloud key": ["AKIA" + "A" * 16],
    "a code host's token": ["ghp_" + "a" * 36],
    "a payment key": ["sk_live_" + "a" * 24],
    "a JSON web token": ["eyJ" + "a" * 20 + ".eyJ" + "b" * 20 + "." + "c" * 20],
    "an address with a password": ["postgresql://name:" + "hunter22@host/db"],
}
HARMLESS = [
    "xoxb-canary-1",
    "xoxb-…",
    "xapp-1",
    "postgresql://name@host/database",
    "postgresql://shipclerk:…@postgres/x",
]


def files() -> list[str]:
    """Every file that is or would be committed."""
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in listed if (ROOT / name).is_file()]


def found_in(text: str) -> list[str]:
    return [what for what, pattern in PATTERNS.items() if re.search(pattern, text)]


def test_no_file_holds_a_secret() -> None:
    """Nothing that looks like a token, key or password of somebody's stands in any file, the demo's aside."""
    ours = [name for name in files() if not name.startswith(ALLOWED)]
    assert len(ours) > 100
    found = {name: found_in((ROOT / name).read_text(encoding="utf-8", errors="replace")) for name in ours}
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize("what", PATTERNS)
def test_each_pattern_finds_its_kind(what: str) -> None:
    """A pattern that finds nothing would make the scan a comfort and no more."""
    assert [sample for sample in SAMPLES[what] if what not in found_in(f"x = '{sample}'\n")] == []


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_shows_the_shape_is_left_alone(text: str) -> None:
    """Examples in documents and canaries in tests are no secrets."""
    assert found_in(text) == []


def test_the_makefile_and_ci_install_by_hash_only() -> None:
    """H5: nothing is installed but lock files with hashes, except by the lock files' own tool."""
    for name in ("Makefile", "Dockerfile"):
        lines = [line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if "pip install" in line]
        assert lines
        assert [line for line in lines if "--require-hashes" not in line] == []
