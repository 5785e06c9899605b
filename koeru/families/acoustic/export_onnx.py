"""A voice as the graphs of `koeru.families.acoustic.onnx_voice`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

from koeru.data.exported import read_told
from koeru.families.acoustic.entry import Level
from koeru.families.acoustic.model import FastSpeech2
from koeru.families.acoustic.onnx_voice import NAMES, TEXT, WHO
from koeru.families.acoustic.voice import Voice
from koeru.nn.mixture import MixtureHead, Noise
from koeru.nn.to_onnx import onnx_bytes

LENGTH = 7  # of the example that is traced
HIDDEN = ("text", "said", "prosody", "hidden", "repeated", "log_durations", "mel")
VARYING = dict.fromkeys((*TEXT, *HIDDEN, *NAMES, *(f"told_{name}" for name in NAMES)), 1)  # -> its axis of length


def exported(path: Path) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The graphs of the file of a voice by name, and what it tells, as `OnnxVoice` wants them."""
    voice = Voice.from_file(path)
    return graphs(voice.model), read_told(path) | {"levels": voice.levels}


def graphs(model: FastSpeech2) -> dict[str, bytes]:
    """The graphs of a model on the CPU, by name."""
    made = {"text": _text(model), "phones": _values(model, "phone"), "decoder": _decoder(model)}
    if "frame" in model.variance.levels.values():
        made["frames"] = _values(model, "frame")
    if model.prosody is not None and model.prosody.predictor.local is not None:
        made["step"] = _step(model)
    return made


class _Graph(nn.Module):
    """A part of a model as a function of named tensors; the model is in it for its weights."""

    def __init__(self, model: nn.Module, names: Sequence[str], function: Callable[..., Any]) -> None:
        super().__init__()
        self.model, self.names, self.function = model, names, function

    def forward(self, *tensors: Tensor) -> Any:
        """What the function gives of the tensors by their names."""
        return self.function(**dict(zip(self.names, tensors, strict=True)))


def _graph(
    model: FastSpeech2,
    inputs: Mapping[str, Tensor],
    outputs: Sequence[str],
    function: Callable[..., Any],
    varying: Mapping[str, int] = VARYING,
) -> bytes:
    return onnx_bytes(_Graph(model, list(inputs), function), inputs, outputs, varying)


def _text(model: FastSpeech2) -> bytes:
    ids = {name: torch.ones(1, LENGTH, dtype=torch.int64) for name in TEXT}
    ids |= {name: torch.zeros(1, dtype=torch.int64) for name in WHO}
    known = {"phones", "devoiced"} | {name for name in ids if getattr(model, _table(name), None) is not None}
    inputs, outputs = {name: tensor for name, tensor in ids.items() if name in known}, ["text"]
    prosody = model.prosody
    global_ = None if prosody is None else prosody.predictor.global_
    if prosody is not None and prosody.predictor.local is not None:
        outputs.append("said")
    if global_ is not None:
        inputs |= _drawn_from(global_.head)
        outputs.append("pooled")

    def function(**given: Tensor) -> tuple[Tensor, ...]:
        mask = torch.ones_like(given["phones"], dtype=torch.bool)
        text, speaker = model.encode(SimpleNamespace(**{_table(name): ids for name, ids in given.items()}), mask)
        found = {"text": text + speaker}
        if prosody is not None:
            found["said"] = prosody.predictor.read(text if model.prosody_speaker_independence else found["text"], mask)
        if global_ is not None:
            _, states = global_.gru(found["said"].transpose(0, 1))  # (layers * 2, 1, H): what `last_states` joins
            mixture = global_.head(torch.cat([states[-2], states[-1]], dim=-1))
            noise = Noise(given["gumbel"][:, 0], given["normal"][:, 0])
            found["pooled"] = mixture.sample(given["temperature"], noise)
        return tuple(found[name] for name in outputs)

    return _graph(model, inputs, outputs, function)


def _step(model: FastSpeech2) -> bytes:
    local, pooled = model.prosody.predictor.local, {}
    size = local.embedding.in_features
    if model.prosody.predictor.global_ is not None:
        pooled["pooled"] = torch.zeros(1, size)
    inputs = {
        "said": torch.zeros(1, 1, local.gru.input_size - size),
        "before": torch.zeros(1, 1, size),
        "state": torch.zeros(local.gru.num_layers, 1, local.gru.hidden_size),
        **pooled,
        **_drawn_from(local.head),
    }

    def function(
        said: Tensor,
        before: Tensor,
        state: Tensor,
        gumbel: Tensor,
        normal: Tensor,
        temperature: Tensor,
        pooled: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        mixture, state = local.step(said, before, pooled, state)
        return mixture.sample(temperature, Noise(gumbel, normal)), state

    return _graph(model, inputs, ["spoken", "next_state"], function, varying={})


def _values(model: FastSpeech2, level: Level) -> bytes:
    """The graph `phones`, or `frames`: what is predicted of a level, and added."""
    own = [name for name in NAMES if model.variance.levels[name] == level]
    inputs = {"text" if level == "phone" else "repeated": torch.zeros(1, LENGTH, model.phones.embedding_dim)}
    if level == "phone" and model.prosody is not None:
        size = model.prosody.embedding.in_features
        inputs["prosody"] = torch.zeros(1, 1 if model.prosody.predictor.local is None else LENGTH, size)
    inputs |= {f"told_{name}": torch.full((1, LENGTH), torch.nan) for name in own}
    outputs = ["hidden", *(["log_durations"] if level == "phone" else []), *own]

    def function(prosody: Tensor | None = None, **given: Tensor) -> tuple[Tensor, ...]:
        x = given["text" if level == "phone" else "repeated"]
        mask, true = torch.ones_like(x[..., 0], dtype=torch.bool), _Told({n: given[f"told_{n}"] for n in own})
        if prosody is not None:
            x = x + model.prosody.embedding(prosody)
        if level == "phone":
            x, log_durations, values = model.variance.phones(x, mask, true)
            return x, log_durations, *(values[name] for name in own)
        x, values = model.variance.frames(x, mask, true)
        return x, *(values[name] for name in own)

    return _graph(model, inputs, outputs, function)


def _decoder(model: FastSpeech2) -> bytes:
    def function(hidden: Tensor) -> Tensor:
        mask = torch.ones_like(hidden[..., 0], dtype=torch.bool)
        mel = model.to_mel(model.decoder(hidden, mask))
        return mel if model.postnet is None else model.postnet(mel, mask)

    return _graph(model, {"hidden": torch.zeros(1, LENGTH, model.phones.embedding_dim)}, ["mel"], function)


class _Told(dict):
    """Values that are told, for `VarianceAdaptor`: those that are NaN are its own."""

    def get(self, name: str, own: Tensor) -> Tensor:
        return torch.where(self[name].isnan(), own, self[name])


def _table(name: str) -> str:
    """The part of a model, and the field of a batch, that has an id of an item."""
    return f"{name}s" if name in WHO else name


def _drawn_from(head: MixtureHead) -> dict[str, Tensor]:
    """What the point of a mixture is drawn from."""
    noise = {"gumbel": torch.zeros(1, 1, head.num_gaussians), "normal": torch.zeros(1, 1, head.size)}
    return noise | {"temperature": torch.ones(())}
