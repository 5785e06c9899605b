"""Bad input: each planted fault is excluded with its reason or read correctly, and the rest of the dataset is built."""

import unicodedata
from argparse import Namespace

import numpy as np
import pytest
from in_process import made, script

from koeru.audio.files import read_wav, resample
from koeru.data.reading import Features
from koeru.graph.plan import place
from koeru.jobs.stage import seal
from koeru.stand_in.faults import FAULTS
from koeru.stand_in.files import write_wav
from koeru.stand_in.script import plan as dialogues
from koeru.stand_in.voice import speak

MINUTES = 0.1
FEATURES = ("pitch", "energy", "mel")
SHARDED = ("wav", "segments", "labels", *FEATURES)
EXCLUDED = [name for name, fault in FAULTS.items() if fault.expect == "excluded"]
READ = [name for name, fault in FAULTS.items() if fault.expect == "read"]
SOUNDS = ("stereo", "bits_8", "bits_24", "bits_32", "other_sample_rate")
STAGE = {  # where each fault is found
    "truncated_wav": "wav",
    "zero_samples": "wav",
    "all_zeros": "wav",
    "nan": "wav",
    "clipping": "wav",
    "empty_text": "utterances",
    "emoji_only": "labels",
    "long_text": "labels",
    "textgrid_other_utterance": "labels",
    "textgrid_without_tier": "labels",
    "textgrid_past_end": "labels",
    "textgrid_missing": "labels",
    "duplicate_id": "utterances",
    "row_without_wav": "utterances",
    "wav_without_row": "utterances",
}


def configuration(**gates):
    corpora = {"S": {"format": "studies", "stand_in": {"minutes": MINUTES, "faults": list(FAULTS)}}}
    spk = {"corpora": ["S"], "shards": 2, "splits": {"dev": 0.2, "eval": 0.2}, "gates": gates}
    return {"corpora": corpora, "spk": {"faulty": spk}, "exp": {}}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """The dataset of a corpus with every fault, with room for their exclusion."""
    built = made(configuration(max_excluded=1.0), tmp_path_factory.mktemp("faulty") / "store")
    return built.run([built.graph.data["faulty"]])


@pytest.fixture(scope="module")
def strict(faulty):
    """The same store, with the default limit."""
    return made(configuration(), faulty.store.root)


def parent(built, stage):
    return place(built.graph.data["faulty"].parents[stage])


def features(built):
    node = built.graph.data["faulty"]
    return Features(built.store, {r: place(p) for r, p in node.parents.items()}, FEATURES)


@pytest.fixture(scope="module")
def exclusions(faulty):
    """(stage, exclusion) of everything that was left out."""
    return [
        (stage, lost)
        for stage in ("utterances", *SHARDED)
        for shard in range(2)
        for lost in faulty.store.read_shard(parent(faulty, stage), shard).excluded
    ]


@pytest.fixture(scope="module")
def usable(faulty):
    """Labels records, with their shard, of what a training would read."""
    return {record["id"]: (shard, record) for shard, record in features(faulty).records()}


def test_every_fault_is_in_the_table():
    assert set(EXCLUDED) == set(STAGE)
    assert set(SOUNDS) < set(READ)


@pytest.mark.parametrize("name", EXCLUDED)
def test_what_cannot_be_used_is_excluded_with_the_reason(exclusions, usable, name):
    fault = FAULTS[name]
    ((stage, lost),) = [(stage, lost) for stage, lost in exclusions if fault.utterance in lost.id]
    assert stage == STAGE[name]
    assert fault.reason in lost.reason
    assert lost.detail
    if name == "duplicate_id":  # one of the two is enough
        assert lost.id.startswith(f"{fault.utterance_id}@") and fault.utterance_id in usable
    else:
        assert lost.id == fault.utterance_id or lost.id.endswith(f"/wav/{fault.utterance}.wav")  # of no row
        assert fault.utterance_id not in usable


@pytest.mark.parametrize("name", READ)
def test_what_is_only_unusual_is_read(exclusions, usable, faulty, name):
    fault = FAULTS[name]
    assert not [lost for _, lost in exclusions if fault.utterance in lost.id]
    _, record = usable[fault.utterance_id]
    assert unicodedata.normalize("NFC", record["text"]) == fault.rows[fault.spoiled].text
    assert sum(record["durations"]) == record["n_frames"] > 50


