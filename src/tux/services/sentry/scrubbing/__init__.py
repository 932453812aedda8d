"""Event → event without secrets: known values, known shapes, known names. Pure."""
