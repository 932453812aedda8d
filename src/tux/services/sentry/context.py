"""Discord objects → user, tags and context of an event. Reads; sends nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import discord
import sentry_sdk
from discord.ext import commands

from tux.services.sentry.privacy import is_of_opted_out, told_id, told_name

if TYPE_CHECKING:
    from collections.abc import Mapping


PLACES: Final = frozenset({"guild_id", "channel_id"})
SIZES: Final = ((10_000, "10000+"), (1000, "1000-9999"), (100, "100-999"), (0, "1-99"))
"""Fewest members of each size of a server, and its name."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a unit of work when it begins."""

    user: Mapping[str, str] = field(default_factory=dict)
    """As it is told: ``id`` and, where names may leave, ``username``."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Few different values each: they are searched by."""
    discord: Mapping[str, Any] = field(default_factory=dict)
    """The ``discord`` context: ids that are looked at, not searched by."""

    def anonymous(self) -> Facts:
        """Tell of the work alone: not for whom, nor where it is done."""
        tags = {name: value for name, value in self.tags.items() if name not in PLACES}
        return Facts(tags=tags)


def user_of(user: object) -> dict[str, str]:
    """Give of a Discord user what may be told: by default the id alone."""
    number = getattr(user, "id", None)
    if number is None:
        return {}
    name = told_name(user)
    return {"id": told_id(number)} | ({} if name is None else {"username": name})


def facts_of(source: object) -> Facts:
    """Read what a Context, an Interaction or any other Discord object says about its surroundings."""
    interaction = source if isinstance(source, discord.Interaction) else None
    if isinstance(source, commands.Context):
        interaction = source.interaction
    user = getattr(source, "author", None) or getattr(source, "user", None)
    if user is None and isinstance(source, discord.abc.User):
        user = source
    places = {
        "guild_id": _id(getattr(source, "guild", None)) or _text(source, "guild_id"),
        "channel_id": _id(getattr(source, "channel", None)) or _text(source, "channel_id"),
    }
    tags = {
        "command": command_of(source),
        "cog": _cog(source),
        "command.kind": _kind(source, interaction),
        "feature": _cog(source),
        "guild.size": _size(getattr(source, "guild", None)),
        "shard": _shard(source),
        **places,
    }
    details = {
        **places,
        "message_id": _id(getattr(source, "message", None)),
        "interaction_id": _id(interaction),
        "command": tags["command"],
        "cog": tags["cog"],
        "shard": tags["shard"],
    }
    return Facts(user_of(user), _known(tags), _known(details))


def command_of(source: object) -> str | None:
    """Name the command, subcommands included; while it runs this may grow longer."""
    command = getattr(source, "command", None)
    name = getattr(command, "qualified_name", None)
    return str(name) if name else None


def apply(facts: Facts, scope: sentry_sdk.Scope) -> None:
    """Write facts to a scope."""
    if facts.user:
        scope.set_user(dict(facts.user))
        for key, value in attributes_of(facts.user).items():
            scope.set_attribute(key, value)
    for key, value in facts.tags.items():
        scope.set_tag(key, value)
        # Logs and metrics carry attributes, not tags.
        scope.set_attribute(f"discord.{key}", value)
    if facts.discord:
        scope.set_context("discord", dict(facts.discord))


def attributes_of(user: Mapping[str, str]) -> dict[str, str]:
    """Write a user as the attributes of a log line or a metric."""
    # https://getsentry.github.io/sentry-conventions/attributes/user/
    return {
        "user.name" if key == "username" else f"user.{key}": value for key, value in user.items()
    }


def set_user_context(user: object) -> None:
    """Name the user of this unit of work: a Discord User or Member; nobody who has opted out."""
    if not is_of_opted_out(user):
        apply(Facts(user_of(user)), sentry_sdk.get_isolation_scope())


def set_command_context(ctx: object) -> None:
    """Describe this unit of work by a commands.Context or an Interaction, its user included."""
    facts = facts_of(ctx)
    private = is_of_opted_out(ctx)
    apply(facts.anonymous() if private else facts, sentry_sdk.get_isolation_scope())


def _known(values: Mapping[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in values.items() if value}


def _id(thing: object) -> str | None:
    number = getattr(thing, "id", None)
    return None if number is None else str(number)


def _text(thing: object, name: str) -> str | None:
    value = getattr(thing, name, None)
    return str(value) if isinstance(value, int) else None


def _cog(source: object) -> str | None:
    cog = getattr(source, "cog", None)
    if cog is None:
        # An app command has its cog as the binding of its callback.
        binding = getattr(getattr(source, "command", None), "binding", None)
        cog = binding if isinstance(binding, commands.Cog) else None
    name = getattr(cog, "qualified_name", None)
    return str(name) if name else None


def _kind(source: object, interaction: discord.Interaction[Any] | None) -> str | None:
    if interaction is not None:
        return interaction.type.name
    return "prefix" if isinstance(source, commands.Context) else None


def _size(guild: object) -> str | None:
    """Tell how large a server is, roughly: its number of members would be as good as its name."""
    members = getattr(guild, "member_count", None)
    if not isinstance(members, int):
        return None
    return next((name for least, name in SIZES if members >= least), None)


def _shard(source: object) -> str | None:
    shard = getattr(getattr(source, "guild", None), "shard_id", None)
    return None if shard is None else str(shard)
