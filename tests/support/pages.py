import numpy as np
import pytest

from koeru.config.base import defaults
from koeru.families.acoustic.entry import Exp
from koeru.families.acoustic.measure.prosody import LIKELIHOODS, RATIO, SPREAD, UNEXPLAINED
from koeru.families.acoustic.page.accents import accents
from koeru.families.acoustic.page.control import control
from koeru.families.acoustic.page.data import Sample, SpeechPage
from koeru.families.acoustic.page.prosody import prosody
from koeru.report import data, plots, training
from koeru.report import training as of_any
from koeru.report.measurement import Baseline, Measurement, Metric
from koeru.report.quality import dataset, pairs, texts
from koeru.report.quality.inner import Inner, Silenced
from koeru.training.machine import Machine
from koeru.training.manifest import ModelManifest

SPEAKERS = ("Teacher", "MStudent", "FStudent")
PROVENANCE = [
    data.StageRun("train", "5f2c9a71d0b3", "2026-03-02 14:05", 212.4, "node7, job 4711", "3c1f2ab"),
    data.StageRun("synthesis", "a01b77c2e5d9", "2026-03-02 14:09", 41.0, "node7, job 4712", "3c1f2ab"),
]
SETTINGS = [
    data.Setting("train.batch_size", 8, 16, "LINE_14"),
    data.Setting("segments.min_silence_len", None, 500, "LINE_3"),
]

PROSODY = Measurement(
    {
        metric.key: metric
        for metric in (
            LIKELIHOODS[0].valued(31.25, (30.0, 32.5)),
            SPREAD.valued(61.2, (58.4, 64.4)),
            UNEXPLAINED.valued(74.8, (70.3, 80.1)),
            RATIO.valued(0.82, (0.75, 0.9)),
        )
    },
    more={
        "prosody": {
            "temperature": 0.7,
            "extractor": "ab",
            "spread_cents_by_temperature": {"0": 0.0, "0.5": 44.0, "0.7": 61.2, "1": 88.0, "1.5": 130.0},
        }
    },
)
CONTROL = {
    "order": {"emotion": 0.75, "speaker": 1.0},
    "margin_cents": 50.0,
    "texts": ["u1", "u2"],
    "groups": [
        {"speaker": speaker, "emotion": emotion, "corpus_hz": hz * rise, "voice_hz": hz * (0.4 + 0.6 * rise)}
        for speaker, hz in (("Teacher", 230.0), ("MStudent", 140.0), ("FStudent", 260.0))
        for emotion, rise in (("Normal", 1.0), ("Happy", 1.15), ("Sad", 0.85), ("Angry", 0.93))
    ],
    "comparisons": {
        "emotion": [
            {"lower": ["Teacher", "Sad"], "higher": ["Teacher", "Angry"], "corpus_cents": 90.0, "voice_cents": -3.0}
            | {"kept": False}
        ],
        "speaker": [],
    },
}


@pytest.fixture
def control_content() -> dict:
    """A control.json."""
    return CONTROL


@pytest.fixture
def picture() -> data.Picture:
    return data.Picture(plots.loss_curves([{"step": 0, "dev/mel": 1.0}, {"step": 9, "dev/mel": 0.5}]), "losses")


@pytest.fixture
def trained() -> ModelManifest:
    """What the manifest of an epoch of a training tells."""
    rows = [
        {
            "epoch": epoch,
            "step": 139 * epoch,
            "train": {"mel": 0.2 + 1 / epoch, "local_prosody": 40 - 22 * epoch**0.5, "total": 1 + 2 / epoch},
            "dev": {"mel": 0.3 + 1 / epoch, "local_prosody": 45 - 21 * epoch**0.5, "total": 1.2 + 2 / epoch},
            "frames": 700_000,
            "padding": 0.041,
            "seconds": 50.0,
            "data_seconds": 0.5,
        }
        for epoch in range(1, 31)
    ]
    return ModelManifest(
        stage="train",
        key="5f2c9a71d0b3",
        params=defaults(Exp) | {"model.local_prosody": True, "model.global_prosody": True, "train.g_beta": 0.0},
        parents={},
        epoch=30,
        step=rows[-1]["step"],
        loaded=None,
        utterances={"train": 2209, "dev": 120},
        excluded=[
            {"id": "Teacher_LD01-009", "frames": 1001, "seconds": 11.6, "reason": "more than train.max_frames (1000)"},
            {"id": "Teacher_LD01-010", "frames": 1100, "seconds": 12.8, "reason": "more than train.max_frames (1000)"},
        ],
        excluded_seconds=24.4,
        parameters=43_700_000,
        frozen=0,
        workers=4,
        machine=Machine(threads=2, devices=1, processor="NVIDIA H200", torch="2.9.1", compiled=True),
        log=rows,
    )


