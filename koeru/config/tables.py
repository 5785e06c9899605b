"""Reading a configuration: inheritance, validation and cross-references, with all problems listed at once.

The problems are told in the words of the file, before any job is planned. What an entry may say: `koeru.config.spk`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from koeru.config.base import NAME, Section
from koeru.config.config import Config
from koeru.config.corpora import Chosen, Corpus, StandIn
from koeru.config.label_sets import LabelSet
from koeru.config.languages import LanguageFiles, language_problems
from koeru.config.nearest import nearest
from koeru.config.references import Problems, Written, corpus_problems, dataset_problems, no_problems
from koeru.config.spk import F0Range, Spk


class ConfigError(ValueError):
    """The configuration cannot be used; `problems` holds one sentence for each thing that is wrong."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(["The configuration has these problems:", *(f"  - {p}" for p in self.problems)]))


@dataclass(frozen=True)
class Kind:
    """Entries of a table: all of them, or in a table that several kinds share, those of some `types`.

    `model.type` of an entry says which; those that do not say are of the kind that is `untyped`. `prefix` is what
    stands before its leaves where stages name them. `problems` finds what is wrong between entries; see
    `koeru.config.references`.
    """

    table: str
    section: type[Section]
    prefix: str = ""
    types: tuple[str, ...] = ()
    untyped: bool = False
    problems: Problems = no_problems


CORE = (
    Kind("corpora", Corpus, problems=corpus_problems),
    Kind("spk", Spk, problems=dataset_problems),
    Kind("languages", LanguageFiles, problems=language_problems),
)


def load(raw: Mapping[str, Any], further: Iterable[Kind]) -> Config:
    """Check and resolve a whole configuration of corpora, datasets and `further` kinds of entries.

    Raises ConfigError that lists every problem: unknown keys with the nearest known name, values of the wrong kind,
    references to entries that do not exist, cycles, and pretraining epochs that the parent never saves.
    """
    kinds = (*CORE, *further)
    tables = {kind.table: [other for other in kinds if other.table == kind.table] for kind in kinds}
    problems = [_unknown(k, tables, "the configuration") for k in raw if k not in tables]
    found: dict[str, dict[str, Any]] = {}
    for table in tables:
        entries = raw.get(table) or {}
        if not isinstance(entries, Mapping):
            problems.append(f"{table}: must be a mapping of names to entries, not {type(entries).__name__}")
            entries = {}
        found[table] = _validated(table, tables[table], entries, problems)
    core = [found.pop(kind.table) for kind in CORE]
    config = Config(*core, found)
    written: Written = {t: set(e) if isinstance(e := raw.get(t), Mapping) else set() for t in tables}
    problems += [problem for kind in kinds for problem in kind.problems(config, written)]
    if problems:
        raise ConfigError(problems)
    return config


def kind_of(kinds: Sequence[Kind], entry: Mapping[str, Any]) -> Kind | str:
    """Which of the kinds of a table an entry is; what is wrong with its `model.type`, if it is none."""
    model = entry.get("model")
    given = model.get("type") if isinstance(model, Mapping) else None
    if not kinds[0].types:
        return kinds[0]
    known = {name: kind for kind in kinds for name in kind.types}
    if given is None:
        return next((kind for kind in kinds if kind.untyped), f"is required; known here: {', '.join(known)}")
    return known.get(given) or f"there is no type {given!r}{nearest(str(given), known)}"


