"""Which errors would come again, and what is left of them for who decides whether to try again."""

import pytest

from koeru.jobs.command_line import errors_in_words
from koeru.jobs.interruption import StoppedError
from koeru.jobs.refusal import is_refusal
from koeru.jobs.stage import ExclusionError


def because(error, cause):
    """An error that another one was the cause of."""
    error.__cause__ = cause
    return error


OF_DATA = [
    ValueError("the dataset does not pass its gates"),
    ExclusionError("silent", "nothing is heard"),
    KeyError("nobody"),
    UnicodeDecodeError("utf-8", b"x", 0, 1, "bad"),
    because(RuntimeError("pitch failed at utterance a"), ValueError("3 values are not finite")),
]
OF_THE_MACHINE = [
    OSError(5, "I/O error"),
    ChildProcessError("SoX was killed"),
    FileNotFoundError("the mount is gone"),
    MemoryError(),
    RuntimeError("CUDA error"),
    because(RuntimeError("wav failed at utterance a"), OSError(28, "No space left on device")),
    because(ValueError("a.wav: cannot be read"), OSError(5, "I/O error")),
    because(RuntimeError("failed"), because(ValueError("cannot be read"), RuntimeError("libsndfile"))),
]


@pytest.mark.parametrize("error", OF_DATA, ids=repr)
def test_a_word_about_data_is_left_for_who_would_try_again(tmp_path, error):
    refusal = tmp_path / "key" / "node.json.refused"
    with pytest.raises(SystemExit) as ended, errors_in_words("dataset", refusal):
        raise error
    assert is_refusal(error) and refusal.read_text("utf-8").strip() == ended.value.code


@pytest.mark.parametrize("error", OF_THE_MACHINE, ids=repr)
def test_of_what_a_machine_did_nothing_is_left(tmp_path, error):
    refusal = tmp_path / "node.json.refused"
    with pytest.raises((SystemExit, MemoryError)), errors_in_words("dataset", refusal):
        raise error
    assert not is_refusal(error) and not refusal.exists()


def test_a_refusal_is_forgotten_when_the_job_begins_anew(tmp_path):
    refusal = tmp_path / "node.json.refused"
    for error in (OSError("once"), StoppedError("at step 3")):
        refusal.touch()
        with pytest.raises(SystemExit), errors_in_words("train", refusal):
            assert not refusal.exists()
            raise error
        assert not refusal.exists()
