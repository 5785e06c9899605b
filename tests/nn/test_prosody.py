import dataclasses
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.nn import functional

from koeru.data.packing import pack_units, pack_utterances
from koeru.nn.prosody import Prosody, UnitConv, Units

HIDDEN, N_MELS, EMB_DIM, FILTER_SIZE = 8, 7, 6, 12
SETTINGS = {"local": (True, False), "global": (False, True), "both": (True, True)}
every_setting = pytest.mark.parametrize("setting", SETTINGS)


def prosody(setting: str, **changes: float) -> Prosody:
    torch.manual_seed(0)
    local, global_ = SETTINGS[setting]
    leaves = {
        "hidden": HIDDEN,
        "local_prosody": local,
        "global_prosody": global_,
        "num_gaussians": 3,
        "global_num_gaussians": 2,
        "prosody_emb_dim": EMB_DIM,
        "prosody_filter_size": FILTER_SIZE,
        "prosody_gru_size": 10,
        "prosody_dropout": 0.0,
        "prosody_gru_dropout": 0.0,
    }
    return Prosody(SimpleNamespace(**leaves | changes), N_MELS)


def units(rows: list[list[int]], more: int = 0) -> Units:
    """Random mels of utterances cut into units of so many frames; `more` frames and units of padding, not of zeros."""
    n_units, n_frames = max(map(len, rows)) + more, max(map(sum, rows)) + more
    durations = torch.tensor([row + [0] * (n_units - len(row)) for row in rows])
    mels = torch.full((len(rows), n_frames, N_MELS), 1e3)
    for b, row in enumerate(rows):
        generator = torch.Generator().manual_seed(b)
        mels[b, : sum(row)] = torch.randn(sum(row), N_MELS, generator=generator)
    utterances = pack_utterances(torch.tensor([len(row) for row in rows]), n_units)
    return Units(mels, durations, pack_units(durations, n_frames), utterances)


ROWS = [[3, 0, 2, 5, 1], [4, 0, 2]]


def test_the_convolution_is_that_of_each_unit_alone():
    conv = UnitConv().eval()
    known = units([[3, 0, 1, 5], [2, 2]])
    x = conv(known.mels.flatten(0, 1)[known.packing.frames], known.packing.begins)
    segments = [
        part
        for mel, row in zip(known.mels, known.durations, strict=True)
        for part in mel[: row.sum()].split(row.tolist())
    ]
    expected = [
        conv.norm(functional.conv2d(part[None, None], conv.conv.weight[:, None], padding=1)).relu()[0, 0]
        for part in segments
        if len(part)
    ]
    torch.testing.assert_close(x, torch.cat(expected))


@every_setting
def test_a_unit_hears_its_own_frames_and_no_others(setting):
    extractor, known = prosody(setting).eval().extractor, units(ROWS)
    changed = known.mels.clone()
    changed[0, 5:10] += 1  # the fourth unit
    before, after = extractor(known), extractor(dataclasses.replace(known, mels=changed))
    assert (before[0] != after[0]).any(-1).nonzero().tolist() == [[0, 3]]
    if after[1] is not None:
        assert (before[1] != after[1]).any(-1).tolist() == [True, False]


def test_units_without_frames_have_no_prosody_and_end_nothing():
    """A segmentation that stops at the first of them leaves the rest of an utterance without prosody."""
    model, known = prosody("local").eval(), units(ROWS)
    empty = known.durations == 0
    vectors, _ = model.extractor(known)
    assert (vectors[empty] == 0).all()
    assert vectors[~empty].any(-1).all()
    _, likelihoods = model(torch.randn(2, 5, FILTER_SIZE), known)
    assert torch.equal(likelihoods.mask, ~empty)


def test_the_global_vector_hears_every_unit_of_its_utterance():
    known = units(ROWS)
    mels = known.mels.clone().requires_grad_()
    _, pooled = prosody("global").eval().extractor(dataclasses.replace(known, mels=mels))
    pooled[1].sum().backward()
    assert mels.grad[1, :6].any(-1).all()
    assert not mels.grad[0].any() and not mels.grad[1, 6:].any()


def test_a_unit_is_likely_given_those_before_it():
    local = prosody("local").eval().predictor.local
    h, vectors = torch.randn(1, 6, FILTER_SIZE), torch.randn(1, 6, EMB_DIM)
    changed = vectors.clone()
    changed[0, 2] += 1

    def likely(spoken):
        return local(h, spoken, None).log_prob(vectors)

    assert (likely(vectors) != likely(changed)).tolist() == [[False, False, False, True, True, True]]


@pytest.mark.parametrize("setting", ["local", "both"])
def test_one_call_is_the_same_as_one_unit_after_the_other(setting):
    local = prosody(setting).eval().predictor.local
    h, spoken = torch.randn(2, 5, FILTER_SIZE), torch.randn(2, 5, EMB_DIM)
    pooled = torch.randn(2, EMB_DIM) if setting == "both" else None
    at_once, state = local(h, spoken, pooled), None
    before = [torch.zeros(2, 1, EMB_DIM), *spoken.split(1, dim=1)]
    for unit in range(5):
        mixture, state = local.step(h[:, unit : unit + 1], before[unit], pooled, state)
        for part in ("log_weights", "means", "scales"):
            expected = getattr(at_once, part)[:, unit : unit + 1]
            torch.testing.assert_close(getattr(mixture, part), expected, rtol=1e-5, atol=1e-5)


def test_dropout_takes_the_place_of_zoneout():
    local = prosody("local", prosody_gru_dropout=0.5).predictor.local
    assert isinstance(local.gru, nn.GRU) and local.gru.dropout == 0.5 and local.dropout.p == 0.5


@every_setting
def test_what_is_read_may_be_finer_than_units(setting):
    """The parts of sentences are read with their neighbours, then averaged over each sentence."""
    model, known = prosody(setting).eval(), units([[4, 6, 2], [9]])
    x, mask = torch.randn(2, 8, HIDDEN), torch.arange(8) < torch.tensor([[8], [5]])
    parts = torch.zeros(2, 3, 8)  # which positions are those of a unit
    parts[0, 0, :3] = parts[0, 1, 3:4] = parts[0, 2, 4:8] = parts[1, 0, :5] = 1
    h = parts @ model.predictor.read(x, mask) / parts.sum(2, keepdim=True).clamp(min=1)
    embedded, likelihoods = model(h, known)
    width = 1 if setting == "global" else 3
    assert embedded.shape == model.sample(h, known.utterances, 1.0, ["a", "b"]).shape == (2, width, HIDDEN)
    assert likelihoods.mask.tolist() == [[True, True, True], [True, False, False]]
    assert (likelihoods.of_units is None) == (setting == "global")
    if setting != "global":
        assert likelihoods.of_units.shape == (2, 3) and likelihoods.of_units.isfinite().all()


@every_setting
def test_padding_changes_nothing(setting):
    model = prosody(setting).eval()
    h = torch.randn(2, 5, FILTER_SIZE)

    def told(more):
        embedded, likelihoods = model(functional.pad(h, (0, 0, 0, more), value=1e3), units(ROWS, more))
        found = [embedded[likelihoods.mask[:, : embedded.shape[1]]], likelihoods.of_utterances]
        if likelihoods.of_units is not None:
            found.append(likelihoods.of_units[likelihoods.mask])
        return [part for part in found if part is not None]

    for plain, padded in zip(told(0), told(4), strict=True):
        torch.testing.assert_close(plain, padded, rtol=1e-5, atol=1e-5)
