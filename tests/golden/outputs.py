"""The golden outputs: what each stage makes of a few seconds of committed speech, and how it is compared.

An output may change only with the version of its stage, or of a stage before it.
"""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from configured import STAGES
from golden.comparing import Output, difference
from golden.kept import OWN, arrays_of, files_of, samples_of
from in_process import Made, made, script
from tiny import TINY_CONVERSION, TINY_MODEL, TINY_PROSODY, TINY_RECOGNISER, TINY_VOCODER, random_weights

from koeru.graph.node import Node, ancestry
from koeru.graph.plan import place
from koeru.graph.stages import DATA_DEFAULTS
from koeru.graph.store import Manifest, Place, Store, digest_of, read_json, write_json
from koeru.jobs.stage import Work
from koeru.stand_in.files import DialogueFiles
from koeru.stand_in.script import Line, plan
from koeru.text.textgrid import read_tier

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
DIALOGUES = {  # by the hash of their names: two for training, one held out for dev, one for eval
    1: Line("Teacher", "Normal", "雨が降りました。"),
    2: Line("MStudent", "Happy", "はい、箸です！"),
    4: Line("Teacher", "Angry", "橋は渡れません。"),
    5: Line("MStudent", "Sad", "三時ですか？"),
}
PAIR = ("s1", "s2", "s3", "s4")  # the same sentences, which the splits below hold out one by one
CONFIG = {
    "corpora": {"G": {"format": "studies", "path": str(CORPUS)}, "P": {"format": "folder", "path": "pair"}},
    "spk": {
        "golden": {"corpora": ["G"], "shards": 1, "features": ["sp", "tokens"]},
        "pair": {
            "corpora": ["P"],
            "shards": 1,
            "labels": {"times": "none"},
            "splits": {"dev": 0.3, "eval": 0.19},
            "pairs": {"speakers": [["N", "C"]]},
        },
    },
    "exp": {
        "golden": {
            "spk": "golden",
            "model": TINY_MODEL | TINY_PROSODY | {"postnet_layers": 1},
            "train": {"threads": 1, "device": "cpu", "warmup_steps": 2, "batch_size": 2},
            "epochs": 2,
            "chunk": 1,
            "vocoder": "golden",
            "synthesis": {"samples": 1},
            "evaluation": {"bootstrap": 20, "prosody_samples": 2},
        },
        "converted": {
            "spk": "pair",
            "model": TINY_CONVERSION | TINY_PROSODY | {"postnet_layers": 1},
            "train": {"threads": 1, "device": "cpu", "warmup_steps": 2, "batch_size": 2},
            "epochs": 2,
            "chunk": 1,
            "synthesis": {"samples": 1, "griffin_lim_iterations": 2},
            "evaluation": {"bootstrap": 20},
        },
        "heard": {
            "spk": "golden",
            "model": TINY_RECOGNISER | {"heads": ["phones", "letters"]},
            "ctc": {"separators": "around", "edge_blank_steps": 1, "blank_weight": 0.5},
            "blank_loss": {"reading": "hinge", "begin_step": 0},
            "train": {"threads": 1, "device": "cpu", "warmup_steps": 2, "batch_size": 2},
            "epochs": 2,
            "chunk": 1,
            "evaluation": {"bootstrap": 20},
        },
    },
    "weights": {"random": {"variant": "v3", "generator": "random.safetensors"}},
    "vocoder": {
        "golden": {"spk": "golden", "start": "random", "mels": "teacher_forced", "exp": "golden@2"} | TINY_VOCODER,
    },
}


def _flow() -> tuple[str, ...]:
    """Every stage, behind those that it reads."""
    order: dict[str, None] = {}

    def visit(stage: str) -> None:
        for parent in STAGES[stage].parents:
            if parent in STAGES and parent != stage:
                visit(parent)
        order[stage] = None

    for stage in STAGES:
        visit(stage)
    return tuple(order)


FLOW = _flow()
NOT_KEPT = ("mtime_ns", "sha256")  # another checkout, or bytes within the tolerance


