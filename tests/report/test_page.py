import re
from dataclasses import replace

import pytest
from document import Document

from koeru.families.acoustic.page.data import Sample
from koeru.families.acoustic.page.page import experiment_page
from koeru.report import data
from koeru.report.measurement import Baseline, Metric
from koeru.report.page import measured, seconds, verdict
from koeru.report.quality import dataset, texts
from koeru.report.quality.html import quality_page
from koeru.report.quality.inner import Muted


@pytest.fixture(params=["experiment", "quality"])
def html(request, experiment, quality) -> str:
    return experiment_page(experiment) if request.param == "experiment" else quality_page(quality)


def test_page_is_well_formed_and_links_within(html: str):
    document = Document(html)
    assert html.startswith("<!DOCTYPE html>") and not document.faults and not document.open
    ids = document.attributes("id")
    assert len(ids) == len(set(ids))
    anchors = [h for h in document.attributes("href") if h.startswith("#")]
    assert anchors and {a[1:] for a in anchors} <= set(ids)
    assert all(attrs.get("alt") for tag, attrs in document.tags if tag == "img")


def test_nothing_comes_from_elsewhere(html: str):
    document = Document(html)
    sources = document.attributes("src") + [h for h in document.attributes("href") if not h.startswith("#")]
    assert not any(re.match(r"[a-z]+://|//|/", s) for s in sources)
    players = [attrs["src"] for tag, attrs in document.tags if tag == "audio"]
    assert players and all(re.fullmatch(r"(samples|wav)/[\w%.]+\.wav", p) for p in players)
    assert "url(" not in html and "@import" not in html


EVIL = "<script>alert('x')</script>\"><i>"


def test_texts_are_escaped(experiment, quality):
    sample = replace(experiment.samples[0], text=EVIL, id=EVIL, speaker=EVIL)
    setting = data.Setting(EVIL, EVIL, EVIL)
    pages = [
        experiment_page(replace(experiment, name=EVIL, samples=[sample], settings=[setting])),
        quality_page(
            replace(
                quality,
                name=EVIL,
                warnings=[EVIL],
                remarks=[EVIL],
                suspects=[replace(quality.suspects[0], why=EVIL, text=EVIL)],
                differing=[replace(quality.differing[0], text=EVIL, columns=[(EVIL, "a")])],
                names={"speakers": {EVIL: 0}},
            )
        ),
    ]
    for page in pages:
        assert "<script>alert" not in page and '"><i>' not in page
        assert "&lt;script&gt;" in page
        assert not Document(page).faults


@pytest.mark.parametrize("src", ["/srv/a.wav", "http://x/a.wav", "//x/a.wav", "../a.wav", "file:a.wav", ""])
def test_audio_must_lie_beside_the_page(src: str):
    with pytest.raises(ValueError, match="A_1: audio"):
        Sample("A_1", "", "A", "Normal", None, None, src, None)
    with pytest.raises(ValueError, match="A_1: audio"):
        dataset.Suspect("A_1", "A", "Normal", "", "loud", src)
    with pytest.raises(ValueError, match="A_1: audio"):
        texts.Differing("A_1", "A", "", [], src)
    with pytest.raises(ValueError, match="A_1: audio"):
        dataset.Removed("A_1", "A", "head", -50.0, 0.0, 0.1, src, 0.0)


def test_pictures_must_be_inside_the_page():
    with pytest.raises(ValueError, match="data URI"):
        data.Picture("plots/loss.png", "loss")


def test_griffin_lim_is_said_and_only_then(experiment):
    line = "These samples use Griffin-Lim"
    assert line in experiment_page(experiment)
    assert "Griffin" not in experiment_page(replace(experiment, vocoder="HG_2"))


def test_each_sample_goes_from_the_recording_to_the_model_s_own_speech(experiment):
    document = Document(experiment_page(experiment))
    players = [attrs["aria-label"] for tag, attrs in document.tags if tag == "audio"]
    four = ["Recording", "Natural mel, through the vocoder", "Teacher-forced", "Synthesised"]
    assert players == [*four, "Synthesised, drawn again (1)", "Synthesised, drawn again (2)", *four]
    sources = [attrs["src"] for tag, attrs in document.tags if tag == "audio"]
    assert sources[:4] == ["samples/r1.wav", "samples/n%201.wav", "samples/t1.wav", "samples/s1.wav"]
    assert document.text.count("the vocoder loses") == 1  # said once, not under every sample


