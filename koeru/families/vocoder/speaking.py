"""A generator that speaks: mels become waveforms, by the weights of a training or by published ones."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from koeru.audio.mel import MelSpec
from koeru.families.vocoder.entry import JUDGED_BY
from koeru.families.vocoder.hifigan import VARIANTS, Generator, Variant
from koeru.families.vocoder.published import read_own, write_own
from koeru.families.vocoder.published_parts import PREFIX, Weights, built, part_of
from koeru.families.vocoder.weight_norm import fold_weights
from koeru.graph.store import Place, Store
from koeru.graph.view import mark
from koeru.training.checkpoint import load
from koeru.training.taking import Take, best_row, best_weights


class SpeakingGenerator:
    """A trained generator, on the CPU, with its weights folded: the generator that is given is changed.

    `mel_spec` are the mels that it was trained on, None where nobody tells.
    """

    def __init__(self, generator: Generator, name: str, mel_spec: MelSpec | None = None) -> None:
        self.generator, self.name, self.mel_spec = generator.cpu().eval(), name, mel_spec
        fold_weights(self.generator)

    @classmethod
    def from_file(cls, path: Path | str) -> Self:
        """The vocoder of a file of koeru's own, such as `exp/<exp>/vocoder.safetensors`: nothing else is needed.

        Errors: ValueError naming the file where it is not one.
        """
        path = Path(path)
        weights, told = read_own(path)
        if told["variant"] not in VARIANTS:
            raise ValueError(f"{path} says variant {told['variant']!r}: known are {', '.join(VARIANTS)}")
        spec = MelSpec(**told["mel"]) if "mel" in told else None
        return cls(loaded(weights, told["variant"], path), path.stem, spec)

    @torch.inference_mode()
    def __call__(self, mel: NDArray[np.float32]) -> NDArray[np.float32]:
        """(T, M) -> (T * hop_length,) in [-1, 1]. Errors: ValueError unless it is a finite mel of one frame or more."""
        n_mels = self.generator.config.n_mels
        if mel.ndim != 2 or mel.shape[1] != n_mels or not len(mel) or not np.isfinite(mel).all():
            raise ValueError(f"{self.name}: a finite log-mel (T, {n_mels}) of at least a frame is wanted: {mel.shape}")
        bands = torch.from_numpy(np.ascontiguousarray(mel.T, dtype=np.float32))  # (M, T)
        return self.generator(bands[None])[0, 0].numpy()


@dataclass(frozen=True)
class Taken:
    """The weights of the generator that speaks, under its own names, and the epoch and step that they are of."""

    variant: Variant
    weights: Weights
    epoch: int
    step: int
    file: Path  # where they lie


def taken(store: Store, place: Place, take: Take | None) -> Taken:
    """The generator of a `vocoder` at an epoch, or of published `weights`, which offer no choice of what to `take`.

    "best" is the epoch up to that one with the lowest mel error on the dev split, "last" is that epoch itself. Errors:
    ValueError naming the file where it has no generator, or not that one.
    """
    file, variant = _of(store, place)
    state = load(file)
    weights, at = part_of(state.model, "generator"), state.position
    if not weights:
        raise ValueError(f"{file} holds no generator: no tensor's name begins with {PREFIX['generator']!r}")
    if take == "best" and place.stage == "vocoder":
        kept, best = best_weights(state, file, "vocoder.take"), best_row(at.log, JUDGED_BY)
        return Taken(variant, kept, best["epoch"], best["step"], file)
    return Taken(variant, weights, at.epoch, at.step, file)


def loaded(weights: Weights, variant: Variant, file: Path) -> Generator:
    """The generator of some weights. Errors: ValueError naming their file where they are not those of the variant."""
    generator = built("generator", weights, variant)
    try:
        generator.load_state_dict(weights, assign=True)
    except RuntimeError as error:
        raise ValueError(f"{file} does not hold a generator of {variant.upper()}: {error}") from error
    return generator


def load_vocoder(store: Store, place: Place, take: Take | None, n_mels: int) -> SpeakingGenerator:
    """What speaks with the weights that are `taken`.

    Errors: ValueError naming the file where it does not hold a generator of its variant, of mels of `n_mels` bands.
    """
    found = taken(store, place, take)
    generator = loaded(found.weights, found.variant, found.file)
    if generator.config.n_mels != n_mels:
        raise ValueError(
            f"{found.file}: the generator speaks mels of {generator.config.n_mels} bands, these have {n_mels}: set "
            "mel.n_mels of the spk to its number, or name a vocoder that was trained on such mels"
        )
    return SpeakingGenerator(generator, mark(place.stage, place.key))


def save_vocoder(store: Store, place: Place, take: Take | None, spec: MelSpec, path: Path) -> None:
    """Write the weights that are `taken` as `export` does."""
    export(taken(store, place, take), spec, path)


def export(found: Taken, spec: MelSpec, path: Path) -> None:
    """Write weights as a safetensors file with what is needed to speak by them; `weights.<name>.generator` reads it."""
    told = {"variant": found.variant, "epoch": found.epoch, "step": found.step, "mel": asdict(spec)}
    write_own(found.weights, path, told)


def _of(store: Store, place: Place) -> tuple[Path, Variant]:
    """The file that holds a generator's weights, and its variant."""
    if place.stage == "weights":
        return store.folder(place) / "state.pt", store.read_node(place).params["weights.variant"]
    path = store.epoch_state_path(place, place.epoch)
    return path, store.read_node(place).params["vocoder.variant"]
