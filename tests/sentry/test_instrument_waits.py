"""What requests wait for: the limits of Discord's, and its failures."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import discord
import pytest
from tests.sentry.waiting import (
    SECONDS,
    UNSAMPLED,
    Ctx,
    Waits,
    break_spans,
    data_of,
    run,
    seconds_of,
    spans_of,
)

from tux.services.sentry.health import internal_errors
from tux.services.sentry.instrument import rate_limits
from tux.simulator import Fault, RateLimit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.fakes.discord_client import Client

MESSAGES = "/channels/{channel_id}/messages"
CALLBACK = "/interactions/{interaction_id}/{token}/callback"


@pytest.fixture
async def cog(client: Client) -> AsyncIterator[Waits]:
    faults = internal_errors()
    made = Waits(client.bot)
    await client.bot.add_cog(made)
    await client.bot.tree.sync()
    yield made
    assert internal_errors() - faults == made.faults


def limit(client: Client) -> None:
    """Let every bucket of the local Discord hold one request."""
    client.local._rest._limits.limit = RateLimit(1, SECONDS)


def assert_waits(unit: Any, *expected: tuple[str, str]) -> None:
    """The only request waited for these, at least as long as was ordered, and says so."""
    (request,) = spans_of(unit, "http.client")
    waits = [span for span in unit["spans"] if span is not request]
    assert [(span["op"], span["description"]) for span in waits] == list(expected)
    limits = 0.0
    for span in waits:
        assert span["parent_span_id"] == request["span_id"]
        assert span["start_timestamp"] >= request["start_timestamp"]
        assert seconds_of(request) >= seconds_of(span) > 0
        if span["op"] == "discord.ratelimit":
            limits += seconds_of(span) * 1000
    assert request["data"].get("discord.ratelimit_ms", 0) == pytest.approx(limits, abs=0.01)
    assert data_of(unit).get("discord.ratelimit_ms", 0) == pytest.approx(limits, abs=0.01)


async def test_limit_after_a_request(client: Client, cog: Waits) -> None:
    """The pause after an answer that used a bucket up is a span under its request."""
    limit(client)
    unit = await run(client, cog, lambda ctx: ctx.send("once"))
    assert_waits(unit, ("discord.ratelimit", "after the request"))
    assert spans_of(unit, "discord.ratelimit")[0]["status"] == "ok"


async def test_limit_before_a_request(client: Client, cog: Waits) -> None:
    """A request that queues behind others has the span before it; the transaction has the sum."""
    limit(client)

    async def twice(ctx: Ctx) -> None:
        await asyncio.gather(ctx.send("one"), ctx.send("two"))

    unit = await run(client, cog, twice)
    requests = {span["span_id"]: span for span in spans_of(unit, "http.client")}
    waits = spans_of(unit, "discord.ratelimit")
    places = {span["description"]: span["parent_span_id"] for span in waits}
    assert len(requests) == 2
    assert set(places) == {"before the request", "after the request"}
    assert set(places.values()) <= set(requests)
    queued = next(span for span in waits if span["description"] == "before the request")
    assert seconds_of(requests[queued["parent_span_id"]]) >= seconds_of(queued)
    told = [span["data"].get("discord.ratelimit_ms", 0) for span in requests.values()]
    assert data_of(unit)["discord.ratelimit_ms"] == pytest.approx(sum(told))


@pytest.mark.parametrize(("scope", "name"), [("user", "429"), ("global", "global")])
async def test_429(client: Client, cog: Waits, scope: str, name: str) -> None:
    """The pause that a 429 asks for is a span, and the request says how often it was resent."""
    fault = Fault("POST", MESSAGES, status=429, times=2, retry_after=SECONDS, scope=scope)
    client.local.faults.add(fault)
    unit = await run(client, cog, lambda ctx: ctx.send("well"))
    assert_waits(unit, ("discord.ratelimit", name), ("discord.ratelimit", name))
    (request,) = spans_of(unit, "http.client")
    assert request["data"]["http.request.resend_count"] == 2
    assert request["data"]["http.response.status_code"] == 200
    assert request["status"] == "ok"
    assert all(seconds_of(span) >= SECONDS * 0.9 for span in spans_of(unit, "discord.ratelimit"))


@pytest.mark.parametrize("cancelled", [False, True])
async def test_global_limit_of_another(client: Client, cog: Waits, *, cancelled: bool) -> None:
    """A request that the global limit of another one keeps has that as a span, cut off or not."""
    client.local.faults.add(
        Fault("POST", MESSAGES, status=429, retry_after=SECONDS, scope="global")
    )

    async def meanwhile(ctx: Ctx) -> None:
        sending = asyncio.create_task(ctx.send("limited"))
        while client.bot.http._global_over.is_set():  # noqa: ASYNC110  # nothing tells when it begins
            await asyncio.sleep(0)
        try:
            async with asyncio.timeout(SECONDS / 5 if cancelled else None):
                await ctx.channel.typing()
        except TimeoutError:
            assert cancelled
        await sending

    unit = await run(client, cog, meanwhile)
    held = next(span for span in spans_of(unit, "http.client") if "typing" in span["description"])
    (wait,) = [span for span in unit["spans"] if span["parent_span_id"] == held["span_id"]]
    assert (wait["op"], wait["description"]) == ("discord.ratelimit", "global")
    assert wait["status"] == held["status"] == ("cancelled" if cancelled else "ok")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sleeps of a second take ten milliseconds."""
    sleep = asyncio.sleep

    def hurry(delay: float, result: object = None) -> Any:
        return sleep(delay / 100, result)

    monkeypatch.setattr(asyncio, "sleep", hurry)


