"""A receiver that is asked, and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.cli.conftest import tux
from tests.fakes.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["receiver", "tux"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    running.start()
    yield running
    running.stop()
