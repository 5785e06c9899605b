"""One update by Adam of a model that is taught by true answers: schedule, gradients, clipping, what is told."""

from collections.abc import Mapping

import torch
from lightning_fabric import Fabric
from torch import nn

from koeru.config.training import Supervised
from koeru.nn.losses import Mean, total_loss
from koeru.training.checkpoint import Position
from koeru.training.loader import Batch
from koeru.training.parallel import over_devices, seed_step
from koeru.training.schedule import learning_rate
from koeru.training.sums import averages, require_finite, to_host
from koeru.training.task import Step

ADAM = {"betas": (0.9, 0.98), "eps": 1e-9}  # Vaswani et al. 2017, 5.3


class Update:
    """A model and its optimiser, on the device of a Fabric."""

    def __init__(self, fabric: Fabric, model: nn.Module, settings: Supervised) -> None:
        trained = [p for p in model.parameters() if p.requires_grad]
        optimiser = torch.optim.Adam(trained, **ADAM, fused=True)
        if settings.compile:
            model.compile(dynamic=True)
        self.fabric, self.settings = fabric, settings
        self.model, self.optimiser = fabric.setup(model, optimiser)

    def begin(self, position: Position) -> None:
        """Before the losses of the step after `position` are computed: its rate, its gradients, its randomness."""
        self.rate = learning_rate(position.step + 1, self.settings)
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate
        self.optimiser.zero_grad()
        seed_step(self.fabric, self.settings.seed, position.step)

    def end(self, own: Mapping[str, Mean], batch: Batch, position: Position) -> Step:
        """Update by the losses of this device. Errors: NonFiniteLossError, before the weights change."""
        fabric, weights = self.fabric, self.settings.weights
        parts, whole = over_devices(fabric, own, batch.filler)
        fabric.backward(total_loss(parts, weights))
        norm = fabric.clip_gradients(
            self.model, self.optimiser, max_norm=self.settings.max_grad_norm, error_if_nonfinite=False
        )
        (loss, gradient_norm), sums = to_host([total_loss(whole, weights), norm], whole)  # the only wait in a step
        told = averages(sums, weights) | {"gradient norm": gradient_norm}
        require_finite(fabric, position, batch.ids, own, told)
        self.optimiser.step()
        return Step({"loss": loss, "gradient_norm": gradient_norm, "learning_rate": self.rate}, sums)
