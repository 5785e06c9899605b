"""FastSpeech2 (Ren et al. 2021, arXiv 2006.04558), phone-level, with accents, speakers and emotions."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from koeru.data.batches import Batch
from koeru.models.layers import Conv, FFTStack, Postnet, VariancePredictor, length_mask, regulate_length


@dataclass(frozen=True)
class FastSpeech2Config:
    """Every size of the model. The counts of phones and accents include the padding."""

    n_phones: int
    n_accents: int = 0
    n_speakers: int = 0
    n_emotions: int = 0
    n_mels: int = 80
    use_accent: bool = True
    use_speaker: bool = True
    use_emotion: bool = True
    hidden: int = 256
    encoder_layers: int = 4
    decoder_layers: int = 6
    heads: int = 2
    filter_size: int = 1024
    kernel_sizes: tuple[int, int] = (9, 1)
    dropout: float = 0.2
    variance_filter_size: int = 256
    variance_kernel_size: int = 3
    variance_embedding_kernel_size: int = 9
    variance_dropout: float = 0.5
    postnet_layers: int = 5  # 0: no postnet
    postnet_filter_size: int = 512
    postnet_kernel_size: int = 5
    postnet_dropout: float = 0.5

    def __post_init__(self) -> None:
        for name in ("accent", "speaker", "emotion"):
            if getattr(self, f"use_{name}") and getattr(self, f"n_{name}s") < 1:
                raise ValueError(f"use_{name} is on, but n_{name}s is {getattr(self, f'n_{name}s')}")


@dataclass
class Output:
    """What the model says of a batch, in the units of its items (normalised mel, pitch and energy).

    `durations` are those the mel was made with. Not frozen: Fabric converts its fields.
    """

    mel: Tensor  # (B, T, M), before the postnet
    mel_postnet: Tensor | None  # (B, T, M)
    log_durations: Tensor  # (B, P), log(frames + 1)
    pitch: Tensor  # (B, P), predicted
    energy: Tensor  # (B, P), predicted
    durations: Tensor  # (B, P) int64, frames
    phone_mask: Tensor  # (B, P)
    frame_mask: Tensor  # (B, T)

    @property
    def final_mel(self) -> Tensor:
        """The mel after the postnet, where there is one: (B, T, M)."""
        return self.mel if self.mel_postnet is None else self.mel_postnet


class FastSpeech2(nn.Module):
    """Text to mel:

    phones + accents + devoiced -> encoder -> + speaker + emotion -> + pitch + energy
    -> repeated for their durations -> decoder -> mel -> postnet
    """

    def __init__(self, config: FastSpeech2Config) -> None:
        super().__init__()
        self.config = config
        hidden = config.hidden
        block = (hidden, config.heads, config.filter_size, config.kernel_sizes, config.dropout)
        self.phones = nn.Embedding(config.n_phones, hidden)
        self.accents = nn.Embedding(config.n_accents, hidden) if config.use_accent else None
        self.devoiced = nn.Embedding(2, hidden)
        self.encoder = FFTStack(config.encoder_layers, *block)
        self.speakers = nn.Embedding(config.n_speakers, hidden) if config.use_speaker else None
        self.emotions = nn.Embedding(config.n_emotions, hidden) if config.use_emotion else None
        self.variance = VarianceAdaptor(config)
        self.decoder = FFTStack(config.decoder_layers, *block)
        self.to_mel = nn.Linear(hidden, config.n_mels)
        self.postnet = (
            Postnet(
                config.n_mels,
                config.postnet_layers,
                config.postnet_filter_size,
                config.postnet_kernel_size,
                config.postnet_dropout,
            )
            if config.postnet_layers
            else None
        )

    def forward(
        self, batch: Batch, *, true_durations: bool = True, true_pitch: bool = True, true_energy: bool = True
    ) -> Output:
        """The model's answer to a batch.

        A `true_` feature is taken from the batch (teacher-forced), the others are the model's own. Only own
        durations make the host wait for the device, as T comes from them.
        """
        phone_mask = length_mask(batch.phone_lengths, batch.phones.shape[1])
        x = self.encode(batch, phone_mask)  # (B, P, D)
        x, log_durations, pitch, energy = self.variance(
            x, phone_mask, batch.pitch if true_pitch else None, batch.energy if true_energy else None
        )
        durations = batch.durations if true_durations else self.variance.frames(log_durations, phone_mask)
        n_frames = batch.n_frames if true_durations else int(durations.sum(1).max())
        frame_mask = length_mask(durations.sum(1), n_frames)
        mel = self.to_mel(self.decoder(regulate_length(x, durations, n_frames), frame_mask))
        mel_postnet = None if self.postnet is None else self.postnet(mel, frame_mask)
        return Output(mel, mel_postnet, log_durations, pitch, energy, durations, phone_mask, frame_mask)

    def encode(self, batch: Batch, phone_mask: Tensor) -> Tensor:
        """Text, speaker and emotion: (B, P, D)."""
        x = self.phones(batch.phones) + self.devoiced(batch.devoiced)
        if self.accents is not None:
            x = x + self.accents(batch.accents)
        x = self.encoder(x, phone_mask)
        if self.speakers is not None:
            x = x + self.speakers(batch.speakers)[:, None]
        if self.emotions is not None:
            x = x + self.emotions(batch.emotions)[:, None]
        return x


class VarianceAdaptor(nn.Module):
    """Predicts durations, pitch and energy of phones and adds pitch and energy to them.

    Pitch and energy are continuous through a convolution, not quantised: bins of normalised values mean
    something else as soon as the statistics do.
    """

    def __init__(self, config: FastSpeech2Config) -> None:
        super().__init__()
        predictor = (
            config.hidden,
            config.variance_filter_size,
            config.variance_kernel_size,
            config.variance_dropout,
        )
        self.duration = VariancePredictor(*predictor)
        self.pitch = VariancePredictor(*predictor)
        self.energy = VariancePredictor(*predictor)
        self.pitch_embedding = Conv(1, config.hidden, config.variance_embedding_kernel_size)
        self.energy_embedding = Conv(1, config.hidden, config.variance_embedding_kernel_size)
        self.dropout = nn.Dropout(config.variance_dropout)

    def forward(
        self, x: Tensor, mask: Tensor, true_pitch: Tensor | None, true_energy: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """x (B, P, D) -> x with pitch and energy (B, P, D); predicted log(frames + 1), pitch, energy (B, P).

        The true values are embedded where given, otherwise the predicted ones.
        """
        log_durations = self.duration(x, mask)
        pitch = self.pitch(x, mask)
        x = x + self.embed(self.pitch_embedding, pitch if true_pitch is None else true_pitch, mask)
        energy = self.energy(x, mask)
        x = x + self.embed(self.energy_embedding, energy if true_energy is None else true_energy, mask)
        return x, log_durations, pitch, energy

    def embed(self, embedding: Conv, values: Tensor, mask: Tensor) -> Tensor:
        """(B, P) -> (B, P, D)"""
        return self.dropout(embedding(values[..., None], mask))

    @staticmethod
    def frames(log_durations: Tensor, mask: Tensor) -> Tensor:
        """Durations (B, P) in frames, at least one for a real phone: each is heard, and no mel is empty."""
        return torch.expm1(log_durations).round().long().clamp(min=1).masked_fill(~mask, 0)
