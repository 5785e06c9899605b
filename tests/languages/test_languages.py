"""What every language has, and that the one asked for is the one that is got."""

from string import ascii_lowercase
from typing import get_args

import pytest

from koeru.config.spk import Labels
from koeru.data.reading import spoken_in
from koeru.graph.store import Place, Store, write_json
from koeru.languages import LANGUAGES, language
from koeru.text.reading import BOUNDARY, END, PLAIN, START, UnknownPhoneError


def test_a_dataset_can_be_in_every_language_there_is():
    assert get_args(Labels.model_fields["language"].annotation) == LANGUAGES


def test_another_language_is_named():
    with pytest.raises(ValueError, match=r"labels\.language: there is no language 'elvish'; known are japanese"):
        language("elvish")


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_language_agrees_with_itself(name):
    own = language(name)
    phones = set(own.symbols[1:])
    assert own.name == name
    for vocabulary in (own.symbols, own.marks):
        assert len(set(vocabulary)) == len(vocabulary) and vocabulary[0] == "<pad>"
    assert {PLAIN, START, END, BOUNDARY, *own.closing, *own.closing.values()} <= set(own.marks)
    assert all(len(mark) == 1 for mark in own.marks[1:])  # readings are written with one character a mark
    assert set(own.silences) <= phones and len(set(own.silences)) == 2
    spoken = phones - set(own.silences)
    assert own.vowels | own.long_vowels <= spoken
    for pair in (*own.alike, *own.classes):
        assert len(pair) == 2 and pair <= spoken
    assert {vowel for vowel in own.classes.values() if vowel} <= own.vowels
    assert {own.normalise(phone) for phone in phones} == {(phone, 0) for phone in phones}
    if own.letters is not None:
        written = own.letters(sorted(phones))
        assert all(set(of_one) <= set(ascii_lowercase) for of_one in written)
        assert [not of_one for of_one in written] == [phone in own.silences for phone in sorted(phones)]
    with pytest.raises(UnknownPhoneError):
        own.normalise(own.symbols[0])


@pytest.mark.parametrize("name", [name for name in LANGUAGES if language(name).probes])
def test_the_words_of_a_probe_are_told_apart_by_their_marks_alone(name):
    own = language(name)
    falling, partner, _ = own.probes.pairs[0]
    with own.reader() as front_end:
        for carrier in own.probes.carriers:
            one, other = (front_end.reading(carrier.format(word)) for word in (falling, partner))
            assert one.phones == other.phones and one.accents != other.accents
            assert {one.phones[at] for at in own.probes.vowels(one.phones)} <= own.vowels


@pytest.mark.parametrize("params", [{}, {"labels.language": "japanese"}])
def test_a_dataset_speaks_what_its_labels_say(tmp_path, params):
    store, labels = Store(tmp_path), Place("labels", "0" * 16)
    write_json(store.node_path(labels), {"stage": "labels", "key": labels.key, "params": params, "parents": {}})
    assert spoken_in(store, labels) is language("japanese")
