"""Lists of words: what of a file counts, and what a configuration is refused for."""

import pytest
from configured import load

from koeru.config.tables import ConfigError
from koeru.config.word_lists import digest, read_rows


@pytest.fixture
def listed(tmp_path):
    def listed(text, name="own.csv"):
        (tmp_path / name).write_text(text, "utf-8")
        return tmp_path / name

    return listed


def test_what_a_file_says_is_known_whatever_its_form(listed):
    plain = read_rows(listed("a,ア\nb,イ\n"))
    assert plain == {1: ("a", "ア"), 2: ("b", "イ")}
    other = read_rows(listed('\ufeffword,reading\n# mine\n\n b , イ\na,"ア"\na,ア\n', "other.csv"))
    assert digest(plain.values()) == digest(other.values())
    assert digest(plain.values()) != digest(read_rows(listed("a,ア\nb,ウ\n")).values())
    assert digest([]) == ""


def test_problems_of_all_files_are_listed_at_once(listed, tmp_path):
    files = {"dictionary": str(listed("a,ア\nb\na,イ\n")), "words": str(tmp_path / "none.csv")}
    with pytest.raises(ConfigError) as error:
        load({"languages": {"japanese": files, "japanes": {}, "mandarin": {"dictionray": "x"}}})
    told = error.value.problems
    assert any(
        f"languages.japanese.dictionary: {files['dictionary']}, line 2: a word and its reading" in t for t in told
    )
    assert any("a stands in line 1 and, otherwise, in line 3" in t for t in told)
    assert any("languages.japanese.words" in t and "there is no such file" in t for t in told)
    assert any("languages.japanes: there is no such language; did you mean 'japanese'?" in t for t in told)
    assert any("unknown key; did you mean 'dictionary'?" in t for t in told)


def test_there_need_be_none():
    assert load({}).languages == {}
    assert load({"languages": {"japanese": {}}}).languages["japanese"].dictionary == ""
