from itertools import islice, pairwise

from koeru.stand_in import voice
from koeru.stand_in.expand import dialogues

MORAS = {*"aiueoAIUEON", "cl"}


def test_a_seed_says_everything():
    assert list(islice(dialogues(3), 50)) == list(islice(dialogues(3), 50))
    assert list(islice(dialogues(3), 5)) != list(islice(dialogues(4), 5))


def test_no_sentence_is_said_again():
    texts = [text for rows in islice(dialogues(0), 500) for _, _, text in rows]
    assert len(set(texts)) == len(texts)
    taken = frozenset(texts[::2])
    assert not any(text in taken for rows in islice(dialogues(0, taken), 500) for _, _, text in rows)


def test_the_dialogues_have_the_shape_of_the_written_ones():
    for rows in islice(dialogues(1), 200):
        assert 4 <= len(rows) <= 8
        assert len({speaker for speaker, _, _ in rows}) == 2
        assert all((one[0] == "Teacher") != (two[0] == "Teacher") for one, two in pairwise(rows))
        assert {emotion for _, emotion, _ in rows} <= set(voice.EMOTIONS)


def test_the_sentences_can_be_spoken_in_one_breath():
    for rows in islice(dialogues(2), 60):
        for _, _, text in rows:
            phones = voice.phones(voice.full_context(text))
            assert 6 <= sum(phone in MORAS for phone in phones) <= 35, text
