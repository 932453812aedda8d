"""What the layer sent, and the page that is written of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.coverage.test_coverage_table import HEAD, PAGE
from tests.sentry.conftest import _fresh, sent, unstarted

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["_fresh", "sent", "unstarted"]

MARK = "<!-- made by `make coverage-table` from here -->"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-coverage-table", action="store_true", help="write docs/coverage.md")


@pytest.fixture(scope="session")
def lines(request: pytest.FixtureRequest) -> Iterator[list[str] | None]:
    """Lines of the page; None where they are only compared."""
    if not request.config.getoption("--write-coverage-table"):
        yield None
        return
    found: list[str] = []
    yield found
    head = Path(PAGE).read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(head + "\n".join((MARK, "", *HEAD, *found)) + "\n", encoding="utf-8")
