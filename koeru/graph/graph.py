"""Which nodes the entries of a configuration make: with the stages and families, what knows what depends on what.

A *node* is a stage with its resolved parameters and its parent nodes; its *key* is the hash of exactly that, and
names the folder of its output. Changing a leaf changes the keys of the stages that read it and of their descendants,
and no other. A value equal to its default is not hashed, so a new option makes nothing stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from koeru.config.base import leaves
from koeru.config.config import Config
from koeru.config.corpora import Chosen, Corpus
from koeru.config.corrections import digest, read_corrections
from koeru.config.label_sets import CHOSEN_BY
from koeru.config.languages import FILES, said
from koeru.config.speakers import named_speakers
from koeru.config.spk import Spk
from koeru.config.tables import ConfigError
from koeru.graph.family import Registry, Trained
from koeru.graph.node import Node
from koeru.graph.stages import DATA_STAGES, GATES, ON_DEMAND


class Graph:
    """The nodes of every entry; equal nodes are one object.

    What their views show is `views["data"][name]`, `views["exp"][name]` and so on; `data` are the datasets, and
    `trained[table][name]` is what an entry trains, or what it is where it trains nothing.
    """

    def __init__(self, config: Config, registry: Registry) -> None:
        self.config, self.registry = config, registry
        self.nodes: dict[tuple[str, str], Node] = {}
        self.stand_in: dict[str, Node] = {}
        self.data: dict[str, Node] = {}
        self.trained: dict[str, dict[str, Trained]] = {table: {} for table in registry.views[1:]}
        self.views: dict[str, dict[str, Node]] = {"data": self.data} | {table: {} for table in self.trained}
        for name, corpus in config.corpora.items():
            if corpus.stand_in is not None:
                self.stand_in[name] = self.node("stand_in", leaves(corpus), {})
        for name in config.spk:
            self.data[name] = self._dataset(config.spk[name])
        for table, views in list(self.views.items())[1:]:
            for name, entry in config[table].items():
                self.training(table, name)
                views[name] = registry.family(entry).shown(self, name)

    def at(self, stage: str, key: str) -> Node:
        """The node of a stage with a key. Raises KeyError with a remedy if no entry leads to it."""
        try:
            return self.nodes[stage, key]
        except KeyError:
            raise KeyError(f"no entry of the configuration leads to {stage}/{key}: was the entry changed?") from None

    def node(
        self,
        stage: str,
        values: Mapping[str, Any],
        parents: Mapping[str, Node],
        *,
        epochs: Mapping[str, int] | None = None,
        settings: Mapping[str, Any] | None = None,
        shards: int = 1,
    ) -> Node:
        """The node of a stage; of `values` (leaf -> value) it takes those that the stage reads."""
        declared, defaults = self.registry.stages[stage], self.registry.defaults(stage)
        params = {leaf: values[leaf] for leaf in declared.reads}
        hashed = {leaf: value for leaf, value in params.items() if leaf not in defaults or value != defaults[leaf]}
        own = dict(settings or {})
        node = Node(stage, declared, params, hashed, dict(parents), dict(epochs or {}), own, {}, shards)
        known = self.nodes.setdefault((stage, node.key), node)
        for name, agree in _SHARED.items():
            if name in node.settings:
                known.settings[name] = agree(known.settings[name], node.settings[name])
        return known

    def of_stage(
        self, stage: str, values: Mapping[str, Any], made: Mapping[str, Node], epochs: Mapping[str, int], **more: Any
    ) -> Node:
        """The node of a stage whose parents are those of `made` (role -> node) that its declaration names."""
        parents = {role: made[role] for role in self.registry.stages[stage].parents if role in made}
        own = {role: epochs[role] for role in parents if role in epochs}
        return self.node(stage, values, parents, epochs=own, **more)

    def training(self, table: str, name: str) -> Trained:
        """What an entry trains, with all that this comes from."""
        trained = self.trained[table]
        if name not in trained:
            trained[name] = self.registry.family(self.config[table][name]).trained(self, name)
        return trained[name]

    def made(self, what: str, table: str, name: str, epoch: int) -> Node:
        """What another family makes of an entry at an epoch: see `Family.made`. ConfigError where it makes none."""
        family = self.registry.family(self.config[table][name])
        if what not in family.made:
            raise ConfigError([f"{table}.{name}: a model of the kind {family.name} makes no {what}"])
        return family.made[what](self, name, epoch)

    def trained_on(
        self, stage: str, spk: str, values: Mapping[str, Any], made: Mapping[str, Node], **more: Any
    ) -> Node:
        """The node of a training, which waits for the gates of its dataset."""
        node = self.of_stage(stage, values, made, more.pop("epochs", {}), **more)
        _require(node, self.data[spk])
        return node

    def features(self, spk: str, *further: str) -> dict[str, Node]:
        """The stages of a dataset by role, with further features (`ON_DEMAND`), whether its entry lists them or not."""
        made = dict(self.data[spk].parents)
        for stage in (stage for feature in further for stage in ON_DEMAND[feature]):
            if stage not in made:
                made[stage] = self._of_dataset(stage, self.config.spk[spk], made)
        return made

    def lineage(self, table: str, name: str) -> list[tuple[str, str]]:
        """An entry, those whose training its own begins with or that it uses, and so on, as (table, name)."""
        found, queue = [], [(table, name)]
        while queue:
            current = queue.pop(0)
            if current not in found:
                found.append(current)
                entry = self.config[current[0]][current[1]]
                queue += self.registry.family(entry).names(entry)
        return found

    def _dataset(self, spk: Spk) -> Node:
        corpora = {chosen.name: self.config.corpora[chosen.name] for chosen in spk.corpora}
        paths = {name: corpus.path for name, corpus in corpora.items() if corpus.stand_in is None}
        content = [_corpus_content(chosen, corpora[chosen.name]) for chosen in spk.corpora]
        stand_ins = {f"stand_in.{name}": self.stand_in[name] for name in corpora if name in self.stand_in}
        values = leaves(spk)
        settings = {
            "max_excluded": spk.gates.max_excluded,
            "named": named_speakers(values),
            "corrections": [spk.corrections] if spk.corrections else [],
        }
        where = {
            "paths": paths,
            "stand_ins": {n: self.stand_in[n].key for n in corpora if n in self.stand_in},
            "labels": {n: {labels.name: labels.path for labels in c.labels} for n, c in corpora.items() if c.labels},
        }
        made: dict[str, Node] = {}
        made["utterances"] = self.node(
            "utterances",
            values | {"corpora": content},
            stand_ins,
            settings=settings | where | {"sources": {n: c.source for n, c in corpora.items()}},
            shards=spk.shards,
        )
        wanted = [stage for stage in _DATA_STAGES if spk.pairs.speakers or stage != "pairs"]
        further = [stage for feature in spk.features for stage in ON_DEMAND[feature]]
        for stage in (*wanted[:-1], *further, wanted[-1]):
            made[stage] = self._of_dataset(stage, spk, made, where)
        return made["dataset"]

    def _of_dataset(
        self, stage: str, spk: Spk, made: Mapping[str, Node], where: Mapping[str, Any] | None = None
    ) -> Node:
        declared = DATA_STAGES[stage]
        settings = {"max_excluded": spk.gates.max_excluded} | dict((where if declared.of_corpora else None) or {})
        values = leaves(spk)
        files: dict[str, str] = {}  # leaves whose value is what a file says -> the file
        if FILES.keys() & {*declared.reads}:
            own = self.config.languages.get(spk.labels.language)
            files |= {leaf: getattr(own, name, "") for leaf, name in FILES.items()}
            values |= {leaf: said(own, name) for leaf, name in FILES.items()}
        if "corrections" in declared.reads:
            files["corrections"] = spk.corrections
            values["corrections"] = digest(read_corrections(spk.corrections)) if spk.corrections else ""
        if files:
            settings["files"] = files
        if "provenance" in declared.reads:
            values["provenance"] = _provenance({one.name: self.config.corpora[one.name] for one in spk.corpora})
        return self.of_stage(stage, values, made, {}, settings=settings, shards=spk.shards if declared.sharded else 1)


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


_DATA_STAGES = ("splits", "wav", "segments", "labels", "pitch", "energy", "mel", "stats", "pairs", "dataset")
# How entries that share a node agree: the laxest limit (`dataset` judges each entry), and all epochs, names and files.
_SHARED = {
    "max_excluded": max,
    "saved": lambda ours, theirs: sorted({*ours, *theirs}),
    "named": lambda ours, theirs: sorted({*ours, *theirs}),
    "corrections": lambda ours, theirs: sorted({*ours, *theirs}),
}


def _corpus_content(chosen: Chosen, corpus: Corpus) -> dict[str, Any]:
    """What of a corpus decides what a dataset has of it: not where it lies, nor what is said about it."""
    content: dict[str, Any] = chosen.model_dump(mode="json", exclude_defaults=True) | {"format": corpus.format}
    if corpus.labels:
        content["labels"] = [
            {"name": labels.name, "made": labels.made, "gives": [what for what in labels.gives if what in CHOSEN_BY]}
            for labels in corpus.labels
        ]
    return content if corpus.revision == 1 else content | {"revision": corpus.revision}


def _provenance(corpora: Mapping[str, Corpus]) -> dict[str, Any]:
    """Of which format corpora are, and who made their sets of labels: what decides how label files are used."""
    return {
        name: {"format": corpus.format, "sets": {labels.name: labels.provenance() for labels in corpus.labels}}
        for name, corpus in corpora.items()
    }
