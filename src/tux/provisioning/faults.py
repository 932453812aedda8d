"""What Sentry would refuse, or cannot do: found before the first request. Pure."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from tux.provisioning.bodies import FREQUENCIES, frequency_of
from tux.provisioning.dashboard import MOST_WIDGETS, tiles_of
from tux.provisioning.scrubbing import LONGEST_FIELDS, scrubbing_of
from tux.watch import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tux.shared.settings import Settings
    from tux.watch import AlertRule, Definitions

_URL: Final = re.compile(r"https?://[^/?#@\s]+/?")
_SLUG: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_VERSION: Final = re.compile(r"(?!\.{1,2}$|latest$)[^\s/\\](?:[^\n\r\t/\\]{0,198}[^\s/\\])?")
_MINUTE: Final = 60


def account_faults(settings: Settings) -> Iterator[str]:
    """Say what is missing to ask Sentry at all."""
    sentry = settings.sentry
    for name, value in (("SENTRY_ORG", sentry.org), ("SENTRY_PROJECT", sentry.project)):
        if value is None:
            yield f"{name} is missing: the slug, as in the address of Sentry's pages."
        elif not _SLUG.fullmatch(value):
            yield f"{name} is no slug: letters, digits, - and _ only."
    if not _URL.fullmatch(sentry.url):
        yield "SENTRY_URL must be like https://sentry.io, without a path."
    token = sentry.auth_token.get_secret_value() if sentry.auth_token else ""
    if not token:
        yield "SENTRY_AUTH_TOKEN is missing: a token of an internal integration, see docs/sentry.md."
    elif token.startswith("sntrys_"):
        yield (
            "SENTRY_AUTH_TOKEN is an organization's token, which can make releases only: take one "
            "of an internal integration, see docs/sentry.md."
        )
    elif not token.isascii() or not token.isprintable() or " " in token:
        yield "SENTRY_AUTH_TOKEN has characters that no token has."


def definition_faults(definitions: Definitions, settings: Settings) -> Iterator[str]:
    """Say what of the definitions Sentry would refuse."""
    for name, rule in definitions.alerts.items():
        for text in _rule_faults(rule):
            yield f"watch.alerts.{name}: {text}"
    for name in dict.fromkeys(rule.team for rule in definitions.alerts.values()):
        team = definitions.teams[name]
        if "email" not in team.notify and not ("discord" in team.notify and team.discord_channel):
            yield (
                f"watch.teams.{name}: Sentry can tell it by email, or by discord with "
                "discord_channel; its notify has neither."
            )
    titles = Counter(tile.title for tile in tiles_of(definitions))
    for title, count in titles.items():
        if count > 1:
            yield f"watch: {count} widgets are titled {title}; in one dashboard each needs its own."
    if (total := titles.total()) > MOST_WIDGETS:
        yield f"watch: {total} widgets; a dashboard of Sentry's has {MOST_WIDGETS} at most."
    fields = scrubbing_of(settings.privacy, {})["sensitiveFields"]
    if sum(map(len, fields)) > LONGEST_FIELDS:
        yield f"PRIVACY_NAMES: Sentry takes {LONGEST_FIELDS} characters of names at most."
    if settings.sentry.release is not None and not _VERSION.fullmatch(settings.sentry.release):
        yield "SENTRY_RELEASE: no version to Sentry: no slash, no line break, at most 200 characters."


def _rule_faults(rule: AlertRule) -> Iterator[str]:
    shortest = SOURCES[rule.source].shortest_window
    if rule.window_seconds < shortest:
        yield f"window_seconds: Sentry's shortest for {rule.source} is {shortest}."
    elif rule.window_seconds % _MINUTE:
        yield "window_seconds: Sentry takes whole minutes."
    if rule.cooldown_seconds > FREQUENCIES[-1] * _MINUTE:
        yield "cooldown_seconds: Sentry's longest is 86400, a day."


def notes_of(definitions: Definitions) -> Iterator[str]:
    """Say what only our station does, or does more exactly."""
    for name, rule in definitions.alerts.items():
        place = f"watch.alerts.{name}"
        for field in ("for_seconds", "resolve_seconds"):
            if getattr(rule, field):
                yield f"{place}: Sentry has no {field}; it fires and resolves at once."
        if rule.aggregate == "max" and rule.calm != rule.threshold:
            yield f"{place}: Sentry resolves it at the threshold, not at resolve_below."
        if (minutes := frequency_of(rule)) * _MINUTE != rule.cooldown_seconds:
            yield f"{place}: Sentry tells at most every {minutes} minutes, the next it has."
    for name, team in definitions.teams.items():
        if team.quiet_hours is not None:
            yield f"watch.teams.{name}: Sentry has no quiet_hours; it tells at any time."
    for tile in tiles_of(definitions):
        if "per_hour" in tile.aggregates and tile.interval != "1h":
            yield f"{tile.title}: rates by the hour are shown by the minute."
