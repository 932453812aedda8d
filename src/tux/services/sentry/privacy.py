"""What of people may leave, as whoever runs the bot and its members have chosen.

One choice for the process, as the SDK is one. Who has opted out is a set that somebody else keeps;
it is asked anew each time, so that a choice counts at once.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

import discord
from loguru import logger

from tux.services.sentry.health import note_fault
from tux.services.sentry.scrubbing.own_rules import OwnRules
from tux.shared.patterns import compiled
from tux.shared.privacy import PrivacySettings
from tux.shared.pseudonyms import KEY_BYTES, key_of, pseudonym_of

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

NOBODY: Final[AbstractSet[int]] = frozenset()
_OF_PEOPLE: Final = ("author", "user", "member")
_IDS: Final = ("id", "user_id", "guild_id")
_NEAR: Final = (*_OF_PEOPLE, "guild")
_NAMED: Final = (discord.user.BaseUser, discord.Member, discord.Guild)
_OF_THIS_RUN: Final = secrets.token_bytes(KEY_BYTES)
"""Key of the hashes where none can be kept."""


class _Choice:
    settings = PrivacySettings()
    key: bytes | None = None
    """Where users leave as hashes."""
    opted_out = NOBODY
    names_leave = True
    """Names that the bot's own code gives to the SDK: until somebody has chosen, that is its affair."""


def set_privacy(settings: PrivacySettings) -> None:
    """Let these settings hold from now on."""
    _Choice.settings = settings
    _Choice.key = _key(settings) if settings.user == "hash" else None
    _Choice.names_leave = settings.user == "id+name"


def set_opted_out(ids: AbstractSet[int]) -> None:
    """Name the users and guilds of whom nothing may leave.

    Args:
        ids: asked whenever something begins or leaves; the caller may go on to change it.
    """
    _Choice.opted_out = ids


def _key(settings: PrivacySettings) -> bytes:
    try:
        return key_of(settings)
    except OSError as error:
        logger.warning(
            "PRIVACY_KEY_PATH: no key can be kept there ({}), so users get other hashes after each "
            "start. Set PRIVACY_KEY, or make the folder writable.",
            type(error).__name__,
        )
        return _OF_THIS_RUN


def own_rules() -> OwnRules:
    """Give what the scrubber removes and keeps besides its rules."""
    chosen = _Choice.settings
    return OwnRules(
        names=frozenset(chosen.names),
        patterns=compiled(chosen.patterns),
        kept_names=frozenset(chosen.keep_names),
        kept_values=frozenset(chosen.keep_values),
        content=chosen.content,
    )


def content_leaves() -> bool:
    """Tell whether what members write may leave."""
    return _Choice.settings.content


def names_leave() -> bool:
    """Tell whether names of users may leave that the bot's own code has set."""
    return _Choice.names_leave


def opted_out() -> AbstractSet[int]:
    """Give the users and guilds of whom nothing may leave."""
    return _Choice.opted_out


def hash_key() -> bytes | None:
    """Give the key by which users leave as hashes; None where they do not."""
    return _Choice.key


def told_id(user_id: int | str) -> str:
    """Give what is told of a user's id."""
    return str(user_id) if _Choice.key is None else pseudonym_of(user_id, _Choice.key)


def told_name(user: object) -> str | None:
    """Give a user's name where it may leave."""
    if _Choice.settings.user != "id+name":
        return None
    name = getattr(user, "name", None)
    return name if isinstance(name, str) else None


def is_of_opted_out(about: object) -> bool:
    """Tell whether something that Discord sent concerns somebody who has opted out. Never raises.

    Args:
        about: a context, an interaction, a message, a member, a guild …, or several in a tuple.
    """
    chosen = _Choice.opted_out
    if not chosen or about is None:
        return False
    try:
        return _concerns(about, chosen)
    except Exception as error:  # noqa: BLE001  # Discord's objects may be half there
        note_fault(error)
        return False


def names_of(about: object) -> frozenset[str]:
    """Give the names of the people and places that something from Discord tells of."""
    if isinstance(about, tuple | list):
        return frozenset().union(*map(names_of, about))
    near = [getattr(about, name, None) for name in (*_OF_PEOPLE, "guild", "channel")]
    # A command has a name, too.
    itself = [about] if isinstance(about, _NAMED) else []
    found = (
        getattr(one, name, None)
        for one in (*itself, *near)
        for name in ("name", "global_name", "display_name")
    )
    return frozenset(name for name in found if isinstance(name, str) and name)


def _concerns(about: object, chosen: AbstractSet[int]) -> bool:
    if isinstance(about, tuple | list):
        return any(_concerns(one, chosen) for one in about)
    # Loops, for every command asks. Of raw events ids are all there is; a message's own id, or a
    # channel's, is nobody's.
    for name in _IDS:
        if getattr(about, name, None) in chosen:
            return True
    for name in _NEAR:  # noqa: SIM110  # a generator takes twice as long
        if getattr(getattr(about, name, None), "id", None) in chosen:
            return True
    return False
