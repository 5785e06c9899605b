"""Prosody as vectors of units and utterances, modelled by mixtures of Gaussians (Du and Yu 2021, arXiv 2102.00851).

A unit is what has one prosody: a phone, or a sentence of an utterance. An extractor hears prosody in the mel: a vector
a unit (local), or pooled over the units of an utterance (global), or both. A predictor, which only knows what is to be
said, says how likely each vector is; at synthesis it draws them. The extractor learns from the losses of what is spoken
with its vectors, never from their likelihood, for which they are given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence

from koeru.data.packing import Packing, UnitPacking
from koeru.nn.layers import Conv, at_least_float32, full_precision
from koeru.nn.mixture import Mixture, MixtureHead
from koeru.nn.normalisation import BatchNorm


class ProsodySettings(Protocol):
    """The leaves of a model with prosody; sizes are in channels."""

    hidden: int
    local_prosody: bool
    global_prosody: bool
    num_gaussians: int
    global_num_gaussians: int
    prosody_emb_dim: int
    prosody_filter_size: int
    prosody_gru_size: int
    prosody_dropout: float
    prosody_gru_dropout: float


@dataclass
class Units:
    """The mels of B utterances, and the up to P units that each is cut into. Not frozen: Fabric converts it."""

    mels: Tensor  # (B, T, M)
    durations: Tensor  # (B, P) int64, frames of units; 0 where there is padding
    packing: UnitPacking  # of the units as sequences of frames
    utterances: Packing  # as sequences of the B * P units
    filler: bool = False  # the batch counts nowhere


@dataclass
class ProsodyLikelihoods:
    """Log-likelihoods, in nats, of the true prosody under the predictor's mixtures. Not frozen: Fabric converts it."""

    of_units: Tensor | None  # (B, P); None without local prosody
    of_utterances: Tensor | None  # (B,); None without global prosody
    mask: Tensor  # (B, P): the units that have frames, hence a prosody of their own


class Prosody(nn.Module):
    """What is added to what is to be said, of `hidden` channels, so that it is spoken in one way of many.

    What is to be said comes as h, read by `predictor.read`. Where that reads positions finer than units, the caller
    averages it over the positions of each unit.
    """

    def __init__(self, settings: ProsodySettings, n_mels: int) -> None:
        super().__init__()
        self.local = settings.local_prosody
        self.extractor = ProsodyExtractor(n_mels, settings.prosody_emb_dim, settings.global_prosody)
        self.predictor = ProsodyPredictor(settings)
        self.embedding = nn.Linear(settings.prosody_emb_dim, settings.hidden)

    def forward(self, h: Tensor, units: Units) -> tuple[Tensor, ProsodyLikelihoods]:
        """The prosody heard in the mels, embedded, and how likely it is given h (B, P, filter_size).

        It is (B, P, D), or (B, 1, D) where it is only global.
        """
        vectors, pooled = self.extractor(units)  # (B, P, E), (B, E)
        likelihoods = self.predictor.likelihoods(h, units, vectors.detach(), _detached(pooled))
        return self.embedding(self.joined(vectors, pooled)), likelihoods

    def sample(self, h: Tensor, utterances: Packing, temperature: float, sources: Sequence[str]) -> Tensor:
        """Prosody drawn for h (B, P, filter_size), embedded: (B, P, D), or (B, 1, D) where it is only global.

        What is drawn for an utterance hangs on its source, a text such as a seed and a name, alone.
        """
        return self.embedding(self.predictor.sample(h, utterances, temperature, sources))

    def joined(self, vectors: Tensor, pooled: Tensor | None) -> Tensor:
        """What the decoder hears of units (B, P, E) and utterances (B, E): (B, P, E), or (B, 1, E) if only global."""
        if pooled is None:
            return vectors
        return vectors + pooled[:, None] if self.local else pooled[:, None]


