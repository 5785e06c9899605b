from dataclasses import replace

import numpy as np
import pytest

from koeru.data.phone_average import phone_average
from koeru.data.statistics import Moments, Stats
from koeru.data.vocabulary import NO_TURN, Names, Vocabulary
from koeru.families.acoustic.batches import collate
from koeru.families.acoustic.item import make_item, text_item
from koeru.languages import language
from koeru.languages.japanese.phones import ACCENTS, PHONES


def record(name="Anna_1", n_phones=5, seed=0):
    rng = np.random.default_rng(seed)
    return {
        "id": name,
        "speaker": "Anna",
        "emotion": "Happy",
        "before_emotion": "",
        "phones": list(rng.choice(PHONES[1:], n_phones)),
        "accents": list(rng.choice(ACCENTS[1:], n_phones)),
        "devoiced": [0] * n_phones,
        "durations": (rng.integers(0, 4, n_phones) + 1).tolist(),
    }


def features(labels, seed=0):
    rng = np.random.default_rng(seed)
    n = sum(labels["durations"])
    voiced = rng.integers(0, 2, n).astype(np.uint8)
    voiced[0] = 1
    normal = [rng.normal(size=size).astype(np.float32) for size in (n, n, (n, 4))]
    return {"log_f0": normal[0] + 5, "voiced": voiced, "log_energy": normal[1] * 2, "mel": normal[2] - 3}


def stats():
    rng = np.random.default_rng(1)
    shapes = {"log_f0": 50, "log_energy": 50, "mel": (50, 4)}
    moments = {
        name: {speaker: Moments.of(rng.normal(shift, 2, shape), axis=0) for speaker, shift in (("Anna", 1), ("Ben", 4))}
        for name, shape in shapes.items()
    }
    return Stats.of_moments(moments, names=NAMES, per_speaker=True)


NAMES = Names(("Anna", "Ben"), ("Normal", "Happy"), (NO_TURN, "Sad", "Happy"))
VOCABULARY = Vocabulary.spoken(language("japanese"), NAMES)


def test_an_item_is_normalised_by_its_speaker_and_averaged_by_phone():
    labels = record()
    arrays = features(labels)
    item = make_item(labels, **arrays, stats=stats(), vocabulary=VOCABULARY)
    np.testing.assert_allclose(stats().denormalise("mel", item.mel, "Anna"), arrays["mel"], atol=1e-5)
    raw = phone_average(arrays["log_f0"], labels["durations"], arrays["voiced"])
    np.testing.assert_allclose(stats().denormalise("log_f0", item.pitch, "Anna"), raw, atol=1e-5)
    raw = phone_average(arrays["log_energy"], labels["durations"])
    np.testing.assert_allclose(stats().denormalise("log_energy", item.energy, "Anna"), raw, atol=1e-5)
    for name, values in (("log_f0", item.frame_pitch), ("log_energy", item.frame_energy)):
        np.testing.assert_allclose(stats().denormalise(name, values, "Anna"), arrays[name], atol=1e-5)
    assert [PHONES[index] for index in item.phones] == labels["phones"]
    assert [ACCENTS[index] for index in item.accents] == labels["accents"]
    assert (item.speaker, item.emotion) == (0, 1)
    other = make_item({**labels, "speaker": "Ben"}, **arrays, stats=stats(), vocabulary=VOCABULARY)
    assert other.speaker == 1
    assert not np.allclose(other.mel, item.mel)


def test_ids_are_those_of_the_model_and_statistics_those_of_the_speaker_by_name():
    """A pretrained model knows more names, in another order, than the dataset whose statistics these are."""
    labels = record() | {"speaker": "Ben"}
    arrays = features(labels)
    parents = replace(VOCABULARY, speakers=("Carol", "Anna", "Ben"), emotions=("Sad", "Happy", "Normal"))
    own, item = (make_item(labels, **arrays, stats=stats(), vocabulary=known) for known in (VOCABULARY, parents))
    assert (own.speaker, own.emotion, item.speaker, item.emotion) == (1, 1, 2, 1)
    assert (item.mel == own.mel).all() and (item.pitch == own.pitch).all() and (item.energy == own.energy).all()
    text = text_item(labels, parents)
    assert (text.speaker, text.emotion) == (item.speaker, item.emotion)


def test_a_model_older_than_a_mark_speaks_it_as_it_learned_it():
    said = record() | {"phones": ["sil", "e", "pau", "a", "sil"], "accents": ["^", "¿", "_", "_", "$"]}
    old = replace(VOCABULARY, marks=ACCENTS[:8])
    assert text_item(said, VOCABULARY).accents.tolist() == [ACCENTS.index(mark) for mark in said["accents"]]
    assert text_item(said, old).accents.tolist() == [ACCENTS.index(mark) for mark in "^___$"]


def test_the_emotion_before_has_an_id_of_its_own_and_0_where_there_is_no_turn():
    items = [text_item(record() | {"before_emotion": emotion}, VOCABULARY) for emotion in ("Happy", "", "Sad")]
    assert collate(items).before_emotions.tolist() == [2, 0, 1]
    assert collate(items).emotions.tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"phones": ["qq"]}, "Anna_1: unknown phone qq"),
        ({"accents": ["!"]}, "Anna_1: unknown accent mark !"),
        ({"speaker": "Dora"}, "Anna_1: unknown speaker Dora; known are Anna, Ben"),
        ({"emotion": "Bored"}, "Anna_1: unknown emotion Bored; known are Normal, Happy"),
        ({"before_emotion": "Bored"}, "Anna_1: unknown emotion before Bored; known are Sad, Happy"),
        ({"durations": [1, 2]}, "Anna_1: frame counts disagree"),
    ],
)
def test_errors_name_the_utterance(change, message):
    arrays = features(record())
    with pytest.raises(ValueError, match=message):
        make_item({**record(), **change}, **arrays, stats=stats(), vocabulary=VOCABULARY)


def test_an_utterance_without_voice_is_refused():
    arrays = features(record())
    arrays["voiced"][:] = 0
    with pytest.raises(ValueError, match="Anna_1: no frame is voiced"):
        make_item(record(), **arrays, stats=stats(), vocabulary=VOCABULARY)


def test_a_batch_holds_its_items_and_zeros():
    labels = [record(f"Anna_{n}", n, seed=n) for n in (3, 7, 5)]
    items = [make_item(row, **features(row), stats=stats(), vocabulary=VOCABULARY) for row in labels]
    batch = collate(items)
    assert batch.ids == ("Anna_3", "Anna_7", "Anna_5")
    assert batch.phone_lengths.tolist() == [3, 7, 5]
    assert batch.n_frames == max(item.durations.sum() for item in items) == batch.mels.shape[1]
    for b, item in enumerate(items):
        rows = ("phones", "accents", "devoiced", "durations", "pitch", "energy", "mel", "frame_pitch", "frame_energy")
        for name in rows:
            row, array = getattr(batch, "mels" if name == "mel" else name)[b], getattr(item, name)
            np.testing.assert_array_equal(row[: len(array)], array)
            assert not row[len(array) :].any()


def test_a_batch_may_be_text_alone():
    batch = collate([text_item(record(), VOCABULARY)])
    assert batch.mels is None and batch.durations is None and batch.n_frames is None
