"""A trained recogniser at work: what was said in a mel, and how likely each class is at each of its frames."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from koeru.audio.mel import MelSpec
from koeru.config.base import over
from koeru.data.vocabulary import Vocabulary
from koeru.families.experiments.taken import taken
from koeru.families.recogniser.batches import Item, collate
from koeru.families.recogniser.build import build_model
from koeru.families.recogniser.decoding import beam, greedy
from koeru.families.recogniser.entry import Head, Model
from koeru.families.recogniser.heads import classes
from koeru.families.recogniser.quartznet import QuartzNet
from koeru.graph.store import Place, Store
from koeru.training.exported import read_exported
from koeru.training.manifest import ModelManifest
from koeru.training.taking import Take

EXPORTED = ("params", "vocabulary", "hearing")  # what the file of a recogniser tells


class Recogniser:
    """A trained model with its vocabulary, and how the mels were computed that it hears.

    `classes` are by head the names of the classes, of which the first is the blank, the second the separator. Its own
    frames last `frame_s` seconds; frame s is centred on that of the mel with the number s * `stride`.
    """

    def __init__(self, model: QuartzNet, vocabulary: Vocabulary, spec: MelSpec) -> None:
        self.model, self.vocabulary, self.spec = model.eval(), vocabulary, spec
        self.heads: tuple[Head, ...] = tuple(model.heads)
        self.classes = {head: classes(head, vocabulary) for head in self.heads}
        self.stride, self.frame_s = model.stride, model.stride * spec.hop_length / spec.sample_rate

    @classmethod
    def load(
        cls, store: Store, training: Place, take: Take, spec: MelSpec, device: torch.device | str = "cpu"
    ) -> Recogniser:
        """The recogniser of a training up to `training.epoch`, whose mels are of this kind."""
        manifest = store.read_node(training, ModelManifest)
        model = _model(manifest.params, taken(store, training, take).weights, manifest.vocabulary, spec)
        return cls(model.to(device), manifest.vocabulary, spec)

    @classmethod
    def from_file(cls, path: Path | str, device: torch.device | str = "cpu") -> Recogniser:
        """The recogniser of a file such as `exp/<exp>/model.safetensors`, on a device: nothing else is needed.

        Errors: ValueError naming the file where it is not one.
        """
        weights, told = read_exported(Path(path), "a recogniser", *EXPORTED)
        vocabulary, spec = Vocabulary.of(told["vocabulary"]), MelSpec(**told["hearing"])
        return cls(_model(told["params"], weights, vocabulary, spec).to(device), vocabulary, spec)

    @torch.inference_mode()
    def log_posteriors(self, mel: np.ndarray) -> dict[Head, np.ndarray]:
        """How likely each class is at each frame, given a log-mel (T, M): by head (S, C) float32, natural log.

        S is ceil(T / stride). Errors: ValueError where the mel has no frame, or other bands.
        """
        if mel.ndim != 2 or not len(mel) or mel.shape[1] != self.spec.n_mels:
            raise ValueError(f"a mel of one frame or more and {self.spec.n_mels} bands is wanted, not {mel.shape}")
        batch = collate([Item("", np.asarray(mel, dtype=np.float32))]).to(next(self.model.parameters()).device)
        logits = self.model(batch).logits
        return {head: own[0].log_softmax(1).cpu().numpy() for head, own in logits.items()}

    def transcribe(self, mel: np.ndarray, head: Head | None = None, width: int | None = None) -> list[str]:
        """What is said in a mel (T, M), as the names of classes of a head, the first if none is named.

        By the best path, or by a search that follows `width` prefixes. Errors: as above, and for an unknown head.
        """
        head = head or self.heads[0]
        if head not in self.heads:
            raise ValueError(f"the recogniser has no head {head!r}; it has {', '.join(self.heads)}")
        log_probs = self.log_posteriors(mel)[head]
        found = greedy(log_probs) if width is None else beam(log_probs, width)
        return [self.classes[head][label] for label in found]


def _model(
    params: Mapping[str, Any], weights: Mapping[str, Tensor], vocabulary: Vocabulary, spec: MelSpec
) -> QuartzNet:
    model = build_model(over(Model, params, "model."), vocabulary, spec.n_mels)
    model.load_state_dict(weights)
    return model
