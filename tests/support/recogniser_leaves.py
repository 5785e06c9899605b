"""What each leaf of a recogniser makes stale, as `leaves` tells it of all others: of `hear`, which starts from the
weights of `hear_parent`.

leaf -> another value, the rules when it is that of hear, the rules when it is that of its parent.
"""

from leaves import INERT, ONE_VALUE, REFUSED, shape

BASE = """
  hear_any: {spk: voice, model: {type: quartznet}, blank_loss: {reading: hinge}, epochs: 4, chunk: 2}
  hear_parent: {base: hear_any, train: {seed: 1}}
  hear: {base: hear_any, train: {seed: 2}, pretrain: hear_parent@2}
"""
TAIL = {"recognition", "recogniser_page"}
TRAIN = {"recogniser", *TAIL}

RECOGNISER = {
    "note": ("said otherwise", INERT, INERT),
    "spk": ("other", TRAIN, TRAIN),
    "model.type": ("another", ONE_VALUE, ONE_VALUE),
    "model.heads": (["letters"], TRAIN, TRAIN),
    "model.stem_channels": (64, TRAIN, TRAIN),
    "model.stem_kernel_size": (33, TRAIN, TRAIN),
    "model.stride": (1, TRAIN, TRAIN),
    "model.channels": ([128, 96], TRAIN, TRAIN),
    "model.kernel_sizes": ([11, 33], TRAIN, TRAIN),
    "model.repeats": (3, TRAIN, TRAIN),
    "model.tail_channels": (96, TRAIN, TRAIN),
    "model.tail_kernel_size": (33, TRAIN, TRAIN),
    "model.tail_dilation": (2, TRAIN, TRAIN),
    "model.top_channels": (96, TRAIN, TRAIN),
    "model.dropout": (0.1, TRAIN, TRAIN),
    "ctc.silences": ("label", TRAIN, TRAIN),
    "ctc.separators": ("around", TRAIN, TRAIN),
    "ctc.edge_blank_steps": (100, TRAIN, TRAIN),
    "ctc.blank_weight": (0.3, TRAIN, TRAIN),
    "blank_loss.reading": ("spared", TRAIN, TRAIN),
    "blank_loss.weight": (0.5, TRAIN, TRAIN),
    "blank_loss.begin_step": (300, TRAIN, TRAIN),
    "blank_loss.blank_share": (0.1, TRAIN, TRAIN),
    "blank_loss.separator_share": (0.4, TRAIN, TRAIN),
    "blank_loss.spared": (0.1, TRAIN, TRAIN),
    "blank_loss.gate": ("none", TRAIN, TRAIN),
    "blank_loss.range_db": (30, TRAIN, TRAIN),
    "blank_loss.pause_ms": (100, TRAIN, TRAIN),
    "train.seed": (9, TRAIN, TRAIN),
    "train.batch_size": (4, TRAIN, TRAIN),
    "train.group_size": (4, TRAIN, TRAIN),
    "train.batch_frames": (20_000, TRAIN, TRAIN),
    "train.max_frames": (4000, TRAIN, TRAIN),
    "train.freeze": (["stem"], TRAIN, TRAIN),
    "train.base_lr": (0.05, TRAIN, TRAIN),
    "train.warmup_steps": (2000, TRAIN, TRAIN),
    "train.max_lr_scale": (0.02, TRAIN, TRAIN),
    "train.decay": ("inverse_sqrt", TRAIN, TRAIN),
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
    "pretrain": ("hear_parent@4", TRAIN, REFUSED),  # of the parent it would be a circle
    "optimizer": ("keep", TRAIN, REFUSED),  # the parent has nothing to keep
    "partial": (["tail"], TRAIN, REFUSED),
    "epochs": (6, TRAIN, INERT),
    "chunk": (1, INERT, INERT),
    "take": ("best", TAIL, INERT),
    "evaluation.beam": (4, TAIL, INERT),
    "evaluation.bootstrap": (100, TAIL, INERT),
    "evaluation.utterances": (3, {"recogniser_page"}, INERT),
}


def common(leaf: str) -> bool:
    """A parent has all parts of its child, so such a leaf is flipped in what both build on."""
    return shape(leaf) or leaf in ("ctc.silences", "model.heads")


CASES = [
    *(
        ("hear_any", leaf, value, rules) if common(leaf) else ("hear", leaf, value, own)
        for leaf, (value, own, rules) in RECOGNISER.items()
    ),
    *(("hear_parent", leaf, value, rules) for leaf, (value, _, rules) in RECOGNISER.items() if not common(leaf)),
]
