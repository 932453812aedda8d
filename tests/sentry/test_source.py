"""Lines of source around a frame, as the SDK has them."""

from __future__ import annotations

import importlib
import os
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import sentry_sdk
from sentry_sdk.utils import serialize_frame
from tests.fakes.sent import raised

from tux.services.sentry import capture_exception
from tux.services.sentry.source import LONGEST, add_source, bring_source, brings_source

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from tests.fakes.sent import Sent

FIELDS = ("pre_context", "context_line", "post_context")
SOURCE = "def work():\n    raise LookupError\n"


def shown(path: object, number: object, **more: Any) -> dict[str, Any]:
    frame: dict[str, Any] = {"abs_path": path, "lineno": number, **more}
    add_source([frame])
    return {name: frame[name] for name in FIELDS if name in frame}


@pytest.mark.parametrize("place", ["first", "second", "middle", "last"])
def test_as_the_sdk_does(tmp_path: Path, place: str) -> None:
    """At the beginning of a file, in it and at its end, the lines are those of the SDK."""
    number = {"first": 1, "second": 2, "middle": 20, "last": 40}[place]
    path = tmp_path / f"{place}.py"
    path.write_text("".join(f"    # {line}\n" for line in range(1, number)) + "raise LookupError\n")
    if place != "last":
        path.write_text(path.read_text() + "\n".join(f"# {line}" for line in range(30)))
    with pytest.raises(LookupError) as caught:
        exec(compile(path.read_text(), str(path), "exec"), {"__name__": "made"})  # as above
    trace: TracebackType | None = caught.tb
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    assert trace is not None
    of_the_sdk = serialize_frame(trace.tb_frame, trace.tb_lineno)
    assert shown(str(path), number) == {name: of_the_sdk[name] for name in FIELDS}


def test_what_has_no_lines() -> None:
    """Frames without a file, of another length or with lines already are left as they are."""
    assert shown("<string>", 1) == {}
    assert shown(None, 1) == shown(__file__, None) == shown(__file__, 10**6) == {}
    assert shown(__file__, 1, context_line="mine") == {"context_line": "mine"}


def test_after_a_change(tmp_path: Path) -> None:
    """A file that was written anew, as before a reload, is read anew; a long line is cut."""
    path = tmp_path / "changed.py"
    path.write_text("first\n")
    assert shown(str(path), 1)["context_line"] == "first"
    path.write_text("x" * 2 * LONGEST)
    os.utime(path, (1, 1))
    assert shown(str(path), 1)["context_line"] == "x" * LONGEST


def test_out_of_an_archive(sent: Sent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines of a module in an archive are found, too."""
    archive = tmp_path / "packed.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("packed_shop.py", SOURCE)
    monkeypatch.syspath_prepend(str(archive))
    module = importlib.import_module("packed_shop")
    monkeypatch.setitem(sys.modules, "packed_shop", module)
    with pytest.raises(LookupError) as caught:
        module.work()
    capture_exception(caught.value)
    frame = sent.event["exception"]["values"][-1]["stacktrace"]["frames"][-1]
    assert frame["context_line"] == "    raise LookupError"


@pytest.mark.parametrize(
    "options",
    [
        {"include_source_context": False},
        {"include_source_context": True, "data_collection": {"provided_by_user": True}},
    ],
    ids=["off", "another number"],
)
def test_whoever_wants_none(options: dict[str, Any]) -> None:
    """A bot that has turned them off, or chosen how many there are, is left alone."""
    before = dict(options)
    bring_source(options)
    assert options == before
    assert not brings_source(options)


def test_each_frame_has_its_lines(sent: Sent) -> None:
    """Over the real layer, the innermost frame shows where it was raised."""
    assert brings_source(sentry_sdk.get_client().options)
    capture_exception(raised(LookupError("a")))
    frame = sent.event["exception"]["values"][-1]["stacktrace"]["frames"][-1]
    assert "raise error" in frame["context_line"]
    assert frame["pre_context"]
    assert frame["post_context"]
