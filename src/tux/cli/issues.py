"""``tux issues``, ``tux issue`` and ``tux top``: the station in a terminal."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from tux.cli.asking import StationClient, StationOption, TokenOption

BARS = " ▁▂▃▄▅▆▇█"
COLOURS = {"fatal": "bold red", "error": "red", "warning": "yellow", "info": "blue"}
MINUTE, HOUR, DAY = 60, 3600, 86_400
WIDE = 110
"""Columns of a terminal from which there is room for bars beside what is said."""


def issues(
    query: Annotated[
        list[str] | None, typer.Argument(help="As on the page: is:ignored command:ban KeyError …")
    ] = None,
    *,
    status: Annotated[str, typer.Option(help="unresolved, resolved, ignored or all.")] = (
        "unresolved"
    ),
    sort: Annotated[
        str, typer.Option(help="last seen, first seen, events or users.")
    ] = "last seen",
    page: Annotated[int, typer.Option(min=1)] = 1,
    station: StationOption = None,
    token: TokenOption = None,
) -> None:
    """List issues of the station that runs."""
    client = StationClient(station, token)
    found = client.get("/issues", query=" ".join(query or ()), status=status, sort=sort, page=page)
    console = Console()
    console.print(issue_table(found["issues"], time.time(), console))
    for remark in found["remarks"]:
        console.print(Text(remark, style="yellow"))
    if not found["issues"]:
        console.print(f"No {status if status != 'all' else ''} issue is found.".replace("  ", " "))
    if found["has_more"]:
        console.print(f"[dim]more with --page {page + 1}[/]")


def issue(
    number: Annotated[int, typer.Argument(help="As `tux issues` lists it.")],
    *,
    station: StationOption = None,
    token: TokenOption = None,
) -> None:
    """Show one issue: what, where, whom it hit, and the newest event's stack trace."""
    client = StationClient(station, token)
    found = client.get(f"/issues/{number}")
    console, about, event = Console(), found["issue"], found["event"]
    console.print(_plain(about["title"], "bold"))
    console.print(_plain(f"{about['culprit']} · {about['level']} · {about['status']}", "dim"))
    facts = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, value in (
        ("events", f"{about['times_seen']:,}, of {_users(about['users'])}"),
        ("first seen", f"{_when(about['first_seen'])} {about.get('first_release') or ''}"),
        ("last seen", f"{_when(about['last_seen'])} {about.get('last_release') or ''}"),
        ("last 24 hours", spark(about["spark"])),
        ("newest event", f"{event['event_id']}, user {event['user_id'] or 'unknown'}"),
        *((tag["key"], _shares(tag["values"])) for tag in found["tags"]),
    ):
        facts.add_row(_plain(name, "dim"), _plain(value))
    console.print(facts)
    for line in stack(event["payload"]):
        console.print(line, soft_wrap=True)
    console.print(_plain(f"{client.address}/issues/{about['id']}/", "dim"))


def top(
    *,
    every: Annotated[float, typer.Option(min=0.5, help="Seconds between two looks.")] = 2.0,
    span: Annotated[str, typer.Option("--range", help="15m, 1h, 24h, 7d or 30d.")] = "15m",
    once: Annotated[bool, typer.Option("--once", help="Look once, and end.")] = False,
    station: StationOption = None,
    token: TokenOption = None,
) -> None:
    """Watch the bot live: errors, commands and the latest issues. Ctrl-C ends it."""
    client = StationClient(station, token)
    if once:
        Console().print(_screen(client, span))
        return
    with Live(_screen(client, span), screen=True, auto_refresh=False) as live:
        while True:
            time.sleep(every)
            live.update(_screen(client, span), refresh=True)


