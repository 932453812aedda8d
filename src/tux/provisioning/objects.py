"""What Sentry keeps of what is watched: as it is wanted, and as it was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeAlias

Body: TypeAlias = dict[str, Any]
"""JSON of Sentry's API, in its own words and its camelCase."""
MONITORS: Final = "detectorIds"
"""Where an alert names its monitors: by our keys in what is wanted and found, by ids on the wire."""


class Kind(StrEnum):
    """Kinds of objects, in the order in which they are made: each needs only those before it."""

    MONITOR = "monitor"
    ALERT = "alert"
    DASHBOARD = "dashboard"
    CRON = "cron monitor"
    PROJECT = "project settings"
    FILTER = "inbound filter"
    KEY = "client key"
    RELEASE = "release"
    DEPLOY = "deploy"


REMOVABLE: Final = (Kind.ALERT, Kind.DASHBOARD, Kind.MONITOR, Kind.CRON)
"""What is ever removed, in this order: alerts hold on to monitors."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An object that the definitions ask for."""

    kind: Kind
    key: str
    """Stays when titles change; the object is found again by it."""
    title: str
    body: Body
    within: str = ""
    """The release that a deploy is of."""


@dataclass(frozen=True, slots=True)
class Found:
    """An object that Sentry has, and that is ours or stands where ours would."""

    kind: Kind
    key: str
    id: str
    title: str
    body: Body
    spec: str | None = None
    """Hash of what was last applied; None where the object has no room for one."""
    is_ours: bool = True
    """False of one that has our name but not our mark."""


@dataclass(frozen=True, slots=True)
class Place:
    """What was looked up in Sentry before anything is decided."""

    project: str
    project_id: int
    scrubbing: Body = field(default_factory=dict)
    """The project's own settings, onto which ours are laid."""
    teams: dict[str, str] = field(default_factory=dict)
    """Team of the definitions → id of Sentry's."""
    discord: str = ""
    """Id of the Discord integration."""
    key_id: str = ""
    """The client key whose rate is set."""
