"""What is typed into the search of issues → terms, faults and SQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.station.test_queries_lists import keep
from tests.station.test_store_writes import NOW, event

from tux.station.queries import issues
from tux.station.queries.conditions import IS, KEYS, canonical, where
from tux.station.queries.terms import MOST_TERMS, MOST_VALUES, Value, terms_of, value_of
from tux.station.rollups.periods import DAY
from tux.station.rollups.recording import TAG_VALUES
from tux.station.store.schema import prepare
from tux.station.store.triage import Decision, decide

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", []),
        ("   ", []),
        ("is:unresolved", ["is:unresolved"]),
        ("!command:ban", ["!command:ban"]),
        ("error.type:KeyError", ["error.type:KeyError"]),
        ("tags[is]:x", ["tags[is]:x"]),
        ("timesSeen:>10 users:<=3", ["timesSeen:>10", "users:<=3"]),
        ('title:"no such row"', ["title:no such row"]),
        (r'title:"a \"b\""', [r'title:a "b"']),
        ("level:[error, fatal]", ["level:error|fatal"]),
        ('level:["a, b",c]', ["level:a, b|c"]),
        ("firstSeen:-24h", ["firstSeen:-24h"]),
        ("two words", [":two", ":words"]),
        ('"two words"', [":two words"]),
        ('!"two words"', ["!:two words"]),
        ("KeyError: 'xp'", [":KeyError:", ":'xp'"]),
        ("a:b:c", ["a:b:c"]),
        ("https://x.y/z", ["https://x.y/z"]),
        ("[Errno 2]", [":[Errno 2]"]),
        ("-> <3", [":->", ":<3"]),
        ('command:""', ["command:"]),
        ('x"y', [':x"y']),
        ("über:größe größe", ["ber:größe", ":größe"]),
    ],
)
def test_terms_are_taken_apart(typed: str, expected: list[str]) -> None:
    """Each term has its key, its values, its operator and its sign."""
    if typed.startswith("über"):
        expected = [":über:größe", ":größe"]
    terms, faults = terms_of(typed)
    assert faults == []
    found = [
        f"{'!' * term.is_negated}{term.key}:{term.operator}{'|'.join(one.text for one in term.values)}"
        for term in terms
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("abc", Value("abc")),
        ("a*c", Value("a*c", "a*c")),
        (r"a\*c", Value("a*c")),
        (r"a\*c*", Value("a*c*", "a[*]c*")),
        ("[a]?*", Value("[a]?*", "[[]a][?]*")),
        ("\\", Value("\\")),
        ("*", Value("*", "*")),
    ],
)
def test_a_star_stands_for_anything(typed: str, expected: Value) -> None:
    """Only a star does; behind a backslash it is one, and what SQLite's patterns know is text."""
    assert value_of(typed) == expected


@pytest.mark.parametrize(
    ("typed", "place", "says"),
    [
        ('is:new "open', '"open', "never closed"),
        ('command:"open', 'command:"open', "never closed"),
        ("x level:[a, b", "level:[a,", "never closed"),
        ("level:[]", "level:[]", "needs values"),
        ("a OR b", "OR", "key:[a, b]"),
        ("is:resovled", "is:resovled", "is:resolved?"),
        ("x is:", "", ""),
        ("timesSeen:many", "timesSeen:many", "is a number"),
        ("timesSeen:[1, 2]", "timesSeen:[1, 2]", "is a number"),
        ("age:yesterday", "age:yesterday", "age:-24h"),
        ("lastSeen:>-24h", "lastSeen:>-24h", "is a time"),
        ("firstSeen:>9999-99-99", "firstSeen:>9999-99-99", "is a time"),
        ("id:xyz", "id:xyz", "32 hex digits"),
        ("key:[" + "a," * 30 + "]", "key:[" + "a," * 30 + "]", str(MOST_VALUES)),
    ],
)
def test_faults_name_their_place(typed: str, place: str, says: str) -> None:
    """What cannot be understood is pointed at, and what could be meant is said."""
    terms, faults = terms_of(typed)
    faults += where(terms, NOW).faults
    if not place:
        assert faults == []
        return
    (fault,) = faults
    assert typed[fault.begin : fault.end] == place
    assert says in fault.text


def test_too_many_conditions_are_refused() -> None:
    """Nobody types more than thirty."""
    terms, faults = terms_of("x " * 40)
    assert (len(terms), len(faults)) == (MOST_TERMS, 1)


