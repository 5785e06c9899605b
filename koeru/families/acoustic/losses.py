"""The losses of FastSpeech2."""

from koeru.families.acoustic.batches import AcousticBatch
from koeru.families.acoustic.model import Output
from koeru.families.acoustic.variance import true_values
from koeru.nn.losses import Mean, masked_mean


def losses(output: Output, batch: AcousticBatch) -> dict[str, Mean]:
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
    if known is not None and known.of_units is not None:
        parts["local_prosody"] = masked_mean(-known.of_units, known.mask)
    if known is not None and known.of_utterances is not None:
        parts["global_prosody"] = masked_mean(-known.of_utterances[:, None], output.phone_mask[:, :1])
    return parts
