"""FastSpeech2 as the best known implementation (ming024's) computes it, written anew, to be compared with.

Convolutions go through `nn.Conv1d` between two transpositions; attention is two products with a softmax between them;
phones are repeated in Python; the postnet has batch normalisation, and the variances are embedded by bins; the losses
pick out real positions. Its sizes are those of an entry.
"""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_
from torch.nn.utils.rnn import pad_sequence

from koeru.families.acoustic.batches import AcousticBatch
from koeru.families.acoustic.entry import Model
from koeru.families.acoustic.model import POSTNET

LONGEST = 4000  # positions
EDGES = torch.linspace(-3, 8, 255)  # of bins of normalised pitch and energy


class Published(nn.Module):
    """Phones to mel, for one speaker."""

    def __init__(self, settings: Model, n_phones: int, n_mels: int) -> None:
        super().__init__()
        hidden = settings.hidden
        self.phones = nn.Embedding(n_phones, hidden)
        self.register_buffer("positions", _positions(hidden), persistent=False)
        self.encoder, self.decoder = (
            nn.ModuleList(Block(settings) for _ in range(layers))
            for layers in (settings.encoder_layers, settings.decoder_layers)
        )
        self.predictors = nn.ModuleDict({name: Predictor(settings) for name in ("duration", "pitch", "energy")})
        self.embeddings = nn.ModuleDict({name: nn.Embedding(256, hidden) for name in ("pitch", "energy")})
        self.to_mel = nn.Linear(hidden, n_mels)
        self.postnet = Postnet(n_mels, settings.postnet_layers)

    def forward(self, batch: AcousticBatch) -> dict[str, Tensor]:
        """The predictions for a batch, everything true given."""
        padding = _padding(batch.phone_lengths)
        x = self.phones(batch.phones) + self.positions[: batch.phones.shape[1]]
        for block in self.encoder:
            x = block(x, padding)
        told = {"duration": self.predictors["duration"](x, padding)}
        for name, values in (("pitch", batch.pitch), ("energy", batch.energy)):
            told[name] = self.predictors[name](x, padding)
            x = x + self.embeddings[name](torch.bucketize(values, EDGES))
        x = repeated(x, batch.durations)
        padding = _padding(batch.durations.sum(1))
        x = x + self.positions[: x.shape[1]]
        for block in self.decoder:
            x = block(x, padding)
        mel = self.to_mel(x)
        return told | {"mel": mel, "mel_postnet": mel + self.postnet(mel)}


