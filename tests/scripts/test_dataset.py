"""What the dataset stage leaves: the page, its recordings and tables; and that wrong silence thresholds fail there."""

import re
import shutil
from argparse import Namespace
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from in_process import made, script

from koeru.audio.files import read_wav
from koeru.graph.plan import place
from koeru.graph.store import Excluded, read_json, write_json
from koeru.report.quality.listen import AROUND, LOUDEST

STAND_IN = {"S": {"format": "studies", "stand_in": {"minutes": 1.9}}}  # that of the small store
EATEN = {"silence_thresh_h": -20, "silence_thresh_t": -20, "keep_silence": 150}


@pytest.fixture(scope="module")
def eaten(mini, tmp_path_factory):
    """A dataset whose thresholds eat speech, all of it made but the dataset stage itself."""
    root = tmp_path_factory.mktemp("eaten") / "store"
    for stage in ("stand_in", "utterances", "wav"):
        shutil.copytree(mini.store.root / stage, root / stage)
    gates = {"max_excluded": 0.95}
    spk = {"corpora": ["S"], "shards": 2, "segments": EATEN, "gates": gates, "splits": {"dev": 0.2, "eval": 0.2}}
    built = made({"corpora": STAND_IN, "spk": {"eaten": spk}, "exp": {}}, root)
    node = built.graph.data["eaten"]
    for job in built.plan.planned([node]):
        if job.node is not node:
            built.run_job(job)
    return built


def test_thresholds_that_eat_speech_fail_with_the_page_and_the_recordings(eaten):
    node = eaten.graph.data["eaten"]
    with pytest.raises(
        ValueError, match=r"gates:\n  .*Energy trimmed away: .*gates.max_trimmed_energy allows"
    ) as error:
        script("dataset").job(eaten.work(node), Namespace())
    folder = eaten.store.folder(place(node))
    assert str(folder / "quality.html") in str(error.value) and "lower segments.silence_thresh_h" in str(error.value)
    assert not (folder / "node.json").exists()
    page = (folder / "quality.html").read_text("utf-8")
    assert "This dataset does not pass" in page and "Energy trimmed away" in page
    audio = re.findall(r'<audio [^>]*src="(listen/removed[^"]+)"', page)
    assert len(audio) == LOUDEST
    for path in audio:
        samples, rate = soundfile.read(folder / path, dtype="float32")
        assert rate == 22050 and 0.05 * rate <= len(samples) <= AROUND * rate
        assert 0.3 < np.abs(samples).max() < 1


def test_what_one_hears_is_what_was_removed(eaten):
    """And nothing of what was kept, but turned up."""
    node = eaten.graph.data["eaten"]
    recordings = {r["id"]: r for _, r in eaten.store.records(place(node.parents["wav"]))}
    first = {}
    last = {}
    for _, record in eaten.store.records(place(node.parents["segments"])):
        first.setdefault(record["utterance"], record["start"])
        last[record["utterance"]] = record["stop"]
    folder = eaten.store.folder(place(node))
    found = sorted((folder / "listen").glob("removed.*.wav"))
    assert len(found) == LOUDEST
    for path in found:
        utterance = path.stem.removeprefix("removed.")
        heard, _ = read_wav(path)
        whole, _ = read_wav(eaten.store.folder(place(node.parents["wav"])) / recordings[utterance]["file"])
        removed = [whole[: first[utterance]], whole[last[utterance] :]]
        assert any(_occurs(heard, stretch) for stretch in removed), utterance


def _occurs(heard, stretch):
    """Whether `heard` is a part of `stretch`, but for one gain."""
    if len(stretch) < len(heard):
        return False
    windows = np.lib.stride_tricks.sliding_window_view(stretch.astype(float), len(heard))
    products = windows @ heard.astype(float)
    norms = np.linalg.norm(windows, axis=1) * np.linalg.norm(heard.astype(float))
    return bool((products / np.maximum(norms, 1)).max() > 0.999)