def _validated(table: str, kinds: Sequence[Kind], raw: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    seen: dict[str, set[tuple[str, str]]] = {}
    for name, (entry, base) in _inherited(table, raw, problems).items():
        if not NAME.fullmatch(name):
            allowed = "a name may hold only letters, digits, '_', '.' and '-', and not begin with the last two"
            problems.append(f"{table}.{name}: {allowed}")
            continue
        kind = kind_of(kinds, entry)
        if isinstance(kind, str):
            seen[name] = {(".model.type", kind)}
        else:
            try:
                entries[name] = kind.section.model_validate(entry)
                continue
            except ValidationError as error:
                seen[name] = set(_words(kind.section, error))
                entries |= _without_faults(kind.section, name, entry, error)
        problems += [f"{table}.{name}{path}: {text}" for path, text in seen[name] - seen.get(base or "", set())]
    return entries


def _without_faults(kind: type[Section], name: str, entry: dict[str, Any], error: ValidationError) -> dict[str, Any]:
    """The entry less its reported faults, if that is one: its references to other entries can still be checked."""
    sound = copy.deepcopy(entry)
    for finding in error.errors():
        inner: Any = sound
        *path, last = finding["loc"] or ("",)
        for part in path:
            inner = inner.get(part, {}) if isinstance(inner, dict) else {}
        if isinstance(inner, dict):
            inner.pop(last, None)
    try:
        return {name: kind.model_validate(sound)}
    except ValidationError:
        return {}


def _inherited(table: str, raw: Mapping[str, Any], problems: list[str]) -> dict[str, tuple[dict[str, Any], str | None]]:
    """Entries with their `base:` merged in, parents before children; None unsets, lists are replaced."""
    done: dict[str, tuple[dict[str, Any], str | None]] = {}

    def resolve(name: str, stack: tuple[str, ...]) -> dict[str, Any] | None:
        if name in stack:
            problems.append(f"{table}.{name}: its base leads back to itself ({' → '.join([*stack, name])})")
            return None
        if name not in done:
            own = raw[name] if raw[name] is not None else {}
            if not isinstance(own, Mapping):
                problems.append(f"{table}.{name}: must be a mapping of keys to values, not {own!r}")
                return None
            base = own.get("base")
            parent: dict[str, Any] | None = {}
            if not isinstance(base, str | None):
                problems.append(f"{table}.{name}.base: must be the name of an entry, not {base!r}")
                return None
            if base is not None and base not in raw:
                problems.append(f"{table}.{name}.base: there is no {table} entry {base!r}{nearest(base, raw)}")
            elif base is not None:
                parent = resolve(base, (*stack, name))
            if parent is None:
                return None
            inherited = {k: v for k, v in parent.items() if k != "note"}
            done[name] = (_merged(inherited, {k: v for k, v in own.items() if k != "base"}), base)
        return done[name][0]

    for name in raw:
        if isinstance(name, str):
            resolve(name, ())
        else:
            problems.append(f"{table}.{name}: a name must be text; write it in quotes")
    return done


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in own.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            inherited = merged.get(key)
            merged[key] = _merged(inherited if isinstance(inherited, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def _words(kind: type[Section], error: ValidationError) -> Iterator[tuple[str, str]]:
    """Pydantic's findings in the words of the file: (".pitch.method", "what is wrong")."""
    for finding in error.errors():
        parts = [str(p) for p in finding["loc"]]
        path = "".join(f".{p}" for p in parts)
        if finding["type"] == "extra_forbidden":
            yield path, _unknown_in(kind, parts)
        elif finding["type"] == "missing":
            yield path, "is required"
        else:
            text = finding["msg"].removeprefix("Value error, ")
            given = "" if isinstance(finding["input"], Mapping) else f" (it is {finding['input']!r})"
            yield path, f"{text[0].lower()}{text[1:]}{given}"


def _unknown_in(kind: type[Section], parts: list[str]) -> str:
    known: Iterable[str] = kind.model_fields
    if in_list := {"corpora": Chosen, "labels": LabelSet}.get(parts[0]) if parts[1:2] and parts[1].isdigit() else None:
        return f"unknown key{nearest(parts[-1], in_list.model_fields)}"
    for part in parts[:-1]:
        field = kind.model_fields.get(part)
        nested = field.default if field is not None else None
        if isinstance(nested, Section):
            kind = type(nested)
            known = kind.model_fields
        else:
            known = F0Range.model_fields if "speakers" in parts else StandIn.model_fields
    return f"unknown key{nearest(parts[-1], known)}"


def _unknown(key: str, known: Iterable[str], where: str) -> str:
    return f"{key}: unknown key of {where}{nearest(key, known)}"
