"""What the doctor says of spool, sampling, database and token."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from pydantic import SecretStr
from tests.cli.test_cli_spool import left_by_a_dead_bot
from tests.faults.disks import Disk

from tux.doctor.spool import check_spool
from tux.doctor.surroundings import (
    check_database,
    check_discord,
    check_grouping,
    check_privacy,
    check_sampling,
    check_watch,
)
from tux.shared.privacy import PrivacySettings
from tux.shared.settings import (
    DatabaseSettings,
    DiscordSettings,
    SentrySettings,
    Settings,
    StationSettings,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tux.doctor.findings import Finding

DSN = "http://abc@127.0.0.1:9/1"


def of_spool(folder: Path, **settings: Any) -> list[Finding]:
    chosen = SentrySettings(spool_path=folder, **settings)
    return list(check_spool(chosen, time.time()))


def levels(found: list[Finding]) -> list[str]:
    return [one.level for one in found]


def test_an_empty_spool_is_well(tmp_path: Path) -> None:
    """A folder that is there, or can be made, is well, and nothing is left behind in it."""
    (tmp_path / "here").mkdir()
    for folder in (tmp_path / "here", tmp_path / "not" / "yet"):
        assert levels(of_spool(folder)) == ["ok", "ok", "ok"]
    assert [path.name for path in tmp_path.rglob("*")] == ["here"]


def test_a_spool_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    """A folder that is none is told with the setting that names another."""
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        (finding,) = of_spool(folder)
        assert finding.level == "fault"
        assert "SENTRY_SPOOL_PATH" in finding.advice


@pytest.mark.parametrize(
    ("age", "settings", "level"),
    [
        (60.0, {}, "ok"),
        (7200.0, {}, "warning"),
        (6.5 * 86_400, {}, "fault"),
        (60.0, {"spool_bytes": 500}, "fault"),
    ],
)
def test_what_waits_is_weighed(
    tmp_path: Path, age: float, settings: dict[str, Any], level: str
) -> None:
    """A backlog is told by its age, and by how near it is to its bounds."""
    left_by_a_dead_bot(tmp_path, DSN, age, "error", "error")
    waiting = of_spool(tmp_path, **settings)[1]
    assert waiting.level == level
    assert "2 envelopes wait" in waiting.text
    assert bool(waiting.advice) == (level != "ok")


def test_files_set_aside_are_told(tmp_path: Path) -> None:
    """Corrupt files are a warning that says where they are."""
    left_by_a_dead_bot(tmp_path, DSN, 0.0, "error")
    (file,) = tmp_path.rglob("*.env")
    aside = file.parents[1] / "corrupt"
    aside.mkdir()
    shutil.move(file, aside / file.name)
    corrupt = of_spool(tmp_path)[2]
    assert corrupt.level == "warning"
    assert str(aside) in corrupt.text


def test_a_spool_that_holds_nothing_is_told(tmp_path: Path) -> None:
    """Whoever means megabytes and writes 64 reads that it is bytes."""
    found = of_spool(tmp_path, spool_bytes=64)
    assert levels(found) == ["ok", "ok", "warning", "ok"]
    assert "64 bytes" in found[2].text


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Less room than the spool may need is a warning."""

    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1_000_000))
    disk = of_spool(tmp_path)[-1]
    assert (disk.level, disk.subject) == ("warning", "disk")
    assert "SENTRY_SPOOL_BYTES" in disk.advice


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["ok"]),
        (dict.fromkeys(("command_sample_rate", "task_sample_rate", "default_sample_rate"), 0.0), ["warning"]),
        (
            {"environment": "production"}
            | dict.fromkeys(("command_sample_rate", "task_sample_rate", "default_sample_rate"), 1.0),
            ["warning"],
        ),
        ({"debug": True}, ["ok", "warning"]),
    ],
)  # fmt: skip
def test_rates_are_judged(settings: dict[str, Any], expected: list[str]) -> None:
    """All or nothing is told, and a verbose log."""
    assert levels(list(check_sampling(SentrySettings(**settings)))) == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["ok"]),
        ({"user": "hash"}, ["ok"]),
        ({"user": "id+name"}, ["warning"]),
        ({"keep_values": ("a@b.example",)}, ["ok", "warning"]),
    ],
)
def test_choices_about_people_are_told(settings: dict[str, Any], expected: list[str]) -> None:
    """Names that leave, and exceptions from the rules, are a warning; no value is shown."""
    found = list(check_privacy(PrivacySettings(**settings)))
    assert levels(found) == expected
    assert "a@b.example" not in repr(found)