def test_a_healthy_dataset_passes_and_tells_of_everything(mini):
    folder = mini.store.folder(place(mini.graph.data["mini"]))
    page = (folder / "quality.html").read_text("utf-8")
    assert "does not pass" not in page and ">failed<" not in page
    sections = set(re.findall(r'<section id="(\w+)"', page))
    assert {"gates", "speakers", "splits", "readings", "trimming", "histograms", "listen"} <= sections
    wanted = set(re.findall(r'<audio [^>]*src="([^"]+)"', page))
    assert wanted == {f"listen/{path.name}" for path in (folder / "listen").iterdir()}


def test_ids_are_stored_with_the_dataset(mini):
    told = read_json(mini.store.folder(place(mini.graph.data["mini"])) / "speakers.json")
    assert told["speakers"] == {"FStudent": 0, "MStudent": 1, "Teacher": 2}
    assert told["emotions"] == {"Angry": 0, "Happy": 1, "Normal": 2, "Sad": 3}


def test_segments_tell_what_was_trimmed(mini):
    node = mini.graph.data["mini"].parents["segments"]
    recordings = {r["id"]: r for _, r in mini.store.records(place(node.parents["wav"]))}
    for _, record in mini.store.records(place(node)):
        told = record["trimmed"]
        removed = recordings[record["utterance"]]["n_samples"] - (record["stop"] - record["start"])
        assert told["seconds"] == pytest.approx(removed / 22050, abs=1e-6)
        assert told["energy"] > 1 and 0 <= told["energy_share"] < 1e-4 and told["loudest_dbfs"] < -60
        assert not record["start"] <= told["loudest_at"] < record["stop"]


# ---- readings and pairs, planted ---------------------------------------------------------------------------------


@pytest.fixture
def planted(mini, tmp_path):
    """The parents of data/mini in another store, in which one shard can be written anew; the dataset's work."""
    node = mini.graph.data["mini"]
    root = tmp_path / "store"
    for stage in (*(parent.stage for parent in node.parents.values()), "stand_in"):
        shutil.copytree(mini.store.root / stage, root / stage)
    store = made({"corpora": STAND_IN, "spk": {}, "exp": {}}, root).store
    return replace(mini.work(node), store=store, params=dict(node.params) | {"gates.max_excluded": 1.0})


def test_half_a_corpus_of_a_telephone_does_not_pass(planted):
    place_ = planted.parents["wav"]
    for number in range(2):
        manifest = planted.store.read_shard(place_, number)
        for record in manifest.utterances[::2]:
            record["facts"] |= {"sample_rate": 8000, "bandwidth_hz": 3876.0}
        planted.store.write_shard(place_, number, manifest)
    with pytest.raises(ValueError, match=r"Bandwidth: 3,876.Hz \(.*; 3 of 3 speakers fail\), gates.min_bandwidth_hz"):
        script("dataset").job(planted, Namespace())
    rows = [row.split("\t") for row in (planted.folder / "recordings.tsv").read_text("utf-8").splitlines()]
    assert rows[0] == ["id", "speaker", "sample_rate", "n_channels", "encoding", "bandwidth_hz"]
    assert sorted(row[0] for row in rows[1:]) == sorted(r["id"] for _, r in planted.store.records(place_))
    told = [row[2:] for row in rows[1:]]
    assert told.count(["8000", "1", "PCM_16", "3876.0"]) == pytest.approx(len(told) / 2, abs=1)
    assert told.count(["48000", "1", "PCM_16", "11025.0"]) > 0.4 * len(told)
    page = (planted.folder / "quality.html").read_text("utf-8")
    assert "the narrowest: no speech above 3,876 Hz" in page and "Bandwidth of the recordings" in page
    script("dataset").job(
        replace(planted, params=dict(planted.params) | {"gates.min_bandwidth_hz": 3500.0}), Namespace()
    )


DETAIL = """text and recording differ
text:      a sh i t a
recording: a s  u
kana:      ア'スゥ"""


