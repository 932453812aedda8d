"""Commands are imported when they are called, and listed as what they are."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tux.cli.commands import COMMANDS, loaded


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_listed_as_what_it_says_of_itself(name: str) -> None:
    """Name and first sentence in the list of commands are the command's own."""
    command = loaded(COMMANDS[name])
    assert command.name == name
    assert " ".join(command.help.split("\n\n")[0].split()) == COMMANDS[name].help


def test_the_list_of_commands_loads_none_of_them() -> None:
    """Whoever asks for help does not wait for what a bot, a station or a demo need."""
    code = "import sys, tux.cli.root; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=45
    )
    heavy = {"discord", "sqlalchemy", "sentry_sdk", "aiohttp", "tux.app", "tux.station.server"}
    assert heavy.isdisjoint(done.stdout.split())
