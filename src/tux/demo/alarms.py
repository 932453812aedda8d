"""The alerts that the members made fire, held against what their teams were told. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tux.demo.ledger import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tux.demo.ledger import Ledger
    from tux.simulator import Deed

AT_ONCE_SECONDS: Final = 3.0
"""So close together, failures are in one window for sure."""


def alarm_rows(ledger: Ledger, notices: Sequence[dict[str, Any]]) -> tuple[Row, ...]:
    """Say of each rule whether it was provoked, told, and over again."""
    return tuple(_row(ledger, name, notices) for name in _PROVOKED)


def _row(ledger: Ledger, name: str, notices: Sequence[dict[str, Any]]) -> Row:
    kinds = [notice["kind"] for notice in notices if notice["rule"] == name]
    provoked = int(_PROVOKED[name](ledger.answered()))
    fired, over = kinds.count("firing"), kinds.count("resolved")
    agrees = fired >= provoked and fired == over
    # What comes late, after a restart, is in no window of the rule any more.
    return Row(
        f"alert {name.replace('_', ' ')}",
        provoked,
        fired,
        agrees or bool(ledger.restarts or ledger.station_restarts),
        _remark(provoked, fired, over),
        ("or more causes" if provoked else "causes", "firing" if fired == 1 else "firings"),
    )


def _remark(provoked: int, fired: int, over: int) -> str:
    if not fired:
        return "provoked, and nobody was told" if provoked else "the members did not provoke it"
    told = "told by webhook" if provoked else "told by webhook, though hardly provoked"
    if fired > 1:
        told += ", anew where it was over and provoked again"
    return f"{told}; resolved" if over == fired else f"{told}; {fired - over} not resolved yet"


def _many_failures(deeds: Sequence[Deed], most: int, command: str | None = None) -> bool:
    ends = sorted(
        deed.at + deed.seconds
        for deed in deeds
        if deed.outcome == "failure" and command in {None, deed.command}
    )
    return any(
        last - first < AT_ONCE_SECONDS for first, last in zip(ends, ends[most:], strict=False)
    )


_PROVOKED: Final[dict[str, Callable[[Sequence[Deed]], bool]]] = {
    "error_rate": lambda deeds: _many_failures(deeds, 11),
    "command_duration": lambda deeds: any(deed.command == "banquet" for deed in deeds),
    "database_errors": lambda deeds: _many_failures(deeds, 6, "dive"),
}
