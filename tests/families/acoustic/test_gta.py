"""Teacher-forced mels: whose they are, which frames they lie on, and what becomes of a job that was killed."""

import json
from dataclasses import asdict, replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from koeru.data.reading import Features
from koeru.families.acoustic import gta
from koeru.families.acoustic.measure.alignment import best_shift
from koeru.families.acoustic.voice import Voice
from koeru.graph.plan import place
from koeru.graph.store import CANONICAL, Manifest, Store, digest_of, file_digest, read_json, write_manifest
from koeru.report.metrics import mel_l1, pooled

gta = gta


@pytest.fixture
def work(mini, tmp_path):
    """The work of the small store's teacher-forced mels, over that store, but with no mel made yet."""
    for stage in mini.store.root.iterdir():
        if stage.name != "gta":
            (tmp_path / stage.name).symlink_to(stage)
    return replace(mini.work(node(mini)), store=Store(tmp_path))


@pytest.fixture
def calls(monkeypatch):
    """The ids of the utterances that a voice is asked for, in order; it makes noise."""
    asked = []

    def noise(record, natural):
        asked.append(record["id"])
        return np.random.default_rng(len(asked)).normal(-5, 2, natural["mel"].shape).astype(np.float32)

    speak_as(monkeypatch, noise)
    return asked


def speak_as(monkeypatch, teacher_forced):
    """Put another function in the place of the voice."""
    own = SimpleNamespace(teacher_forced=teacher_forced, device=torch.device("cpu"))
    monkeypatch.setattr(gta.Voice, "load", lambda *_: own)


def node(mini):
    return mini.graph.trained["vocoder"]["taught"].node.parents["gta"]


def run(work):
    """Run the job; what node.json says."""
    gta.job(work)
    return read_json(work.store.node_path(work.place))


def made(mini):
    """Every record of the small store with its mel, and node.json."""
    where = place(node(mini))
    found = [(shard, r, mini.store.arrays(where, shard)[f"{r['id']}/mel"]) for shard, r in mini.store.records(where)]
    return found, read_json(mini.store.node_path(where))


def features(mini):
    return Features.of(mini.work(node(mini)))


# ---- whose they are ------------------------------------------------------------------------------------------------


def test_every_utterance_of_train_and_dev_has_a_mel_and_none_of_eval(mini):
    found, told = made(mini)
    wanted = {split: [r["id"] for _, r in features(mini).records(split)] for split in ("train", "dev", "eval")}
    assert min(map(len, wanted.values())) > 0
    assert sorted(r["id"] for _, r, _ in found) == sorted(wanted["train"] + wanted["dev"])
    for _, record, _ in found:
        assert record["id"] in wanted[record["split"]]
    assert told["utterances"] == {split: len(wanted[split]) for split in ("train", "dev")}
    assert told["in"] == told["out"] == len(found) and told["excluded"] == 0
    assert told["seconds_out"] == pytest.approx(sum(told["seconds"].values()), abs=0.01)


def test_a_mel_is_that_of_the_voice_on_the_frames_of_the_recording(mini):
    known = features(mini)
    work = mini.work(node(mini))
    voice = Voice.load(known, work.parents["train"], "last")
    labels = {record["id"]: record for _, record in known.records()}
    for shard, record, mel in made(mini)[0]:
        natural, label = known.of_utterance(shard, record["id"]), labels[record["id"]]
        assert mel.dtype == np.float32 and mel.shape == natural["mel"].shape
        assert len(mel) == record["n_frames"] == sum(label["durations"])
        assert np.array_equal(mel, voice.teacher_forced(label, natural))
        assert record["mel_l1"] == pytest.approx(pooled([mel_l1(mel, natural["mel"])]), abs=1e-6)
        shift, correlations = best_shift(natural["mel"], mel)
        assert record["shift"] == shift and record["correlations"] == pytest.approx(correlations, abs=1e-4)
        assert {name: record[name] for name in gta.KEPT} == {name: label[name] for name in gta.KEPT}


def test_the_figures_of_the_node_are_those_of_its_utterances(mini):
    found, told = made(mini)
    records = [record for _, record, _ in found]
    for split in ("train", "dev"):
        own = [record for record in records if record["split"] == split]
        frames = [record["n_frames"] for record in own]
        assert told["mel_l1"][split] == pytest.approx(np.average([r["mel_l1"] for r in own], weights=frames), abs=1e-5)
    assert told["misaligned"] == sum(bool(record["shift"]) for record in records)
    assert sum(told["alignment"]["shifts"].values()) + told["alignment"]["untold"] == len(records)


