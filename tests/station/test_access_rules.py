"""The rules of who may enter, by themselves."""

from __future__ import annotations

import pytest

from tux.shared.settings import StationSettings
from tux.station.access.passwords import hashed, is_right
from tux.station.access.places import places_of
from tux.station.access.rates import Rates
from tux.station.access.throttle import FREE, LONGEST, REMEMBERED, Throttle


def test_a_password_is_known_by_its_hash() -> None:
    """The hash has a salt of its own, opens for its password only, and does not contain it."""
    first, second = hashed("correct horse"), hashed("correct horse")
    assert first != second
    assert is_right("correct horse", first)
    assert is_right("correct horse", second)
    assert not is_right("correct horsf", first)
    assert not is_right("", first)
    assert "horse" not in first


def test_guesses_cost_more_and_more_time() -> None:
    """The first few are free, then the wait doubles up to a quarter of an hour, for one address."""
    throttle, now = Throttle(), 0.0
    waits = []
    for _ in range(FREE + 12):
        throttle.wrong("a", now)
        waits.append(throttle.wait("a", now))
        now += waits[-1]
    assert waits[: FREE - 1] == [0.0] * (FREE - 1)
    assert waits[FREE - 1 : FREE + 3] == [1.0, 2.0, 4.0, 8.0]
    assert waits[-1] == LONGEST
    assert throttle.wait("b", now) == 0
    assert throttle.wait("a", now + LONGEST) == 0
    throttle.right("a")
    assert throttle.wait("a", now) == 0


def test_guessers_do_not_fill_the_memory() -> None:
    """Of many addresses only the latest are remembered."""
    throttle = Throttle()
    for number in range(REMEMBERED + 50):
        throttle.wrong(str(number), 0.0)
    assert len(throttle._wrong) == REMEMBERED


def test_a_key_sends_what_it_may() -> None:
    """A minute's worth goes at once, then as much as a minute brings; the wait is whole seconds."""
    rates = Rates()
    assert [rates.wait("k", 3, 0.0) for _ in range(4)] == [0, 0, 0, 20]
    assert rates.wait("k", 3, 20.0) == 0
    assert rates.wait("k", 3, 20.0) == 20
    assert rates.wait("other", 3, 20.0) == 0
    assert [rates.wait("free", 0, 0.0) for _ in range(100)] == [0] * 100


@pytest.mark.parametrize(
    ("host", "url", "reachable", "yes", "no"),
    [
        ("127.0.0.1", None, False, ["localhost:1", "127.0.0.1", "[::1]:80"], ["10.0.0.1", "x.de"]),
        ("::1", None, False, ["[::1]:9"], ["[::2]"]),
        ("0.0.0.0", None, True, ["192.168.1.7:8765", "localhost"], ["rebound.example", ""]),
        (
            "127.0.0.1",
            "https://tux.example",
            True,
            ["tux.example", "127.0.0.1:1"],
            ["evil.example"],
        ),
        ("127.0.0.1", "http://localhost:9", False, ["localhost:9"], ["10.0.0.1"]),
    ],
)
def test_a_station_answers_to_its_names(
    *, host: str, url: str | None, reachable: bool, yes: list[str], no: list[str]
) -> None:
    """Its own names, its public one, and where others reach it any address that is no name."""
    places = places_of(StationSettings(host=host, url=url))
    assert places.is_reachable is reachable
    assert all(map(places.answers_to, yes))
    assert not any(map(places.answers_to, no))
