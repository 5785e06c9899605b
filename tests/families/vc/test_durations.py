"""The stage `durations`: every pair has exact durations, or a reason why it has none."""

import numpy as np
import pytest

from koeru.audio.energy import log_energy
from koeru.audio.mel import MelSpec, log_mel
from koeru.families.vc import durations
from koeru.families.vc.pairs import DURATIONS, PAIRS, Pair
from koeru.graph.store import ArrayReader, Excluded, Manifest, Place, Store, read_json, write_json
from koeru.jobs.stage import Work
from koeru.stand_in.voice import SAMPLE_RATE, resample, speak

SPEC = MelSpec()
RUN = {"seconds": 0.0, "cpu_seconds": 0.0, "started": "", "host": ""}
STAGES = ("segments", "labels", "pitch", "energy", "mel")
TEXTS = {"1": "母が朝ご飯を作る、父は駅まで歩く。", "2": "兄が手紙を書く。"}
LEAVES = {
    "durations": "dtw",
    "model.reduction_factor": 3,
    "wav.sample_rate": SPEC.sample_rate,
    "mel.n_fft": SPEC.n_fft,
    "mel.hop_length": SPEC.hop_length,
    "mel.win_length": SPEC.win_length,
    "dtw.band_s": 2.0,
    "dtw.penalty_db": 12.0,
    "dtw.silence_thresh": -60.0,
}


def features(wav):
    """Mel and log energy of a recording, and a pitch that varies."""
    mel = log_mel(wav, SPEC)
    log_f0 = (5 + 0.1 * np.sin(np.arange(len(mel)) / 20)).astype(np.float32)
    energy = log_energy(wav, SPEC.n_fft, SPEC.hop_length, SPEC.win_length)
    return {"mel": mel, "log_energy": energy, "log_f0": log_f0, "voiced": np.ones(len(mel), np.uint8)}


@pytest.fixture(scope="module")
def said():
    """The features of each sentence by two voices, by the ids of the utterances."""
    found = {}
    for voice in ("Teacher", "MStudent"):
        for name, text in TEXTS.items():
            wav = resample(speak(text, voice).samples / 32768, SAMPLE_RATE, SPEC.sample_rate)
            found[f"{voice}_{name}"] = features(wav.astype(np.float32))
    return found


class Parents:
    """What the stages before would have left of some utterances, in two shards."""

    def __init__(self, root):
        self.store = Store(root)
        self.places = {stage: Place(stage, "0" * 16, 2) for stage in STAGES} | {"pairs": Place("pairs", "0" * 16)}
        self.rows = []
        self.manifests = {s: [Manifest(s, "0" * 16, run=RUN) for _ in range(2)] for s in STAGES}
        self.arrays = {s: ({}, {}) for s in STAGES}

    def add(self, name, arrays, *, silences=(), start=0):
        """An utterance; `start` and `silences` in samples, as its segment has them."""
        shard, speaker = len(self.manifests["segments"][0].utterances) % 2, name.partition("_")[0]
        seconds = len(arrays["mel"]) * SPEC.hop_length / SPEC.sample_rate
        record = {"id": name, "utterance": name, "speaker": speaker, "emotion": "Normal", "seconds": seconds}
        record |= {
            "text": name,
            "n_frames": len(arrays["mel"]),
            "start": start,
            "silences": [list(s) for s in silences],
        }
        for stage in STAGES:
            self.manifests[stage][shard].utterances.append(record)
        of = {"pitch": ("log_f0", "voiced"), "energy": ("log_energy",), "mel": ("mel",)}
        for stage, names in of.items():
            self.arrays[stage][shard].update({f"{name}/{n}": arrays[n] for n in names})

    def leave_out(self, stage, name, reason):
        """Let a stage have left an utterance out."""
        for manifest in self.manifests[stage]:
            if any(record["id"] == name for record in manifest.utterances):
                manifest.utterances = [record for record in manifest.utterances if record["id"] != name]
                manifest.excluded.append(Excluded(name, reason, "mend it"))

    def pair(self, source, target, split="train"):
        """A row of pairs.json."""
        row = {"id": f"{source}_{target}", "source": source, "target": target, "name": source, "split": split}
        self.rows.append(row)

    def run(self, **leaves):
        """Run the job; what durations.json says, its arrays, and node.json."""
        for stage in STAGES:
            for shard in range(2):
                self.store.write_shard(
                    self.places[stage], shard, self.manifests[stage][shard], self.arrays[stage][shard]
                )
        write_json(self.store.folder(self.places["pairs"]) / "pairs.json", {"pairs": self.rows, "accounts": []})
        work = Work(Place("durations", "1" * 16), 1, LEAVES | leaves, self.places, {}, self.store)
        durations.job(work)
        path = work.folder / DURATIONS
        arrays = ArrayReader(path) if path.exists() else None
        return read_json(work.folder / PAIRS), arrays, read_json(self.store.node_path(work.place))