@pytest.mark.usefixtures("hurried")
async def test_retry(client: Client, cog: Waits) -> None:
    """The pause after a failure of Discord's is a span of another kind: no limit asked for it."""
    client.local.faults.add(Fault("POST", MESSAGES, status=502, times=2))
    unit = await run(client, cog, lambda ctx: ctx.send("well"))
    assert_waits(unit, ("discord.retry", "after 502"), ("discord.retry", "after 502"))
    (request,) = spans_of(unit, "http.client")
    assert request["data"]["http.request.resend_count"] == 2
    assert "discord.ratelimit_ms" not in data_of(unit)


@pytest.mark.usefixtures("hurried")
async def test_gives_up(client: Client, cog: Waits) -> None:
    """Five attempts are four times sent again, though discord.py pauses after the fifth as well."""
    client.local.faults.add(Fault("POST", MESSAGES, status=502, times=5))
    unit = await run(client, cog, lambda ctx: ctx.send("well"))
    (request,) = spans_of(unit, "http.client")
    assert len(spans_of(unit, "discord.retry")) == 5
    assert request["data"]["http.request.resend_count"] == 4
    assert request["data"]["http.response.status_code"] == 502
    assert request["status"] == "unavailable"


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("again", [False, True])
async def test_lost_connection(
    client: Client, cog: Waits, monkeypatch: pytest.MonkeyPatch, *, again: bool
) -> None:
    """An attempt without an answer is told as such, whatever the one before it was answered."""
    session = client.bot.http._HTTPClient__session  # type: ignore[attr-defined]  # its real name
    request, left = session.request, [2 if again else 1]

    def lose(*args: Any, **kwargs: Any) -> Any:
        left[0] -= 1
        # As macOS numbers it: the number that discord.py looks for.
        if left[0] == 0:
            raise ConnectionResetError(54, "reset")
        return request(*args, **kwargs)

    if again:
        client.local.faults.add(Fault("POST", MESSAGES, status=429, retry_after=SECONDS))
    monkeypatch.setattr(session, "request", lose)
    unit = await run(client, cog, lambda ctx: ctx.send("well"))
    expected = [("discord.retry", "after a lost connection")]
    assert_waits(unit, *([("discord.ratelimit", "429")] if again else []), *expected)


