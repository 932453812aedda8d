"""Files of the spool that have no name yet, as the next run finds them."""

from __future__ import annotations

import os
from dataclasses import replace
from errno import ENOSPC
from typing import TYPE_CHECKING

import pytest

from tux.services.sentry.delivery.client_reports import Loss
from tux.services.sentry.delivery.envelopes import Parcel
from tux.services.sentry.delivery.spool_files import (
    CorruptFileError,
    Run,
    entry_of,
    read_body,
    read_losses,
)
from tux.services.sentry.delivery.spool_spares import BLANK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PARCEL = Parcel("0123456789abcdef" * 2, "error", (Loss("error", 1),), b'{}\n{"type":"event"}\n{}\n')
ORDER = (1_790_000_000_000_000_000, 7)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    made = Run.create(tmp_path / "spool" / "receiver", "1-2-3")
    yield made
    made.close()


def test_one_that_is_whole_is_known(run: Run) -> None:
    """Its first line says what its name will, and moving it gives it that name."""
    assert run.jot(ORDER, PARCEL) is None, "no file was made ahead"
    run.prepare()
    jotted = run.jot(ORDER, PARCEL)
    assert jotted is not None
    assert jotted.path is not None
    (found,) = run.entries()
    assert (found.order, found.category, found.id) == (ORDER, "error", PARCEL.id)
    assert (found.path, found.size) == (jotted.path, jotted.size)
    assert jotted.path.stat().st_size == len(BLANK) > jotted.size
    assert read_body(jotted.path) == PARCEL.body
    assert read_losses(jotted.path, "?") == PARCEL.losses
    run.take_in(found)
    (named,) = run.path.glob("*.env")
    assert (named.name, named.stat().st_size) == (jotted.name, jotted.size)
    assert read_body(named) == PARCEL.body


def test_one_that_was_not_written_to_its_end_is_cleared(run: Run) -> None:
    """Wherever a kill broke a write off, its capture had not returned: the file goes."""
    run.prepare()
    jotted = run.jot(ORDER, PARCEL)
    assert jotted is not None
    assert jotted.path is not None
    whole = jotted.path.read_bytes()
    for length in range(jotted.size):
        jotted.path.write_bytes(whole[:length])
        assert entry_of(jotted.path) is None, length
        jotted.path.write_bytes(whole[:length] + BLANK[length:])
        assert entry_of(jotted.path) is None, length
    assert run.entries() == []
    assert not jotted.path.exists()


def test_one_that_is_longer_than_what_was_made_ahead(run: Run) -> None:
    """It goes on where the blank ends."""
    run.prepare()
    long = replace(PARCEL, body=bytes(range(1, 256)) * 400)
    jotted = run.jot(ORDER, long)
    assert jotted is not None
    assert jotted.path is not None
    assert jotted.size > len(BLANK)
    assert read_body(jotted.path) == long.body


def test_what_stands_behind_an_envelope(run: Run) -> None:
    """Blanks are the rest of the file; anything else is somebody else's, and not sent."""
    run.prepare()
    jotted = run.jot(ORDER, PARCEL)
    assert jotted is not None
    assert jotted.path is not None
    jotted.path.write_bytes(jotted.path.read_bytes() + b"!")
    with pytest.raises(CorruptFileError):
        read_body(jotted.path)


def test_a_disk_that_is_full(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be made whole ahead is not there at all."""

    def refuse(file: int, content: bytes) -> None:
        raise OSError(ENOSPC, "full")

    monkeypatch.setattr("tux.services.sentry.delivery.spool_spares.write_whole", refuse)
    run.prepare()
    assert run.jot(ORDER, PARCEL) is None
    assert [path.name for path in run.path.iterdir()] == ["lock"]


def test_a_disk_that_takes_little_at_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is written behind it."""
    write = os.pwrite

    def little(file: int, content: bytes, at: int) -> int:
        return write(file, content[:100], at)

    run.prepare()
    monkeypatch.setattr("os.pwrite", little)
    jotted = run.jot(ORDER, PARCEL)
    assert jotted is not None
    assert jotted.path is not None
    assert read_body(jotted.path) == PARCEL.body
