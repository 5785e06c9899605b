"""What entries say of each other: references that lead nowhere, circles, and values that do not go together.

Here is what corpora and datasets have of these, and what all families share; each family has its own in `problems`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from koeru.config.corpora import StandIn
from koeru.config.corrections import read_corrections
from koeru.config.nearest import nearest
from koeru.config.rows import RowsError
from koeru.config.spk import Mel, Spk
from koeru.config.training import Training

if TYPE_CHECKING:
    from koeru.config.config import Config

KEPT_BAND = 0.9  # of half the sample rate: SoX's filter begins at 0.95, and bandwidths are measured in steps of 250 Hz
Written = Mapping[str, set[str]]  # the names in the file, by table: also those of entries that failed validation
Problems = Callable[["Config", Written], Iterator[str]]  # what is wrong between entries, as sentences


def no_problems(config: Config, written: Written) -> Iterator[str]:
    """Of entries that name no others."""
    return iter(())


def corpus_problems(config: Config, written: Written) -> Iterator[str]:
    """Problems of where corpora come from."""
    for name, corpus in config.corpora.items():
        sets = [labels.name for labels in corpus.labels]
        for twice in sorted({labels for labels in sets if sets.count(labels) > 1}):
            yield f"corpora.{name}.labels: {twice} stands there {sets.count(twice)} times; give each set its own name"
        if corpus.path is None and corpus.stand_in is None:
            yield f"corpora.{name}: needs a `path` (where the recordings lie) or a `stand_in` (a synthesised corpus)"
        if corpus.path is not None and corpus.stand_in is not None:
            yield f"corpora.{name}: has a `path` and a `stand_in`; unset one of them (path: null)"
        if corpus.stand_in is not None:
            yield from (f"corpora.{name}.{problem}" for problem in _stand_in_problems(corpus.stand_in, corpus.format))


def _stand_in_problems(stand_in: StandIn, written_as: str) -> Iterator[str]:
    """Problems of a synthesised corpus that the configuration gives this format."""
    wanted = "folder" if stand_in.pair else "studies"
    if written_as != wanted:
        what = "a stand-in pair is" if stand_in.pair else "stand-in dialogues are"
        yield f"format: {what} written in the format {wanted}, not {written_as}; say `format: {wanted}`"
    if stand_in.pair and stand_in.faults:
        yield "stand_in.faults: the pair has none; unset them, or take the dialogues (pair: false)"


def dataset_problems(config: Config, written: Written) -> Iterator[str]:
    """Problems of what datasets are made of, and with what."""
    for name, spk in config.spk.items():
        taken = [chosen.name for chosen in spk.corpora]
        for corpus_name in dict.fromkeys(taken):
            if corpus_name not in written["corpora"]:
                near = nearest(corpus_name, config.corpora)
                yield f"spk.{name}.corpora: there is no corpus {corpus_name!r}{near}"
            if taken.count(corpus_name) > 1:
                times = taken.count(corpus_name)
                yield f"spk.{name}.corpora: {corpus_name} stands there {times} times; join its filters in one"
        for kind in ("speakers", "emotions"):
            if len(set(getattr(spk, kind))) < len(getattr(spk, kind)):
                yield f"spk.{name}.{kind}: a name stands there twice: {', '.join(getattr(spk, kind))}"
        yield from (f"spk.{name}.{problem}" for problem in _beyond_bounds(spk))
        if spk.corrections:
            try:
                read_corrections(spk.corrections)
            except RowsError as error:
                yield from (f"spk.{name}.corrections: {problem}" for problem in error.problems)
        if spk.splits.dev + spk.splits.eval >= 1:
            yield f"spk.{name}.splits: dev and eval together leave nothing to train on"


def _beyond_bounds(spk: Spk) -> Iterator[str]:
    """Leaves of a dataset that ask for more than others leave room for."""
    mel, rate = spk.mel, spk.wav.sample_rate
    if mel.win_length > mel.n_fft:
        yield f"mel.win_length: {mel.win_length} is longer than n_fft {mel.n_fft}"
    if mel.hop_length > mel.win_length:
        yield f"mel.hop_length: {mel.hop_length} is longer than win_length {mel.win_length}: samples would be left out"
    if mel.fmin >= mel.fmax:
        yield f"mel.fmin: {mel.fmin:g} Hz must be below fmax {mel.fmax:g} Hz"
    if mel.fmax > rate / 2:
        yield f"mel.fmax: {mel.fmax:g} Hz is above half of wav.sample_rate {rate}"
    ranges = {"pitch": spk.pitch} | {f"pitch.speakers.{name}": own for name, own in spk.pitch.speakers.items()}
    for where, own in ranges.items():
        if own.f0_ceil >= rate / 2:
            yield f"{where}.f0_ceil: {own.f0_ceil:g} Hz must be below half of wav.sample_rate {rate}"
    if spk.gates.min_bandwidth_hz > (most := KEPT_BAND * rate / 2):
        told = f"gates.min_bandwidth_hz: {spk.gates.min_bandwidth_hz:g} Hz"
        yield f"{told} is more than the {most:g} Hz that resampling to wav.sample_rate {rate} surely keeps"
    if spk.sp.n_coded > (most := envelope_bins(rate)):
        yield f"sp.n_coded: {spk.sp.n_coded} is more than the {most} bins of WORLD's envelope at {rate} Hz"


def envelope_bins(sample_rate: int) -> int:
    """The bins of WORLD's spectral envelope, which resolves 71 Hz: half of `pyworld.get_cheaptrick_fft_size`, and 1."""
    return 2 ** math.floor(math.log2(3 * sample_rate / 71 + 1)) + 1