class ProsodyExtractor(nn.Module):
    """Two convolutions over the mel of each unit, a bidirectional GRU over its frames: a vector a unit.

    The global vector pools those of the units with a further bidirectional GRU, also where the local ones are not
    used for anything else: so a model with both can begin with the weights of a model with the global one.
    """

    def __init__(self, n_mels: int, emb_dim: int, use_global: bool) -> None:
        super().__init__()
        self.convs = nn.ModuleList([UnitConv(), UnitConv()])
        self.gru = nn.GRU(n_mels, emb_dim // 2, num_layers=2, bidirectional=True)
        self.global_gru = nn.GRU(emb_dim, emb_dim // 2, num_layers=2, bidirectional=True) if use_global else None

    def forward(self, units: Units) -> tuple[Tensor, Tensor | None]:
        """Vectors of units (B, P, E), zero for those without frames, and of utterances (B, E) or None."""
        x = units.mels.flatten(0, 1)[units.packing.frames]  # (F, M)
        for conv in self.convs:
            x = conv(x, units.packing.begins, counted=not units.filler)
        size = units.durations.shape
        vectors = last_states(self.gru, x, units.packing.packing, size.numel()).unflatten(0, size)  # (B, P, E)
        if self.global_gru is None:
            return vectors, None
        return vectors, last_states(self.global_gru, vectors.flatten(0, 1), units.utterances, len(vectors))


class UnitConv(nn.Module):
    """A 3 x 3 convolution over frames and bands that sees no frame of another unit; normalisation; ReLU.

    All real frames of a batch are one image, so it costs nothing that units are short: the frames before and after a
    frame are read beside it, and are zero where the unit ends.

    Normalised over all of a batch, as is common practice. Over the bands of a frame, or the frames of an utterance,
    would take its loudness away, which is prosody.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(3, 1, 3, padding=1, bias=False)  # the normalisation has one
        self.norm = BatchNorm()

    def forward(self, x: Tensor, begins: Tensor, counted: bool = True) -> Tensor:
        """x (F, M), begins (F,): whether a unit begins with the frame -> (F, M)"""
        ends = functional.pad(begins[1:], (0, 1), value=True)
        before = functional.pad(x[:-1], (0, 0, 1, 0)).masked_fill(begins[:, None], 0)
        after = functional.pad(x[1:], (0, 0, 0, 1)).masked_fill(ends[:, None], 0)
        rows = torch.cat([before, x, after], dim=1)  # (F, 3 M)
        return self.norm(rows @ self.matrix(x.shape[1]), counted).relu()

    def matrix(self, n_mels: int) -> Tensor:
        """The convolution as a matrix (3 M, M): one product is faster by far than F convolutions of 3 rows."""
        units = torch.eye(3 * n_mels, device=self.conv.weight.device, dtype=self.conv.weight.dtype)
        return self.conv(units.unflatten(1, (3, n_mels))).squeeze(1)


class ProsodyPredictor(nn.Module):
    """What is to be said through two convolutions; from these the mixtures of local and of global prosody."""

    def __init__(self, settings: ProsodySettings) -> None:
        super().__init__()
        size = settings.prosody_filter_size
        self.convs = nn.ModuleList([Conv(settings.hidden, size, 3), Conv(size, size, 3)])
        self.norms = nn.ModuleList([nn.LayerNorm(size), nn.LayerNorm(size)])
        self.dropout = nn.Dropout(settings.prosody_dropout)
        self.local = LocalPredictor(settings) if settings.local_prosody else None
        self.global_ = GlobalPredictor(settings) if settings.global_prosody else None

    def read(self, x: Tensor, mask: Tensor) -> Tensor:
        """What is to be said (B, L, D), (B, L) -> (B, L, filter_size), L units or finer positions"""
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = self.dropout(norm(conv(x, mask).relu()))
        return x

    def likelihoods(self, h: Tensor, units: Units, vectors: Tensor, pooled: Tensor | None) -> ProsodyLikelihoods:
        """How likely the vectors of units (B, P, E) and utterances (B, E) are, given h (B, P, filter_size)."""
        of_utterances = of_units = None
        if self.global_ is not None:
            of_utterances = self.global_(h, units.utterances).log_prob(pooled)
        if self.local is not None:
            spoken = vectors if pooled is None else vectors + pooled[:, None]
            of_units = self.local(h, spoken, pooled).log_prob(spoken)
        return ProsodyLikelihoods(of_units, of_utterances, units.durations > 0)

    def sample(self, h: Tensor, utterances: Packing, temperature: float, sources: Sequence[str]) -> Tensor:
        """Prosody drawn for h (B, P, filter_size): (B, P, E), or (B, 1, E) where it is only global."""
        pooled = None
        if self.global_ is not None:
            noise = self.global_.head.noise([f"global {source}" for source in sources], 1, h.device)[:, 0]
            pooled = self.global_(h, utterances).sample(temperature, noise)
        return pooled[:, None] if self.local is None else self.local.sample(h, pooled, temperature, sources)


class GlobalPredictor(nn.Module):
    """The mixture of an utterance's prosody: a bidirectional GRU over its units."""

    def __init__(self, settings: ProsodySettings) -> None:
        super().__init__()
        self.gru = nn.GRU(
            settings.prosody_filter_size, settings.prosody_gru_size // 2, num_layers=2, bidirectional=True
        )
        self.head = MixtureHead(settings.prosody_gru_size, settings.global_num_gaussians, settings.prosody_emb_dim)

    def forward(self, h: Tensor, utterances: Packing) -> Mixture:
        """h (B, P, filter_size) -> mixtures at (B,)"""
        return self.head(last_states(self.gru, h.flatten(0, 1), utterances, len(h)))


class LocalPredictor(nn.Module):
    """The mixtures of the units' prosody, each given that of the units before: an autoregressive GRU of two layers.

    Teacher-forced, its inputs are all known, so it is one call of the recurrent layer. The cells of the common practice
    are called unit by unit with zoneout (Krueger et al. 2017), which keeps some of the state of the unit before; in
    one call the state is out of reach, and dropout of what each layer hands up takes its place.
    """

    def __init__(self, settings: ProsodySettings) -> None:
        super().__init__()
        self.embedding = nn.Linear(settings.prosody_emb_dim, settings.prosody_emb_dim)
        self.gru = nn.GRU(
            settings.prosody_filter_size + settings.prosody_emb_dim,
            settings.prosody_gru_size,
            num_layers=2,
            dropout=settings.prosody_gru_dropout,
            batch_first=True,
        )
        self.dropout = nn.Dropout(settings.prosody_gru_dropout)
        self.head = MixtureHead(
            settings.prosody_gru_size + settings.prosody_filter_size, settings.num_gaussians, settings.prosody_emb_dim
        )

    def forward(self, h: Tensor, spoken: Tensor, pooled: Tensor | None) -> Mixture:
        """The mixtures at (B, P), given h (B, P, filter_size) and the true prosody (B, P, E) and (B, E)."""
        before = functional.pad(spoken[:, :-1], (0, 0, 1, 0))  # (B, P, E): zero before the first unit
        return self.step(h, before, pooled, None)[0]

    def step(self, h: Tensor, before: Tensor, pooled: Tensor | None, state: Tensor | None) -> tuple[Mixture, Tensor]:
        """Some units: h (B, L, filter_size), the prosody of the unit before each (B, L, E), the GRU's state."""
        known = before if pooled is None else before + pooled[:, None]
        x = at_least_float32(torch.cat([h, self.embedding(known)], dim=-1))
        with full_precision(x):  # as below
            x, state = self.gru(x, state)
        return self.head(torch.cat([self.dropout(x), h], dim=-1)), state

    def sample(self, h: Tensor, pooled: Tensor | None, temperature: float, sources: Sequence[str]) -> Tensor:
        """Draw the prosody of one unit after the other: (B, P, E)."""
        noise = self.head.noise([f"local {source}" for source in sources], h.shape[1], h.device)
        spoken = [h.new_zeros(len(h), 1, self.embedding.in_features)]
        state = None
        for at in range(h.shape[1]):
            own = slice(at, at + 1)
            mixture, state = self.step(h[:, own], spoken[-1], pooled, state)
            spoken.append(mixture.sample(temperature, noise[:, own]))
        return torch.cat(spoken[1:], dim=1)


def last_states(gru: nn.GRU, x: Tensor, packing: Packing, n_sequences: int) -> Tensor:
    """The states (n_sequences, 2 H) in which a bidirectional GRU leaves each sequence of x (positions, C), both ways.

    Zero for sequences without positions. In float32: cuDNN's recurrent layers would take float16 where torch.autocast
    asks for bfloat16, and in float16 the small gradients of a mean over many positions vanish.
    """
    x = at_least_float32(x[packing.order])
    with full_precision(x):
        _, states = gru(PackedSequence(x, packing.batch_sizes))  # (layers * 2, N, H)
    both = torch.cat([states[-2], states[-1]], dim=-1)  # (N, 2 H)
    return both.new_zeros(n_sequences, both.shape[1]).index_copy(0, packing.rows, both)


def _detached(x: Tensor | None) -> Tensor | None:
    return None if x is None else x.detach()
