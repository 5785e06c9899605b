"""What each leaf of the configuration makes stale, written out: leaf -> another value, and the rules that run again.

The entries that are looked at are data/voice, exp/child and the vocoders forced and tuned. `any` is never built: it
is what natural and forced have in common.
"""

from pathlib import Path

from koeru.config.spk import Gates

CORRECTIONS = Path(__file__).with_name("corrections.csv")

BASE = """
corpora:
  recorded: {format: studies, path: corpora/recorded}
  synthetic: {format: studies, stand_in: {minutes: 5}}
spk:
  voice:
    corpora: [recorded, {name: synthetic, drop: [noise]}]
    features: [sp, tokens]
    shards: 2
    splits: {dev: 0.1, eval: 0.2}
    pairs: {speakers: [[Teacher, "*Student"]]}
  other: {base: voice, shards: 4, stats: {per_speaker: true}}
  third: {corpora: [recorded]}
exp:
  grand: {spk: voice, train: {seed: 1}, model: {accent: false}, epochs: 4, chunk: 2}
  parent: {base: grand, train: {seed: 2}, pretrain: grand@2}
  child: {base: grand, train: {seed: 3}, pretrain: parent@2, vocoder: forced}
weights:
  published:
    generator: g_1
    generator_sha256: "0000000000000000000000000000000000000000000000000000000000000000"
    discriminators: do_1
    discriminators_sha256: "1111111111111111111111111111111111111111111111111111111111111111"
vocoder:
  any: {spk: voice, epochs: 4, chunk: 2}
  natural: {base: any, train: {seed: 1}}
  forced: {base: any, train: {seed: 2}, start: natural@2, mels: teacher_forced, exp: parent@4}
  tuned: {spk: third, start: published, epochs: 2}
"""


def sealed(*stages):
    """The rules of sharded stages: the shards, and the seal."""
    return {rule for stage in stages for rule in (stage, f"seal_{stage}")}


INERT: set[str] = set()  # in no key: nothing runs again
ONE_VALUE = "the only value there is"
REFUSED = "not beside the other values"
DATASET = {"dataset"}
TAIL = {"synthesis", "evaluation", "exp"}
TRAIN = {"train", *TAIL}
PAGE = {"resynthesis"}  # of vocoders
SPOKEN = {"synthesis", "exp", *PAGE}
VOCODER = {"vocoder", *SPOKEN}
TAUGHT = {"gta", *TRAIN, *VOCODER}  # whatever teaches a vocoder as well
STATS = {"stats", "dataset", *TAUGHT}
SP_STATS = {"sp_stats", *DATASET}
PAIRS = {"pairs", *DATASET}
SPLITS = {"splits", "pairs", *SP_STATS, *STATS}
LABELS = sealed("labels") | SP_STATS | STATS
TEXTS = sealed("tokens") | {"pairs"} | LABELS
PITCH = sealed("pitch", "sp") | SP_STATS | STATS  # the page tells of F0 as well
MEL = sealed("mel") | STATS
STFT = sealed("energy", "mel") | STATS
FRAMES = sealed("labels", "pitch", "energy", "mel") | SP_STATS | STATS
SP = sealed("sp") | SP_STATS
SEGMENTS = sealed("segments", "labels", "tokens", "pitch", "energy", "mel", "sp") | {"pairs"} | SP_STATS | STATS
WAV = sealed("wav") | SEGMENTS
EVERYTHING = {"utterances", "splits"} | WAV
STAND_IN = {"stand_in"} | EVERYTHING

