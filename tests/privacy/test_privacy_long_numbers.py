"""Ids are found in the bytes of JSON as they are in a tree."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr
from tests.privacy.kinds import SETTINGS

from tux.services.sentry import identities
from tux.services.sentry.identities import PrivateScrubber, without_ids
from tux.services.sentry.privacy import NOBODY, set_opted_out, set_privacy
from tux.services.sentry.scrubbing.long_numbers import UnclearError, with_told
from tux.services.sentry.scrubbing.written import as_json
from tux.shared.privacy import PrivacySettings

if TYPE_CHECKING:
    from collections.abc import Iterator

GONE, STAYS = 412345678901234567, 812345678901234567
PIECES = (
    *(str(GONE), str(STAYS), f"é{GONE}", f"{GONE}ü", f"\n{GONE}", f'"{GONE}"', f"\\u0041{STAYS}"),
    *(
        f"%41{GONE}",
        f"{GONE}0",
        f"0x{STAYS}",
        f"1.{STAYS}",
        f"\\{STAYS}\\",
        "\\",
        '"',
        ",",
        ":",
        "x",
    ),
)
NAMES = (
    "guild_id",
    "user_id",
    "value",
    f"of {GONE}",
    "message.id",
    "née_guild_id",
    '"guild_id":',
    "a",
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=4).map("".join) | st.text(max_size=20)
NUMBERS = st.sampled_from((GONE, STAYS, -GONE, 10**15, 10**25, 7, 1.5, 0.4123456789012345678))
TREES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=20,
)


@pytest.fixture(autouse=True, scope="module")
def _chosen() -> Iterator[None]:
    set_privacy(PrivacySettings(user="hash", key=SecretStr("k" * 43)))
    set_opted_out({GONE})
    yield
    set_privacy(PrivacySettings())
    set_opted_out(NOBODY)


def _told(tree: Any) -> Any:
    return json.loads(with_told(as_json(tree), identities._is_place, identities._value))


@given(TREES)
@example({"guild_id": {"value": str(STAYS), "type": "string"}})
@example({"guild_id": [str(STAYS), f'","{STAYS}']})
@example({"guild_id": {"type": "string", "value": str(STAYS)}})
@example([{"value": STAYS}])
@example(STAYS)
def test_bytes_tell_what_a_tree_tells(tree: Any) -> None:
    """Whatever the data, the same leaves, or the tree is asked."""
    try:
        told = _told(tree)
    except UnclearError:
        return
    assert told == without_ids(json.loads(as_json(tree)))


@pytest.mark.parametrize(
    "tree",
    [
        {"user": {"id": str(STAYS)}, "tags": {"guild_id": str(STAYS)}},
        {"attributes": {"guild_id": {"value": str(STAYS), "type": "string"}}},
        {"attributes": {"user.id": {"value": str(STAYS), "type": "string"}}},
        {"vars": {"channel_id": ["1", str(STAYS)], "member": [f"<Member {STAYS}>", STAYS]}},
    ],
    ids=str,
)
def test_what_the_sdk_writes_is_clear(tree: Any) -> None:
    """Names above texts, attributes and lists are told from the bytes."""
    assert _told(tree) == without_ids(tree)


def test_unclear_data_is_told_by_its_tree() -> None:
    """Behind many others in a list an id is hashed all the same."""
    data = {"extra": {"ids": [1.5] * 40 + [str(GONE), str(STAYS)], "guild_id": [{"a": 1}, STAYS]}}
    told = PrivateScrubber(SETTINGS).serialised(data)
    assert str(GONE).encode() not in told
    assert json.loads(told)["extra"] == without_ids(data)["extra"]
