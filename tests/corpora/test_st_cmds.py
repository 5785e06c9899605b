"""ST-CMDS as it is delivered: a text beside every recording, in one folder."""

import pytest
from fakes import st_cmds as fake_st_cmds
from fakes.checks import sorted_out, touch, without

from koeru.corpora import st_cmds
from koeru.corpora.delivered import Delivered
from koeru.corpora.selection import Selection

NAME = "20170001P00001A0001"


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    return fake_st_cmds.write(tmp_path_factory.mktemp("st_cmds"))


def listed(root, name, content="你好"):
    touch(root / f"{name}.wav")
    touch(root / f"{name}.txt", content)
    return sorted_out(st_cmds.utterances(Delivered("S", root), Selection()))


def test_everything_is_kept_or_refused_with_its_reason(fake):
    found = fake.listed()
    assert set(found.kept) == fake.kept and not found.remarks
    assert found.reasons == fake.excluded


def test_an_utterance(fake):
    found = fake.listed().kept["P00001A_20170001P00001A0001"]
    assert (found.text, found.speaker, found.subset) == ("今天天气很好", "P00001A", "")
    assert found.wav.path == "20170001P00001A0001.wav"


def test_telephones_of_one_number_are_two_speakers(fake):
    assert {u.speaker for u in fake.listed().kept.values()} == {"P00001A", "P00001I", "P00002A"}


def test_commas_and_letters_are_as_they_were_written(fake):
    name, _, text = fake_st_cmds.LATIN
    assert fake.listed().kept[f"P00001A_{name}"].text == text


@pytest.mark.parametrize("name", ["20170001P0001A0001", "20170001p00001A0001", "README"])
def test_texts_of_other_names_are_not_read(tmp_path, name):
    kept, lost, _ = listed(tmp_path, name)
    assert not kept and {e.id: e.reason for e in lost.values()} == {f"{name}.wav": "no transcript row"}


def test_an_empty_text_is_refused(tmp_path):
    _, lost, _ = listed(tmp_path, NAME, " \n")
    assert lost[f"P00001A_{NAME}"].reason == "empty text"


def test_another_encoding_is_remarked(tmp_path):
    listed(tmp_path, NAME)
    (tmp_path / f"{NAME}.txt").write_bytes("\ufeff你好".encode("utf-16-le"))
    kept, _, remarks = sorted_out(st_cmds.utterances(Delivered("S", tmp_path), Selection()))
    assert [u.text for u in kept.values()] == ["你好"] and remarks == [f"{NAME}.txt: is not UTF-8; read as UTF-16"]


def test_a_text_that_is_lost_costs_its_recording_alone(fake):
    with without(fake.one_of_each["transcript"]):
        found = fake.listed()
    (gone,) = fake.kept - set(found.kept)
    path = f"{gone.partition('_')[2]}.wav"
    assert found.excluded[path].reason == "no transcript row" and found.excluded[path].speaker == "P00002A"


def test_what_the_licence_allows_is_told():
    assert "no commercial use" in st_cmds.LICENCE and "ST-CMDS" in st_cmds.CREDIT