class Block(nn.Module):
    """A feed-forward Transformer block."""

    def __init__(self, settings: Model) -> None:
        super().__init__()
        hidden, (first, second) = settings.hidden, settings.kernel_sizes
        self.heads = settings.heads
        self.query, self.key, self.value, self.out = (nn.Linear(hidden, hidden) for _ in range(4))
        self.attention_norm, self.conv_norm = nn.LayerNorm(hidden), nn.LayerNorm(hidden)
        self.conv_in = nn.Conv1d(hidden, settings.filter_size, first, padding=first // 2)
        self.conv_out = nn.Conv1d(settings.filter_size, hidden, second, padding=second // 2)
        self.dropout = nn.Dropout(settings.dropout)

    def forward(self, x: Tensor, padding: Tensor) -> Tensor:
        """(B, L, D), (B, L) -> (B, L, D)"""
        x = self.attention_norm(self.dropout(self.out(self.attention(x, padding))) + x)
        x = x.masked_fill(padding[..., None], 0)
        filtered = self.conv_out(self.conv_in(x.transpose(1, 2)).relu()).transpose(1, 2)
        return self.conv_norm(self.dropout(filtered) + x).masked_fill(padding[..., None], 0)

    def attention(self, x: Tensor, padding: Tensor) -> Tensor:
        """(B, L, D), (B, L) -> (B, L, D)"""
        batch, length, hidden = x.shape
        made = (self.query(x), self.key(x), self.value(x))
        by_heads = (one.view(batch, length, self.heads, -1).permute(2, 0, 1, 3) for one in made)
        query, key, value = (one.contiguous().flatten(0, 1) for one in by_heads)  # (H B, L, D / H)
        scores = torch.bmm(query, key.transpose(1, 2)) / math.sqrt(query.shape[2])
        unreadable = padding[:, None].expand(-1, length, -1).repeat(self.heads, 1, 1)
        read = torch.bmm(scores.masked_fill(unreadable, -math.inf).softmax(2), value)
        return read.view(self.heads, batch, length, -1).permute(1, 2, 0, 3).contiguous().view(batch, length, hidden)


class Predictor(nn.Module):
    """A number a position."""

    def __init__(self, settings: Model) -> None:
        super().__init__()
        size, kernel = settings.variance_filter_size, settings.variance_kernel_size
        self.convs = nn.ModuleList(
            nn.Conv1d(n_in, size, kernel, padding=kernel // 2) for n_in in (settings.hidden, size)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(size) for _ in range(2))
        self.dropout = nn.Dropout(settings.variance_dropout)
        self.out = nn.Linear(size, 1)

    def forward(self, x: Tensor, padding: Tensor) -> Tensor:
        """(B, L, D), (B, L) -> (B, L)"""
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = self.dropout(norm(conv(x.transpose(1, 2)).contiguous().transpose(1, 2).relu()))
        return self.out(x).squeeze(-1).masked_fill(padding, 0)


class Postnet(nn.Module):
    """Convolutions, each with batch normalisation, between channels and length as `nn.Conv1d` wants them."""

    def __init__(self, n_mels: int, layers: int) -> None:
        super().__init__()
        channels, kernel, dropout = POSTNET
        sizes = [n_mels, *[channels] * (layers - 1), n_mels]
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Conv1d(n_in, n_out, kernel, padding=kernel // 2), nn.BatchNorm1d(n_out))
            for n_in, n_out in pairwise(sizes)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, mel: Tensor) -> Tensor:
        """(B, T, M) -> (B, T, M)"""
        x = mel.transpose(1, 2)
        for layer in self.layers[:-1]:
            x = self.dropout(layer(x).tanh())
        return self.dropout(self.layers[-1](x)).transpose(1, 2)


class PublishedStep:
    """A model that makes steps."""

    def __init__(self, model: Published, max_grad_norm: float) -> None:
        self.model, self.max_grad_norm = model.train(), max_grad_norm
        self.optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.9, 0.98), eps=1e-9)

    def step(self, batch: AcousticBatch) -> float:
        """One update; the loss before it."""
        loss = loss_of(self.model(batch), batch)
        loss.backward()
        clip_grad_norm_(self.model.parameters(), self.max_grad_norm)
        self.optimiser.step()
        self.optimiser.zero_grad()
        return loss.item()


def loss_of(told: dict[str, Tensor], batch: AcousticBatch) -> Tensor:
    """The sum of the means over real positions: L1 of both mels, squared errors of the variances."""
    phones, frames = ~_padding(batch.phone_lengths), ~_padding(batch.durations.sum(1))
    true = {"duration": batch.durations.float().log1p(), "pitch": batch.pitch, "energy": batch.energy}
    loss = sum(
        functional.mse_loss(told[name].masked_select(phones), values.masked_select(phones))
        for name, values in true.items()
    )
    mel = batch.mels.masked_select(frames[..., None])
    for name in ("mel", "mel_postnet"):
        loss = loss + functional.l1_loss(told[name].masked_select(frames[..., None]), mel)
    return loss


def repeated(x: Tensor, durations: Tensor) -> Tensor:
    """The phones of x (B, P, D), one after the other, for durations (B, P) frames: (B, T, D)."""
    rows = [
        torch.cat([phone.expand(int(count), -1) for phone, count in zip(row, counts, strict=True)])
        for row, counts in zip(x, durations, strict=True)
    ]
    return pad_sequence(rows, batch_first=True)


def _padding(lengths: Tensor) -> Tensor:
    """Mask (B, L), True behind the first lengths[b] positions."""
    return torch.arange(int(lengths.max()))[None] >= lengths[:, None]


def _positions(hidden: int) -> Tensor:
    """(LONGEST, hidden)"""
    angles = torch.arange(LONGEST)[:, None] / 10000 ** (torch.arange(0, hidden, 2) / hidden)
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)
