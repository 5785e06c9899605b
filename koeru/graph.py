"""What depends on what: the one place that knows it.

A *node* is a stage with its resolved parameters and its parent nodes; its *key* is the hash of exactly that, and
names the folder of its output. Changing a leaf changes the keys of the stages that read it and of their descendants,
and no other. A value equal to its default is not hashed, so a new option makes nothing stale; whoever changes what a
stage computes, or a default, raises the stage's version below.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from koeru.entries import Config, Corpus, Exp, Selection, Spk, StandIn, defaults, leaves

KEY_LENGTH = 16


@dataclass(frozen=True)
class Stage:
    """A step of the flow: `reads` are the leaves that its script reads, `parents` the stages whose output it reads."""

    version: int
    parents: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    sharded: bool = False

    @property
    def source(self) -> str:
        """Of a sharded stage, the parent whose utterances it passes on: the last one."""
        return self.parents[-1]


_STFT = ("mel.n_fft", "mel.hop_length", "mel.win_length")
_MEL = ("wav.sample_rate", *_STFT, "mel.n_mels", "mel.fmin", "mel.fmax")
_F0 = ("wav.sample_rate", "pitch.method", "pitch.f0_floor", "pitch.f0_ceil", "pitch.speakers")
_LABELS = tuple(leaf for leaf in defaults(Spk) if leaf.startswith("labels."))
_GATES = tuple(leaf for leaf in defaults(Spk) if leaf.startswith("gates."))
_MODEL = tuple(leaf for leaf in defaults(Exp) if leaf.startswith("model."))
_INERT_TRAIN = (
    "train.threads",
    "train.device",
    "train.devices",
    "train.workers",
    "train.compile",
    "train.checkpoint_every",
)
_TRAIN = tuple(leaf for leaf in defaults(Exp) if leaf.startswith("train.") and leaf not in _INERT_TRAIN)

STAGES: dict[str, Stage] = {
    "stand_in": Stage(1, (), ("stand_in.minutes", "stand_in.seed", "stand_in.faults")),
    "utterances": Stage(3, ("stand_in",), ("corpora", "shards", "speakers", "emotions")),
    "splits": Stage(2, ("utterances",), ("splits.dev", "splits.eval")),
    "wav": Stage(2, ("utterances",), ("wav.sample_rate", "wav.max_clipped"), sharded=True),
    "segments": Stage(
        2,
        ("wav",),
        (
            "segments.silence_thresh_h",
            "segments.silence_thresh_t",
            "segments.min_silence_len",
            "segments.keep_silence",
            "segments.inner",
        ),
        sharded=True,
    ),
    "labels": Stage(3, ("utterances", "segments"), ("wav.sample_rate", "mel.hop_length", *_LABELS), sharded=True),
    "pitch": Stage(1, ("wav", "segments"), (*_F0, "mel.hop_length"), sharded=True),
    "energy": Stage(1, ("wav", "segments"), _STFT, sharded=True),
    "mel": Stage(1, ("wav", "segments"), _MEL, sharded=True),
    "sp": Stage(1, ("wav", "segments"), (*_F0, "sp.frame_period", "sp.n_coded"), sharded=True),
    "stats": Stage(3, ("utterances", "labels", "pitch", "energy", "mel", "splits"), ("stats.per_speaker",)),
    "pairs": Stage(1, ("utterances", "segments", "splits"), ("pairs.speakers", "pairs.max_duration_ratio")),
    "dataset": Stage(
        2,
        ("utterances", "wav", "segments", "labels", "pitch", "energy", "mel", "sp", "splits", "stats", "pairs"),
        _GATES,
    ),
    "train": Stage(
        2,
        ("labels", "pitch", "energy", "mel", "stats", "splits", "pretrain"),
        (*_MODEL, *_TRAIN, "optimizer", "partial"),
    ),
    "synthesis": Stage(
        2,
        ("train", "labels", "pitch", "energy", "mel", "stats", "splits"),
        (*_MEL, "synthesis.samples", "synthesis.temperature", "synthesis.griffin_lim_iterations"),
    ),
    "evaluation": Stage(
        2,
        ("train", "labels", "pitch", "energy", "mel", "stats", "splits"),
        ("evaluation.bootstrap", "evaluation.prosody_samples", "synthesis.temperature"),
    ),
    "exp": Stage(3, ("train", "stats", "synthesis", "evaluation")),
}


@dataclass(frozen=True, eq=False)
class Node:
    """A stage with its parameters and parents; `settings` are what a job needs to know but no key holds.

    params: leaf -> value, every leaf that the stage reads, defaults included.
    parents: role -> node; a role is the stage's name, or `pretrain`, or `stand_in.<corpus>`.
    epochs: role -> epoch, for parents that are a training at an epoch.
    """

    stage: str
    params: Mapping[str, Any]
    hashed: Mapping[str, Any]
    parents: Mapping[str, Node] = field(default_factory=dict)
    epochs: Mapping[str, int] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    requires: dict[str, Node] = field(default_factory=dict)
    shards: int = 1

    @property
    def sharded(self) -> bool:
        """Whether the stage's work is cut into `shards` jobs."""
        return STAGES[self.stage].sharded

    @property
    def version(self) -> int:
        """The version of what the stage computes."""
        return STAGES[self.stage].version

    @cached_property
    def key(self) -> str:
        """Hash of stage, version, the parameters that differ from their defaults, and the parents' keys."""
        parents = {role: [p.key, self.epochs.get(role)] for role, p in self.parents.items()}
        content = {"stage": self.stage, "version": self.version, "params": dict(self.hashed), "parents": parents}
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]

    def spec(self) -> dict[str, Any]:
        """What a script gets: this node and its parents' places, and nothing else of the configuration."""
        parents = {
            role: {"stage": p.stage, "key": p.key, "shards": p.shards} | _epoch(self.epochs, role)
            for role, p in self.parents.items()
        }
        return {
            "stage": self.stage,
            "version": self.version,
            "key": self.key,
            "params": dict(self.params),
            "parents": parents,
            "settings": self.settings,
            "shards": self.shards,
        }


