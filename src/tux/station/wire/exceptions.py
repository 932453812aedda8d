"""What an event says went wrong: its exceptions, the one that names it, its message, its frames. Pure."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from tux.station.wire.fields import TEXT, mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EXCEPTIONS: Final = 50
"""Most that is looked at of one event: what comes before does not tell errors apart."""
FRAMES: Final = 250
WRAPPERS: Final = frozenset(
    {
        *("CommandInvokeError", "HybridCommandError", "ConversionError", "ExtensionFailed"),
    }
)
"""What discord.py puts around the error of a callback: another one for each way to call it."""
MACHINERY: Final = (
    *("asyncio.", "concurrent.", "contextlib.", "functools.", "importlib.", "runpy.", "threading."),
    *("uvloop.", "sentry_sdk.", "tux.services.sentry."),
)
"""Modules that run code and are never at fault; they differ between versions of Python."""
FRAMEWORKS: Final = ("discord.", "aiohttp.")
INLINED: Final = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"})
"""Frames that Python 3.12 has no more."""


def exceptions_of(event: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List the exceptions of an event, the one that was raised last."""
    return [mapping(value) for value in sequence(event.get("exception")) if value][-EXCEPTIONS:]


def essential(exceptions: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Leave out groups and what discord.py wraps around an error, where there is anything else."""
    found = [one for one in exceptions if not is_group(one)] or list(exceptions)
    return [one for one in found if text(one.get("type")) not in WRAPPERS] or found


def is_group(exception: Mapping[str, Any]) -> bool:
    """Tell whether it is an ``ExceptionGroup``: what counts are those inside."""
    return mapping(exception.get("mechanism")).get("is_exception_group") is True


def message_of(event: Mapping[str, Any]) -> tuple[str, str]:
    """Return an event's message as its template and as a person reads it."""
    entry = event.get("logentry") or event.get("message")
    if isinstance(entry, str):
        entry = {"formatted": entry}
    entry = mapping(entry)
    template = text(entry.get("message"), TEXT) or text(entry.get("formatted"), TEXT) or ""
    return template, text(entry.get("formatted"), TEXT) or template


def frames_of(exception: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List the frames of an exception, outermost first."""
    stacktrace = mapping(exception.get("stacktrace"))
    return [mapping(frame) for frame in sequence(stacktrace.get("frames"))[-FRAMES:]]


def own_frames(exception: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], bool]:
    """List the frames that tell where it went wrong, and whether they are the application's."""
    frames = [frame for frame in frames_of(exception) if text(frame.get("function")) not in INLINED]
    own = [frame for frame, is_own in zip(frames, are_own(frames), strict=True) if is_own]
    code = [frame for frame in frames if not _is_of(frame, MACHINERY)]
    return own or code or frames, bool(own)


def are_own(frames: Sequence[Mapping[str, Any]]) -> list[bool]:
    """Tell which frames are the application's.

    SDKs mark what lies below the project's folder and what lies in libraries; of the rest, an
    installed application's own code say, they say nothing. What they mark too much is machinery.
    """
    marked = [frame.get("in_app") is True and not _is_of(frame, MACHINERY) for frame in frames]
    if any(marked):
        return marked
    return [
        frame.get("in_app") is not False and not _is_of(frame, (*MACHINERY, *FRAMEWORKS))
        for frame in frames
    ]


def module_of(frame: Mapping[str, Any]) -> str:
    """Name a frame's module; without one, the file's name, which is the same on every machine."""
    module = text(frame.get("module"))
    if module is not None and module != "__main__":
        return module
    path = text(frame.get("filename"), TEXT) or text(frame.get("abs_path"), TEXT) or module or ""
    return PurePosixPath(path.replace("\\", "/")).stem


def function_of(frame: Mapping[str, Any]) -> str:
    """Name a frame's function, without those that it is defined in."""
    return (text(frame.get("function")) or "").rpartition("<locals>.")[2]


def _is_of(frame: Mapping[str, Any], packages: tuple[str, ...]) -> bool:
    # One call for all packages: this is asked of each frame of each error.
    return f"{text(frame.get('module')) or ''}.".startswith(packages)
