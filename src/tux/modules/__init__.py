"""What the bot can do, one extension a subject."""
