"""What every entry is made of: groups of leaves, kinds of values, and the walk over all leaves.

A *leaf* is one value that an entry can set, named by its dotted path, for example `pitch.f0_floor`. Lists, and
dictionaries keyed by speaker, are one leaf.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
AT_EPOCH = re.compile(r"(?P<name>[A-Za-z0-9_.-]+)@(?P<epoch>[0-9]+)")

Positive = Annotated[int, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Even = Annotated[int, Field(gt=0, multiple_of=2)]
Seed = Annotated[int, Field(ge=0)]
Hertz = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Part = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]


def _odd(value: int) -> int:
    if value % 2 == 0:
        raise ValueError("must be odd: of an even number no position is the centre")
    return value


Odd = Annotated[int, Field(gt=0), AfterValidator(_odd)]
InHome = Annotated[str, AfterValidator(os.path.expanduser)]  # a path, in which ~ is the home

T = TypeVar("T")
INERT = "changes no result but by rounding, and is in no key"
Inert = Annotated[T, INERT]


def at_epoch(text: str | None) -> tuple[str, int] | None:
    """The name and the epoch of NAME@EPOCH; None for anything else."""
    match = AT_EPOCH.fullmatch(text or "")
    return (match["name"], int(match["epoch"])) if match else None


class Section(BaseModel):
    """A group of leaves: unknown keys are refused, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


S = TypeVar("S", bound=Section)


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


def fields(kind: type[Section], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every leaf of a kind of entry with what is declared of it."""
    for name, field in kind.model_fields.items():
        if isinstance(field.default, Section):
            yield from fields(type(field.default), f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", field


def defaults(kind: type[Section], prefix: str = "") -> dict[str, Any]:
    """The default of every leaf of a kind of entry that has one."""
    return {leaf: _plain(field.default) for leaf, field in fields(kind, prefix) if not field.is_required()}


def inert(kind: type[Section], prefix: str = "") -> tuple[str, ...]:
    """The leaves that a job is told and no key holds, as they are declared `Inert`: threads, device, …"""
    return tuple(leaf for leaf, field in fields(kind, prefix) if INERT in field.metadata)


def over(kind: type[S], values: Mapping[str, Any], prefix: str = "") -> S:
    """A section whose leaves lie in `values` (leaf -> value), where each is looked up when it is read.

    So a stage has the very section of its entry, and can read those leaves alone that its key holds, or that it is
    told besides: any other is a KeyError, not a default. Its properties and methods are the section's own.
    """
    return cast(S, _Over(kind, values, prefix))


class _Over:
    def __init__(self, kind: type[Section], values: Mapping[str, Any], prefix: str) -> None:
        self._kind, self._values, self._prefix = kind, values, prefix

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        field = self._kind.model_fields.get(name)
        if field is None:
            return getattr(self._kind, name).__get__(self, self._kind)
        leaf = f"{self._prefix}{name}"
        if isinstance(field.default, Section):
            return _Over(type(field.default), self._values, f"{leaf}.")
        value = self._values[leaf]
        return tuple(value) if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    """A leaf as JSON would hold it."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return value
