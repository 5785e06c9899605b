import torch
from torch import nn

from koeru.nn.normalisation import BatchNorm


def both():
    own, known = BatchNorm(), nn.BatchNorm1d(1)
    with torch.no_grad():
        for module in (own, known):
            module.weight.fill_(1.7)
            module.bias.fill_(-0.3)
    return own, known


def test_it_is_batch_normalisation():
    own, known = both()
    x = 3 * torch.randn(40, 7) + 2
    a, b = x.clone().requires_grad_(), x.clone().requires_grad_()
    y, z = own(a), known(b.reshape(-1, 1)).reshape(x.shape)
    torch.testing.assert_close(y, z)
    (y * x).sum().backward()
    (z * x).sum().backward()
    torch.testing.assert_close(a.grad, b.grad, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(own.weight.grad.reshape(1), known.weight.grad, rtol=1e-4, atol=1e-4)


def test_evaluation_takes_the_running_averages_and_leaves_them():
    torch.manual_seed(0)
    own, _ = both()
    batches = [2 * torch.randn(500, 4) + 5 for _ in range(100)]
    for batch in batches:
        own(batch)
    own.eval()
    before = {name: tensor.clone() for name, tensor in own.state_dict().items()}
    y = own(batches[0])
    torch.testing.assert_close(y.mean(), torch.tensor(-0.3), rtol=0, atol=0.1)
    torch.testing.assert_close(y.std(), torch.tensor(1.7), rtol=0, atol=0.1)
    assert all(torch.equal(tensor, before[name]) for name, tensor in own.state_dict().items())
    torch.testing.assert_close(own(batches[0][:3]), y[:3])


def test_statistics_are_of_single_precision():
    own, _ = both()
    assert own(torch.randn(9, 4).bfloat16()).dtype == torch.float32


def test_a_frozen_one_stays_as_it_is():
    own, _ = both()
    own(3 * torch.randn(50, 4))
    own.requires_grad_(False)
    before = {name: tensor.clone() for name, tensor in own.state_dict().items()}
    x = 9 * torch.randn(50, 4)
    training = own.train()(x)
    assert torch.equal(training, own.eval()(x))
    assert all(torch.equal(tensor, before[name]) for name, tensor in own.state_dict().items())
