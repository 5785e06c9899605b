"""What a job computes on."""

from __future__ import annotations

import torch


def accelerator(device: str, leaf: str = "train.device") -> str:
    """ "cuda" or "cpu", for an entry that says auto, cpu or cuda. CUDA is not begun by it (`koeru.jobs.lease`).

    Errors: ValueError where cuda is wanted and not there.
    """
    there = torch.cuda.device_count() > 0
    if device == "cuda" and not there:
        raise ValueError(f"{leaf} is cuda, but torch finds no GPU on this machine: set it to auto or cpu")
    return "cuda" if there and device != "cpu" else "cpu"
