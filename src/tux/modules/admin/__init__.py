"""What the bot's owner does to the bot while it runs."""

from tux.modules.admin.cog import setup

__all__ = ["setup"]
