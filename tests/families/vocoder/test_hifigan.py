"""HiFi-GAN beside its definition, written here once more as plain calls on tensors under their published names."""

import copy
import itertools
import warnings

import pytest
import torch
from torch import nn
from torch.nn.functional import avg_pool1d, conv1d, conv_transpose1d, leaky_relu, pad

from koeru.families.vocoder.hifigan import (
    VARIANTS,
    Generator,
    GeneratorConfig,
    MultiPeriodDiscriminator,
    MultiScaleDiscriminator,
    generator,
)
from koeru.families.vocoder.weight_norm import fold_weights

HOP = 256
# Table 5 of the paper: channels of the first layer, (rate, kernel) of each upsampling, kernel -> dilations of the
# residual blocks that follow it, and how many convolutions stand for a dilation.
PAPER = {
    "v1": (512, [(8, 16), (8, 16), (2, 4), (2, 4)], {3: (1, 3, 5), 7: (1, 3, 5), 11: (1, 3, 5)}, 2),
    "v2": (128, [(8, 16), (8, 16), (2, 4), (2, 4)], {3: (1, 3, 5), 7: (1, 3, 5), 11: (1, 3, 5)}, 2),
    "v3": (256, [(8, 16), (8, 16), (4, 8)], {3: (1, 2), 5: (2, 6), 7: (3, 12)}, 1),
}
PERIODS = (2, 3, 5, 7, 11)
# (channels, kernel, stride, groups) of the layers of a scale.
SCALE = [
    (128, 15, 1, 1),
    (128, 41, 2, 4),
    (256, 41, 2, 16),
    (512, 41, 4, 16),
    (1024, 41, 4, 16),
    (1024, 41, 1, 16),
    (1024, 5, 1, 1),
]


# ---- the definition -------------------------------------------------------------------------------------------------


def normalised(state, name):
    """The weight and the bias of a convolution, by whichever of the normalisations its tensors are of."""
    if f"{name}.weight_g" in state:
        v = state[f"{name}.weight_v"]
        length = v.square().sum(dim=tuple(range(1, v.ndim)), keepdim=True).sqrt()
        weight = state[f"{name}.weight_g"] * v / length
    else:
        w = state[f"{name}.weight_orig"]
        weight = w / (state[f"{name}.weight_u"] @ w.flatten(1) @ state[f"{name}.weight_v"])
    return weight, state[f"{name}.bias"]


