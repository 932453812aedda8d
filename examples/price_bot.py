"""Somebody's bot, watched: of Tux it has ``DiscordIntegration`` and nothing else.

``DISCORD_TOKEN=… SENTRY_DSN=… python examples/price_bot.py`` runs it. It has bugs: `!price` and
`/stock` of what is not there, the button, "thanks" to nobody, and the loop. Each is one event.
"""
# ruff: noqa: D101, D102, D103  # a script in no package, as bare as such scripts are

import asyncio
import os

import discord
import sentry_sdk
from discord.ext import commands, tasks

from tux.services.sentry import DiscordIntegration

sentry_sdk.init(
    dsn=os.environ["SENTRY_DSN"],
    traces_sample_rate=1.0,
    auto_enabling_integrations=False,
    integrations=[DiscordIntegration()],
)
intents = discord.Intents.default()
intents.message_content = True
bot = commands.Bot("!", intents=intents)
prices, shelf, thanks, wallets = {"fish": 3}, {"fish": 12}, {}, {}


class Till(discord.ui.View):
    @discord.ui.button(label="Pay", custom_id="pay")
    async def pay(self, interaction: discord.Interaction, _: discord.ui.Button) -> None:
        wallets[interaction.user.id] -= 3
        await interaction.response.send_message("Paid.")


async def look_up(things: dict[str, int], thing: str) -> int:
    await asyncio.sleep(0.1)  # As a database would.
    return things[thing]


@bot.command()
async def price(ctx: commands.Context, thing: str) -> None:
    cost, _ = await asyncio.gather(look_up(prices, thing), ctx.typing())
    await ctx.send(f"{cost} coins.", view=Till())


@bot.tree.command()
async def stock(interaction: discord.Interaction, thing: str) -> None:
    """Say how much there is of a thing."""
    await interaction.response.defer()
    await interaction.followup.send(f"{await look_up(shelf, thing)} of it.")


@bot.listen()
async def on_message(message: discord.Message) -> None:
    if message.content.startswith("thanks"):
        thanked = message.mentions[0].id
        thanks[thanked] = thanks.get(thanked, 0) + 1


@tasks.loop(hours=1)
async def restock() -> None:
    shelf["bread"] += 10


@bot.event
async def setup_hook() -> None:
    await bot.tree.sync()
    restock.start()


bot.run(os.environ["DISCORD_TOKEN"])
