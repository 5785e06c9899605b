"""What it costs to list a corpus: time, and memory, which must not grow with the number of utterances."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from common import ROOT, told
from configured import graph_of
from mandarin_trees import MANDARIN, empty_files
from own_cost import OwnCost, own_cost_of

from koeru.corpora.catalogue import ADAPTERS
from koeru.corpora.delivered import Delivered
from koeru.corpora.selection import Selection
from koeru.corpora.utterance import Utterance
from koeru.graph.briefing import Briefing
from koeru.graph.store import Store

MANY, FEW = 100_000, 10_000
REPETITIONS = 3
IN_A_SHARD = 1000


def measure(folder: Path) -> list[bool]:
    """Make trees of many utterances in several layouts; time their listing, and take the memory of the whole stage."""
    print(f"listing: trees of {MANY:,} utterances with empty recordings and labels, in the page cache", flush=True)
    passed = []
    for name, write in LAYOUTS.items():
        write(folder / name, MANY)
        passed.append(told(f"{name}, median of {REPETITIONS}", listing_time(name, folder / name), 10.0, " s"))
    print(f"utterances, the whole stage, {IN_A_SHARD:,} utterances a shard", flush=True)
    for name in ("jsut", "folder"):
        LAYOUTS[name](folder / "few" / name, FEW)
        little = stage_cost(name, folder / "few" / name, FEW).mib
        all_of_it = stage_cost(name, folder / name, MANY)
        seconds, much = all_of_it.seconds, all_of_it.mib
        print(f"  {name}: {seconds:.1f} s for {MANY:,}; {little:.0f} MiB at {FEW:,}, {much:.0f} MiB at {MANY:,}")
        passed.append(told(f"{name}, memory at {MANY:,} / at {FEW:,}", much / little, 1.5, " ×"))
    return passed


def listing_time(name: str, root: Path) -> float:
    """Seconds in which an adapter gives every utterance of a tree: the median, after one listing that is not timed."""
    times = []
    for _ in range(REPETITIONS + 1):
        start = time.monotonic()
        found = sum(isinstance(item, Utterance) for item in ADAPTERS[name].utterances(delivered(root), Selection()))
        times.append(time.monotonic() - start)
        if found != MANY:
            raise ValueError(f"{name}: {found} utterances were found, {MANY} are there: the figures mean nothing")
    return statistics.median(times[1:])


def delivered(root: Path) -> Delivered:
    """A tree as an adapter gets it."""
    return Delivered("BENCH", root)


def stage_cost(name: str, root: Path, count: int) -> OwnCost:
    """What the script's job takes."""
    store = Store(root.with_name(f"{root.name}.store"))
    config = {
        "corpora": {"BENCH": {"format": name, "path": str(root)}},
        "spk": {"BENCH": {"corpora": ["BENCH"], "shards": count // IN_A_SHARD}},
    }
    graph = graph_of(config)
    briefing = Briefing(graph, store)
    briefing.write()
    (key,) = [key for stage, key in graph.nodes if stage == "utterances"]
    arguments = ["--node", f"utterances/{key}", "--plan", briefing.path, "--store", store.root]
    return own_cost_of(ROOT / "scripts" / "utterances.py", *arguments)


def _sentence(number: int) -> str:
    return f"これは{number}番目の文です。"


def _write_jsut(root: Path, count: int) -> None:
    """The nine subsets, equally large, each with labels beside the recordings."""
    subsets = ADAPTERS["jsut"].SUBSETS
    for place, subset in enumerate(subsets):
        numbers = range(place, count, len(subsets))
        names = [f"{subset.upper()}_{number:06d}" for number in numbers]
        empty_files(root / subset / "wav", [f"{name}.wav" for name in names])
        empty_files(root / subset / "lab", [f"{name}.lab" for name in names])
        rows = [f"{name}:{_sentence(number)}" for name, number in zip(names, numbers, strict=True)]
        (root / subset / "transcript_utf8.txt").write_text("\n".join(rows) + "\n", "utf-8")


def _write_studies(root: Path, count: int) -> None:
    """Dialogues of ten turns, a hundred dialogues a folder, with TextGrids."""
    dialogues = [f"LD{n // 100 + 1:03d}-Dialogue-{n % 100 + 1:02d}" for n in range(count // 10)]
    for group in dict.fromkeys(name.split("-")[0] for name in dialogues):
        own = [name for name in dialogues if name.startswith(f"{group}-")]
        inside = root / "Long_dialogue" / group
        stems = [f"{n}-{who}-Turn-{t:02d}" for n in own for t in range(1, 6) for who in ("Teacher", "FStudent")]
        empty_files(inside / "wav", [f"{stem}.wav" for stem in stems])
        empty_files(inside / "TextGrid", [f"{stem}.TextGrid" for stem in stems])
        (inside / "txt").mkdir()
        for name in own:
            rows = [f"{who}|平静|{_sentence(turn)}|ブン" for turn in range(5) for who in ("講師", "女子生徒")]
            (inside / "txt" / f"{name}.txt").write_text("\n".join(rows) + "\n", "utf-8")


def _write_jvs(root: Path, count: int) -> None:
    """A hundred people, each with as many sentences in parallel100 as in nonpara30, with both kinds of labels."""
    for person in range(100):
        for subset, sentence in (("parallel100", "VOICEACTRESS100"), ("nonpara30", "BASIC5000")):
            inside = root / f"jvs{person + 1:03d}" / subset
            names = [f"{sentence}_{number:04d}" for number in range(count // 200)]
            empty_files(inside / "wav24kHz16bit", [f"{name}.wav" for name in names])
            for kind in ("mon", "ful"):
                empty_files(inside / "lab" / kind, [f"{name}.lab" for name in names])
            rows = [f"{name}:{_sentence(number)}" for number, name in enumerate(names)]
            (inside / "transcripts_utf8.txt").write_text("\n".join(rows) + "\n", "utf-8")


def _write_folder(root: Path, count: int) -> None:
    """One list and one folder of recordings, of ten speakers, with TextGrids."""
    names = [f"utterance_{number:06d}" for number in range(count)]
    empty_files(root / "wavs", [f"{name}.wav" for name in names])
    empty_files(root / "TextGrid", [f"{name}.TextGrid" for name in names])
    rows = [f"{name},{_sentence(number)},speaker{number % 10}" for number, name in enumerate(names)]
    (root / "metadata.csv").write_text("\n".join(["id,text,speaker", *rows]) + "\n", "utf-8")


LAYOUTS: dict[str, Callable[[Path, int], None]] = {
    "jsut": _write_jsut,
    "jvs": _write_jvs,
    "studies": _write_studies,
    "folder": _write_folder,
    **MANDARIN,
}
