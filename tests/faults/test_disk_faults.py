"""500 events, a disk that goes wrong, and what arrives."""

from __future__ import annotations

import shutil
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest
from loguru import logger
from tests.fakes.receiver import wait_until
from tests.faults.disks import Disk, no_files_left
from tests.faults.stage import EVENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.faults.stage import Stage


@pytest.fixture
def disk(tmp_path: Path, stage: Stage, request: pytest.FixtureRequest) -> Iterator[Disk]:
    """The disk of the spool."""
    disk = Disk(tmp_path / "disk", getattr(request, "param", "8m"))
    stage.telemetry.settings = stage.telemetry.settings.model_copy(
        update={"spool_path": disk.path / "spool"}
    )
    yield disk
    stage.telemetry.stop()
    disk.close()


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What is logged."""
    lines: list[str] = []
    sink = logger.add(lines.append, format="{message}")
    yield lines
    logger.remove(sink)


EVERY = pytest.mark.parametrize("step", [8, pytest.param(1, marks=pytest.mark.long)])
FAULTS: dict[str, Callable[[Disk], AbstractContextManager[None]]] = {
    "full": Disk.full,
    "read-only": Disk.read_only,
    "no files left": lambda _: no_files_left(),
}


@pytest.mark.parametrize("disk", ["1m"], indirect=True)
def test_a_disk_that_fills_up(
    stage: Stage, disk: Disk, record_property: Callable[[str, object], None]
) -> None:
    """Events take more than a disk of 1 MB has: the rest waits in memory, and all arrive."""
    stage.server.leave()
    stage.telemetry.start()
    with nullcontext() if disk.is_mounted else disk.full():
        stage.capture(EVENTS)
    assert stage.waiting() < EVENTS
    stage.server.come()
    record_property("accounts", stage.check("a disk of 1 MB"))


@pytest.mark.parametrize("since", ["the start", "a while"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_disk_that_cannot_be_written(
    fault: str,
    since: str,
    stage: Stage,
    disk: Disk,
    lines: list[str],
    record_property: Callable[[str, object], None],
) -> None:
    """What cannot be written waits in memory, all arrives, and one line says so."""
    stage.server.leave()
    if since == "a while":
        stage.telemetry.start()
        stage.capture(EVENTS // 2)
    with FAULTS[fault](disk):
        if since == "the start":
            stage.telemetry.start()
        stage.capture(EVENTS - len(stage.captured))
    assert stage.waiting() < EVENTS
    stage.server.come()
    record_property("accounts", stage.check(f"disk {fault}"))
    assert len([line for line in lines if "cannot be written" in line]) == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_what_waits_in_memory_is_written_when_it_can_be(
    fault: str, stage: Stage, disk: Disk, record_property: Callable[[str, object], None]
) -> None:
    """Events that a disk did not take survive a restart once it does."""
    stage.server.leave()
    with FAULTS[fault](disk):
        stage.telemetry.start()
        stage.capture(EVENTS)
    stage.restart()
    assert stage.waiting() == EVENTS
    stage.server.come()
    record_property("accounts", stage.check(f"disk {fault}, then a restart"))


@pytest.mark.parametrize("run", ["same", "next"])
def test_a_disk_that_becomes_read_only_while_all_waits_on_it(
    run: str, stage: Stage, disk: Disk, record_property: Callable[[str, object], None]
) -> None:
    """What cannot be removed is sent all the same, and removed when it can be."""
    stage.server.leave()
    stage.telemetry.start()
    stage.capture(EVENTS)
    if run == "next":
        stage.telemetry.stop()
    with disk.read_only():
        if run == "next":
            stage.telemetry.start()
        stage.server.come()
        accounts = stage.settle()
        assert accounts.missing == 0, str(accounts)
        assert stage.waiting() == EVENTS
    record_property("accounts", stage.check("disk read-only after captures"))


@EVERY
def test_a_file_cut_at_every_byte(
    step: int, stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    """A file that breaks off anywhere is counted and set aside; the others arrive."""

    def cut(path: Path, length: int) -> None:
        with path.open("r+b") as stream:
            stream.truncate(length)

    told = spoil(stage, cut, step)
    assert stage.accounts().reported == len(stage.captured) // 2, told
    assert any(stage.telemetry.settings.spool_path.glob("*/corrupt/*.env"))
    record_property("accounts", told)


@EVERY
def test_a_file_changed_at_every_byte(
    step: int, stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    """A file of which a bit is wrong arrives, or is counted: none of them stops the others."""

    def flip(path: Path, place: int) -> None:
        content = bytearray(path.read_bytes())
        content[place] ^= 1
        path.write_bytes(content)

    record_property("accounts", spoil(stage, flip, step))


def spoil(stage: Stage, fault: Callable[[Path, int], None], step: int) -> str:
    """Spoil one file at its first byte, the next a step further, and leave as many as they are."""
    stage.server.leave()
    stage.telemetry.start()
    stage.capture(1)
    assert wait_until(lambda: len(files(stage)) == 1)
    places = range(0, files(stage)[0].stat().st_size, step)
    stage.capture(2 * len(places) - 1)
    stage.telemetry.stop()
    for place, path in zip(places, files(stage)[::2], strict=True):
        fault(path, place)
    stage.server.come()
    stage.telemetry.start()
    accounts = stage.settle()
    told = f"{len(places)} of {len(stage.captured)} files spoilt: {accounts}"
    assert accounts.missing == 0, told
    assert set(accounts.lost) <= {("error", "internal_sdk_error")}, told
    return told


def files(stage: Stage) -> list[Path]:
    """List the files of the spool, the oldest first."""
    return sorted(stage.telemetry.settings.spool_path.rglob("*.env"))


def _remove(folder: Path) -> None:
    """Remove a folder at one stroke: the sender notes there what it finds missing."""
    gone = folder.rename(folder.with_name("removed"))
    shutil.rmtree(gone, ignore_errors=True)


def test_a_spool_that_somebody_clears(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    """What was removed is counted, and what comes after it arrives."""
    stage.server.leave()
    stage.telemetry.start()
    stage.capture(EVENTS // 2)
    # What has no name yet is in memory, too, and would be written anew.
    assert wait_until(lambda: len(files(stage)) == EVENTS // 2)
    _remove(stage.telemetry.settings.spool_path)
    stage.capture(EVENTS // 2)
    stage.server.come()
    told = stage.check("spool removed", lost=[("error", "internal_sdk_error")])
    assert stage.accounts().reported == EVENTS // 2, told
    record_property("accounts", told)
