"""Entries of the toy: how loud a frame is, told from its mel."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from koeru.config.base import Positive, Section
from koeru.config.training import Optimisation, Training


class Model(Section):
    """One linear layer; `bias` adds a constant."""

    type: Literal["loudness"] = "loudness"
    bias: bool = True


class Train(Optimisation):
    """Optimisation by SGD, an utterance a batch."""

    learning_rate: Annotated[float, Field(gt=0)] = 1e-3


class Loudness(Training):
    """The energy of each frame of a dataset as a linear function of its mel."""

    model: Model = Model()
    train: Train = Train()
    epochs: Positive = 2
