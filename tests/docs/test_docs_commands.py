"""Command lines, settings and tables of the pages are such that their programs take them."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path

import pytest
from dotenv import dotenv_values
from tests.docs.commands import extras, faults_of, lines_of
from tests.docs.pages import PAGES, ROOT, Block, all_blocks, blocks, codes

from tux.shared.settings import Settings, load_settings, variables
from tux.watch import load_definitions

CHECKED = {"console", "sh", "ini", "toml", "python"}
SHOWN = {"text", "json"}
"""What programs answer."""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in variables():
        monkeypatch.delenv(name, raising=False)


def test_every_block_has_a_language() -> None:
    """A block says what it is in, so that something checks it; the site's own are in braces."""
    strange = [
        str(block)
        for block in all_blocks()
        if block.language not in CHECKED | SHOWN and not block.language.startswith("{")
    ]
    assert strange == []


@pytest.mark.parametrize("block", all_blocks("console", "sh"), ids=str)
def test_command_lines_are_understood(block: Block) -> None:
    """Programs, sub-commands, options, targets, variables and files are there."""
    assert [(line, faults_of(line)) for line in lines_of(block) if faults_of(line)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_text_are_understood(page: Path) -> None:
    """What is called `tux …` or `make …` in a sentence exists; its arguments may be left out."""
    named = [code for code in codes(page) if code.startswith(("tux ", "make ")) and "…" not in code]
    faults = [(code, fault) for code in named for fault in faults_of(code)]
    assert [one for one in faults if "Missing argument" not in one[1]] == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("tux statoin", "statoin"),
        ("tux station forget", "Missing argument"),
        ("tux demo --secnods 5", "--secnods"),
        ("DISCORD_TOKN=x tux start", "DISCORD_TOKN is no setting"),
        ("make dmeo", "make has no target dmeo"),
        ("make demo DRUATION=1", "make knows no DRUATION"),
        ("pip install 'tux[parqet]'", "tux has no extra parqet"),
        ("python examples/nothing.py", "there is no file examples/nothing.py"),
        ("cd docs && tuxx start", "tuxx is no program"),
    ],
)
def test_a_wrong_line_is_seen(line: str, fault: str) -> None:
    """What a page could have wrong is told."""
    (told,) = faults_of(line)
    assert fault in told


@pytest.mark.parametrize("block", all_blocks("ini"), ids=str)
def test_settings_are_taken(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of `.env` hold settings only, with values that are taken."""
    given = dotenv_values(stream=io.StringIO(block.text))
    assert [name for name in given if name not in variables()] == []
    Path(".env").write_text(block.text, encoding="utf-8")
    assert load_settings() is not None


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "toml")], ids=str)
def test_tables_are_taken(page: Path) -> None:
    """The blocks of a page load as one `tux.toml`: settings and definitions."""
    text = "\n".join(block.text for block in blocks(page, "toml"))
    Path("tux.toml").write_text(text, encoding="utf-8")
    assert set(tomllib.loads(text)) <= {*Settings.model_fields, "watch"}
    load_settings()
    load_definitions()


def test_extras_are_listed() -> None:
    """What is optional for users stands in the quick start."""
    page = (ROOT / "docs" / "quick-start.md").read_text()
    assert [one for one in extras() - {"dev", "docs"} if f"| `{one}` |" not in page] == []
