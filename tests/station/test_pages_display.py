"""How values are written."""

from __future__ import annotations

import math

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from tux.station.pages import display
from tux.station.pages.rendering import environment
from tux.station.pages.source import coloured, source_of


@pytest.mark.parametrize(
    ("milliseconds", "written"),
    [
        (None, "-"),
        (0.0, "0 ms"),
        (0.0125, "12 µs"),
        (0.5, "500 µs"),
        (1.5, "1.5 ms"),
        (42.4, "42 ms"),
        (999.0, "999 ms"),
        (1000.0, "1.0 s"),
        (12_345.0, "12 s"),
        (90_000.0, "1.5 min"),
        (7.2e6, "2.0 h"),
        (math.inf, "∞"),
        (1e300, "∞"),
    ],
)
def test_durations(milliseconds: float | None, written: str) -> None:
    """A duration is written in the unit that fits it."""
    assert display.duration(milliseconds) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (-60, "in the future"),
        (-1, "just now"),
        (0.2, "just now"),
        (12, "12 s ago"),
        (119, "1 min ago"),
        (7300, "2 h ago"),
        (200_000, "2 d ago"),
        (math.nan, "unknown"),
        (math.inf, "unknown"),
    ],
)
def test_ages(seconds: float, written: str) -> None:
    """An age is rounded down: what was two minutes ago was at least two minutes ago."""
    assert display.ago(1e9 - seconds, 1e9) == written


@pytest.mark.parametrize("moment", [1e308, -1e308, math.nan, math.inf])
def test_impossible_times(moment: float) -> None:
    """A time that no calendar has is unknown."""
    assert display.utc(moment) == display.clock(moment) == "unknown"
    assert display.iso(moment) == "1970-01-01T00:00:00Z"


def test_times() -> None:
    """A time is written for people and for machines."""
    assert display.utc(1e9) == "9 Sep 2001, 01:46:40 UTC"
    assert display.iso(1e9) == "2001-09-09T01:46:40Z"
    assert display.clock(1e9 + 0.25) == "01:46:40.250"


@pytest.mark.parametrize(
    ("share", "written"), [(None, "-"), (0.0, "0 %"), (1.0, "100 %"), (0.0312, "3.1 %")]
)
def test_shares(share: float | None, written: str) -> None:
    """A share is a percentage; of nothing there is none."""
    assert display.percent(share) == written


@pytest.mark.parametrize(
    ("number", "written"), [(0, "0"), (1234567, "1,234,567"), (0.0667, "0.067"), (250.4, "250")]
)
def test_numbers(number: float, written: str) -> None:
    """Thousands are set apart."""
    assert display.count(number) == written


@pytest.mark.parametrize(
    "address", ["http://a", "https://example.org/a?b=c#d", "HTTPS://EXAMPLE.org", "http://[::1]:3/"]
)
def test_links(address: str) -> None:
    """Addresses of the web are links."""
    assert display.web_address(address) == address


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " https://a",
        "https:",
        "https:///a",
        "//a",
        "/a",
        "data:text/html,x",
        "https://a\u202eb",
        "https://a b",
        "http:\\\\a",
        "http://[",
        "",
        "a",
        "https://" + "a" * 3000,
        "ftp://a",
        "java\nscript:x",
    ],
)
def test_no_links(text: str) -> None:
    """Nothing else is."""
    assert display.web_address(text) is None


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (None, ""),
        (3, 3),
        ("a\tb\nc", "a\tb\nc"),
        ("a\u202eb\x00c\u2066", "abc"),
        ("\U000e0041\ufeff\ud800", ""),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("x" * 5000, "x" * 3999 + "…"),
        (Markup("<b>"), Markup("<b>")),
    ],
)
def test_what_is_shown(given: object, shown: object) -> None:
    """A page shows what can be seen, and an end of it."""
    assert display.shown(given) == shown


def test_templates_escape_and_are_strict() -> None:
    """Whatever a template writes is escaped, and what it does not know is an error."""
    made = environment()
    found = made.from_string("{{ a }}|{{ b }}").render(a="<\u202e'\">", b=None)
    assert found == "&lt;&#39;&#34;&gt;|"
    with pytest.raises(UndefinedError):
        made.from_string("{{ a }}").render()


@pytest.mark.parametrize(
    ("word", "tone"),
    [
        ("ok", "good"),
        ("internal_error", "bad"),
        ("invalid_argument", "warn"),
        ("debug", "mute"),
        ('"', "warn"),
    ],
)
def test_tones(word: str, tone: str) -> None:
    """Colours tell whose fault it is; an unknown word has one of them."""
    assert display.tone(word) == tone


@pytest.mark.parametrize(
    "lines",
    [[""], ["x = '<b>'", "", "# <i>"], ['"""<b>', "&", '"""'], ["\\"] * 3, ["\f<a>", "\x85<b>"]],
)
def test_source_is_coloured_line_by_line(lines: list[str]) -> None:
    """Each line is whole by itself, and none of it is markup."""
    found = coloured(lines)
    assert len(found) == len(lines)
    for line, code in zip(lines, found, strict=True):
        assert code.striptags().strip() == line.strip() or "<" in line
        assert code.count("<span") == code.count("</span") == code.count("<") / 2


def test_source_that_begins_within_a_text_is_still_source() -> None:
    """What is shown of a docstring ends where its quotes are; the call behind it is no text."""
    frame = {
        "pre_context": ["    more of what it does.", '    """', "    count = 1"],
        "context_line": "    return count / 0",
        "post_context": ['    """and so on'],
        "lineno": 9,
    }
    codes = [str(line.code) for line in source_of(frame)]
    assert len(codes) == 5
    assert 'class="hl-s' in codes[0]
    assert 'class="hl-k">return' in codes[3]
