"""Texts of spans, and the groups that they are in."""

from __future__ import annotations

import pytest

from tux.station.rollups.naming import LONGEST, group_of


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("SELECT 1", "SELECT 1"),
        ("SELECT xp\n  FROM levels", "SELECT xp FROM levels"),
        ("SELECT * FROM t1 WHERE id = 42", "SELECT * FROM t1 WHERE id = ?"),
        ("SELECT * FROM t WHERE id=-4.5e3", "SELECT * FROM t WHERE id=?"),
        (
            "SELECT a FROM t WHERE name = 'O''Neil' LIMIT 5",
            "SELECT a FROM t WHERE name = ? LIMIT ?",
        ),
        ("SELECT a FROM t WHERE name = 'cut of", "SELECT a FROM t WHERE name = ?"),
        ("SELECT a FROM t WHERE n BETWEEN 3 AND 9", "SELECT a FROM t WHERE n BETWEEN ? AND ?"),
        ("SELECT a FROM t WHERE id IN (1, 2, 3)", "SELECT a FROM t WHERE id IN (…)"),
        ("SELECT a FROM t WHERE id IN ($1,$2)", "SELECT a FROM t WHERE id IN (…)"),
        ("SELECT a FROM t WHERE id IN (SELECT id FROM u)", None),
        ("INSERT INTO t (a, b) VALUES (?, ?)", "INSERT INTO t (a, b) VALUES (…)"),
        ("INSERT INTO t VALUES (%s, %s), (%s, %s)", "INSERT INTO t VALUES (…)"),
        ("INSERT INTO t VALUES (1, 'x''y', NULL)", "INSERT INTO t VALUES (…)"),
        ("UPDATE t SET a = :a_1 WHERE id = $12", None),
        ("", ""),
        ("'" * 9001, "?"),
    ],
)
def test_queries_differ_by_what_they_ask(query: str, name: str | None) -> None:
    """Values, lists of any length and layout make no other query; None means itself."""
    assert group_of("db.sql.query", query) == ("db", query if name is None else name)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("GET /xkcd", "GET /xkcd"),
        ("POST /channels/{channel_id}/messages", "POST /channels/{channel_id}/messages"),
        ("GET https://xkcd.com/614/info.0.json", "GET https://xkcd.com/{id}/info.0.json"),
        ("GET https://a.b/c?key=secret#part", "GET https://a.b/c"),
        ("GET https://me:secret@a.b:8080/c", "GET https://a.b:8080/c"),
        (
            f"POST https://discord.com/api/v10/webhooks/81384788765712384/{'aB3_' * 17}",
            "POST https://discord.com/api/v10/webhooks/{id}/{token}",
        ),
        ("GET https://a.b/6ba7b810-9dad-11d1-80b4-00c04fd430c8", "GET https://a.b/{id}"),
        ("GET https://a.b/0123456789abcdef0123", "GET https://a.b/{id}"),
        ("https://a.b/", "https://a.b/"),
        ("GET", "GET"),
        ("", ""),
    ],
)
def test_calls_differ_by_method_host_and_route(call: str, name: str) -> None:
    """Ids, keys, users and parameters make no other call."""
    assert group_of("http.client", call) == ("http", name)


def test_other_spans_are_in_no_group() -> None:
    """Only queries and calls are shown in groups."""
    assert group_of("discord.wait", "rate limit") is None
    assert group_of("http.server", "GET /") is None


@pytest.mark.parametrize("op", ["db", "http.client"])
def test_names_have_a_bound(op: str) -> None:
    """However long a text is, its name is not."""
    group = group_of(op, "x y/" * 100_000)
    assert group is not None
    assert len(group[1]) == LONGEST
