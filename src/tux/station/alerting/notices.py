"""What a team is told, as facts; and in words that hold wherever they are read. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tux.watch.sources import Unit

NoticeKind: TypeAlias = Literal["firing", "resolved", "test"]
BARS: Final = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that one team is told. Its fields are those of the webhook's JSON."""

    id: str
    """The same when it is sent again: whoever gets it twice can tell."""
    kind: NoticeKind
    rule: str
    title: str
    description: str
    team: str
    severity: str
    at: float
    """Unix seconds."""
    since: float
    """When the rule began to fire."""
    value: float | None
    peak: float
    threshold: float
    unit: Unit
    window_seconds: float
    count: int
    """How many errors or runs there were in the window."""
    users: int
    """How many users they met."""
    evidence: str
    """Title of the issue with most of the errors, or name of the slowest run."""
    evidence_url: str
    url: str
    """The page of alerts."""
    spark: tuple[float, ...]
    """The value in the last minutes."""

    def to_json(self) -> str:
        """Write it for the outbox and for webhooks."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Notice:
        """Read what ``to_json`` wrote."""
        fields: dict[str, Any] = json.loads(text)
        return cls(**{**fields, "spark": tuple(fields["spark"])})

    @property
    def headline(self) -> str:
        """Say it in one line."""
        if self.kind == "test":
            return f"Test: {self.team} is told like this"
        word = "firing" if self.kind == "firing" else "resolved"
        return f"{self.title} is {word}"

    @property
    def figures(self) -> tuple[tuple[str, str], ...]:
        """Name what a person wants to know."""
        if self.kind == "test":
            return ()
        return (
            ("Value", amount(self.value, self.unit)),
            ("Threshold", amount(self.threshold, self.unit)),
            ("Window", span(self.window_seconds)),
            *((("Peak", amount(self.peak, self.unit)),) if self.kind == "resolved" else ()),
            *((("Lasted", span(self.at - self.since)),) if self.kind == "resolved" else ()),
            ("Count", f"{self.count:,}"),
            ("Users", f"{self.users:,}"),
        )


def amount(value: float | None, unit: Unit) -> str:
    """Write a value with its unit."""
    if value is None:
        return "nothing"
    if unit == "ratio":
        return f"{value * 100:.3g} %"
    if unit == "millisecond":
        return f"{value / 1000:,.3g} s" if value >= 1000 else f"{value:.3g} ms"  # noqa: PLR2004  # a second
    words = {"count": "", "per_minute": " a minute", "per_hour": " an hour"}[unit]
    number = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3g}"
    return f"{number}{words}"


def span(seconds: float) -> str:
    """Write how long something is."""
    for size, word in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.3g} {word}"
    return f"{max(seconds, 0):.3g} s"


def sparkline(values: Sequence[float]) -> str:
    """Draw values as a line of text."""
    most = max(values, default=0.0)
    if most <= 0:
        return BARS[0] * len(values)
    return "".join(BARS[round(max(value, 0.0) / most * (len(BARS) - 1))] for value in values)
