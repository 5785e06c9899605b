"""Entries of experiments in voice conversion: models, alignment, training, evaluation."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from koeru.config.base import Even, NotNegative, Odd, Positive, Section, Share
from koeru.config.training import Supervised
from koeru.families.experiments.entry import Experiment
from koeru.families.experiments.weights import Weights
from koeru.families.vc.shapes import WEIGHTS


class Model(Section):
    """Mel to mel without autoregression (Hayashi et al. 2021, arXiv 2104.06793), by Conformers.

    Widths are in channels, kernel sizes in reduced frames: `reduction_factor` frames of the source, and of the target,
    are one. Pitch and energy of the source are given, those of the target, and durations, predicted; with `pitch_ar`
    pitch is predicted knowing the pitch before. What `stop_gradient_` names does not teach the encoder. `speaker` and
    `emotion` tell the model who speaks and how, on both sides. With `decoder: fft` the decoder is that of FastSpeech2
    (`filter_size`, `kernel_sizes`), so that it can begin with the weights of one.

    With `local_prosody` (a vector of `prosody_emb_dim` numbers a sentence: what lies between silences) or
    `global_prosody` (one an utterance) this is the model that the memo calls wGMM: an extractor hears prosody in the
    target's mel, and a predictor gives it as a mixture of `num_gaussians` (of the global vector:
    `global_num_gaussians`).
    """

    type: Literal["conformer_vc"] = "conformer_vc"
    reduction_factor: Positive = 3
    hidden: Even = 256
    attention_size: Positive = 384
    heads: Positive = 2
    encoder_layers: Positive = 4
    decoder_layers: Positive = 4
    expansion: Positive = 4
    kernel_size: Odd = 7
    dropout: Share = 0.2
    decoder: Literal["conformer", "fft"] = "conformer"
    filter_size: Positive = 1024
    kernel_sizes: tuple[Odd, Odd] = (9, 1)
    variance_filter_size: Positive = 256
    variance_dropout: Share = 0.5
    duration_layers: Positive = 2
    duration_kernel_size: Odd = 3
    pitch_layers: Positive = 5
    pitch_kernel_size: Odd = 5
    energy_layers: Positive = 2
    energy_kernel_size: Odd = 3
    pitch_ar: bool = True
    pitch_ar_size: Positive = 256
    pitch_ar_layers: Positive = 2
    pitch_ar_dropout: Share = 0.1
    stop_gradient_duration: bool = False
    stop_gradient_pitch: bool = True
    stop_gradient_energy: bool = False
    postnet_layers: Annotated[int, Field(ge=0)] = 5
    speaker: bool = True
    emotion: bool = True
    local_prosody: bool = False
    global_prosody: bool = False
    num_gaussians: Positive = 10
    global_num_gaussians: Positive = 10
    prosody_emb_dim: Even = 256
    prosody_filter_size: Positive = 256
    prosody_gru_size: Even = 512
    prosody_dropout: Share = 0.2
    prosody_gru_dropout: Share = 0.1

    @property
    def prosody(self) -> bool:
        """Whether prosody is modelled, of sentences or of utterances."""
        return self.local_prosody or self.global_prosody


class Dtw(Section):
    """How the two utterances of a pair are aligned: by dynamic time warping of their mels.

    The source may lie `band_s` seconds of the target before or behind the straight line from beginning to end. A step
    in which one of the two waits costs `penalty_db`, as mels do that lie so far apart: the more, the smoother.
    Stretches of the source that are softer than `silence_thresh`, in dBFS, are spread evenly.
    """

    band_s: Annotated[float, Field(gt=0)] = 2.0
    penalty_db: NotNegative = 12.0
    silence_thresh: float = -60.0


class Train(Supervised):
    """Optimisation by Adam on whole pairs, with a schedule that is a function of the step alone.

    A batch has `batch_size` pairs, or, where `batch_frames` is set, as many as fill that many frames of the longer
    side, padding included. `group_size` batches are sorted by length together: it changes how much of a batch is
    padding, and no schedule. A pair of more than `max_frames` frames is not trained on, and counted. `beta` and
    `g_beta` are the weights of the likelihoods of local and global prosody. `freeze` names parts of the model, such as
    `decoder`, that keep the weights they begin with. `threads` are those of torch, `workers` processes that load
    batches, `devices` how many GPUs (or, on the CPU, processes) share a batch; `checkpoint_every` is in seconds.
    """

    batch_size: Positive = 8
    group_size: Positive = 8
    warmup_steps: Positive = 4000
    anneal_steps: tuple[Positive, ...] = (300_000, 400_000, 500_000)


class Evaluation(Section):
    """Objective metrics; `bootstrap` is the number of resamples behind each confidence interval."""

    bootstrap: Positive = 1000


class VcExp(Experiment):
    """An experiment in voice conversion, on the pairs of a dataset (`spk.<name>.pairs`).

    `durations` says how source and target are aligned: `dtw`, by dynamic time warping before the training, or `mas`,
    learned with the model by the likelihood of all monotonic alignments, of which the best one is taken.

    With `optimizer: keep` the step, the warm-up and the moments of the parent continue, with `reset` they start anew.
    `partial` names the parts of the model whose weights the parent may lack, or have in another shape, or have too many
    of; the parent may be a model that reads text, if it has a part in common. `vocoder` is an entry of that table, or
    griffin-lim, which needs no training and sounds like it. It converts with the weights of the last epoch, or of the
    one with the lowest loss on the dev split (`take: best`).
    """

    WEIGHTS: ClassVar[Weights] = WEIGHTS

    model: Model = Model()
    durations: Literal["dtw", "mas"] = "dtw"
    dtw: Dtw = Dtw()
    train: Train = Train()
    epochs: Positive = 200
    chunk: Positive = 25
    evaluation: Evaluation = Evaluation()
