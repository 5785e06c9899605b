"""A trained acoustic model that answers in natural units: log-mel, log F0, frames."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from koeru.audio.mel import MelSpec
from koeru.config.base import over
from koeru.data.phone_average import phone_average
from koeru.data.reading import Features
from koeru.data.records import Labelled, Spoken
from koeru.data.statistics import Stats
from koeru.data.vocabulary import NO_TURN, Vocabulary
from koeru.families.acoustic.batches import Item, collate, make_item, text_item
from koeru.families.acoustic.build import build_model
from koeru.families.acoustic.entry import Model
from koeru.families.acoustic.model import FastSpeech2, Output
from koeru.families.experiments.answering import Answering
from koeru.graph.store import Place
from koeru.jobs.stage import Arrays
from koeru.languages import Language, language
from koeru.report.metrics import Part
from koeru.text.reading import Reading
from koeru.training.checkpoint import load
from koeru.training.exported import read_exported
from koeru.training.manifest import ModelManifest

EXPORTED = ("params", "vocabulary", "stats", "mel")  # what the file of a voice tells


@dataclass(frozen=True)
class Contour:
    """How one utterance goes, by phone and by frame, whatever the level of the model's pitch."""

    log_f0: np.ndarray  # (P,) float32, natural log of Hz; means over the frames of phones where F0 is frame by frame
    frame_log_f0: np.ndarray  # (T,) float32, natural log of Hz; held for a phone where F0 is phone by phone
    durations: np.ndarray  # (P,) int64, whole frames, T in all
    own_durations: np.ndarray  # (P,) float32, frames as predicted, not rounded


@dataclass(frozen=True)
class Answer(Contour):
    """What the model says of one utterance."""

    mel: np.ndarray  # (T, M) float32, natural log


def utterance(reading: Reading, speaker: str, emotion: str, before_emotion: str = NO_TURN) -> Spoken:
    """A reading as what is to be spoken, with the phones as its id: of the same phones, prosody is drawn alike."""
    said = {"id": " ".join(reading.phones), **vars(reading)}
    return said | {"speaker": speaker, "emotion": emotion, "before_emotion": before_emotion}


class Voice(Answering):
    """A trained model that speaks, and the mel of its dataset."""

    def __init__(self, model: FastSpeech2, vocabulary: Vocabulary, stats: Stats, mel_spec: MelSpec) -> None:
        super().__init__(model, vocabulary, stats)
        self.mel_spec = mel_spec

    @classmethod
    def load(cls, features: Features, training: Place, device: torch.device | str = "cpu") -> Voice:
        """The voice of a training at `training.epoch`, of a dataset's features, on a device."""
        manifest = features.store.read_node(training, ModelManifest)
        weights = load(features.store.epoch_state_path(training, training.epoch)).model
        known = manifest.vocabulary, features.stats, features.mel_spec
        return cls(_model(manifest.params, weights, *known[:2]).to(device), *known)

    @classmethod
    def from_file(cls, path: Path | str, device: torch.device | str = "cpu") -> Voice:
        """The voice of a file such as `exp/<exp>/model.safetensors`, on a device: nothing else is needed.

        Errors: ValueError naming the file where it is not one.
        """
        weights, told = read_exported(Path(path), "a voice", *EXPORTED)
        known = Vocabulary.of(told["vocabulary"]), Stats.from_dict(told["stats"]), MelSpec(**told["mel"])
        return cls(_model(told["params"], weights, *known[:2]).to(device), *known)

    @property
    def language(self) -> Language:
        """What it speaks, and who reads texts to it."""
        return language(self.vocabulary.language)

    def speak(
        self, record: Spoken, natural: Arrays | None = None, *, temperature: float = 1.0, seed: int = 0
    ) -> Answer:
        """Speak the text of a labels record as its speaker in its emotion, with own pitch, energy and prosody.

        Durations are its own, or with `natural`, the features of the recording, those of the record.
        """
        out = self._output([self._item(record, natural)], temperature, seed)
        mel = self.stats.denormalise("mel", out.final_mel[0].numpy(), record["speaker"])
        return Answer(**vars(self._contour(out, 0, record["speaker"])), mel=mel)

    def samples(
        self, record: Spoken, natural: Arrays | None = None, *, n: int, temperature: float = 1.0, seed: int = 0
    ) -> list[Contour]:
        """How a text goes if it is spoken n times, as `speak` does, as often with another prosody where it is drawn."""
        out = self._output([self._item(record, natural)] * n, temperature, seed, decode=False)
        return [self._contour(out, row, record["speaker"]) for row in range(n)]

    def contours(self, records: Sequence[Spoken], *, temperature: float = 1.0, seed: int = 0) -> list[Contour]:
        """How several texts go with own durations, all at once."""
        out = self._output([self._item(record) for record in records], temperature, seed, decode=False)
        return [self._contour(out, row, record["speaker"]) for row, record in enumerate(records)]

    def teacher_forced(self, record: Labelled, natural: Arrays) -> np.ndarray:
        """The mel (T, M) float32, natural log, that the model makes of a recording whose features are `natural`.

        It is told everything: durations, pitch and energy, and the prosody that it hears in the recording's mel. So
        nothing is drawn, and the frames are those of the recording.
        """
        out = self._told([self._item(record, natural)])
        return self.stats.denormalise("mel", out.final_mel[0].numpy(), record["speaker"])

    def likelihoods(self, record: Labelled, natural: Arrays) -> dict[str, Part]:
        """The log-likelihoods, in nats, of a recording's prosody: `local_prosody`, summed over the phones that have
        frames, and `global_prosody`, of the utterance; those of them that the voice models."""
        known = self._told([self._item(record, natural)], decode=False).likelihoods
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

    def _item(self, record: Spoken, natural: Arrays | None = None) -> Item:
        if natural is None:
            return text_item(record, self.vocabulary)
        return make_item(record, **natural, stats=self.stats, vocabulary=self.vocabulary)

    def _told(self, items: Sequence[Item], decode: bool = True) -> Output:
        """The answer of the model that is told everything."""
        return self.answer(collate(items), decode=decode)

    def _output(self, items: Sequence[Item], temperature: float, seed: int, decode: bool = True) -> Output:
        """The answer of the model with own pitch, energy and prosody, and own durations where the items have none."""
        batch = collate(items)
        own = {f"true_{name}": False for name in ("pitch", "energy", "prosody")}
        own["true_durations"] = batch.durations is not None
        return self.answer(batch, seed=seed, temperature=temperature, decode=decode, **own)

    def _contour(self, out: Output, row: int, speaker: str) -> Contour:
        n_phones, n_frames = int(out.phone_mask[row].sum()), int(out.frame_mask[row].sum())
        durations = out.durations[row, :n_phones].numpy()
        by_frame = out.levels["pitch"] == "frame"
        pitch = out.pitch[row, : n_frames if by_frame else n_phones].numpy()
        log_f0 = self.stats.denormalise("log_f0", pitch, speaker)
        return Contour(
            log_f0=phone_average(log_f0, durations) if by_frame else log_f0,
            frame_log_f0=log_f0 if by_frame else np.repeat(log_f0, durations),
            durations=durations,
            own_durations=np.maximum(np.expm1(out.log_durations[row, :n_phones].numpy()), 0.0),
        )


def _model(
    params: Mapping[str, Any], weights: Mapping[str, Tensor], vocabulary: Vocabulary, stats: Stats
) -> FastSpeech2:
    model = build_model(over(Model, params, "model."), vocabulary, stats)
    model.load_state_dict(weights)
    return model
