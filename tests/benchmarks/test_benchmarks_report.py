"""How figures become a page."""

from __future__ import annotations

import math

import pytest

from benchmarks.report import BEGIN, END, MarkerMissingError, as_markdown, placed
from benchmarks.table import NONE, TIMES, Row, Table, judged, percentile, ratio, spread, times

TABLE = Table("Things", "In ms.", ("ms", "met"), [Row("ours", ("1.0", "yes"))])


def test_a_table_becomes_a_section() -> None:
    """The machine comes first, then a heading, a note and a table for each benchmark."""
    assert as_markdown([TABLE], "A machine.") == (
        "A machine.\n\n## Things\n\nIn ms.\n\n|  | ms | met |\n| --- | ---: | ---: |\n"
        "| ours | 1.0 | yes |"
    )


def test_what_stands_around_the_tables_stays() -> None:
    """Only what is between the markers is replaced, however often."""
    page = f"# Mine\n\n{BEGIN}\nold\n{END}\n\nmine, too\n"
    once = placed(page, "new")
    assert once == f"# Mine\n\n{BEGIN}\n\nnew\n\n{END}\n\nmine, too\n"
    assert placed(once, "new") == once


@pytest.mark.parametrize("page", ["", BEGIN, END, f"{END} {BEGIN}"])
def test_a_page_without_markers_is_not_touched(page: str) -> None:
    """A page that does not say where the tables go is refused."""
    with pytest.raises(MarkerMissingError):
        placed(page, "new")


def test_a_target_is_met_or_not() -> None:
    """A figure meets its target up to the very limit."""
    assert judged(10, 10, " ms") == ("≤ 10 ms", "yes")
    assert judged(10.1, 10, " ms") == ("≤ 10 ms", "no")


def test_against_nothing_there_is_no_ratio() -> None:
    """A ratio to nothing is written as a dash, and meets no target."""
    assert times(ratio(3, 2)) == f"1.50{TIMES}"
    assert times(ratio(3, 0)) == NONE
    assert judged(ratio(3, 0), 1)[1] == "no"
    assert math.isinf(ratio(3, -1))


def test_the_middle_half_leaves_the_ends_out() -> None:
    """A quarter of the figures lies on each side of the middle half; one figure has none."""
    assert spread([1, 2, 3, 4, 1000]) == "2.0 to 4.0"
    assert spread([1]) == NONE


def test_a_percentile_is_a_value_that_was_seen() -> None:
    """Of a thousand values the p99.9 is the second highest, and the p100 the highest."""
    values = list(range(1000, 0, -1))
    assert [percentile(values, share) for share in (0.0, 0.5, 0.999, 1.0)] == [1, 500, 999, 1000]
    assert percentile([7], 0.5) == 7
