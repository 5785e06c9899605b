import numpy as np
import pytest

from koeru.report import data, dataset, plots

SPEAKERS = ("Teacher", "MStudent", "FStudent")
PROVENANCE = [
    data.StageRun("train", "5f2c9a71d0b3", "2026-03-02 14:05", 212.4, "node7, job 4711", "3c1f2ab"),
    data.StageRun("synthesis", "a01b77c2e5d9", "2026-03-02 14:09", 41.0, "node7, job 4712", "3c1f2ab"),
]
SETTINGS = [
    data.Setting("train.batch_size", 8, 16, "LINE_14"),
    data.Setting("segments.min_silence_len", None, 500, "LINE_3"),
]


@pytest.fixture
def picture() -> data.Picture:
    return data.Picture(plots.learning_rate([{"step": 0, "lr": 1e-3}, {"step": 9, "lr": 0.0}]), "learning rate")


@pytest.fixture
def experiment(picture: data.Picture) -> data.Experiment:
    rng = np.random.default_rng(1)
    return data.Experiment(
        name="LINE_15",
        key="5f2c9a71d0b3",
        dataset="LINE_3",
        vocoder="griffin-lim",
        parents=["LINE_14 at epoch 100"],
        metrics=[
            data.Metric(
                "mel_l1",
                "Mel L1",
                0.412,
                (0.398, 0.431),
                about="true durations",
                baselines=[
                    data.Baseline("the phone mean", 0.731, (0.70, 0.76), (0.54, 0.59)),
                    data.Baseline("the model from scratch", 0.41, (0.39, 0.43), (0.97, 1.02)),
                ],
            )
        ],
        samples=[
            data.Sample(
                "Teacher_LD01-003",
                "箸も買いました。",
                "Teacher",
                "Normal",
                "samples/n 1.wav",
                "samples/s1.wav",
            ),
            data.Sample("FStudent_LD01-004", "橋が来ます。", "FStudent", "Happy", None, "samples/s2.wav", [picture]),
        ],
        settings=SETTINGS,
        provenance=PROVENANCE,
        losses=[picture],
        accent_pairs=[
            data.AccentPair(s, "箸", "橋", "〇〇も買いました。", float(step), 0.0)
            for s in SPEAKERS
            for step in (-300 + 30 * rng.normal(), 20.0)
        ],
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
        reconciled=[
            dataset.Reconciled("STUDIES", "Teacher", 61, 60, 2, {"front end": 60}, {"TextGrid tier phones": 60}),
            dataset.Reconciled("STUDIES", "MStudent", 39, 39, 0, {"delivered": 39}, {".lab in seconds": 39}),
        ],
        differing=[
            dataset.Differing(
                "Teacher_LD01-010", "Teacher", "明日です。", [("a", "a"), ("sh", "s"), ("", "u")], "wav/differs.wav"
            )
        ],
        pairs=dataset.Pairs(
            [dataset.Couple("Teacher", "FStudent", 7, 9, 8, {"no partner": 2}, {"duration ratio": 1})], 2.0, picture
        ),
    )


def measures(name: str) -> dataset.Speaker:
    gated = {"gates.min_voiced_share": 0.61, "gates.max_f0_outliers": 0.012, "gates.max_clipped_share": 0.0}
    gated |= {"gates.max_level_spread_db": 11.3, "gates.max_silence_share": 0.17, "gates.max_trimmed_energy": 3e-8}
    gated |= {"gates.max_rate_outliers": 0.02}
    return dataset.Speaker(name, 50, gated, (180.0, 245.0, 380.0), -24.3, 12.6, 17.3)