def unknown_dataset(config: Config, written: Written, where: str, spk: str) -> Iterator[str]:
    """The problem of an entry on a dataset that is not there."""
    if spk not in written["spk"]:
        yield f"{where}.spk: there is no dataset {spk!r}{nearest(spk, config.spk)}"


def circle(name: str, parents: Mapping[str, str | None]) -> list[str]:
    """The way from an entry over its parents back to an entry that is on it already; [] where there is none."""
    chain = [name]
    while (parent := parents.get(chain[-1])) is not None:
        if parent in chain:
            return [*chain, parent]
        chain.append(parent)
    return []


def never_saved(
    where: str, word: str, name: str, epoch: int, known: Mapping[str, Training], written: set[str]
) -> Iterator[str]:
    """The problem of a reference to an entry at an epoch, if it has one."""
    if name not in written:
        yield f"{where}: there is no {word} {name!r}{nearest(name, known)}"
    elif name in known and epoch not in (grid := known[name].saved_epochs()):
        if grid:
            near = min(grid, key=lambda e: abs(e - epoch))
            yield (
                f"{where}: {name} is never saved at epoch {epoch} (it is saved every {known[name].chunk} epochs up to "
                f"{grid[-1]}); the nearest saved epoch is {near}"
            )
        else:
            yield f"{where}: {name} has no epochs: it is not trained; name the weights that it is"


def other_mels(config: Config, where: str, spk: str, name: str, theirs: str) -> Iterator[str]:
    """The problem of an entry `name` of another dataset, `theirs`, if the mels of the two datasets differ."""
    if {spk, theirs} <= config.spk.keys() and mels(config.spk[spk]) != mels(config.spk[theirs]):
        yield f"{where}: {name} speaks the mels of {theirs}, which are not those of {spk} (wav.sample_rate, mel)"


def mels(spk: Spk) -> tuple[int, Mel]:
    """What the mels of a dataset are."""
    return spk.wav.sample_rate, spk.mel


def same_dataset(config: Config, one: str, other: str) -> bool:
    """Whether two datasets differ in their words at most."""
    first, second = (config.spk[n].model_copy(update={"note": ""}) if n in config.spk else None for n in (one, other))
    return first == second
