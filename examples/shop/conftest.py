"""The third line that was added: it brings the fixtures."""

pytest_plugins = ["tux.pytest_plugin"]  # tux
