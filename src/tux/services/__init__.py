"""What the bot stands on: telemetry and the shared HTTP client."""