async def test_webhooks_limit(client: Client, cog: Waits) -> None:
    """Answers to interactions go by a client of their own, which waits in the same places."""
    limit(client)
    client.local.faults.add(Fault("POST", CALLBACK, status=429, retry_after=SECONDS))
    await client.member.slash(client.channel, "once")
    assert_waits(
        await client.transaction(),
        ("discord.ratelimit", "429"),
        ("discord.ratelimit", "after the request"),
    )


async def test_gateway_limit(client: Client, cog: Waits) -> None:
    """What the gateway's own limit holds up is a span, and counted in the transaction."""
    limiter = client.bot.ws._rate_limiter

    async def change(_: Ctx) -> None:
        await client.bot.change_presence()
        limiter.per, limiter.remaining = SECONDS, 0
        limiter.window = time.time()
        await client.bot.change_presence()

    unit = await run(client, cog, change)
    (wait,) = unit["spans"]
    assert (wait["op"], wait["description"]) == ("discord.ratelimit", "gateway")
    assert data_of(unit)["discord.ratelimit_ms"] == pytest.approx(seconds_of(wait) * 1000, abs=0.01)


async def test_cdn(client: Client, cog: Waits) -> None:
    """A file that is fetched is a span without its address, which is as good as a key."""
    url = client.local.api_url

    async def fetch(_: Ctx) -> None:
        await client.bot.http.get_from_cdn(f"{url}/gateway?ex=secret")
        with pytest.raises(discord.NotFound):
            await client.bot.http.get_from_cdn(f"{url}/nowhere?ex=secret")

    unit = await run(client, cog, fetch)
    found, missed = unit["spans"]
    assert found["description"] == missed["description"] == "GET cdn"
    assert (found["status"], missed["status"]) == ("ok", "not_found")
    assert missed["data"]["http.response.status_code"] == 404
    assert b"secret" not in client.sent.everything


async def test_fault_of_a_span(client: Client, cog: Waits, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in telling of a wait is counted, and the request goes on."""
    break_spans(monkeypatch, rate_limits)
    cog.faults = 3
    limit(client)
    client.bot.http._global_over.clear()
    client.local.faults.add(Fault("POST", MESSAGES, status=429, retry_after=SECONDS))

    async def send(ctx: Ctx) -> None:
        asyncio.get_running_loop().call_later(SECONDS / 10, client.bot.http._global_over.set)
        cog.answers.append((await ctx.send("well")).content)

    unit = await run(client, cog, send)
    assert cog.answers == ["well"]
    assert [span["op"] for span in unit["spans"]] == ["http.client"]


def test_asyncio_is_delegated() -> None:
    """discord.py's modules have an asyncio whose sleep alone is ours."""
    for module in (discord.http, discord.webhook.async_):
        assert module.asyncio is not asyncio
        for name in ("Event", "Lock", "wait", "get_running_loop", "AbstractEventLoop"):
            assert getattr(module.asyncio, name) is getattr(asyncio, name)
        assert not hasattr(module.asyncio, "no_such_name")


async def test_sleep_elsewhere() -> None:
    """Outside of a request the sleep is asyncio's, with its result."""
    assert await discord.http.asyncio.sleep(0, "result") == "result"  # type: ignore[attr-defined]  # not exported


async def test_unsampled_requests(client: Client, cog: Waits) -> None:
    """Requests of a unit that is not kept wait and are noted; nothing else is made of them."""
    client.sent.start(**UNSAMPLED)
    limit(client)
    client.local.faults.add(Fault("POST", MESSAGES, status=429, retry_after=SECONDS))

    async def fail(ctx: Ctx) -> None:
        await ctx.send("well")
        raise LookupError

    cog.deed = fail
    await client.member.say(client.channel, "!act")
    assert await client.transactions(0) == []
    async with asyncio.timeout(20):
        while not client.sent.events:  # noqa: ASYNC110  # they come by a thread
            await asyncio.sleep(0.01)
    crumbs = client.sent.event["breadcrumbs"]["values"]
    assert f"POST {MESSAGES}" in [crumb["message"] for crumb in crumbs]
