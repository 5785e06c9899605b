"""The page of a vocoder: beside Griffin-Lim, of natural and of teacher-forced mels, with a training and without."""

import base64
import re
from dataclasses import replace

import matplotlib
import numpy as np
import pytest
from document import Document
from told_vocoder import told, trained, weights

from koeru.families.vocoder.measure import quantities
from koeru.families.vocoder.page import training as vocoder_training
from koeru.families.vocoder.page.page import Heard, VocoderPage, of_kind, vocoder_page
from koeru.families.vocoder.page.waveforms import waveforms
from koeru.report.data import Picture, Setting, Speaking, StageRun
from koeru.report.measurement import Baseline, Measurement
from koeru.report.training import losses

RATE = 22050
EVIL = "<script>alert('x')</script>\"><i>"
# metric -> the vocoder's value, Griffin-Lim's
VALUES = {
    "mel_l1": (0.3, 0.4),
    "mel_l1_input": (0.28, 0.14),
    "stft_distance": (1.2, 1.3),
    "log_f0_rmse_cents": (22.0, 59.0),
    "gross_f0_errors": (0.0012, 0.0061),
    "voicing_error": (0.051, 0.077),
}


def around(value):
    """An interval of 5 % to each side."""
    return 0.95 * value, 1.05 * value


def result(**changes):
    """What was measured of mels of both kinds; `changes` are of some metrics of the natural ones."""
    found = Measurement(more={"real_time_factor": {}})
    for kind in ("natural", "teacher_forced"):
        for quantity, (own, other) in zip(quantities(kind), VALUES.values(), strict=True):
            baseline = Baseline("Griffin-Lim", other, around(other), around(own / other))
            metric = replace(quantity.valued(own, around(own)), utterances=11, baselines={"griffin_lim": baseline})
            found.tell(metric)
    for key, change in changes.items():
        found.tell(change(found.metrics[key]))
    return found


def against(metric, **changes):
    """A metric whose baseline is another one."""
    return replace(metric, baselines={"griffin_lim": replace(metric.baselines["griffin_lim"], **changes)})


@pytest.fixture(scope="module")
def heard() -> Heard:
    kinds = ("recording", "vocoder", "griffin_lim")
    picture = Picture("data:image/png;base64,", "spectrograms")
    return Heard("A_1", "Teacher", "Happy", *(f"samples/A_1.{kind}.wav" for kind in kinds), picture)


@pytest.fixture(scope="module")
def page(heard) -> VocoderPage:
    """That of a vocoder which an acoustic model has taught."""
    content = trained(params=told()["params"] | {"vocoder.mels": "teacher_forced"})
    forced = replace(heard, id="A_2", vocoder="samples/A_2.teacher_forced.wav", recording="samples/A_2.recording.wav")
    return VocoderPage(
        name="LINE_6",
        key="93a0b88d30414fca",
        dataset="LINE_3",
        entries="LINE_6, Long_dialogue_1",
        variant="v1",
        sha256="ab" * 32,
        published="g_00000160",
        iterations=100,
        facts={"Measured": "11 natural mels", "Speed": "0.6 s"},
        speaking=Speaking(
            {"Started": vocoder_training.origin(content)} | vocoder_training.facts(content),
            ["the discriminators began with random weights"],
            vocoder_training.curve(content),
            losses(content),
        ),
        resynthesised=[
            of_kind("natural", result(), [heard]),
            of_kind("teacher_forced", result(), [replace(forced, griffin_lim="samples/A_2.gl.wav")]),
        ],
        settings=[Setting("vocoder.train.batch_size", 128, 16, "vocoder")],
        provenance=[StageRun("vocoder", "e4f5", "2026-03-02 14:05", 212.4, "node7", "3c1f2ab")],
    )


def words(page: VocoderPage) -> str:
    return Document(vocoder_page(page)).text


def test_the_page_is_well_formed_and_links_within(page):
    for content in (page, replace(page, resynthesised=page.resynthesised[:1], speaking=Speaking({}))):
        document = Document(vocoder_page(content))
        assert not document.faults and not document.open
        ids = document.attributes("id")
        assert len(ids) == len(set(ids))
        anchors = [href for href in document.attributes("href") if href.startswith("#")]
        assert anchors and {anchor[1:] for anchor in anchors} <= set(ids)
        assert all(attrs.get("alt") for tag, attrs in document.tags if tag == "img")


def test_every_metric_has_a_verdict_beside_griffin_lim(page):
    text = words(page)
    assert (
        "0.300 neper 0.285 – 0.315 Griffin-Lim 0.400 neper 0.380 – 0.420 better 25 % lower (95 %: −29 % to −21 %)"
        in text
    )
    assert "Griffin-Lim (100 iterations)" in text
    assert "0.280 neper 0.266 – 0.294 Griffin-Lim 0.140 neper 0.133 – 0.147 worse 100 % higher" in text
    assert "0.12 % 0.11 – 0.13 Griffin-Lim 0.61 % 0.58 – 0.64 better" in text  # shares in per cent
    close = result(stft_distance=lambda metric: against(metric, ratio_interval_95=(0.8, 1.1)))
    page = replace(page, resynthesised=[of_kind("natural", close, [])])
    assert "1.200 1.140 – 1.260 Griffin-Lim 1.300 1.235 – 1.365 no clear difference 8 % lower" in words(page)


