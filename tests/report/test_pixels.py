"""Mels as pixels: the low bands below, in the colours of the recording, and the same bytes each time."""

import matplotlib
import numpy as np
from matplotlib.image import imread

from koeru.report.pixels import mel_pixels, write_pixels


def test_low_bands_are_below_and_time_goes_to_the_right():
    mel = np.full((7, 5), -9.0)  # (T, M)
    mel[6, 0] = 0.0
    pixels = mel_pixels(mel, like=mel)
    assert pixels.shape == (5, 7, 3) and pixels.dtype == np.uint8
    bright = pixels.sum(axis=-1) > 300
    assert bright[-1, -1] and bright.sum() == 1


def test_all_mels_of_a_sentence_have_the_colours_of_its_recording():
    like = np.linspace(-10, 0, 50).reshape(10, 5)
    colours = matplotlib.colormaps["magma"]
    half, beyond = mel_pixels(np.full((3, 5), -4.95), like), mel_pixels(np.full((3, 5), 7.0), like)
    assert np.abs(half[0, 0].astype(int) - np.array(colours(0.5, bytes=True)[:3])).max() <= 4
    assert beyond[0, 0].tolist() == list(colours(1.0, bytes=True)[:3])
    assert mel_pixels(np.zeros((3, 5)), like=np.zeros((4, 5))).shape == (5, 3, 3)  # digital silence


def test_pixels_are_written_as_they_are_and_alike_each_time(tmp_path):
    pixels = mel_pixels(
        np.random.default_rng(0).normal(size=(20, 8)), like=np.random.default_rng(1).normal(size=(9, 8))
    )
    for name in ("a.png", "b.png"):
        write_pixels(tmp_path / "new" / name, pixels)
    assert np.array_equal((imread(tmp_path / "new" / "a.png")[..., :3] * 255).round(), pixels)
    assert (tmp_path / "new" / "a.png").read_bytes() == (tmp_path / "new" / "b.png").read_bytes()
