"""Routes with which a bot answers interactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.simulator.calls import Call, Routes, snowflake
from tux.simulator.errors import ApiError, invalid
from tux.simulator.interactions import (
    ACKNOWLEDGE_SECONDS,
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    FORM,
    TOKEN_SECONDS,
    Interaction,
)
from tux.simulator.messages import EPHEMERAL, LOADING, Message, check
from tux.simulator.replies import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from tux.simulator.model import Json
    from tux.simulator.state import State

MESSAGE, DEFER, DEFER_UPDATE, UPDATE, SUGGEST, MODAL = 4, 5, 6, 7, 8, 9
"""Response types, https://discord.com/developers/docs/interactions/receiving-and-responding."""
ALLOWED = {
    MESSAGE: {COMMAND, COMPONENT, FORM},
    DEFER: {COMMAND, COMPONENT, FORM},
    DEFER_UPDATE: {COMPONENT, FORM},
    UPDATE: {COMPONENT, FORM},
    SUGGEST: {AUTOCOMPLETE},
    MODAL: {COMMAND, COMPONENT},
}
"""Response type → the interactions that it may answer."""
SUGGESTIONS = 25


async def respond(call: Call) -> Json | None:
    """POST /interactions/{interaction_id}/{token}/callback."""
    state = call.state
    interaction = state.interactions.get(call.parameters["token"])
    if interaction is None or interaction.id != call.number("interaction_id"):
        raise ApiError(10062)
    if interaction.answered_with is not None:
        raise ApiError(40060)
    if state.clock() - interaction.created > ACKNOWLEDGE_SECONDS:
        raise ApiError(10062)
    kind = call.fields.get("type")
    if kind not in ALLOWED or interaction.kind not in ALLOWED[kind]:
        raise invalid("type", "BASE_TYPE_CHOICES", f"Value {kind!r} is not allowed here.")
    body = dict(call.fields.get("data") or {})
    if call.files:
        body["attachments"] = list(call.files)
    RESPONSES[kind](state, interaction, body)
    interaction.answered_with = kind
    if call.query.get("with_response") not in {"1", "true"}:
        return None
    return _described(interaction, kind)


def _described(interaction: Interaction, kind: int) -> Json:
    message = interaction.original if kind in {MESSAGE, DEFER, UPDATE} else None
    about: Json = {"id": str(interaction.id), "type": interaction.kind}
    if message is None:
        return {"interaction": about, "resource": {"type": kind}}
    about |= {
        "response_message_id": str(message.id),
        "response_message_loading": bool(message.flags & LOADING),
        "response_message_ephemeral": message.ephemeral,
        "channel_id": str(message.channel.id),
    }
    return {"interaction": about, "resource": {"type": kind, "message": message.payload()}}


def _message(state: State, interaction: Interaction, body: Json) -> None:
    check(body, new=True)
    interaction.original = _post(state, interaction, body)
    interaction.act.answer(interaction.original)


def _post(state: State, interaction: Interaction, body: Json) -> Message:
    message = state.new_message(interaction.channel, state.bot, body)
    message.interaction = interaction
    interaction.messages[message.id] = message
    state.post(message)
    return message


def _defer(state: State, interaction: Interaction, body: Json) -> None:
    flags = LOADING | (int(body.get("flags") or 0) & EPHEMERAL)
    interaction.original = _post(state, interaction, {"flags": flags})


def _defer_update(state: State, interaction: Interaction, body: Json) -> None:  # noqa: ARG001  # a row of RESPONSES
    interaction.original = interaction.source


def _update(state: State, interaction: Interaction, body: Json) -> None:
    check(body, new=False)
    if interaction.source is None:
        raise invalid("type", "BASE_TYPE_CHOICES", "There is no message to update.")
    interaction.original = interaction.source
    state.edit(interaction.source, body)
    interaction.act.answer(interaction.source)


def _suggest(state: State, interaction: Interaction, body: Json) -> None:  # noqa: ARG001  # a row of RESPONSES
    choices = body.get("choices") or []
    if len(choices) > SUGGESTIONS:
        raise invalid("data.choices", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    interaction.act.answer(Reply(None, interaction.channel.id, choices=tuple(choices)))


def _modal(state: State, interaction: Interaction, body: Json) -> None:  # noqa: ARG001  # a row of RESPONSES
    for name in ("custom_id", "title", "components"):
        if not body.get(name):
            raise invalid(f"data.{name}", "BASE_TYPE_REQUIRED", "This field is required")
    reply = Reply(
        None,
        interaction.channel.id,
        components=list(body["components"]),
        modal=body,
        message=interaction.source,
    )
    interaction.act.answer(reply)


RESPONSES: dict[int, Callable[[State, Interaction, Json], None]] = {
    MESSAGE: _message,
    DEFER: _defer,
    DEFER_UPDATE: _defer_update,
    UPDATE: _update,
    SUGGEST: _suggest,
    MODAL: _modal,
}


def _interaction(call: Call) -> Interaction:
    found = call.state.interactions.get(call.parameters["token"])
    if found is None or call.number("application_id") != call.state.bot.id:
        raise ApiError(10015)
    if call.state.clock() - found.created > TOKEN_SECONDS:
        raise ApiError(50027)
    if found.answered_with is None:
        raise ApiError(10015)
    return found


def _target(call: Call, interaction: Interaction) -> Message:
    if "message_id" not in call.parameters:
        found = interaction.original
    else:
        number = snowflake("message_id", call.parameters["message_id"])
        found = interaction.messages.get(number)
        if found is None and interaction.source and interaction.source.id == number:
            found = interaction.source
    if found is None:
        raise ApiError(10008)
    return found


async def follow_up(call: Call) -> Json:
    """POST /webhooks/{application_id}/{token}; the first after a defer takes its place."""
    interaction, body = _interaction(call), call.fields
    check(body, new=True)
    original = interaction.original
    if original is not None and original.flags & LOADING:
        body = {**body, "flags": int(body.get("flags") or 0) | (original.flags & EPHEMERAL)}
        message = original
        call.state.edit(message, body)
    else:
        message = _post(call.state, interaction, body)
    interaction.act.answer(message)
    return message.payload()


async def read(call: Call) -> Json:
    """GET a response or a follow-up."""
    return _target(call, _interaction(call)).payload()


async def edit(call: Call) -> Json:
    """PATCH a response or a follow-up."""
    interaction, body = _interaction(call), call.fields
    message = _target(call, interaction)
    check(body, new=False)
    kept = message.flags & EPHEMERAL
    flags = int(body.get("flags", message.flags) or 0) & ~LOADING
    call.state.edit(message, {**body, "flags": flags | kept})
    interaction.act.answer(message)
    return message.payload()


async def delete(call: Call) -> None:
    """DELETE a response or a follow-up."""
    interaction = _interaction(call)
    message = _target(call, interaction)
    interaction.messages.pop(message.id, None)
    if interaction.original is message:
        interaction.original = None
    call.state.delete(message.channel, [message])


WEBHOOK = "/webhooks/{application_id}/{token}"
ROUTES: Routes = {
    ("POST", "/interactions/{interaction_id}/{token}/callback"): respond,
    ("POST", WEBHOOK): follow_up,
    **{
        (method, f"{WEBHOOK}/messages/{target}"): handler
        for target in ("@original", "{message_id}")
        for method, handler in (("GET", read), ("PATCH", edit), ("DELETE", delete))
    },
}