@pytest.mark.parametrize("name", SOUNDS)
def test_it_sounds_as_it_should(faulty, tmp_path, name):
    row = FAULTS[name].rows[FAULTS[name].spoiled]
    write_wav(tmp_path / "plain.wav", speak(row.text, row.speaker, row.emotion).samples)
    resample(tmp_path / "plain.wav", tmp_path / "expected.wav", 22050)
    expected, _ = read_wav(tmp_path / "expected.wav")
    records = {r["id"]: r for _, r in faulty.store.records(parent(faulty, "wav"))}
    found, rate = read_wav(faulty.store.folder(parent(faulty, "wav")) / records[FAULTS[name].utterance_id]["file"])
    assert rate == 22050 and abs(len(found) - len(expected)) <= 1
    shorter = min(len(found), len(expected))
    difference = found[:shorter].astype(float) - expected[:shorter]
    assert np.sqrt(np.mean(difference**2)) < (0.1 if name == "bits_8" else 0.01) * np.std(expected)


def test_the_rest_of_the_dataset_is_built(usable, exclusions):
    rows = sum(map(len, dialogues(MINUTES))) + sum(len(fault.rows) for fault in FAULTS.values())
    assert len(usable) == rows - sum(lost.reason != "duplicate id" for _, lost in exclusions)
    planted = {fault.utterance for fault in FAULTS.values()}
    assert all(any(name in lost.id for name in planted) for _, lost in exclusions)


def test_in_is_out_and_excluded_in_every_stage(faulty):
    sources = {"wav": "utterances", "segments": "wav"}
    for stage in SHARDED:
        for shard in range(2):
            manifest = faulty.store.read_shard(parent(faulty, stage), shard)
            source = faulty.store.read_shard(parent(faulty, sources.get(stage, "segments")), shard)
            out = [r["id"] for r in manifest.utterances] + [e.id for e in manifest.excluded]
            assert sorted(out) == sorted(r["id"] for r in source.utterances), (stage, shard)


def test_the_quality_page_and_the_table_list_every_exclusion(faulty, exclusions):
    folder = faulty.store.folder(place(faulty.graph.data["faulty"]))
    rows = (folder / "excluded.tsv").read_text("utf-8").splitlines()
    assert rows[0].split("\t") == ["id", "stage", "reason", "detail"]
    assert sorted(row.split("\t")[:3] for row in rows[1:]) == sorted([e.id, s, e.reason] for s, e in exclusions)
    page = (folder / "quality.html").read_text("utf-8")
    assert all(lost.id in page for _, lost in exclusions)
    assert "is not UTF-8; read as Shift_JIS" in page


# ---- the default limit ---------------------------------------------------------------------------------------------


def told_by(error, stage, exclusions):
    """The table names the stage, every reason and every utterance."""
    found = str(error.value)
    assert found.startswith(f"{stage}: ") and "more than gates.max_excluded allows (2.0%)" in found
    own = [lost for at, lost in exclusions if at == stage]
    assert own and all(lost.id in found and lost.reason in found for lost in own)


def test_the_listing_fails_with_a_table(strict, exclusions, tmp_path):
    node = strict.graph.data["faulty"].parents["utterances"]
    with pytest.raises(ValueError) as error:
        script("utterances").job(strict.work(node), Namespace())
    told_by(error, "utterances", exclusions)


@pytest.mark.parametrize("stage", ["wav", "labels"])
def test_a_stage_fails_with_a_table(strict, exclusions, stage):
    with pytest.raises(ValueError) as error:
        seal(strict.work(strict.graph.data["faulty"].parents[stage]))
    told_by(error, stage, exclusions)


@pytest.mark.parametrize("stage", ["segments", *FEATURES])
def test_a_stage_that_excluded_nothing_passes(strict, stage):
    seal(strict.work(strict.graph.data["faulty"].parents[stage]))


def test_the_gates_of_the_dataset_hold_what_a_laxer_one_let_through(strict):
    node = strict.graph.data["faulty"]
    with pytest.raises(ValueError, match=r"gates:\n  Excluded utterances: .* gates.max_excluded allows at most 2.%"):
        script("dataset").job(strict.work(node), Namespace())
    folder = strict.store.folder(place(node))
    assert (folder / "quality.html").exists() and not (folder / "node.json").exists()
