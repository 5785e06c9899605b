"""What is muted within speech: every reader of a segment's samples sees it, and the page tells of it."""

import shutil
from argparse import Namespace
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from golden.outputs import CONFIG
from in_process import made, script

from koeru.audio.files import read_wav
from koeru.audio.muting import THRESHOLDS
from koeru.audio.silence import level_dbfs
from koeru.families.experiments import samples
from koeru.families.vocoder.recordings import StoredRecordings
from koeru.graph.plan import place
from koeru.graph.store import Store, read_json, without_facts, write_json
from koeru.jobs.segments import samples_of
from koeru.report.quality.listen import whole

GOLDEN = CONFIG["spk"]["golden"]
ON = {"silence_thresh_t": -50, "chunk_size": 20, "mute_inner": True}
SPK = {
    "plain": GOLDEN | {"segments": ON | {"mute_inner": False}},
    "muted": GOLDEN | {"segments": ON},
    "split": GOLDEN | {"segments": ON | {"inner": "split", "min_silence_len": 100}},
    "eaten": GOLDEN | {"segments": ON | {"silence_thresh_t": -27, "keep_silence": 5000}},  # nothing is trimmed
}
HOP = 256


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Datasets of the golden corpus, of which all but `eaten` passes its gates."""
    made_of = made({"corpora": CONFIG["corpora"], "spk": SPK}, tmp_path_factory.mktemp("muted") / "store")
    for name in ("plain", "muted"):
        made_of.run([made_of.graph.data[name]])
    made_of.run([made_of.graph.data[name].parents["segments"] for name in ("split", "eaten")])
    return made_of


def node(built, name):
    return built.graph.data[name]


def records(built, name, stage="segments"):
    return {r["id"]: r for _, r in built.store.records(place(node(built, name).parents[stage]))}


def recordings(built, name="muted"):
    """Segment id -> all samples of its recording."""
    wavs = records(built, name, "wav")
    folder = built.store.folder(place(node(built, name).parents["wav"]))
    return {r["id"]: read_wav(folder / wavs[r["utterance"]]["file"])[0] for r in records(built, name).values()}


def arrays(built, name, stage):
    return built.store.arrays(place(node(built, name).parents[stage]), 0)


def test_only_what_is_muted_differs_in_the_records(built):
    plain, muted = records(built, "plain"), records(built, "muted")
    assert all("muted" not in record and "muted" not in record["facts"] for record in plain.values())
    for name, record in muted.items():
        assert record["muted"]  # at -50 dBFS there are closures and pauses in each
        told = {key: value for key, value in without_facts(record).items() if key not in ("muted", "level_dbfs")}
        assert told == {key: value for key, value in without_facts(plain[name]).items() if key != "level_dbfs"}


def test_what_is_told_of_muting_is_what_was_muted(built):
    wavs = recordings(built)
    for name, record in records(built, "muted").items():
        wav, facts = wavs[name].astype(float) / 32768, record["facts"]
        own = np.concatenate([wav[start:stop] for start, stop in record["muted"]])
        assert facts["muted"]["seconds"] == pytest.approx(len(own) / 22050, abs=1e-6)
        assert facts["muted"]["energy_share"] == pytest.approx(np.sum(own**2) / np.sum(wav**2), rel=1e-3)
        up_to = THRESHOLDS.index(-50) + 1  # what the picture shows at this threshold
        assert sum(facts["quiet"]["chunks"][:up_to]) * 0.02 == pytest.approx(len(own) / 22050, abs=0.002)
        assert max(facts["quiet"]["peaks"][:up_to]) == round(np.abs(own).max() * 32768)
        assert record["level_dbfs"] == level_dbfs(samples_of(record, wavs[name]))
        assert record["start"] <= record["muted"][0][0] and record["muted"][-1][1] <= record["stop"]


def sample_count(record):
    """How many samples of a segment are muted."""
    return sum(stop - start for start, stop in record["muted"])


def quiet_frames(record):
    """The frames of a segment of which every sample that a window of 1024 sees is muted."""
    zero = np.zeros(record["stop"] - record["start"], bool)
    for start, stop in record["muted"]:
        zero[start - record["start"] : stop - record["start"]] = True
    middles = (np.arange(len(zero) // HOP) + 0.5) * HOP
    return [k for k, middle in enumerate(middles) if zero[max(0, int(middle) - 512) : int(middle) + 512].all()]


def test_every_feature_sees_digital_zero(built):
    found = 0
    for name, record in records(built, "muted").items():
        frames = quiet_frames(record)
        found += len(frames)
        mel, heard = (arrays(built, which, "mel")[f"{name}/mel"] for which in ("muted", "plain"))
        energy, louder = (arrays(built, which, "energy")[f"{name}/log_energy"] for which in ("muted", "plain"))
        assert (mel[frames] == mel.min()).all() and (energy[frames] == energy.min()).all()
        assert np.abs(mel - heard).max() > 1 and np.abs(energy - louder).max() > 1
        sp, f0 = (arrays(built, "muted", "sp")[f"{name}/{one}"] for one in ("sp", "f0"))
        assert np.isfinite(sp).all() and not arrays(built, "muted", "pitch")[f"{name}/voiced"][frames].any()
        assert len(f0) == len(sp) and not np.array_equal(sp, arrays(built, "plain", "sp")[f"{name}/sp"])
    assert found > 10


def test_vocoders_and_pages_hear_digital_zero(built, tmp_path):
    wavs, work = recordings(built), built.work(node(built, "muted"))
    segments = records(built, "muted")
    for split in ("train", "dev", "eval"):
        stored = StoredRecordings(work.store, work.parents, "mel", split, HOP)
        for index, name in enumerate(stored.ids):
            expected = samples_of(segments[name], wavs[name])
            for start, stop in ((0, stored.frame_lengths[index]), (20, 60)):
                clip = stored.read(index, start, stop)
                assert (clip.wav * 32768 == expected[start * HOP : stop * HOP]).all()
    folder = work.store.folder(work.parents["wav"])
    files = records(built, "muted", "wav")
    for name, record in segments.items():
        expected = samples_of(record, wavs[name])
        assert (samples.recording(work, 0, name) == expected).all()
        cut = whole(record, files[record["utterance"]])
        cut.write(folder, tmp_path)
        assert (soundfile.read(tmp_path / cut.path, dtype="int16")[0] == expected).all()


def test_the_pieces_of_a_split_recording_have_their_own_muted_stretches(built):
    pieces = [record for record in records(built, "split").values() if "~" in record["id"]]
    assert len(pieces) > 2
    for record in pieces:
        assert all(record["start"] <= start < stop <= record["stop"] for start, stop in record["muted"])
        assert ("facts" in record) == record["id"].endswith("~00") == (record["trimmed"] is not None)
    for name, record in records(built, "muted").items():
        parts = [one for one in records(built, "split").values() if one["utterance"] == name]
        assert sum(sample_count(part) for part in parts) == sample_count(record)
        assert parts[0]["facts"] == record["facts"]


def test_the_page_tells_what_was_muted_and_lets_it_be_heard(built):
    folder = built.store.folder(place(node(built, "muted")))
    page = (folder / "quality.html").read_text("utf-8")
    assert "has become digital zero" in page and "A threshold of −100" in page
    seconds = sum(record["facts"]["muted"]["seconds"] for record in records(built, "muted").values())
    assert f"{seconds:.1f}" in page.partition("has become digital zero")[2][:200]
    heard = sorted((folder / "listen").glob("muted.*.wav"))
    assert heard and all(np.abs(read_wav(path)[0].astype(int)).max() > 3000 for path in heard)
    plain = (built.store.folder(place(node(built, "plain"))) / "quality.html").read_text("utf-8")
    assert "Nothing between head and tail is muted" in plain and "A threshold of −80" in plain


def test_muted_speech_fails_the_gate_of_trimmed_energy(built):
    dataset = node(built, "eaten")
    for job in built.plan.planned([dataset]):
        if job.node is not dataset:
            built.run_job(job)
    with pytest.raises(ValueError, match=r"Energy trimmed away: .*gates.max_trimmed_energy allows"):
        script("dataset").job(built.work(dataset), Namespace())
    assert all(record["trimmed"]["seconds"] == 0 for record in records(built, "eaten").values())
    page = (built.store.folder(place(dataset)) / "quality.html").read_text("utf-8")
    assert "stand out from the background of their recordings" in page


def test_a_store_from_before_is_told_of(built, tmp_path):
    """Facts are in no digest: without them, and without the newer leaves, the page says that nothing was measured."""
    root = tmp_path / "store"
    shutil.copytree(built.store.root, root)
    work = replace(built.work(node(built, "plain")), store=Store(root))
    segments = work.parents["segments"]
    manifest = work.store.read_shard(segments, 0)
    digest = manifest.digest
    for record in manifest.utterances:
        record.pop("facts")
    work.store.write_shard(segments, 0, manifest)
    assert work.store.read_shard(segments, 0).digest == digest
    told = read_json(work.store.node_path(segments))
    for leaf in ("chunk_size", "mute_inner"):
        del told["params"][f"segments.{leaf}"]
    write_json(work.store.node_path(segments), told)
    script("dataset").job(work, Namespace())
    page = (work.folder / "quality.html").read_text("utf-8")
    assert "did not measure this" in page and "A threshold of −80" not in page
