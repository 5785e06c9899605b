"""What a family declares of itself: its entries, its stages, and how the one becomes nodes of the other.

This is the light half of a kind of training, which is read while the Snakefile is: no torch, no numpy. What it names as
"module:function" is imported by the job that runs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from koeru.config.base import defaults
from koeru.config.tables import Kind
from koeru.graph.stages import DATA_DEFAULTS, DATA_STAGES, Stage

if TYPE_CHECKING:
    from koeru.graph.node import Node


@dataclass(frozen=True)
class Trained:
    """What an entry has trained, as others use it.

    `node` at `epoch` (None where it is no training, but weights as they are); `leaves` decide which weights of the node
    are used.
    """

    node: Node
    epoch: int | None
    leaves: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Family:
    """A kind of training.

    `kind` are the entries that it trains, and `further` other entries that it knows. `trained(graph, name)` makes the
    nodes of an entry's training, and `shown(graph, name)` the node that its view shows; `names(entry)` are the entries
    that it begins with or uses, as (table, name). `made` are further nodes that other families may ask for: name ->
    made(graph, name of an entry, epoch). `prepare` is the function, as "module:function", that prepares its training
    (see `koeru.training.run`). `lacking` tells of stages what their own files lack before any job runs, and
    `warnings(plan, name)` what an entry's training is warned of. `at_work` says what can be done with a file of what it
    has trained, without a store, and names what opens the file ("convert": `koeru.use.recording.Converter`, "speak":
    `koeru.use.speech.SpeakingVoice`, "sound": a `koeru.audio.vocoders.MelVocoder`, "recognise": what hears tokens in a
    mel; "speak by graphs" opens the same as graphs of ONNX, without torch, which "become graphs" makes of a file).
    `structure` says of leaves that decide which nodes there are, and are a parameter of none, which stages they
    concern.
    """

    name: str
    kind: Kind
    stages: Mapping[str, Stage]
    trained: Callable[..., Trained]
    shown: Callable[..., Node]
    names: Callable[[Any], list[tuple[str, str]]]
    prepare: str
    further: tuple[Kind, ...] = ()
    made: Mapping[str, Callable[..., Node]] = field(default_factory=dict)
    lacking: Mapping[str, Callable[[Node], list[str]]] = field(default_factory=dict)
    warnings: Callable[..., list[str]] | None = None
    at_work: Mapping[str, str] = field(default_factory=dict)
    structure: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Registry:
    """All families, and what follows from their declarations."""

    families: tuple[Family, ...]

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """The entries of all families."""
        return tuple(kind for family in self.families for kind in (family.kind, *family.further))

    @cached_property
    def stages(self) -> dict[str, Stage]:
        """Every stage there is, those of datasets first."""
        return {**DATA_STAGES, **{name: stage for family in self.families for name, stage in family.stages.items()}}

    @cached_property
    def views(self) -> tuple[str, ...]:
        """The folders of views: `data`, and the tables of what is trained."""
        return ("data", *dict.fromkeys(family.kind.table for family in self.families))

    def family(self, section: object) -> Family:
        """The family of an entry."""
        return next(family for family in self.families if isinstance(section, family.kind.section))

    def of_stage(self, stage: str) -> Family:
        """The family that declares a stage."""
        return next(family for family in self.families if stage in family.stages)

    def at_work(self, what: str) -> dict[str, str]:
        """Families by whose files something can be done -> the function that opens one, as "module:function"."""
        return {family.name: family.at_work[what] for family in self.families if what in family.at_work}

    def defaults(self, stage: str) -> Mapping[str, Any]:
        """The defaults of the leaves that a stage reads: a value equal to its own is in no key.

        Tables that families share have leaves without a prefix: of these a stage reads its own family's.
        """
        return self._defaults[stage]

    @cached_property
    def _defaults(self) -> dict[str, dict[str, Any]]:
        common = dict(DATA_DEFAULTS)
        for kind in self.kinds:
            common |= defaults(kind.section, kind.prefix) if kind.prefix else {}
        own = {name: defaults(f.kind.section, f.kind.prefix) for f in self.families for name in f.stages}
        return {name: common | own.get(name, {}) for name in self.stages}

    def lacking(self, node: Node) -> list[str]:
        """What the files that a job of a node reads from elsewhere lack, in words; [] for most stages."""
        told = (family.lacking[node.stage](node) for family in self.families if node.stage in family.lacking)
        return [line for lines in told for line in lines]
