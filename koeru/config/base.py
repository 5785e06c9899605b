"""What every entry is made of: groups of leaves, kinds of values, and the walk over all leaves.

A *leaf* is one value that an entry can set, named by its dotted path, for example `pitch.f0_floor`. Lists, and
dictionaries keyed by speaker, are one leaf.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
AT_EPOCH = re.compile(r"(?P<name>[A-Za-z0-9_.-]+)@(?P<epoch>[0-9]+)")

Positive = Annotated[int, Field(gt=0)]
Even = Annotated[int, Field(gt=0, multiple_of=2)]
Hertz = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Part = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]


def at_epoch(text: str | None) -> tuple[str, int] | None:
    """The name and the epoch of NAME@EPOCH; None for anything else."""
    match = AT_EPOCH.fullmatch(text or "")
    return (match["name"], int(match["epoch"])) if match else None


class Section(BaseModel):
    """A group of leaves: unknown keys are refused, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def leaves(section: Section, prefix: str = "") -> dict[str, Any]:
    """Every leaf of an entry with its value: {"pitch.f0_floor": 71.0, ...}."""
    found: dict[str, Any] = {}
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, Section):
            found |= leaves(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = _plain(value)
    return found


def defaults(kind: type[Section], prefix: str = "") -> dict[str, Any]:
    """The default of every leaf of an entry that has one."""
    found: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        if isinstance(field.default, Section):
            found |= defaults(type(field.default), f"{prefix}{name}.")
        elif not field.is_required():
            found[f"{prefix}{name}"] = _plain(field.default)
    return found


def _plain(value: Any) -> Any:
    """A leaf as JSON would hold it."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return value
