"""The blocks of docs/testing.md, run as a user's tests."""

from __future__ import annotations

import re
from pathlib import Path

from tests.plugin.test_plugin_sent import run

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"


def test_the_page_is_true(tmp_path: Path) -> None:
    """Each block of Python is a suite that passes."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    first, *suites = blocks
    assert first == 'pytest_plugins = ["tux.pytest_plugin"]\n'
    ini = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")
    assert "3 passed" in run(tmp_path, "\n".join(suites), *ini)
