"""The ITA part of STUDIES: rows without ids that belong to recordings with numbers."""

import pytest
from fakes import studies as fake_studies
from fakes.checks import reasons, sorted_out, touch

from koeru.corpora import studies
from koeru.corpora.delivered import Delivered
from koeru.corpora.selection import Selection
from koeru.corpora.utterance import File, Utterance

HAPPY = "ITA/Emotion100-Happy"
ROWS = ("講師|喜び|一つ。|ヒトツ", "講師|喜び|二つ。|フタツ", "講師|喜び|三つ。|ミッツ")
STEMS = tuple(f"ITA-Emotion100-Teacher-Happy-{number:03d}" for number in (1, 2, 3))
IDS = tuple(f"Teacher_{stem}_Happy" for stem in STEMS)
PLACE = f"{HAPPY}/txt/transcript.txt"


@pytest.fixture
def corpus(tmp_path):
    """The folder of a corpus of one set, to be spoiled; nothing is spoken."""
    root = tmp_path / "STUDIES"
    write(root, *ROWS)
    for stem in STEMS:
        touch(wav(root, stem))
    return root


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    return fake_studies.write(tmp_path_factory.mktemp("studies"))


def write(root, *rows, inside=HAPPY):
    touch(root / inside / "txt" / "transcript.txt", "\n".join(rows) + "\n")


def wav(root, stem, inside=HAPPY):
    return root / inside / "wav" / f"{stem}.wav"


def listed(root):
    return sorted_out(studies.utterances(Delivered("STUDIES", root), Selection()))


def test_a_sentence_of_ita(corpus):
    full = touch(corpus / HAPPY / "full" / f"{STEMS[1]}.lab")

    def file(path):
        status = path.stat()
        return File(str(path.relative_to(corpus)), "", status.st_size, status.st_mtime_ns)

    kept, lost, remarks = listed(corpus)
    assert tuple(kept) == IDS and not lost and not remarks
    assert kept[IDS[1]] == Utterance(
        id=IDS[1],
        name="EMOTION100_002",
        speaker="Teacher",
        emotion="Happy",
        text="二つ。",
        kana="フタツ",
        subset="ITA",
        wav=file(wav(corpus, STEMS[1])),
        alignment=file(full),
        full_context=file(full),
    )


def test_a_dataset_is_with_the_ita_part_or_without_it(fake):
    without_ita = fake.listed(subsets=("Long_dialogue", "Short_dialogue"))
    assert set(without_ita.kept) == {name for name in fake.kept if "_ITA-" not in name} and not without_ita.excluded
    assert set(fake.listed(subsets=("ITA",)).kept) == {name for name in fake.kept if "_ITA-" in name}


def test_the_same_sentence_has_the_same_name_in_every_emotion(fake):
    texts = {}
    for utterance in fake.listed(subsets=("ITA",)).kept.values():
        texts.setdefault(utterance.name, []).append((utterance.emotion, utterance.text))
    assert texts["EMOTION100_001"] == [("Happy", "ゼロです。"), ("Normal", "ゼロです。")]
    assert set(texts) == {f"EMOTION100_00{n}" for n in (1, 2, 3, 4)} | {f"RECITATION324_00{n}" for n in (1, 2, 3)}
    assert all(len({text for _, text in read}) == 1 for read in texts.values())


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_missing_recording_does_not_shift_those_behind_it(corpus, gone):
    wav(corpus, STEMS[gone]).unlink()
    kept, lost, _ = listed(corpus)
    expected = dict(zip(IDS, ("一つ。", "二つ。", "三つ。"), strict=True))
    del expected[IDS[gone]]
    assert {name: u.text for name, u in kept.items()} == expected
    assert reasons(lost) == {IDS[gone]: "no recording"}


def test_a_row_that_is_not_understood_does_not_shift_those_behind_it(corpus):
    write(corpus, ROWS[0], "", "講師|喜び", ROWS[2])
    kept, lost, _ = listed(corpus)
    assert {name: u.text for name, u in kept.items()} == {IDS[0]: "一つ。", IDS[2]: "三つ。"}
    assert reasons(lost) == {
        f"line-3-of-{PLACE}": "row not understood",
        f"{HAPPY}/wav/{STEMS[1]}.wav": "no transcript row",
    }


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("講師|悲しみ|二つ。|フタツ", ("Teacher, Sad", "Happy")),
        ("女子生徒|喜び|二つ。|フタツ", ("FStudent, Happy", "Teacher")),
    ],
)
def test_a_row_of_another_role_or_emotion_than_its_recording(corpus, row, told):
    write(corpus, ROWS[0], row, ROWS[2])
    kept, lost, _ = listed(corpus)
    assert set(kept) == {IDS[0], IDS[2]}
    (refused,) = (e for e in lost.values() if e.reason == "row and recording differ")
    said, recorded = told
    wav = f"{HAPPY}/wav/{STEMS[1]}.wav"
    assert refused.detail == f"line 2 of {PLACE} is of {said}; {wav} is of {recorded}"
    assert set(lost) == {refused.id, wav}


def test_the_folder_tells_the_emotion_where_the_name_does_not(tmp_path):
    write(tmp_path, ROWS[0], inside="ITA/Emotion100-Sad")
    touch(wav(tmp_path, "ITA-Teacher-001", "ITA/Emotion100-Sad"))
    kept, lost, _ = listed(tmp_path)
    assert not kept
    assert "is of Sad" in lost["Teacher_ITA-Teacher-001_Happy"].detail


def test_sentences_to_recite_have_no_emotion_in_the_name_of_their_folder(tmp_path):
    write(tmp_path, "講師|平静|一つ。|ヒトツ", inside="ITA/Recitation324")
    touch(wav(tmp_path, "ITA-Recitation324-Teacher-001", "ITA/Recitation324"))
    kept, lost, _ = listed(tmp_path)
    assert [(u.id, u.name) for u in kept.values()] == [
        ("Teacher_ITA-Recitation324-Teacher-001_Normal", "RECITATION324_001")
    ]
    assert not lost


def test_several_recordings_of_one_number(corpus):
    touch(wav(corpus, "ITA-Emotion100-Teacher-Happy-2"))
    kept, lost, _ = listed(corpus)
    assert set(kept) == {IDS[0], IDS[2]}
    assert reasons(lost) == {
        f"{HAPPY}/002": "several recordings",
        f"{HAPPY}/wav/{STEMS[1]}.wav": "no transcript row",
        f"{HAPPY}/wav/ITA-Emotion100-Teacher-Happy-2.wav": "no transcript row",
    }


def test_several_transcripts_are_refused(corpus):
    touch(corpus / HAPPY / "txt" / "transcript_2.txt", ROWS[0])
    kept, lost, _ = listed(corpus)
    assert not kept
    assert lost[f"{HAPPY}/txt"].reason == "several transcripts"
    assert "transcript.txt" in lost[f"{HAPPY}/txt"].detail and "transcript_2.txt" in lost[f"{HAPPY}/txt"].detail
    assert len(lost) == 4


def test_a_set_without_transcript(corpus):
    (corpus / PLACE).unlink()
    kept, lost, _ = listed(corpus)
    assert not kept
    assert reasons(lost) == {f"{HAPPY}/txt": "no transcript"} | {
        f"{HAPPY}/wav/{stem}.wav": "no transcript row" for stem in STEMS
    }


def test_a_folder_that_is_no_set_is_told(corpus):
    touch(corpus / "ITA" / "Extra" / "wav" / "x-001.wav")
    assert listed(corpus)[2] == ["ITA/Extra is not a set of ITA sentences that koeru knows; it is not read"]
