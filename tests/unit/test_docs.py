"""Documents that are made from the code, or that speak of it, say what the code does."""

from __future__ import annotations

from pathlib import Path

from bot.reference import reference
from bot.settings import Settings
from bot.version import VERSION

ROOT = Path(__file__).resolve().parents[2]


def test_the_command_reference_is_what_the_registry_makes() -> None:
    """docs/commands.md is the output of ``python -m bot commands``."""
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == reference()


def test_the_readme_has_every_setting_and_no_other() -> None:
    """The README's table names each setting of ``Settings``, and nothing that does not exist."""
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("## Settings")[1].split("## More")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = {word.strip("`, ") for row in rows for word in row.split("`") if word.strip(" ,").isupper()}
    assert named == {str(field.alias) for field in Settings.model_fields.values()}


def test_one_version() -> None:
    """The package, the bot and the changelog speak of the same version."""
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f"## {VERSION} " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_link_of_a_document_leads_somewhere() -> None:
    """Relative links in README, docs and their neighbours are files of the project."""
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "bench" / "README.md"]
    for document in documents:
        for part in document.read_text(encoding="utf-8").split("](")[1:]:
            target = part.split(")")[0].split("#")[0]
            if target and "://" not in target:
                assert (document.parent / target).exists(), f"{document.name}: {target}"
