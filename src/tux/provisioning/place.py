"""Look-ups: what the definitions name, by the ids that Sentry has for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tux.provisioning.objects import Kind, Place
from tux.provisioning.routes import (
    ENVIRONMENTS,
    INTEGRATIONS,
    ORGANIZATION,
    PROJECT,
    ROUTES,
    TEAMS,
)
from tux.shared.exceptions import TuxAPIResourceNotFoundError, TuxConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tux.provisioning.sentry_api import SentryAPI
    from tux.shared.settings import Settings
    from tux.watch import Definitions


def project_of(api: SentryAPI, settings: Settings) -> dict[str, Any]:
    """Find the project, and the region that its organization is in.

    Raises:
        TuxConfigurationError: there is no such organization or project for this token.
    """
    try:
        organization = api.get(ORGANIZATION)
        api.use_region((organization.get("links") or {}).get("regionUrl"))
    except TuxAPIResourceNotFoundError:
        hint = f"There is no organization {settings.sentry.org}, or the token is not of it."
        raise TuxConfigurationError("SENTRY_ORG", hint) from None
    try:
        project: dict[str, Any] = api.get(PROJECT)
    except TuxAPIResourceNotFoundError:
        hint = f"There is no project {settings.sentry.project}, or the token does not see it."
        raise TuxConfigurationError("SENTRY_PROJECT", hint) from None
    return project


def look_up(
    api: SentryAPI, definitions: Definitions, settings: Settings, project: dict[str, Any]
) -> Place:
    """Find all that the definitions name.

    Raises:
        TuxConfigurationError: something is not there; all of it is told.
    """
    faults: list[str] = []
    teams = _teams(api, definitions, settings, faults)
    discord = _discord(api, definitions, settings, faults)
    key = _key(api, settings, faults) if settings.provisioning.key_count else ""
    faults += _environments(api, definitions)
    if faults:
        raise TuxConfigurationError("The set-up of Sentry", " ".join(faults))
    return Place(
        project=str(project["slug"]),
        project_id=int(project["id"]),
        scrubbing=project,
        teams=teams,
        discord=discord,
        key_id=key,
    )


def _teams(
    api: SentryAPI, definitions: Definitions, settings: Settings, faults: list[str]
) -> dict[str, str]:
    there = {str(team["slug"]): str(team["id"]) for team in api.pages(TEAMS)}
    used = [
        *(rule.team for rule in definitions.alerts.values()),
        *(cron.team for cron in definitions.crons.values()),
    ]
    found: dict[str, str] = {}
    for name in dict.fromkeys(used):
        slug = definitions.teams[name].sentry_team or settings.provisioning.team or name
        if slug in there:
            found[name] = there[slug]
        else:
            known = ", ".join(sorted(there)) or "none"
            faults.append(
                f"Sentry has no team {slug}; it has {known}. Name one as sentry_team below "
                f"[watch.teams.{name}], or one for all in PROVISIONING_TEAM."
            )
    return found


def _discord(
    api: SentryAPI, definitions: Definitions, settings: Settings, faults: list[str]
) -> str:
    told = [definitions.teams[rule.team] for rule in definitions.alerts.values()]
    if not any("discord" in team.notify and team.discord_channel for team in told):
        return ""
    there = [
        (str(one["id"]), str(one.get("name")))
        for one in api.pages(INTEGRATIONS, provider_key="discord")
    ]
    asked = settings.provisioning.discord_server
    fitting = [one for one in there if not asked or one[1] == asked]
    if len(fitting) == 1:
        return fitting[0][0]
    if not there:
        faults.append(
            "Sentry's Discord integration is not installed, which discord_channel needs: "
            "Settings, Integrations, Discord."
        )
    else:
        names = ", ".join(name for _, name in there)
        faults.append(
            f"Sentry knows the Discord servers {names}: name one, PROVISIONING_DISCORD_SERVER."
        )
    return ""


def _key(api: SentryAPI, settings: Settings, faults: list[str]) -> str:
    """Find the client key that the bot sends by, or the only one."""
    keys = list(api.pages(ROUTES[Kind.KEY].many))
    dsn = settings.sentry.dsn.get_secret_value() if settings.sentry.dsn else ""
    ours = [key for key in keys if dsn and f"//{key.get('public')}@" in dsn] or (
        keys if len(keys) == 1 and not dsn else []
    )
    if ours:
        return str(ours[0]["id"])
    faults.append(
        "PROVISIONING_KEY_COUNT: set SENTRY_DSN to the one whose key shall have the rate."
    )
    return ""


def _environments(api: SentryAPI, definitions: Definitions) -> Iterator[str]:
    named = {rule.environment for rule in definitions.alerts.values() if rule.environment}
    if not named:
        return
    there = {str(one["name"]) for one in api.pages(ENVIRONMENTS)}
    for name in sorted(named - there):
        yield f"Sentry does not know the environment {name} yet: it appears with its first event."
