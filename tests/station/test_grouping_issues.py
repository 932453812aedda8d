"""Events of one fault are one issue; events of two faults are two."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tux.station.wire.grouping import UNLABELED, group, older_keys
from tux.station.wire.parameters import normalised


def frame(module: str, function: str, *, in_app: bool | None = True, **more: Any) -> dict[str, Any]:
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


def chain(*exceptions: dict[str, Any]) -> dict[str, Any]:
    """Return an event with these exceptions, the one that was raised last at the end."""
    return {"exception": {"values": list(exceptions)}}


def raised(kind: str, *frames: dict[str, Any], **mechanism: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "value": f"some {kind}",
        "mechanism": mechanism,
        "stacktrace": {"frames": list(frames)},
    }


BUG = raised("KeyError", RUN, INVOKE, RANK, READ)
OTHER_BUG = raised("OSError", RUN, RANK)
GROUP = raised("ExceptionGroup", RANK, is_exception_group=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Prefix, slash and hybrid wrap the same bug differently.
        (chain(BUG), chain(BUG, raised("CommandInvokeError", INVOKE))),
        (
            chain(BUG, raised("CommandInvokeError", INVOKE)),
            chain(BUG, raised("CommandInvokeError"), raised("HybridCommandError", INVOKE)),
        ),
        # How many tasks of a group failed, and which first, is chance.
        (chain(BUG, OTHER_BUG, GROUP), chain(OTHER_BUG, BUG, BUG, GROUP)),
        (chain(BUG, GROUP), chain(BUG, BUG, BUG, GROUP)),
        # Machinery that SDKs do not mark.
        (
            failure(frame("bot.xp", "read")),
            failure(
                *(frame(name, "x", in_app=None) for name in ("asyncio.tasks", "discord.client")),
                *(frame(name, "y", in_app=True) for name in ("contextlib", "sentry_sdk.x")),
                frame("bot.xp", "read"),
            ),
        ),
        (failure(frame("bot.xp", "read")), failure(frame("bot.xp", "read", in_app=None))),
        # Comprehensions are frames until Python 3.12.
        (failure(RANK, READ), failure(RANK, frame("tux.modules.levels", "<listcomp>"), READ)),
        # Some SDKs give the qualified name.
        (
            failure(frame("bot", "work")),
            failure(frame("bot", "Cog.setup.<locals>.work")),
        ),
        # A script, run by its name or as a module.
        (
            failure(frame("__main__", "main", filename="/srv/bot.py")),
            failure(frame("bot", "main", filename="bot.py")),
        ),
        # Recursion, also of two functions that call each other, at whatever depth it ended.
        (failure(RANK, READ, RANK, READ), failure(*(RANK, READ) * 40)),
        (failure(RUN, *(RANK, READ, INVOKE) * 3), failure(RUN, *(RANK, READ, INVOKE) * 9)),
        # What a message says of this time.
        ({"message": "no row '7' for \"ada\""}, {"message": "no row 'x' for \"bob\""}),
    ],
)
def test_what_a_person_takes_for_one_fault(one: dict[str, Any], other: dict[str, Any]) -> None:
    """The way to a fault, and the number of times that it happened at once, are no difference."""
    assert group(one).key == group(other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (chain(BUG), chain(OTHER_BUG)),
        (chain(BUG, OTHER_BUG), chain(OTHER_BUG, BUG)),
        (chain(BUG, GROUP), chain(BUG, OTHER_BUG, GROUP)),
        (chain(raised("CommandInvokeError")), chain(raised("HybridCommandError"))),
        (failure(frame("bot", "<lambda>")), failure(frame("other", "<lambda>"))),
        (failure(frame("bot", "A.read")), failure(frame("bot", "B.read"))),
        (failure(frame("asyncio.x", "a")), failure(frame("asyncio.x", "b"))),
        ({"message": "it's gone"}, {"message": "it's here"}),
    ],
)
def test_what_a_person_tells_apart(one: dict[str, Any], other: dict[str, Any]) -> None:
    """What went wrong, where, and in which order stay differences."""
    assert group(one).key != group(other).key


def test_an_issue_is_named_by_what_went_wrong() -> None:
    """Not by what discord.py or a task group put around it."""
    wrapped = group(chain(BUG, raised("CommandInvokeError", INVOKE)))
    assert (wrapped.title, wrapped.error_type) == ("KeyError: some KeyError", "KeyError")
    assert wrapped.culprit == "tux.database.service in read"
    assert group(chain(BUG, GROUP)).title == "KeyError: some KeyError"


@pytest.mark.parametrize(
    ("event", "made_by", "parts"),
    [
        (
            EVENT,
            "stack trace",
            (
                "type=KeyError",
                "frame=tux.modules.levels:rank",
                "frame=tux.database.service:read",
            ),
        ),
        (
            failure(RUN, INVOKE),
            "stack trace of libraries",
            ("type=KeyError", "library=discord.ext.commands.core:invoke"),
        ),
        (failure(), "type and value of the error", ("type=KeyError", "value=<quoted>")),
        ({"message": "job 7"}, "message", ("message=job <number>",)),
        ({"transaction": "ban"}, "transaction", ("message=", "transaction=ban")),
        (
            {"message": "x", "fingerprint": ["a", "{{ default }}", "{{ message }}"]},
            "fingerprint of the event",
            ("fingerprint=a", "message=x", "fingerprint=x"),
        ),
    ],
)
def test_a_grouping_says_why(event: dict[str, Any], made_by: str, parts: tuple[str, ...]) -> None:
    """What must be equal can be read."""
    found = group(event)
    assert (found.made_by, found.parts) == (made_by, parts)


def test_the_first_rule_never_changes() -> None:
    """Keys of version 1 are what they were when they were written down."""
    assert list(older_keys(EVENT)) == ["v1:737ee0f077bc431d758ec4b7accd0fac"]
    assert list(older_keys({"message": "user 7 left"})) == ["v1:e67f7db2d516ca3269ee75da78065603"]
