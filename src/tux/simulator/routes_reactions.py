"""Routes about reactions to messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.simulator.calls import Call, Routes, need_in, snowflake
from tux.simulator.errors import ApiError
from tux.simulator.permissions import Permission
from tux.simulator.reactions import clear, emoji_of, key_of, react, unreact
from tux.simulator.routes_channels import MESSAGE

if TYPE_CHECKING:
    from tux.simulator.model import Json

PAGE, PAGE_LIMIT = 25, 100


def _emoji(call: Call) -> Json:
    return emoji_of(call.parameters["emoji"])


async def add(call: Call) -> None:
    """PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me."""
    message, emoji = call.message, _emoji(call)
    if key_of(emoji) not in message.reactions:
        need_in(message.channel, Permission.ADD_REACTIONS)
    react(call.state, message, call.state.bot, emoji)


async def remove_own(call: Call) -> None:
    """DELETE the bot's own."""
    unreact(call.state, call.message, call.state.bot, _emoji(call))


async def remove(call: Call) -> None:
    """DELETE another's."""
    message = call.message
    need_in(message.channel, Permission.MANAGE_MESSAGES)
    unreact(call.state, message, call.user, _emoji(call))


async def users(call: Call) -> list[Json]:
    """GET who chose an emoji."""
    found = call.message.reactions.get(key_of(_emoji(call)))
    if found is None:
        raise ApiError(10014)
    after = snowflake("after", call.query.get("after", 0))
    limit = min(int(call.query.get("limit", PAGE)), PAGE_LIMIT)
    return [found.users[n].payload() for n in sorted(found.users) if n > after][:limit]


async def remove_all(call: Call) -> None:
    """DELETE all, or all with one emoji."""
    message = call.message
    need_in(message.channel, Permission.MANAGE_MESSAGES)
    clear(call.state, message, _emoji(call) if "emoji" in call.parameters else None)


REACTIONS = MESSAGE + "/reactions"
ROUTES: Routes = {
    ("PUT", REACTIONS + "/{emoji}/@me"): add,
    ("DELETE", REACTIONS + "/{emoji}/@me"): remove_own,
    ("DELETE", REACTIONS + "/{emoji}/{user_id}"): remove,
    ("GET", REACTIONS + "/{emoji}"): users,
    ("DELETE", REACTIONS): remove_all,
    ("DELETE", REACTIONS + "/{emoji}"): remove_all,
}
