"""The published FastSpeech2 of the benchmark: what it has in common with koeru's gives the same numbers."""

import pytest
import torch
from published_fastspeech2 import Block, Predictor, Published, PublishedStep, loss_of, repeated

from koeru.families.acoustic.entry import Model
from koeru.nn.layers import FFTBlock, VariancePredictor, length_mask, regulate_length

SETTINGS = Model(hidden=8, heads=2, filter_size=12, variance_filter_size=6, encoder_layers=1, decoder_layers=1)
LENGTHS = [6, 9, 5]


@pytest.fixture
def x():
    torch.manual_seed(0)
    return torch.randn(3, 9, 8)


@pytest.fixture
def mask():
    return length_mask(torch.tensor(LENGTHS), 9)


def test_the_block_is_koerus(x, mask):
    ours = FFTBlock(8, 2, 12, SETTINGS.kernel_sizes, SETTINGS.dropout).eval()
    theirs = Block(SETTINGS).eval()
    names = {"conv_in.conv": "conv_in", "conv_out.conv": "conv_out", "attention_out": "out"}
    names |= {"attention_norm": "attention_norm", "conv_norm": "conv_norm"}
    for name, other in names.items():
        theirs.get_submodule(other).load_state_dict(ours.get_submodule(name).state_dict())
    for kind, values in ours.query_key_value.state_dict().items():
        for layer, part in zip((theirs.query, theirs.key, theirs.value), values.chunk(3), strict=True):
            layer.get_parameter(kind).data = part
    torch.testing.assert_close(theirs(x, ~mask)[mask], ours(x, mask)[mask])


def test_the_predictor_is_koerus_where_nothing_is_padded(x):
    mask = torch.ones(3, 9, dtype=torch.bool)
    ours, theirs = VariancePredictor(8, 6, 3, 0.5).eval(), Predictor(SETTINGS).eval()
    theirs.load_state_dict({name.replace(".conv.", "."): values for name, values in ours.state_dict().items()})
    torch.testing.assert_close(theirs(x, ~mask), ours(x, mask))


def test_phones_are_repeated_as_koeru_does(make_batch):
    batch = make_batch(LENGTHS)
    x = torch.randn(*batch.phones.shape, 4)
    real = length_mask(batch.durations.sum(1), batch.n_frames)
    assert torch.equal(repeated(x, batch.durations)[real], regulate_length(x, batch.durations, batch.n_frames)[real])


def test_it_trains(make_batch):
    batch = make_batch(LENGTHS)
    torch.manual_seed(0)
    model = Published(SETTINGS, int(batch.phones.max()) + 1, batch.mels.shape[2])
    step = PublishedStep(model, max_grad_norm=1.0)
    losses = [step.step(batch) for _ in range(20)]
    assert losses[-1] < 0.8 * losses[0]
    assert loss_of(model.eval()(batch), batch) > 0
