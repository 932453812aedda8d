"""What the demo prints, as text."""

from __future__ import annotations

import io

from rich.console import Console
from tests.demo.test_demo_alarms import told
from tests.demo.test_demo_ledger import FAILED, done, event, run

from tux.demo.alarms import alarm_rows
from tux.demo.ledger import Ledger, Received, compare
from tux.demo.view import DemoView, print_summary

RECEIVED = Received([event()], [run(), run(status="internal_error")])


def console(*, terminal: bool = False) -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, width=160, force_terminal=terminal, color_system=None), text


def test_without_a_terminal_a_line_comes_every_few_seconds() -> None:
    """A log file gets the link once and a line every five seconds, not a picture."""
    out, text = console()
    now = [0.0]
    ledger = Ledger([done(), FAILED])
    with DemoView("http://station", ledger, 40, out, clock=lambda: now[0]) as view:
        for now[0] in (1.0, 5.0, 6.0, 10.0):
            view.update(RECEIVED)
    lines = text.getvalue().splitlines()
    assert lines[0] == "dashboard http://station"
    assert [line.split()[0] for line in lines[1:]] == ["5/40", "10/40"]
    assert "2 commands, 1 failures" in lines[1]
    assert "2 transactions, 1 events" in lines[1]


def test_in_a_terminal_the_latest_are_shown() -> None:
    """A terminal shows the link, what was done last, and the ids of failures."""
    out, text = console(terminal=True)
    with DemoView("http://station", Ledger([FAILED], [1.0]), None, out) as view:
        view.update(RECEIVED)
    assert "http://station" in text.getvalue()
    assert str(FAILED.event_id) in text.getvalue()
    assert "1 restart healed" in text.getvalue()


def test_the_summary_says_what_does_not_agree() -> None:
    """A row that does not agree is marked."""
    out, text = console()
    ledger = Ledger([done(), FAILED])
    lost = Received([], [run(), run(status="internal_error")])
    print_summary(out, ledger, lost, compare(ledger, lost))
    (failures,) = (line for line in text.getvalue().splitlines() if "│ failures" in line)
    assert "NO" in failures


def test_the_summary_says_why_both_sides_may_differ() -> None:
    """An alert that was provoked once and fired twice agrees, and the row says of what and why."""
    out, text = console()
    ledger = Ledger([done(command="banquet")])
    rows = alarm_rows(ledger, told("command_duration", *("firing", "resolved") * 2))
    print_summary(out, ledger, Received(), rows)
    (line,) = (line for line in text.getvalue().splitlines() if "alert command duration" in line)
    cells = [cell.strip() for cell in line.split("│")[2:6]]
    assert cells == [
        *("1 or more causes", "2 firings", "yes"),
        "told by webhook, anew where it was over and provoked again; resolved",
    ]
