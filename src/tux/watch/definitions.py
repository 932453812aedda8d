"""Metrics, widgets, alert rules and teams as frozen data: what both our station and Sentry need.

Durations are milliseconds, windows and waits are seconds, rates of failure are shares from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from tux.watch.sources import SOURCES, UNITS, Aggregate, SourceName, Unit

LONGEST_WINDOW = 86_400

Title: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=180)]
"""Sentry takes names of 200 characters; provisioning puts a mark before ours."""
Seconds: TypeAlias = Annotated[float, Field(ge=0, le=30 * 86_400, allow_inf_nan=False)]


class Definition(BaseModel):
    """Something that is declared; unknown names are faults, not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _check_aggregates(source: SourceName, aggregates: tuple[Aggregate, ...]) -> None:
    possible = SOURCES[source].aggregates
    for aggregate in aggregates:
        if aggregate not in possible:
            raise PydanticCustomError(
                "aggregate",
                "{aggregate} cannot be asked of {source}; possible are {possible}",
                {"aggregate": aggregate, "source": source, "possible": ", ".join(possible)},
            )


class Metric(Definition):
    """A figure that says how the bot is."""

    title: Title
    source: SourceName
    """What is counted or measured."""
    aggregates: Annotated[tuple[Aggregate, ...], Field(min_length=1)]
    """What is asked of it, each a line of the chart."""

    @model_validator(mode="after")
    def _fits(self) -> Metric:
        _check_aggregates(self.source, self.aggregates)
        return self


class Widget(Metric):
    """A piece of a dashboard."""

    display: Literal["line", "bar", "table", "number"] = "line"
    by: Annotated[str, StringConstraints(max_length=200, pattern=r"^[\w.:-]*$")] = ""
    """Tag or attribute that it is grouped by (``command``, ``release``, ``span.op``); empty for
    none."""
    limit: Annotated[int, Field(ge=1, le=10)] = 10
    """Groups that are shown, those with most of the first aggregate first. Sentry shows ten."""


class QuietHours(BaseModel):
    """A part of each day (UTC) in which a team is not told."""

    model_config = ConfigDict(frozen=True)

    begin: time
    end: time

    def cover(self, moment: time) -> bool:
        """Tell whether a time of day lies in them; they may go over midnight."""
        if self.begin <= self.end:
            return self.begin <= moment < self.end
        return moment >= self.begin or moment < self.end


def _hours(given: object) -> object:
    """Read ``22:00-07:00``; empty means none."""
    if not isinstance(given, str):
        return given
    if not given.strip():
        return None
    try:
        begin, end = (time.fromisoformat(part.strip()) for part in given.split("-"))
    except ValueError:
        raise PydanticCustomError("hours", "must be like 22:00-07:00, in UTC") from None
    if begin.tzinfo or end.tzinfo:
        raise PydanticCustomError("hours", "must be without a zone: they are in UTC")
    return {"begin": begin, "end": end}


class Team(Definition):
    """Who is told."""

    title: Title
    notify: tuple[str, ...] = ("log", "webhook", "discord", "email")
    """Kinds of notifier, of which those are used that have an address for this team."""
    quiet_hours: Annotated[QuietHours | None, BeforeValidator(_hours)] = None
    """Such as ``22:00-07:00`` (UTC): what fires meanwhile is told afterwards, if it still does."""
    sentry_team: Annotated[str, StringConstraints(max_length=100)] = ""
    """Slug of the team in Sentry that owns the monitor; by default the name of this one."""
    discord_channel: Annotated[str, StringConstraints(pattern=r"^\d{0,20}$")] = ""
    """Id of the channel that Sentry's Discord integration writes to; empty for mail alone."""

    @field_validator("discord_channel", mode="before")
    @classmethod
    def _digits(cls, given: object) -> object:
        # An id is written without quotes, too.
        return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


class AlertRule(Definition):
    """When a team is told."""

    title: Title
    description: Annotated[str, StringConstraints(max_length=1000)] = ""
    source: SourceName
    aggregate: Aggregate
    threshold: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    """The rule fires above it (not at it). In the aggregate's unit: milliseconds, a count, a share."""
    window_seconds: Annotated[float, Field(ge=1, le=LONGEST_WINDOW)]
    """How far back is looked. Sentry's shortest is 60 for errors, 300 for commands and spans."""
    team: str
    command: Annotated[str, StringConstraints(max_length=200)] = ""
    """Only what this command did; empty for all."""
    environment: Annotated[str, StringConstraints(max_length=64)] = ""
    """Only what happened in it (``production``); empty for all."""
    severity: Literal["high", "medium"] = "high"
    for_seconds: Seconds = 0.0
    """How long it must stay above before it fires."""
    resolve_below: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """It resolves at or below this; by default at the threshold."""
    resolve_seconds: Seconds = 0.0
    """How long it must stay there before it resolves."""
    cooldown_seconds: Seconds = 600.0
    """After the team was told, this long nothing new is told of the rule. Sentry: how often, at
    most."""
    enabled: bool = True

    @property
    def unit(self) -> Unit:
        """What the threshold is of."""
        return UNITS[self.aggregate]

    @property
    def calm(self) -> float:
        """At or below which the rule resolves."""
        return self.threshold if self.resolve_below is None else self.resolve_below

    @model_validator(mode="after")
    def _fits(self) -> AlertRule:
        _check_aggregates(self.source, (self.aggregate,))
        if self.calm > self.threshold:
            raise PydanticCustomError("calm", "resolve_below must not be above the threshold")
        if self.unit == "ratio" and self.threshold > 1:
            raise PydanticCustomError("ratio", "the threshold of a rate is a share from 0 to 1")
        return self


class Cron(Definition):
    """A task that checks in, and is missed when it does not. Its name is the slug it checks in by."""

    title: Title
    team: str
    every_minutes: Annotated[int, Field(ge=1, le=30 * 1440)] = 60
    """How often it checks in."""
    margin_minutes: Annotated[int, Field(ge=1, le=40_320)] = 5
    """How late it may be."""
    limit_minutes: Annotated[int, Field(ge=1, le=40_320)] = 30
    """How long it may run."""
    failures: Annotated[int, Field(ge=1, le=720)] = 1
    """Failed or missed runs in a row of which the team is told."""
    recoveries: Annotated[int, Field(ge=1, le=720)] = 1
    """Good runs in a row after which it is over."""


Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,49}$")]
"""A key that stays when titles change; Sentry's objects are found again by it."""


class Definitions(Definition):
    """Everything that is watched."""

    metrics: Mapping[Name, Metric]
    widgets: Mapping[Name, Widget]
    alerts: Mapping[Name, AlertRule]
    crons: Mapping[Name, Cron]
    teams: Mapping[Name, Team]

    def team_of(self, rule: AlertRule) -> Team:
        """Find whom a rule tells."""
        return self.teams[rule.team]


def strangers(document: Mapping[str, Any]) -> list[tuple[tuple[str, ...], str]]:
    """Find what names a team that nobody declared: place and what is wrong."""
    teams = document.get("teams")
    if not isinstance(teams, dict):
        return []
    return [
        ((kind, name, "team"), f"there is no team {team}; declare [watch.teams.{team}]")
        for kind in ("alerts", "crons")
        if isinstance(entries := document.get(kind), dict)
        for name, entry in entries.items()
        if isinstance(entry, dict) and isinstance(team := entry.get("team"), str)
        if team not in teams
    ]
