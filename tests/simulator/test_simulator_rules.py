"""What a person can write, choose and fill in, and what a body may hold."""

from __future__ import annotations

from typing import Any

import pytest

from tux.simulator import (
    BadOptionError,
    ImpossibleActError,
    LocalDiscord,
    Overwrite,
    Permission,
    RateLimit,
)
from tux.simulator.components import filled, usable
from tux.simulator.errors import ApiError
from tux.simulator.messages import check
from tux.simulator.options import Written, command_data
from tux.simulator.rate_limits import RateLimits
from tux.simulator.resolved import Resolved
from tux.simulator.state import State

KINDS = {"text": 3, "whole": 4, "yes": 5, "who": 6, "where": 7, "role": 8, "any": 9, "number": 10}


@pytest.fixture
def state() -> State:
    return State(lambda: 1_800_000_000.0)


def command(**options: dict[str, Any]) -> dict[str, Any]:
    listed = [{"name": name, **option} for name, option in options.items()]
    return {"do": {"id": "1", "name": "do", "type": 1, "options": listed}}


def test_options_are_typed_as_registered(state: State) -> None:
    """Numbers arrive as numbers, and what is pointed at is described beside them."""
    guild = state.add_guild("Penguins")
    ada, role = guild.add_member("ada"), guild.add_role("fish")
    channel = guild.add_text_channel("general")
    known = command(**{name: {"type": kind} for name, kind in KINDS.items()})
    given = {
        "text": 5,
        "whole": "7",
        "yes": True,
        "who": ada,
        "where": channel.id,
        "role": role.id,
        "any": ada.user,
        "number": 1,
    }
    data = command_data(known, Written("do", given), Resolved(state, guild))
    values = {option["name"]: option["value"] for option in data["options"]}
    assert values == {
        "text": "5",
        "whole": 7,
        "yes": True,
        "who": str(ada.id),
        "where": str(channel.id),
        "role": str(role.id),
        "any": str(ada.id),
        "number": 1.0,
    }
    assert {kind: list(found) for kind, found in data["resolved"].items()} == {
        "users": [str(ada.id)],
        "members": [str(ada.id)],
        "channels": [str(channel.id)],
        "roles": [str(role.id)],
    }


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ({"type": 4}, True, "takes a whole number, not True"),
        ({"type": 10}, None, "is required"),
        ({"type": 10}, False, "takes a number"),
        ({"type": 4, "min_value": 1}, 0, "must have a value from 1"),
        ({"type": 4, "max_value": 1}, 2, "must have a value up to 1"),
        ({"type": 3, "min_length": 2}, "x", "must have a length from 2"),
        ({"type": 3, "max_length": 2}, "xxx", "must have a length up to 2"),
        ({"type": 11}, "file", "no scripted member can give"),
    ],
)
def test_a_wrong_option_is_told(
    state: State, option: dict[str, Any], value: object, told: str
) -> None:
    """Discord's own window would not let a person send it."""
    known = command(it={**option, "required": True})
    with pytest.raises(BadOptionError, match=told):
        command_data(known, Written("do", {"it": value}), Resolved(state, None))


def test_nobody_can_be_pointed_at(state: State) -> None:
    """An id that is nobody's, and a thing that is none, are refused."""
    for target in (1, "ada"):
        with pytest.raises(ImpossibleActError, match="is no member, role or channel"):
            Resolved(state, None).point(target)


def test_a_component_is_found_as_a_person_finds_it() -> None:
    """By its id or its label, not if it is disabled or of another kind."""
    rows = [
        {
            "type": 1,
            "components": [
                {"type": 2, "custom_id": "a", "label": "Go"},
                {"type": 2, "custom_id": "b", "label": "Stop", "disabled": True},
                {"type": 2, "style": 5, "label": "Link", "url": "http://localhost"},
            ],
        }
    ]
    buttons = frozenset({2})
    assert usable(rows, "Go", buttons) is usable(rows, "a", buttons)
    for name, told in (("Stop", "is disabled"), ("Link", "there is no"), ("Wait", "there is no")):
        with pytest.raises(ImpossibleActError, match=told):
            usable(rows, name, buttons)


