"""Mixtures of diagonal Gaussians, given by a layer (mixture density network, Bishop 1994)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from koeru.data.noise import mixture_noise
from koeru.nn.layers import at_least_float32, full_precision

MIN_SCALE = 1e-3  # of normalised embeddings: no density is infinite, and no error is divided by zero


@dataclass(frozen=True)
class Noise:
    """What points of mixtures are drawn from."""

    gumbel: Tensor  # (..., K), standard Gumbel, for the component
    normal: Tensor  # (..., E), standard normal, for the deviations from its mean

    @classmethod
    def of(cls, sources: Sequence[str], n: int, num_gaussians: int, size: int, device: torch.device) -> "Noise":
        """That of n points an utterance, (B, n, ...), by what each utterance is drawn from."""
        drawn = zip(*(mixture_noise(source, n, num_gaussians, size) for source in sources), strict=True)
        return cls(*(torch.from_numpy(np.stack(values)).to(device) for values in drawn))

    def __getitem__(self, at: tuple | slice) -> "Noise":
        return Noise(self.gumbel[at], self.normal[at])


@dataclass
class Mixture:
    """Densities over E dimensions with K components, one at each of the leading positions, in float32."""

    log_weights: Tensor  # (..., K), normalised
    means: Tensor  # (..., K, E)
    scales: Tensor  # (..., K, E), standard deviations

    def log_prob(self, x: Tensor) -> Tensor:
        """Log-density, in nats, of x (..., E): (...). All in log space: no density under- or overflows."""
        return self.joint(x).logsumexp(-1)

    def joint(self, x: Tensor) -> Tensor:
        """Log-density of x (..., E) together with each component: (..., K)."""
        distances = (at_least_float32(x).unsqueeze(-2) - self.means) / self.scales  # (..., K, E)
        densities = -0.5 * distances.square() - self.scales.log() - 0.5 * math.log(2 * math.pi)
        return self.log_weights + densities.sum(-1)

    def sample(self, temperature: float, noise: Noise) -> Tensor:
        """A point (..., E) of each mixture, drawn from noise of the same leading positions.

        The component is drawn with probabilities in proportion to weight^(1 / temperature), by the largest of
        the log-weights with Gumbel noise, and its deviations are multiplied by the temperature: at 0 the result is
        the mean of the likeliest component.
        """
        component = (self.log_weights + temperature * noise.gumbel).argmax(-1)[..., None, None]  # (..., 1, 1)
        chosen = component.expand(*component.shape[:-1], self.means.shape[-1])  # (..., 1, E)
        mean, scale = (values.gather(-2, chosen).squeeze(-2) for values in (self.means, self.scales))
        return mean + temperature * scale * noise.normal


class MixtureHead(nn.Module):
    """A linear layer that gives a mixture of `num_gaussians` over `size` dimensions."""

    def __init__(self, n_in: int, num_gaussians: int, size: int) -> None:
        super().__init__()
        self.num_gaussians, self.size = num_gaussians, size
        self.out = nn.Linear(n_in, num_gaussians * (1 + 2 * size))

    def forward(self, x: Tensor) -> Mixture:
        """(..., n_in) -> a mixture at each position, in float32 whatever the precision around it.

        Deviations are ELU + 1, which grows like its input where that is large: exp overflowed.
        """
        with full_precision(x):
            weights, means, scales = self.out(at_least_float32(x)).split(
                [self.num_gaussians, *[self.num_gaussians * self.size] * 2], dim=-1
            )
            shape = (self.num_gaussians, self.size)
            scales = functional.elu(scales) + 1 + MIN_SCALE
            return Mixture(weights.log_softmax(-1), means.unflatten(-1, shape), scales.unflatten(-1, shape))

    def noise(self, sources: Sequence[str], n: int, device: torch.device) -> Noise:
        """What n points an utterance are drawn from: (B, n, ...)."""
        return Noise.of(sources, n, self.num_gaussians, self.size, device)
