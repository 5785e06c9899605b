"""Durations, pitch and energy of the target, predicted from the source and its pitch and energy."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from koeru.families.vc.entry import Model
from koeru.nn.dropout import Dropout
from koeru.nn.layers import Conv, Convolutions, VariancePredictor, at_least_float32, full_precision

KERNEL_SIZE = 9  # of the embeddings of pitch and energy, in reduced frames


class ValueEmbedding(Conv):
    """The pitch or energy of `factor` frames, through a convolution over their neighbours."""

    def __init__(self, factor: int, hidden: int, dropout: float) -> None:
        super().__init__(factor, hidden, KERNEL_SIZE)
        self.dropout = Dropout(dropout)

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """(B, L, factor), (B, L) -> (B, L, D)"""
        return self.dropout(super().forward(values, mask))


class FramesPredictor(Convolutions):
    """The values of all frames of a reduced one."""

    def __init__(
        self, factor: int, hidden: int, filter_size: int, kernel_size: int, dropout: float, layers: int
    ) -> None:
        super().__init__(hidden, filter_size, kernel_size, dropout, layers)
        self.out = nn.Linear(filter_size, factor)

    def forward(self, x: Tensor, mask: Tensor, true: Tensor | None = None) -> Tensor:
        """x (B, L, D), mask (B, L) -> (B, L, factor), zero at padding; the `true` values it does not ask for."""
        return self.out(super().forward(x, mask)).masked_fill(~mask[..., None], 0)


class AutoregressivePredictor(nn.Module):
    """The values of reduced frames, each knowing the last value of the one before (the memo's pitchAR).

    Teacher-forced, its inputs are all known, so it is one call of the recurrent layer. The cells of the common practice
    are called frame by frame with zoneout (Krueger et al. 2017), which keeps some of the state of the frame before; in
    one call the state is out of reach, and dropout of what each layer hands up takes its place.
    """

    def __init__(self, settings: Model) -> None:
        super().__init__()
        filter_size, size = settings.variance_filter_size, settings.pitch_ar_size
        self.convs = Convolutions(
            settings.hidden, filter_size, settings.pitch_kernel_size, settings.variance_dropout, settings.pitch_layers
        )
        self.before, self.forgotten = nn.Linear(1, size), nn.Dropout(settings.variance_dropout)
        self.lstm = nn.LSTM(
            filter_size + size,
            size,
            num_layers=settings.pitch_ar_layers,
            dropout=settings.pitch_ar_dropout if settings.pitch_ar_layers > 1 else 0.0,
            batch_first=True,
        )
        self.dropout = nn.Dropout(settings.pitch_ar_dropout)
        self.out = nn.Linear(size, settings.reduction_factor)

    def forward(self, x: Tensor, mask: Tensor, true: Tensor | None = None) -> Tensor:
        """x (B, L, D), mask (B, L) -> (B, L, factor), zero at padding.

        Each frame is told the `true` value (B, L, factor) before it, or without these, what it has predicted.
        """
        h = self.convs(x, mask)  # (B, L, filter_size)
        if true is not None:
            known = functional.pad(true[:, :-1, -1:], (0, 0, 1, 0))  # (B, L, 1): zero before the first frame
            return self.step(h, known, None)[0].masked_fill(~mask[..., None], 0)
        found, state = [h.new_zeros(len(h), 1, self.out.out_features)], None
        for frame in h.split(1, dim=1):
            value, state = self.step(frame, found[-1][..., -1:], state)
            found.append(value)
        return torch.cat(found[1:], dim=1).masked_fill(~mask[..., None], 0)

    def step(
        self, h: Tensor, known: Tensor, state: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Some frames: h (B, L, filter_size), the value before each (B, L, 1), the state of the LSTM."""
        x = at_least_float32(torch.cat([h, self.forgotten(self.before(known).relu())], dim=-1))
        with full_precision(x):  # cuDNN's recurrent layers would take float16 where bfloat16 is asked for
            x, state = self.lstm(x, state)
        return self.out(self.dropout(x)), state


class VarianceAdaptor(nn.Module):
    """Predicts the durations of reduced frames of the source, and the pitch and energy of those of the target."""

    def __init__(self, settings: Model) -> None:
        super().__init__()
        hidden, filter_size, dropout = settings.hidden, settings.variance_filter_size, settings.variance_dropout
        factor = settings.reduction_factor
        self.stop_gradient = {
            name: getattr(settings, f"stop_gradient_{name}") for name in ("duration", "pitch", "energy")
        }
        sizes = (hidden, filter_size)
        self.duration = VariancePredictor(*sizes, settings.duration_kernel_size, dropout, settings.duration_layers)
        self.pitch = (
            AutoregressivePredictor(settings)
            if settings.pitch_ar
            else FramesPredictor(factor, *sizes, settings.pitch_kernel_size, dropout, settings.pitch_layers)
        )
        self.energy = FramesPredictor(factor, *sizes, settings.energy_kernel_size, dropout, settings.energy_layers)
        for name in ("source_pitch", "source_energy", "pitch", "energy"):
            setattr(self, f"{name}_embedding", ValueEmbedding(factor, hidden, dropout))

    def log_durations(self, x: Tensor, mask: Tensor) -> Tensor:
        """x (B, S, D), mask (B, S) -> the natural log of the reduced frames to be expected (B, S)"""
        return self.duration(self._for("duration", x), mask)

    def given(self, pitch: Tensor, energy: Tensor, mask: Tensor) -> dict[str, Tensor]:
        """The pitch and energy of the source (B, S, factor), embedded: each (B, S, D)."""
        return {
            "pitch": self.source_pitch_embedding(pitch, mask),
            "energy": self.source_energy_embedding(energy, mask),
        }

    def forward(
        self, x: Tensor, mask: Tensor, given: Mapping[str, Tensor], true: Mapping[str, Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """x (B, U, D) with pitch and energy; the predicted values of both (B, U, factor).

        All are at the times of the target: x, and what is `given` of the source (B, U, D). The values in `true`
        (B, U, factor) are embedded, and the predicted ones of what it does not name.
        """
        predicted, added = {}, []
        for name in ("pitch", "energy"):
            predicted[name] = getattr(self, name)(given[name] + self._for(name, x), mask, true.get(name))
            added.append(getattr(self, f"{name}_embedding")(true.get(name, predicted[name]), mask))
        return x + added[0] + added[1], predicted

    def _for(self, name: str, x: Tensor) -> Tensor:
        return x.detach() if self.stop_gradient[name] else x


def whole_frames(log_durations: Tensor, mask: Tensor) -> Tensor:
    """Durations (B, S) in whole reduced frames of the natural logs of those to be expected: at least one in all.

    Rounded is where each ends, not how long it is: of frames that last 0.7 each the sum is right, where every one would
    become 1.
    """
    durations = log_durations.exp().masked_fill(~mask, 0)
    ends = durations.double().cumsum(1).round().long()
    ends = torch.maximum(ends, mask.long().cumsum(1).eq(mask.sum(1, keepdim=True)).long())
    return torch.diff(ends, dim=1, prepend=ends.new_zeros(len(ends), 1)).masked_fill(~mask, 0)
