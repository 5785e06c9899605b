"""A voice without torch: graphs of ONNX, and numpy between them.

    text:     ids of phones, accents, devoiced; who speaks and how -> text (1, P, D); where prosody is modelled, what of
              it is said (1, P, F), and the global prosody, pooled (1, E), that is drawn
    step:     what is said of a phone, the prosody of the one before, a state -> its local prosody, the next state
    phones:   text, prosody (1, P or 1, E) -> hidden (1, P, D), log_durations (1, P), what is predicted of phones
    frames:   what is hidden, repeated (1, T, D) -> hidden (1, T, D), what is predicted of frames; absent without such
    decoder:  hidden (1, T, D) -> mel (1, T, M)

No two graphs share weights. Pitch and energy are inputs where they are predicted, NaN where they are left to
the model. What is drawn from is an input too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from koeru.audio.mel import MelSpec
from koeru.data.exported import read_graphs
from koeru.data.noise import mixture_noise
from koeru.data.onnx_graph import OnnxGraph
from koeru.data.statistics import Stats
from koeru.data.vocabulary import Vocabulary
from koeru.families.acoustic.item import Item
from koeru.families.acoustic.speaking import Said, Speaking, field

if TYPE_CHECKING:
    from koeru.families.acoustic.entry import Level

NAMES = ("pitch", "energy")
TEXT = ("phones", "accents", "devoiced")  # of an item, (P,)
WHO = ("speaker", "emotion", "before_emotion")  # of an item, a number


class OnnxVoice(Speaking):
    """A voice of graphs: it answers as `koeru.families.acoustic.voice.Voice` does, within 0.001 of a natural log.

    `told` is what the file of a voice tells, with `levels`, and `graphs` are those above by name.
    """

    def __init__(self, graphs: Mapping[str, bytes], told: Mapping[str, Any], threads: int | None = None) -> None:
        self.vocabulary, self.stats = Vocabulary.of(told["vocabulary"]), Stats.from_dict(told["stats"])
        self.mel_spec, self.reading = MelSpec(**told["mel"]), told.get("reading")
        self.levels: Mapping[str, Level] = told["levels"]
        self.graphs = {name: OnnxGraph(graph, threads) for name, graph in graphs.items()}

    @classmethod
    def from_file(cls, path: Path, device: object = "cpu", threads: int | None = None) -> Self:
        """The voice of a file of graphs. Errors: ValueError naming the file that is not one, or another device."""
        if str(device) != "cpu":
            raise ValueError(f"{path} speaks on the CPU alone, not on {device}: its graphs are ONNX")
        return cls(*read_graphs(path), threads)

    @property
    def speakers(self) -> list[str]:
        """Whom it knows and has statistics of."""
        return self.stats.known(self.vocabulary.speakers)

    @property
    def controls(self) -> list[str]:
        """What the model is told apart from what is said: "speaker", "emotion"."""
        return [kind for kind in ("speaker", "emotion") if kind in self.graphs["text"].shapes]

    @property
    def draws_prosody(self) -> bool:
        """Whether another seed gives another answer."""
        return "prosody" in self.graphs["phones"].shapes

    def said(self, items: Sequence[Item], temperature: float, seeds: Sequence[int], decode: bool) -> list[Said]:
        """What the model says of texts, one after the other."""
        pairs = zip(items, seeds, strict=True)
        return [self._said(item, temperature, f"{seed} {item.id}", decode) for item, seed in pairs]

    def _said(self, item: Item, temperature: float, source: str, decode: bool) -> Said:
        ids = {name: getattr(item, name)[None] for name in TEXT} | {
            name: np.array([getattr(item, name)]) for name in WHO
        }
        text, warmth = self.graphs["text"], np.asarray(temperature, np.float32)
        noise = _noise(text, f"global {source}", 1) if "gumbel" in text.shapes else {}
        read = text(**ids, **noise, temperature=warmth)
        prosody = self._drawn(read, warmth, source) if self.draws_prosody else None
        said = self.graphs["phones"](text=read["text"], prosody=prosody, **self._told(item, "phone", len(item.phones)))
        log_durations = said["log_durations"][0]
        durations = whole_frames(log_durations) if item.durations is None else item.durations
        hidden = np.repeat(said["hidden"], durations, axis=1)  # (1, T, D)
        if "frames" in self.graphs:
            said |= self.graphs["frames"](repeated=hidden, **self._told(item, "frame", hidden.shape[1]))
            hidden = said["hidden"]
        mel = self.graphs["decoder"](hidden=hidden)["mel"][0] if decode else None
        return Said(log_durations, durations, **{name: said[name][0] for name in NAMES}, mel=mel)

    def _told(self, item: Item, level: Level, size: int) -> dict[str, np.ndarray]:
        """Pitch and energy of a level as they are told, or left to the model: each (1, size)."""
        told = {f"told_{name}": getattr(item, field(name, level)) for name in NAMES if self.levels[name] == level}
        own = np.full(size, np.nan, np.float32)
        return {name: (own if values is None else values)[None] for name, values in told.items()}

    def _drawn(self, read: Mapping[str, np.ndarray], temperature: np.ndarray, source: str) -> np.ndarray:
        """The vectors of prosody: (1, P, E), or (1, 1, E) where it is only global."""
        pooled = read.get("pooled")  # (1, E)
        if (step := self.graphs.get("step")) is None:
            return pooled[:, None]
        said = read["said"]  # (1, P, F)
        noise = _noise(step, f"local {source}", said.shape[1])
        state, spoken = np.zeros(step.shapes["state"], np.float32), [np.zeros(step.shapes["before"], np.float32)]
        for at in range(said.shape[1]):
            own = {name: values[:, at : at + 1] for name, values in {**noise, "said": said}.items()}
            found = step(**own, before=spoken[-1], pooled=pooled, state=state, temperature=temperature)
            spoken.append(found["spoken"])
            state = found["next_state"]
        return np.concatenate(spoken[1:], axis=1)


def _noise(graph: OnnxGraph, source: str, n: int) -> dict[str, np.ndarray]:
    """What a graph draws n points from: "gumbel" (1, n, K) and "normal" (1, n, E)."""
    gumbel, normal = mixture_noise(source, n, *(graph.shapes[name][-1] for name in ("gumbel", "normal")))
    return {"gumbel": gumbel[None], "normal": normal[None]}


def whole_frames(log_durations: np.ndarray) -> np.ndarray:
    """Durations (P,) in frames of predicted log(frames + 1), at least one, as those of `variance`."""
    return np.maximum(np.rint(np.expm1(log_durations)), 1).astype(np.int64)
