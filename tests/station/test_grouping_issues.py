"""Events of one fault are one issue; events of two faults are two."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tux.station.wire.grouping import UNLABELED, group
from tux.station.wire.parameters import normalised


def frame(module: str, function: str, *, in_app: bool = True, **more: Any) -> dict[str, Any]:
    return {"module": module, "function": function, "in_app": in_app, **more}


def failure(*frames: dict[str, Any], kind: str = "KeyError", value: str = "'xp'") -> dict[str, Any]:
    """Return an event with one exception, raised in the last of the frames."""
    exception = {"type": kind, "value": value, "stacktrace": {"frames": list(frames)}}
    return {"exception": {"values": [exception]}}


RUN = frame("asyncio.runners", "run", in_app=False, lineno=118)
INVOKE = frame("discord.ext.commands.core", "invoke", in_app=False)
RANK = frame("tux.modules.levels", "rank", lineno=10, abs_path="/srv/tux/levels.py")
READ = frame("tux.database.service", "read", lineno=7, context_line="return row['xp']")
EVENT = failure(RUN, INVOKE, RANK, READ)


@pytest.mark.parametrize(
    "same",
    [
        failure(RUN, INVOKE, RANK, {**READ, "lineno": 99}),
        failure(RUN, INVOKE, {**RANK, "abs_path": "C:\\bots\\levels.py"}, READ),
        failure(RUN, INVOKE, RANK, {**READ, "context_line": "x", "vars": {"a": 1}}),
        failure(RUN, INVOKE, RANK, READ, value="'another key'"),
        failure(INVOKE, RANK, READ),
        failure(RUN, RUN, frame("asyncio.events", "_run", in_app=False), RANK, READ),
        failure(RUN, INVOKE, RANK, READ, READ, READ),
        {**EVENT, "release": "2", "user": {"id": "7"}, "message": "x", "transaction": "y"},
        {**EVENT, "fingerprint": ["{{ default }}"]},
        {**EVENT, "fingerprint": ["{{default}}"]},
        {**EVENT, "fingerprint": []},
    ],
)
def test_the_same_fault(same: dict[str, Any]) -> None:
    """Lines, paths, values, users, releases and the machinery around do not matter."""
    assert group(same).key == group(EVENT).key


@pytest.mark.parametrize(
    "other",
    [
        failure(RUN, INVOKE, RANK, READ, kind="ValueError"),
        failure(RUN, INVOKE, RANK),
        failure(RUN, INVOKE, RANK, frame("tux.database.service", "write")),
        failure(RUN, INVOKE, RANK, frame("tux.database.other", "read")),
        {**EVENT, "fingerprint": ["database-down"]},
        {**EVENT, "fingerprint": ["{{ default }}", "guild 7"]},
        {"exception": {"values": [*EVENT["exception"]["values"], {"type": "RuntimeError"}]}},
        {"message": "KeyError: 'xp'"},
    ],
)
def test_another_fault(other: dict[str, Any]) -> None:
    """Another type, place, chain or fingerprint is another issue."""
    assert group(other).key != group(EVENT).key


def test_a_fingerprint_beats_everything_else() -> None:
    """Two quite different events with one fingerprint are one issue."""
    first = group({**EVENT, "fingerprint": ["database-down", 7]})
    second = group({"message": "hello", "fingerprint": ["database-down", "7"]})
    assert first.key == second.key


def test_without_application_frames_all_frames_count() -> None:
    """An error inside a library is told from one elsewhere in it."""
    assert group(failure(RUN, INVOKE)).key != group(failure(RUN)).key


def test_without_a_module_the_file_name_counts() -> None:
    """A script in another folder is the same script."""
    here = failure({"filename": "/home/ada/bot.py", "function": "main", "in_app": True})
    there = failure({"filename": "C:\\bots\\bot.py", "function": "main", "in_app": True})
    assert group(here).key == group(there).key
    assert group(here).culprit == "bot in main"


def test_without_a_stacktrace_the_message_counts() -> None:
    """Errors of one type without frames are told apart by what they say, numbers aside."""
    kinds = [group(failure(value=f"guild {number} is gone")).key for number in (1, 2)]
    assert kinds[0] == kinds[1]
    assert group(failure(value="the disk is full")).key != kinds[0]


def test_the_template_of_a_message_counts() -> None:
    """A message with parameters is the same message whatever they are."""
    first = {"logentry": {"message": "hello %s", "formatted": "hello ada", "params": ["ada"]}}
    second = {"logentry": {"message": "hello %s", "formatted": "hello bob", "params": ["bob"]}}
    assert group(first).key == group(second).key
    assert group(first).title == "hello ada"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("user 123456789012345678 left", "user <number> left"),
        ("took 3.5 s, -2 left", "took <number> s, <number> left"),
        ("job 9ec79c33-ec99-42ab-8353-589fcb2e04dc failed", "job <uuid> failed"),
        ("at 0x7f3a2b object", "at <hex> object"),
        ("commit 57518a4b is bad", "commit <hex> is bad"),
        ("no route to 10.0.0.1:8080", "no route to <ip>:<number>"),
        ("mail to ada@example.org bounced", "mail to <email> bounced"),
        ("GET https://xkcd.com/614/info.0.json failed", "GET <url> failed"),
        ("since 2026-11-24T03:22:30.5Z", "since <date>"),
        ("cannot open /srv/tux/data.db", "cannot open <path>"),
        ("feedface is a word", "feedface is a word"),
        ("utf8 and sha256 stay", "utf8 and sha256 stay"),
    ],
)
def test_what_varies_is_blanked(message: str, expected: str) -> None:
    """Ids, numbers, addresses, times and paths do not make another message."""
    assert normalised(message) == expected


@pytest.mark.parametrize(
    ("event", "title", "culprit"),
    [
        (EVENT, "KeyError: 'xp'", "tux.database.service in read"),
        (failure(kind="ValueError", value="a\nb"), "ValueError: a", ""),
        ({"exception": [{"value": "only a value"}]}, "only a value", ""),
        ({"exception": [{}], "message": "x"}, "x", ""),
        ({"message": "first\nsecond", "transaction": "ban"}, "first", "ban"),
        ({"message": {"formatted": "said"}}, "said", ""),
        ({"message": "x" * 500}, "x" * 199 + "…", ""),
        ({"transaction": "ban"}, UNLABELED, "ban"),
        ({}, UNLABELED, ""),
    ],
)
def test_an_issue_is_named(event: dict[str, Any], title: str, culprit: str) -> None:
    """The title says what, the culprit where."""
    grouping = group(event)
    assert (grouping.title, grouping.culprit) == (title, culprit)


def test_events_that_say_nothing_are_told_apart_by_transaction() -> None:
    """Where there is neither exception nor message, the place is what is left."""
    assert group({"transaction": "ban"}).key != group({"transaction": "kick"}).key


def test_keys_name_the_version_of_the_rule() -> None:
    """A later rule makes other keys, so that old issues stay what they are."""
    version, _, digest = group(EVENT).key.partition(":")
    assert (version, len(digest)) == ("v2", 32)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["exception", "message", "fingerprint"]), JSON), JSON, JSON)
def test_any_event_is_grouped(event: dict[str, Any], frames: Any, kind: Any) -> None:
    """Nothing in an event stops grouping, and grouping does not change the event."""
    event = {"exception": [{"type": kind, "stacktrace": {"frames": frames}}], **event}
    before = copy.deepcopy(event)
    assert group(event).key == group(event).key
    assert event == before
