"""What binds who uses a corpus: what its entry states, else what is known of its kind."""

from koeru.corpora.catalogue import ADAPTERS
from koeru.corpora.licences import STAND_IN, UNKNOWN, credit_of, licence_of


def test_the_entrys_else_the_kinds_else_not_known():
    assert licence_of("free", "jsut", False) == licence_of("free", "jsut", True) == "free"
    assert licence_of("", "jsut", True) == STAND_IN
    assert licence_of("", "jsut", False) == ADAPTERS["jsut"].LICENCE
    assert licence_of("", "folder", False) == UNKNOWN


def test_whom_to_name_is_the_entrys_else_the_kinds_else_nobody():
    assert credit_of("us", "jsut", False) == credit_of("us", "jsut", True) == "us"
    assert credit_of("", "jsut", True) == STAND_IN
    assert credit_of("", "jsut", False) == ADAPTERS["jsut"].CREDIT
    assert credit_of("", "folder", False) == ""
