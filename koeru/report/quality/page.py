"""What a dataset's quality page shows, gathered from its stages, one shard at a time."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from koeru.data.split_table import SplitTable
from koeru.data.vocabulary import Names
from koeru.graph.stages import DATA_DEFAULTS
from koeru.graph.store import FACTS, NodeManifest, Record
from koeru.graph.view import mark
from koeru.jobs.progress import Progress
from koeru.jobs.stage import Work
from koeru.report.data import Picture
from koeru.report.provenance import ancestors, settings, stage_runs
from koeru.report.quality.account import Account
from koeru.report.quality.dataset import Quality, Speaker, Trimming
from koeru.report.quality.distributions import MAX_BARS, account_bars, histogram
from koeru.report.quality.emptied import Emptied
from koeru.report.quality.gates import MEASURES, RULES, gates
from koeru.report.quality.inner import InnerSilence
from koeru.report.quality.listen import FOLDER, Stretches, Suspects
from koeru.report.quality.parallel import pairs_account
from koeru.report.quality.readings import Readings
from koeru.report.quality.recorded import facts
from koeru.report.quality.shards import Shard
from koeru.report.quality.tables import RECORDINGS, AddRow
from koeru.report.quality.voices import SpeakerSums

BOTH_ENDS = (0.05, 0.5, 0.95)


@dataclass
class Gathered:
    """What is known of a dataset once all its shards were looked at; `voices` are its speakers.

    What has a row an utterance goes to `add_row`, and is not kept.
    """

    add_row: AddRow
    account: Account
    readings: Readings
    emptied: Emptied
    voices: dict[str, SpeakerSums] = field(default_factory=dict)
    suspects: Suspects = field(default_factory=Suspects)
    stretches: Stretches = field(default_factory=Stretches)
    inner: InnerSilence = field(default_factory=InnerSilence)

    def add(self, shard: Shard) -> None:
        """Look at a shard."""
        self.account.add(shard)
        self.emptied.add(shard)
        self.suspects.add(shard)
        self.stretches.add(shard)
        self.inner.add(shard)
        self.readings.add(shard)
        for record in shard.records("wav"):
            self._voice(shard, record).add_recording(record)
            self.add_row(RECORDINGS, record["id"], record["speaker"], *facts(record))
        for record in shard.records("segments"):
            if record["trimmed"] is not None:
                self._voice(shard, record).add_trimmed(record["trimmed"])
            if told := record.get(FACTS, {}).get("muted"):
                self._voice(shard, record).add_muted(told)
        for record in shard.kept:
            log_f0, voiced = (shard.pitch[f"{record['id']}/{name}"] for name in ("log_f0", "voiced"))
            self._voice(shard, record).add_segment(record, shard.segments[record["id"]]["level_dbfs"], log_f0, voiced)
        for record in shard.unvoiced():
            self._voice(shard, record).add_unvoiced(record)

    def _voice(self, shard: Shard, record: Record) -> SpeakerSums:
        return self.voices.setdefault(record["speaker"], SpeakerSums(shard.silences))

    def kept_voices(self) -> dict[str, SpeakerSums]:
        """The speakers of whom something is kept, or would be if it were voiced."""
        return {name: voice for name, voice in sorted(self.voices.items()) if voice.frames}


def gather(work: Work, add_row: AddRow) -> Gathered:
    """Look at every shard of a dataset's stages; what has a row an utterance goes to `add_row`."""
    splits = SplitTable.read(work.store.folder(work.parents["splits"]) / "splits.json")
    gathered = Gathered(add_row, Account(splits, add_row), Readings(add_row), Emptied(splits))
    shards = work.parents["labels"].shards
    with Progress("dataset", shards, "shards") as progress:
        for number in range(shards):
            gathered.add(Shard.read(work, number))
            progress.step()
    return gathered


def quality(work: Work, gathered: Gathered) -> Quality:
    """The page's content; the recordings that it wants are written below the node's folder."""
    nodes = ancestors(work.store, *work.parents.values())
    parents = {role: work.store.read_node(parent) for role, parent in work.parents.items()}
    account, voices = gathered.account, gathered.kept_voices()
    suspects, cuts = gathered.suspects.listed()
    recordings = work.store.folder(work.parents["wav"])
    shutil.rmtree(work.folder / FOLDER, ignore_errors=True)  # of an earlier page
    pairs, of_pairs = None, []
    if "pairs" in work.parents:
        pairs, of_pairs = pairs_account(work, parents["pairs"].params["pairs.max_duration_ratio"])
    for cut in (*cuts, *gathered.readings.cuts, *of_pairs):
        cut.write(recordings, work.folder)
    muted, energy = (sum(getattr(own, name) for own in gathered.voices.values()) for name in ("muted_energy", "energy"))
    inner = gathered.inner.content(_silence(parents), muted / energy if energy else 0.0)
    limits = {leaf: work[f"gates.{leaf}"] for leaf in RULES}
    return Quality(
        name=mark("dataset", work.place.key),
        key=work.place.key,
        corpora=[corpus["name"] for corpus in parents["utterances"].params["corpora"]],
        accounts=account.accounts,
        groups=account.groups,
        splits=account.split_sizes(),
        gates=gates(limits, account.excluded, voices, account.shared()),
        exclusions=account.exclusions,
        suspects=suspects,
        settings=settings(nodes, DATA_DEFAULTS),
        provenance=stage_runs(nodes),
        warnings=[
            *parents["splits"].more["warnings"],
            *gathered.emptied.problems(),
            *gathered.emptied.warnings(),
            *inner.warnings,
            *_never_listed(gathered.account, parents["utterances"].more["speakers"]),
        ],
        remarks=parents["utterances"].more["remarks"],
        speakers=[_speaker(name, voice) for name, voice in voices.items()],
        sources=[row for name, voice in voices.items() for row in voice.recorded.sources(name)],
        names=Names.of(parents["utterances"].more).ids,
        histograms=_histograms(voices),
        account_picture=_account_picture(account),
        trimming=_trimming(work, gathered, parents),
        inner=inner,
        reconciled=gathered.readings.reconciled(),
        differing=gathered.readings.differing,
        followed=gathered.readings.followed,
        remarked=gathered.readings.remarked_texts(),
        pairs=pairs,
    )


