"""When something happens too often."""

from __future__ import annotations

from tux.services.sentry.repeats import MAX_KEYS, Repeats


def test_so_many_within_so_long() -> None:
    """The n-th within the time is too often, and the count begins anew; slower ones never are."""
    now = 0.0
    repeats = Repeats(3, 10.0, lambda: now)
    assert [repeats.count("a") for _ in range(6)] == [False, False, True] * 2
    told = []
    for _ in range(9):
        now += 6
        told.append(repeats.count("b"))
    assert told == [False] * 9


def test_keys_are_apart_and_bounded() -> None:
    """Each is counted for itself, and only the latest are remembered."""
    repeats = Repeats(2, 10.0, lambda: 0.0)
    assert not repeats.count("a")
    assert not repeats.count("b")
    assert repeats.count("a")
    for key in range(2 * MAX_KEYS):
        assert not repeats.count(key)
    assert not repeats.count("b")