def test_the_trained_vocoder_has_a_section_and_griffin_lim_has_none(experiment, picture):
    assert 'id="vocoder"' not in experiment_page(experiment)
    facts = {"Vocoder": "HG_2", "Speaks": "epoch 8 of 12, the best"}
    speaking = data.Speaking(facts, ["its discriminators began with random weights"], picture, picture)
    page = experiment_page(replace(experiment, vocoder="HG_2", speaking=speaking))
    document = Document(page)
    assert not document.faults and "spoken by one vocoder, HG_2" in document.text
    assert "Speaks epoch 8 of 12, the best" in document.text and "began with random weights" in document.text
    assert page.count('href="#vocoder"') == 2 and "All losses" in page
    published = experiment_page(replace(experiment, vocoder="universal", speaking=data.Speaking({"sha256": "ab" * 32})))
    assert "ab" * 32 in published and "All losses" not in published


def test_verdict_is_sure_only_when_the_interval_is():
    metric = Metric("m", "m", 0.6)
    baseline = Baseline("the phone mean", 1.0, ratio_interval_95=(0.55, 0.66))
    assert verdict(metric, baseline) == (
        "40\u00a0% lower (95 %: −45\u00a0% to −34\u00a0%)",
        "better",
    )
    assert verdict(replace(metric, better="higher"), baseline)[1] == "worse"
    assert verdict(metric, replace(baseline, ratio_interval_95=(0.9, 1.1)))[1] == "open"
    assert verdict(metric, replace(baseline, ratio_interval_95=None)) == ("40\u00a0% lower", "untested")
    assert verdict(replace(metric, value=1.3), replace(baseline, ratio_interval_95=(1.2, 1.4)))[1] == "worse"
    assert verdict(metric, Baseline("no accent", 0.0)) == ("differs by +0.600", "untested")


def test_every_number_of_the_account_is_on_the_page(quality):
    text = Document(quality_page(quality)).text
    for account in quality.accounts:
        assert account.count_in == account.count_kept + account.excluded
        assert re.search(rf"{account.stage}\b.*? {account.count_in} {account.count_kept} {account.excluded} ", text), (
            account.stage
        )
    assert f"{quality.kept} segments" in text and f"{len(quality.exclusions)} exclusions" in text
    assert all(exclusion.id in text and exclusion.reason in text for exclusion in quality.exclusions)


def test_an_account_that_does_not_sum_up_is_refused(quality):
    with pytest.raises(ValueError, match=r"stage wav: 10 in is not 9 kept \+ 0 excluded"):
        dataset.StageAccount("wav", 10, 9)
    with pytest.raises(ValueError, match=r"stage wav: 10\.000 s in is not 9\.000 s"):
        dataset.StageAccount("wav", 10, 10, 10.0, 9.0)
    with pytest.raises(ValueError, match=r"stage labels counts 1 × 'no TextGrid'.*exclusions 0"):
        replace(quality, exclusions=quality.exclusions[:2])
    with pytest.raises(ValueError, match=r"stage labels counts 0 × 'no TextGrid'.*exclusions 1"):
        replace(quality, accounts=quality.accounts[:3])
    with pytest.raises(ValueError, match="speakers keep 158 segments, the splits hold 143"):
        replace(quality, splits=quality.splits[:2])
    with pytest.raises(ValueError, match=r"speakers keep 636\.0 s, the splits hold 665\.0 s"):
        replace(quality, splits=[*quality.splits[:2], replace(quality.splits[2], seconds=90.0)])


def test_untimed_exclusions_do_not_pretend_to_sum_up():
    account = dataset.StageAccount("wav", 2, 1, 10.0, 7.0, reasons=[dataset.Reason("unreadable", 1, None)])
    assert not account.all_timed


def test_gates_pass_as_they_say(quality):
    assert [gate.passed for gate in quality.gates] == [False, True, True]
    assert not data.Gate("nan", float("nan"), "<=", 1.0).passed
    page = quality_page(quality)
    assert "2 of 3" in page and ">failed<" in page
    assert "is missing from the eval split" in page and ">none<" in page


