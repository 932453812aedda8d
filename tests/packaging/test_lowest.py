"""The lower end of the ranges: the oldest discord.py and sentry-sdk that we say we take.

The newest is what the lock has, and so what all other tests run on.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest
from tests.packaging.environments import ROOT, Environment, built, locked, run

if TYPE_CHECKING:
    from pathlib import Path

ENDS = ("discord.py", "sentry-sdk")
TOOLS = ("hypothesis", "pytest", "pytest-asyncio", "pytest-timeout", "uvloop")
SUITES = (
    "captures_once",
    "config_options",
    "flows",
    "guide_patterns",
    "instrument_client",
    "instrument_dynamic_items",
    "instrument_ui",
    "isolation",
    "monitoring_units",
    "sdk_seams",
    "transport_delivery",
)
"""Of tests/sentry: what touches what is not public of either."""
IN_A_CHECKOUT = "tests/sentry/test_config_options.py::test_release_with_git"
"""Asks git about the folder that Tux is in, which an installed one has not."""


def lower_bounds() -> dict[str, str]:
    """Read where the ranges begin."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found = {}
    for name in ENDS:
        (asked,) = [one for one in document["project"]["dependencies"] if one.startswith(name)]
        bound = re.search(r">=([\d.]+)", asked)
        assert bound is not None
        found[name] = bound[1]
    return found


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_oldest_are_taken(tmp_path: Path) -> None:
    """With both at their lowest and all else as locked, the layer's suites pass."""
    bounds = lower_bounds()
    (tmp_path / "dist").mkdir()
    _, wheel = built(tmp_path / "dist")
    pins = tmp_path / "pins.txt"
    ends = tuple(f"{name.replace('.', '-')}==" for name in ENDS)
    kept = [line for line in locked().splitlines() if not line.startswith(ends)]
    pins.write_text("\n".join(kept))
    there = Environment.empty(tmp_path / "venv")
    oldest = [f"{name}=={version}" for name, version in bounds.items()]
    there.install("-c", pins, wheel, *TOOLS, *oldest)
    suites = [f"tests/sentry/test_{name}.py" for name in SUITES]
    pytest_ = (there.program("python"), "-m", "pytest", "-q", "--tb=short", "-m", "not long")
    done = run(*pytest_, "--deselect", IN_A_CHECKOUT, *suites, folder=ROOT)
    assert done.returncode == 0, done.stdout[-4000:]
    asked = "import discord, sentry_sdk; print(discord.__version__, sentry_sdk.VERSION)"
    assert run(there.program("python"), "-c", asked, folder=tmp_path).stdout.split() == [
        *(f"{one}.0" if one.count(".") == 1 else one for one in bounds.values())
    ]
