"""Published checkpoints for tests: small models that are trained as the published code does, and files of them."""

import copy
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from koeru.families.vocoder.hifigan import MultiPeriodDiscriminator, MultiScaleDiscriminator, generator
from koeru.families.vocoder.published import Source
from koeru.graph.store import file_digest

N_MELS, MPD, MSD = 4, (2, 3, 4, 5, 6), (16,) * 7
STEPS, EPOCH = 2_500_000, 3100
BASE_LR, LR_DECAY = 2e-4, 0.999
G, DO = "g_02500000", "do_02500000"


@dataclass
class Published:
    """The modules of the published code, and its optimisers."""

    generator: nn.Module
    mpd: nn.Module
    msd: nn.Module

    def __post_init__(self):
        settings = {"lr": BASE_LR, "betas": [0.8, 0.99]}
        self.optim_g = torch.optim.AdamW(self.generator.parameters(), **settings)
        self.optim_d = torch.optim.AdamW(itertools.chain(self.msd.parameters(), self.mpd.parameters()), **settings)

    @classmethod
    def small(cls):
        return cls(generator("v2", N_MELS), MultiPeriodDiscriminator(MPD), MultiScaleDiscriminator(MSD))

    @property
    def model(self):
        """The modules under the names that they have in a vocoder of koeru."""
        judges = nn.ModuleDict({"mpd": self.mpd, "msd": self.msd})
        return nn.ModuleDict({"generator": self.generator, "discriminators": judges})

    def step(self, seed):
        give_gradients(self.model, seed)
        self.optim_g.step()
        self.optim_d.step()

    def load(self, g, do):
        self.generator.load_state_dict(g["generator"])
        for name in ("mpd", "msd", "optim_g", "optim_d"):
            getattr(self, name).load_state_dict(copy.deepcopy(do[name]))  # an optimiser would go on in them

    def content(self):
        """What the two files hold."""
        do = {name: getattr(self, name).state_dict() for name in ("mpd", "msd", "optim_g", "optim_d")}
        content = {"generator": self.generator.state_dict()}, {**do, "steps": STEPS, "epoch": EPOCH}
        return copy.deepcopy(content)


def give_gradients(model, seed):
    """Gradients that are others for every parameter, and the same for the same name."""
    drawn = torch.Generator().manual_seed(seed)
    for _, parameter in sorted(model.named_parameters()):
        parameter.grad = torch.randn(parameter.shape, generator=drawn)


def as_of_old(do):
    """The optimisers' states as torch 1.4 wrote them: parameters by their addresses, steps as numbers."""
    do = copy.deepcopy(do)
    for name in ("optim_g", "optim_d"):
        (group,) = do[name]["param_groups"]
        address = {number: 140_000_000_000_000 - 64 * number for number in group["params"]}
        group["params"] = [address[number] for number in group["params"]]
        state = do[name]["state"]
        do[name]["state"] = {address[n]: {**kinds, "step": int(kinds["step"])} for n, kinds in sorted(state.items())}
        for setting in set(group) - {"lr", "betas", "eps", "weight_decay", "amsgrad", "params"}:
            del group[setting]
    return do


def trained() -> Published:
    """Small modules after two steps."""
    torch.manual_seed(0)
    modules = Published.small()
    for seed in range(2):
        modules.step(seed)
    return modules


def write_files(
    folder: Path, g: Any, do: Any = None, *, variant: str = "v2", legacy: bool = False, stated: bool = True
) -> Source:
    """Write what files hold (bytes: the files themselves), and give the entry that names them."""
    paths = {"generator": folder / G} | ({"discriminators": folder / DO} if do is not None else {})
    for path, content in zip(paths.values(), (g, do), strict=False):
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    return entry(paths, variant, stated)


def entry(paths: dict[str, Path], variant: str = "v2", stated: bool = True) -> Source:
    """The entry of files, with their sha256 or without."""
    digests = {f"{leaf}_sha256": file_digest(path) if stated else None for leaf, path in paths.items()}
    return Source("universal", variant, **paths, **digests)
