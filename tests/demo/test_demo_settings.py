"""The demo's children have settings of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tux.demo.runner import _environment
from tux.shared.settings import variables

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("spelled", [str.upper, str.lower])
def test_settings_for_the_real_bot_stay_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelled: type[str]
) -> None:
    """No setting that a person has for the real bot is in effect, whatever its section and spelling."""
    for name in variables():
        monkeypatch.setenv(spelled(name), "of the real bot")
    monkeypatch.setenv("OTHERS", "stay")
    made = _environment(tmp_path)
    assert "of the real bot" not in made.values()
    assert made["OTHERS"] == "stay"
