"""What groups of settings are made of."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Positive: TypeAlias = Annotated[float, Field(gt=0)]


class Section(BaseModel):
    """A frozen group of settings."""

    # A variable such as SENTRY_AUTH_TOKEN belongs to another tool: the environment is not ours
    # alone, so unknown names are told from the files only (see `settings._faults_of_toml`).
    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)
