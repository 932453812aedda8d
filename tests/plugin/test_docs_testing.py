"""The blocks of docs/testing.md, run as a user's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.docs.pages import ROOT, blocks
from tests.plugin.test_plugin_sent import run

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "testing.md"


def test_the_page_is_true(tmp_path: Path) -> None:
    """Each block of Python is a suite that passes."""
    first, *suites = [block.text for block in blocks(PAGE, "python")]
    assert first == 'pytest_plugins = ["tux.pytest_plugin"]\n'
    ini = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")
    assert "3 passed" in run(tmp_path, "\n".join(suites), *ini)
