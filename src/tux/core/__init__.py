"""The bot itself: what every module builds on."""
