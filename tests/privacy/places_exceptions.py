"""Places in exceptions and in the frames of their stacks."""

from __future__ import annotations

import linecache
from pathlib import Path
from typing import Any

import sentry_sdk
from tests.fakes.sent import raised
from tests.privacy.placing import place


def _captured(error: BaseException) -> None:
    sentry_sdk.capture_exception(raised(error))


@place("exception value")
def _(text: str) -> None:
    _captured(RuntimeError(text))


@place("exception arguments", repr)
def _(text: str) -> None:
    _captured(RuntimeError("failed", 7, text))


@place("exception note")
def _(text: str) -> None:
    error = RuntimeError("failed")
    error.add_note(text)
    _captured(error)


@place("exception cause")
def _(text: str) -> None:
    error = RuntimeError("failed")
    error.__cause__ = ValueError(text)
    _captured(error)


@place("exception context")
def _(text: str) -> None:
    error = RuntimeError("failed")
    error.__context__ = raised(ValueError(text))
    _captured(error)


@place("exception group")
def _(text: str) -> None:
    _captured(ExceptionGroup("many", [ValueError(text), KeyError("x")]))


@place("exception group's message")
def _(text: str) -> None:
    _captured(ExceptionGroup(text, [ValueError("x")]))


@place("exception cause, third")
def _(text: str) -> None:
    error, cause = RuntimeError("failed"), ValueError("x")
    cause.__cause__ = KeyError(text)
    error.__cause__ = cause
    _captured(error)


@place("exception group, nested")
def _(text: str) -> None:
    _captured(ExceptionGroup("many", [ExceptionGroup("more", [ValueError(text)])]))


@place("exception mechanism's data", takes_data=True)
def _(text: str) -> None:
    mechanism = {"type": "x", "handled": True, "data": {"value": text}, "description": text}
    sentry_sdk.capture_event({"exception": {"values": [{"type": "X", "mechanism": mechanism}]}})


@place("exception type")
def _(text: str) -> None:
    _captured(type(text, (RuntimeError,), {})("failed"))


@place("variable", repr)
def _(text: str) -> None:
    held = text
    try:
        int(f"no {len(held)}")
    except ValueError as error:
        sentry_sdk.capture_exception(error)


def run(source: str, filename: str = "made.py", **names: Any) -> None:
    """Raise from a module of its own, whose source the SDK finds."""
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    module = {"__builtins__": {}, "__name__": names.pop("module", "made")}
    variables = {"error": RuntimeError("x"), **names}
    try:
        exec(compile(source, filename, "exec"), module, variables)  # our own line
    except RuntimeError as error:
        sentry_sdk.capture_exception(error)


_RAISE = "raise error"


@place("variable, data", repr, takes_data=True)
def _(text: str) -> None:
    run(_RAISE, held={"value": text})


@place("variables", repr, takes_data=True)
def _(text: str) -> None:
    run(_RAISE, value=text)


@place("variable, key of data")
def _(text: str) -> None:
    run(_RAISE, held={text: 1})


@place("variable, list", repr)
def _(text: str) -> None:
    run(_RAISE, held=[1, [text, 2]])


@place("variable, path", lambda text: f"PosixPath({text!r})")
def _(text: str) -> None:
    run(_RAISE, held=Path(text))


@place("variable, path in data", lambda text: f"PosixPath({text!r})")
def _(text: str) -> None:
    run(_RAISE, held={"a": [Path(text)]})


@place("variable, bytes", lambda text: repr(text.encode()))
def _(text: str) -> None:
    run(_RAISE, held=text.encode())


@place("variable, deep", repr)
def _(text: str) -> None:
    run(_RAISE, held={"a": {"b": {"c": text}}})


@place("variable of a thread", repr)
def _(text: str) -> None:
    frame = {"module": "m", "function": "f", "lineno": 1, "vars": {"held": repr(text)}}
    sentry_sdk.capture_event({"threads": {"values": [{"stacktrace": {"frames": [frame]}}]}})


@place("source line before")
def _(text: str) -> None:
    run(f"'{text}'\npass\n{_RAISE}", "before.py")


@place("source line")
def _(text: str) -> None:
    run(f"{_RAISE}  # {text}", "line.py")


@place("source line after")
def _(text: str) -> None:
    run(f"{_RAISE}\n'{text}'", "after.py")


@place("source file's name")
def _(text: str) -> None:
    run(_RAISE, f"/app/{text}/cog.py")


@place("frame's module")
def _(text: str) -> None:
    sentry_sdk.capture_event(
        {"exception": {"values": [{"stacktrace": {"frames": [{"module": text, "lineno": 1}]}}]}}
    )


@place("frame's function")
def _(text: str) -> None:
    def raises() -> None:
        raise RuntimeError("x")

    raises.__code__ = raises.__code__.replace(co_name=text, co_qualname=text)
    try:
        raises()
    except RuntimeError as error:
        sentry_sdk.capture_exception(error)
