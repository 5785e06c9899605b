"""Dropout whose random numbers do not hold up a CPU.

torch draws a number an element, on one core: some 9 ns each, 8 % of a step of FastSpeech2 of the memo's size on two
cores. Here a draw of 64 bits serves four elements.
"""

import torch
from torch import Tensor, nn

LARGE = 2**20  # elements; below, little is saved, and a seed goes on to give what torch's own dropout gives
SHARES = 2**16  # a probability is a whole number of these


class Dropout(nn.Dropout):
    """`torch.nn.Dropout`; of large tensors on a CPU, with other draws of the same generator."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        dropped = round(self.p * SHARES)
        large = x.is_cpu and x.numel() >= LARGE and not torch.compiler.is_compiling()
        if not (self.training and large and 0 < dropped < SHARES):
            return super().forward(x)
        return dropout(x, dropped)


def dropout(x: Tensor, dropped: int) -> Tensor:
    """x with each element 0 by a probability of `dropped` / SHARES, and else larger in proportion."""
    draws = torch.empty(-(-x.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
    kept = draws.view(torch.int16)[: x.numel()].view(x.shape) >= dropped - SHARES // 2
    return torch.where(kept, x, 0).mul_(SHARES / (SHARES - dropped))
