"""What Discord's ids tell of time, for those who make them and those who read them."""

from __future__ import annotations

from typing import Final

DISCORD_EPOCH: Final = 1_420_070_400_000
"""Milliseconds; the first of 2015: https://discord.com/developers/docs/reference#snowflakes"""
