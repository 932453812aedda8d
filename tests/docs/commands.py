"""Command lines of the pages → what is wrong with them, asked of the programs themselves."""

from __future__ import annotations

import re
import shlex
import tomllib
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import typer
from tests.docs.pages import ROOT

from tux.cli.root import app
from tux.shared.settings import variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.docs.pages import Block

_ASSIGNMENT: Final = re.compile(r"[A-Z][A-Z0-9_]*=")
_OURS: Final = ("SENTRY_", "DISCORD_", "BOT_", "DATABASE_", "STATION_", "ALERTS_", "PRIVACY_")
OTHERS: Final = {"cd", "git", "install", "systemctl"}
"""Programs of which nothing is checked here."""
_OF_THE_READER: Final = {"bot.py"}
"""Files that a page's reader has, and we have not."""
_PLACES: Final = re.compile(r"^(\.venv/bin/|/opt/tux/bin/)")


def lines_of(block: Block) -> Iterator[str]:
    """Give the command lines of a block; in a console's, what it answered is left out."""
    for line in block.text.replace("\\\n", " ").splitlines():
        if block.language == "console":
            if line.startswith("$ "):
                yield line.removeprefix("$ ")
        elif line.strip():
            yield line


def faults_of(line: str) -> list[str]:
    """Say what is wrong with a command line: program, sub-command, option, target, file."""
    words = shlex.shlex(line, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    commands: list[list[str]] = [[]]
    listed = iter(words)
    for word in listed:
        if word in {"<", ">", ">>"}:
            next(listed)
        elif set(word) <= set(";|&"):
            commands.append([])
        else:
            commands[-1].append(word)
    return [fault for command in commands if command for fault in _faults(command)]


def _faults(command: list[str]) -> Iterator[str]:
    while command and _ASSIGNMENT.match(command[0]):
        name = command.pop(0).split("=")[0]
        if name.startswith(_OURS) and name not in variables():
            yield f"{name} is no setting"
    if not command:
        return
    program, *words = command
    check = _CHECKS.get(_PLACES.sub("", program))
    if check is not None:
        yield from check(words)
    elif program not in OTHERS:
        yield f"{program} is no program that is known here"


def _tux(words: list[str]) -> Iterator[str]:
    """Let the command line read it, and run nothing."""
    command: Any = typer.main.get_command(app)
    context: Any = None
    # What stands in brackets may be left out.
    words = [word for word in words if not word.startswith("[")]
    try:
        while True:
            context = command.make_context(command.name, list(words), parent=context)
            # What stood for it until now has been imported.
            command = context.command
            if not hasattr(command, "resolve_command"):
                return
            words = [*context._protected_args, *context.args]
            if not words:
                return
            _, command, words = command.resolve_command(context, words)
    except typer.Exit:
        return
    except typer.TyperException as error:
        # The name of a group alone is fine in a sentence.
        if type(error).__name__ != "NoArgsIsHelpError":
            yield getattr(error, "format_message", error.__str__)()


def _make(words: list[str]) -> Iterator[str]:
    makefile = (ROOT / "Makefile").read_text()
    for word in words:
        name, is_variable, _ = word.partition("=")
        if is_variable and f"$({name})" not in makefile and f"$(if $({name})" not in makefile:
            yield f"make knows no {name}"
        elif not is_variable and not re.search(rf"^{re.escape(name)}:", makefile, re.MULTILINE):
            yield f"make has no target {name}"


def _pip(words: list[str]) -> Iterator[str]:
    for word in words:
        name, _, rest = word.partition("[")
        if name in {"tux", "."} or name.endswith(".whl"):
            asked = {one.strip() for one in rest.rstrip("]").split(",") if one}
            yield from (f"tux has no extra {one}" for one in asked - extras())


def _file(words: list[str]) -> Iterator[str]:
    for word in words[:1]:
        if word not in {"-m", *_OF_THE_READER} and not (ROOT / word).exists():
            yield f"there is no file {word}"


def _podman(words: list[str]) -> Iterator[str]:
    """Check the file of a build, the settings of a run, and what runs in it."""
    listed = iter(words)
    for word in listed:
        if word == "-f":
            yield from _file([next(listed)])
        elif word == "-e":
            yield from _faults([next(listed)])
        elif word in {"-v", "-p", "-t", "--name", "--env-file"}:
            next(listed)
        elif word == "tux":
            yield from _tux(list(listed) or ["start"])


def _python(words: list[str]) -> Iterator[str]:
    if words[:2] == ["-m", "tux"]:
        yield from _tux(words[2:])
    elif words[:2] == ["-m", "pip"]:
        yield from _pip(words[2:])
    elif words[:2] != ["-m", "venv"]:
        yield from _file(words)


@cache
def extras() -> set[str]:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return set(document["project"]["optional-dependencies"])


_CHECKS: Final[dict[str, Callable[[list[str]], Iterator[str]]]] = {
    "cp": _file,
    "make": _make,
    "pip": _pip,
    "podman": _podman,
    "python": _python,
    "python3": _python,
    "tux": _tux,
}