def _never_listed(account: Account, listed: Sequence[str]) -> list[str]:
    """Speakers of whom the listing itself kept nothing."""
    lost = {speaker for speaker, _ in account.lost if speaker} - set(listed)
    return [f"nothing of speaker {name} was listed: every utterance is excluded" for name in sorted(lost)]


def _speaker(name: str, voice: SpeakerSums) -> Speaker:
    low, median, high = (voice.f0.quantile(share) for share in BOTH_ENDS)
    return Speaker(
        name,
        len(voice.seconds),
        {f"gates.{leaf}": measure(voice) for leaf, measure in MEASURES.items()},
        (low, median, high),
        _median(voice.levels_dbfs),
        _median(voice.rates),
        sum(voice.trimmed_s),
    )


def _median(values: object) -> float:
    array = np.asarray(values, dtype=np.float64)
    return float(np.median(array)) if len(array) else float("nan")


def _histograms(voices: Mapping[str, SpeakerSums]) -> list[Picture]:
    hz, frames = ({name: voice.f0.hz()[i] for name, voice in voices.items()} for i in (0, 1))
    bands = {name: voice.recorded.by_hz for name, voice in voices.items()}
    recordings = {name: list(band.values()) for name, band in bands.items()}
    drawn = [  # how often each value occurs comes last, and before it whether the axis is one of octaves
        ("Length of the segments", "length (s)", {n: v.seconds for n, v in voices.items()}, False, None),
        ("F0 of the voiced frames", "F0 (Hz)", hz, True, frames),
        ("Level of the segments", "level (dBFS)", {n: v.levels_dbfs for n, v in voices.items()}, False, None),
        ("Speech rate of the segments", "phones a second", {n: v.rates for n, v in voices.items()}, False, None),
        ("Bandwidth of the recordings", "bandwidth (Hz)", {n: list(b) for n, b in bands.items()}, False, recordings),
    ]
    return [
        Picture(histogram(own, label, log, counts), f"{title}, by speaker", title)
        for title, label, own, log, counts in drawn
        if any(map(len, own.values()))
    ]


def _account_picture(account: Account) -> Picture:
    rows = account.bars()
    title = "Seconds kept and excluded, by speaker"
    most = f"{title}: the {MAX_BARS} of {len(rows)} speakers with the most excluded"
    return Picture(account_bars(rows), title, title if len(rows) <= MAX_BARS else most)


def _silence(parents: Mapping[str, NodeManifest]) -> Mapping[str, Any]:
    """The leaves of the stage segments; a store may be older than some of them."""
    return DATA_DEFAULTS | dict(parents["segments"].params)


def _trimming(work: Work, gathered: Gathered, parents: Mapping[str, NodeManifest]) -> Trimming:
    voices = dict(sorted(gathered.voices.items()))
    params = _silence(parents)
    seconds = {name: voice.trimmed_s for name, voice in voices.items()}
    loudest = {name: voice.loudest_dbfs for name, voice in voices.items()}
    energy = sum(voice.energy for voice in voices.values())
    pictures = [
        Picture(histogram(own, label), f"{title}, by speaker", title)
        for title, label, own in (
            ("Seconds removed from a recording", "removed (s)", seconds),
            ("Loudest 50 ms removed from a recording", "level (dBFS)", loudest),
        )
        if any(own.values())
    ]
    rate = parents["wav"].params["wav.sample_rate"]
    return Trimming(
        silence_thresh_h=params["segments.silence_thresh_h"],
        silence_thresh_t=params["segments.silence_thresh_t"],
        keep_silence_ms=params["segments.keep_silence"],
        recordings=gathered.account.tallies["segments"].entered - gathered.account.tallies["segments"].reasons.total(),
        touched=sum(map(len, seconds.values())),
        seconds=sum(map(sum, seconds.values())),
        energy_share=sum(voice.trimmed_energy for voice in voices.values()) / energy if energy else 0.0,
        loudest=gathered.stretches.write(work.store.folder(work.parents["wav"]), work.folder, rate),
        pictures=pictures,
    )
