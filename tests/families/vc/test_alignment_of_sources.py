from dataclasses import replace

import numpy as np

from koeru.families.vc.batches import Item, Sound, collate
from koeru.families.vc.entry import Model
from koeru.families.vc.model import ConformerVc, Sizes

FACTOR, N_MELS = 3, 5


def sound(n_frames: int, seed: int) -> Sound:
    mel = np.random.default_rng(seed).normal(size=(n_frames, N_MELS)).astype(np.float32)
    return Sound(mel, mel[:, 0], mel[:, 1], mel[:, 2] > 0)


def test_a_source_frame_is_aligned_before_it_has_heard_the_others():
    """Else the alignment could be of where frames are, and not of what they are."""
    sizes = {"hidden": 16, "attention_size": 16, "encoder_layers": 1, "decoder_layers": 1, "variance_filter_size": 8}
    settings = Model(reduction_factor=FACTOR, postnet_layers=0, pitch_ar=False, **sizes)
    model = ConformerVc(settings, Sizes(n_speakers=2, n_emotions=1, n_mels=N_MELS), aligned=False).eval()
    heard = []
    model.aligner.register_forward_pre_hook(lambda aligner, inputs: heard.append(inputs[0]))
    batch = collate([Item("u", sound(24, 0), 0, 1, 0, 0, target=sound(29, 1))], FACTOR)
    changed = batch.source_mels.clone()
    changed[0, 12] += 1
    durations = model(batch).durations
    model(replace(batch, source_mels=changed))
    assert (heard[0] != heard[1]).any(2).nonzero().tolist() == [[0, 12 // FACTOR]]
    assert durations.sum(1).tolist() == batch.target_lengths.tolist() == [10]
