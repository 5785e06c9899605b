import pytest
import torch
from tiny_vocoder import WIDTHS, make_vocoder

from koeru.families.vocoder.entry import VocoderEntry
from koeru.families.vocoder.hifigan import VARIANTS
from koeru.families.vocoder.model import DiscriminatorLosses, Discriminators, build_hifigan

ENTRY = VocoderEntry(spk="s", variant="v3", mpd_channels=WIDTHS[0], msd_channels=WIDTHS[1])


def waves(seed, count=3):
    return torch.randn(count, 1, 100, generator=torch.Generator().manual_seed(seed))


def tensors(judged):
    return [*judged[0], *(layer for net in judged[1] for layer in net)]


def test_both_are_judged_together_as_each_alone():
    judges = make_vocoder().discriminators.eval()
    together = judges(waves(0), waves(1, 2))
    for judged, alone in zip(together, (judges.judge(waves(0)), judges.judge(waves(1, 2))), strict=True):
        assert len(judged[0]) == len(judged[1]) == 5 + 3
        for one, other in zip(tensors(judged), tensors(alone), strict=True):
            assert one.shape == other.shape
            torch.testing.assert_close(one, other)


@pytest.mark.parametrize("left_out", [0, 1])
def test_one_of_them_may_be_left_out(left_out):
    both = make_vocoder().discriminators.eval()
    widths = [() if number == left_out else own for number, own in enumerate(WIDTHS)]
    alone = Discriminators(*widths).eval()
    alone.load_state_dict({name: tensor for name, tensor in both.state_dict().items() if name in alone.state_dict()})
    kept = both.msd if left_out == 0 else both.mpd
    for judged, wav in zip(alone(waves(0), waves(1)), (waves(0), waves(1)), strict=True):
        for one, other in zip(tensors(judged), tensors(kept(wav)), strict=True):
            torch.testing.assert_close(one, other)
    assert len(alone.judge(waves(0))[0]) == len(kept.discriminators)


def test_the_spectral_norm_iterates_as_often_as_if_each_were_judged_alone():
    one, other = (make_vocoder().discriminators.train() for _ in range(2))
    one(waves(0), waves(1))
    other.judge(waves(0)), other.judge(waves(1))
    buffers = dict(one.named_buffers())
    assert buffers and all(torch.equal(buffer, buffers[name]) for name, buffer in other.named_buffers())
    fresh = dict(make_vocoder().discriminators.named_buffers())
    assert any(not torch.equal(buffer, fresh[name]) for name, buffer in buffers.items())


def test_the_losses_are_those_of_what_is_said():
    judges = make_vocoder().discriminators.eval()
    parts = DiscriminatorLosses(judges)(waves(0), waves(1))
    real, fake = (judges.judge(waves(seed))[0] for seed in (0, 1))
    expected = {
        "discriminator_real": sum((scores - 1).square().mean() for scores in real),
        "discriminator_fake": sum(scores.square().mean() for scores in fake),
    }
    assert parts.keys() == expected.keys()
    for name, value in expected.items():
        torch.testing.assert_close(parts[name].value, value)


def test_names_in_the_state_tell_the_network():
    names = list(build_hifigan(ENTRY, 7, 256).state_dict())
    parts = {name.partition(".discriminators." if "msd" in name or "mpd" in name else ".")[0] for name in names}
    assert parts == {"generator", "discriminators.mpd", "discriminators.msd"}
    assert list(Discriminators(*WIDTHS).state_dict()) == [
        name.removeprefix("discriminators.") for name in names if name.startswith("discriminators.")
    ]


def test_the_leaves_say_what_is_built():
    made = build_hifigan(ENTRY, 7, 256)
    assert made.generator.config.n_mels == 7 and made.generator.config.channels == VARIANTS["v3"].channels
    assert made.discriminators.mpd.discriminators[0].convs[-1].out_channels == WIDTHS[0][-1]
    assert made.discriminators.msd.discriminators[0].convs[0].out_channels == WIDTHS[1][0]


@pytest.mark.parametrize(("adversarial", "features"), [(0, 0), (1, 0), (0, 1)])
def test_there_are_discriminators_where_what_they_say_has_weight(adversarial, features):
    weights = ENTRY.train.model_copy(update={"adversarial_weight": adversarial, "features_weight": features})
    made = build_hifigan(ENTRY.model_copy(update={"train": weights}), 7, 256)
    assert (made.discriminators is None) == (not (adversarial or features))


def test_a_hop_that_the_generator_does_not_make_is_refused():
    with pytest.raises(ValueError, match=r"vocoder.variant: v3 makes 256 samples of a frame, mel.hop_length is 300"):
        build_hifigan(ENTRY, 7, 300)
