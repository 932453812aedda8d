"""Routes about accounts and the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.simulator.calls import Call, Routes, snowflake
from tux.simulator.errors import ApiError

if TYPE_CHECKING:
    from tux.simulator.model import Json

INTENT_FLAGS = (1 << 12) | (1 << 14) | (1 << 18)
"""Application flags: presences, members and message content are allowed."""


async def own_user(call: Call) -> Json:
    """GET /users/@me."""
    return call.state.bot.own_payload()


async def user(call: Call) -> Json:
    """GET /users/{user_id}."""
    return call.user.payload()


async def own_guilds(call: Call) -> list[Json]:
    """GET /users/@me/guilds."""
    return [
        {**guild.payload(), "owner": False, "permissions": str(guild.me.permissions)}
        for guild in call.state.guilds.values()
    ]


async def open_dm(call: Call) -> Json:
    """POST /users/@me/channels."""
    number = snowflake("recipient_id", call.fields.get("recipient_id"))
    found = call.state.users.get(number)
    if found is None or found is call.state.bot:
        raise ApiError(50033)
    return call.state.dm_channel(found).payload()


async def application(call: Call) -> Json:
    """GET /applications/@me, and its older name."""
    state = call.state
    return {
        "id": str(state.bot.id),
        "name": state.bot.name,
        "icon": None,
        "description": "A bot on the local Discord.",
        "summary": "",
        "type": None,
        "rpc_origins": [],
        "bot_public": False,
        "bot_require_code_grant": False,
        "bot": state.bot.payload(),
        "owner": state.owner.payload(),
        "team": None,
        "verify_key": "0" * 64,
        "flags": INTENT_FLAGS,
        "tags": [],
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "approximate_guild_count": len(state.guilds),
    }


async def gateway(call: Call) -> Json:
    """GET /gateway."""
    return {"url": f"{call.url.replace('http', 'ws', 1)}/gateway"}


async def gateway_bot(call: Call) -> Json:
    """GET /gateway/bot."""
    limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
    return {**await gateway(call), "shards": 1, "session_start_limit": limit}


ROUTES: Routes = {
    ("GET", "/users/@me"): own_user,
    ("GET", "/users/@me/guilds"): own_guilds,
    ("POST", "/users/@me/channels"): open_dm,
    ("GET", "/users/{user_id}"): user,
    ("GET", "/oauth2/applications/@me"): application,
    ("GET", "/applications/@me"): application,
    ("GET", "/gateway"): gateway,
    ("GET", "/gateway/bot"): gateway_bot,
}