@pytest.fixture
def experiment(picture: data.Picture, trained: ModelManifest) -> SpeechPage:
    rng = np.random.default_rng(1)
    return SpeechPage(
        name="LINE_15",
        key="5f2c9a71d0b3",
        dataset="LINE_3",
        vocoder="griffin-lim",
        lang="ja",
        parents=["LINE_14 at epoch 100"],
        metrics=[
            Metric(
                "mel_l1",
                "Mel L1",
                0.412,
                (0.398, 0.431),
                about="true durations",
                baselines={
                    "phone_mean": Baseline("the phone mean", 0.731, (0.70, 0.76), (0.54, 0.59)),
                    "scratch": Baseline("the model from scratch", 0.41, (0.39, 0.43), (0.97, 1.02)),
                },
            )
        ],
        samples=[
            Sample(
                "Teacher_LD01-003",
                "箸も買いました。",
                "Teacher",
                "Normal",
                "samples/r1.wav",
                "samples/n 1.wav",
                "samples/t1.wav",
                "samples/s1.wav",
                again=["samples/s1.sample2.wav", "samples/s1.sample3.wav"],
            ),
            Sample(
                "FStudent_LD01-004",
                "橋が来ます。",
                "FStudent",
                "Happy",
                "samples/r2.wav",
                "samples/n2.wav",
                "samples/t2.wav",
                "samples/s2.wav",
                [picture],
            ),
        ],
        settings=SETTINGS,
        provenance=PROVENANCE,
        entries="LINE_12, LINE_15",
        facts=training.facts(trained),
        warnings=training.warnings(trained, defaults(Exp)),
        losses=[of_any.losses(trained)],
        schedule=training.schedule(trained),
        excluded=training.excluded(trained.excluded),
        accents=accents(
            [
                {
                    "speaker": s,
                    "pair": ["箸", "橋", "ハシ"],
                    "carrier": "〇〇も買いました。",
                    "falling_cents": float(step),
                }
                | {"partner_cents": 0.0}
                for s in SPEAKERS
                for step in (-300 + 30 * rng.normal(), 20.0)
            ]
        ),
        prosody=prosody(PROSODY),
        control=control(CONTROL),
    )


