"""Files of the spool that have no name yet, as the next run finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tux.services.sentry.delivery.client_reports import Loss
from tux.services.sentry.delivery.envelopes import Parcel
from tux.services.sentry.delivery.spool_files import Run, entry_of, read_body, read_losses

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
    assert read_body(jotted.path) == PARCEL.body
    assert read_losses(jotted.path, "?") == PARCEL.losses
    run.take_in(found)
    assert [path.name for path in run.path.glob("*.env")] == [jotted.name]


def test_one_that_was_not_written_to_its_end_is_cleared(run: Run) -> None:
    """Wherever a kill broke a write off, its capture had not returned: the file goes."""
    run.prepare()
    jotted = run.jot(ORDER, PARCEL)
    assert jotted is not None
    assert jotted.path is not None
    whole = jotted.path.read_bytes()
    for length in range(len(whole)):
        jotted.path.write_bytes(whole[:length])
        assert entry_of(jotted.path) is None, length
    assert run.entries() == []
    assert not jotted.path.exists()
