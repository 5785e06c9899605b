"""A trained acoustic model that answers in natural units: log-mel, log F0, frames."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from koeru.audio.mel import MelSpec
from koeru.config.base import over
from koeru.data.contour import NOTHING, Answer, Contour, Told, moved
from koeru.data.phone_average import phone_average
from koeru.data.reading import Features
from koeru.data.records import Labelled, Spoken
from koeru.data.statistics import Stats
from koeru.data.vocabulary import Vocabulary
from koeru.families.acoustic.batches import Item, collate, make_item, text_item
from koeru.families.acoustic.build import build_model
from koeru.families.acoustic.entry import Level, Model
from koeru.families.acoustic.model import FastSpeech2, Output
from koeru.families.experiments.answering import Answering
from koeru.families.experiments.taken import taken
from koeru.graph.store import Place
from koeru.jobs.stage import Arrays
from koeru.languages import Language, language
from koeru.report.metrics import Part
from koeru.training.exported import read_exported
from koeru.training.manifest import ModelManifest
from koeru.training.taking import Take

FEATURES = {"pitch": "log_f0", "energy": "log_energy"}  # of the model -> in natural units
EXPORTED = ("params", "vocabulary", "stats", "mel")  # what the file of a voice tells


class Voice(Answering):
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
        self.mel_spec, self.reading = mel_spec, reading

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

    @property
    def language(self) -> Language:
        """What it speaks, and who reads texts to it."""
        return language(self.vocabulary.language)

    def speak(self, record: Spoken, told: Told = NOTHING, *, temperature: float = 1.0, seed: int = 0) -> Answer:
        """Speak the text of a record as its speaker in its emotion: what is not told is the model's own.

        Errors: ValueError naming the utterance where it is told of other phones than it has.
        """
        item = self._decided(record, told, temperature, seed)
        out = self._output([item], temperature, [seed])
        mel = self.stats.denormalise("mel", out.final_mel[0].numpy(), record["speaker"])
        return Answer(**vars(self._contour(out, 0, item, record["speaker"])), mel=mel)

    def contour(self, record: Spoken, told: Told = NOTHING, *, temperature: float = 1.0, seed: int = 0) -> Contour:
        """How a text goes when `speak` is asked the same: for a person to change, and to be told as it is wanted."""
        item = self._decided(record, told, temperature, seed)
        return self._contour(self._output([item], temperature, [seed], decode=False), 0, item, record["speaker"])

    def samples(
        self, record: Spoken, told: Told = NOTHING, *, n: int, temperature: float = 1.0, seed: int = 0
    ) -> list[Contour]:
        """How a text goes if it is spoken n times, from `seed` on; of what is told, durations alone are kept."""
        items = [self._item(record, told)] * n
        out = self._output(items, temperature, range(seed, seed + n), decode=False)
        return [self._contour(out, row, item, record["speaker"]) for row, item in enumerate(items)]

    def contours(self, records: Sequence[Spoken], *, temperature: float = 1.0, seed: int = 0) -> list[Contour]:
        """How several texts go with own durations, all at once."""
        items = [self._item(record) for record in records]
        out = self._output(items, temperature, [seed] * len(records), decode=False)
        pairs = enumerate(zip(items, records, strict=True))
        return [self._contour(out, row, item, record["speaker"]) for row, (item, record) in pairs]

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

    def _item(self, record: Spoken, told: Told = NOTHING) -> Item:
        """A text, with durations where they are told."""
        item = text_item(record, self.vocabulary)
        for name in ("durations", "log_f0", "log_energy"):
            if (values := getattr(told, name)) is not None and len(values) != len(item.phones):
                raise ValueError(
                    f"{record['id']}: {name} of {len(values)} phones are told, and it has {len(item.phones)}"
                )
        return item if told.durations is None else replace(item, durations=np.array(told.durations, dtype=np.int64))

    def _decided(self, record: Spoken, told: Told, temperature: float, seed: int) -> Item:
        """A text with all that is told; what a value hangs on in the model is decided before it."""
        item = self._item(record, told)
        for name, feature in self._in_order():
            wanted = getattr(told, feature)
            if wanted is None or np.isnan(wanted).all():
                continue
            out = self._output([item], temperature, [seed], decode=False)
            contour = self._contour(out, 0, item, record["speaker"])
            frames = getattr(out, name)[0].numpy() if out.levels[name] == "frame" else None
            own, target = (
                self.stats.normalise(feature, values, record["speaker"])
                for values in (getattr(contour, feature), wanted)
            )
            values = moved(own, frames, target, contour.durations).astype(np.float32)
            item = replace(item, durations=contour.durations, **{_field(name, out.levels[name]): values})
        return item

    def _in_order(self) -> list[tuple[str, str]]:
        """Pitch and energy, with their features: what is predicted first, first."""
        levels = self.model.variance.levels
        return sorted(FEATURES.items(), key=lambda feature: levels[feature[0]] == "frame")

    def _told(self, items: Sequence[Item], decode: bool = True) -> Output:
        """The answer of the model that is told everything."""
        return self.answer(collate(items), decode=decode)

    def _output(self, items: Sequence[Item], temperature: float, seeds: Sequence[int], decode: bool = True) -> Output:
        """The answer of the model with own prosody, and of durations, pitch and energy what the items lack."""
        batch = collate(items)
        own = {
            f"true_{name}": getattr(batch, _field(name, level)) is not None
            for name, level in self.model.variance.levels.items()
        }
        own |= {"true_durations": batch.durations is not None, "true_prosody": False}
        return self.answer(batch, seeds=seeds, temperature=temperature, decode=decode, **own)

    def _contour(self, out: Output, row: int, item: Item, speaker: str) -> Contour:
        n_phones, n_frames = int(out.phone_mask[row].sum()), int(out.frame_mask[row].sum())
        durations = out.durations[row, :n_phones].numpy()
        found: dict[str, np.ndarray] = {}
        for name, feature in FEATURES.items():
            by_frame = out.levels[name] == "frame"
            values = getattr(item, _field(name, out.levels[name]))
            if values is None:
                values = getattr(out, name)[row, : n_frames if by_frame else n_phones].numpy()
            natural = self.stats.denormalise(feature, values, speaker)
            found[feature] = phone_average(natural, durations) if by_frame else natural
            found[f"frame_{feature}"] = natural if by_frame else np.repeat(natural, durations)
        return Contour(
            log_f0=found["log_f0"],
            frame_log_f0=found["frame_log_f0"],
            log_energy=found["log_energy"],
            durations=durations,
            own_durations=np.maximum(np.expm1(out.log_durations[row, :n_phones].numpy()), 0.0),
        )


def _field(name: str, level: Level) -> str:
    """The field of an item, and of a batch, that holds pitch or energy at a level."""
    return name if level == "phone" else f"frame_{name}"


def _model(
    params: Mapping[str, Any], weights: Mapping[str, Tensor], vocabulary: Vocabulary, stats: Stats
) -> FastSpeech2:
    model = build_model(over(Model, params, "model."), vocabulary, stats)
    model.load_state_dict(weights)
    return model
