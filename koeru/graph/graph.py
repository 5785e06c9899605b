"""Which nodes the entries of a configuration make: with `stages`, the place that knows what depends on what.

A *node* is a stage with its resolved parameters and its parent nodes; its *key* is the hash of exactly that, and
names the folder of its output. Changing a leaf changes the keys of the stages that read it and of their descendants,
and no other. A value equal to its default is not hashed, so a new option makes nothing stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from koeru.config.base import leaves
from koeru.config.config import Config
from koeru.config.spk import Corpus, Selection, Spk
from koeru.families.acoustic.entry import GRIFFIN_LIM
from koeru.families.vocoder.entry import Vocoder
from koeru.graph.node import Node
from koeru.graph.stages import DEFAULTS, GATES, INERT_TRAIN, INERT_VOCODER, STAGES


class Graph:
    """The nodes of every entry; equal nodes are one object.

    What their views show is `data[name]`, `exp[name]`, `vocoder[name]`; `train[name]` are the trainings of experiments,
    `generator[name]` the trainings of vocoders, or the published weights of those that are not trained.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.nodes: dict[tuple[str, str], Node] = {}
        self.stand_in: dict[str, Node] = {}
        self.data: dict[str, Node] = {}
        self.train: dict[str, Node] = {}
        self.generator: dict[str, Node] = {}
        self.vocoder: dict[str, Node] = {}
        self.exp: dict[str, Node] = {}
        for name, corpus in config.corpora.items():
            if corpus.stand_in is not None:
                self.stand_in[name] = self._node("stand_in", leaves(corpus), {})
        for name in config.spk:
            self.data[name] = self._dataset(config.spk[name])
        for name in config.vocoder:
            self._vocoder(name)
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
        values: Mapping[str, Any],
        parents: Mapping[str, Node],
        *,
        epochs: Mapping[str, int] | None = None,
        settings: Mapping[str, Any] | None = None,
        shards: int = 1,
    ) -> Node:
        params = {leaf: values[leaf] for leaf in STAGES[stage].reads}
        hashed = {leaf: value for leaf, value in params.items() if leaf not in DEFAULTS or value != DEFAULTS[leaf]}
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
            leaves(spk) | {"corpora": content},
            stand_ins,
            settings=settings | where | {"sources": {n: c.source for n, c in corpora.items()}},
            shards=spk.shards,
        )
        for stage in _DATA_STAGES if spk.pairs.speakers else _WITHOUT_PAIRS:
            made[stage] = self._node(
                stage,
                leaves(spk),
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
            settings = _of(leaves(exp), INERT_TRAIN) | {"saved": exp.saved_epochs()}
            node = self._node("train", leaves(exp), parents, epochs=epochs, settings=settings)
            self._require(node, dataset)
            self.train[name] = node
        return self.train[name]

    def _experiment(self, name: str) -> None:
        exp = self.config.exp[name]
        spk = self.config.spk[exp.spk]
        dataset = self.data[exp.spk]
        made = dict(dataset.parents) | {"train": self._training(name)}
        epochs = {"train": exp.epochs}
        values = leaves(spk) | leaves(exp)
        if exp.vocoder == GRIFFIN_LIM:
            values |= {"vocoder.take": None}
        else:
            made["vocoder"] = self._generator(exp.vocoder)
            values |= self._taken(exp.vocoder) | {"synthesis.griffin_lim_iterations": None}
            epochs |= self._epochs_of(exp.vocoder)
        for stage in ("synthesis", "evaluation", "exp"):
            parents = {role: made[role] for role in STAGES[stage].parents if role in made}
            own = {role: epochs[role] for role in parents if role in epochs}
            made[stage] = self._node(stage, values, parents, epochs=own, settings={"dataset": dataset.key})
        self.exp[name] = made["exp"]

    def _generator(self, name: str) -> Node:
        """The training of a vocoder, or the published weights that it is."""
        if name not in self.generator:
            entry = self.config.vocoder[name]
            self.generator[name] = self._tuned(entry) if entry.epochs else self._weights(entry.start)
        return self.generator[name]

    def _weights(self, name: str) -> Node:
        entry = self.config.weights[name]
        settings = {"name": name} | entry.model_dump(include={"generator", "discriminators", "source"})
        return self._node("weights", leaves(entry, "weights."), {}, settings=settings)

    def _tuned(self, entry: Vocoder) -> Node:
        dataset, spk = self.data[entry.spk], self.config.spk[entry.spk]
        parents = {role: dataset.parents[role] for role in ("wav", "segments", "splits")}
        epochs = {}
        if (taught_by := entry.taught_by()) is not None:
            parents["gta"] = self._gta(*taught_by)
        else:
            parents["mel"] = dataset.parents["mel"]
        if (other := entry.started_from()) is not None:
            parents["start"], epochs["start"] = self._generator(other[0]), other[1]
        elif entry.start is not None:
            parents["start"] = self._weights(entry.start)
        values = leaves(spk) | leaves(entry, "vocoder.")
        settings = _of(values, INERT_VOCODER) | {"saved": entry.saved_epochs()}
        node = self._node("vocoder", values, parents, epochs=epochs, settings=settings)
        self._require(node, dataset)
        return node

    def _gta(self, name: str, epoch: int) -> Node:
        """The mels that an experiment makes of its dataset at an epoch, teacher-forced."""
        exp = self.config.exp[name]
        made = dict(self.data[exp.spk].parents) | {"train": self._training(name)}
        return self._node(
            "gta",
            {},
            {role: made[role] for role in STAGES["gta"].parents},
            epochs={"train": epoch},
            settings=_of(leaves(exp), ("train.device", "train.threads")),
            shards=self.config.spk[exp.spk].shards,
        )

    def _vocoder(self, name: str) -> None:
        """What the view of a vocoder shows."""
        entry = self.config.vocoder[name]
        dataset, spk = self.data[entry.spk], self.config.spk[entry.spk]
        made = dict(dataset.parents) | {"vocoder": self._generator(name)}
        if (taught_by := entry.taught_by()) is not None:
            made["gta"] = self._gta(*taught_by)
        self.vocoder[name] = self._node(
            "resynthesis",
            leaves(spk) | leaves(entry, "vocoder.") | self._taken(name),
            {role: made[role] for role in STAGES["resynthesis"].parents if role in made},
            epochs=self._epochs_of(name),
            settings={"dataset": dataset.key},
        )

    def _taken(self, name: str) -> dict[str, Any]:
        """Which weights of a vocoder speak; published ones offer no choice."""
        entry = self.config.vocoder[name]
        return {"vocoder.take": entry.take if entry.epochs else None}

    def _epochs_of(self, name: str) -> dict[str, int]:
        entry = self.config.vocoder[name]
        return {"vocoder": entry.epochs} if entry.epochs else {}

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
        return [-node.params[gate] if ".min_" in gate else node.params[gate] for gate in GATES]

    pairs = list(zip(limits(dataset), limits(other), strict=True))
    return all(own >= theirs for own, theirs in pairs) and any(own > theirs for own, theirs in pairs)


_DATA_STAGES = ("splits", "wav", "segments", "labels", "pitch", "energy", "mel", "sp", "stats", "pairs", "dataset")
_WITHOUT_PAIRS = tuple(stage for stage in _DATA_STAGES if stage != "pairs")
_READ_THE_CORPUS = ("wav", "labels")
# How entries that share a node agree: the laxest limit (`dataset` judges each entry), and every epoch that one saves.
_SHARED = {"max_excluded": max, "saved": lambda ours, theirs: sorted({*ours, *theirs})}


def _of(values: Mapping[str, Any], wanted: tuple[str, ...]) -> dict[str, Any]:
    return {leaf: values[leaf] for leaf in wanted}


def _corpus_content(chosen: Selection, corpus: Corpus) -> dict[str, Any]:
    """What of a corpus decides what a dataset has of it: not where it lies, nor what is said about it."""
    content: dict[str, Any] = chosen.model_dump(mode="json", exclude_defaults=True) | {"format": corpus.format}
    if corpus.labels:
        content["labels"] = list(corpus.labels)
    return content if corpus.revision == 1 else content | {"revision": corpus.revision}
