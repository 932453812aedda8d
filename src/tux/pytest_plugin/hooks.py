"""What pytest asks of a plug-in: nothing is sent while it runs."""

from __future__ import annotations

from typing import Final

import pytest

from tux.pytest_plugin.unsent import Unsent

UNSENT: Final = pytest.StashKey[Unsent]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a person send telemetry from tests all the same."""
    parser.getgroup("tux").addoption(
        "--send-telemetry",
        action="store_true",
        help="let the bot's own sentry_sdk.init send; by default nothing leaves a test",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Take the network away from the SDK before any test module is imported."""
    unsent = Unsent()
    config.stash[UNSENT] = unsent
    if not config.getoption("--send-telemetry"):
        unsent.install()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave the SDK as it was."""
    config.stash[UNSENT].uninstall()
