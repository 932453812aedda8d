"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["ok", "warning", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's: what was looked at, how it is, and what to do."""

    subject: str
    level: Level
    text: str
    advice: str = ""
    """What to do; empty where nothing is to be done."""