@pytest.fixture
def parents(tmp_path, said):
    made = Parents(tmp_path)
    for name, arrays in said.items():
        made.add(name, arrays)
    for name in TEXTS:
        made.pair(f"Teacher_{name}", f"MStudent_{name}", "train" if name == "1" else "eval")
    return made


@pytest.mark.parametrize("factor", [1, 3, 4])
def test_durations_are_exact(parents, said, factor):
    content, arrays, node = parents.run(**{"model.reduction_factor": factor})
    assert [row["id"] for row in content["pairs"]] == [row["id"] for row in parents.rows]
    for row in content["pairs"]:
        found = arrays[row["id"]]
        lengths = [-(-len(said[row[side]["id"]]["mel"]) // factor) for side in ("source", "target")]
        assert [row["n_source"], row["n_target"]] == lengths == [len(found), found.sum()]
        assert found.dtype == np.int32 and found.min() >= 0
        assert not row["at_edge"] and 0 < row["cost"] < 20
    assert (content["durations"], content["reduction_factor"], content["excluded"]) == ("dtw", factor, [])
    assert (node["in"], node["out"], node["at_edge"], node["notes"]) == (2, 2, 0, [])
    assert node["utterances"] == {"train": 1, "dev": 0, "eval": 1}


def test_a_pair_is_told_as_trainings_read_it(parents, said):
    long = said["Teacher_1"]
    parents.add("Teacher_3", long, start=1000, silences=[(1000 + 50 * 256 + 10, 20_000), (1000 + 90 * 256, 26_000)])
    parents.pair("Teacher_3", "MStudent_1")
    row = parents.run()[0]["pairs"][-1]
    pair = Pair.of(row)
    assert (pair.id, pair.split) == ("Teacher_3_MStudent_1", "train")
    assert (pair.source.speaker, pair.target.speaker) == ("Teacher", "MStudent")
    assert pair.source.cuts == (0, 50, 90) and pair.target.cuts == (0,)
    assert pair.source.n_frames == len(long["mel"])


def test_what_cannot_be_aligned_is_told_with_its_reason(parents, said):
    good = said["Teacher_2"]
    flat = {**good, "log_f0": np.full(len(good["mel"]), np.log(120), np.float32)}
    short = {name: array[:3] for name, array in good.items()}
    for name, arrays in (("Teacher_flat", flat), ("Teacher_short", short), ("Teacher_quiet", good)):
        parents.add(name, arrays)
        parents.pair(name, "MStudent_2")
    parents.leave_out("energy", "Teacher_quiet", "only noise")
    content, arrays, node = parents.run()
    reasons = {row["source"]: row["reason"] for row in content["excluded"]}
    assert reasons == {
        "Teacher_flat": "constant F0",
        "Teacher_short": "too short",
        "Teacher_quiet": "only noise",
    }
    details = {row["source"]: row["detail"] for row in content["excluded"]}
    assert details["Teacher_quiet"] == "source Teacher_quiet: energy: mend it"
    assert "model.reduction_factor 3" in details["Teacher_short"]
    assert (node["in"], node["out"], node["excluded"]) == (5, 2, 3)
    assert len(content["pairs"]) == 2 and all(row["id"] not in arrays for row in content["excluded"])


def test_pairs_along_the_edge_of_the_band_are_listed(parents, said, capsys):
    """The target has two seconds of silence first."""
    late = {name: np.concatenate([array[:1].repeat(172, axis=0), array]) for name, array in said["Teacher_1"].items()}
    late["log_f0"][::2] += 0.1
    parents.add("MStudent_late", late)
    parents.pair("Teacher_1", "MStudent_late")
    content, arrays, node = parents.run(**{"dtw.band_s": 0.3})
    assert [row["id"] for row in content["pairs"] if row["at_edge"]] == ["Teacher_1_MStudent_late"]
    assert "Teacher_1_MStudent_late" in capsys.readouterr().err
    assert node["at_edge"] == 1 and "dtw.band_s 0.3" in node["notes"][0]
    assert "Teacher_1_MStudent_late" in arrays
    assert not any(row["at_edge"] for row in parents.run(**{"dtw.band_s": 3.0})[0]["pairs"])


def test_what_a_model_learns_is_not_aligned_here(parents):
    content, arrays, node = parents.run(durations="mas", **{leaf: None for leaf in LEAVES if leaf.startswith("dtw.")})
    assert arrays is None and "payload" not in node
    assert content["durations"] == "mas" and "cost" not in content["pairs"][0] and content["pairs"][0]["n_source"] > 9


def test_no_pair_at_all_is_an_error_with_reasons(parents):
    for name in ("1", "2"):
        parents.leave_out("mel", f"MStudent_{name}", "too quiet")
    with pytest.raises(ValueError, match=r"none is left:\n.*2  too quiet"):
        parents.run()


def test_what_goes_wrong_names_the_pair(parents):
    del parents.arrays["mel"][0]["Teacher_1/mel"]
    with pytest.raises(RuntimeError, match=r"pair Teacher_1_MStudent_1.*no array"):
        parents.run()