RECORDED = {
    "note": ("said otherwise", INERT),
    "format": ("another", ONE_VALUE),
    "path": ("elsewhere", INERT),
    "labels": ([{"name": "corrected", "path": "labels", "made": "by_hand"}], EVERYTHING),
    "source": ("ask there", INERT),
    "licence": ("free", INERT),
    "credit": ("by its makers", INERT),
    "consent": ("of all who speak", INERT),
    "voices": ("forbidden", INERT),
    "revision": (2, EVERYTHING),
    "stand_in": ({"minutes": 1}, STAND_IN),
}
SYNTHETIC = {
    "stand_in.minutes": (6, STAND_IN),
    "stand_in.seed": (1, STAND_IN),
    "stand_in.faults": (["nan"], STAND_IN),
    "stand_in.pair": (True, REFUSED),  # in the format studies; see the test that changes both
}
VOICE = {
    "note": ("said otherwise", INERT),
    "corpora": (["recorded", {"name": "synthetic", "speakers": ["Teacher"]}], EVERYTHING),
    "shards": (3, EVERYTHING),
    "speakers": (["FStudent", "MStudent", "Teacher"], EVERYTHING),
    "emotions": (["Normal"], EVERYTHING),
    "corrections": (str(CORRECTIONS), TEXTS),
    "features": ([], DATASET),
    "wav.sample_rate": (24000, WAV),
    "wav.max_clipped": (0.01, WAV),
    "segments.silence_thresh_h": (-50, SEGMENTS),
    "segments.silence_thresh_t": (-50, SEGMENTS),
    "segments.chunk_size": (50, SEGMENTS),
    "segments.min_silence_len": (300, SEGMENTS),
    "segments.keep_silence": (50, SEGMENTS),
    "segments.inner": ("split", SEGMENTS),
    "segments.mute_inner": (True, SEGMENTS),
    "labels.language": ("another", ONE_VALUE),
    "labels.accent": (False, LABELS),
    "labels.times": ("none", ONE_VALUE),  # of a dataset that experiments are trained on
    "labels.reading": ("front_end", TEXTS),
    "labels.max_substitutions": (1, LABELS),
    "labels.tier": ("phonemes", LABELS),
    "labels.max_characters": (100, TEXTS),
    "labels.iu": ("iu", TEXTS),
    "labels.nani": (False, TEXTS),
    "labels.sudachi": (False, TEXTS),
    "labels.vanilla": (True, TEXTS),
    "pitch.method": ("harvest", PITCH),
    "pitch.f0_floor": (60, PITCH),
    "pitch.f0_ceil": (600, PITCH),
    "pitch.speakers": ({"Teacher": {"f0_floor": 90}}, PITCH),
    "mel.n_fft": (2048, STFT),
    "mel.hop_length": (220, REFUSED),  # a HiFi-GAN has one; see the test of a dataset without vocoders
    "mel.win_length": (800, STFT),
    "mel.n_mels": (64, MEL),
    "mel.fmin": (20, MEL),
    "mel.fmax": (7600, MEL),
    "sp.frame_period": (10, SP),
    "sp.n_coded": (24, SP),
    "splits.dev": (0.15, SPLITS),
    "splits.eval": (0.15, SPLITS),
    "stats.per_speaker": (True, SP_STATS | STATS),
    "pairs.speakers": ([["MStudent", "Teacher"]], PAIRS),
    "pairs.max_duration_ratio": (1.5, PAIRS),
    "pairs.min_text_similarity": (0.95, PAIRS),
    **{f"gates.{gate}": (0.123, DATASET) for gate in Gates.model_fields},
}
# leaf -> another value, the rules when it is the child's, the rules when it is the parent's
EXPERIMENT = {
    "note": ("said otherwise", INERT, INERT),
    "spk": ("other", TRAIN, REFUSED),  # a vocoder has the dataset of its teacher
    "model.type": ("another", ONE_VALUE, ONE_VALUE),
    "model.hidden": (128, TRAIN, TAUGHT),
    "model.encoder_layers": (3, TRAIN, TAUGHT),
    "model.decoder_layers": (3, TRAIN, TAUGHT),
    "model.heads": (4, TRAIN, TAUGHT),
    "model.filter_size": (512, TRAIN, TAUGHT),
    "model.kernel_sizes": ([1, 9], TRAIN, TAUGHT),
    "model.dropout": (0.1, TRAIN, TAUGHT),
    "model.variance_filter_size": (128, TRAIN, TAUGHT),
    "model.variance_kernel_size": (5, TRAIN, TAUGHT),
    "model.variance_dropout": (0.1, TRAIN, TAUGHT),
    "model.postnet_layers": (0, TRAIN, TAUGHT),
    "model.accent": (True, TRAIN, TAUGHT),
    "model.speaker": (False, TRAIN, TAUGHT),
    "model.emotion": (False, TRAIN, TAUGHT),
    "model.before_emotion": (True, TRAIN, TAUGHT),
    "model.pitch_level": ("frame", TRAIN, TAUGHT),
    "model.energy_level": ("frame", TRAIN, TAUGHT),
    "model.variance_embedding": ("bins", TRAIN, TAUGHT),
    "model.n_bins": (128, TRAIN, TAUGHT),
    "model.local_prosody": (True, TRAIN, TAUGHT),
    "model.global_prosody": (True, TRAIN, TAUGHT),
    "model.num_gaussians": (8, TRAIN, TAUGHT),
    "model.global_num_gaussians": (8, TRAIN, TAUGHT),
    "model.prosody_emb_dim": (32, TRAIN, TAUGHT),
    "model.prosody_filter_size": (128, TRAIN, TAUGHT),
    "model.prosody_gru_size": (256, TRAIN, TAUGHT),
    "model.prosody_dropout": (0.1, TRAIN, TAUGHT),
    "model.prosody_gru_dropout": (0.2, TRAIN, TAUGHT),
    "model.prosody_speaker_independence": (False, TRAIN, TAUGHT),
    "train.seed": (9, TRAIN, TAUGHT),
    "train.batch_size": (8, TRAIN, TAUGHT),
    "train.group_size": (8, TRAIN, TAUGHT),
    "train.batch_frames": (20_000, TRAIN, TAUGHT),
    "train.max_frames": (4000, TRAIN, TAUGHT),
    "train.beta": (0.1, TRAIN, TAUGHT),
    "train.g_beta": (0, TRAIN, TAUGHT),
    "train.freeze": (["encoder"], TRAIN, TAUGHT),
    "train.base_lr": (0.05, TRAIN, TAUGHT),
    "train.warmup_steps": (4000, TRAIN, TAUGHT),
    "train.max_lr_scale": (0.02, TRAIN, TAUGHT),
    "train.decay": ("none", TRAIN, TAUGHT),
    "train.anneal_steps": ([1000], TRAIN, TAUGHT),
    "train.anneal_rate": (0.5, TRAIN, TAUGHT),
    "train.max_grad_norm": (2, TRAIN, TAUGHT),
    "train.precision": ("bf16", TRAIN, TAUGHT),
    "train.threads": (8, INERT, INERT),
    "train.device": ("cuda", INERT, INERT),
    "train.devices": (2, INERT, INERT),
    "train.workers": (2, INERT, INERT),
    "train.compile": (True, INERT, INERT),
    "train.checkpoint_every": (60, INERT, INERT),
    "pretrain": ("grand@4", TRAIN, TAUGHT),
    "optimizer": ("keep", TRAIN, TAUGHT),
    "partial": (["postnet"], TRAIN, TAUGHT),
    "epochs": (6, TRAIN, INERT),
    "chunk": (1, INERT, INERT),
    "take": ("best", TAIL, {"gta", *VOCODER}),
    "vocoder": ("natural", {"synthesis", "exp"}, INERT),
    "synthesis.samples": (4, TAIL - {"evaluation"}, INERT),
    "synthesis.temperature": (0.5, TAIL, INERT),
    "synthesis.griffin_lim_iterations": (30, INERT, INERT),
    "evaluation.bootstrap": (100, TAIL - {"synthesis"}, INERT),
    "evaluation.prosody_samples": (4, TAIL - {"synthesis"}, INERT),
}


