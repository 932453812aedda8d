"""What is kept, how it is written, and how it goes."""

from tux.station.store.file import Reader, Store
from tux.station.store.projects import Project

__all__ = ["Project", "Reader", "Store"]
