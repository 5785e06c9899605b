"""What binds who uses a corpus: what its entry states, else what is known of its kind."""

from koeru.corpora.catalogue import ADAPTERS
from koeru.corpora.licences import STAND_IN, UNKNOWN, licence_of


def test_the_entrys_else_the_kinds_else_not_known():
    assert licence_of("free", "jsut", False) == licence_of("free", "jsut", True) == "free"
    assert licence_of("", "jsut", True) == STAND_IN
    assert licence_of("", "jsut", False) == ADAPTERS["jsut"].LICENCE
    assert licence_of("", "folder", False) == UNKNOWN
