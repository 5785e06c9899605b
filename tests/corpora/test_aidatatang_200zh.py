"""aidatatang_200zh as it is delivered: AISHELL-1's sets in other places, and who speaks beside each recording."""

import pytest
from fakes import aidatatang_200zh as fake_aidatatang
from fakes.checks import sorted_out, touch

from koeru.corpora import aidatatang_200zh as aidatatang
from koeru.corpora.delivered import Delivered
from koeru.corpora.people import Person
from koeru.corpora.selection import Selection


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    return fake_aidatatang.write(tmp_path_factory.mktemp("aidatatang"))


def test_everything_is_kept_or_refused_with_its_reason(fake):
    found = fake.listed()
    assert set(found.kept) == fake.kept and not found.remarks  # an archive beside its folder is no loss
    assert found.reasons == fake.excluded


def test_an_utterance(fake):
    found = fake.listed().kept["G0013_T0055G0013S0000"]
    assert (found.text, found.speaker, found.subset) == ("今天天气很好", "G0013", "train")
    assert found.wav.path == "corpus/train/G0013/T0055G0013S0000.wav"


def test_archives_of_a_set_that_are_not_unpacked_are_told(tmp_path):
    touch(tmp_path / "corpus/train/G0001.tar.gz")
    touch(tmp_path / "corpus/train/G0002.tar.gz")
    touch(tmp_path / "corpus/dev/G0003/T0055G0003S0001.wav")
    touch(tmp_path / aidatatang.TRANSCRIPT, "T0055G0001S0001 你 好\nT0055G0003S0001 你 好\n")
    kept, lost, remarks = sorted_out(aidatatang.utterances(Delivered("A", tmp_path), Selection()))
    assert set(kept) == {"G0003_T0055G0003S0001"} and lost["G0001_T0055G0001S0001"].reason == "no recording"
    (remark,) = remarks
    assert remark.startswith("corpus/train/G0001.tar.gz and 1 more: not unpacked") and "In corpus/train/, run" in remark


def test_who_speaks(fake):
    assert aidatatang.people(fake.delivered) == dict.fromkeys(fake_aidatatang.SPEAKERS, Person("male", "25"))


def test_what_the_licence_allows_is_told():
    assert "no commercial use" in aidatatang.LICENCE and "DataTang" in aidatatang.CREDIT