# leaf -> another value, the rules when it is forced's, the rules when it is that of natural, from which forced starts
HIFIGAN = {
    "note": ("said otherwise", INERT, INERT),
    "spk": ("third", REFUSED, VOCODER),
    "start": ("tuned@2", VOCODER, VOCODER),
    "optimizer": ("keep", VOCODER, REFUSED),  # natural has nothing to keep
    "mels": ("natural", REFUSED, None),  # with an experiment; see the test that changes both
    "exp": ("parent@2", {"gta", *VOCODER}, REFUSED),
    "variant": ("v2", VOCODER, REFUSED),
    "mpd_channels": ([4, 8, 16, 32, 32], VOCODER, VOCODER),
    "msd_channels": ([16] * 7, VOCODER, VOCODER),
    "train.seed": (9, VOCODER, VOCODER),
    "train.batch_size": (8, VOCODER, VOCODER),
    "train.segment_length": (4096, VOCODER, VOCODER),
    "train.base_lr": (1e-4, VOCODER, VOCODER),
    "train.lr_decay": (0.99, VOCODER, VOCODER),
    "train.adversarial_weight": (2, VOCODER, VOCODER),
    "train.features_weight": (1, VOCODER, VOCODER),
    "train.mel_weight": (15, VOCODER, VOCODER),
    "train.stft_weight": (1, VOCODER, VOCODER),
    "train.precision": ("bf16", VOCODER, VOCODER),
    "train.threads": (8, INERT, INERT),
    "train.device": ("cuda", INERT, INERT),
    "train.devices": (2, INERT, INERT),
    "train.workers": (2, INERT, INERT),
    "train.compile": (True, INERT, INERT),
    "train.cuda_graphs": (False, INERT, INERT),
    "train.checkpoint_every": (60, INERT, INERT),
    "epochs": (6, VOCODER, INERT),
    "chunk": (1, INERT, INERT),
    "take": ("last", SPOKEN, INERT),
    "samples": (4, PAGE, INERT),
    "griffin_lim_iterations": (30, PAGE, INERT),
    "bootstrap": (100, PAGE, INERT),
}
WEIGHTS = {
    "note": ("said otherwise", INERT),
    "source": ("ask there", INERT),
    "licence": ("free", INERT),
    "variant": ("v2", REFUSED),  # tuned is a v1
    "generator": ("elsewhere/g_1", INERT),
    "generator_sha256": ("2" * 64, {"weights", "vocoder", *PAGE}),
    "discriminators": ("elsewhere/do_1", INERT),
    "discriminators_sha256": ("2" * 64, {"weights", "vocoder", *PAGE}),
}


def shape(leaf):
    """What starts from other weights has their shape, so such a leaf is flipped in what both build on."""
    return leaf.startswith("model.") and not leaf.endswith(("dropout", "type"))


CASES = [
    *(("corpora", "recorded", leaf, *row) for leaf, row in RECORDED.items()),
    *(("corpora", "synthetic", leaf, *row) for leaf, row in SYNTHETIC.items()),
    *(("spk", "voice", leaf, *row) for leaf, row in VOICE.items()),
    *(
        ("exp", "grand", leaf, value, rules) if shape(leaf) else ("exp", "child", leaf, value, own)
        for leaf, (value, own, rules) in EXPERIMENT.items()
    ),
    *(("exp", "parent", leaf, value, rules) for leaf, (value, _, rules) in EXPERIMENT.items() if not shape(leaf)),
    *(
        ("vocoder", "any" if leaf == "variant" else "forced", leaf, value, rules)
        for leaf, (value, rules, _) in HIFIGAN.items()
    ),
    *(("vocoder", "natural", leaf, value, rules) for leaf, (value, _, rules) in HIFIGAN.items() if rules is not None),
    *(("weights", "published", leaf, *row) for leaf, row in WEIGHTS.items()),
]
