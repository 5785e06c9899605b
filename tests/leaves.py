"""What each leaf of the configuration makes stale, written out: leaf -> another value, and the rules that run again.

The entries that are looked at are data/voice and exp/child.
"""

from koeru.entries import Gates

BASE = """
corpora:
  recorded: {format: studies, path: corpora/recorded}
  synthetic: {format: studies, stand_in: {minutes: 5}}
spk:
  voice:
    corpora: [recorded, {name: synthetic, drop: [noise]}]
    shards: 2
    splits: {dev: 0.1, eval: 0.2}
    pairs: {speakers: [[Teacher, "*Student"]]}
  other: {base: voice, shards: 4, stats: {per_speaker: true}}
exp:
  grand: {spk: voice, train: {seed: 1}, model: {accent: false}, epochs: 4, chunk: 2}
  parent: {base: grand, train: {seed: 2}, pretrain: grand@2}
  child: {base: grand, train: {seed: 3}, pretrain: parent@2}
"""


def sealed(*stages):
    """The rules of sharded stages: the shards, and the seal."""
    return {rule for stage in stages for rule in (stage, f"seal_{stage}")}


INERT: set[str] = set()  # in no key: nothing runs again
ONE_VALUE = "the only value there is"
DATASET = {"dataset"}
TAIL = {"synthesis", "evaluation", "exp"}
TRAIN = {"train", *TAIL}
STATS = {"stats", "dataset", *TRAIN}
PAIRS = {"pairs", *DATASET}
SPLITS = {"splits", "pairs", *STATS}
LABELS = sealed("labels") | STATS
PITCH = sealed("pitch", "sp") | STATS
MEL = sealed("mel") | STATS
STFT = sealed("energy", "mel") | STATS
FRAMES = sealed("labels", "pitch", "energy", "mel") | STATS
SP = sealed("sp") | DATASET
SEGMENTS = sealed("segments", "labels", "pitch", "energy", "mel", "sp") | {"pairs"} | STATS
WAV = sealed("wav") | SEGMENTS
EVERYTHING = {"utterances", "splits"} | WAV
STAND_IN = {"stand_in"} | EVERYTHING

