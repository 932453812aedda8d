"""What every test leaves as it found it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _log_levels() -> Iterator[None]:
    """Put the levels of the log back: a command line that runs within this process sets them."""
    before = {one: one.level for one in _loggers()}
    yield
    for one in _loggers():
        one.setLevel(before.get(one, logging.NOTSET))


def _loggers() -> list[logging.Logger]:
    named = logging.root.manager.loggerDict.values()
    return [logging.root, *(one for one in named if isinstance(one, logging.Logger))]