def test_readings_that_differ_are_listed_and_heard(planted):
    labels = planted.parents["labels"]
    manifest = planted.store.read_shard(labels, 0)
    lost, *manifest.utterances = manifest.utterances
    manifest.excluded = [Excluded(lost["id"], "readings differ", DETAIL, lost["seconds"], lost["speaker"], "Normal")]
    followed = manifest.utterances[0] | {"means": "words", "kana": "ハ'イ", "spread": 2, "remarks": ["not spoken: '★'"]}
    manifest.utterances[0] = followed
    planted.store.write_shard(labels, 0, manifest)
    script("dataset").job(planted, Namespace())
    rows = (planted.folder / "readings.tsv").read_text("utf-8").splitlines()
    assert [row.split("\t") for row in rows] == [
        ["id", "text", "means", "said", "heard", "correction"],
        [followed["id"], followed["text"], "words", "ハ'イ", " ".join(followed["phones"]), f"{followed['id']},ハ'イ"],
        [lost["id"], lost["text"], "readings differ", "a sh i t a", "a s u", f"{lost['id']},ア'スゥ"],
    ]
    assert (planted.folder / "listen" / f"{followed['id']}.wav").exists()
    heard, _ = read_wav(planted.folder / "listen" / f"{lost['id']}.wav")
    assert len(heard) / 22050 == pytest.approx(lost["seconds"], abs=1e-3)
    page = (planted.folder / "quality.html").read_text("utf-8")
    total = sum(len(planted.store.read_shard(labels, i).utterances) for i in range(2))
    assert f"{total} of {total + 1} segments" in page
    assert page.count('class="differs"') == 4
    assert "Readings to listen to" in page and "What of the texts is not spoken" in page


def test_readings_taken_from_the_times_are_not_compared(planted):
    labels = planted.parents["labels"]
    for shard in range(2):
        manifest = planted.store.read_shard(labels, shard)
        manifest.utterances = [r | {"reading": "alignment", "substitutions": 0} for r in manifest.utterances]
        planted.store.write_shard(labels, shard, manifest)
    script("dataset").job(planted, Namespace())
    page = (planted.folder / "quality.html").read_text("utf-8")
    assert "there is no reading of a text to compare them with" in page


def test_all_zero_pitch_is_a_failure_and_not_a_dataset(planted):
    """Also where the pitch stage, as it should, left those utterances out."""
    pitch = planted.parents["pitch"]
    for shard in range(2):
        manifest = planted.store.read_shard(pitch, shard)
        lost = [r for r in manifest.utterances if r["speaker"] == "FStudent"]
        manifest.utterances = [r for r in manifest.utterances if r["speaker"] != "FStudent"]
        manifest.excluded += [Excluded(r["id"], "no voiced frame", "", r["seconds"], r["speaker"], "") for r in lost]
        arrays = planted.store.arrays(pitch, shard)
        names = [f"{r['id']}/{name}" for r in manifest.utterances for name in ("log_f0", "voiced")]
        planted.store.write_shard(pitch, shard, manifest, {name: arrays[name] for name in names})
    with pytest.raises(ValueError, match=r"Voiced frames: 0.%  ?\(FStudent; 1 of 3 speakers fails\)"):
        script("dataset").job(planted, Namespace())


def test_pairs_are_told_and_copied(planted, mini):
    pairs = place(mini.graph.data["parallel"].parents["pairs"])
    shutil.copytree(mini.store.folder(pairs), planted.store.folder(pairs))
    told = planted.store.node_path(pairs)  # its own parents are another dataset's, and not of interest
    write_json(told, read_json(told) | {"parents": {}})
    work = replace(planted, parents={**planted.parents, "pairs": pairs})
    script("dataset").job(work, Namespace())
    page = (work.folder / "quality.html").read_text("utf-8")
    (account,) = read_json(work.store.folder(pairs) / "pairs.json")["accounts"]
    section = page[page.index('<section id="pairs"') :]
    assert f'<td class="num">{account["pairs"]}</td>' in section and "No partner" in section
    for name in ("pairs.tsv", "pairs_excluded.tsv"):
        assert (work.folder / name).read_bytes() == (work.store.folder(pairs) / name).read_bytes()


