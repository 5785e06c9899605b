"""What the manifest of a saved epoch tells of any training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from koeru.data.vocabulary import Vocabulary
from koeru.graph.store import NodeManifest
from koeru.training.machine import Machine
from koeru.training.parts import common_parts
from koeru.training.pretraining import Loaded


@dataclass(frozen=True)
class Beginning:
    """The weights that a training began with, where these were another one's, and the step that its schedule began at.

    `source` says whose, such as train/5f2c9a71d0b3e4f5, and `epoch` at which of its epochs, if it has any; `tensors` is
    how many the model has, and `weights` which of them were taken over. `more` is what only its family tells.
    """

    source: str
    epoch: int | None
    tensors: int
    weights: Loaded
    optimizer: str
    step: int
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`."""
        rest = dict(content)
        weights = Loaded(**{own.name: tuple(rest.pop(own.name)) for own in fields(Loaded)})
        own = {name: rest.pop(name) for name in ("epoch", "tensors", "optimizer", "step")}
        return cls(rest.pop("from"), weights=weights, **own, more=rest)

    def to_dict(self) -> dict[str, Any]:
        """As manifests tell it, under `loaded`."""
        told = {"from": self.source, "epoch": self.epoch, "tensors": self.tensors, **asdict(self.weights)}
        return told | {"optimizer": self.optimizer, "step": self.step, **self.more}

    @property
    def in_words(self) -> str:
        """Which weights were taken over, and which not, as a line."""
        taken, more = self.weights.copied, self.weights.extended
        words = [f"{_tensors(taken)} as in the parent"]
        if more:
            words.append(f"{_tensors(more)} with new rows: {', '.join(more)}")
        for names, which in (
            (self.weights.fresh, "not from the parent"),
            (self.weights.left, "of the parent not used"),
        ):
            if names:
                words.append(f"{_tensors(names)} {which}: {', '.join(common_parts(names, [*taken, *more]))}")
        return "; ".join([*words, f"optimizer {self.optimizer}, from step {self.step}"])


@dataclass(frozen=True, kw_only=True)
class EpochManifest(NodeManifest):
    """What every training tells of an epoch that it has saved, which came after `step` updates in all.

    `log` has a row for each epoch of the run: epoch, step, losses of the splits train and dev, frames, padding,
    seconds, data_seconds. `at_start` is what the dev split says before the first step, where best weights are kept.
    """

    epoch: int
    step: int
    log: Sequence[Mapping[str, Any]]
    machine: Machine
    loaded: Beginning | None
    workers: int
    at_start: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """The manifest whose file has this content."""
        loaded = content["loaded"] and Beginning.of(content["loaded"])
        return super().of({**content, "machine": Machine(**content["machine"]), "loaded": loaded})

    @property
    def first_step(self) -> int:
        """The step that the run began with: 1, or the one after its parent's where `optimizer: keep` continues it."""
        return 1 + (self.loaded.step if self.loaded else 0)

    @property
    def seconds(self) -> float:
        """How long all epochs took."""
        return sum(row["seconds"] for row in self.log)


@dataclass(frozen=True, kw_only=True)
class ModelManifest(EpochManifest):
    """What is told besides of a model that knows names: `utterances` by split, and the size of the model.

    `excluded` are too long to be trained on, each with id, frames, seconds and reason.
    """

    utterances: Mapping[str, int]
    excluded: Sequence[Mapping[str, Any]]
    excluded_seconds: float
    parameters: int
    frozen: int  # of the parameters

    @property
    def vocabulary(self) -> Vocabulary:
        """What the model knows by an id."""
        return Vocabulary.of(self.more)


def _tensors(names: Sequence[str]) -> str:
    return f"{len(names)} tensor{'' if len(names) == 1 else 's'}"