def defined_wav(state, variant, mel):
    """What the paper's generator makes of a mel."""
    _, upsamplings, blocks, convolutions = PAPER[variant]
    x = conv1d(mel, *normalised(state, "conv_pre"), padding=3)
    number = itertools.count()
    for layer, (rate, kernel) in enumerate(upsamplings):
        x = leaky_relu(x, 0.1)
        x = conv_transpose1d(x, *normalised(state, f"ups.{layer}"), stride=rate, padding=(kernel - rate) // 2)
        found = []
        for size, dilations in blocks.items():
            block, y = f"resblocks.{next(number)}", x
            for i, dilation in enumerate(dilations):
                first = f"{block}.convs1.{i}" if convolutions == 2 else f"{block}.convs.{i}"
                z = conv1d(leaky_relu(y, 0.1), *normalised(state, first), padding="same", dilation=dilation)
                if convolutions == 2:
                    second = normalised(state, f"{block}.convs2.{i}")
                    z = conv1d(leaky_relu(z, 0.1), *second, padding=(size - 1) // 2)
                y = y + z
            found.append(y)
        x = torch.stack(found).mean(0)
    return conv1d(leaky_relu(x, 0.01), *normalised(state, "conv_post"), padding=3).tanh()


def defined_periods(state, wav, layers=5):
    """Scores and features of the multi-period discriminator: every column of a period is judged on its own."""
    for number, period in enumerate(PERIODS):
        name = f"discriminators.{number}"
        columns = pad(wav, (0, -wav.shape[-1] % period), mode="reflect")
        columns = [columns[:, :, start::period] for start in range(period)]
        features = []
        for layer in range(layers + 1):
            last = layer == layers
            weight, bias = normalised(state, f"{name}.conv_post" if last else f"{name}.convs.{layer}")
            options = {"padding": 1} if last else {"padding": 2, "stride": 3 if layer < layers - 1 else 1}
            columns = [conv1d(column, weight[..., 0], bias, **options) for column in columns]
            columns = columns if last else [leaky_relu(column, 0.1) for column in columns]
            features.append(torch.stack(columns, -1))
        yield features[-1].flatten(1), features


def defined_scales(state, wav):
    """Scores and features of the multi-scale discriminator."""
    for number in range(3):
        name, x, features = f"discriminators.{number}", wav, []
        for layer, (_, kernel, stride, groups) in enumerate(SCALE):
            weight = normalised(state, f"{name}.convs.{layer}")
            x = leaky_relu(conv1d(x, *weight, stride=stride, padding=kernel // 2, groups=groups), 0.1)
            features.append(x)
        features.append(conv1d(x, *normalised(state, f"{name}.conv_post"), padding=1))
        yield features[-1].flatten(1), features
        wav = avg_pool1d(wav, 4, 2, padding=2)


# ---- the names, as torch's own normalisations give them -------------------------------------------------------------


def with_norm(module, norm=nn.utils.weight_norm):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return norm(module)


def module(**parts):
    """A module with parts in the order in which they are given."""
    whole = nn.Module()
    for name, part in parts.items():
        whole.add_module(name, nn.ModuleList(part) if isinstance(part, list) else part)
    return whole


def named_generator(variant):
    wide, upsamplings, blocks, convolutions = PAPER[variant]
    widths = [wide // 2**i for i in range(len(upsamplings) + 1)]

    def convs(width, size, dilations):
        return [with_norm(nn.Conv1d(width, width, size)) for _ in dilations]

    def block(width, size, dilations):
        names = ["convs1", "convs2"] if convolutions == 2 else ["convs"]
        return module(**{name: convs(width, size, dilations) for name in names})

    return module(
        conv_pre=with_norm(nn.Conv1d(80, wide, 7)),
        ups=[
            with_norm(nn.ConvTranspose1d(a, b, kernel))
            for a, b, (_, kernel) in zip(widths, widths[1:], upsamplings, strict=False)
        ],
        resblocks=[block(width, *kind) for width in widths[1:] for kind in blocks.items()],
        conv_post=with_norm(nn.Conv1d(widths[-1], 1, 7)),
    )


def named_periods():
    sizes = [(1, 32), (32, 128), (128, 512), (512, 1024), (1024, 1024)]
    nets = [
        module(
            convs=[with_norm(nn.Conv2d(a, b, (5, 1))) for a, b in sizes],
            conv_post=with_norm(nn.Conv2d(1024, 1, (3, 1))),
        )
        for _ in PERIODS
    ]
    return module(discriminators=nets)


def named_scales():
    inputs = [1, *(layer[0] for layer in SCALE)]
    nets = [
        module(
            convs=[
                with_norm(nn.Conv1d(a, b, kernel, groups=groups), norm)
                for a, (b, kernel, _, groups) in zip(inputs, SCALE, strict=False)
            ],
            conv_post=with_norm(nn.Conv1d(1024, 1, 3), norm),
        )
        for norm in (nn.utils.spectral_norm, nn.utils.weight_norm, nn.utils.weight_norm)
    ]
    return module(discriminators=nets)


# ---- parts that speak -----------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(5)


def lively(part, seed=0):
    """A part with lengths of weights that are not those of its directions, so that the normalisation counts."""
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed)
        for name, parameter in part.named_parameters():
            if name.endswith("weight_g"):
                parameter.mul_(torch.empty_like(parameter).uniform_(0.8, 2))
    return part


@pytest.fixture(scope="module", params=list(VARIANTS))
def speaking(request):
    """A variant's name and a generator of it."""
    torch.manual_seed(1)
    return request.param, lively(generator(request.param)).eval()


@pytest.fixture(scope="module")
def periods():
    torch.manual_seed(2)
    return lively(MultiPeriodDiscriminator()).eval()


@pytest.fixture(scope="module")
def scales():
    torch.manual_seed(3)
    judge = lively(MultiScaleDiscriminator())
    with torch.no_grad():
        judge(torch.randn(1, 1, 256))  # the spectral norm begins to know its greatest singular value
    return judge.eval()


def log_mel(frames, batch=2):
    return torch.randn(batch, 80, frames) - 4


# ---- tests ----------------------------------------------------------------------------------------------------------


@torch.no_grad()
@pytest.mark.parametrize("frames", [1, 2, 21])
def test_the_generator_makes_the_waveform_of_the_definition(speaking, frames):
    variant, model = speaking
    mel = log_mel(frames)
    wav, defined = model(mel), defined_wav(model.state_dict(), variant, mel)
    assert wav.shape == (2, 1, HOP * frames)
    assert 0.01 < defined.std() < 0.9
    torch.testing.assert_close(wav, defined, atol=1e-5, rtol=0)


@torch.no_grad()
@pytest.mark.parametrize("samples", [256, 1001, 2048])
@pytest.mark.parametrize(("judge", "definition"), [("periods", defined_periods), ("scales", defined_scales)])
def test_the_discriminators_judge_by_the_definition(request, judge, definition, samples):
    model, wav = request.getfixturevalue(judge), torch.randn(2, 1, samples)
    scores, features = model(wav)
    defined = list(definition(model.state_dict(), wav))
    assert len(scores) == len(features) == len(defined)
    for score, layers, (own_score, own_layers) in zip(scores, features, defined, strict=True):
        assert own_score.std() > 1e-4 or own_score.shape[1] == 1
        for found, wanted in zip([score, *layers], [own_score, *own_layers], strict=True):
            torch.testing.assert_close(found, wanted, atol=1e-5 * float(wanted.abs().max()), rtol=1e-5)


@pytest.mark.parametrize(
    ("ours", "theirs", "millions"),
    [
        (lambda: generator("v1"), lambda: named_generator("v1"), 13.94),
        (lambda: generator("v2"), lambda: named_generator("v2"), 0.93),
        (lambda: generator("v3"), lambda: named_generator("v3"), 1.46),
        (Generator, lambda: named_generator("v1"), 13.94),
        (MultiPeriodDiscriminator, named_periods, 41.11),
        (MultiScaleDiscriminator, named_scales, 29.62),
    ],
    ids=["v1", "v2", "v3", "generator", "periods", "scales"],
)
def test_names_shapes_and_order_are_the_published_ones(ours, theirs, millions):
    with torch.device("meta"):
        ours, theirs = ours(), theirs()
    for kind in ("named_parameters", "named_buffers"):
        own, wanted = ([(name, t.shape) for name, t in getattr(part, kind)()] for part in (ours, theirs))
        assert own == wanted
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert round(sum(p.numel() for p in ours.parameters()) / 1e6, 2) == millions


@torch.no_grad()
def test_folding_changes_no_sample_and_leaves_plain_weights(speaking):
    _, model = speaking
    folded = copy.deepcopy(model)
    fold_weights(folded)
    names = {name.rpartition(".")[2] for name, _ in folded.named_parameters()}
    assert names == {"bias", "weight"}
    mel = log_mel(9)
    torch.testing.assert_close(folded(mel), model(mel), atol=1e-5, rtol=0)


@torch.no_grad()
def test_a_frame_is_heard_near_it_and_nowhere_else(speaking):
    variant, model = speaking
    frames, changed = 48, 24
    reach = reach_in_frames(variant)
    assert 3 < reach < changed - 2
    mel = log_mel(frames, batch=1)
    other = mel.clone()
    other[:, :, changed] += 1
    heard = (model(mel) - model(other)).abs().reshape(frames, HOP).amax(1)
    near = range(int(changed - reach), int(changed + reach) + 2)
    outside = [frame for frame in range(frames) if frame not in near]
    assert len(outside) > 4 and heard[outside].max() < 1e-6
    assert heard[changed] > 1e-3 and heard[changed - 3 : changed + 4].min() > 1e-6


@torch.no_grad()
def test_of_a_steady_mel_all_frames_are_the_same(speaking):
    """What the generator cannot do, whatever it learned: tell the phase of a steady voice (docs/notes/vocoders.md)."""
    variant, model = speaking
    frames, reach = 48, int(reach_in_frames(variant)) + 1
    heard = model(log_mel(1, batch=1).expand(-1, -1, frames)).reshape(frames, HOP)
    inner = heard[reach : frames - reach]
    assert len(inner) > 8 and inner.std(1).min() > 1e-3
    torch.testing.assert_close(inner, inner[:1].expand_as(inner), atol=1e-5, rtol=0)
    assert (heard[0] - inner[0]).abs().max() > 1e-3  # near an edge it hears where it is


def reach_in_frames(variant):
    """How many frames before a sample's own the generator hears at most, and how many after."""
    _, upsamplings, blocks, convolutions = PAPER[variant]
    reach, samples = 3.0, 1
    for rate, kernel in upsamplings:
        reach += (kernel // 2) / rate / samples
        samples *= rate
        reach += (
            max(sum((size // 2) * (d + convolutions - 1) for d in dilations) for size, dilations in blocks.items())
            / samples
        )
    return reach + 3 / samples


@torch.no_grad()
def test_rows_of_a_batch_do_not_hear_each_other(speaking, periods, scales):
    _, model = speaking
    mel = log_mel(7, batch=3)
    together = model(mel)
    for row in range(3):
        torch.testing.assert_close(model(mel[row : row + 1]), together[row : row + 1], atol=1e-5, rtol=0)
    for judge in (periods, scales):
        scores, _ = judge(together)
        for row in range(3):
            for alone, of_all in zip(judge(together[row : row + 1])[0], scores, strict=True):
                torch.testing.assert_close(alone[0], of_all[row], atol=1e-5, rtol=1e-4)


@torch.no_grad()
def test_other_sizes_of_every_part():
    small = GeneratorConfig(channels=16, upsample_rates=(4, 2), upsample_kernel_sizes=(8, 4), n_mels=5)
    assert small.hop_length == 8 and Generator(small)(torch.randn(1, 5, 6)).shape == (1, 1, 48)
    assert all(config.hop_length == HOP for config in VARIANTS.values())
    assert generator("v3", n_mels=40)(torch.randn(1, 40, 2)).shape == (1, 1, 512)
    narrow = MultiPeriodDiscriminator((2, 3, 4, 5, 6)).eval()
    wav = torch.randn(1, 1, 300)
    for score, (defined, _) in zip(narrow(wav)[0], defined_periods(narrow.state_dict(), wav), strict=True):
        torch.testing.assert_close(score, defined, atol=1e-6, rtol=1e-5)
    _, features = MultiScaleDiscriminator((16,) * 7)(wav)
    assert [layer.shape[1] for layer in features[2]] == [16] * 7 + [1]


def test_every_parameter_learns():
    torch.manual_seed(4)
    model, judges = generator("v3", n_mels=6), [MultiPeriodDiscriminator((2,) * 5), MultiScaleDiscriminator((16,) * 7)]
    wav = model(torch.randn(1, 6, 8))
    sum(score.square().sum() for judge in judges for score in judge(wav)[0]).backward()
    for part in (model, *judges):
        still = [name for name, p in part.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
        assert not still
