"""Every size and part of the acoustic models."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["phone", "frame"]


@dataclass(frozen=True)
class ProsodyConfig:
    """Sizes and parts of the prosody model; at least one of `local` and `global_` is on."""

    local: bool = True
    global_: bool = False
    speaker_independence: bool = True  # the predictor is not told the speaker
    num_gaussians: int = 10
    global_num_gaussians: int = 10
    emb_dim: int = 64
    filter_size: int = 256
    gru_size: int = 512
    dropout: float = 0.2
    gru_dropout: float = 0.1

    def __post_init__(self) -> None:
        if not (self.local or self.global_):
            raise ValueError("a prosody model needs local or global prosody, or both")


@dataclass(frozen=True)
class FastSpeech2Config:
    """Every size of the model. The counts of phones and accents include the padding."""

    n_phones: int
    n_accents: int = 0
    n_speakers: int = 0
    n_emotions: int = 0
    n_before_emotions: int = 0
    n_mels: int = 80
    use_accent: bool = True
    use_speaker: bool = True
    use_emotion: bool = True
    use_before_emotion: bool = False
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
    pitch_level: Level = "phone"
    energy_level: Level = "phone"
    variance_embedding: Literal["conv", "bins"] = "conv"
    n_bins: int = 256
    pitch_range: tuple[float, float] | None = None  # of normalised values at the level of pitch; bins need it
    energy_range: tuple[float, float] | None = None
    postnet_layers: int = 5  # 0: no postnet
    postnet_filter_size: int = 512
    postnet_kernel_size: int = 5
    postnet_dropout: float = 0.5
    prosody: ProsodyConfig | None = None  # wGMM

    def __post_init__(self) -> None:
        for name in ("accent", "speaker", "emotion", "before_emotion"):
            if getattr(self, f"use_{name}") and getattr(self, f"n_{name}s") < 1:
                raise ValueError(f"use_{name} is on, but n_{name}s is {getattr(self, f'n_{name}s')}")