RECORDED = {
    "note": ("said otherwise", INERT),
    "format": ("another", ONE_VALUE),
    "path": ("elsewhere", INERT),
    "labels": ({"corrected": "labels"}, EVERYTHING),
    "source": ("ask there", INERT),
    "licence": ("free", INERT),
    "revision": (2, EVERYTHING),
    "stand_in": ({"minutes": 1}, STAND_IN),
}
SYNTHETIC = {
    "stand_in.minutes": (6, STAND_IN),
    "stand_in.seed": (1, STAND_IN),
    "stand_in.faults": (["nan"], STAND_IN),
}
VOICE = {
    "note": ("said otherwise", INERT),
    "corpora": (["recorded", {"name": "synthetic", "speakers": ["Teacher"]}], EVERYTHING),
    "shards": (3, EVERYTHING),
    "speakers": (["FStudent", "MStudent", "Teacher"], EVERYTHING),
    "emotions": (["Normal"], EVERYTHING),
    "wav.sample_rate": (24000, WAV),
    "wav.max_clipped": (0.01, WAV),
    "segments.silence_thresh_h": (-50, SEGMENTS),
    "segments.silence_thresh_t": (-50, SEGMENTS),
    "segments.min_silence_len": (300, SEGMENTS),
    "segments.keep_silence": (50, SEGMENTS),
    "segments.inner": ("split", SEGMENTS),
    "labels.accent": (False, LABELS),
    "labels.times": ("none", ONE_VALUE),  # of a dataset that experiments are trained on
    "labels.reading": ("front_end", LABELS),
    "labels.max_substitutions": (1, LABELS),
    "labels.tier": ("phonemes", LABELS),
    "labels.max_characters": (100, LABELS),
    "pitch.method": ("harvest", PITCH),
    "pitch.f0_floor": (60, PITCH),
    "pitch.f0_ceil": (600, PITCH),
    "pitch.speakers": ({"Teacher": {"f0_floor": 90}}, PITCH),
    "mel.n_fft": (2048, STFT),
    "mel.hop_length": (220, FRAMES),
    "mel.win_length": (800, STFT),
    "mel.n_mels": (64, MEL),
    "mel.fmin": (20, MEL),
    "mel.fmax": (7600, MEL),
    "sp.frame_period": (10, SP),
    "sp.n_coded": (24, SP),
    "splits.dev": (0.15, SPLITS),
    "splits.eval": (0.15, SPLITS),
    "stats.per_speaker": (True, STATS),
    "pairs.speakers": ([["MStudent", "Teacher"]], PAIRS),
    "pairs.max_duration_ratio": (1.5, PAIRS),
    **{f"gates.{gate}": (0.123, DATASET) for gate in Gates.model_fields},
}
# leaf -> another value, the rules when it is the child's, the rules when it is the parent's
EXPERIMENT = {
    "note": ("said otherwise", INERT, INERT),
    "spk": ("other", TRAIN, TRAIN),
    "model.type": ("another", ONE_VALUE, ONE_VALUE),
    "model.hidden": (128, TRAIN, TRAIN),
    "model.encoder_layers": (3, TRAIN, TRAIN),
    "model.decoder_layers": (3, TRAIN, TRAIN),
    "model.heads": (4, TRAIN, TRAIN),
    "model.filter_size": (512, TRAIN, TRAIN),
    "model.kernel_sizes": ([1, 9], TRAIN, TRAIN),
    "model.dropout": (0.1, TRAIN, TRAIN),
    "model.variance_filter_size": (128, TRAIN, TRAIN),
    "model.variance_kernel_size": (5, TRAIN, TRAIN),
    "model.variance_dropout": (0.1, TRAIN, TRAIN),
    "model.postnet_layers": (0, TRAIN, TRAIN),
    "model.accent": (True, TRAIN, TRAIN),
    "model.speaker": (False, TRAIN, TRAIN),
    "model.emotion": (False, TRAIN, TRAIN),
    "model.before_emotion": (True, TRAIN, TRAIN),
    "model.pitch_level": ("frame", TRAIN, TRAIN),
    "model.energy_level": ("frame", TRAIN, TRAIN),
    "model.variance_embedding": ("bins", TRAIN, TRAIN),
    "model.n_bins": (128, TRAIN, TRAIN),
    "model.local_prosody": (True, TRAIN, TRAIN),
    "model.global_prosody": (True, TRAIN, TRAIN),
    "model.num_gaussians": (8, TRAIN, TRAIN),
    "model.global_num_gaussians": (8, TRAIN, TRAIN),
    "model.prosody_emb_dim": (32, TRAIN, TRAIN),
    "model.prosody_filter_size": (128, TRAIN, TRAIN),
    "model.prosody_gru_size": (256, TRAIN, TRAIN),
    "model.prosody_dropout": (0.1, TRAIN, TRAIN),
    "model.prosody_gru_dropout": (0.2, TRAIN, TRAIN),
    "model.prosody_speaker_independence": (False, TRAIN, TRAIN),
    "train.seed": (9, TRAIN, TRAIN),
    "train.batch_size": (8, TRAIN, TRAIN),
    "train.group_size": (8, TRAIN, TRAIN),
    "train.batch_frames": (20_000, TRAIN, TRAIN),
    "train.max_frames": (4000, TRAIN, TRAIN),
    "train.beta": (0.1, TRAIN, TRAIN),
    "train.g_beta": (0, TRAIN, TRAIN),
    "train.freeze": (["encoder"], TRAIN, TRAIN),
    "train.base_lr": (0.05, TRAIN, TRAIN),
    "train.warmup_steps": (4000, TRAIN, TRAIN),
    "train.max_lr_scale": (0.02, TRAIN, TRAIN),
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
    "pretrain": ("grand@4", TRAIN, TRAIN),
    "optimizer": ("keep", TRAIN, TRAIN),
    "partial": (["postnet"], TRAIN, TRAIN),
    "epochs": (6, TRAIN, INERT),
    "chunk": (1, INERT, INERT),
    "synthesis.samples": (4, TAIL - {"evaluation"}, INERT),
    "synthesis.temperature": (0.5, TAIL, INERT),
    "synthesis.griffin_lim_iterations": (30, TAIL - {"evaluation"}, INERT),
    "evaluation.bootstrap": (100, TAIL - {"synthesis"}, INERT),
    "evaluation.prosody_samples": (4, TAIL - {"synthesis"}, INERT),
}


def shape(leaf):
    """A child has the shape of its parent's weights, so such a leaf is flipped in what both build on."""
    return leaf.startswith("model.") and not leaf.endswith(("dropout", "type"))


CASES = [
    *(("corpora", "recorded", leaf, *row) for leaf, row in RECORDED.items()),
    *(("corpora", "synthetic", leaf, *row) for leaf, row in SYNTHETIC.items()),
    *(("spk", "voice", leaf, *row) for leaf, row in VOICE.items()),
    *(
        ("exp", "grand" if shape(leaf) else "child", leaf, value, rules)
        for leaf, (value, rules, _) in EXPERIMENT.items()
    ),
    *(("exp", "parent", leaf, value, rules) for leaf, (value, _, rules) in EXPERIMENT.items() if not shape(leaf)),
]