def test_files_are_what_their_digests_say(mini):
    where, told = place(node(mini)), made(mini)[1]
    for shard in range(2):
        manifest = mini.store.read_shard(where, shard)
        path = mini.store.folder(where) / manifest.payload["file"]
        assert file_digest(path) == manifest.payload["sha256"]
        assert manifest.digest == digest_of([manifest.utterances, [], manifest.payload]) == told["digests"][shard]
        assert manifest.run["device"] == "cpu"


def test_the_same_again_is_the_same(mini, work):
    told, before = run(work), made(mini)[1]
    assert told["digests"] == before["digests"]
    times = {"run", "commit"}
    assert {k: v for k, v in told.items() if k not in times} == {k: v for k, v in before.items() if k not in times}


# ---- what is left out ----------------------------------------------------------------------------------------------


def without(work, stage, shard):
    """Let a stage lack the first train utterance of a shard that has one: its record, and the manifest to write."""
    splits = Features.of(work).splits
    folder = work.store.folder(work.parents[stage])
    own, theirs = work.store.root / stage, folder.resolve()
    own.unlink()
    folder.mkdir(parents=True)
    for path in theirs.iterdir():
        (folder / path.name).symlink_to(path)
    manifest = work.store.read_shard(work.parents[stage], shard)
    lost = next(record for record in manifest.utterances if splits[record["utterance"]] == "train")
    manifest.utterances.remove(lost)
    return lost, manifest


def put(work, stage, shard, manifest: Manifest):
    path = work.store.shard_path(work.parents[stage], shard)
    path.unlink()
    content = vars(manifest) | {"excluded": [asdict(one) for one in manifest.excluded]}
    write_manifest(path, map(CANONICAL.encode, manifest.utterances), content)


def test_an_utterance_without_a_feature_is_excluded_in_the_words_of_its_stage(mini, work, calls):
    lost, manifest = without(work, "pitch", 1)
    manifest.excluded.append(gta.Excluded(lost["id"], "no voiced frame", "it is whispered"))
    put(work, "pitch", 1, manifest)
    told, whole = run(work), made(mini)[1]
    assert (told["in"], told["out"], told["excluded"]) == (whole["in"], whole["out"] - 1, 1)
    assert told["excluded_by_reason"] == {"no voiced frame": 1}
    (excluded,) = work.store.read_shard(work.place, 1).excluded
    assert excluded.id == lost["id"] not in calls and excluded.detail == "pitch: it is whispered"
    assert excluded.speaker == lost["speaker"] and excluded.seconds == pytest.approx(lost["seconds"], abs=1e-3)


def test_an_utterance_that_is_lost_without_words_ends_the_job(work, calls):
    lost, manifest = without(work, "energy", 0)
    put(work, "energy", 0, manifest)
    with pytest.raises(ValueError, match=f"gta shard 0: the account is not closed: lost .*{lost['id']}"):
        run(work)
    assert not work.store.node_path(work.place).exists()


# ---- a job that was killed -----------------------------------------------------------------------------------------


def test_a_killed_job_goes_on_where_it_was(mini, work, monkeypatch):
    asked, own = [], Voice.teacher_forced
    of_shard = [[r["id"] for s, r, _ in made(mini)[0] if s == shard] for shard in range(2)]
    assert min(map(len, of_shard)) > 1

    def killed(self, record, natural):
        asked.append(record["id"])
        if record["id"] == of_shard[1][1]:
            raise KeyboardInterrupt
        return own(self, record, natural)

    monkeypatch.setattr(Voice, "teacher_forced", killed)
    with pytest.raises(KeyboardInterrupt):
        run(work)
    assert asked == of_shard[0] + of_shard[1][:2]
    assert work.store.shard_path(work.place, 0).exists() and not work.store.shard_path(work.place, 1).exists()
    assert not work.store.node_path(work.place).exists()

    asked.clear()
    monkeypatch.setattr(Voice, "teacher_forced", lambda self, *told: asked.append(told[0]["id"]) or own(self, *told))
    told = run(work)
    assert asked == of_shard[1]
    assert told["digests"] == made(mini)[1]["digests"]
    shards = [work.store.read_shard(work.place, number).run["seconds"] for number in range(2)]
    assert told["run"]["seconds"] >= sum(shards) - 0.01


def test_with_all_shards_there_no_voice_is_loaded(work, calls, monkeypatch):
    run(work)
    work.store.node_path(work.place).unlink()
    monkeypatch.setattr(gta.Voice, "load", lambda *_: pytest.fail("a voice was loaded"))
    assert run(work)["out"] == len(calls)


