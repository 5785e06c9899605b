"""Who is listed: with the same numbers in every run."""

import pytest

from koeru.use.serving.query import RequestError
from koeru.use.serving.speakers import Chosen, Named, Speakers

ONE = Named("LINE_15", "ab12", ("Anna", "Ben"), ("Normal", "Happy"))
OTHER = Named("LINE_8", "cd34", ("Anna",), ("Normal",))


def numbers(speakers: Speakers) -> list[int]:
    return [style.id for speaker in speakers.listed for style in speaker.styles]


def test_every_speaker_of_every_voice_has_its_emotions_as_styles():
    speakers = Speakers([ONE, OTHER], "1.0")
    assert [speaker.name for speaker in speakers.listed] == ["Anna (LINE_15)", "Ben (LINE_15)", "Anna (LINE_8)"]
    assert [[style.name for style in speaker.styles] for speaker in speakers.listed][1:] == [
        ["Normal", "Happy"],
        ["Normal"],
    ]
    assert len(set(numbers(speakers))) == 5 and all(1000 <= number < 2**31 for number in numbers(speakers))
    assert len({speaker.speaker_uuid for speaker in speakers.listed}) == 3
    assert speakers.of(speakers.listed[1].styles[1].id) == Chosen(0, "Ben", "Happy")
    assert speakers.voice_of(speakers.listed[2].speaker_uuid) == (speakers.listed[2], 1)


def test_numbers_do_not_hang_on_what_else_is_served():
    one, both = Speakers([ONE], "1.0"), Speakers([OTHER, ONE], "2.0")
    assert numbers(both)[1:] == numbers(one)
    assert numbers(one)[0] == 1066975999  # as clients have kept it
    assert numbers(Speakers([Named("LINE_15", "ef56", ("Anna", "Ben"), ("Normal", "Happy"))], "1.0")) != numbers(one)


def test_small_numbers_count_the_styles():
    speakers = Speakers([ONE, OTHER], "1.0")
    assert [speakers.of(number) for number in range(5)] == [speakers.of(number) for number in numbers(speakers)]
    with pytest.raises(RequestError, match="there is no style 5: /speakers lists them; 0 to 4 count them"):
        speakers.of(5)
    with pytest.raises(RequestError, match="there is no speaker 'x'"):
        speakers.voice_of("x")
