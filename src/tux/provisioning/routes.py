"""Addresses of Sentry's API, and the scopes that a token needs for them. Pure data.

A slash at the end is required. Monitors and alerts are the ``detectors`` and ``workflows`` of 2026;
the rules that they replace are retired and not used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tux.provisioning.objects import Kind

ORGANIZATION: Final = "organizations/{org}/"
PROJECT: Final = "projects/{org}/{project}/"
TEAMS: Final = f"{ORGANIZATION}teams/"
INTEGRATIONS: Final = f"{ORGANIZATION}integrations/"
ENVIRONMENTS: Final = f"{ORGANIZATION}environments/"


@dataclass(frozen=True, slots=True)
class Route:
    """Where a kind of object lives."""

    many: str
    """Listed by GET; made by POST, where ``made`` is empty."""
    one: str
    """Changed by PUT, removed by DELETE."""
    scopes: tuple[str, ...]
    """Of which a token needs one to write."""
    made: str = ""


_RELEASE: Final = f"{ORGANIZATION}releases/"
ROUTES: Final = {
    Kind.MONITOR: Route(
        f"{ORGANIZATION}detectors/",
        f"{ORGANIZATION}detectors/{{id}}/",
        ("alerts:write",),
        f"{ORGANIZATION}projects/{{project}}/detectors/",
    ),
    Kind.ALERT: Route(
        f"{ORGANIZATION}workflows/",
        f"{ORGANIZATION}workflows/{{id}}/",
        ("alerts:write", "org:write", "org:admin"),
    ),
    Kind.DASHBOARD: Route(
        f"{ORGANIZATION}dashboards/",
        f"{ORGANIZATION}dashboards/{{id}}/",
        ("org:read", "org:write", "org:admin"),
    ),
    Kind.CRON: Route(
        f"{ORGANIZATION}monitors/", f"{ORGANIZATION}monitors/{{id}}/", ("alerts:write",)
    ),
    Kind.PROJECT: Route(PROJECT, PROJECT, ("project:write", "project:admin")),
    Kind.FILTER: Route(
        f"{PROJECT}filters/", f"{PROJECT}filters/{{id}}/", ("project:write", "project:admin")
    ),
    Kind.KEY: Route(
        f"{PROJECT}keys/", f"{PROJECT}keys/{{id}}/", ("project:write", "project:admin")
    ),
    Kind.RELEASE: Route(
        _RELEASE, f"{_RELEASE}{{id}}/", ("project:releases", "org:ci", "project:write")
    ),
    Kind.DEPLOY: Route(
        f"{_RELEASE}{{id}}/deploys/",
        f"{_RELEASE}{{id}}/deploys/",
        ("project:releases", "org:ci", "project:write"),
    ),
}
READING: Final = {
    "alerts:read": ("detectors/", "workflows/", "monitors/"),
    "project:read": ("projects/",),
    "project:releases": ("releases/",),
    "team:read": ("teams/",),
    "org:integrations": ("integrations/",),
    "org:read": ("",),
}
"""Scope → parts of addresses that it reads; the first that fits."""
