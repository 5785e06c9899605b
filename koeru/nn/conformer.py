"""Conformer blocks (Gulati et al. 2020, arXiv 2005.08100), with attention that knows how far apart positions are.

Masks are boolean, True where a position is real; tensors are (batch, length, channels). Padding reaches no real
position.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from koeru.nn.dropout import Dropout
from koeru.nn.layers import sinusoids


class ConformerStack(nn.Module):
    """Conformer blocks one after the other."""

    def __init__(
        self,
        layers: int,
        hidden: int,
        attention_size: int,
        heads: int,
        filter_size: int,
        kernel_size: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            ConformerBlock(hidden, attention_size, heads, filter_size, kernel_size, dropout) for _ in range(layers)
        )

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, L, D), (B, L) -> (B, L, D), L of any size"""
        distances = relative_positions(x.shape[1], x.shape[2], x.device).to(x.dtype)  # (2 L - 1, D)
        for block in self.blocks:
            x = block(x, mask, distances)
        return x


class ConformerBlock(nn.Module):
    """Half a feed-forward layer, self-attention, a convolution, the other half; layer normalisation at the end."""

    def __init__(
        self, hidden: int, attention_size: int, heads: int, filter_size: int, kernel_size: int, dropout: float
    ) -> None:
        super().__init__()
        self.feed_forward_in = FeedForward(hidden, filter_size, dropout)
        self.attention_norm = nn.LayerNorm(hidden)
        self.attention = RelativeAttention(hidden, attention_size, heads)
        self.convolution = ConvolutionModule(hidden, kernel_size, dropout)
        self.feed_forward_out = FeedForward(hidden, filter_size, dropout)
        self.norm = nn.LayerNorm(hidden)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor, distances: Tensor) -> Tensor:
        """(B, L, D), (B, L), (2 L - 1, D) -> (B, L, D)"""
        x = x + 0.5 * self.feed_forward_in(x)
        x = x + self.dropout(self.attention(self.attention_norm(x), mask, distances))
        x = x + self.convolution(x, mask)
        return self.norm(x + 0.5 * self.feed_forward_out(x))


class FeedForward(nn.Sequential):
    """Layer normalisation, a wide layer with Swish, a layer back."""

    def __init__(self, hidden: int, filter_size: int, dropout: float) -> None:
        wide = [nn.Linear(hidden, filter_size), nn.SiLU(), Dropout(dropout)]
        super().__init__(nn.LayerNorm(hidden), *wide, nn.Linear(filter_size, hidden), Dropout(dropout))


class RelativeAttention(nn.Module):
    """Self-attention whose scores depend on content and on distance (Dai et al. 2019, arXiv 1901.02860, 3.3).

    `size` channels in all heads together.
    """

    def __init__(self, hidden: int, size: int, heads: int) -> None:
        super().__init__()
        if size % heads:
            raise ValueError(f"attention of {size} channels does not divide into {heads} heads")
        self.heads = heads
        self.query_key_value = nn.Linear(hidden, 3 * size)
        self.distance = nn.Linear(hidden, size, bias=False)
        self.content_bias = nn.Parameter(torch.zeros(heads, size // heads))
        self.distance_bias = nn.Parameter(torch.zeros(heads, size // heads))
        self.out = nn.Linear(size, hidden)

    def forward(self, x: Tensor, mask: Tensor, distances: Tensor) -> Tensor:
        """(B, L, D), (B, L), (2 L - 1, D) -> (B, L, D)"""
        heads = self.query_key_value(x).unflatten(2, (3, self.heads, -1))  # (B, L, 3, H, A / H)
        query, key, value = heads.permute(2, 0, 3, 1, 4)  # each (B, H, L, A / H)
        of_distance = self.distance(distances).unflatten(1, (self.heads, -1)).permute(1, 2, 0)  # (H, A / H, 2 L - 1)
        scores = shifted((query + self.distance_bias[:, None]) @ of_distance)  # (B, H, L, L)
        scores = (scores * query.shape[-1] ** -0.5).masked_fill(~mask[:, None, None, :], -torch.inf)
        content = query + self.content_bias[:, None]
        attended = functional.scaled_dot_product_attention(content, key, value, attn_mask=scores.to(content.dtype))
        return self.out(attended.transpose(1, 2).flatten(2))


class ConvolutionModule(nn.Module):
    """Gated linear unit, a convolution of each channel, Swish.

    Normalised over the channels of each position, where the original normalises over the batch: see `Postnet` in
    `koeru.nn.layers`.
    """

    def __init__(self, hidden: int, kernel_size: int, dropout: float) -> None:
        super().__init__()
        if kernel_size % 2 == 0:
            raise ValueError(f"kernel size {kernel_size} is even: no position is its centre")
        self.norm_in = nn.LayerNorm(hidden)
        self.gate = nn.Linear(hidden, 2 * hidden)
        self.conv = nn.Conv1d(hidden, hidden, kernel_size, padding=kernel_size // 2, groups=hidden)
        self.norm = nn.LayerNorm(hidden)
        self.out = nn.Linear(hidden, hidden)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, L, D), (B, L) -> (B, L, D)"""
        x = functional.glu(self.gate(self.norm_in(x)), dim=2).masked_fill(~mask[..., None], 0)
        x = self.conv(x.transpose(1, 2)).transpose(1, 2)
        return self.dropout(self.out(functional.silu(self.norm(x))))


def relative_positions(length: int, hidden: int, device: torch.device) -> Tensor:
    """Sinusoids of the distances length - 1, ..., 1 - length: (2 length - 1, hidden)."""
    ahead = sinusoids(length, hidden, device)  # of the distances 0, 1, ...
    sines, cosines = ahead.chunk(2, dim=1)
    behind = torch.cat([-sines, cosines], dim=1)[1:]
    return torch.cat([ahead.flip(0), behind])


def shifted(scores: Tensor) -> Tensor:
    """Scores (B, H, L, 2 L - 1) of the distances from L - 1 down to 1 - L, as those of positions (B, H, L, L).

    Position j is i - j ahead of position i. Of row i, what is wanted begins at L - 1 - i: by a column more in front,
    and read in rows of another length, every row lies one further to the left than the one before.
    """
    length = scores.shape[2]
    padded = functional.pad(scores, (1, 0)).flatten(2)  # (B, H, L * 2 L)
    return padded[..., length:].unflatten(2, (length, 2 * length - 1))[..., :length]
