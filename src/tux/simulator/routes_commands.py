"""Routes about application commands, for all guilds and for single ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.simulator.errors import ApiError, invalid

if TYPE_CHECKING:
    from tux.simulator.calls import Call, Routes
    from tux.simulator.model import Json


def _place(call: Call) -> int | None:
    if call.number("application_id") != call.state.bot.id:
        raise ApiError(50001)
    return call.guild.id if "guild_id" in call.parameters else None


def _command(call: Call) -> Json:
    commands = call.state.commands.of(_place(call))
    if call.number("command_id") not in commands:
        raise ApiError(10063)
    return commands[call.number("command_id")]


async def commands(call: Call) -> list[Json]:
    """GET all."""
    return list(call.state.commands.of(_place(call)).values())


async def replace(call: Call) -> list[Json]:
    """PUT all: what a sync does."""
    if not isinstance(call.body, list):
        raise invalid("_", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    return call.state.commands.replace(_place(call), call.body)


async def create(call: Call) -> Json:
    """POST one."""
    return call.state.commands.put(_place(call), call.fields)


async def command(call: Call) -> Json:
    """GET one."""
    return _command(call)


async def edit(call: Call) -> Json:
    """PATCH one."""
    known = _command(call)
    known.update(call.fields)
    return known


async def delete(call: Call) -> None:
    """DELETE one."""
    known = _command(call)
    del call.state.commands.of(_place(call))[int(known["id"])]


PLACES = (
    "/applications/{application_id}/commands",
    "/applications/{application_id}/guilds/{guild_id}/commands",
)
ROUTES: Routes = {
    (method, place + tail): handler
    for place in PLACES
    for method, tail, handler in (
        ("GET", "", commands),
        ("PUT", "", replace),
        ("POST", "", create),
        ("GET", "/{command_id}", command),
        ("PATCH", "/{command_id}", edit),
        ("DELETE", "/{command_id}", delete),
    )
}
