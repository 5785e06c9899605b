"""What entries say of each other: references that lead nowhere, circles, and values that do not go together."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from koeru.config.base import NAME, leaves
from koeru.config.config import Config
from koeru.config.spk import Mel, Spk, Wav
from koeru.families.acoustic.entry import GRIFFIN_LIM, Exp
from koeru.families.acoustic.shapes import READ_OTHERWISE, misfits, shapes
from koeru.families.vocoder.entry import Vocoder
from koeru.training.parts import covered, unknown_parts

HOP_LENGTH = 256  # samples a frame, of every published generator


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown word: the known one that was probably meant, or all of them."""
    names = [str(k) for k in known]
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; known here: {', '.join(names)}"


def problems_between(config: Config, written: Mapping[str, set[str]]) -> Iterator[str]:
    """Problems between entries, as sentences; `written` are the names in the file, by table.

    An entry that failed validation is only there: it was reported already and is not reported again.
    """
    yield from _corpora(config)
    yield from _datasets(config, written)
    yield from _experiments(config, written)
    yield from _vocoders(config, written)


def _corpora(config: Config) -> Iterator[str]:
    for name, corpus in config.corpora.items():
        for labels in corpus.labels:
            if not NAME.fullmatch(labels):
                yield f"corpora.{name}.labels.{labels}: a name may hold only letters, digits, '_', '.' and '-'"
        if corpus.path is None and corpus.stand_in is None:
            yield f"corpora.{name}: needs a `path` (where the recordings lie) or a `stand_in` (a synthesised corpus)"
        if corpus.path is not None and corpus.stand_in is not None:
            yield f"corpora.{name}: has a `path` and a `stand_in`; unset one of them (path: null)"


def _datasets(config: Config, written: Mapping[str, set[str]]) -> Iterator[str]:
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
        if spk.mel.win_length > spk.mel.n_fft:
            yield f"spk.{name}.mel.win_length: {spk.mel.win_length} is longer than n_fft {spk.mel.n_fft}"
        if spk.mel.fmax > spk.wav.sample_rate / 2:
            yield f"spk.{name}.mel.fmax: {spk.mel.fmax:g} Hz is above half of wav.sample_rate {spk.wav.sample_rate}"
        if spk.splits.dev + spk.splits.eval >= 1:
            yield f"spk.{name}.splits: dev and eval together leave nothing to train on"


def _experiments(config: Config, written: Mapping[str, set[str]]) -> Iterator[str]:
    for name, exp in config.exp.items():
        if exp.spk not in written["spk"]:
            yield f"exp.{name}.spk: there is no dataset {exp.spk!r}{nearest(exp.spk, config.spk)}"
        elif exp.spk in config.spk and config.spk[exp.spk].labels.times == "none":
            yield f"exp.{name}.spk: {exp.spk} has no phones to train on (spk.{exp.spk}.labels.times is none)"
        elif exp.spk in config.spk and exp.model.accent and not config.spk[exp.spk].labels.accent:
            yield f"exp.{name}.model.accent: {exp.spk} has no accent marks (spk.{exp.spk}.labels.accent is false)"
        if exp.model.hidden % exp.model.heads:
            yield f"exp.{name}.model.hidden: {exp.model.hidden} does not divide into {exp.model.heads} heads"
        if exp.vocoder != GRIFFIN_LIM and exp.vocoder not in written["vocoder"]:
            near = nearest(exp.vocoder, [GRIFFIN_LIM, *config.vocoder])
            yield f"exp.{name}.vocoder: there is no vocoder {exp.vocoder!r}{near}"
        elif exp.vocoder in config.vocoder:
            yield from _other_mels(config, f"exp.{name}.vocoder", exp.spk, exp.vocoder)
        yield from _pretraining(config, written["exp"], name, exp)
        yield from _parts_of_a_model(config, name, exp)


def _pretraining(config: Config, written: set[str], name: str, exp: Exp) -> Iterator[str]:
    if exp.pretrain is None:
        return
    where = f"exp.{name}.pretrain"
    parent = exp.pretrained_from()
    if parent is None:
        yield f"{where}: {exp.pretrain!r} is not of the form EXP@EPOCH, such as LINE_14@250"
    elif chain := _circle(name, {n: (e.pretrained_from() or (None,))[0] for n, e in config.exp.items()}):
        yield f"{where}: pretraining runs in a circle ({' → '.join(chain)})"
    else:
        yield from _saved(where, "experiment", *parent, config.exp, written)


