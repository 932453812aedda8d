"""Looks whether everything is as it should be, and says what to do where it is not."""
