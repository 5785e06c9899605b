"""FastSpeech2 (Ren et al. 2021, arXiv 2006.04558) with accents, speakers and emotions."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from koeru.families.acoustic.batches import AcousticBatch
from koeru.families.acoustic.entry import Level, Model
from koeru.families.acoustic.sizes import Sizes
from koeru.families.acoustic.variance import VarianceAdaptor, whole_frames
from koeru.nn.layers import FFTStack, Postnet, length_mask, regulate_length
from koeru.nn.prosody import Prosody, ProsodyLikelihoods, Units

POSTNET = (512, 5, 0.5)  # channels, kernel size, dropout (Shen et al. 2018, 2.2)


@dataclass
class Output:
    """What the model says of a batch, in the units of its items (normalised mel, pitch and energy).

    `durations` are those the mel was made with. Not frozen: Fabric converts its fields.
    """

    mel: Tensor | None  # (B, T, M), before the postnet; None where it was not asked for
    mel_postnet: Tensor | None  # (B, T, M)
    log_durations: Tensor  # (B, P), log(frames + 1)
    pitch: Tensor  # predicted: (B, P), or (B, T) at frame level
    energy: Tensor  # predicted: (B, P), or (B, T) at frame level
    levels: dict[str, Level]  # of "pitch" and "energy"
    durations: Tensor  # (B, P) int64, frames
    phone_mask: Tensor  # (B, P)
    frame_mask: Tensor  # (B, T)
    likelihoods: ProsodyLikelihoods | None = None  # of the true prosody; None where it is sampled, or not modelled

    @property
    def final_mel(self) -> Tensor | None:
        """The mel after the postnet, where there is one: (B, T, M)."""
        return self.mel if self.mel_postnet is None else self.mel_postnet


class FastSpeech2(nn.Module):
    """Text to mel:

    phones + accents + devoiced -> encoder -> + speaker + emotion -> + pitch and energy of phones
    -> repeated for their durations -> + pitch and energy of frames -> decoder -> mel -> postnet
    """

    def __init__(self, settings: Model, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        hidden, n_mels = settings.hidden, sizes.n_mels
        block = (hidden, settings.heads, settings.filter_size, settings.kernel_sizes, settings.dropout)
        self.phones = nn.Embedding(sizes.n_phones, hidden)
        self.accents = _embedding("accent", settings.accent, sizes.n_accents, hidden)
        self.devoiced = nn.Embedding(2, hidden)
        self.encoder = FFTStack(settings.encoder_layers, *block)
        self.speakers = _embedding("speaker", settings.speaker, sizes.n_speakers, hidden)
        self.emotions = _embedding("emotion", settings.emotion, sizes.n_emotions, hidden)
        self.before_emotions = _embedding("before_emotion", settings.before_emotion, sizes.n_before_emotions, hidden)
        self.prosody = Prosody(settings, n_mels) if settings.prosody else None
        self.prosody_speaker_independence = settings.prosody_speaker_independence
        self.variance = VarianceAdaptor(settings, sizes)
        self.decoder = FFTStack(settings.decoder_layers, *block)
        self.to_mel = nn.Linear(hidden, n_mels)
        self.postnet = Postnet(n_mels, settings.postnet_layers, *POSTNET) if settings.postnet_layers else None

    def forward(
        self,
        batch: AcousticBatch,
        *,
        true_durations: bool = True,
        true_pitch: bool = True,
        true_energy: bool = True,
        true_prosody: bool = True,
        temperature: float = 1.0,
        sources: Sequence[str] | None = None,
        decode: bool = True,
    ) -> Output:
        """The model's answer to a batch.

        A `true_` feature is taken from the batch (teacher-forced; prosody is heard in its mels), the others are the
        model's own; own prosody is sampled, at a temperature, for each utterance from its source (its id). Only own
        durations make the host wait for the device, as T comes from them. Without `decode` there is no mel, and most of
        the work is saved. Errors: ValueError where true pitch or energy of frames is wanted without true durations.
        """
        phone_mask = length_mask(batch.phone_lengths, batch.phones.shape[1])
        text, speaker = self.encode(batch, phone_mask)  # (B, P, D), (B, 1, D) or 0
        x, likelihoods = text + speaker, None
        if self.prosody is not None:
            told = self.prosody.predictor.read(text if self.prosody_speaker_independence else x, phone_mask)
            if true_prosody:
                phones = Units(batch.mels, batch.durations, batch.packing, batch.utterances, batch.filler)
                prosody, likelihoods = self.prosody(told, phones)
            else:
                prosody = self.prosody.sample(told, batch.utterances, temperature, sources or batch.ids)
            x = x + prosody
        true = self.variance.true_values(batch, {"pitch": true_pitch, "energy": true_energy}, true_durations)
        x, log_durations, of_phones = self.variance.phones(x, phone_mask, true)
        durations = batch.durations if true_durations else whole_frames(log_durations, phone_mask)
        n_frames = batch.n_frames if true_durations else int(durations.sum(1).max())
        frame_mask = length_mask(durations.sum(1), n_frames)
        x, of_frames = self.variance.frames(regulate_length(x, durations, n_frames), frame_mask, true)  # (B, T, D)
        mel = self.to_mel(self.decoder(x, frame_mask)) if decode else None
        mel_postnet = None if self.postnet is None or mel is None else self.postnet(mel, frame_mask)
        return Output(
            mel,
            mel_postnet,
            log_durations,
            **of_phones,
            **of_frames,
            levels=self.variance.levels,
            durations=durations,
            phone_mask=phone_mask,
            frame_mask=frame_mask,
            likelihoods=likelihoods,
        )

    def encode(self, batch: AcousticBatch, phone_mask: Tensor) -> tuple[Tensor, Tensor | int]:
        """Text and emotion (B, P, D); the speaker (B, 1, D), or 0 for a model without speakers."""
        x = self.phones(batch.phones) + self.devoiced(batch.devoiced)
        if self.accents is not None:
            x = x + self.accents(batch.accents)
        x = self.encoder(x, phone_mask)
        if self.emotions is not None:
            x = x + self.emotions(batch.emotions)[:, None]
        if self.before_emotions is not None:
            x = x + self.before_emotions(batch.before_emotions)[:, None]
        return x, 0 if self.speakers is None else self.speakers(batch.speakers)[:, None]


def _embedding(name: str, wanted: bool, count: int, hidden: int) -> nn.Embedding | None:
    """The vectors of what a model is told of; ValueError where it is to be told of what there is none of."""
    if wanted and not count:
        raise ValueError(f"model.{name} is on, but there is no {name} to tell the model of")
    return nn.Embedding(count, hidden) if wanted else None
