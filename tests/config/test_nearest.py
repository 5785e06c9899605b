from koeru.config.nearest import MOST_NAMES, nearest


def test_a_misspelt_word_is_told_with_the_one_that_was_meant():
    assert nearest("emotoin", ["id", "text", "emotion"]) == "; did you mean 'emotion'?"


def test_case_alone_hides_no_name():
    assert nearest("AKI", ["ken", "aki"]) == "; did you mean 'aki'?"


def test_where_nothing_is_near_what_there_is_is_told():
    assert nearest("jvs", ["aki", "ken"]) == "; known here: aki, ken"
    assert nearest("aki", []) == "; known here: none"


def test_of_many_names_some_are_told_and_how_many_there_are():
    told = nearest("aki", [f"jvs{number:03d}" for number in range(1, 101)])
    assert told.startswith("; known here: jvs001, jvs002, ") and told.endswith("jvs012, … (100 in all)")
    assert told.count("jvs") == MOST_NAMES
