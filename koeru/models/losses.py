"""The losses of FastSpeech2 as means over real positions."""

from dataclasses import dataclass

import torch
from torch import Tensor

from koeru.data.batches import Batch
from koeru.models.fastspeech2 import Output


@dataclass
class Mean:
    """A mean as its sum and its count, so that the means of batches can be joined with the right weights."""

    sum: Tensor  # ()
    count: Tensor  # ()

    @property
    def value(self) -> Tensor:
        """The mean: ()."""
        return self.sum / self.count


def masked_mean(values: Tensor, mask: Tensor) -> Mean:
    """Mean of values (B, L) or (B, L, C) over the positions where mask (B, L) is True, at least in float32.

    Padding is in neither the sum nor the count: the mean does not depend on how a batch is padded.
    """
    values = values.to(torch.promote_types(values.dtype, torch.float32))
    trailing = values[0, 0].numel()
    mask_like = mask.reshape(*mask.shape, *[1] * (values.ndim - mask.ndim))
    return Mean(values.masked_fill(~mask_like, 0).sum(), mask.sum() * trailing)


def losses(output: Output, batch: Batch) -> tuple[Tensor, dict[str, Mean]]:
    """The total loss (), and its parts, of which it is the sum (Ren et al. 2021, 2.2).

    L1 of the normalised mel before and after the postnet; squared errors of pitch, energy and log(frames +
    1). The mel must have been made with the batch's own durations.
    """
    parts = {"mel": masked_mean((output.mel - batch.mels).abs(), output.frame_mask)}
    if output.mel_postnet is not None:
        parts["mel_postnet"] = masked_mean((output.mel_postnet - batch.mels).abs(), output.frame_mask)
    for name, error in (
        ("pitch", output.pitch - batch.pitch),
        ("energy", output.energy - batch.energy),
        ("duration", output.log_durations - batch.durations.float().log1p()),
    ):
        parts[name] = masked_mean(error.square(), output.phone_mask)
    return torch.stack([part.value for part in parts.values()]).sum(), parts
