"""What members wrote, in what Discord sent of their work. Reads; never calls the bot's own code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord
from discord import app_commands
from discord.ext import commands

from tux.services.sentry.context import command_of
from tux.services.sentry.health import contained
from tux.services.sentry.quotations import Quotations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOST_DEPTH: Final = 6
"""Groups and subcommands, and containers of a form, lie within one another."""
_WITHIN: Final = ("options", "components")
_MESSAGES: Final = ("message", "cached_message")
"""Of raw events and reactions."""


def quotations_of(about: object, code: str = "") -> Quotations:
    """Give what members wrote of what Discord sent.

    Args:
        about: a context, an interaction, a message, or several in a tuple.
        code: lines of which the words in quotes are the code's own.
    """
    texts: list[str] = []
    with contained():
        texts += _texts(about)
    names: list[str] = []
    with contained():
        names += _names(about)
    return Quotations(texts, names, code)


def _texts(about: object) -> Iterator[str]:
    if isinstance(about, tuple | list):
        for one in about:
            yield from _texts(one)
    elif isinstance(about, commands.Context):
        yield from _of_command(about)
    elif isinstance(about, discord.Interaction):
        yield from _of_data(about.data or {}, about, 0)
    elif isinstance(about, discord.Message):
        yield about.content
    else:
        messages = (getattr(about, name, None) for name in _MESSAGES)
        yield from (one.content for one in messages if isinstance(one, discord.Message))


def _of_command(ctx: commands.Context[Any]) -> Iterator[str]:
    if ctx.interaction is not None:
        yield from _of_data(ctx.interaction.data or {}, ctx.interaction, 0)
        return
    rest = _behind_command(ctx)
    yield rest
    for argument in (*ctx.args, *ctx.kwargs.values()):
        # Another is the default that the bot's own code has.
        if isinstance(argument, str) and argument.casefold() in rest.casefold():
            yield argument
    answered = ctx.message.reference and ctx.message.reference.resolved
    if isinstance(answered, discord.Message):
        yield answered.content


def _behind_command(ctx: commands.Context[Any]) -> str:
    """Take the prefix and the command's own words off: they are the bot's."""
    rest = ctx.message.content[len(ctx.prefix or "") :].lstrip()
    for word in (*ctx.invoked_parents, ctx.invoked_with or ""):
        rest = rest.removeprefix(word).lstrip()
    return rest


def _of_data(
    data: Mapping[str, Any], interaction: discord.Interaction[Any], depth: int
) -> Iterator[str]:
    """Read options and fields, however deep they lie."""
    if depth > _MOST_DEPTH:
        return
    value = data.get("value")
    if isinstance(value, str) and value not in _choices(interaction, data.get("name")):
        yield value
    for name in _WITHIN:
        for one in data.get(name) or ():
            yield from _of_data(one, interaction, depth + 1)
    if isinstance(data.get("component"), dict):
        yield from _of_data(data["component"], interaction, depth + 1)
    resolved = data.get("resolved")
    if isinstance(resolved, dict):
        for message in (resolved.get("messages") or {}).values():
            yield str(message.get("content") or "")


def _choices(interaction: discord.Interaction[Any], option: object) -> frozenset[str]:
    """Give what the bot lets one choose from: no member's words."""
    command = interaction.command
    parameters = command.parameters if isinstance(command, app_commands.Command) else ()
    return frozenset(
        str(choice.value)
        for parameter in parameters
        if parameter.display_name == option
        for choice in parameter.choices
    )


def _names(about: object) -> Iterator[str]:
    for one in about if isinstance(about, tuple | list) else (about,):
        name = command_of(one)
        if name:
            yield name
            yield from name.split()
