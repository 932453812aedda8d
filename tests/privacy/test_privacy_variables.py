"""Variables of stack frames, as they leave by default: without anybody's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.privacy.places_exceptions import run
from tests.privacy.probes import captured

from tux.services.sentry.frames import QUIET_FRAMES
from tux.services.sentry.privacy import set_privacy
from tux.shared.privacy import PrivacySettings

if TYPE_CHECKING:
    from tests.privacy.probes import Recorder

SAID = "meet me behind the igloo"


@pytest.fixture(autouse=True)
def _by_default(recorder: Recorder) -> None:
    set_privacy(PrivacySettings())


def frame_of(recorder: Recorder, filename: str = "made.py", **names: Any) -> Any:
    (envelope,) = captured(recorder, lambda: run("raise error", filename, **names))
    event = envelope.items[0].payload.json
    assert isinstance(event, dict)
    return event["exception"]["values"][0]["stacktrace"]["frames"][-1]


@pytest.mark.parametrize(
    "held",
    [
        SAID,
        SAID.encode(),
        {"text": SAID},
        {SAID: 1},
        [1, [SAID]],
        {"a": {"b": [SAID]}},
        (SAID,),
        {SAID},
        f'{SAID}\'s "edge" \\',
        SAID * 200,
        ValueError(SAID),
    ],
    ids=repr,
)
def test_words_stay_at_home(recorder: Recorder, held: object) -> None:
    """No text in a variable leaves, whatever it stands in; numbers do."""
    frame = frame_of(recorder, held=held, number=7)
    assert frame["vars"]["number"] == "7"
    assert "held" in frame["vars"]
    assert "igloo" not in repr(frame["vars"])


@pytest.mark.parametrize("module", QUIET_FRAMES)
def test_libraries_tell_no_variables(recorder: Recorder, module: str) -> None:
    """Frames of libraries that hold headers, tokens and parameters carry no variables."""
    name = f"{module}made" if module.endswith(".") else module
    frame = frame_of(recorder, module=name, number=7)
    assert frame["lineno"] == 1
    assert "vars" not in frame
