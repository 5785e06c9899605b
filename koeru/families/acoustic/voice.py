"""A trained acoustic model that answers in natural units: log-mel, log F0, frames."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from koeru.audio.mel import MelSpec
from koeru.config.base import over
from koeru.data.reading import Features
from koeru.data.records import Labelled
from koeru.data.statistics import Stats
from koeru.data.vocabulary import Vocabulary
from koeru.families.acoustic.batches import collate
from koeru.families.acoustic.build import build_model
from koeru.families.acoustic.entry import Model
from koeru.families.acoustic.item import Item, make_item
from koeru.families.acoustic.model import FastSpeech2, Output
from koeru.families.acoustic.speaking import Said, Speaking, field
from koeru.families.experiments.answering import Answering
from koeru.families.experiments.taken import taken
from koeru.graph.store import Place
from koeru.jobs.stage import Arrays
from koeru.report.metrics import Part
from koeru.training.exported import read_exported
from koeru.training.manifest import ModelManifest
from koeru.training.taking import Take

EXPORTED = ("params", "vocabulary", "stats", "mel")  # what the file of a voice tells


class Voice(Answering, Speaking):
    """A trained model that speaks, the mel of its dataset, and how the texts of that were read, where its file says."""

    def __init__(
        self,
        model: FastSpeech2,
        vocabulary: Vocabulary,
        stats: Stats,
        mel_spec: MelSpec,
        reading: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(model, vocabulary, stats)
        self.mel_spec, self.reading, self.levels = mel_spec, reading, model.variance.levels

    @classmethod
    def load(cls, features: Features, training: Place, take: Take, device: torch.device | str = "cpu") -> Voice:
        """The voice of a training up to `training.epoch`, of a dataset's features, on a device."""
        manifest = features.store.read_node(training, ModelManifest)
        weights = taken(features.store, training, take).weights
        known = manifest.vocabulary, features.stats, features.mel_spec
        return cls(_model(manifest.params, weights, *known[:2]).to(device), *known)

    @classmethod
    def from_file(cls, path: Path | str, device: torch.device | str = "cpu") -> Voice:
        """The voice of a file such as `exp/<exp>/model.safetensors`, on a device: nothing else is needed.

        Errors: ValueError naming the file where it is not one.
        """
        weights, told = read_exported(Path(path), "a voice", *EXPORTED)
        known = Vocabulary.of(told["vocabulary"]), Stats.from_dict(told["stats"]), MelSpec(**told["mel"])
        return cls(_model(told["params"], weights, *known[:2]).to(device), *known, told.get("reading"))

    def teacher_forced(self, record: Labelled, natural: Arrays) -> np.ndarray:
        """The mel (T, M) float32, natural log, that the model makes of a recording whose features are `natural`.

        It is told everything: durations, pitch and energy, and the prosody that it hears in the recording's mel. So
        nothing is drawn, and the frames are those of the recording.
        """
        out = self._told([self._recorded(record, natural)])
        return self.stats.denormalise("mel", out.final_mel[0].numpy(), record["speaker"])

    def likelihoods(self, record: Labelled, natural: Arrays) -> dict[str, Part]:
        """The log-likelihoods, in nats, of a recording's prosody: `local_prosody`, summed over the phones that have
        frames, and `global_prosody`, of the utterance; those of them that the voice models."""
        known = self._told([self._recorded(record, natural)], decode=False).likelihoods
        found: dict[str, Part] = {}
        if known is not None and known.of_units is not None:
            of_phones = known.of_units[known.mask].double()
            found["local_prosody"] = Part(float(of_phones.sum()), len(of_phones))
        if known is not None and known.of_utterances is not None:
            found["global_prosody"] = Part(float(known.of_utterances[0]), 1)
        return found

    def extractor(self) -> str:
        """What likelihoods compare only under: sha256 of the prosody extractor and of the scale of the mels it hears.

        A frozen extractor keeps it, as long as the dataset has the same statistics.
        """
        digest = hashlib.sha256()
        for name, tensor in sorted(self.model.prosody.extractor.state_dict().items()):
            digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
            digest.update(tensor.cpu().contiguous().numpy().tobytes())
        for speaker, scale in sorted(self.stats.features["mel"].items()):
            digest.update(speaker.encode() + scale.mean.tobytes() + scale.std.tobytes())
        return digest.hexdigest()

    def _recorded(self, record: Labelled, natural: Arrays) -> Item:
        return make_item(record, **natural, stats=self.stats, vocabulary=self.vocabulary)

    def _told(self, items: Sequence[Item], decode: bool = True) -> Output:
        """The answer of the model that is told everything."""
        return self.answer(collate(items), decode=decode)

    def said(self, items: Sequence[Item], temperature: float, seeds: Sequence[int], decode: bool) -> list[Said]:
        """What the model says of texts with own prosody, and of durations, pitch and energy what the items lack."""
        batch = collate(items)
        own = {f"true_{name}": getattr(batch, field(name, level)) is not None for name, level in self.levels.items()}
        own |= {"true_durations": batch.durations is not None, "true_prosody": False}
        out = self.answer(batch, seeds=seeds, temperature=temperature, decode=decode, **own)
        return [_row(out, row) for row in range(len(items))]


def _row(out: Output, row: int) -> Said:
    """What is said of one item of a batch."""
    n_phones, n_frames = int(out.phone_mask[row].sum()), int(out.frame_mask[row].sum())
    sizes = {name: n_phones if level == "phone" else n_frames for name, level in out.levels.items()}
    return Said(
        out.log_durations[row, :n_phones].numpy(),
        out.durations[row, :n_phones].numpy(),
        **{name: getattr(out, name)[row, :size].numpy() for name, size in sizes.items()},
        mel=None if out.final_mel is None else out.final_mel[row, :n_frames].numpy(),
    )


def _model(
    params: Mapping[str, Any], weights: Mapping[str, Tensor], vocabulary: Vocabulary, stats: Stats
) -> FastSpeech2:
    model = build_model(over(Model, params, "model."), vocabulary, stats)
    model.load_state_dict(weights)
    return model
