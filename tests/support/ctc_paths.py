"""Small log-posteriors, and what a path through them says."""

import torch

N_CLASSES = 4


def posteriors(n_rows, n_frames, seed=0):
    """Random ones (B, S, C), in double precision."""
    torch.manual_seed(seed)
    return torch.randn(n_rows, n_frames, N_CLASSES).double().log_softmax(2)


def collapsed(path):
    """The labels of a path: runs of one as one, then without blanks."""
    changes = [label for at, label in enumerate(path) if at == 0 or path[at - 1] != label]
    return [label for label in changes if label]
