"""What every part of the bot may use: settings and the tree of errors."""
