"""`tux watch plan | apply | destroy` as a person and a program run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.provisioning.fake_routes import ORG, PROJECT, TOKEN
from typer.testing import CliRunner, Result

from tux.cli.root import app
from tux.shared.exceptions import TuxAPIError
from tux.shared.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.provisioning.conftest import Desk

TEAMS = '[watch.teams.team]\ndiscord_channel = "123456789012345678"\n'


@pytest.fixture(autouse=True)
def folder(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a tux.toml, and the account in the environment."""
    for name in list(os.environ):
        if name.upper().startswith(tuple(f"{one.upper()}_" for one in Settings.model_fields)):
            monkeypatch.delenv(name)
    account = {"ORG": ORG, "PROJECT": PROJECT, "URL": desk.line.url, "AUTH_TOKEN": TOKEN}
    for name, value in account.items():
        monkeypatch.setenv(f"SENTRY_{name}", value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tux.toml").write_text(TEAMS)
    return tmp_path


def tux(*words: str, answer: str = "") -> Result:
    done = CliRunner().invoke(app, ["watch", *words], input=answer)
    assert TOKEN not in done.output + done.stderr
    return done


def test_exit_codes_tell_what_there_is_to_do(desk: Desk, folder: Path) -> None:
    """2 while there is something to do, 0 when not, 1 on an error."""
    first = tux("plan")
    assert first.exit_code == 2
    assert '+ monitor error_rate "[tux] Error rate"' in first.output
    assert "+ conditions.gt.comparison: 10" in first.output
    assert "Plan: 8 to create, 2 to change, 0 to remove." in first.output
    assert desk.fake.detectors.keys() == {"1"}, "plan changes nothing"
    assert tux("apply", "--yes").exit_code == 0
    again = tux("plan")
    assert (again.exit_code, "Nothing to do" in again.output) == (0, True)
    (folder / "tux.toml").write_text(TEAMS + "[watch.alerts.error_rate]\nthreshold = 12\n")
    changed = tux("plan")
    assert changed.exit_code == 2
    assert "conditions.gt.comparison: 10 → 12" in changed.output
    assert "you changed it" in changed.output
    (folder / "tux.toml").write_text("[watch.alerts.error_rate]\nwindow_seconds = 1\n")
    wrong = tux("plan")
    assert (wrong.exit_code, "shortest for errors is 60" in wrong.stderr) == (1, True)


def test_apply_asks(desk: Desk) -> None:
    """Without a yes nothing is made; with one, each thing that is done is said."""
    refused = tux("apply", answer="n\n")
    assert refused.exit_code == 1
    assert len(desk.fake.detectors) == 1
    done = tux("apply", answer="y\n")
    assert done.exit_code == 0, done.output
    assert done.stderr.count(" done") == 10


def test_destroy_asks_and_takes_ours(desk: Desk) -> None:
    """Destroy shows what goes, asks, and leaves what is not ours."""
    tux("apply", "--yes")
    assert tux("destroy", answer="n\n").exit_code == 1
    assert len(desk.fake.detectors) == 4
    gone = tux("destroy", "--yes")
    assert gone.exit_code == 0
    assert "8 to remove" in gone.output
    assert (desk.fake.workflows, desk.fake.dashboards, desk.fake.monitors) == ({}, {}, {})
    assert desk.fake.detectors.keys() == {"1"}


def test_programs_get_json(desk: Desk) -> None:
    """`--json` is one document on standard output, whose values say what would become what."""
    tux("apply", "--yes")
    row = next(one for one in desk.fake.detectors.values() if one["name"] == "[tux] Error rate")
    row["enabled"] = False
    done = tux("plan", "--json")
    said: dict[str, Any] = json.loads(done.stdout)
    assert done.exit_code == 2
    assert said["summary"] == {"create": 0, "update": 1, "delete": 0}
    (action,) = said["actions"]
    assert action["cause"] == "someone edited it in Sentry"
    assert (action["kind"], action["key"], action["id"]) == ("monitor", "error_rate", row["id"])
    assert action["changes"] == [{"path": "enabled", "before": False, "after": True}]
    assert json.loads(tux("apply", "--yes", "--json").stdout)["summary"]["update"] == 1


def test_what_sentry_kept_otherwise_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was taken and is read back as something else is named after the rest is done."""
    monkeypatch.setenv("PROVISIONING_KEY_COUNT", "300")
    monkeypatch.setenv("SENTRY_DSN", "https://abc@o1.ingest.us.sentry.io/1")
    desk.fake.forgets_rates = True
    done = tux("apply", "--yes")
    assert done.exit_code == 1
    assert "Sentry kept something else than it was sent" in done.stderr
    assert "client key k1" in done.stderr
    assert len(desk.fake.workflows) == 3


def test_it_is_a_command_of_its_own(folder: Path) -> None:
    """The installed command plans, and ends with 2."""
    done = subprocess.run(
        [sys.executable, "-m", "tux", "watch", "plan"],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, "")
    assert "notify_team" in done.stdout


JUNK = {
    "null": b"null",
    "number": b"3",
    "text": b'"Welcome"',
    "empty object": b"{}",
    "object": b'{"id": {"a": 1}, "slug": [], "links": 3, "status": "ok"}',
    "list of lists": b"[[]]",
    "list of objects": b'[{"id": null, "name": {}}]',
    "nested": b"[" * 100_000 + b"]" * 100_000,
    "torn": b'{"id": "1", "slu',
    "no text": b"\xff\xfe\x00",
}


def test_what_is_no_sentry_is_told_in_one_line(desk: Desk) -> None:
    """Whichever answer of a run is the first that is not Sentry's: one line, and 1."""
    for name, junk in JUNK.items():
        for good in (0, 1, 2, 4):
            desk.line.junk = good, junk
            done = tux("plan")
            assert isinstance(done.exception, SystemExit), (name, good, done.exception)
            assert done.exit_code == 1, (name, good, done.output)
            (line,) = done.stderr.splitlines()
            assert line.startswith("tux: ")
    assert "look at SENTRY_URL" in line


def test_what_is_no_sentry_ends_an_apply(desk: Desk) -> None:
    """An answer to a change that is not Sentry's ends it in one line, after what was done."""
    desk.line.junk = 10, b"[]"
    # The command line tells it in one line, and ends with 1.
    with pytest.raises(TuxAPIError, match="JSON of another form than Sentry's"):
        CliRunner().invoke(app, ["watch", "apply", "--yes"], catch_exceptions=False)
    desk.line.junk = None
    assert tux("apply", "--yes").exit_code == 0
