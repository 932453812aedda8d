"""Our own receiver of Sentry envelopes, and its dashboard: one process, one SQLite file."""
