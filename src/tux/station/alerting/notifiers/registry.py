"""All ways to tell a team. A new one is a row here and a file beside this one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tux.station.alerting.notifiers import discord, email, log, webhook

if TYPE_CHECKING:
    from collections.abc import Callable

    from tux.shared.alert_settings import AlertSettings
    from tux.station.alerting.notifiers.base import Notifier, Way
    from tux.watch.definitions import Definitions

KINDS: Final[dict[str, Callable[[AlertSettings, str], Way | None]]] = {
    "log": log.way,
    "webhook": webhook.way,
    "discord": discord.way,
    "email": email.way,
}
"""Name in ``notify`` of a team → what makes its notifier; None where the team has no address."""


@dataclass(frozen=True, slots=True)
class Target:
    """One way to one team."""

    team: str
    kind: str
    place: str
    """Where it leads, without anything secret."""
    notifier: Notifier


def targets_of(definitions: Definitions, settings: AlertSettings) -> tuple[Target, ...]:
    """List how each team is told."""
    return tuple(
        Target(name, kind, way.place, way.notifier)
        for name, team in definitions.teams.items()
        for kind in team.notify
        if kind in KINDS
        if (way := KINDS[kind](settings, name)) is not None
    )
