"""What entries say of each other: vocoders, their starts, their teachers, the experiments that use them."""

import pytest
import yaml
from configured import load

from koeru.config.tables import ConfigError

SOUND = """
corpora: {A: {format: studies, path: corpora/A}}
spk:
  one: {corpora: [A]}
  same: {base: one, note: under another name}
  other: {base: one, splits: {dev: 0.1}}
  wide: {base: one, mel: {fmax: 11025}}
exp:
  first: {spk: one, epochs: 100, chunk: 30, vocoder: tuned}
weights:
  published: {generator: g_1, discriminators: do_1}
  alone: {generator: g_2}
vocoder:
  as_it_is: {spk: one, start: published, epochs: 0}
  tuned: {spk: one, start: published, optimizer: keep, epochs: 20, chunk: 8}
  taught: {spk: same, start: tuned@16, mels: teacher_forced, exp: first@60}
"""


def problems(table, name, **leaves):
    """The problems of the sound configuration with other leaves of an entry."""
    raw = yaml.safe_load(SOUND)
    raw[table].setdefault(name, {}).update(leaves)
    with pytest.raises(ConfigError) as caught:
        load(raw)
    return caught.value.problems


def test_the_configuration_is_sound():
    config = load(yaml.safe_load(SOUND))
    assert config["vocoder"]["tuned"].saved_epochs() == [8, 16, 20]
    assert config["vocoder"]["as_it_is"].saved_epochs() == []
    assert config["vocoder"]["taught"].started_from() == ("tuned", 16)
    assert config["vocoder"]["taught"].taught_by() == ("first", 60)


@pytest.mark.parametrize(
    ("table", "name", "leaves", "told"),
    [
        ("exp", "first", {"vocoder": "tunde"}, "exp.first.vocoder: there is no vocoder 'tunde'; did you mean 'tuned'?"),
        ("exp", "first", {"vocoder": "griffinlim"}, "did you mean 'griffin-lim'?"),
        (
            "exp",
            "first",
            {"spk": "wide"},
            "exp.first.vocoder: tuned speaks the mels of one, which are not those of wide",
        ),
        ("vocoder", "tuned", {"spk": "on"}, "vocoder.tuned.spk: there is no dataset 'on'; did you mean 'one'?"),
        ("vocoder", "tuned", {"start": "publish"}, "there are no weights 'publish'; did you mean 'published'?"),
        ("vocoder", "tuned", {"start": None}, "there is no `start` whose moments to keep"),
        ("vocoder", "tuned", {"start": "alone"}, "weights.alone has no `discriminators`, whose file holds the moments"),
        ("vocoder", "tuned", {"variant": "v3"}, "vocoder.tuned.variant: is v3, and published is a v1"),
        ("vocoder", "tuned", {"train": {"segment_length": 8000}}, "8000 samples are not whole frames of 256"),
        ("vocoder", "tuned", {"exp": "first@60"}, "natural mels need no experiment"),
        ("vocoder", "tuned", {"spk": "wide"}, "published weights do not know the mels of wide"),
        ("vocoder", "tuned", {"msd_channels": [16, 16, 16, 24, 16, 16, 16]}, "24 does not divide by 16"),
        ("vocoder", "tuned", {"mpd_channels": [4, 8]}, "mpd_channels: 5 widths are wanted, or none ([]), not 2"),
        ("vocoder", "tuned", {"mpd_channels": [], "msd_channels": []}, "are both []"),
        ("vocoder", "tuned", {"take": "first"}, "vocoder.tuned.take"),
        ("vocoder", "as_it_is", {"start": None}, "`start` must name some"),
        ("vocoder", "as_it_is", {"start": "tuned@20"}, "`start` must name some"),
        ("vocoder", "as_it_is", {"mels": "teacher_forced"}, "without training there is nothing to do"),
        ("vocoder", "taught", {"start": "as_it_is@5"}, "as_it_is has no epochs: it is not trained"),
        ("vocoder", "taught", {"start": "tuned@10"}, "the nearest saved epoch is 8"),
        ("vocoder", "taught", {"start": "tnued@8"}, "there is no vocoder 'tnued'; did you mean 'tuned'?"),
        ("vocoder", "taught", {"start": "taught@50"}, "the starts run in a circle (taught → taught)"),
        ("vocoder", "taught", {"exp": None}, "EXP@EPOCH, such as LINE_6@500"),
        ("vocoder", "taught", {"exp": "frist@60"}, "there is no experiment 'frist'; did you mean 'first'?"),
        ("vocoder", "taught", {"exp": "first@61"}, "first is never saved at epoch 61"),
        ("vocoder", "taught", {"spk": "other"}, "first is an experiment on one, the vocoder is for other"),
        ("vocoder", "griffin-lim", {"spk": "one"}, "is the name of the vocoder that needs no training"),
        ("weights", "alone", {"discriminators_sha256": "0" * 64}, "there are no `discriminators` for it"),
        ("weights", "alone", {"generator_sha256": "0" * 63}, "weights.alone.generator_sha256"),
        ("spk", "one", {"mel": {"hop_length": 220}}, "a HiFi-GAN makes 256 samples of a frame"),
    ],
)
def test_what_does_not_go_together_is_told(table, name, leaves, told):
    assert any(told in problem for problem in problems(table, name, **leaves)), problems(table, name, **leaves)


def test_without_any_loss_there_is_nothing_to_train():
    nothing = dict.fromkeys(("mel_weight", "stft_weight", "adversarial_weight", "features_weight"), 0)
    assert any("are all 0" in problem for problem in problems("vocoder", "tuned", train=nothing))