def _circle(name: str, parents: Mapping[str, str | None]) -> list[str]:
    """The way from an entry over its parents back to an entry that is on it already; [] where there is none."""
    chain = [name]
    while (parent := parents.get(chain[-1])) is not None:
        if parent in chain:
            return [*chain, parent]
        chain.append(parent)
    return []


def _saved(
    where: str, kind: str, name: str, epoch: int, known: Mapping[str, Exp | Vocoder], written: set[str]
) -> Iterator[str]:
    """The problem of a reference to an entry at an epoch, if it has one."""
    if name not in written:
        yield f"{where}: there is no {kind} {name!r}{nearest(name, known)}"
    elif name in known and epoch not in (grid := known[name].saved_epochs()):
        if grid:
            near = min(grid, key=lambda e: abs(e - epoch))
            yield (
                f"{where}: {name} is never saved at epoch {epoch} (it is saved every {known[name].chunk} epochs up to "
                f"{grid[-1]}); the nearest saved epoch is {near}"
            )
        else:
            yield f"{where}: {name} has no epochs: it is not trained; name the weights that it is"


def _parts_of_a_model(config: Config, name: str, exp: Exp) -> Iterator[str]:
    """Parts that an experiment names and no model has; weights of its parent that would not fit."""
    parent_name, _ = exp.pretrained_from() or (None, None)
    parent = config.exp.get(parent_name or "")
    own = _deciding(config, exp)
    yield from _unknown_parts(f"exp.{name}.train.freeze", exp.train.freeze, shapes(own))
    if exp.pretrain is None:
        if exp.partial:
            yield f"exp.{name}.partial: is for pretraining, and there is no `pretrain`; unset it (partial: null)"
        if exp.optimizer == "keep":
            yield f"exp.{name}.optimizer: there is no `pretrain` whose moments to keep; unset it (optimizer: null)"
    elif parent is not None:
        theirs = _deciding(config, parent)
        yield from _unknown_parts(f"exp.{name}.partial", exp.partial, shapes(own) | shapes(theirs))
        for leaf, parts in misfits(theirs, own, exp.partial).items():
            yield (
                f"exp.{name}.pretrain: {leaf} is {own[leaf]} here and {theirs[leaf]} in {parent_name}: not all weights "
                f"would fit; name {', '.join(parts)} under exp.{name}.partial, and what does not fit begins anew"
            )
        for leaf in (leaf for leaf in READ_OTHERWISE if own[leaf] != theirs[leaf]):
            yield (
                f"exp.{name}.pretrain: {leaf} is {own[leaf]} here and {theirs[leaf]} in {parent_name}: its weights "
                "would fit and mean something else; take a parent with the same"
            )


def _deciding(config: Config, exp: Exp) -> dict[str, Any]:
    """The leaves of an experiment and of its dataset that may decide the shapes of weights."""
    mel = config.spk[exp.spk].mel if exp.spk in config.spk else Mel()
    return leaves(exp.model, "model.") | {"mel.n_mels": mel.n_mels}