class Graph:
    """The nodes of every entry: `data[name]`, `train[name]`, `exp[name]`; equal nodes are one object."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.nodes: dict[tuple[str, str], Node] = {}
        self.stand_in: dict[str, Node] = {}
        self.data: dict[str, Node] = {}
        self.train: dict[str, Node] = {}
        self.exp: dict[str, Node] = {}
        for name, corpus in config.corpora.items():
            if corpus.stand_in is not None:
                self.stand_in[name] = self._node("stand_in", corpus, {})
        for name in config.spk:
            self.data[name] = self._dataset(config.spk[name])
        for name in config.exp:
            self._experiment(name)

    def at(self, stage: str, key: str) -> Node:
        """The node of a stage with a key. Raises KeyError with a remedy if no entry leads to it."""
        try:
            return self.nodes[stage, key]
        except KeyError:
            raise KeyError(f"no entry of the configuration leads to {stage}/{key}: was the entry changed?") from None

    def _node(
        self,
        stage: str,
        entry: Corpus | Spk | Exp,
        parents: Mapping[str, Node],
        *,
        epochs: Mapping[str, int] | None = None,
        extra: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        shards: int = 1,
    ) -> Node:
        values = leaves(entry) | dict(extra or {})
        params = {leaf: values[leaf] for leaf in STAGES[stage].reads}
        hashed = {leaf: value for leaf, value in params.items() if leaf not in _DEFAULTS or value != _DEFAULTS[leaf]}
        node = Node(stage, params, hashed, dict(parents), dict(epochs or {}), dict(settings or {}), {}, shards)
        known = self.nodes.setdefault((stage, node.key), node)
        for name, agree in _SHARED.items():
            if name in node.settings:
                known.settings[name] = agree(known.settings[name], node.settings[name])
        return known

    def _dataset(self, spk: Spk) -> Node:
        corpora = {chosen.name: self.config.corpora[chosen.name] for chosen in spk.corpora}
        paths = {name: corpus.path for name, corpus in corpora.items() if corpus.stand_in is None}
        content = [_corpus_content(chosen, corpora[chosen.name]) for chosen in spk.corpora]
        stand_ins = {f"stand_in.{name}": self.stand_in[name] for name in corpora if name in self.stand_in}
        settings = {"max_excluded": spk.gates.max_excluded}
        where = {
            "paths": paths,
            "stand_ins": {n: self.stand_in[n].key for n in corpora if n in self.stand_in},
            "labels": {name: corpus.labels for name, corpus in corpora.items() if corpus.labels},
        }
        made: dict[str, Node] = {}
        made["utterances"] = self._node(
            "utterances",
            spk,
            stand_ins,
            extra={"corpora": content},
            settings=settings | where | {"sources": {n: c.source for n, c in corpora.items()}},
            shards=spk.shards,
        )
        for stage in _DATA_STAGES if spk.pairs.speakers else _WITHOUT_PAIRS:
            made[stage] = self._node(
                stage,
                spk,
                {role: made[role] for role in STAGES[stage].parents if role in made},
                settings=settings | (where if stage in _READ_THE_CORPUS else {}),
                shards=spk.shards if STAGES[stage].sharded else 1,
            )
        return made["dataset"]

    def _training(self, name: str) -> Node:
        if name not in self.train:
            exp = self.config.exp[name]
            dataset = self.data[exp.spk]
            parents = {role: dataset.parents[role] for role in STAGES["train"].parents if role != "pretrain"}
            epochs = {}
            if (parent := exp.pretrained_from()) is not None:
                parents["pretrain"], epochs["pretrain"] = self._training(parent[0]), parent[1]
            inert = {leaf: leaves(exp)[leaf] for leaf in _INERT_TRAIN}
            node = self._node("train", exp, parents, epochs=epochs, settings=inert | {"saved": exp.saved_epochs()})
            self._require(node, dataset)
            self.train[name] = node
        return self.train[name]

    def _experiment(self, name: str) -> None:
        exp = self.config.exp[name]
        spk = self.config.spk[exp.spk]
        dataset = self.data[exp.spk]
        last = {"train": exp.epochs}
        made = {"train": self._training(name)}
        for stage in ("synthesis", "evaluation", "exp"):
            parents = {role: made.get(role) or dataset.parents[role] for role in STAGES[stage].parents}
            settings = {"dataset": dataset.key}
            made[stage] = self._node(stage, exp, parents, epochs=last, extra=leaves(spk), settings=settings)
        self.exp[name] = made["exp"]

    @staticmethod
    def _require(training: Node, dataset: Node) -> None:
        """Let a training wait for its dataset's gates.

        Entries that share a training may judge their datasets differently: it waits for the laxest (of several, none
        of which is laxer in every gate, for the first), and the view of each entry asks for its own.
        """
        if all(_laxer(dataset, other) for other in training.requires.values()):
            training.requires.clear()
            training.requires[dataset.key] = dataset


def _laxer(dataset: Node, other: Node) -> bool:
    """Whether a dataset's gates let through all that another's do, and are not the same."""

    def limits(node: Node) -> list[float]:
        return [-node.params[gate] if ".min_" in gate else node.params[gate] for gate in _GATES]

    pairs = list(zip(limits(dataset), limits(other), strict=True))
    return all(own >= theirs for own, theirs in pairs) and any(own > theirs for own, theirs in pairs)


_DATA_STAGES = ("splits", "wav", "segments", "labels", "pitch", "energy", "mel", "sp", "stats", "pairs", "dataset")
_WITHOUT_PAIRS = tuple(stage for stage in _DATA_STAGES if stage != "pairs")
_READ_THE_CORPUS = ("wav", "labels")
# How entries that share a node agree: the laxest limit (`dataset` judges each entry), and every epoch that one saves.
_SHARED = {"max_excluded": max, "saved": lambda ours, theirs: sorted({*ours, *theirs})}
_DEFAULTS = defaults(Spk) | defaults(Exp) | defaults(StandIn, "stand_in.")


def _corpus_content(chosen: Selection, corpus: Corpus) -> dict[str, Any]:
    """What of a corpus decides what a dataset has of it: not where it lies, nor what is said about it."""
    content: dict[str, Any] = chosen.model_dump(mode="json", exclude_defaults=True) | {"format": corpus.format}
    if corpus.labels:
        content["labels"] = list(corpus.labels)
    return content if corpus.revision == 1 else content | {"revision": corpus.revision}


def _epoch(epochs: Mapping[str, int], role: str) -> dict[str, int]:
    return {"epoch": epochs[role]} if role in epochs else {}


def ancestry(node: Node) -> Iterator[tuple[str, Node, int | None]]:
    """The node and all its ancestors as (path of roles, node, epoch), each node once, the nearest path first."""
    seen: set[tuple[str, str]] = set()
    queue: list[tuple[str, Node, int | None]] = [(node.stage, node, None)]
    while queue:
        path, current, epoch = queue.pop(0)
        if (current.stage, current.key) in seen:
            continue
        seen.add((current.stage, current.key))
        yield path, current, epoch
        lineage = path.rsplit("/", 1)[0] + "/" if "/" in path else ""
        for role, parent in current.parents.items():
            further = f"{lineage}pretrain/train" if role == "pretrain" else f"{lineage}{role}"
            queue.append((further, parent, current.epochs.get(role)))


def record(node: Node) -> dict[str, dict[str, Any]]:
    """What a view keeps of its node and of every ancestor: stage, version, key, epoch and parameters by path."""
    return {
        path: {"stage": n.stage, "version": n.version, "key": n.key, "epoch": epoch, "params": dict(n.params)}
        for path, n, epoch in ancestry(node)
    }
