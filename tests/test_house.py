"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import tux.services.sentry
import tux.simulator

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
LONGEST_FILE = 350


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_a_file_has_one_subject(path: Path) -> None:
    """A file past 350 lines has two subjects."""
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_nothing_is_imported_inside_a_function(path: Path) -> None:
    """An import inside a function hides a cycle or a missing dependency."""
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    inside = [
        node.lineno
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


@pytest.mark.parametrize("package", [tux.services.sentry, tux.simulator])
def test_a_front_lists_its_names_sorted(package: object) -> None:
    """A package front lists its public names, sorted, and each of them is there."""
    names = package.__all__  # type: ignore[attr-defined]  # asked of modules only
    assert list(names) == sorted(names)
    assert all(hasattr(package, name) for name in names)


@pytest.mark.parametrize("half", ["station", "simulator"])
def test_the_receiving_half_loads_without_the_sdk(half: str) -> None:
    """The station and the local Discord load neither the SDK nor discord.py."""
    code = f"import sys, tux.{half}; print(sorted({{'sentry_sdk', 'discord'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
