import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from koeru.data.batches import ItemList, collate, epoch_batches, make_item, phone_average, text_item
from koeru.data.names import NO_TURN, Names
from koeru.data.statistics import Moments, Stats
from koeru.text.phones import ACCENTS, PHONES

SIZES = {
    "n_items": st.integers(0, 200),
    "batch_size": st.integers(1, 20),
    "group_size": st.integers(1, 8),
    "epoch": st.integers(0, 50),
}


def lengths_of(n_items):
    return np.random.default_rng(n_items).integers(1, 1000, n_items).tolist()


@given(**SIZES)
def test_an_epoch_has_every_item_once(n_items, batch_size, group_size, epoch):
    batches = epoch_batches(lengths_of(n_items), batch_size, group_size, seed=1, epoch=epoch)
    assert sorted(index for batch in batches for index in batch) == list(range(n_items))
    assert len(batches) == -(-n_items // batch_size)
    assert sorted(map(len, batches))[1:] == [batch_size] * (len(batches) - 1)


@given(**SIZES)
def test_an_epoch_is_a_pure_function(n_items, batch_size, group_size, epoch):
    np.random.seed(epoch)
    arguments = (lengths_of(n_items), batch_size, group_size, 1, epoch)
    assert epoch_batches(*arguments) == epoch_batches(*arguments)


def test_epochs_and_seeds_differ():
    orders = [epoch_batches(lengths_of(100), 8, 4, seed, epoch) for seed in (1, 2) for epoch in (0, 1)]
    assert all(a != b for i, a in enumerate(orders) for b in orders[:i])


def test_groups_save_padding():
    lengths = lengths_of(500)

    def padded_frames(group_size):
        batches = epoch_batches(lengths, 10, group_size, seed=1, epoch=0)
        return sum(len(batch) * max(lengths[index] for index in batch) for batch in batches)

    assert padded_frames(16) < 0.65 * padded_frames(1)


def slow_average(values, durations, weights):
    """The mean of each phone, by a loop; None where it has no weight."""
    start, means = 0, []
    for duration in durations:
        span = slice(start, start + duration)
        start += duration
        total = weights[span].sum()
        means.append((values[span] * weights[span]).sum() / total if total else None)
    return means


@given(st.lists(st.integers(0, 5), min_size=1, max_size=20), st.integers(0, 1000))
def test_phone_average_is_the_mean_of_each_phone_whatever_precedes_it(durations, seed):
    rng = np.random.default_rng(seed)
    values, weights = rng.normal(5, 1, sum(durations)), rng.integers(0, 2, sum(durations))
    if not weights.any():
        with pytest.raises(ValueError, match="no phone"):
            phone_average(values, durations, weights)
        return
    before = values.copy()
    averages = phone_average(values, durations, weights)
    expected = slow_average(values, durations, weights)
    known = [mean for mean in expected if mean is not None]
    for average, mean in zip(averages, expected, strict=True):
        if mean is not None:
            assert average == pytest.approx(mean, rel=1e-6)
        else:
            assert min(known) - 1e-5 <= average <= max(known) + 1e-5
    assert (values == before).all()


def test_phones_of_no_frames_do_not_disturb_the_next():
    assert phone_average(np.array([100, 110, 120.0]), [0, 0, 3]).tolist() == [110, 110, 110]


def test_phones_without_a_value_lie_on_the_line_between_their_neighbours():
    values = np.array([1.0, 1, 0, 0, 3, 3])
    voiced = np.array([1, 1, 0, 0, 1, 1])
    assert phone_average(values, [2, 2, 2], voiced).tolist() == [1, 2, 3]
    assert phone_average(values, [2, 2, 0, 2], voiced).tolist() == [1, 2, 2.5, 3]
    assert phone_average(values, [0, 2, 2, 2], voiced).tolist() == [1, 1, 2, 3]


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


def test_an_item_is_normalised_by_its_speaker_and_averaged_by_phone():
    labels = record()
    arrays = features(labels)
    item = make_item(labels, **arrays, stats=stats(), names=NAMES)
    np.testing.assert_allclose(stats().denormalise("mel", item.mel, "Anna"), arrays["mel"], atol=1e-5)
    raw = phone_average(arrays["log_f0"], labels["durations"], arrays["voiced"])
    np.testing.assert_allclose(stats().denormalise("log_f0", item.pitch, "Anna"), raw, atol=1e-5)
    raw = phone_average(arrays["log_energy"], labels["durations"])
    np.testing.assert_allclose(stats().denormalise("log_energy", item.energy, "Anna"), raw, atol=1e-5)
    assert [PHONES[index] for index in item.phones] == labels["phones"]
    assert [ACCENTS[index] for index in item.accents] == labels["accents"]
    assert (item.speaker, item.emotion) == (0, 1)
    other = make_item({**labels, "speaker": "Ben"}, **arrays, stats=stats(), names=NAMES)
    assert other.speaker == 1
    assert not np.allclose(other.mel, item.mel)


def test_ids_are_those_of_the_model_and_statistics_those_of_the_speaker_by_name():
    """A pretrained model knows more names, in another order, than the dataset whose statistics these are."""
    labels = record() | {"speaker": "Ben"}
    arrays = features(labels)
    parents = Names(("Carol", "Anna", "Ben"), ("Sad", "Happy", "Normal"))
    own, item = (make_item(labels, **arrays, stats=stats(), names=names) for names in (NAMES, parents))
    assert (own.speaker, own.emotion, item.speaker, item.emotion) == (1, 1, 2, 1)
    assert (item.mel == own.mel).all() and (item.pitch == own.pitch).all() and (item.energy == own.energy).all()
    text = text_item(labels, parents)
    assert (text.speaker, text.emotion) == (item.speaker, item.emotion)


def test_the_emotion_before_has_an_id_of_its_own_and_0_where_there_is_no_turn():
    items = [text_item(record() | {"before_emotion": emotion}, NAMES) for emotion in ("Happy", "", "Sad")]
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
        make_item({**record(), **change}, **arrays, stats=stats(), names=NAMES)


def test_an_utterance_without_voice_is_refused():
    arrays = features(record())
    arrays["voiced"][:] = 0
    with pytest.raises(ValueError, match="Anna_1: no frame is voiced"):
        make_item(record(), **arrays, stats=stats(), names=NAMES)


def test_a_batch_holds_its_items_and_zeros():
    labels = [record(f"Anna_{n}", n, seed=n) for n in (3, 7, 5)]
    items = ItemList(make_item(row, **features(row), stats=stats(), names=NAMES) for row in labels)
    batch = collate(items)
    assert batch.ids == ("Anna_3", "Anna_7", "Anna_5")
    assert batch.phone_lengths.tolist() == [3, 7, 5]
    assert batch.n_frames == max(items.frame_lengths) == batch.mels.shape[1]
    for b, item in enumerate(items):
        for name in ("phones", "accents", "devoiced", "durations", "pitch", "energy", "mel"):
            row, array = getattr(batch, "mels" if name == "mel" else name)[b], getattr(item, name)
            np.testing.assert_array_equal(row[: len(array)], array)
            assert not row[len(array) :].any()


def test_a_batch_moves_and_may_be_text_alone():
    batch = collate([text_item(record(), NAMES)])
    assert batch.mels is None and batch.durations is None and batch.n_frames is None
    moved = batch.to("meta")
    assert moved.phones.device == torch.device("meta") and moved.pitch is None and moved.ids == batch.ids
