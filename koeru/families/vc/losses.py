"""The losses of voice conversion."""

import torch
from torch import Tensor
from torch.nn import functional

from koeru.families.vc.batches import PairBatch
from koeru.families.vc.model import Output
from koeru.nn.layers import at_least_float32, length_mask
from koeru.nn.losses import Mean, masked_mean


def losses(output: Output, batch: PairBatch) -> dict[str, Mean]:
    """The parts of the loss, each a mean over real positions (Hayashi et al. 2021, 2.2; Du and Yu 2021, eq. 5).

    L1 of the normalised mel before and after the postnet; squared errors of pitch and energy; the deviance of
    durations; cross entropy of what is voiced, from which only its own layer learns; negative log-likelihoods, in nats,
    of the true prosody of sentences (`local_prosody`) and utterances (`global_prosody`); and, where the alignment is
    learned, that of the target under all alignments (`alignment`), a reduced frame. The mel must have been made with
    the true durations. What fills the last reduced frame up is no real position.
    """
    frames = length_mask(batch.target_frames, batch.target_mels.shape[1])
    parts = {"mel": masked_mean((output.mel - batch.target_mels).abs(), frames)}
    if output.mel_postnet is not None:
        parts["mel_postnet"] = masked_mean((output.mel_postnet - batch.target_mels).abs(), frames)
    for name in ("pitch", "energy"):
        error = getattr(output, name) - getattr(batch, f"target_{name}")
        parts[name] = masked_mean(error.square(), frames)
    unlikely = poisson_deviance(output.log_durations, output.durations)
    parts["duration"] = masked_mean(unlikely, output.source_mask)
    voicing = at_least_float32(output.voicing)
    unlike = functional.binary_cross_entropy_with_logits(
        voicing, batch.target_voiced.to(voicing.dtype), reduction="none"
    )
    parts["voicing"] = masked_mean(unlike, frames)
    known = output.likelihoods
    if known is not None and known.of_units is not None:
        parts["local_prosody"] = masked_mean(-known.of_units, known.mask)
    if known is not None and known.of_utterances is not None:
        parts["global_prosody"] = masked_mean(-known.of_utterances[:, None], output.source_mask[:, :1])
    if output.alignment is not None:
        parts["alignment"] = Mean(output.alignment.sum(), batch.target_lengths.sum())
    return parts


def poisson_deviance(log_rate: Tensor, count: Tensor) -> Tensor:
    """How unlikely counts are where a Poisson distribution expects exp(log_rate) of them, twice in nats: 0 if it does.

    Least where the expectation is the mean. The published loss, the squared error of log(frames + 1), is least below
    the mean: reduced frames last 0, 1 or 2 as chance has it, and speech became shorter by 15 % on the stand-in pair.
    """
    log_rate, count = at_least_float32(log_rate), count.to(log_rate.dtype)
    return 2 * (torch.xlogy(count, count) - count * log_rate - count + log_rate.exp())
