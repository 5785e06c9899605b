"""Voice conversion from mel to mel (Hayashi et al. 2021, arXiv 2104.06793), at a reduced frame rate."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from koeru.families.vc.aligner import Aligner
from koeru.families.vc.batches import PairBatch
from koeru.families.vc.entry import Model
from koeru.families.vc.prosody import SentenceProsody
from koeru.families.vc.reduction import JUMP, reduced, restored
from koeru.families.vc.variance import VarianceAdaptor, whole_frames
from koeru.nn.conformer import ConformerStack
from koeru.nn.layers import FFTStack, Postnet, length_mask, regulate_length
from koeru.nn.monotonic import forward_sum, search
from koeru.nn.prosody import ProsodyLikelihoods

POSTNET = (512, 5, 0.5)  # channels, kernel size, dropout (Shen et al. 2018, 2.2)


@dataclass(frozen=True)
class Sizes:
    """What of a model comes from its data and not from its entry."""

    n_speakers: int
    n_emotions: int
    n_mels: int = 80


@dataclass
class Output:
    """What the model says of a batch, in the units of its items (normalised mel, pitch and energy).

    `durations` are those the mel was made with. Not frozen: Fabric converts its fields.
    """

    mel: Tensor  # (B, U * r, M), before the postnet
    mel_postnet: Tensor | None  # (B, U * r, M)
    log_durations: Tensor  # (B, S), natural log of the reduced frames to be expected
    pitch: Tensor  # (B, U * r), predicted
    energy: Tensor  # (B, U * r), predicted
    voicing: Tensor  # (B, U * r), log-odds
    durations: Tensor  # (B, S) int64, reduced frames
    source_mask: Tensor  # (B, S)
    target_mask: Tensor  # (B, U)
    likelihoods: ProsodyLikelihoods | None = None  # of the true prosody; None where it is sampled, or not modelled
    alignment: Tensor | None = (
        None  # (B,), negative log-likelihood of all alignments, in nats; None where none is learned
    )

    @property
    def final_mel(self) -> Tensor:
        """The mel after the postnet, where there is one: (B, U * r, M)."""
        return self.mel if self.mel_postnet is None else self.mel_postnet


class ConformerVc(nn.Module):
    """Mel to mel:

    reduced mel + source speaker -> encoder -> + target speaker -> + prosody of sentences -> repeated for its durations,
    with pitch and energy of the source -> + pitch and energy of the target -> decoder -> mel -> postnet
    """

    def __init__(self, settings: Model, sizes: Sizes, *, aligned: bool) -> None:
        super().__init__()
        self.sizes, self.factor = sizes, settings.reduction_factor
        hidden, n_mels = settings.hidden, sizes.n_mels
        self.source = nn.Linear(self.factor * n_mels, hidden)
        self.speakers = nn.Embedding(sizes.n_speakers, hidden) if settings.speaker else None
        self.emotions = nn.Embedding(sizes.n_emotions, hidden) if settings.emotion else None
        block = (settings.attention_size, settings.heads, settings.expansion * hidden, settings.kernel_size)
        self.encoder = ConformerStack(settings.encoder_layers, hidden, *block, settings.dropout)
        self.aligner = None if aligned else Aligner(hidden, self.factor * n_mels, hidden)
        self.prosody = SentenceProsody(settings, n_mels) if settings.prosody else None
        self.variance = VarianceAdaptor(settings)
        if settings.decoder == "fft":
            block = (settings.heads, settings.filter_size, settings.kernel_sizes, settings.dropout)
            self.decoder = FFTStack(settings.decoder_layers, hidden, *block)
        else:
            self.decoder = ConformerStack(settings.decoder_layers, hidden, *block, settings.dropout)
        self.to_mel = nn.Linear(hidden, self.factor * n_mels)
        self.to_voicing = nn.Linear(hidden, self.factor)
        self.postnet = Postnet(n_mels, settings.postnet_layers, *POSTNET) if settings.postnet_layers else None

    def forward(
        self,
        batch: PairBatch,
        *,
        true_durations: bool = True,
        true_pitch: bool = True,
        true_energy: bool = True,
        true_prosody: bool = True,
        temperature: float = 1.0,
        sources: Sequence[str] | None = None,
    ) -> Output:
        """The model's answer to a batch.

        A `true_` feature is taken from the target (teacher-forced; true durations are those of the batch, or what the
        aligner finds; prosody is heard in the target's mel), the others are the model's own; own prosody is sampled, at
        a temperature, for each pair from its source (its id). Own durations make the host wait for the device, as U
        comes from them, and so does the aligner.
        """
        source_mask = length_mask(batch.source_lengths, batch.source_mels.shape[1] // self.factor)
        x = self.source(reduced(batch.source_mels, self.factor))  # (B, S, D)
        x = self._told(x, batch.source_speakers, batch.source_emotions)
        durations, alignment = batch.durations, None
        if true_durations and durations is None:
            durations, alignment = self.align(batch, x, source_mask)
        x = self._told(self.encoder(x, source_mask), batch.target_speakers, batch.target_emotions)
        likelihoods = None
        if self.prosody is not None:
            of_target = durations if batch.target_mels is not None else None
            if true_prosody:
                prosody, likelihoods = self.prosody(x, source_mask, batch, durations)
            else:
                prosody = self.prosody.sample(x, source_mask, batch, of_target, temperature, sources or batch.ids)
            x = x + prosody
        log_durations = self.variance.log_durations(x, source_mask)
        if not true_durations:
            durations = whole_frames(log_durations, source_mask)
        n_target = batch.target_mels.shape[1] // self.factor if true_durations else int(durations.sum(1).max())
        target_mask = length_mask(durations.sum(1), n_target)
        given = self.variance.given(self._reduced(batch.source_pitch), self._reduced(batch.source_energy), source_mask)
        given = {name: regulate_length(value, durations, n_target) for name, value in given.items()}
        wanted = {"pitch": (true_pitch, batch.target_pitch), "energy": (true_energy, batch.target_energy)}
        true = {name: self._reduced(value) for name, (asked, value) in wanted.items() if asked}
        x, predicted = self.variance(regulate_length(x, durations, n_target), target_mask, given, true)
        x = self.decoder(x, target_mask)  # (B, U, D)
        mel = restored(self.to_mel(x), self.factor)  # (B, U * r, M)
        frame_mask = target_mask.repeat_interleave(self.factor, 1)
        return Output(
            mel,
            None if self.postnet is None else self.postnet(mel, frame_mask),
            log_durations,
            predicted["pitch"].flatten(1),
            predicted["energy"].flatten(1),
            self.to_voicing(x.detach()).flatten(1),
            durations,
            source_mask,
            target_mask,
            likelihoods,
            alignment,
        )

    def align(self, batch: PairBatch, source: Tensor, source_mask: Tensor) -> tuple[Tensor, Tensor]:
        """The durations (B, S) of the best alignment, and the negative log-likelihoods (B,) of all.

        The source (B, S, D) has not been through the encoder, in which every frame has heard the others: the alignment
        is of what frames are, not of where they are.
        """
        target = reduced(batch.target_mels, self.factor)  # (B, U, r * M)
        target_mask = length_mask(batch.target_lengths, target.shape[1])
        log_p = self.aligner(source, source_mask, target, target_mask)  # (B, U, S)
        lengths = (batch.source_lengths, batch.target_lengths)
        return search(log_p.detach(), *lengths, JUMP), forward_sum(log_p, *lengths, JUMP)

    def _told(self, x: Tensor, speakers: Tensor, emotions: Tensor) -> Tensor:
        for embedding, ids in ((self.speakers, speakers), (self.emotions, emotions)):
            x = x if embedding is None else x + embedding(ids)[:, None]
        return x

    def _reduced(self, values: Tensor) -> Tensor:
        """(B, L * r) -> (B, L, r)"""
        return values.unflatten(1, (-1, self.factor))
