"""Reading a configuration: inheritance, validation and cross-references, with all problems listed at once.

The problems are told in the words of the file, before any job is planned. What an entry may say is in `koeru.entries`.
"""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml
from pydantic import ValidationError

from koeru.entries import Config, Corpus, Exp, F0Range, Mel, Section, Selection, Spk, StandIn, leaves
from koeru.parts import covered, unknown_parts
from koeru.shapes import READ_OTHERWISE, misfits, shapes

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


class ConfigError(ValueError):
    """The configuration cannot be used; `problems` holds one sentence for each thing that is wrong."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(["The configuration has these problems:", *(f"  - {p}" for p in self.problems)]))


TABLES: dict[str, type[Section]] = {"corpora": Corpus, "spk": Spk, "exp": Exp}


def load(raw: Mapping[str, Any]) -> Config:
    """Check and resolve a whole configuration.

    Raises ConfigError that lists every problem: unknown keys with the nearest known name, values of the wrong kind,
    references to entries that do not exist, cycles, and pretraining epochs that the parent never saves.
    """
    problems = [_unknown(k, TABLES, "the configuration") for k in raw if k not in TABLES]
    tables: dict[str, dict[str, Any]] = {}
    for table, kind in TABLES.items():
        entries = raw.get(table) or {}
        if not isinstance(entries, Mapping):
            problems.append(f"{table}: must be a mapping of names to entries, not {type(entries).__name__}")
            entries = {}
        tables[table] = _validated(table, kind, entries, problems)
    config = Config.model_construct(**tables)
    problems += _cross_references(config, raw)
    if problems:
        raise ConfigError(problems)
    return config


def duplicate_keys(text: str) -> list[str]:
    """Keys written twice in one mapping of a YAML text: the parser would silently keep the last one."""
    problems: list[str] = []

    def visit(node: yaml.Node, path: str) -> None:
        if isinstance(node, yaml.MappingNode):
            first: dict[str, int] = {}
            for key, value in node.value:
                name, line = str(key.value), key.start_mark.line + 1
                if name in first:
                    problems.append(f"{path}{name}: written twice, in line {first[name]} and in line {line}")
                first.setdefault(name, line)
                visit(value, f"{path}{name}.")
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value:
                visit(value, path)

    root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if root is not None:
        visit(root, "")
    return problems


def _validated(table: str, kind: type[Section], raw: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    seen: dict[str, set[tuple[str, str]]] = {}
    for name, (entry, base) in _inherited(table, raw, problems).items():
        if not NAME.fullmatch(name):
            allowed = "a name may hold only letters, digits, '_', '.' and '-', and not begin with the last two"
            problems.append(f"{table}.{name}: {allowed}")
            continue
        try:
            entries[name] = kind.model_validate(entry)
        except ValidationError as error:
            found = dict(_words(kind, error))
            seen[name] = set(found.items())
            own = seen[name] - seen.get(base or "", set())
            problems += [f"{table}.{name}{path}: {text}" for path, text in own]
            entries |= _without_faults(kind, name, entry, error)
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
                problems.append(f"{table}.{name}.base: there is no {table} entry {base!r}{_nearest(base, raw)}")
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
    if parts[0] == "corpora":
        return f"unknown key{_nearest(parts[-1], Selection.model_fields)}"
    for part in parts[:-1]:
        field = kind.model_fields.get(part)
        nested = field.default if field is not None else None
        if isinstance(nested, Section):
            kind = type(nested)
            known = kind.model_fields
        else:
            known = F0Range.model_fields if "speakers" in parts else StandIn.model_fields
    return f"unknown key{_nearest(parts[-1], known)}"


def _unknown(key: str, known: Iterable[str], where: str) -> str:
    return f"{key}: unknown key of {where}{_nearest(key, known)}"


def _nearest(word: str, known: Iterable[str]) -> str:
    names = [str(k) for k in known]
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; known here: {', '.join(names)}"


def _cross_references(config: Config, raw: Mapping[str, Any]) -> Iterator[str]:
    """Problems between entries. An entry that failed validation was reported already and is not reported again."""
    written = {table: set(entries) if isinstance(entries := raw.get(table), Mapping) else set() for table in TABLES}
    for name, corpus in config.corpora.items():
        for labels in corpus.labels:
            if not NAME.fullmatch(labels):
                yield f"corpora.{name}.labels.{labels}: a name may hold only letters, digits, '_', '.' and '-'"
        if corpus.path is None and corpus.stand_in is None:
            yield f"corpora.{name}: needs a `path` (where the recordings lie) or a `stand_in` (a synthesised corpus)"
        if corpus.path is not None and corpus.stand_in is not None:
            yield f"corpora.{name}: has a `path` and a `stand_in`; unset one of them (path: null)"
    for name, spk in config.spk.items():
        taken = [chosen.name for chosen in spk.corpora]
        for corpus_name in dict.fromkeys(taken):
            if corpus_name not in written["corpora"]:
                near = _nearest(corpus_name, config.corpora)
                yield f"spk.{name}.corpora: there is no corpus {corpus_name!r}{near}"
            if taken.count(corpus_name) > 1:
                times = taken.count(corpus_name)
                yield f"spk.{name}.corpora: {corpus_name} stands there {times} times; join its filters in one"
        for kind in ("speakers", "emotions"):
            if len(set(getattr(spk, kind))) < len(getattr(spk, kind)):
                yield f"spk.{name}.{kind}: a name stands there twice: {', '.join(getattr(spk, kind))}"
        if spk.mel.win_length > spk.mel.n_fft:
            yield f"spk.{name}.mel.win_length: {spk.mel.win_length} is longer than n_fft {spk.mel.n_fft}"
        if spk.mel.fmax > spk.wav.sample_rate / 2:
            yield f"spk.{name}.mel.fmax: {spk.mel.fmax:g} Hz is above half of wav.sample_rate {spk.wav.sample_rate}"
        if spk.splits.dev + spk.splits.eval >= 1:
            yield f"spk.{name}.splits: dev and eval together leave nothing to train on"
    for name, exp in config.exp.items():
        if exp.spk not in written["spk"]:
            yield f"exp.{name}.spk: there is no dataset {exp.spk!r}{_nearest(exp.spk, config.spk)}"
        elif exp.spk in config.spk and config.spk[exp.spk].labels.times == "none":
            yield f"exp.{name}.spk: {exp.spk} has no phones to train on (spk.{exp.spk}.labels.times is none)"
        elif exp.spk in config.spk and exp.model.accent and not config.spk[exp.spk].labels.accent:
            yield f"exp.{name}.model.accent: {exp.spk} has no accent marks (spk.{exp.spk}.labels.accent is false)"
        if exp.model.hidden % exp.model.heads:
            yield f"exp.{name}.model.hidden: {exp.model.hidden} does not divide into {exp.model.heads} heads"
        yield from _pretraining(config, written["exp"], name, exp)
        yield from _parts_of_a_model(config, name, exp)


def _pretraining(config: Config, written: set[str], name: str, exp: Exp) -> Iterator[str]:
    if exp.pretrain is None:
        return
    where = f"exp.{name}.pretrain"
    parent = exp.pretrained_from()
    if parent is None:
        yield f"{where}: {exp.pretrain!r} is not of the form EXP@EPOCH, such as LINE_14@250"
        return
    parent_name, epoch = parent
    if parent_name not in written:
        yield f"{where}: there is no experiment {parent_name!r}{_nearest(parent_name, config.exp)}"
        return
    chain = [name]
    while parent_name in config.exp:
        if parent_name in chain:
            yield f"{where}: pretraining runs in a circle ({' → '.join([*chain, parent_name])})"
            return
        chain.append(parent_name)
        further = config.exp[parent_name].pretrained_from()
        if further is None:
            break
        parent_name = further[0]
    if chain[1:] and epoch not in (grid := config.exp[chain[1]].saved_epochs()):
        near = min(grid, key=lambda e: abs(e - epoch))
        chunk = config.exp[chain[1]].chunk
        yield (
            f"{where}: {chain[1]} is never saved at epoch {epoch} (it is saved every {chunk} epochs up to {grid[-1]}); "
            f"the nearest saved epoch is {near}"
        )


def _parts_of_a_model(config: Config, name: str, exp: Exp) -> Iterator[str]:
    """Parts that an experiment names and no model has; weights of its parent that would not fit."""
    parent_name, _ = exp.pretrained_from() or (None, None)
    parent = config.exp.get(parent_name or "")
    own = _deciding(config, exp)
    yield from _unknown_parts(f"exp.{name}.train.freeze", exp.train.freeze, shapes(own))
    if exp.pretrain is None:
        if exp.partial:
            yield f"exp.{name}.partial: is for pretraining, and there is no `pretrain`; unset it (partial: null)"
        if exp.optimizer == "keep":
            yield f"exp.{name}.optimizer: there is no `pretrain` whose moments to keep; unset it (optimizer: null)"
    elif parent is not None:
        theirs = _deciding(config, parent)
        yield from _unknown_parts(f"exp.{name}.partial", exp.partial, shapes(own) | shapes(theirs))
        for leaf, parts in misfits(theirs, own, exp.partial).items():
            yield (
                f"exp.{name}.pretrain: {leaf} is {own[leaf]} here and {theirs[leaf]} in {parent_name}: not all weights "
                f"would fit; name {', '.join(parts)} under exp.{name}.partial, and what does not fit begins anew"
            )
        for leaf in (leaf for leaf in READ_OTHERWISE if own[leaf] != theirs[leaf]):
            yield (
                f"exp.{name}.pretrain: {leaf} is {own[leaf]} here and {theirs[leaf]} in {parent_name}: its weights "
                "would fit and mean something else; take a parent with the same"
            )


def _deciding(config: Config, exp: Exp) -> dict[str, Any]:
    """The leaves of an experiment and of its dataset that may decide the shapes of weights."""
    mel = config.spk[exp.spk].mel if exp.spk in config.spk else Mel()
    return leaves(exp.model, "model.") | {"mel.n_mels": mel.n_mels}


def _unknown_parts(where: str, parts: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """A part within a known one is left to the training, which knows every tensor."""
    for text in unknown_parts((part for part in parts if not covered(part, known)), known):
        yield f"{where}: there is no part {text}"