def write_corpus(root: Path) -> None:
    """The corpus that all other stages read. Made once: it stays when the stand-in voice changes."""
    for number, row in DIALOGUES.items():
        DialogueFiles(root, "LD01", number).write([row])


def write_pair(root: Path) -> None:
    """The sentences of the corpus, and the same once more, slower and lower, by a second speaker."""
    rows = ["id|text|speaker"]
    for name, (number, line) in zip(PAIR, DIALOGUES.items(), strict=True):
        (wav,) = CORPUS.rglob(f"*Dialogue-{number:02}*.wav")
        samples, rate = soundfile.read(wav)
        times = np.arange(0, len(samples) - 1, 0.85)
        for speaker, spoken in (("N", samples), ("C", np.interp(times, np.arange(len(samples)), samples))):
            path = root / "wavs" / speaker / f"{name}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, spoken, rate, subtype="PCM_16")
            rows.append(f"{speaker}/{name}|{line.text}|{speaker}")
    (root / "metadata.csv").write_text("\n".join(rows) + "\n", "utf-8")


def build(root: Path) -> dict[str, Output]:
    """Run every stage below `root`; its output, in the order of the flow."""
    weights = {"random": random_weights(root / "random.safetensors")}
    write_pair(root / "pair")
    corpora = CONFIG["corpora"] | {"P": {"format": "folder", "path": str(root / "pair")}}
    built = made(CONFIG | {"corpora": corpora, "weights": weights}, root / "store")
    built.run([*built.graph.views["exp"].values(), built.graph.views["vocoder"]["golden"]])
    found = {"stand_in": _stand_in(root / "stand_in"), "pairs": _pairs(root / "pairs")}
    found |= {stage: _output(built, stage) for stage in FLOW if stage not in found}
    return {stage: found[stage] for stage in FLOW}


def versions(stage: str) -> dict[str, int]:
    """The versions of a stage and of all that it comes from here (the corpus is committed, not synthesised)."""
    if stage in ("stand_in", "pairs"):
        return {stage: STAGES[stage].version}
    node = _node(made(CONFIG, Path()), stage)
    return {n.stage: n.declared.version for _, n, _ in ancestry(node)}


def _kept(content: Any) -> Any:
    """A record, and the files that it names, without what another checkout has otherwise."""
    return {k: _kept(v) for k, v in content.items() if k not in NOT_KEPT} if isinstance(content, dict) else content


# ---- comparing -----------------------------------------------------------------------------------------------------


def changed(fresh: Mapping[str, Output], folder: Path = HERE) -> dict[str, str]:
    """Every stage whose output is not the golden one, with what differs."""
    found = {stage: difference(stage, read(stage, folder)[1], output) for stage, output in fresh.items()}
    return {stage: words for stage, words in found.items() if words}


# ---- files ---------------------------------------------------------------------------------------------------------


def read(stage: str, folder: Path = HERE) -> tuple[dict[str, int], Output]:
    """The versions that a golden output was made with, and the output."""
    content = read_json(folder / f"{stage}.json")
    arrays = folder / f"{stage}.npz"
    return content["versions"], Output(content["texts"], dict(np.load(arrays)) if arrays.exists() else {})


