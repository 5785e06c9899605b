"""What the names of JSUT's sentences tell."""

import pytest

from koeru.corpora.sentences import group


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("UT-PARAPHRASE-sent254-phrase1", "UT-PARAPHRASE-sent254-phrase2"),
        ("REPEAT500_set1_081", "REPEAT500_set5_081"),
    ],
)
def test_sentences_that_belong_together(first, second):
    assert group(first) == group(second) != ""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("UT-PARAPHRASE-sent254-phrase1", "UT-PARAPHRASE-sent255-phrase1"),
        ("UT-PARAPHRASE-sent25-phrase1", "UT-PARAPHRASE-sent254-phrase1"),
        ("REPEAT500_set1_081", "REPEAT500_set1_082"),
        ("REPEAT500_set1_001", "UT-PARAPHRASE-sent001-phrase1"),
    ],
)
def test_groups_that_are_different(first, second):
    assert group(first) and group(second) and group(first) != group(second)


def test_the_names_of_groups():
    """A change here would move utterances between the splits of every dataset."""
    assert group("UT-PARAPHRASE-sent254-phrase2") == "UT-PARAPHRASE-sent254"
    assert group("REPEAT500_set1_081") == "REPEAT500_081"


@pytest.mark.parametrize(
    "name",
    [
        "BASIC5000_0001",
        "VOICEACTRESS100_001",
        "COUNTERSUFFIX26_01",
        "SIMPLIFICATION_001",
        "REPEAT500_081",
        "UT-PARAPHRASE-sent254",
        "my-UT-PARAPHRASE-sent254-phrase2",
        "UT-PARAPHRASE-sent254-phrase2-again",
        "REPEAT500_set1_081_again",
        "",
    ],
)
def test_other_names_tell_no_group(name):
    assert group(name) == ""