def test_an_utterance_at_which_it_fails_is_named(work, monkeypatch):
    def fail(record, natural):
        raise ValueError("frame counts disagree")

    speak_as(monkeypatch, fail)
    first = next(r["id"] for _, r in Features.of(work).records() if Features.of(work).splits[r["utterance"]] != "eval")
    with pytest.raises(RuntimeError, match=f"failed at utterance {first}: frame counts disagree"):
        run(work)


def test_a_mel_that_is_not_finite_is_refused(work, monkeypatch):
    speak_as(monkeypatch, lambda record, natural: np.where(natural["mel"] > -5, natural["mel"], np.nan))
    with pytest.raises(RuntimeError, match="not finite: the training has diverged"):
        run(work)


# ---- frame by frame ------------------------------------------------------------------------------------------------


def natural_moved(shift):
    """The natural mel with some noise, `shift` frames late."""

    def mel(record, natural):
        noise = np.random.default_rng(len(natural["mel"])).normal(0, 0.5, natural["mel"].shape)
        return np.roll(natural["mel"] + noise, shift, axis=0).astype(np.float32)

    return mel


def test_mels_like_the_natural_ones_lie_at_shift_0(work, monkeypatch, capsys):
    speak_as(monkeypatch, natural_moved(0))
    told = run(work)
    assert told["misaligned"] == 0 and told["alignment"]["shifts"]["0"] == told["alignment"]["clear"] == told["out"]
    assert told["alignment"]["least_margin"] > 0
    assert "another shift" not in capsys.readouterr().err
    assert all(work.store.read_shard(work.place, number).notes == [] for number in range(2))


@pytest.mark.parametrize(("shift", "words"), [(1, "1 frame too late"), (-1, "1 frame too early"), (2, "2 frames too")])
def test_mels_moved_by_a_frame_are_refused(work, monkeypatch, shift, words):
    speak_as(monkeypatch, natural_moved(shift))
    with pytest.raises(ValueError, match=f"the teacher-forced mels come {words}.* at shift \\{shift:+d}") as error:
        run(work)
    assert str(work.folder) in str(error.value)
    assert not work.store.node_path(work.place).exists()
    with pytest.raises(ValueError, match="the teacher-forced mels come"):  # nor are they taken when it runs again
        run(work)


def test_some_utterances_that_are_moved_are_listed(work, monkeypatch, capsys):
    moved = {r["id"] for _, r in list(Features.of(work).records("train"))[::5]}
    speak_as(monkeypatch, lambda record, natural: natural_moved(record["id"] in moved)(record, natural))
    told = run(work)
    assert told["misaligned"] == told["alignment"]["shifts"]["1"] == len(moved) > 2
    assert told["alignment"]["least_margin"] < 0
    notes = " ".join(note for number in range(2) for note in work.store.read_shard(work.place, number).notes)
    said = capsys.readouterr().err
    for name in moved:
        assert f"{name} (+1, 0.9" in notes and name in said
    assert notes.count("(+") == len(moved)


def test_a_model_that_has_learned_nothing_passes_and_is_told_of(work, calls):
    told = run(work)
    assert told["alignment"]["clear"] == 0
    assert told["misaligned"] > told["out"] / 4
    assert any(work.store.read_shard(work.place, number).notes for number in range(2))


def test_a_note_names_some_and_counts_the_rest():
    records = [{"id": f"a_{n}", "shift": 1 - n % 2, "correlations": [0, 0.1, 0.2, 0.9, 0]} for n in range(100)]
    (note,) = gta.beside(records)
    assert note.count("(+1, 0.900)") == gta.LISTED == note.count("a_")
    assert note.endswith(f", and {50 - gta.LISTED} more")
    assert gta.beside(records[1:2]) == []


def test_an_utterance_too_short_for_the_shifts_is_told_of_and_votes_for_none(work):
    mel = np.random.default_rng(1).normal(size=(4, 80))
    short = gta.compared(mel, mel)
    assert short == {"mel_l1": 0.0, "shift": None, "correlations": [0.0] * 5}
    record = short | {"split": "train", "seconds": 0.05, "n_frames": 4}
    gta.check_alignment(work, [record])
    told = json.loads(json.dumps(gta.summary([record]), allow_nan=False))
    assert told["misaligned"] == 0 and told["alignment"]["untold"] == 1
    assert told["alignment"]["least_margin"] is None and told["mel_l1"] == {"train": 0.0}


# ---- where it computes ---------------------------------------------------------------------------------------------
