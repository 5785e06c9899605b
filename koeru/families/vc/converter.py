"""A trained conversion model that answers in natural units: log-mel, log F0, frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from koeru.config.base import over
from koeru.config.nearest import nearest
from koeru.data.statistics import Stats
from koeru.data.vocabulary import Vocabulary, Voice
from koeru.families.experiments.answering import Answering
from koeru.families.experiments.taken import taken
from koeru.families.vc.batches import Item, collate
from koeru.families.vc.build import build_model
from koeru.families.vc.entry import Model
from koeru.families.vc.hearing import Hearing
from koeru.families.vc.items import sound
from koeru.families.vc.model import ConformerVc, Output
from koeru.families.vc.pairs import Pair, Pairs
from koeru.graph.store import Place
from koeru.jobs.stage import Arrays
from koeru.training.exported import read_exported
from koeru.training.manifest import ModelManifest
from koeru.training.taking import Take

EXPORTED = ("params", "vocabulary", "stats", "hearing", "couples")  # what the file of a converter tells


@dataclass(frozen=True)
class Converted:
    """What the model makes of one utterance of T frames."""

    mel: np.ndarray  # (T, M) float32, natural log
    log_f0: np.ndarray  # (T,) float32, natural log of Hz, also where unvoiced
    voiced: np.ndarray  # (T,) bool
    durations: np.ndarray  # (S,) int64, reduced frames that each reduced frame of the source becomes


class Converter(Answering):
    """A trained model that converts: `hearing` says how the recordings of its dataset were heard.

    `couples` are the speakers that it was trained to convert, as (source, target).
    """

    def __init__(
        self,
        model: ConformerVc,
        vocabulary: Vocabulary,
        stats: Stats,
        hearing: Hearing | None = None,
        couples: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(model, vocabulary, stats)
        self.hearing, self.couples = hearing, tuple(couples)

    @classmethod
    def load(cls, pairs: Pairs, training: Place, take: Take, device: torch.device | str = "cpu") -> Converter:
        """The converter of a training up to `training.epoch`, for the pairs of its dataset."""
        manifest = pairs.store.read_node(training, ModelManifest)
        weights = taken(pairs.store, training, take).weights
        known = manifest.vocabulary, pairs.features.stats
        return cls(_model(manifest.params, weights, *known).to(device), *known)

    @classmethod
    def from_file(cls, path: Path | str, device: torch.device | str = "cpu") -> Converter:
        """The converter of a file such as `exp/<exp>/model.safetensors`, on a device: nothing else is needed.

        Errors: ValueError naming the file where it is not one.
        """
        weights, told = read_exported(Path(path), "a converter", *EXPORTED)
        known = Vocabulary.of(told["vocabulary"]), Stats.from_dict(told["stats"])
        couples = [(source, target) for source, target in told["couples"]]
        return cls(_model(told["params"], weights, *known).to(device), *known, Hearing.of(told["hearing"]), couples)

    @property
    def least_frames(self) -> int:
        """As many frames of a source as are one of the model's own."""
        return self.model.factor

    def convert(
        self,
        name: str,
        heard: Arrays,
        source: Voice,
        target: Voice,
        cuts: Sequence[int] = (0,),
        *,
        temperature: float = 1.0,
        seed: int = 0,
    ) -> Converted:
        """What `source` says, with features log_f0, voiced, log_energy (T,) and mel (T, M), as `target` would say it.

        Its sentences begin at the frames `cuts`. Durations, pitch, energy and prosody are the model's own. Errors:
        ValueError naming the utterance where somebody is unknown.
        """
        item = Item(name, sound(heard, self.stats, source.speaker), **self._ids(name, source, target), cuts=cuts)
        own = {f"true_{name}": False for name in ("durations", "pitch", "energy", "prosody")}
        out = self.answer(collate([item], self.model.factor), seeds=[seed], temperature=temperature, **own)
        return self._converted(out, target.speaker)

    def teacher_forced(self, item: Item, speaker: str) -> Converted:
        """What the model makes of a pair, being told everything: durations, pitch, energy, and the target's prosody.

        So nothing is drawn, and the frames are those of the recording of the target, who is `speaker`.
        """
        return self._in_time(item, speaker)

    def in_time(self, item: Item, speaker: str, *, temperature: float = 1.0, seed: int = 0) -> Converted:
        """What the model makes of a pair whose durations it is told: as `convert`, in the frames of the target."""
        own = {f"true_{name}": False for name in ("pitch", "energy", "prosody")}
        return self._in_time(item, speaker, seeds=[seed], temperature=temperature, **own)

    def _ids(self, name: str, source: Voice, target: Voice) -> dict[str, int]:
        found = {}
        for side, voice in (("source", source), ("target", target)):
            for kind in ("speaker", "emotion"):
                known, wanted = self.vocabulary.ids[f"{kind}s"], getattr(voice, kind)
                if wanted not in known:
                    raise ValueError(f"{name}: the model knows no {kind} {wanted!r}{nearest(wanted, known)}")
                found[f"{side}_{kind}"] = known[wanted]
        return found

    def _in_time(self, item: Item, speaker: str, **told: Any) -> Converted:
        """The answer in the frames of the target, without what fills the last reduced frame up."""
        out = self.answer(collate([item], self.model.factor), **told)
        made, n_frames = self._converted(out, speaker), len(item.target.mel)
        return replace(made, mel=made.mel[:n_frames], log_f0=made.log_f0[:n_frames], voiced=made.voiced[:n_frames])

    def _converted(self, out: Output, speaker: str) -> Converted:
        return Converted(
            mel=self.stats.denormalise("mel", out.final_mel[0].numpy(), speaker),
            log_f0=self.stats.denormalise("log_f0", out.pitch[0].numpy(), speaker),
            voiced=(out.voicing[0] > 0).numpy(),
            durations=out.durations[0].numpy(),
        )


def voices(pair: Pair) -> tuple[Voice, Voice]:
    """Who says the two utterances of a pair, and how."""
    return Voice(pair.source.speaker, pair.source.emotion), Voice(pair.target.speaker, pair.target.emotion)


def _model(
    params: Mapping[str, Any], weights: Mapping[str, Tensor], vocabulary: Vocabulary, stats: Stats
) -> ConformerVc:
    aligned = params["durations"] == "dtw"
    model = build_model(over(Model, params, "model."), vocabulary, stats, aligned=aligned)
    model.load_state_dict(weights)
    return model
