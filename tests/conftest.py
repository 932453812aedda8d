"""What every test leaves as it found it."""

from __future__ import annotations

import logging
import sysconfig
from functools import cache
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

# Loguru asks for each of Python's folders whenever a sink is added: 10 ms, three times a test.
sysconfig.get_path = cache(sysconfig.get_path)  # type: ignore[assignment]  # a cache takes any arguments


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
