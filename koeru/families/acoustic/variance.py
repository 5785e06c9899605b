"""Durations, pitch and energy: predicted, and pitch and energy embedded (FastSpeech2, Ren et al. 2021, 2.3)."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from koeru.families.acoustic.batches import AcousticBatch
from koeru.families.acoustic.entry import Level, Model
from koeru.families.acoustic.sizes import Range, Sizes
from koeru.nn.dropout import Dropout
from koeru.nn.layers import Conv, VariancePredictor

KERNEL_SIZE = 9  # of the embeddings of pitch and energy, in phones or frames


class VarianceAdaptor(nn.Module):
    """Predicts durations of phones, and pitch and energy, each at its level, and adds pitch and energy to the sequence.

    What is phone-level is predicted from phones and added to them; what is frame-level is predicted from, and added
    to, the frames that they are repeated to. Of one level, pitch comes first, and energy is predicted knowing it.
    """

    def __init__(self, settings: Model, sizes: Sizes) -> None:
        super().__init__()
        self.levels: dict[str, Level] = {"pitch": settings.pitch_level, "energy": settings.energy_level}
        predictor = (
            settings.hidden,
            settings.variance_filter_size,
            settings.variance_kernel_size,
            settings.variance_dropout,
        )
        self.duration = VariancePredictor(*predictor)
        self.pitch = VariancePredictor(*predictor)
        self.energy = VariancePredictor(*predictor)
        self.pitch_embedding = _embedding(settings, "pitch", sizes.pitch_range)
        self.energy_embedding = _embedding(settings, "energy", sizes.energy_range)

    def phones(self, x: Tensor, mask: Tensor, true: Mapping[str, Tensor]) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        """x (B, P, D) -> x with what is phone-level; predicted log(frames + 1) (B, P); predicted values by name (B, P).

        The values in `true` are embedded (see `true_values`), and the predicted ones of what it does not name.
        """
        log_durations = self.duration(x, mask)
        x, values = self._add("phone", x, mask, true)
        return x, log_durations, values

    def frames(self, x: Tensor, mask: Tensor, true: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """x (B, T, D) -> x with what is frame-level; predicted values by name (B, T). For `true` see `phones`."""
        return self._add("frame", x, mask, true)

    def true_values(self, batch: AcousticBatch, wanted: Mapping[str, bool], true_durations: bool) -> dict[str, Tensor]:
        """The true values of what is wanted of "pitch" and "energy", each at its level (see the function below).

        Errors: ValueError where those of frames are wanted, but the durations are not those that the frames have.
        """
        levels = {name: level for name, level in self.levels.items() if wanted[name]}
        of_frames = [name for name, level in levels.items() if level == "frame"]
        if of_frames and not true_durations:
            raise ValueError(f"{batch.ids[0]}: true {' and '.join(of_frames)} of frames: only with true durations")
        return {name: true_values(batch, name, level) for name, level in levels.items()}

    def _add(
        self, level: Level, x: Tensor, mask: Tensor, true: Mapping[str, Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        predicted = {}
        for name in ("pitch", "energy"):
            if self.levels[name] == level:
                predicted[name] = getattr(self, name)(x, mask)
                x = x + getattr(self, f"{name}_embedding")(true.get(name, predicted[name]), mask)
        return x, predicted


class ConvEmbedding(Conv):
    """Values as they are, through a convolution over their neighbours: no statistics are in it."""

    def __init__(self, hidden: int, kernel_size: int, dropout: float) -> None:
        super().__init__(1, hidden, kernel_size)
        self.dropout = Dropout(dropout)

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """(B, L), (B, L) -> (B, L, D)"""
        return self.dropout(super().forward(values[..., None], mask))


class BinEmbedding(nn.Embedding):
    """Values as the vectors of the bins that they fall in: `n_bins` of one width from `low` to `high`, both ends open.

    The edges are kept with the weights, as a vector means the values that it was trained on. So a model that is
    pretrained has the edges of its parent's dataset, not of its own: where the statistics that normalise the two
    differ, a bin holds other values in natural units than it did, and what lies beyond the parent's range shares an
    outermost bin. A convolution does not have these edges, but its input moves all the same.
    """

    edges: Tensor  # (n_bins - 1,), in the units of normalised values

    def __init__(self, n_bins: int, hidden: int, low: float, high: float) -> None:
        super().__init__(n_bins, hidden)
        self.register_buffer("edges", torch.linspace(low, high, n_bins + 1)[1:-1].clone())

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """(B, L), (B, L) -> (B, L, D); whatever is in padding stays there"""
        return super().forward(torch.bucketize(values.to(self.edges.dtype), self.edges))


def _embedding(settings: Model, name: str, ends: Range | None) -> ConvEmbedding | BinEmbedding:
    """The embedding of pitch or energy; ValueError where bins are wanted and their range has no width."""
    if settings.variance_embedding == "conv":
        return ConvEmbedding(settings.hidden, KERNEL_SIZE, settings.variance_dropout)
    if ends is None or not ends[0] < ends[1]:
        raise ValueError(
            f"model.variance_embedding: bins of {name} need a range of some width in the statistics, and it is {ends}; "
            f"choose conv, or a dataset whose {name} varies"
        )
    return BinEmbedding(settings.n_bins, settings.hidden, *ends)


def true_values(batch: AcousticBatch, name: str, level: Level) -> Tensor:
    """The true `pitch` or `energy` of a batch: (B, P) at phone level, (B, T) at frame level. ValueError without."""
    values = getattr(batch, name if level == "phone" else f"frame_{name}")
    if values is None:
        raise ValueError(f"{batch.ids[0]}: true {name} at {level} level is wanted of a batch that has none")
    return values


def whole_frames(log_durations: Tensor, mask: Tensor) -> Tensor:
    """Durations (B, P) in frames of predicted log(frames + 1), at least one for a real phone.

    So each is heard, and no mel is empty.
    """
    return torch.expm1(log_durations).round().long().clamp(min=1).masked_fill(~mask, 0)
