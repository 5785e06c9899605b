"""Excerpts to listen to: what they hold, and that looking shard by shard finds the same as looking at all at once."""

from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from koeru.report.quality.listen import LOUDEST, SUSPECTS_EACH, WAYS, Cut, Stretch, Stretches, Suspects, whole

RATE = 22050


@pytest.fixture
def recordings(tmp_path):
    rng = np.random.default_rng(0)
    wav = (20 * rng.standard_normal(3 * RATE)).astype(np.int16)
    soundfile.write(tmp_path / "a.wav", wav, RATE)
    return tmp_path, wav


def heard(folder, cut):
    samples, rate = soundfile.read(folder / cut.path, dtype="int16")
    assert rate == RATE
    return samples


def test_an_excerpt_is_as_it_was(recordings, tmp_path):
    folder, wav = recordings
    cut = Cut("A_1", "a.wav", 100, 5000)
    assert cut.write(folder, tmp_path / "out") == 0
    assert (heard(tmp_path / "out", cut) == wav[100:5000]).all()


def test_what_is_muted_in_an_excerpt_is_not_heard(recordings, tmp_path):
    folder, wav = recordings
    record = {"id": "A_1", "start": 100, "stop": 5000, "muted": [[300, 900]]}
    cut = whole(record, {"file": "a.wav"})
    cut.write(folder, tmp_path / "out")
    expected = wav[100:5000].copy()
    expected[200:800] = 0
    assert (heard(tmp_path / "out", cut) == expected).all() and expected.any()


def test_a_soft_excerpt_is_turned_up_and_says_by_how_much(recordings, tmp_path):
    folder, wav = recordings
    cut = Cut("A_1", "a.wav", 100, 5000, audible=True)
    gain_db = cut.write(folder, tmp_path / "out")
    assert 45 < gain_db <= 60
    wanted = wav[100:5000] * 10 ** (gain_db / 20)
    assert np.abs(heard(tmp_path / "out", cut) - wanted).max() <= 0.5
    assert np.abs(wanted).max() < 32767


def test_digital_silence_stays_silent(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(5000, np.int16), RATE)
    cut = Cut("A_1", "a.wav", 0, 5000, audible=True)
    assert cut.write(tmp_path, tmp_path / "out") == 0 and not heard(tmp_path / "out", cut).any()


@pytest.mark.parametrize(
    ("where", "at", "first", "last", "expected"),
    [
        ("head", 2000, 0, 6000, (0, 6000)),  # a short head, whole
        ("head", 30000, 0, 60000, (30000 + 551 - 11025, 30000 + 551 - 11025 + RATE)),  # the middle of a long one
        ("head", 59000, 0, 60000, (60000 - RATE, 60000)),  # the end of it, and nothing of the speech
        ("tail", 61000, 60000, 90000, (60000, 60000 + RATE)),  # the beginning of a long tail
        ("tail", 89000, 60000, 90000, (90000 - RATE, 90000)),  # the end of it
        ("within", 61000, 60000, 66000, (60000, 66000)),  # muted, whole
    ],
)
def test_the_cut_stays_in_what_was_removed(where, at, first, last, expected):
    cut = Stretch(-60.0, "A_1", "A", where, at, first, last, 1.0, "a.wav").cut(RATE)
    assert (cut.start, cut.stop) == expected and cut.audible
    assert cut.path == f"listen/{'muted' if where == 'within' else 'removed'}.A_1.wav"
    assert cut.start <= at < cut.stop


def band(i):
    """Bandwidths of which some are as wide as can be, and some could not be measured."""
    return (None, RATE / 2, 4000.0 + (i * 7) % 40 * 100)[i % 3]


def shard(ids):
    """What the collectors ask of a shard, of segments that differ in everything."""
    labels, segments, pitch = [], {}, {}
    for i in ids:
        name = f"A_{i}"
        labels.append(
            {
                "id": name,
                "utterance": name,
                "speaker": "A",
                "emotion": "Normal",
                "text": str(i),
                "seconds": 1 + i / 7,
                "phones": ["sil", "a", "sil"],
                "durations": [5, 10 + i, 5],
                "n_frames": 20 + i,
                "dialogue": "",
            }
        )
        told = {"energy": 1.0, "energy_share": 0.0, "seconds": 1.0, "loudest_dbfs": -90.0 + i, "loudest_at": 0}
        segments[name] = {
            "id": name,
            "utterance": name,
            "speaker": "A",
            "start": 900,
            "stop": 1900,
            "n_samples": 2000,
            "level_dbfs": -60.0 + (17 * i) % 41,
            "trimmed": told,
            "muted": [[950, 1000], [1200, 1300]],
            "facts": {"muted": told | {"loudest_dbfs": -95.0 + (7 * i) % 40, "loudest_at": 1250}},
        }
        pitch[f"{name}/voiced"] = np.arange(20 + i) < (13 * i) % 19
    return SimpleNamespace(
        kept=labels,
        segments=segments,
        pitch=pitch,
        silences=("sil", "pau"),
        recordings={
            name: {"file": f"{name}.wav", "n_samples": 2 * RATE, "seconds": 2.0, "facts": {"bandwidth_hz": band(i)}}
            for i, name in zip(ids, segments, strict=True)
        },
        records=lambda stage: list(segments.values()),
    )


@pytest.mark.parametrize("make", [Suspects, Stretches])
def test_shard_by_shard_is_the_same_as_all_at_once(make):
    at_once, parts = make(), make()
    at_once.add(shard(range(40)))
    for start in range(0, 40, 8):
        parts.add(shard(range(start, start + 8)))
    if make is Stretches:
        assert [s.utterance for s in parts.trimmed] == [f"A_{i}" for i in range(39, 39 - LOUDEST, -1)]
        assert [s.dbfs for s in parts.muted] == [-95.0 + 39 - i for i in range(LOUDEST)]
        assert {(s.where, s.first, s.last) for s in parts.muted} == {("within", 1200, 1300)}
        assert parts == at_once
    else:
        assert parts.listed() == at_once.listed()
        assert max(map(len, parts.found)) == SUSPECTS_EACH and len(parts.found) == len(WAYS)


def test_the_narrowest_are_listed_unless_all_are_as_wide_as_can_be():
    found = Suspects()
    found.add(shard(range(40)))
    narrow = [suspect for suspect in found.listed()[0] if "no speech above" in suspect.why]
    assert sorted(suspect.id for suspect in narrow) == sorted(
        f"A_{i}" for i in sorted(range(2, 40, 3), key=band)[:SUSPECTS_EACH]
    )
    assert any("no speech above 4,0" in suspect.why or "no speech above 4,1" in suspect.why for suspect in narrow)
    wide = Suspects()
    wide.add(shard(range(1, 40, 3)))
    assert not any("no speech above" in suspect.why for suspect in wide.listed()[0])


def test_digital_silence_is_nothing_to_listen_to():
    silent = shard(range(3))
    for record in silent.segments.values():
        record["trimmed"] = record["facts"]["muted"] = record["trimmed"] | {"loudest_dbfs": -100.0}
    found = Stretches()
    found.add(silent)
    assert found == Stretches()