def test_pairs_without_texts_are_told_and_aligned_the_least_alike_first(planted, mini):
    pairs = place(mini.graph.data["parallel"].parents["pairs"])
    shutil.copytree(mini.store.folder(pairs), planted.store.folder(pairs))
    told = planted.store.node_path(pairs)
    write_json(told, read_json(told) | {"parents": {}})
    path = planted.store.folder(pairs) / "pairs.json"
    content = read_json(path)
    one, other, third = (r["utterance"] for r in planted.store.read_shard(planted.parents["mel"], 0).utterances[:3])
    row = content["pairs"][0] | {"similarity": None}
    written = row | {"id": "written", "source": one, "target": third, "similarity": 0.93}
    same, unlike = (row | {"id": n, "source": one, "target": t} for n, t in (("same", one), ("unlike", other)))
    nothing = row | {"id": "nothing", "source": one, "target": third, "similarity": 0.0}
    write_json(path, content | {"pairs": [same, written, unlike, content["pairs"][1], nothing]})
    work = replace(planted, parents={**planted.parents, "pairs": pairs})
    script("dataset").job(work, Namespace())
    page = (work.folder / "quality.html").read_text("utf-8")
    section = page[page.index('<section id="pairs"') :]
    assert "Of 2 of 8 pairs nobody has compared the texts" in section
    places = [section.index(f"<code>{name}") for name in ("unlike", "same", "nothing", "written")]
    assert places == sorted(places)
    assert content["pairs"][1]["id"] not in section
    rows = {name: section[section.index(f"<code>{name}") :] for name in ("unlike", "same", "written")}
    distances = {name: re.findall(r'<td class="num">([^<]*)</td>', rows[name])[:2] for name in rows}
    assert distances["same"][0] == "no text" and distances["written"][0] == "0.93"
    assert [number.split()[0] for number in (distances["same"][1], distances["written"][1])] == ["0.00", "–"]
    assert float(distances["unlike"][1].split()[0]) > 1
    for name in (one, other, third):
        assert f'src="listen/pair.{name}.wav"' in section
        heard, _ = read_wav(work.folder / "listen" / f"pair.{name}.wav")
        segment = next(r for _, r in work.store.records(work.parents["segments"]) if r["id"] == name)
        assert len(heard) == segment["stop"] - segment["start"]


def without(planted, split):
    """Let the labels leave out every utterance of a split."""
    labels, splits = planted.parents["labels"], planted.store.folder(planted.parents["splits"]) / "splits.json"
    held = {name for name, of in read_json(splits).items() if of == split}
    for shard in range(labels.shards):
        manifest = planted.store.read_shard(labels, shard)
        lost = [r for r in manifest.utterances if r["utterance"] in held]
        manifest.utterances = [r for r in manifest.utterances if r["utterance"] not in held]
        manifest.excluded += [
            Excluded(r["id"], "no alignment", "", r["seconds"], r["speaker"], r["emotion"]) for r in lost
        ]
        planted.store.write_shard(labels, shard, manifest)


def test_a_split_that_was_emptied_is_an_error_of_the_dataset(planted):
    """And none of whatever wants to measure something on it, after the training."""
    without(planted, "eval")
    with pytest.raises(
        ValueError, match=r"emptied a part of the dataset:\n  .*eval split is left.*no alignment \(labels"
    ):
        script("dataset").job(planted, Namespace())
    assert not (planted.folder / "node.json").exists()
    assert "nothing of the eval split is left" in (planted.folder / "quality.html").read_text("utf-8")


def test_an_empty_dev_split_is_told_in_the_account_on_the_page_and_in_the_log(planted, capsys):
    without(planted, "dev")
    script("dataset").job(planted, Namespace())
    told = "nothing of the dev split is left"
    assert told in (planted.folder / "quality.html").read_text("utf-8")
    assert any(warning.startswith(told) for warning in read_json(planted.folder / "node.json")["warnings"])
    assert f"dataset: warning: {told}" in capsys.readouterr().err


def test_an_earlier_page_leaves_no_recordings(planted):
    script("dataset").job(planted, Namespace())
    stale = planted.folder / "listen" / "stale.wav"
    stale.touch()
    script("dataset").job(planted, Namespace())
    assert not stale.exists() and list(stale.parent.glob("*.wav"))
