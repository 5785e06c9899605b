"""koeru's model, and the one of the benchmark that takes the ways of common practice: the same numbers."""

import pytest
import torch
from common_practice import CommonPractice, StepwisePredictor, repeated_by_matrix

from koeru.families.acoustic.losses import losses
from koeru.nn.layers import regulate_length
from koeru.nn.losses import total_loss

SIZES = {
    "prosody_emb_dim": 6,
    "num_gaussians": 3,
    "global_num_gaussians": 2,
    "prosody_filter_size": 12,
    "prosody_gru_size": 10,
    "prosody_dropout": 0.0,
}
LENGTHS = [6, 9, 5]  # phones, some without frames
every_setting = pytest.mark.parametrize(
    ("local", "global_"), [(True, False), (False, True), (True, True)], ids=["local", "global", "both"]
)


@pytest.fixture
def make_pair(make_fastspeech2):
    def make(local, global_, gru_dropout=0.0):
        leaves = {"local_prosody": local, "global_prosody": global_, "prosody_gru_dropout": gru_dropout, **SIZES}
        torch.manual_seed(0)
        ours, theirs = make_fastspeech2(**leaves), make_fastspeech2(CommonPractice, **leaves)
        theirs.load_state_dict(ours.state_dict())
        return ours, theirs

    return make


def loss_and_gradients(model, batch):
    """With normalisation by the running averages: common practice normalises each group of phones by itself."""
    total = total_loss(losses(model.eval()(batch), batch), {})
    total.backward()
    return total.item(), {name: parameter.grad for name, parameter in model.named_parameters()}


@every_setting
def test_loss_and_gradients_are_the_same(make_pair, make_batch, local, global_):
    batch = make_batch(LENGTHS)
    assert (batch.durations[0, : LENGTHS[0]] == 0).any()
    (ours, gradients), (theirs, others) = (loss_and_gradients(model, batch) for model in make_pair(local, global_))
    assert ours == pytest.approx(theirs, rel=1e-5)
    assert max(float((gradients[name] - others[name]).abs().max()) for name in gradients) < 1e-5


def test_the_matrix_repeats_as_the_gather_does(make_batch):
    batch = make_batch(LENGTHS)
    x = torch.randn(*batch.phones.shape, 4)
    real = torch.arange(batch.n_frames) < batch.durations.sum(1)[:, None]
    by_gather = regulate_length(x, batch.durations, batch.n_frames)[real]
    assert torch.equal(repeated_by_matrix(x, batch.durations, batch.n_frames)[real], by_gather)


def test_zoneout_keeps_units_in_training_and_a_share_of_all_in_evaluation(make_pair):
    predictor: StepwisePredictor = make_pair(True, True, gru_dropout=0.25)[1].prosody.predictor.local
    before, after = torch.zeros(4000), torch.ones(4000)
    assert set(predictor.train().zoneout(before, after).tolist()) == {0.0, 1.0}
    assert predictor.zoneout(before, after).mean() == pytest.approx(0.75, abs=0.03)
    assert predictor.eval().zoneout(before, after).unique().tolist() == [0.75]


def test_it_trains(make_pair, make_batch):
    model = make_pair(True, True, gru_dropout=0.1)[1].train()
    batch = make_batch(LENGTHS)
    total_loss(losses(model(batch), batch), {}).backward()
    gradients = [parameter.grad for parameter in model.parameters()]
    assert all(gradient is not None and gradient.isfinite().all() and gradient.any() for gradient in gradients)