def _unknown_parts(where: str, parts: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """A part within a known one is left to the training, which knows every tensor."""
    for text in unknown_parts((part for part in parts if not covered(part, known)), known):
        yield f"{where}: there is no part {text}"


def _vocoders(config: Config, written: Mapping[str, set[str]]) -> Iterator[str]:
    for name, weights in config.weights.items():
        if weights.discriminators is None and weights.discriminators_sha256 is not None:
            yield f"weights.{name}.discriminators_sha256: there are no `discriminators` for it"
    for name, vocoder in config.vocoder.items():
        where, spk = f"vocoder.{name}", config.spk.get(vocoder.spk)
        if vocoder.spk not in written["spk"]:
            yield f"{where}.spk: there is no dataset {vocoder.spk!r}{nearest(vocoder.spk, config.spk)}"
        if spk is not None and spk.mel.hop_length != HOP_LENGTH:
            yield (
                f"{where}.spk: {vocoder.spk} has mel.hop_length {spk.mel.hop_length}; a HiFi-GAN makes {HOP_LENGTH} "
                "samples of a frame"
            )
        if vocoder.train.segment_length % HOP_LENGTH:
            length = vocoder.train.segment_length
            yield f"{where}.train.segment_length: {length} samples are not whole frames of {HOP_LENGTH}"
        if name == GRIFFIN_LIM:
            yield f"{where}: is the name of the vocoder that needs no training; choose another"
        yield from _start(config, written, where, name, vocoder)
        yield from _teacher(config, written, where, vocoder)


def _start(config: Config, written: Mapping[str, set[str]], where: str, name: str, vocoder: Vocoder) -> Iterator[str]:
    """Problems of what a vocoder starts from: published weights, or another vocoder."""
    other, weights = vocoder.started_from(), config.weights.get(vocoder.start or "")
    published = vocoder.start in written["weights"]
    if vocoder.start is None and vocoder.optimizer == "keep":
        yield f"{where}.optimizer: there is no `start` whose moments to keep; unset it (optimizer: null)"
    if not vocoder.epochs and not published:
        yield f"{where}.epochs: without training it is published weights as they are: `start` must name some"
    elif vocoder.start is not None and other is None and not published:
        near = nearest(vocoder.start, config.weights)
        yield f"{where}.start: there are no weights {vocoder.start!r}{near}; another vocoder is written VOCODER@EPOCH"
    if other is not None:
        if chain := _circle(name, {n: (v.started_from() or (None,))[0] for n, v in config.vocoder.items()}):
            yield f"{where}.start: the starts run in a circle ({' → '.join(chain)})"
        else:
            yield from _saved(f"{where}.start", "vocoder", *other, config.vocoder, written["vocoder"])
            yield from _other_mels(config, f"{where}.start", vocoder.spk, other[0])
    if weights is not None:
        if weights.discriminators is None and vocoder.optimizer == "keep":
            yield f"{where}.optimizer: weights.{vocoder.start} has no `discriminators`, whose file holds the moments"
        if vocoder.spk in config.spk and _mels(config.spk[vocoder.spk]) != (Wav().sample_rate, Mel()):
            yield f"{where}.start: published weights do not know the mels of {vocoder.spk}: leave spk.mel as it is"
    variant = getattr(weights or config.vocoder.get(other[0] if other else ""), "variant", vocoder.variant)
    if variant != vocoder.variant:
        yield f"{where}.variant: is {vocoder.variant}, and {vocoder.start} is a {variant}"


def _teacher(config: Config, written: Mapping[str, set[str]], where: str, vocoder: Vocoder) -> Iterator[str]:
    """Problems of the experiment that makes a vocoder's mels."""
    taught_by = vocoder.taught_by()
    if vocoder.mels == "natural":
        if vocoder.exp is not None:
            yield f"{where}.exp: natural mels need no experiment; unset it (exp: null), or set mels: teacher_forced"
    elif not vocoder.epochs:
        yield f"{where}.mels: without training there is nothing to do with teacher_forced ones"
    elif taught_by is None:
        yield f"{where}.exp: teacher-forced mels are made by an experiment at an epoch, EXP@EPOCH, such as LINE_6@500"
    else:
        yield from _saved(f"{where}.exp", "experiment", *taught_by, config.exp, written["exp"])
        if (exp := config.exp.get(taught_by[0])) is not None and _dataset(config, exp.spk) != _dataset(
            config, vocoder.spk
        ):
            yield f"{where}.exp: {taught_by[0]} is an experiment on {exp.spk}, the vocoder is for {vocoder.spk}"


def _other_mels(config: Config, where: str, spk: str, vocoder: str) -> Iterator[str]:
    """The problem of a vocoder that another dataset has trained, if its mels are others."""
    theirs = config.vocoder[vocoder].spk if vocoder in config.vocoder else spk
    if {spk, theirs} <= config.spk.keys() and _mels(config.spk[spk]) != _mels(config.spk[theirs]):
        yield f"{where}: {vocoder} speaks the mels of {theirs}, which are not those of {spk} (wav.sample_rate, mel)"


def _mels(spk: Spk) -> tuple[int, Mel]:
    return spk.wav.sample_rate, spk.mel


def _dataset(config: Config, name: str) -> Spk | None:
    """A dataset without its words."""
    return config.spk[name].model_copy(update={"note": ""}) if name in config.spk else None