@pytest.mark.parametrize(
    ("spelling", "key"),
    [
        ("firstSeen", "firstSeen"),
        ("firstseen", "firstSeen"),
        ("first_seen", "firstSeen"),
        ("first-release", "firstRelease"),
        ("user", "user.id"),
        ("error.handled", "handled"),
        ("tags[user]", "user"),
        ("command", "command"),
    ],
)
def test_keys_have_one_spelling(spelling: str, key: str) -> None:
    """Whichever way Sentry or a person writes it."""
    assert canonical(spelling) == key


@pytest.fixture(scope="module")
def file() -> Iterator[sqlite3.Connection]:
    """Five issues: of bans and kicks, of two releases, new and old, in each state."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        prepare(connection, NOW)
        _fill(connection)
        yield connection


def _fill(file: sqlite3.Connection) -> None:
    facts: dict[str, tuple[str | None, str | None, float, list[str | None], str, str | None]] = {
        "A": ("ban", "v1", 10, ["1", "2"], "error", "KeyError"),
        "B": ("ban hammer", "v2", 0.1, ["2"], "fatal", "OSError"),
        "C": ("kick", "v2", 2, [None], "warning", None),
        "D": ("kick", "v1", 3, ["3"], "error", "KeyError"),
        "E": (None, None, 0.5, ["email:ada@example.org"], "error", None),
    }
    number = 0
    for name, (command, release, days, users, level, kind) in facts.items():
        for user in users:
            number += 1
            tags = (("command", command),) if command else ()
            row = event(
                number,
                grouping=f"v2:{name}",
                title=f"{kind or 'Message'}: {name}",
                culprit=f"module in {name}",
                timestamp=NOW - days * DAY,
                user_id=user,
                release=release,
                level=level,
                error_type=kind,
                tags=tags,
                handled=name != "B",
                trace_id=f"{number:032x}",
            )
            keep(file, row)
    decide(file, [3], Decision("resolved", "", NOW))
    decide(file, [4], Decision("ignored", "", NOW))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", "ABCDE"),
        ("is:unresolved", "ABE"),
        ("is:resolved", "C"),
        ("is:ignored", "D"),
        ("is:archived", "D"),
        ("!is:unresolved", "CD"),
        ("is:[resolved, ignored]", "CD"),
        ("is:new", "BE"),
        ("is:unhandled", "B"),
        ("is:regressed", ""),
        ("command:ban", "A"),
        ("command:ban*", "AB"),
        ('command:"ban hammer"', "B"),
        ("!command:kick", "ABE"),
        ("!command:ban*", "CDE"),
        ("command:[ban, kick]", "ACD"),
        ('command:""', "E"),
        ("has:command", "ABCD"),
        ("!has:command", "E"),
        ("has:user", "ABDE"),
        ("!has:user.id", "C"),
        ("!has:release", "E"),
        ("has:firstRelease", "ABCD"),
        ("level:fatal", "B"),
        ("!level:error", "BC"),
        ("error.type:KeyError", "AD"),
        ("user.id:2", "AB"),
        ("user:2", "AB"),
        ("!user.id:2", "CDE"),
        ("user.email:ada@example.org", "E"),
        ("user.email:*@example.org", "E"),
        ("release:v1", "AD"),
        ("release:latest", "BC"),
        ("first-release:v2", "BC"),
        ("!first-release:v2", "ADE"),
        ('firstRelease:""', "E"),
        ("environment:test", "ABCDE"),
        ("transaction:rank", "ABCDE"),
        ("firstSeen:-24h", "BE"),
        ("age:+7d", "A"),
        ("lastSeen:-3d", "BCDE"),
        ("!age:-24h", "ACD"),
        ("timesSeen:>1", "A"),
        ("timesSeen:1", "BCDE"),
        ("!timesSeen:1", "A"),
        ("users:>=1", "ABDE"),
        ("users:0", "C"),
        ("issue:2", "B"),
        (f"trace:{4:032x}", "C"),
        (f"id:{4:032x}", "C"),
        ("location:module", "ABCDE"),
        ("title:KEYERROR", "AD"),
        ("title:key*a", "A"),
        ("message:oserror", "B"),
        ("keyerror", "AD"),
        ('keyerror !"in d"', "A"),
        ("key*or", "AD"),
        ("!key*or", "BCE"),
        ('"in a"', "A"),
        ("KeyError: A", "A"),
        ("error level:error release:v1 !user:3", "A"),
        ("nothing:here", ""),
        ("%", ""),
    ],
)
def test_issues_are_found(file: sqlite3.Connection, query: str, names: str) -> None:
    """A search finds what a Sentry user expects of it."""
    found = issues.issues(file, issues.Asking(query, issues.ALL), NOW)
    assert found.faults == ()
    assert "".join(sorted(one.title[-1] for one in found.issues)) == names


@pytest.mark.parametrize("value", IS)
def test_every_state_is_understood(file: sqlite3.Connection, value: str) -> None:
    """What the page says that it knows, it knows."""
    assert issues.issues(file, issues.Asking(f"is:{value}"), NOW).faults == ()


def test_a_query_wins_over_the_tab(file: sqlite3.Connection) -> None:
    """Without a word about states the tab decides; with one it has no say."""
    assert len(issues.issues(file, issues.Asking("command:kick"), NOW).issues) == 0
    found = issues.issues(file, issues.Asking("command:kick is:[resolved, ignored]"), NOW)
    assert (len(found.issues), found.state) == (2, "")
    assert len(issues.issues(file, issues.Asking("is:handled command:kick"), NOW).issues) == 0


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("last seen", "BECDA"),
        ("first seen", "BECDA"),
        ("events", "AEDCB"),
        ("users", "AEDBC"),
    ],
)
def test_issues_are_sorted(file: sqlite3.Connection, order: str, names: str) -> None:
    """The most recent, or the most, first; pages follow each other without a gap."""
    pages = [
        issues.issues(file, issues.Asking("", issues.ALL, order, page, 2), NOW)
        for page in (1, 2, 3)
    ]
    assert "".join(one.title[-1] for found in pages for one in found.issues) == names
    assert [found.has_more for found in pages] == [True, True, False]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("comand:ban", "Did you mean command?"),
        ("fristSeen:x", "Did you mean firstSeen?"),
        ("relaese:x", "Did you mean release?"),
        ("zzz:x", '"zzz:…"'),
    ],
)
def test_unknown_keys_are_remarked(file: sqlite3.Connection, query: str, says: str) -> None:
    """A tag that no event has may be a mistake: what is near it is said."""
    found = issues.issues(file, issues.Asking(query, issues.ALL), NOW)
    (remark,) = found.remarks
    assert (query[remark.begin : remark.end], says in remark.text) == (query, True)


_PIECES = st.sampled_from(
    [*KEYS, "command", ":", "!", "*", '"', "[", "]", ",", ">", "<=", " ", "\\"]
)
_WORDS = st.sampled_from(
    ["ban", "-24h", "2026-11-01", "latest", "unresolved", "é", "\x00", "'", "%"]
)


@given(st.lists(_PIECES | _WORDS | st.text(max_size=5), max_size=25).map("".join))
def test_whatever_is_typed_is_answered(file: sqlite3.Connection, typed: str) -> None:
    """No text fails; its terms and faults lie inside it and do not overlap."""
    terms, faults = terms_of(typed)
    places = sorted(
        [(one.begin, one.end) for one in terms] + [(one.begin, one.end) for one in faults]
    )
    assert all(0 <= begin < end <= len(typed) for begin, end in places)
    assert all(one[1] <= other[0] for one, other in pairwise(places))
    text = typed.encode("utf-8", "replace").decode()
    issues.issues(file, issues.Asking(text, issues.ALL), NOW)


def test_many_stars_do_not_hang(file: sqlite3.Connection) -> None:
    """A pattern that could be tried in a trillion ways is not."""
    keep(file, event(99, grouping="v2:Z", title="a" * 199, tags=(("t", "a" * 199),)))
    query = f"t:{'*a' * 90}b {'*a' * 90}b"
    assert issues.issues(file, issues.Asking(query, issues.ALL), NOW).issues == ()
    file.execute("DELETE FROM issues WHERE grouping = 'v2:Z'")


def test_tags_of_an_issue_are_bounded() -> None:
    """Thousands of made-up values are not counted; what is known is counted on."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        prepare(connection, NOW)
        for number in range(60):
            tags = tuple((f"k{place}", f"{number}") for place in range(50))
            keep(connection, event(number, tags=(*tags, ("command", "ban"))))
        (count,) = connection.execute("SELECT count(*) FROM issue_tags").fetchone()
        assert TAG_VALUES <= count <= TAG_VALUES + 60
        counted = "SELECT events FROM issue_tags WHERE key = 'command'"
        assert connection.execute(counted).fetchone() == (60,)
