"""Which receivers share a folder of the spool."""

from __future__ import annotations

from pathlib import Path

import pytest
from sentry_sdk.utils import Dsn

from tux.services.sentry.delivery.places import NAME, limits_file, receiver_directory

ROOT = Path("spool")
DSN = "https://key@errors.example/secret/7"


@pytest.mark.parametrize(
    "other",
    [
        "https://key@errors.example/other/7",
        "https://key@errors.example/secret/8",
        "https://key@errors.example:8443/secret/7",
        "https://key@other.example/secret/7",
    ],
)
def test_each_receiver_has_its_own(other: str) -> None:
    """Host, port, path and project tell receivers apart, and the path stands in no name."""
    own, another = (receiver_directory(ROOT, Dsn(one)) for one in (DSN, other))
    assert own != another
    assert "secret" not in own.name
    assert NAME.fullmatch(own.name)
    assert NAME.fullmatch(another.name)


def test_a_new_key_finds_what_waits_under_the_old_one() -> None:
    """Keys share the folder, and each has limits of its own."""
    old, new = Dsn(DSN), Dsn(DSN.replace("key", "new"))
    assert receiver_directory(ROOT, old) == receiver_directory(ROOT, new)
    assert limits_file(ROOT, old) != limits_file(ROOT, new)
