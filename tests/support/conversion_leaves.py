"""What each leaf of a conversion makes stale, as `leaves` tells it of all others: of `convert`, which starts from
the weights of `convert_parent`.

leaf -> another value, the rules when it is that of convert, the rules when it is that of its parent.
"""

from leaves import INERT, ONE_VALUE, REFUSED, shape

BASE = """
  convert_any: {spk: voice, model: {type: conformer_vc}, epochs: 4, chunk: 2}
  convert_parent: {base: convert_any, train: {seed: 1}}
  convert: {base: convert_any, train: {seed: 2}, pretrain: convert_parent@2, vocoder: natural}
"""
TAIL = {"conversion_samples", "conversion_evaluation", "conversion_page"}
TRAIN = {"conversion", *TAIL}
ALIGNED = {"durations", *TRAIN}

CONVERSION = {
    "note": ("said otherwise", INERT, INERT),
    "spk": ("other", ALIGNED, ALIGNED),
    "model.type": ("another", ONE_VALUE, ONE_VALUE),
    "model.reduction_factor": (2, ALIGNED, ALIGNED),
    "model.hidden": (128, TRAIN, TRAIN),
    "model.attention_size": (256, TRAIN, TRAIN),
    "model.heads": (4, TRAIN, TRAIN),
    "model.encoder_layers": (3, TRAIN, TRAIN),
    "model.decoder_layers": (3, TRAIN, TRAIN),
    "model.expansion": (2, TRAIN, TRAIN),
    "model.kernel_size": (5, TRAIN, TRAIN),
    "model.dropout": (0.1, TRAIN, TRAIN),
    "model.decoder": ("fft", TRAIN, TRAIN),
    "model.filter_size": (512, TRAIN, TRAIN),
    "model.kernel_sizes": ([1, 9], TRAIN, TRAIN),
    "model.variance_filter_size": (128, TRAIN, TRAIN),
    "model.variance_dropout": (0.1, TRAIN, TRAIN),
    "model.duration_layers": (3, TRAIN, TRAIN),
    "model.duration_kernel_size": (5, TRAIN, TRAIN),
    "model.pitch_layers": (3, TRAIN, TRAIN),
    "model.pitch_kernel_size": (3, TRAIN, TRAIN),
    "model.energy_layers": (3, TRAIN, TRAIN),
    "model.energy_kernel_size": (5, TRAIN, TRAIN),
    "model.pitch_ar": (False, TRAIN, TRAIN),
    "model.pitch_ar_size": (128, TRAIN, TRAIN),
    "model.pitch_ar_layers": (1, TRAIN, TRAIN),
    "model.pitch_ar_dropout": (0.2, TRAIN, TRAIN),
    "model.stop_gradient_duration": (True, TRAIN, TRAIN),
    "model.stop_gradient_pitch": (False, TRAIN, TRAIN),
    "model.stop_gradient_energy": (True, TRAIN, TRAIN),
    "model.postnet_layers": (0, TRAIN, TRAIN),
    "model.speaker": (False, TRAIN, TRAIN),
    "model.emotion": (False, TRAIN, TRAIN),
    "model.local_prosody": (True, TRAIN, TRAIN),
    "model.global_prosody": (True, TRAIN, TRAIN),
    "model.num_gaussians": (8, TRAIN, TRAIN),
    "model.global_num_gaussians": (8, TRAIN, TRAIN),
    "model.prosody_emb_dim": (32, TRAIN, TRAIN),
    "model.prosody_filter_size": (128, TRAIN, TRAIN),
    "model.prosody_gru_size": (256, TRAIN, TRAIN),
    "model.prosody_dropout": (0.1, TRAIN, TRAIN),
    "model.prosody_gru_dropout": (0.2, TRAIN, TRAIN),
    "durations": ("mas", ALIGNED, ALIGNED),
    "dtw.band_s": (3.0, ALIGNED, ALIGNED),
    "dtw.penalty_db": (4.0, ALIGNED, ALIGNED),
    "dtw.silence_thresh": (-50.0, ALIGNED, ALIGNED),
    "train.seed": (9, TRAIN, TRAIN),
    "train.batch_size": (4, TRAIN, TRAIN),
    "train.group_size": (4, TRAIN, TRAIN),
    "train.batch_frames": (20_000, TRAIN, TRAIN),
    "train.max_frames": (4000, TRAIN, TRAIN),
    "train.beta": (0.1, TRAIN, TRAIN),
    "train.g_beta": (0, TRAIN, TRAIN),
    "train.freeze": (["encoder"], TRAIN, TRAIN),
    "train.base_lr": (0.05, TRAIN, TRAIN),
    "train.warmup_steps": (2000, TRAIN, TRAIN),
    "train.max_lr_scale": (0.02, TRAIN, TRAIN),
    "train.decay": ("none", TRAIN, TRAIN),
    "train.anneal_steps": ([1000], TRAIN, TRAIN),
    "train.anneal_rate": (0.5, TRAIN, TRAIN),
    "train.max_grad_norm": (2, TRAIN, TRAIN),
    "train.precision": ("bf16", TRAIN, TRAIN),
    "train.threads": (8, INERT, INERT),
    "train.device": ("cuda", INERT, INERT),
    "train.devices": (2, INERT, INERT),
    "train.workers": (2, INERT, INERT),
    "train.compile": (True, INERT, INERT),
    "train.checkpoint_every": (60, INERT, INERT),
    "pretrain": ("convert_parent@4", TRAIN, REFUSED),  # of the parent it would be a circle
    "optimizer": ("keep", TRAIN, REFUSED),  # the parent has nothing to keep
    "partial": (["postnet"], TRAIN, REFUSED),
    "epochs": (6, TRAIN, INERT),
    "chunk": (1, INERT, INERT),
    "take": ("best", TAIL, INERT),
    "vocoder": ("any", {"conversion_samples", "conversion_page"}, INERT),
    "synthesis.samples": (4, TAIL - {"conversion_evaluation"}, INERT),
    "synthesis.temperature": (0.5, TAIL, INERT),
    "synthesis.griffin_lim_iterations": (30, INERT, INERT),
    "evaluation.bootstrap": (100, TAIL, INERT),
}


def common(leaf):
    """A parent has all parts of its child, so such a leaf is flipped in what both build on."""
    return shape(leaf) or leaf == "durations"


CASES = [
    *(
        ("convert_any", leaf, value, rules) if common(leaf) else ("convert", leaf, value, own)
        for leaf, (value, own, rules) in CONVERSION.items()
    ),
    *(("convert_parent", leaf, value, rules) for leaf, (value, _, rules) in CONVERSION.items() if not common(leaf)),
]