def write(stage: str, output: Output, folder: Path = HERE) -> None:
    """Keep an output as the golden one, with the present versions."""
    content = {"versions": versions(stage), "texts": output.texts}
    (folder / f"{stage}.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if output.arrays:
        np.savez_compressed(folder / f"{stage}.npz", **output.arrays)


def update(fresh: Mapping[str, Output], folder: Path = HERE) -> tuple[list[str], dict[str, str]]:
    """Write the golden outputs that are new or whose versions were raised; what was written, and what was refused."""
    written, refused = [], {}
    for stage, output in fresh.items():
        if (folder / f"{stage}.json").exists():
            known, golden = read(stage, folder)
            if known == versions(stage):
                if words := difference(stage, golden, output):
                    refused[stage] = words
                continue
        write(stage, output, folder)
        written.append(stage)
    return written, refused


# ---- what the stages leave ------------------------------------------------------------------------------------


def _node(built: Made, stage: str) -> Node:
    return next(node for (name, _), node in built.graph.nodes.items() if name == stage)


def _stand_in(root: Path) -> Output:
    write_corpus(root)
    files = {number: DialogueFiles(root, "LD01", number) for number in DIALOGUES}
    stems = {files[number].stems([row])[0]: files[number] for number, row in DIALOGUES.items()}
    intervals = {stem: read_tier(own.grid(stem), "phones").intervals for stem, own in stems.items()}
    texts = {
        "transcripts": [own.transcript.read_text("utf-8") for own in stems.values()],
        "phones": {stem: [interval.phone for interval in found] for stem, found in intervals.items()},
        "dialogues": digest_of(plan()),
        "further dialogues": digest_of(plan(60, seed=1)),
    }
    arrays = {f"{stem}/ends": np.array([interval.end for interval in found]) for stem, found in intervals.items()}
    arrays |= {f"{stem}/samples": samples_of(own.wav(stem)) for stem, own in stems.items()}
    return Output(texts, arrays)


def _pairs(root: Path) -> Output:
    """What becomes of written-down segments: a pair in each emotion, and one utterance for each reason to have none."""
    store = Store(root)
    parents = {role: Place(role, "golden") for role in ("utterances", "segments", "splits")}
    rows = [
        ("a", "s1", "Normal", 1.0, "train"), ("b", "s1", "Normal", 1.5, "train"),
        ("a", "s1", "Happy", 0.9, "train"), ("b", "s1", "Happy", 0.8, "train"),
        ("a", "s2", "Normal", 1.0, "dev"), ("b", "s2", "Normal", 2.5, "dev"),
        ("a", "s3", "Normal", 1.0, "eval"), ("b", "s3", "Normal", 1.0, "train"),
        ("b", "s4", "Normal", 1.0, "eval"),
        ("a", "s5", "Normal", 1.0, "train"), ("b", "s5", "Normal", 1.0, "train"),
        ("a", "s6", "Normal", 1.0, "train"), ("b", "s6", "Normal", 1.0, "train"),
    ]  # fmt: skip
    texts = {"a_s5_Normal": "雨だ。", "b_s5_Normal": "あめだ", "a_s6_Normal": "雨だ。", "b_s6_Normal": "箸です。"}
    records = [
        {"id": f"{speaker}_{name}_{emotion}", "utterance": f"{speaker}_{name}_{emotion}", "name": name}
        | {"speaker": speaker, "emotion": emotion, "seconds": seconds, "split": split}
        for speaker, name, emotion, seconds, split in rows
    ]
    store.write_shard(parents["segments"], 0, Manifest("segments", "golden", records))
    listed = [record | {"text": texts.get(record["id"], ""), "kana": ""} for record in records]
    store.write_shard(parents["utterances"], 0, Manifest("utterances", "golden", listed))
    write_json(
        store.node_path(parents["utterances"]),
        {"stage": "utterances", "key": "golden", "params": {}, "parents": {}, "speakers": ["a", "b"]},
    )
    write_json(store.folder(parents["splits"]) / "splits.json", {r["id"]: r["split"] for r in records})
    params = {leaf: DATA_DEFAULTS[leaf] for leaf in STAGES["pairs"].reads} | {"pairs.speakers": [["a", "b"]]}
    work = Work(Place("pairs", "golden"), STAGES["pairs"].version, params, parents, {}, store)
    script("pairs").job(work, Namespace())
    return Output({"pairs": read_json(work.folder / "pairs.json"), "files": files_of(work.folder)})


def _output(built: Made, stage: str) -> Output:
    node = _node(built, stage)
    folder = built.store.folder(place(node))
    if stage in OWN:
        return OWN[stage](folder)
    manifest = built.store.read_shard(place(node), 0)
    utterances = [_kept(record) for record in manifest.utterances]
    texts = {"utterances": utterances, "excluded": [asdict(e) for e in manifest.excluded], "notes": manifest.notes}
    arrays = {}
    if manifest.payload is not None:
        arrays = arrays_of(folder / manifest.payload["file"])
    if stage == "wav":
        for record in manifest.utterances:
            arrays[f"{record['id']}/samples"] = samples_of(folder / record["file"])
    return Output(texts, arrays)