def test_a_failed_gate_says_where_and_what_to_do(quality):
    text = Document(quality_page(quality)).text
    assert "This dataset does not pass: excluded." in text and "What to do: mend them" in text
    assert "failed 1.9 % ≤ 1 % wav: 2 of 160" in text
    assert "What to do: listen" not in text
    passing = replace(quality, gates=quality.gates[1:])
    assert "does not pass" not in quality_page(passing)


def test_a_speaker_whose_measure_fails_is_marked(quality):
    lazy = replace(quality.speakers[0], gated=quality.speakers[0].gated | {"gates.min_voiced_share": 0.123})
    page = quality_page(replace(quality, speakers=[lazy, *quality.speakers[1:]]))
    assert page.count('<span class="tag fail">12.3</span>') == 1
    text = Document(quality_page(replace(quality, speakers=[*quality.speakers[1:], lazy]))).text
    assert text.index("Teacher 50 12.3") < text.index("MStudent 50 61")


def test_readings_are_side_by_side_with_their_differences_marked(quality):
    page = quality_page(quality)
    assert "99 of 100 segments (99\u00a0%)" in page
    assert "All 100 99 99 % 2 5 39 60 39 60" in Document(page).text
    cells = re.findall(r"<span( class=\"differs\")?><span>(.+?)</span><span>(.+?)</span></span>", page)
    assert [(bool(differs), said, heard) for differs, said, heard in cells] == [
        (False, "a", "a"),
        (True, "sh", "s"),
        (True, "·", "u"),
    ]
    assert "明日です。" in page and 'src="wav/differs.wav"' in page


def test_readings_that_nobody_compared_are_no_share(quality):
    row = texts.Reconciled("S", "Teacher", 0, 0, 0, {"alignment": 60}, {"TextGrid tier phones": 60})
    text = Document(quality_page(replace(quality, reconciled=[row], differing=[]))).text
    assert "there is no reading of a text to compare them with" in text and "Teacher 0 0 – 0 60 60" in text


def test_trimming_says_what_did_it(quality):
    text = Document(quality_page(quality)).text
    for told in ("52.0 s", "−60 dBFS", "−70 dBFS", "150 of 158 recordings", "tail, at 2.50 s", "−61.2 dBFS", "55 dB"):
        assert told in text, told


def test_what_a_threshold_silences_is_told_in_words(quality):
    text = Document(quality_page(quality)).text
    assert "A threshold of −80 dBFS silences 12.0 s (1.23 % of the speech), with samples up to −62.3 dBFS; " in text
    assert "3.5 s of it stand out from the background of their recordings, so that something sounds there." in text
    assert "A threshold of −100 dBFS silences nothing." in text and "Of 3 speakers those with the most." in text
    assert "which is −70 dBFS, for 50 ms" in text and "Of 3 of 158 recordings the segments were made" in text
    assert "Teacher 9.0 s 3.5 s −62.3 dBFS 0.0 s 0.0 s –" in text


def test_what_was_muted_is_told(quality):
    inner = replace(quality.inner, muted=Muted(1.5, 0.004, 3e-6, -81.27), untold=0)
    text = Document(quality_page(replace(quality, inner=inner))).text
    assert "digital zero ( segments.mute_inner ): 1.5 s, which are 0.4 % of the speech" in text
    assert "with 50 ms of −81.3 dBFS at its loudest" in text and "did not measure" not in text


def test_pairs_that_are_least_alike_are_told_and_heard(quality):
    page = quality_page(quality)
    section = page[page.index('<section id="pairs"') :]
    assert "Of 2 of 7 pairs nobody has compared the texts" in section and "1 of them were aligned" in section
    assert all(f'src="wav/{name}.wav"' in section for name in ("t1", "f1", "t2", "f2"))
    assert section.index("no text") < section.index("はあ") < section.index(">0.91<")


def test_pairs_are_accounted_for_on_both_sides(quality):
    assert "Teacher FStudent 7 9 8 2 0 0 1" in Document(quality_page(quality)).text


def test_ids_of_names_are_told(quality):
    assert "0 Teacher 1 MStudent 2 FStudent" in Document(quality_page(quality)).text


def test_many_remarks_and_warnings_are_folded(quality):
    def page(number):
        return quality_page(replace(quality, remarks=[f"remark {i}" for i in range(number)]))

    assert "<summary>" not in page(8) and "remark 7" in page(8)
    assert "<summary>9 remarks</summary>" in page(9) and "remark 8" in page(9)
    assert 'id="remarks"' not in page(0)