def test_the_metrics_of_the_page_are_those_that_are_measured(page):
    for made in page.resynthesised:
        assert [metric.key for metric in made.metrics] == [quantity.key for quantity in quantities(made.kind)]


def test_what_has_no_value_is_a_dash_and_what_lacks_some_is_told(page):
    lacking = result(
        log_f0_rmse_cents=lambda metric: replace(
            against(metric, ratio_interval_95=None), value=None, interval_95=None, without_value=11
        ),
        gross_f0_errors=lambda metric: against(metric, ratio_interval_95=None, without_value=2),
    )
    text = words(replace(page, resynthesised=[of_kind("natural", lacking, [])]))
    assert "outweigh all else. – – Griffin-Lim 59 cents 56 – 62 –" in text and not re.search(r"\bnan\b", text)
    assert "0.12 % 0.11 – 0.13 Griffin-Lim 0.61 % 0.58 – 0.64 80 % lower" in text  # said, but not with certainty
    assert "Utterances without a value: F0 error: 11; Gross F0 errors of Griffin-Lim: 2." in text


def test_a_training_is_shown_where_there_was_one(page):
    trained = Document(vocoder_page(page)).text
    assert "12 epochs, 240 steps" in trained and "discriminators began with random weights" in trained
    assert "0.300 at epoch 8, the lowest" in trained and "as they were published" not in trained
    as_they_are = replace(page, speaking=Speaking(vocoder_training.published(weights())))
    text = Document(vocoder_page(as_they_are)).text
    assert "None here: the weights speak as they were published." in text and "epoch 8" not in text


def test_natural_and_teacher_forced_mels_are_told_apart(page):
    both, natural = (Document(vocoder_page(p)) for p in (page, replace(page, resynthesised=page.resynthesised[:1])))
    assert "Of 11 utterances of the dev split" in both.text and "Of 11 utterances of the eval split" in both.text
    assert "eacher-forced" not in natural.text.replace("teacher-forced mels of the dev split: 0.412", "")
    labels = [attrs["aria-label"] for tag, attrs in both.tags if tag == "audio"]
    assert labels == [
        *("Recording", "Natural mel, vocoder", "Natural mel, Griffin-Lim"),
        *("Recording", "Teacher-forced mel, vocoder", "Teacher-forced mel, Griffin-Lim"),
    ]
    players = [attrs["src"] for tag, attrs in both.tags if tag == "audio"]
    assert len(set(players)) == 6 and all(src.startswith("samples/") for src in players)


def test_the_entry_for_others_names_the_weights(page):
    text = Document(vocoder_page(page)).text
    assert f"variant: v1 generator: PATH/generator.safetensors generator_sha256: {'ab' * 32}" in text
    assert "g_00000160" in text and "config.json" in text


def test_texts_are_escaped(page, heard):
    evil = replace(page, name=EVIL, dataset=EVIL, facts={EVIL: EVIL}, settings=[Setting(EVIL, EVIL, EVIL)])
    sample = replace(heard, id=EVIL, speaker=EVIL, note=EVIL)
    html = vocoder_page(replace(evil, resynthesised=[of_kind("natural", result(), [sample])]))
    assert "<script>alert" not in html and '"><i>' not in html and "&lt;script&gt;" in html
    assert not Document(html).faults


@pytest.mark.parametrize("field", ["recording", "vocoder", "griffin_lim"])
def test_audio_must_lie_beside_the_page(heard, field):
    with pytest.raises(ValueError, match=r"A_1: audio '\.\./a\.wav'"):
        replace(heard, **{field: "../a.wav"})


# ---- pictures ------------------------------------------------------------------------------------------------------


def tone(seconds=0.4, hz=200.0):
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


@pytest.mark.parametrize(
    "wav", [tone(), np.zeros(9000, np.float32), tone(0.02), tone(0.05)], ids=["tone", "silence", "20 ms", "50 ms"]
)
def test_waveforms_are_drawn_whatever_they_are(wav):
    head, payload = waveforms({"recording": wav, "other": wav[::-1].copy()}, RATE).split(",", 1)
    assert head == "data:image/png;base64" and base64.b64decode(payload).startswith(b"\x89PNG")


def test_the_same_waveforms_give_the_same_picture_and_no_global_state():
    before = dict(matplotlib.rcParams)
    first = waveforms({"recording": tone(), "other": tone(hz=300)}, RATE)
    assert waveforms({"recording": tone(), "other": tone(hz=300)}, RATE) == first
    assert waveforms({"recording": tone(), "other": tone(hz=301)}, RATE) != first
    assert dict(matplotlib.rcParams) == before


def test_the_first_that_one_sees_are_the_samples(page):
    shown = vocoder_page(page)
    assert re.findall(r'<section id="(\w+)"', shown)[:2] == ["samples", "metrics"]
    before = shown[shown.index("<h1>") : shown.index("<audio")]
    assert not [tag for tag in ("<table", "<img", "<dl") if tag in before]
