"""A Discord bot that is watched, and the tools that watch it."""

__version__ = "0.1.0"
