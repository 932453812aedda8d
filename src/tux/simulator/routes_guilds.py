"""Routes about guilds, members and bans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.simulator.calls import Call, Routes, need, need_to_stand_above, snowflake
from tux.simulator.errors import ApiError, invalid
from tux.simulator.permissions import ALL, Permission
from tux.simulator.routes_channels import drop

if TYPE_CHECKING:
    from tux.simulator.guild import Guild
    from tux.simulator.member import Member
    from tux.simulator.model import Json, Role

DELETE_SECONDS = 604_800
REASON_LENGTH = 512
PAGE = 1000


async def guild(call: Call) -> Json:
    """GET /guilds/{guild_id}."""
    counts = {"approximate_member_count": len(call.guild.members)}
    return {**call.guild.payload(), **(counts if "with_counts" in call.query else {})}


async def channels(call: Call) -> list[Json]:
    """GET /guilds/{guild_id}/channels."""
    return [channel.payload() for channel in call.guild.channels.values()]


async def roles(call: Call) -> list[Json]:
    """GET /guilds/{guild_id}/roles."""
    return [role.payload() for role in call.guild.roles.values()]


async def members(call: Call) -> list[Json]:
    """GET /guilds/{guild_id}/members."""
    after = snowflake("after", call.query.get("after", 0))
    found = sorted(call.guild.members.values(), key=lambda member: member.id)
    limit = int(call.query.get("limit", 1))
    return [member.payload() for member in found if member.id > after][:limit]


async def member(call: Call) -> Json:
    """GET /guilds/{guild_id}/members/{user_id}."""
    return call.member.payload()


async def kick(call: Call) -> None:
    """DELETE /guilds/{guild_id}/members/{user_id}."""
    found = call.member
    need(call.guild, Permission.KICK_MEMBERS)
    need_to_stand_above(call.guild, found)
    _check_reason(call)
    call.guild.remove(found.user)


def _check_reason(call: Call) -> None:
    if len(call.reason or "") > REASON_LENGTH:
        raise invalid("reason", "BASE_TYPE_MAX_LENGTH", "Must be 512 or fewer in length.")


async def bans(call: Call) -> list[Json]:
    """GET /guilds/{guild_id}/bans."""
    need(call.guild, Permission.BAN_MEMBERS)
    after = snowflake("after", call.query.get("after", 0))
    numbers = sorted(number for number in call.guild.bans if number > after)
    return [_ban(call, number) for number in numbers[: int(call.query.get("limit", PAGE))]]


def _ban(call: Call, number: int) -> Json:
    return {"reason": call.guild.bans[number], "user": call.state.users[number].payload()}


async def ban_of(call: Call) -> Json:
    """GET /guilds/{guild_id}/bans/{user_id}."""
    need(call.guild, Permission.BAN_MEMBERS)
    number = call.number("user_id")
    if number not in call.guild.bans:
        raise ApiError(10026)
    return _ban(call, number)


async def ban(call: Call) -> None:
    """PUT /guilds/{guild_id}/bans/{user_id}."""
    where = call.guild
    need(where, Permission.BAN_MEMBERS)
    user = call.user
    if user.id in where.members:
        need_to_stand_above(where, where.members[user.id])
    _check_reason(call)
    # discord.py 2.7.1 sends it in the query, the documentation puts it into the body.
    asked = call.query.get("delete_message_seconds") or call.fields.get("delete_message_seconds")
    seconds = snowflake("delete_message_seconds", asked or 0)
    if not 0 <= seconds <= DELETE_SECONDS:
        text = "int value should be less than or equal to 604800."
        raise invalid("delete_message_seconds", "NUMBER_TYPE_MAX", text)
    where.ban(user, call.reason)
    since = call.state.clock() - seconds
    for channel in where.channels.values():
        found = [m for m in channel.messages.values() if m.author is user and m.created > since]
        drop(call.state, channel, found)


async def unban(call: Call) -> None:
    """DELETE /guilds/{guild_id}/bans/{user_id}."""
    need(call.guild, Permission.BAN_MEMBERS)
    if call.number("user_id") not in call.guild.bans:
        raise ApiError(10026)
    call.guild.unban(call.user)


async def edit_member(call: Call) -> Json:
    """PATCH /guilds/{guild_id}/members/{user_id}."""
    where, found, body = call.guild, call.member, call.fields
    if "nick" in body:
        _rename(where, found, body["nick"])
    if "communication_disabled_until" in body:
        need(where, Permission.MODERATE_MEMBERS)
        need_to_stand_above(where, found)
        if found.permissions == ALL:
            raise ApiError(50013)
        found.timed_out_until = body["communication_disabled_until"]
    if "roles" in body:
        wanted = [_role(where, snowflake("roles", number)) for number in body["roles"] or []]
        for role in {*wanted} ^ {*found.roles}:
            _need_to_grant(where, role)
        found.roles = wanted
    where.tell("GUILD_MEMBER_UPDATE", found.payload())
    return found.payload()


def _rename(where: Guild, found: Member, nick: str | None) -> None:
    if found is where.me:
        need(where, Permission.CHANGE_NICKNAME)
    else:
        need(where, Permission.MANAGE_NICKNAMES)
        need_to_stand_above(where, found)
    found.nick = nick or None


async def edit_self(call: Call) -> Json:
    """PATCH /guilds/{guild_id}/members/@me."""
    _rename(call.guild, call.guild.me, call.fields.get("nick"))
    call.guild.tell("GUILD_MEMBER_UPDATE", call.guild.me.payload())
    return call.guild.me.payload()


def _role(where: Guild, number: int) -> Role:
    if number not in where.roles:
        raise ApiError(10011)
    return where.roles[number]


def _need_to_grant(where: Guild, role: Role) -> None:
    need(where, Permission.MANAGE_ROLES)
    if role.rank >= where.me.rank:
        raise ApiError(50013)


async def give_role(call: Call) -> None:
    """PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}."""
    found, role = call.member, _role(call.guild, call.number("role_id"))
    _need_to_grant(call.guild, role)
    if role not in found.roles:
        found.roles.append(role)
        call.guild.tell("GUILD_MEMBER_UPDATE", found.payload())


async def take_role(call: Call) -> None:
    """DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}."""
    found, role = call.member, _role(call.guild, call.number("role_id"))
    _need_to_grant(call.guild, role)
    if role in found.roles:
        found.roles.remove(role)
        call.guild.tell("GUILD_MEMBER_UPDATE", found.payload())


GUILD = "/guilds/{guild_id}"
MEMBER = GUILD + "/members/{user_id}"
ROLE = MEMBER + "/roles/{role_id}"
BANS = GUILD + "/bans"
ROUTES: Routes = {
    ("GET", GUILD): guild,
    ("GET", GUILD + "/channels"): channels,
    ("GET", GUILD + "/roles"): roles,
    ("GET", GUILD + "/members"): members,
    ("PATCH", GUILD + "/members/@me"): edit_self,
    ("GET", MEMBER): member,
    ("PATCH", MEMBER): edit_member,
    ("DELETE", MEMBER): kick,
    ("PUT", ROLE): give_role,
    ("DELETE", ROLE): take_role,
    ("GET", BANS): bans,
    ("GET", BANS + "/{user_id}"): ban_of,
    ("PUT", BANS + "/{user_id}"): ban,
    ("DELETE", BANS + "/{user_id}"): unban,
}
