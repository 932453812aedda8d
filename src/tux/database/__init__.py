"""Users, guilds and cases, on SQLite or PostgreSQL."""