@pytest.mark.parametrize(
    ("url", "level"),
    [
        ("sqlite:///:memory:", "ok"),
        ("postgresql://tux:hunter2@127.0.0.1:9/tux", "fault"),
        ("mongodb://hunter2@x", "fault"),
    ],
)
async def test_the_database_is_asked(url: str, level: str) -> None:
    """One that answers is well, one that does not or is none is told without its password."""
    finding = await check_database(Settings(database=DatabaseSettings(url=SecretStr(url))))
    assert finding.level == level
    assert "hunter2" not in repr(finding)
    assert bool(finding.advice) == (level != "ok")


async def database_finding(path: Path) -> Finding:
    url = SecretStr(f"sqlite:///{path}")
    return await check_database(Settings(database=DatabaseSettings(url=url)))


async def test_a_database_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    """Where its folder can be written or made, all is well."""
    for path in (tmp_path / "tux.db", tmp_path / "data" / "bot" / "tux.db"):
        assert (await database_finding(path)).level == "ok"


def test_looking_for_a_database_makes_nothing(tmp_path: Path) -> None:
    """A folder that the database would be made in is as it was."""
    asyncio.run(database_finding(tmp_path / "data" / "tux.db"))
    assert list(tmp_path.iterdir()) == []


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Whether the file is there or not: SQLite writes others beside it."""
    (tmp_path / "file").write_text("no folder")
    assert (await database_finding(tmp_path / "file" / "tux.db")).level == "fault"
    disk = Disk(tmp_path / "disk", "1m")
    with closing(sqlite3.connect(disk.path / "there.db")) as made:
        made.execute("CREATE TABLE a (b)")
    with disk.read_only():
        for name in ("there.db", "new.db", "folder/new.db"):
            finding = await database_finding(disk.path / name)
            assert finding.level == "fault", name
            assert "DATABASE_URL" in finding.advice
    assert (await database_finding(disk.path / "there.db")).level == "ok"
    disk.close()


def test_rules_of_grouping_are_read() -> None:
    """One that cannot be read is a fault, told by its number; without rules there is nothing to tell."""
    assert list(check_grouping(StationSettings())) == []
    assert levels(list(check_grouping(StationSettings(fingerprints=("type:A -> a",))))) == ["ok"]
    (finding,) = check_grouping(StationSettings(fingerprints=("type:A -> a", "nonsense")))
    assert finding.level == "fault"
    assert "Rule 2" in finding.advice


def test_what_is_watched_is_read(tmp_path: Path) -> None:
    """A wrong alert rule is a fault with its line; no file is well."""
    file = tmp_path / "tux.toml"
    assert check_watch(file).level == "ok"
    file.write_text('[watch.alerts.error_rate]\nthreshold = "x"\n[watch.alerts.none_such]\n')
    finding = check_watch(file)
    assert finding.level == "fault"
    assert "tux.toml:2: watch.alerts.error_rate.threshold" in finding.advice
    assert "tux.toml:3: watch.alerts.none_such" in finding.advice


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    """A file that is something else is a fault, and stays as it was."""
    path = tmp_path / "tux.db"
    path.write_text("some notes of mine " * 100)
    finding = await check_database(
        Settings(database=DatabaseSettings(url=SecretStr(f"sqlite:///{path}")))
    )
    assert finding.level == "fault"
    assert path.read_text().startswith("some notes")


@pytest.mark.parametrize(
    ("token", "api_url", "level"),
    [
        (None, None, "fault"),
        ("hunter2", None, "warning"),
        ("hunter2", "http://127.0.0.1:1", "ok"),
        (f"{'M' * 24}.{'a' * 6}.{'b' * 38}", None, "ok"),
    ],
)
def test_the_token_is_looked_at(token: str | None, api_url: str | None, level: str) -> None:
    """One that is missing, or is another kind of secret, is told and not shown."""
    secret = None if token is None else SecretStr(token)
    finding = check_discord(Settings(discord=DiscordSettings(token=secret, api_url=api_url)))
    assert finding.level == level
    assert token is None or token not in repr(finding)
