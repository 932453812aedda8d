"""The ``tux`` command: one file a group of commands, put together in ``root.py``."""