def issue_table(found: list[dict[str, Any]], now: float, console: Console) -> Table:
    """Write issues one below the other; where there is little room, bars go first, then words."""
    has_bars = console.width >= WIDE and not console.options.ascii_only
    table = Table(box=None, padding=(0, 2, 0, 0), expand=False)
    table.add_column("issue", justify="right", no_wrap=True)
    _add_words(table, "what", max_width=70)
    if has_bars:
        table.add_column("24 hours", no_wrap=True)
    for title in ("events", "users"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("last seen", no_wrap=True)
    for one in found:
        table.add_row(
            str(one["id"]),
            _in_one_line(_plain(one["title"], COLOURS.get(one["level"], ""))),
            *([spark(one["spark"])] if has_bars else []),
            f"{one['times_seen']:,}",
            f"{one['users']:,}",
            ago(now - one["last_seen"]),
        )
    return table


def _add_words(table: Table, title: str, max_width: int | None = None) -> None:
    """Add the column that gives way: Rich narrows columns that may wrap before all others."""
    table.add_column(_in_one_line(Text(title)), max_width=max_width)


def _in_one_line(text: Text) -> Text:
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def spark(counts: list[int]) -> str:
    """Draw counts as a line of bars."""
    most = max(counts, default=0)
    return "".join(
        BARS[0 if not count else 1 + (len(BARS) - 2) * count // most] for count in counts
    )


def ago(seconds: float) -> str:
    """Write how long it is since something happened."""
    for length, unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit} ago"
    return "just now"


def stack(payload: dict[str, Any]) -> list[Text]:
    """Write the stack traces of an event as Python would, the innermost call last."""
    values = payload.get("exception")
    values = values.get("values") if isinstance(values, dict) else values
    lines: list[Text] = []
    for raised in values if isinstance(values, list) else []:
        if not isinstance(raised, dict):
            continue
        frames = raised.get("stacktrace")
        frames = frames.get("frames") if isinstance(frames, dict) else None
        for frame in frames if isinstance(frames, list) else []:
            if isinstance(frame, dict):
                lines += _frame(frame)
        said = f"{raised.get('type') or 'Error'}: {raised.get('value') or ''}"
        lines.append(_plain(said, "bold red"))
    return lines


def _frame(frame: dict[str, Any]) -> list[Text]:
    style = "" if frame.get("in_app") else "dim"
    place = f"  {frame.get('filename')}:{frame.get('lineno')} in {frame.get('function')}"
    code = frame.get("context_line")
    return [
        _plain(place, style),
        *([_plain(f"    {code.strip()}", style)] if isinstance(code, str) else []),
    ]


def _screen(client: StationClient, span: str) -> Group:
    found, now = client.get("/overview", range=span), time.time()
    figures = found["figures"]
    runs = figures["commands"] or {"count": 0, "failures": 0, "p95": None}
    rate = runs["failures"] / runs["count"] if runs["count"] else 0.0
    known = found["sampling"]
    sampled = f" ({known['sampled']:,} sampled)" if known["sampled"] < known["ran"] else ""
    head = (
        f"{client.address}  last {span}   errors {figures['errors']:,}   users hit "
        f"{figures['users']:,}   commands {known['ran']:,}{sampled}   failed {rate:.1%}   "
        f"p95 {_duration(runs['p95'])}"
    )
    commands = Table(box=None, padding=(0, 2, 0, 0))
    _add_words(commands, "command")
    for title in ("runs", "failed", "p50", "p95", "p99", "users"):
        commands.add_column(title, justify="right", no_wrap=True)
    for one in found["commands"][:12]:
        commands.add_row(
            _in_one_line(_plain(one["name"])), f"{one['count']:,}", f"{one['failures']:,}",
            *(_duration(one.get(key)) for key in ("p50", "p95", "p99")),
            f"{one['users']:,}" if one["sampled"] else "-",
        )  # fmt: skip
    latest = client.get("/issues", status="unresolved")["issues"][:10]
    return Group(_plain(head, "bold"), "", commands, "", issue_table(latest, now, Console()))


def _shares(values: list[dict[str, Any]]) -> str:
    return ", ".join(f"{one['value']} {one['count'] / one['of']:.0%}" for one in values)


def _users(number: int) -> str:
    return f"{number:,} user{'' if number == 1 else 's'}"


def _duration(milliseconds: float | None) -> str:
    if milliseconds is None:
        return "-"
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"  # noqa: PLR2004  # a second


def _when(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M} UTC"


def _plain(value: object, style: str = "") -> Text:
    """Make what an event says harmless: no markup, and nothing that a terminal obeys."""
    shown = "".join(one if one.isprintable() else " " for one in str(value))
    return Text(shown, style=style)
