"""What the labels stage costs beside bare full-context extraction of the same texts, in the same run."""

import importlib.util
import itertools
import re
import shutil
import statistics
import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType

import pyopenjtalk
from common import ROOT, told

from koeru.graph.stages import DATA_DEFAULTS, DATA_STAGES
from koeru.graph.store import Manifest, Place, Store
from koeru.jobs.run import processor_seconds
from koeru.jobs.stage import Work
from koeru.stand_in import expand
from koeru.text.reading import Interval
from koeru.text.textgrid import write_phones

UTTERANCES, REPEATS = 2000, 5
PHONE_S, RATE, HOP = 0.08, 22050, 256
PHONE = re.compile(r"-([^+]*)\+")
RUN = {"seconds": 0.0, "cpu_seconds": 0.0, "started": "", "host": ""}


def measure(folder: Path) -> list[bool]:
    """Print how long the stage takes with TextGrids and with .lab files, beside the bare front end.

    Time is what passes: the stage reads times and reconciles while its child reads the next texts aloud, on a second
    core. The processor time of both cores is printed as well. Every sentence is another one. The stage's start
    (importing the front end in the child, hashing its dictionary) is measured by a shard of one utterance and taken
    off: it is paid once a shard.
    """
    texts = sentences(UTTERANCES)
    readings = [[PHONE.search(label)[1] for label in pyopenjtalk.extract_fullcontext(text)] for text in texts]
    print(f"labels: {len(texts)} sentences of {statistics.mean(map(len, readings)):.0f} phones")
    job = stage().job
    passed = []
    for suffix in (".TextGrid", ".lab"):
        whole = Shard(folder / suffix[1:], texts, readings, suffix)
        single = Shard(folder / f"{suffix[1:]}-1", texts[:1], readings[:1], suffix)
        bare, start, full = [], [], []
        for _ in range(REPEATS):
            bare.append(cost(lambda: [pyopenjtalk.extract_fullcontext(text) for text in texts]))
            start.append(cost(partial(single.run, job)))
            full.append(cost(partial(whole.run, job)))
            whole.check()
        cpu = ratios(bare, start, full, 0)
        wall = ratios(bare, start, full, 1)
        each = 1e6 / len(texts)
        once = statistics.median(w for _, w in start)
        print(
            f"  {suffix}: bare {statistics.median(c for c, _ in bare) * each:.0f} µs an utterance; in processor time "
            f"the stage takes {cpu:.2f} × that; its start {once:.2f} s a shard"
        )
        passed.append(told(f"labels with {suffix} / bare full-context extraction, time", wall, 1.25, " ×"))
    return passed


def sentences(n: int) -> list[str]:
    """Sentences of dialogues, all different, two of them in every utterance: about as long as JSUT's."""
    rows = (text for dialogue in expand.dialogues(0) for _, _, text in dialogue)
    return ["".join(pair) for pair in itertools.islice(zip(rows, rows, strict=False), n)]


def cost(work: Callable[[], object]) -> tuple[float, float]:
    """Processor (children's included) and wall seconds of a call."""
    cpu, wall = processor_seconds(), time.monotonic()
    work()
    return processor_seconds() - cpu, time.monotonic() - wall


def ratios(bare: list, start: list, full: list, which: int) -> float:
    """The median over the repetitions of (full - start) / bare."""
    return statistics.median((f[which] - s[which]) / b[which] for b, s, f in zip(bare, start, full, strict=True))


class Shard:
    """A store with one shard of utterances and segments, as the stages before would leave it, and files of times."""

    def __init__(self, folder: Path, texts: list[str], readings: list[list[str]], suffix: str) -> None:
        store, corpus = Store(folder / "store"), folder / "corpus"
        corpus.mkdir(parents=True)
        utterances, segments = [], []
        for number, (text, phones) in enumerate(zip(texts, readings, strict=True)):
            name = f"bench_{number:05d}"
            intervals = [Interval(k * PHONE_S, (k + 1) * PHONE_S, phone) for k, phone in enumerate(phones)]
            write_times(corpus / f"{name}{suffix}", intervals)
            who = {"id": name, "name": name, "speaker": "A", "emotion": "Normal", "before_emotion": "", "dialogue": ""}
            alignment = {"path": f"{name}{suffix}", "folder": "", "bytes": 0, "mtime_ns": 0}
            utterances.append(
                who
                | {
                    "text": text,
                    "kana": "",
                    "corpus": "bench",
                    "alignment": alignment,
                    "full_context": None,
                    "begin": None,
                }
            )
            seconds = len(phones) * PHONE_S
            n_samples = round(seconds * RATE)
            cut = {"start": 0, "stop": n_samples, "n_samples": n_samples, "seconds": seconds}
            segments.append(who | cut | {"utterance": name})
        parents = {role: Place(role, "0" * 16) for role in ("utterances", "segments")}
        for role, records in (("utterances", utterances), ("segments", segments)):
            store.write_shard(parents[role], 0, Manifest(role, "0" * 16, records, run=RUN))
        params = {leaf: DATA_DEFAULTS[leaf] for leaf in DATA_STAGES["labels"].reads}
        params["provenance"] = {"bench": {"format": "folder", "sets": {}}}
        settings = {"paths": {"bench": str(corpus)}, "stand_ins": {}, "labels": {}, "max_excluded": 0.0}
        self.work = Work(Place("labels", "0" * 16), 0, params, parents, settings, store)

    def run(self, job: Callable[[Work, Namespace], None]) -> None:
        """Label the shard anew."""
        self.work.store.shard_path(self.work.place, 0).unlink(missing_ok=True)
        shutil.rmtree(self.work.store.root / "labels" / "equal", ignore_errors=True)  # else it would only be linked
        job(replace(self.work, _read={}), Namespace(shard=0))

    def check(self) -> None:
        """All of the shard must have come through."""
        if excluded := self.work.store.read_shard(self.work.place, 0).excluded:
            raise ValueError(f"{len(excluded)} utterances are excluded, the first: {excluded[0]}")


def write_times(path: Path, intervals: list[Interval]) -> None:
    """Write a TextGrid, or a .lab file in seconds."""
    if path.suffix == ".TextGrid":
        write_phones(path, intervals, intervals[-1].end)
    else:
        path.write_text("".join(f"{i.start:.4f} {i.end:.4f} {i.phone}\n" for i in intervals))


def stage() -> ModuleType:
    """scripts/labels.py as a module."""
    spec = importlib.util.spec_from_file_location("koeru_labels", ROOT / "scripts" / "labels.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
