"""The losses of FastSpeech2 as means over real positions."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from koeru.families.acoustic.batches import Batch
from koeru.families.acoustic.model import Output
from koeru.families.acoustic.variance import true_values
from koeru.nn.layers import at_least_float32


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
    values = at_least_float32(values)
    trailing = values[0, 0].numel()
    mask_like = mask.reshape(*mask.shape, *[1] * (values.ndim - mask.ndim))
    return Mean(values.masked_fill(~mask_like, 0).sum(), mask.sum() * trailing)


def losses(output: Output, batch: Batch) -> dict[str, Mean]:
    """The parts of the loss, each a mean over real positions (Ren et al. 2021, 2.2; Du and Yu 2021, eq. 5).

    L1 of the normalised mel before and after the postnet; squared errors of log(frames + 1) and of pitch and energy,
    each at its level; negative log-likelihoods, in nats, of the true prosody of phones (`local_prosody`) and
    utterances (`global_prosody`), where the model has them. The mel must have been made with the batch's own durations.
    """
    parts = {"mel": masked_mean((output.mel - batch.mels).abs(), output.frame_mask)}
    if output.mel_postnet is not None:
        parts["mel_postnet"] = masked_mean((output.mel_postnet - batch.mels).abs(), output.frame_mask)
    masks = {"phone": output.phone_mask, "frame": output.frame_mask}
    for name, level in output.levels.items():
        error = getattr(output, name) - true_values(batch, name, level)
        parts[name] = masked_mean(error.square(), masks[level])
    error = output.log_durations - batch.durations.float().log1p()
    parts["duration"] = masked_mean(error.square(), output.phone_mask)
    known = output.likelihoods
    if known is not None and known.of_phones is not None:
        parts["local_prosody"] = masked_mean(-known.of_phones, known.phone_mask)
    if known is not None and known.of_utterances is not None:
        parts["global_prosody"] = masked_mean(-known.of_utterances[:, None], output.phone_mask[:, :1])
    return parts


def total_loss(parts: Mapping[str, Mean], weights: Mapping[str, float]) -> Tensor:
    """The sum () of the means, each times its weight, which is 1 where `weights` does not name the part."""
    return torch.stack([weights.get(name, 1.0) * part.value for name, part in parts.items()]).sum()