def test_a_form_is_filled_by_label() -> None:
    """Labels around a field and in it both count; what is not filled keeps its default."""
    modal = {
        "components": [
            {"type": 18, "label": "Why so", "component": {"type": 4, "custom_id": "x"}},
            {"type": 18, "label": "Size", "component": {"type": 3, "custom_id": "y"}},
            {
                "type": 1,
                "components": [{"type": 4, "custom_id": "z", "label": "Old", "value": "v"}],
            },
            {"type": 10, "content": "only to read"},
        ]
    }
    why, size, old, *rest = filled(modal, {"why_so": "because", "Size": "big"})
    assert rest == []
    assert why["component"]["value"] == "because"
    assert size["component"]["values"] == ["big"]
    assert old["components"][0]["value"] == "v"
    with pytest.raises(ImpossibleActError, match="'Why so' is required"):
        filled(modal, {})
    with pytest.raises(ImpossibleActError, match="no field colour"):
        filled(modal, {"why_so": "x", "size": "y", "colour": "z"})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 50006),
        ({"content": "x" * 2001}, 50035),
        ({"embeds": [{}] * 11}, 50035),
        ({"embeds": [{"title": "x" * 257}]}, 50035),
        ({"embeds": [{"footer": {"text": "x" * 2049}}]}, 50035),
        ({"embeds": [{"fields": [{"name": "x", "value": ""}]}]}, 50035),
        ({"embeds": [{"fields": [{"name": "x", "value": "y"}] * 26}]}, 50035),
        ({"embeds": [{"description": "x" * 4000}, {"description": "x" * 4000}]}, 50035),
        ({"content": "x", "components": [{}] * 6}, 50035),
    ],
)
def test_a_body_is_checked(body: dict[str, Any], code: int) -> None:
    """The limits of a message are Discord's."""
    with pytest.raises(ApiError) as caught:
        check(body, new=True)
    assert caught.value.code == code


def test_permissions_add_up(state: State) -> None:
    """Roles add, overwrites take and give, the owner and administrators may do everything."""
    guild = state.add_guild("Penguins")
    admin = guild.add_member("admin", [guild.add_role("admin", Permission.ADMINISTRATOR)])
    role = guild.add_role("role")
    ada = guild.add_member("ada", [role])
    channel = guild.add_text_channel(
        "secret",
        [
            Overwrite(guild.id, deny=Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES),
            Overwrite(role.id, allow=Permission.VIEW_CHANNEL),
        ],
    )
    assert ada.permissions & Permission.SEND_MESSAGES
    allowed = ada.permissions_in(channel)
    assert allowed & Permission.VIEW_CHANNEL
    assert not allowed & Permission.SEND_MESSAGES
    for everything in (admin, guild.owner):
        assert everything.permissions_in(channel) & Permission.SEND_MESSAGES


def test_a_window_fills_and_ends() -> None:
    """So many requests pass in a window, each place has its own, and time opens it again."""
    now = [100.0]
    limits = RateLimits(RateLimit(2, 1.0), lambda: now[0])
    asked = [limits.count("GET", "/x", {"channel_id": "1"}) for _ in range(3)]
    assert [verdict.passes for verdict in asked] == [True, True, False]
    assert asked[2].retry_after == 1.0
    assert [verdict.headers["X-RateLimit-Remaining"] for verdict in asked] == ["1", "0", "0"]
    assert limits.count("GET", "/x", {"channel_id": "2"}).passes
    now[0] += 1.0
    assert limits.count("GET", "/x", {"channel_id": "1"}).passes


async def test_a_port_in_use_is_told() -> None:
    """Two cannot listen on one port at once."""
    async with LocalDiscord() as local:
        with pytest.raises(OSError, match="address already in use"):
            async with LocalDiscord(port=local.port):
                raise AssertionError
