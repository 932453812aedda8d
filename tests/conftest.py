"""What every test leaves as it found it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from loguru._better_exceptions import ExceptionFormatter

if TYPE_CHECKING:
    from collections.abc import Iterator

# Loguru asks for each of Python's folders whenever a sink is added: 10 ms, three times a test.
_folders = ExceptionFormatter._get_lib_dirs()  # type: ignore[no-untyped-call]  # it has no types
ExceptionFormatter._get_lib_dirs = staticmethod(lambda: _folders)  # type: ignore[method-assign]  # no other way


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
