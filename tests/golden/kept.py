"""What is kept of the output of each stage: texts that stay as they are, and numbers, some of them thinned out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from golden.comparing import Output
from safetensors import safe_open

from koeru.graph.store import digest_of, read_json
from koeru.report.measurement import METRICS, Measurement
from koeru.training.checkpoint import load

STEP = {"mel": 4, "sp": 4, "samples": 16}  # of large arrays, every so many rows are kept


def arrays_of(path: Path) -> dict[str, np.ndarray]:
    with safe_open(path, "numpy") as file:
        return {name: _strided(name.rsplit("/", 1)[-1], file.get_tensor(name)) for name in sorted(file.keys())}


def _strided(name: str, array: np.ndarray) -> np.ndarray:
    return array[:: STEP.get(name.removeprefix("natural_"), 1)]


def samples_of(path: Path) -> np.ndarray:
    return _strided("samples", soundfile.read(path, dtype="int16")[0])


def _splits(folder: Path) -> Output:
    warnings = read_json(folder / "node.json")["warnings"]
    return Output({"splits": read_json(folder / "splits.json"), "warnings": warnings})


def _stats(folder: Path) -> Output:
    content = read_json(folder / "stats.json")
    texts = {name: content[name] for name in ("speakers", "emotions", "before_emotions", "per_speaker")}
    texts["counts"] = {f: {g: s["count"] for g, s in groups.items()} for f, groups in content["features"].items()}
    arrays = {
        f"{feature}/{group}/{name}": np.array(scale[name])
        for feature, groups in content["features"].items()
        for group, scale in groups.items()
        for name in ("mean", "std")
    } | {
        f"{feature}/{level}/range": np.array(ends)
        for feature, levels in content["ranges"].items()
        for level, ends in levels.items()
    }
    return Output(texts, arrays)


def _dataset(folder: Path) -> Output:
    told = read_json(folder / "node.json")
    texts = {name: told[name] for name in ("kept", "seconds_kept", "warnings")}
    texts |= {p.name: p.read_text("utf-8") for p in sorted([*folder.glob("*.list"), folder / "excluded.tsv"])}
    return Output(texts | {"files": files_of(folder)})


def _train(folder: Path) -> Output:
    told = read_json(folder / "epoch_0002.json")
    texts = {name: told[name] for name in ("step", "utterances", "speakers", "emotions", "parameters")}
    return Output(texts, _logged(told))


def _logged(told: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The losses of a training."""
    return {
        f"epoch {row['epoch']}/{split}/{part}": np.array(value)
        for row in told["log"]
        for split in ("train", "dev")
        for part, value in row[split].items()
    }


def _weights(folder: Path) -> Output:
    told = read_json(folder / "node.json")
    norms = {name: np.array(float(tensor.norm())) for name, tensor in load(folder / "state.pt").model.items()}
    return Output({name: told[name] for name in ("step", "epoch", "discriminators", "parameters", "variant")}, norms)


def _gta(folder: Path) -> Output:
    told = read_json(folder / "000.json")
    texts = [{name: record[name] for name in ("id", "split", "n_frames")} for record in told["utterances"]]
    return Output({"utterances": texts, "excluded": told["excluded"]}, arrays_of(folder / told["payload"]["file"]))


def _vocoder(folder: Path) -> Output:
    told = read_json(folder / "epoch_0001.json")
    texts = {name: told[name] for name in ("step", "utterances", "excluded", "parameters")}
    return Output(
        texts | {"notes": told["loaded"]["notes"]}, _logged(told) | {"start": np.array(told["at_start"]["mel"])}
    )


def _resynthesis(folder: Path) -> Output:
    found = Measurement.read(folder)
    numbers = {name: np.array(found.metrics[name].value) for name in ("mel_l1", "mel_l1_input", "stft_distance")}
    return Output(_measured(folder) | {"files": files_of(folder)}, numbers)


def _synthesis(folder: Path) -> Output:
    arrays = arrays_of(folder / "pictures.safetensors")
    for path in sorted((folder / "samples").glob("*.natural.wav")):
        arrays[path.stem] = _strided("samples", soundfile.read(path)[0])
    told = read_json(folder / "samples.json")
    return Output({name: value for name, value in told.items() if name != "vocoder"}, arrays)  # which has a key


def _evaluation(folder: Path) -> Output:
    found = Measurement.read(folder)
    numbers = {}
    for key, metric in found.metrics.items():
        known = {key: metric} | {f"{key}_{name}": baseline for name, baseline in metric.baselines.items()}
        numbers |= {name: np.array(one.value) for name, one in known.items()}
    pairs = digest_of([[c["speaker"], c["pair"], c["carrier"]] for c in read_json(folder / "accents.json")])
    fallbacks = found.more["baseline_fallbacks"]
    return Output(_measured(folder) | {"baseline_fallbacks": fallbacks, "pairs": pairs}, numbers)


def _durations(folder: Path) -> Output:
    told = read_json(folder / "durations.json")
    costs = {f"{row['id']}/cost": np.array(row.pop("cost")) for row in told["pairs"]}
    return Output(told, arrays_of(folder / "durations.safetensors") | costs)


def _conversion_samples(folder: Path) -> Output:
    told = read_json(folder / "samples.json")
    return Output(told, arrays_of(folder / "pictures.safetensors"))


def _valued(folder: Path) -> Output:
    found = Measurement.read(folder)
    numbers = {}
    for key, metric in found.metrics.items():
        known = {key: metric} | {f"{key}_{name}": baseline for name, baseline in metric.baselines.items()}
        numbers |= {name: np.array(one.value) for name, one in known.items()}
    return Output(_measured(folder), numbers)


def _exp(folder: Path) -> Output:
    with safe_open(folder / "model.safetensors", "numpy") as file:
        shapes = {name: list(file.get_slice(name).get_shape()) for name in sorted(file.keys())}
        told = sorted(json.loads(file.metadata()["koeru"]))
    return Output({"files": files_of(folder), "weights": shapes, "metadata": told} | _measured(folder))


def _measured(folder: Path) -> dict[str, Any]:
    """What metrics.json tells, but for the values, and the columns of utterances.jsonl."""
    columns = {tuple(sorted(row)) for row in Measurement.read(folder).rows.values()}
    return {"metrics": _keys(read_json(folder / METRICS)), "columns": [list(names) for names in sorted(columns)]}


def files_of(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def _keys(content: Any) -> Any:
    return {name: _keys(value) for name, value in sorted(content.items())} if isinstance(content, dict) else None


OWN = {
    "splits": _splits,
    "stats": _stats,
    "sp_stats": _stats,
    "dataset": _dataset,
    "train": _train,
    "weights": _weights,
    "gta": _gta,
    "vocoder": _vocoder,
    "resynthesis": _resynthesis,
    "synthesis": _synthesis,
    "evaluation": _evaluation,
    "exp": _exp,
    "durations": _durations,
    "conversion": _train,
    "conversion_samples": _conversion_samples,
    "conversion_evaluation": _valued,
    "conversion_page": _exp,
    "recogniser": _train,
    "recognition": _valued,
    "recogniser_page": _exp,
}
