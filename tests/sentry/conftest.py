"""What the layer sent, as data."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tests.fakes.discord_client import Client, connected
from tests.fakes.receiver import Receiver
from tests.fakes.sent import Sent, reset

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin and end with the layer and the SDK off, and no settings of this machine."""
    for name in list(os.environ):
        if name.startswith(("SENTRY_", "DISCORD_", "DATABASE_")):
            monkeypatch.delenv(name)
    reset()
    yield
    reset()


@pytest.fixture
def unstarted(tmp_path: Path) -> Iterator[Sent]:
    receiver = Receiver()
    receiver.start()
    yield Sent(receiver, tmp_path)
    reset()
    receiver.stop()


@pytest.fixture
def sent(unstarted: Sent) -> Sent:
    unstarted.start()
    return unstarted


@pytest.fixture
async def client(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    async with connected(sent, monkeypatch) as made:
        yield made
