"""Routes about channels and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.simulator.calls import Call, Routes, need_in, snowflake
from tux.simulator.errors import ApiError, invalid
from tux.simulator.messages import check
from tux.simulator.permissions import Permission

if TYPE_CHECKING:
    from tux.simulator.messages import Message
    from tux.simulator.model import Channel, Json
    from tux.simulator.state import State

PAGE, PAGE_LIMIT = 50, 100


async def channel(call: Call) -> Json:
    """GET /channels/{channel_id}."""
    return call.channel.payload()


async def send(call: Call) -> Json:
    """POST /channels/{channel_id}/messages."""
    where, body, state = call.channel, call.fields, call.state
    if where.recipient is not None:
        if not state.shares_guild(where.recipient):
            raise ApiError(50278)
        if not where.recipient.dms_open or where.recipient.bot:
            raise ApiError(50007)
    need_in(where, Permission.SEND_MESSAGES)
    check(body, new=True)
    reference = _reference(where, body.get("message_reference"))
    message = state.new_message(where, state.bot, body)
    message.reference = reference
    state.post(message)
    return message.payload()


def _reference(where: Channel, reference: Json | None) -> Message | None:
    if not reference:
        return None
    message = where.messages.get(snowflake("message_id", reference.get("message_id")))
    if message is None and reference.get("fail_if_not_exists", True):
        raise invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
    return message


async def history(call: Call) -> list[Json]:
    """GET /channels/{channel_id}/messages, newest first."""
    found = list(call.channel.messages.values())
    if "after" in call.query:
        found = [one for one in found if one.id > snowflake("after", call.query["after"])]
    if "before" in call.query:
        found = [one for one in found if one.id < snowflake("before", call.query["before"])]
    limit = min(int(call.query.get("limit", PAGE)), PAGE_LIMIT)
    page = found[:limit] if "after" in call.query else found[-limit:]
    return [message.payload() for message in reversed(page)]


async def message(call: Call) -> Json:
    """GET /channels/{channel_id}/messages/{message_id}."""
    return call.message.payload()


async def edit(call: Call) -> Json:
    """PATCH /channels/{channel_id}/messages/{message_id}."""
    found, body = call.message, call.fields
    if found.author is not call.state.bot:
        raise ApiError(50005)
    check(body, new=False)
    call.state.edit(found, body)
    return found.payload()


async def delete(call: Call) -> None:
    """DELETE /channels/{channel_id}/messages/{message_id}."""
    found = call.message
    if found.author is not call.state.bot:
        need_in(found.channel, Permission.MANAGE_MESSAGES)
    call.state.delete(found.channel, [found])


async def delete_many(call: Call) -> None:
    """POST /channels/{channel_id}/messages/bulk-delete."""
    where = call.channel
    need_in(where, Permission.MANAGE_MESSAGES)
    numbers = [snowflake("messages", number) for number in call.fields.get("messages", [])]
    drop(call.state, where, [where.messages[n] for n in numbers if n in where.messages])


def drop(state: State, where: Channel, messages: list[Message]) -> None:
    """Delete messages at once, with one event for all."""
    for one in messages:
        del where.messages[one.id]
    if messages:
        state.tell_in(where, "MESSAGE_DELETE_BULK", {"ids": [str(one.id) for one in messages]})


async def typing(call: Call) -> None:
    """POST /channels/{channel_id}/typing."""
    need_in(call.channel, Permission.SEND_MESSAGES)


MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = MESSAGES + "/{message_id}"
ROUTES: Routes = {
    ("GET", "/channels/{channel_id}"): channel,
    ("POST", "/channels/{channel_id}/typing"): typing,
    ("POST", MESSAGES): send,
    ("GET", MESSAGES): history,
    ("POST", MESSAGES + "/bulk-delete"): delete_many,
    ("GET", MESSAGE): message,
    ("PATCH", MESSAGE): edit,
    ("DELETE", MESSAGE): delete,
}
