"""What the demo shows in the terminal while it runs, and the table at its end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from tux.demo.ledger import by_command

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Self

    from tux.demo.ledger import Ledger, Received, Row
    from tux.simulator import Deed

LATEST = 8
PLAIN_SECONDS = 5.0
MARKS = {"ok": "[green]ok[/]", "user_error": "[yellow]told[/]", "failure": "[red]failed[/]"}


class DemoView:
    """A live picture where there is a terminal, else a line every few seconds."""

    def __init__(
        self,
        link: str,
        ledger: Ledger,
        seconds: float | None,
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._link, self._ledger, self._seconds = link, ledger, seconds
        self._console = console or Console()
        self._clock = clock
        self._began = clock()
        self._told = self._began
        self._received: Received | None = None
        self._live = Live(
            console=self._console,
            refresh_per_second=4,
            get_renderable=self._picture,
            transient=True,
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        else:
            self._console.print(f"dashboard {self._link}", highlight=False, soft_wrap=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def update(self, received: Received) -> None:
        """Take what the station has by now, and show it."""
        self._received = received
        if not self._console.is_terminal and self._clock() - self._told >= PLAIN_SECONDS:
            self._told = self._clock()
            self._console.print(self._line(), highlight=False, soft_wrap=True)

    def _line(self) -> str:
        done = self._ledger.done
        failures = sum(deed.outcome == "failure" for deed in done)
        events = len(self._received.events) if self._received else 0
        runs = len(self._received.runs()) if self._received else 0
        passed = self._clock() - self._began
        of = f"/{self._seconds:.0f}" if self._seconds else ""
        return (
            f"{passed:4.0f}{of} s   {len(done)} commands, {failures} failures   "
            f"→ station: {runs} transactions, {events} events"
        )

    def _picture(self) -> Group:
        head = Text.assemble(
            ("Tux demo   ", "bold"), (self._link, "bold cyan"), "   Ctrl-C ends it"
        )
        latest = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for deed in self._ledger.done[-LATEST:]:
            latest.add_row(*_cells(deed))
        restarts = len(self._ledger.restarts) + len(self._ledger.station_restarts)
        healed = (
            Text(f"{restarts} restart{'' if restarts == 1 else 's'} healed", "yellow")
            if restarts
            else Text()
        )
        return Group(head, Text(self._line()), healed, latest)


def _cells(deed: Deed) -> tuple[str, ...]:
    return (
        time.strftime("%H:%M:%S", time.localtime(deed.at)),
        deed.command,
        MARKS.get(deed.outcome, "[red]no answer[/]"),
        f"{deed.seconds * 1000:.0f} ms",
        f"event {deed.event_id}" if deed.event_id else "",
    )


def print_summary(
    console: Console, ledger: Ledger, received: Received, rows: Sequence[Row]
) -> None:
    """Print the closing tables: each command, then done against received."""
    commands = Table(title="commands", title_justify="left")
    commands.add_column("command")
    for title in ("run", "received", "failed", "median"):
        commands.add_column(title, justify="right")
    for name, count, arrived, failed, median in by_command(ledger, received):
        commands.add_row(name, str(count), str(arrived), str(failed), f"{median * 1000:.0f} ms")
    console.print(commands)
    table = Table(title="what was done, and what the station received", title_justify="left")
    for title in ("", "done", "received", "agree", "why"):
        table.add_column(title)
    for row in rows:
        agree = "[green]yes[/]" if row.agrees else "[bold red]NO[/]"
        table.add_row(row.what, *_amounts(row), agree, row.remark)
    console.print(table)


def _amounts(row: Row) -> tuple[str, str]:
    """Write both numbers of a row with what they are of."""
    done, received = row.words
    return (
        f"{row.done} {done}".strip(),
        f"{'' if row.received is None else row.received} {received}".strip(),
    )
