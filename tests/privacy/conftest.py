"""A receiver on loopback, and the SDK as the bot sets it up, sending to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.fakes.receiver import Receiver
from tests.privacy.probes import Recorder, recording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    receiver.start()
    yield receiver
    receiver.stop()


@pytest.fixture
def recorder(receiver: Receiver, tmp_path: Path) -> Iterator[Recorder]:
    with recording(receiver.dsn, tmp_path / "spool") as recorder:
        yield recorder
