"""The demo's lookout sees what it should: over real HTTP, in every form, also what is told late."""

from __future__ import annotations

import base64
import gzip
from urllib.parse import quote, urlsplit

import httpx
import pytest
from tests.fakes.receiver import Receiver, Reply

from tux.demo.lookout import LAG_SECONDS, Lookout, watched

KEY = "0123456789abcdef0123456789abcdef"
SECRETS = {"bot token": "a bot's token/1234", "DSN key": KEY}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_it_passes_on_what_comes_and_what_is_answered() -> None:
    """Body, path, key and answer are those of a client that asks the station itself."""
    receiver, lookout = Receiver(), Lookout(SECRETS)
    receiver.start()
    body = b'{"event_id":"1"}\n{"type":"event","length":2}\n{}\n'
    try:
        async with (
            watched(receiver.dsn, lookout) as dsn,
            httpx.AsyncClient(trust_env=False) as client,
        ):
            there = urlsplit(dsn)
            assert there.username == KEY
            assert there.port != receiver.port
            address = f"http://127.0.0.1:{there.port}/api/42/envelope/"
            headers = {"X-Sentry-Auth": "Sentry sentry_key=1", "Content-Encoding": "gzip"}
            receiver.script = [Reply(), Reply(429, {"Retry-After": "7"})]
            answers = [
                await client.post(address, content=gzip.compress(body), headers=headers)
                for _ in range(2)
            ]
            receiver.stop()
            away = await client.post(address, content=gzip.compress(body), headers=headers)
    finally:
        receiver.stop()
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].headers["Retry-After"] == "7"
    assert away.status_code == 502
    assert receiver.bodies == [body]
    assert receiver.paths == ["/api/42/envelope/"]
    assert receiver.auth == ["Sentry sentry_key=1"]
    lookout.look(at_all=True)
    assert lookout.bytes == 3 * len(body)
    assert lookout.row().agrees


@pytest.mark.parametrize(
    "form",
    [
        str,
        lambda text: quote(text, safe=""),
        lambda text: base64.b64encode(f"xx{text}yy".encode()).decode(),
    ],
)
def test_a_secret_is_seen(form: type[str]) -> None:
    """One that passes plain or encoded is named, and the row disagrees."""
    lookout = Lookout(SECRETS)
    lookout.take("gzip", gzip.compress(f"before {form(SECRETS['bot token'])} after".encode()))
    lookout.look(at_all=True)
    row = lookout.row()
    assert (row.done, row.received, row.agrees) == (2, 1, False)
    assert "bot token" in row.remark


def test_a_token_that_is_told_late_is_seen() -> None:
    """What has passed is kept for a while, for a token that is told after the error with it."""
    clock = Clock()
    lookout = Lookout(SECRETS, clock)
    lookout.take("", b"with interaction-token-1 in it")
    lookout.look()
    assert lookout.bytes == 0
    lookout.tell(["interaction-token-1", "interaction-token-2"])
    clock.now = LAG_SECONDS
    lookout.look()
    assert lookout.row().received == 1
    assert lookout.row().done == 4


def test_the_key_may_stand_where_the_protocol_has_it() -> None:
    """The DSN's key is no secret in the header of a trace, and one anywhere else."""
    lookout = Lookout(SECRETS)
    lookout.take("", f'{{"trace":{{"public_key":"{KEY}"}}}}'.encode())
    lookout.look(at_all=True)
    assert lookout.row().agrees
    lookout.take("", f'{{"message":"{KEY}"}}'.encode())
    lookout.look(at_all=True)
    assert not lookout.row().agrees


def test_nothing_that_passed_is_no_proof() -> None:
    """A row over no bytes disagrees."""
    assert not Lookout(SECRETS).row().agrees