def test_what_recordings_were_is_on_the_page(quality):
    page = quality_page(quality)
    text = Document(page).text
    assert "Teacher 48,000 Hz 1 16 bit 61 4.0 min 11,025 Hz" in text
    assert "MStudent all 41 2.8 min 11,025 Hz 44,100 Hz 2 24 bit 30 2.0 min 10,594 Hz" in text
    assert "8,000 Hz 1 µ-law 11 45.0 s 3,876 Hz FStudent 96,000 Hz 1 32 bit float 59 4.0 min 11,025 Hz" in text
    assert page.count('<span class="tag fail">3,876') == 1
    narrow = replace(quality.speakers[1], gated=quality.speakers[1].gated | {"gates.min_bandwidth_hz": 3876.0})
    page = quality_page(replace(quality, speakers=[quality.speakers[0], narrow]))
    assert page.count('<span class="tag fail">3,876') == 2


def test_long_tables_are_cut_and_name_the_file(quality):
    many = [replace(quality.differing[0], id=f"Teacher_{i}") for i in range(dataset.LISTED)]
    row = texts.Reconciled("S", "Teacher", 60, 3, 0, {"front end": 3}, {"TextGrid tier phones": 3})
    lost = [dataset.Exclusion(f"x{i}", "labels", "no TextGrid") for i in range(dataset.LISTED)]
    rare = dataset.Exclusion("rare", "labels", "unknown phone")
    reasons = [dataset.Reason("no TextGrid", 500), dataset.Reason("unknown phone", 1)]
    account = dataset.StageAccount("labels", 700, 199, reasons=reasons)
    told = {"differing": many, "reconciled": [row], "accounts": [account], "exclusions": [*lost, rare]}
    page = quality_page(replace(quality, **told))
    text = Document(page).text
    assert "The first 50 of 57." in text and "readings.tsv" in text and "Teacher_49" in page
    assert "50 of 501 exclusions" in text and "excluded.tsv" in text
    assert "rare" in text and "x48" in text and "x49" not in text


@pytest.mark.parametrize("number", [1, 100])
def test_one_speaker_or_a_hundred(quality, number):
    names = [f"jvs{i:03d}" for i in range(number)]
    groups = [dataset.Group(name, "Normal", 10, 40.0) for name in names]
    splits = [dataset.Split("train", 9, 10 * number, 40.0 * number, dict.fromkeys(names, 10))]
    rows = [replace(quality.speakers[0], name=name) for name in names]
    page = quality_page(replace(quality, groups=groups, splits=splits, speakers=rows))
    document = Document(page)
    assert not document.faults and not document.open
    assert all(name in document.text for name in names)
    tables = re.findall(r'<div class="scroll( tall)?"><table', page)
    assert len(tables) == len(re.findall("<table", page)) and tables.count(" tall") >= 3


def test_measures_for_people():
    shown = [
        measured(*pair) for pair in ((0.12345, "share"), (0, "share"), (1e-8, "share"), (10.02, "dB"), (1, "share"))
    ]
    frequencies = [measured(hz, "Hz").replace("\u00a0", " ") for hz in (999.4, 3875.98, 11025)]
    assert frequencies == ["999 Hz", "3,876 Hz", "11,025 Hz"]
    assert [text.replace("\u00a0", " ") for text in shown] == ["12.3 %", "0 %", "< 0.0001 %", "10 dB", "100 %"]
    assert measured(float("nan"), "share") == "–"


def test_seconds_for_people():
    assert [seconds(s) for s in (None, 0, 59.94, 90, 5832)] == ["–", "0.0 s", "59.9 s", "1.5 min", "1.62 h"]


def test_the_first_that_one_sees_of_an_experiment_are_its_samples(experiment):
    page = experiment_page(experiment)
    assert re.findall(r'<section id="(\w+)"', page)[:2] == ["samples", "metrics"]
    assert page.index('href="#samples"') < page.index('href="#metrics"')
    before = page[page.index("<h1>") : page.index("<audio")]
    for tag in ("<table", "<img", "<dl"):
        assert tag not in before
    state = Document(page[: page.index("<nav")]).text
    assert experiment.name in state and experiment.dataset in state and "spoken by Griffin-Lim" in state
    assert experiment.facts["Trained"] in state and all(warning in state for warning in experiment.warnings)
