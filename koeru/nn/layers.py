"""The parts of FastSpeech2 (Ren et al. 2021). In none of them does padding reach a real position.

Masks are boolean, True where a position is real. Tensors are (batch, length, channels).
"""

import math
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from koeru.nn.convolution import conv1d
from koeru.nn.dropout import Dropout


def at_least_float32(x: Tensor) -> Tensor:
    """x in float32, or in float64 if it is: for likelihoods, means and normalisations under mixed precision."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def full_precision(x: Tensor) -> AbstractContextManager:
    """A context in which matrix products on the device of x are as precise as their inputs."""
    return nullcontext() if x.is_meta else torch.autocast(x.device.type, enabled=False)


def length_mask(lengths: Tensor, size: int) -> Tensor:
    """Mask (B, size) of the first lengths[b] positions of each row."""
    return torch.arange(size, device=lengths.device) < lengths[:, None]


def sinusoids(length: int, hidden: int, device: torch.device) -> Tensor:
    """Positions (length, hidden): sines, then cosines (Vaswani et al. 2017, 3.5)."""
    rates = torch.exp(torch.arange(0, hidden, 2, device=device) * (-math.log(10000) / hidden))  # (D/2,)
    angles = torch.arange(length, device=device)[:, None] * rates  # (L, D/2)
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def regulate_length(x: Tensor, durations: Tensor, n_frames: int) -> Tensor:
    """Repeat the phones of x (B, P, D) for durations (B, P) frames: (B, n_frames, D), one gather.

    Frames behind the sum of durations repeat the last position of x; the caller masks them.
    """
    ends = durations.cumsum(1)  # (B, P)
    frames = torch.arange(n_frames, device=x.device).expand(len(x), -1).contiguous()  # (B, T)
    phone_of_frame = torch.searchsorted(ends, frames, right=True).clamp(max=x.shape[1] - 1)  # (B, T)
    return x.gather(1, phone_of_frame[..., None].expand(-1, -1, x.shape[2]))


class Conv(nn.Module):
    """Convolution along the length, 'same' size, that reads zeros wherever the mask is False."""

    def __init__(self, n_in: int, n_out: int, kernel_size: int) -> None:
        super().__init__()
        if kernel_size % 2 == 0:
            raise ValueError(f"kernel size {kernel_size} is even: no position is its centre")
        self.conv = nn.Conv1d(n_in, n_out, kernel_size, padding=kernel_size // 2)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, L, n_in), (B, L) -> (B, L, n_out)"""
        if self.conv.kernel_size == (1,):  # no neighbour is read: a matrix product, without the two transpositions
            return functional.linear(x, self.conv.weight[..., 0], self.conv.bias)
        x = x.masked_fill(~mask[..., None], 0)
        return conv1d(x.transpose(1, 2), self.conv.weight, self.conv.bias).transpose(1, 2)


class FFTBlock(nn.Module):
    """Feed-forward Transformer block (Ren et al. 2019, 3.1).

    Self-attention, then two convolutions, each with a residual connection and layer normalisation behind it.
    """

    def __init__(
        self, hidden: int, heads: int, filter_size: int, kernel_sizes: tuple[int, int], dropout: float
    ) -> None:
        super().__init__()
        if hidden % heads:
            raise ValueError(f"hidden {hidden} is not a multiple of heads {heads}")
        self.heads = heads
        self.query_key_value = nn.Linear(hidden, 3 * hidden)
        self.attention_out = nn.Linear(hidden, hidden)
        self.attention_norm = nn.LayerNorm(hidden)
        self.conv_in = Conv(hidden, filter_size, kernel_sizes[0])
        self.conv_out = Conv(filter_size, hidden, kernel_sizes[1])
        self.conv_norm = nn.LayerNorm(hidden)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, L, D), (B, L) -> (B, L, D)"""
        x = self.attention_norm(x + self.dropout(self.attention(x, mask)))
        filtered = self.conv_out(self.conv_in(x, mask).relu(), mask)
        return self.conv_norm(x + self.dropout(filtered))

    def attention(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, L, D), (B, L) -> (B, L, D)"""
        heads = self.query_key_value(x).unflatten(2, (3, self.heads, -1))  # (B, L, 3, H, D/H)
        query, key, value = heads.permute(2, 0, 3, 1, 4)  # each (B, H, L, D/H)
        readable = mask[:, None, None, :]  # (B, 1, 1, L): every position attends to the real ones
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=readable)
        return self.attention_out(attended.transpose(1, 2).flatten(2))


class FFTStack(nn.Module):
    """Positions are added, then FFT blocks follow: the encoder, and the decoder, of FastSpeech2."""

    def __init__(
        self,
        layers: int,
        hidden: int,
        heads: int,
        filter_size: int,
        kernel_sizes: tuple[int, int],
        dropout: float,
    ) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(FFTBlock(hidden, heads, filter_size, kernel_sizes, dropout) for _ in range(layers))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, L, D), (B, L) -> (B, L, D), L of any size"""
        x = x + sinusoids(x.shape[1], x.shape[2], x.device).to(x.dtype)
        for block in self.blocks:
            x = block(x, mask)
        return x


class Convolutions(nn.Module):
    """Several times convolution, ReLU, layer normalisation, dropout."""

    def __init__(self, hidden: int, filter_size: int, kernel_size: int, dropout: float, layers: int = 2) -> None:
        super().__init__()
        sizes = [hidden, *[filter_size] * layers]
        self.convs = nn.ModuleList(Conv(n_in, size, kernel_size) for n_in, size in pairwise(sizes))
        self.norms = nn.ModuleList(nn.LayerNorm(size) for size in sizes[1:])
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, L, D), (B, L) -> (B, L, filter_size)"""
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = self.dropout(norm(conv(x, mask).relu()))
        return x


class VariancePredictor(Convolutions):
    """One number a position: convolutions, then a linear layer."""

    def __init__(self, hidden: int, filter_size: int, kernel_size: int, dropout: float, layers: int = 2) -> None:
        super().__init__(hidden, filter_size, kernel_size, dropout, layers)
        self.out = nn.Linear(filter_size, 1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, L, D), (B, L) -> (B, L), zero at padding"""
        return self.out(super().forward(x, mask)).squeeze(2).masked_fill(~mask, 0)


class Postnet(nn.Module):
    """Residual correction of a mel by `layers` convolutions (Shen et al. 2018, 2.2).

    Normalised over the channels of each position. The batch normalisation of the original counts padding
    among its statistics, ties an utterance to its neighbours in the batch, and needs a synchronisation
    between devices.
    """

    def __init__(self, n_mels: int, layers: int, channels: int, kernel_size: int, dropout: float) -> None:
        super().__init__()
        sizes = [n_mels, *[channels] * (layers - 1), n_mels]
        self.convs = nn.ModuleList(Conv(n_in, n_out, kernel_size) for n_in, n_out in pairwise(sizes))
        self.norms = nn.ModuleList(nn.LayerNorm(size) for size in sizes[1:-1])
        self.dropout = Dropout(dropout)

    def forward(self, mel: Tensor, mask: Tensor) -> Tensor:
        """(B, T, M), (B, T) -> (B, T, M)"""
        x = mel
        for conv, norm in zip(self.convs, self.norms, strict=False):
            x = self.dropout(norm(conv(x, mask)).tanh())
        return mel + self.dropout(self.convs[-1](x, mask))
