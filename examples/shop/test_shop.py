"""The shop's own tests, over the real client and a local Discord."""
# ruff: noqa: ANN001, ANN201, D103, S101  # tests as people write them

import asyncio

import discord
import pytest
from bot import make_bot


async def test_buying(sent, local_discord):
    async with local_discord(make_bot()) as shop:
        pingu = shop.member("pingu")
        reply = await shop.say(pingu, "!buy fish")
        assert reply.content == "3 coins for fish."
        paid = await shop.local.reply_to(await pingu.click(reply, "Pay"))
    assert paid.ephemeral
    sent.no_errors()
    assert sent.transaction("buy")["contexts"]["trace"]["op"] == "command.prefix"


async def test_buying_what_is_not_there(sent, local_discord):
    async with local_discord(make_bot()) as shop:
        pingu = shop.member("pingu")
        await pingu.say(shop.channel, "!buy penguin")
        await shop.say(pingu, "!buy ice")
    error = sent.error("buy")
    assert error["exception"]["values"][-1]["type"] == "KeyError"
    assert error["user"]["id"] == str(pingu.id)


async def test_who_may_not_close(sent, local_discord):
    async with local_discord(make_bot()) as shop:
        skipper = shop.member("skipper", permissions=discord.Permissions(manage_guild=True).value)
        await shop.member("pingu").say(shop.channel, "!close")
        assert "closed" in (await shop.say(skipper, "!close")).content
    sent.no_errors()


async def test_many_at_once(sent, local_discord):
    async with local_discord(make_bot()) as shop:
        members = [shop.member(f"penguin{number}") for number in range(20)]
        await asyncio.gather(*(shop.slash(member, "buy", thing="ice") for member in members))
    users = {one["user"]["id"] for one in sent.transactions if one["transaction"] == "buy"}
    assert users == {str(member.id) for member in members}


async def test_what_a_failed_expectation_says(sent, local_discord):
    async with local_discord(make_bot()) as shop:
        await shop.say(shop.member("pingu"), "!buy ice")
    with pytest.raises(AssertionError, match="expected one error from `buy`, got none"):
        sent.error("buy")
