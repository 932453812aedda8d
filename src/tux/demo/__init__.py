"""The main job on one machine: a local Discord, its members, the bot, and the station."""