@pytest.fixture
def quality(picture: data.Picture) -> dataset.Quality:
    exclusions = [
        dataset.Exclusion("Teacher_LD02-001", "wav", "truncated", "header says 3.2 s, file holds 1.1 s"),
        dataset.Exclusion("MStudent_LD02-004", "wav", "silent", "peak −96 dBFS"),
        dataset.Exclusion("FStudent_LD03-002", "labels", "no TextGrid"),
    ]
    return dataset.Quality(
        name="LINE_3",
        key="77ab01c2d3e4",
        corpora=["STUDIES r1"],
        accounts=[
            dataset.StageAccount("utterances", 160, 160),
            dataset.StageAccount(
                "wav",
                160,
                158,
                700.0,
                692.0,
                reasons=[dataset.Reason("truncated", 1, 3.0), dataset.Reason("silent", 1, 5.0)],
            ),
            dataset.StageAccount("segments", 158, 158, 692.0, 640.0, 52.0, made="159 segments"),
            dataset.StageAccount(
                "labels",
                159,
                158,
                640.0,
                636.0,
                reasons=[dataset.Reason("no TextGrid", 1, 4.0)],
                unit="segments",
            ),
        ],
        groups=[
            dataset.Group("Teacher", "Normal", 60, 240.0, 1, 3.0),
            dataset.Group("MStudent", "Normal", 40, 160.0, 1, 5.0),
            dataset.Group("FStudent", "Happy", 58, 236.0, 1, 4.0),
        ],
        splits=[
            dataset.Split("train", 16, 128, 515.0, {"Teacher": 50, "MStudent": 30, "FStudent": 48}),
            dataset.Split("dev", 2, 15, 60.0, {"Teacher": 5, "MStudent": 5, "FStudent": 5}),
            dataset.Split("eval", 2, 15, 61.0, {"Teacher": 5, "FStudent": 10}),
        ],
        gates=[
            data.Gate("excluded", 0.019, "<=", 0.01, "share", "what a stage leaves out", "wav: 2 of 160", "mend them"),
            data.Gate("voiced frames", 0.61, ">=", 0.3, "share", leaf="gates.min_voiced_share", remedy="listen"),
            data.Gate("bandwidth", 10594.0, ">=", 5000.0, "Hz", "see", "MStudent", "listen", "gates.min_bandwidth_hz"),
        ],
        exclusions=exclusions,
        suspects=[
            dataset.Suspect(
                "Teacher_LD01-009",
                "Teacher",
                "Normal",
                "あめ？",
                "highest F0 of its speaker",
                "wav/x.wav",
                1.2,
            )
        ],
        settings=SETTINGS,
        provenance=PROVENANCE,
        warnings=["speaker MStudent is missing from the eval split"],
        histograms=[picture],
        account_picture=picture,
        remarks=["STUDIES: the rows are not in the order of the files"],
        speakers=[measures(name) for name in SPEAKERS],
        sources=[
            dataset.Source("Teacher", 48000, 1, "16 bit", 61, 243.0, 11025.0),
            dataset.Source("MStudent", 44100, 2, "24 bit", 30, 120.0, 10594.0),
            dataset.Source("MStudent", 8000, 1, "µ-law", 11, 45.0, 3876.0),
            dataset.Source("FStudent", 96000, 1, "32 bit float", 59, 240.0, 11025.0),
        ],
        names={"speakers": {"Teacher": 0, "MStudent": 1, "FStudent": 2}, "emotions": {"Normal": 0, "Happy": 1}},
        trimming=dataset.Trimming(
            -60.0,
            -70.0,
            100,
            158,
            150,
            52.0,
            2e-7,
            [dataset.Removed("Teacher_LD01-009", "Teacher", "tail", -61.2, 2.5, 0.8, "wav/removed.wav", 55.0)],
            [picture],
        ),
        inner=Inner(
            silence_thresh_t=-70.0,
            chunk_size_ms=50,
            recordings=158,
            untold=3,
            rows={
                name: (Silenced(-80, seconds, 0.0123, 3.5, -62.31), Silenced(-100, 0.0, 0.0, 0.0, None))
                for name, seconds in (("all", 12.0), ("Teacher", 9.0), ("MStudent", 3.0))
            },
            speakers=3,
            picture=picture,
        ),
        reconciled=[
            texts.Reconciled(
                "STUDIES",
                "Teacher",
                61,
                60,
                2,
                {"front end": 60},
                {"TextGrid tier phones": 60},
                {"as read": 50, "options": 4, "n-best": 3, "words": 2},
                5,
            ),
            texts.Reconciled("STUDIES", "MStudent", 39, 39, 0, {"delivered": 39}, {".lab in seconds": 39}),
        ],
        differing=[
            texts.Differing(
                "Teacher_LD01-010",
                "Teacher",
                "明日です。",
                [("a", "a"), ("sh", "s"), ("", "u")],
                "wav/differs.wav",
                'Teacher_LD01-010,"アシ\'タ、デス"',
                "readings differ",
            )
        ],
        followed=[
            texts.Followed(
                "Teacher_LD01-011",
                "Teacher",
                "長谷さん、今日は。",
                "words",
                "ナガタニサン、キョ'ーワ",
                ["n", "a", "g", "a"],
                "wav/followed.wav",
                "Teacher_LD01-011,ナガタニサン、キョ'ーワ",
            )
        ],
        remarked=[texts.Remarked("not spoken", 3, [("Teacher_LD01-012", "雨★です。", "not spoken: '★'")])],
        pairs=pairs.PairsAccount(
            [pairs.CoupleAccount("Teacher", "FStudent", 7, 9, 8, {"no partner": 2}, {"duration ratio": 1})],
            2.0,
            picture,
            without_text=2,
            aligned=1,
            doubtful=[
                pairs.Doubtful(
                    "Teacher_FStudent_1", ("T1", "F1"), ("", ""), ("wav/t1.wav", "wav/f1.wav"), 0.8, None, 5.5
                ),
                pairs.Doubtful(
                    "Teacher_FStudent_2", ("T2", "F2"), ("はい", "はあ"), ("wav/t2.wav", "wav/f2.wav"), 1.1, 0.91, None
                ),
            ],
        ),
    )


def measures(name: str) -> dataset.Speaker:
    gated = {"gates.min_voiced_share": 0.61, "gates.max_f0_outliers": 0.012, "gates.max_clipped_share": 0.0}
    gated["gates.min_bandwidth_hz"] = 11025.0
    gated |= {"gates.max_level_spread_db": 11.3, "gates.max_silence_share": 0.17, "gates.max_trimmed_energy": 3e-8}
    gated |= {"gates.max_rate_outliers": 0.02}
    return dataset.Speaker(name, 50, gated, (180.0, 245.0, 380.0), -24.3, 12.6, 17.3)
