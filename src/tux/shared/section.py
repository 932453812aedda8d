"""What groups of settings are made of."""

from __future__ import annotations

import json
from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Positive: TypeAlias = Annotated[float, Field(gt=0)]


class Section(BaseModel):
    """A frozen group of settings."""

    # A variable such as SENTRY_LOG_LEVEL belongs to another tool: the environment is not ours
    # alone, so unknown names are told from the files only (see `settings._faults_of_toml`).
    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)


def listed(value: object, separator: str | None = ",") -> object:
    """Take a list as a person writes it into a variable: separated, or as JSON."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except ValueError:
            pass  # a pattern may begin so, too
    parts = value.split(separator) if separator else [value]
    return tuple(part.strip() for part in parts if part.strip())
