"""Every example of docs/alerts.md works."""

from __future__ import annotations

import re
import time
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.docs.pages import ROOT, blocks

from tux.shared.settings import load_settings
from tux.station.alerting.notices import Notice
from tux.station.alerting.notifiers import targets_of
from tux.station.alerting.notifiers.webhook import signature
from tux.watch import SOURCES, load_definitions
from tux.watch.sources import UNITS

if TYPE_CHECKING:
    import pytest

PAGE = ROOT / "docs" / "alerts.md"


def example(language: str) -> str:
    return blocks(PAGE, language)[0].text


def test_the_file_is_read_and_its_addresses_reach_their_teams(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example of tux.toml is right, and the settings give each team the ways that it says."""
    monkeypatch.chdir(tmp_path)
    Path("tux.toml").write_text(example("toml"))
    Path(".env").write_text(example("ini"))
    definitions = load_definitions()
    assert definitions.alerts["error_rate"].threshold == 25
    assert definitions.alerts["slow_bans"].command == "ban"
    found = {
        (one.team, one.kind): one.place for one in targets_of(definitions, load_settings().alerts)
    }
    assert found["team", "email"] == "mail by mail.example.org"
    assert found["developers", "webhook"] == "example.org"
    assert {kind for team, kind in found if team == "night"} == {"log", "discord"}


def test_the_signature_is_checked_as_written() -> None:
    """The receiver's code of the page takes our signature, and no other."""
    space: dict[str, Any] = {}
    exec(example("python"), space)
    stamp = f"{time.time():.0f}"
    signed = signature("word", stamp, b"{}")
    assert space["is_from_tux"]("word", stamp, b"{}", signed)
    assert not space["is_from_tux"]("word", stamp, b"{ }", signed)
    assert not space["is_from_tux"]("other", stamp, b"{}", signed)


def test_everything_that_can_be_written_is_named() -> None:
    """Sources, aggregates, units, fields of the webhook, and the rules of Tux's own stand there."""
    names = [*SOURCES, *UNITS, *set(UNITS.values()), *load_definitions(Path("none.toml")).alerts]
    names += [field.name for field in fields(Notice)]
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in names if not re.search(rf"\b{name}\b", page)] == []
