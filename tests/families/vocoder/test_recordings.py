"""Recordings of a store: what is read of it, and what is not."""

import pickle

import numpy as np
import pytest
import soundfile

from koeru.audio.mel import MelSpec, log_mel
from koeru.families.vocoder.clips import clip_of
from koeru.families.vocoder.recordings import StoredRecordings, read_samples
from koeru.graph.store import ArrayReader, Manifest, Place, Store, write_json

SPEC = MelSpec()
HOP, RATE = SPEC.hop_length, SPEC.sample_rate
PLACES = {stage: Place(stage, "0" * 16, shards=2) for stage in ("wav", "segments", "mel", "gta", "splits")}
# recording -> its split and segments: first and last sample
RECORDED = {
    "a": ("train", [(700, 20_000)]),
    "b": ("dev", [(0, 9_000)]),
    "c": ("train", [(300, 12_345), (15_000, 29_999)]),
    "d": ("eval", [(0, 8_000)]),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store of two shards; of the segment c~01 there is no teacher-forced mel."""
    made = Store(tmp_path_factory.mktemp("store"))
    rng = np.random.default_rng(0)
    for shard, names in enumerate(("ab", "cd")):
        records = {stage: [] for stage in ("wav", "segments", "mel", "gta")}
        arrays = {"mel": {}, "gta": {}}
        for name in names:
            samples = (rng.normal(0, 3000, 30_000)).astype(np.int16)
            file = f"{shard:03d}/{name}.wav"
            path = made.folder(PLACES["wav"]) / file
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, samples, RATE, subtype="PCM_16")
            records["wav"].append({"id": name, "file": file})
            pieces = RECORDED[name][1]
            for number, (start, stop) in enumerate(pieces):
                own = name if len(pieces) == 1 else f"{name}~{number:02d}"
                records["segments"].append({"id": own, "utterance": name, "start": start, "stop": stop})
                mel = log_mel(samples[start:stop].astype(np.float32) / 32768, SPEC)
                records["mel"].append({"id": own})
                arrays["mel"][f"{own}/mel"] = mel
                if RECORDED[name][0] != "eval" and own != "c~01":
                    records["gta"].append({"id": own})
                    arrays["gta"][f"{own}/mel"] = mel + 1
        for stage, own in records.items():
            made.write_shard(PLACES[stage], shard, Manifest(stage, "0" * 16, own), arrays.get(stage))
    write_json(made.folder(PLACES["splits"]) / "splits.json", {name: split for name, (split, _) in RECORDED.items()})
    return made


def recordings(store, split="train", mels="mel"):
    parents = {role: PLACES[role] for role in ("wav", "segments", "splits", mels)}
    return StoredRecordings(store, parents, mels, split, HOP)


def test_the_utterances_are_those_of_the_split_that_have_a_mel(store):
    assert recordings(store).ids == ["a", "c~00", "c~01"]
    assert recordings(store).frame_lengths == [19_300 // HOP, 12_045 // HOP, 14_999 // HOP]
    assert recordings(store, "dev").ids == ["b"] and recordings(store, "eval").ids == ["d"]
    assert recordings(store, mels="gta").ids == ["a", "c~00"]
    assert recordings(store, "dev", "gta").ids == ["b"] and recordings(store, "eval", "gta").ids == []


@pytest.mark.parametrize("mels", ["mel", "gta"])
def test_frames_and_samples_of_a_stretch_belong_together(store, mels):
    found = recordings(store, mels=mels)
    edge = SPEC.n_fft // HOP
    for index, frames in enumerate(found.frame_lengths):
        for start, stop in ((0, frames), (5, 25), (frames - 20, frames)):
            clip = found.read(index, start, stop)
            assert clip.id == found.ids[index]
            assert clip.mel.shape == (stop - start, SPEC.n_mels) and clip.wav.shape == ((stop - start) * HOP,)
            own = log_mel(clip.wav, SPEC) + (mels == "gta")
            np.testing.assert_allclose(own[edge:-edge], clip.mel[edge:-edge], atol=1e-4)
            assert abs(own[edge:-edge] - clip.mel[edge + 1 : len(clip.mel) - edge + 1]).max() > 0.1


def test_nothing_is_read_but_the_stretch(store, monkeypatch):
    read = []

    class Watched(soundfile.SoundFile):
        def read(self, frames=-1, *arguments, **options):
            read.append((self.tell(), frames))
            return super().read(frames, *arguments, **options)

    def never(*_):
        raise AssertionError("an array is read whole")

    monkeypatch.setattr(soundfile, "SoundFile", Watched)
    monkeypatch.setattr(ArrayReader, "__getitem__", never)
    found = recordings(store)
    clip_of(found, 0, 7, 20)
    assert read == [(700 + 7 * HOP, 20 * HOP)]
    clip_of(found, 2, 0, 500)
    assert read[1:] == [(15_000, 14_999 // HOP * HOP)]


def test_they_can_be_handed_to_another_process(store):
    found = recordings(store)
    clip = found.read(1, 2, 9)
    other = pickle.loads(pickle.dumps(found)).read(1, 2, 9)
    assert np.array_equal(clip.mel, other.mel) and np.array_equal(clip.wav, other.wav)


def test_a_mel_of_another_segment_is_refused(store):
    found = recordings(store)
    found.frame_lengths[1] += 1
    with pytest.raises(ValueError, match=r"^c~00: its mel in .*001.safetensors has 47 frames, its segment has 48"):
        found.read(1, 0, 4)


def test_a_file_that_is_not_as_it_was_is_named(store, tmp_path):
    path = tmp_path / "x.wav"
    soundfile.write(path, np.zeros(100), RATE)
    assert read_samples(path, 90, 10).tolist() == [0] * 10
    with pytest.raises(ValueError, match=r"x\.wav: samples up to 101 of one channel are wanted, there are 100 of 1"):
        read_samples(path, 90, 11)
    soundfile.write(path, np.zeros((100, 2)), RATE)
    with pytest.raises(ValueError, match=r"x\.wav: .* there are 100 of 2"):
        read_samples(path, 0, 10)
    path.write_bytes(b"no wav")
    with pytest.raises(ValueError, match=r"x\.wav: cannot be read"):
        read_samples(path, 0, 10)
