"""Bans, kicks, warnings, and the cases that remember them."""

from tux.modules.moderation.cog import setup

__all__ = ["setup"]
