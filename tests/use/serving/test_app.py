"""The API, as clients ask it over HTTP."""

import copy
import io
import zipfile
from base64 import b64decode, b64encode

import numpy as np
import pytest
import soundfile
from served import Site, alone, engine, site, small

TEXT = "明日は、雨が降る？"


@pytest.fixture(scope="module")
def query(server: Site) -> dict:
    return server.query(TEXT)


def seconds_of(query: dict) -> float:
    moras = [mora for phrase in query["accent_phrases"] for mora in (*phrase["moras"], phrase["pause_mora"]) if mora]
    inside = sum((mora["consonant_length"] or 0) + mora["vowel_length"] for mora in moras)
    return query["prePhonemeLength"] + inside + query["postPhonemeLength"]


def samples(content: bytes) -> tuple[np.ndarray, int]:
    return soundfile.read(io.BytesIO(content), dtype="int16")


def test_it_tells_what_it_is(server):
    assert server.get("/version").json == "1.2.3" and server.get("/core_versions").json == ["1.2.3"]
    manifest = server.get("/engine_manifest").json
    assert manifest["name"] == "koeru" and manifest["default_sampling_rate"] == 22050
    assert manifest["frame_rate"] == pytest.approx(22050 / 256)
    assert b64decode(manifest["icon"]).startswith(b"\x89PNG")
    can = manifest["supported_features"]
    assert can["adjust_mora_pitch"] and can["adjust_phoneme_length"] and not can["sing"]
    assert server.get("/supported_devices").json["cpu"] is True
    assert server.get("/singers").json == server.get("/presets").json == []


def test_it_tells_who_speaks(server):
    speakers = server.get("/speakers").json
    assert [one["name"] for one in speakers] == ["a (small)", "b (small)", "a (other)", "b (other)"]
    assert [style["name"] for style in speakers[0]["styles"]] == ["Normal", "Happy"]
    info = server.get("/speaker_info", speaker_uuid=speakers[2]["speaker_uuid"]).json
    assert [style["id"] for style in info["style_infos"]] == [style["id"] for style in speakers[2]["styles"]]
    assert "licence" in info["policy"] and b64decode(info["portrait"])
    assert server.get("/speaker_info", speaker_uuid="nobody").status == 404
    number = speakers[1]["styles"][1]["id"]
    assert server.get("/is_initialized_speaker", speaker=number).json is True
    assert server.post("/initialize_speaker", speaker=number, skip_reinit="true").status == 204
    assert server.get("/is_initialized_speaker", speaker=999_999).status == 422


def test_a_text_is_told_as_the_voice_would_say_it(query):
    assert query["kana"] == "アシタ'ワ、ア'メガ/フ'ル？" or query["kana"] == "ア_シタ'ワ、ア'メガ/フ'ル？"
    assert [len(phrase["moras"]) for phrase in query["accent_phrases"]] == [4, 3, 2]
    assert [phrase["accent"] for phrase in query["accent_phrases"]] == [3, 1, 1]
    first, _, last = query["accent_phrases"]
    assert first["pause_mora"]["vowel"] == "pau" and last["pause_mora"] is None and last["is_interrogative"]
    assert (query["speedScale"], query["pitchScale"], query["outputSamplingRate"]) == (1, 0, 22050)


@pytest.mark.parametrize("speaker", range(8))
def test_every_style_is_its_own_voice_exactly(server, speaker):
    answer = server.post("/synthesis", server.query(TEXT, speaker), speaker=speaker)
    assert (answer.status, answer.headers["content-type"]) == (200, "audio/wav")
    voice = server.engine.voices[speaker // 4]
    assert answer.body == alone(voice, TEXT, "ab"[speaker // 2 % 2], ["Normal", "Happy"][speaker % 2])


def test_it_lasts_as_long_as_it_says(server, query):
    wav, rate = samples(server.post("/synthesis", query, speaker=0).body)
    assert len(wav) / rate == pytest.approx(seconds_of(query), abs=1e-6)
    faster, _ = samples(server.post("/synthesis", query | {"speedScale": 2.0}, speaker=0).body)
    assert len(faster) / rate == pytest.approx(seconds_of(query) / 2, abs=0.006)
    longer = query | {"prePhonemeLength": query["prePhonemeLength"] + 0.5, "postPhonemeLength": 0}
    expected = seconds_of(query) + 0.5 - query["postPhonemeLength"]
    assert len(samples(server.post("/synthesis", longer, speaker=0).body)[0]) / rate == pytest.approx(
        expected, abs=0.006
    )


def test_what_is_changed_is_heard(server, query):
    plain = server.post("/synthesis", query, speaker=0).body
    higher = copy.deepcopy(query)
    higher["accent_phrases"][1]["moras"][0]["pitch"] += 0.3
    for changed in (higher, query | {"pitchScale": 0.1}, query | {"intonationScale": 0.0}):
        other = server.post("/synthesis", changed, speaker=0).body
        assert other != plain and len(other) == len(plain)
    half = samples(server.post("/synthesis", query | {"volumeScale": 0.1}, speaker=0).body)[0]
    assert np.abs(half).max() < np.abs(samples(plain)[0]).max() * 0.2


def test_rate_and_channels_are_as_they_are_asked_for(server, query):
    wav, rate = samples(
        server.post("/synthesis", query | {"outputSamplingRate": 48000, "outputStereo": True}, speaker=0).body
    )
    assert rate == 48000 and wav.shape[1] == 2
    assert len(wav) / rate == pytest.approx(seconds_of(query), abs=1e-3)


def test_the_cancellable_sound_is_the_same(server, query):
    assert (
        server.post("/cancellable_synthesis", query, speaker=0).body == server.post("/synthesis", query, speaker=0).body
    )


def test_many_come_in_an_archive(server, query):
    queries = [query, query | {"speedScale": 1.5}]
    answer = server.post("/multi_synthesis", queries, speaker=3)
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.namelist() == ["001.wav", "002.wav"]
        found = [archive.read(name) for name in archive.namelist()]
    assert found == [server.post("/synthesis", one, speaker=3).body for one in queries]


def test_waves_are_joined(server, query):
    wav = server.post("/synthesis", query, speaker=0).body
    answer = server.post("/connect_waves", [b64encode(wav).decode()] * 2)
    one, both = samples(wav)[0], samples(answer.body)[0]
    assert (both == np.concatenate([one, one])).all()


def test_kana_are_taken_as_they_are_written(server):
    phrases = server.post("/accent_phrases", text="ハシ'ガ/_スキ'？", speaker=0, is_kana="true").json
    assert [phrase["accent"] for phrase in phrases] == [2, 2]
    assert [mora["vowel"] for mora in phrases[1]["moras"]] == ["U", "i"]
    assert phrases[0]["moras"][0]["pitch"] > 0 and phrases[1]["is_interrogative"]
    assert server.post("/accent_phrases", text="橋が好き？", speaker=0).json[0]["accent"] == 2


def test_moras_are_told_anew(server, query):
    phrases = query["accent_phrases"]
    assert server.post("/mora_data", phrases, speaker=0).json == phrases
    other = server.post("/mora_data", phrases, speaker=5).json
    assert other != phrases
    lengths = server.post("/mora_length", phrases, speaker=5).json
    pitches = server.post("/mora_pitch", phrases, speaker=5).json
    for phrase, *told in zip(phrases, other, lengths, pitches, strict=True):
        for mora, anew, long, high in zip(*(one["moras"] for one in (phrase, *told)), strict=True):
            assert (long["vowel_length"], long["pitch"]) == (anew["vowel_length"], mora["pitch"])
            assert (high["vowel_length"], high["pitch"]) == (mora["vowel_length"], anew["pitch"])


def two_sentences(server: Site) -> dict:
    """A query of two sentences that was made of two."""
    first, second = server.query("雨が降る。"), server.query("橋を渡る。")
    first["accent_phrases"][-1]["pause_mora"] = {"text": "。", "vowel": "pau", "vowel_length": 1.0, "pitch": 0}
    both = server.post("/mora_data", first["accent_phrases"] + second["accent_phrases"], speaker=0).json
    return first | {"accent_phrases": both, "postPhonemeLength": second["postPhonemeLength"]}


def test_sentences_are_said_one_after_the_other(server):
    query = two_sentences(server)
    assert query["accent_phrases"][1]["pause_mora"]["vowel_length"] > 0.3
    text = "雨が降る。橋を渡る。"
    assert server.query(text)["accent_phrases"] == query["accent_phrases"]
    sound = server.post("/synthesis", server.query(text), speaker=0).body
    assert sound == alone(server.engine.voices[0], text, "a", "Normal")


def test_the_silence_between_sentences_is_as_long_as_it_is_told(server):
    query = two_sentences(server)
    wav, rate = samples(server.post("/synthesis", query, speaker=0).body)
    own = query["accent_phrases"][1]["pause_mora"]["vowel_length"]
    for seconds in (0.0, 0.1, 2.0):
        query["accent_phrases"][1]["pause_mora"]["vowel_length"] = seconds
        other, _ = samples(server.post("/synthesis", query, speaker=0).body)
        assert (len(other) - len(wav)) / rate == pytest.approx(seconds - own, abs=0.013)
    query["speedScale"] = 2.0
    faster, _ = samples(server.post("/synthesis", query, speaker=0).body)
    assert len(faster) / len(other) == pytest.approx(0.5, abs=0.01)


def test_words_are_heard_in_the_next_query(tmp_path):
    with site(engine(small(tmp_path))) as server:
        before = server.query("鈴蘭号が走る。")["kana"]
        told = {"surface": "鈴蘭号", "pronunciation": "リンラン", "accent_type": 1}
        key = server.post("/user_dict_word", **told).json
        assert server.get("/user_dict").json[key]["pronunciation"] == "リンラン"
        assert server.query("鈴蘭号が走る。")["kana"].startswith("リ'ンランガ/")
        assert server.ask("PUT", f"/user_dict_word/{key}", **told | {"accent_type": 0}).status == 204
        assert server.query("鈴蘭号が走る。")["kana"].startswith("リンランガ'/")
        words = server.get("/user_dict").json
        assert server.ask("DELETE", f"/user_dict_word/{key}").status == 204
        assert server.query("鈴蘭号が走る。")["kana"] == before and server.get("/user_dict").json == {}
        assert server.post("/import_user_dict", words, override="true").status == 204
        assert server.get("/user_dict").json == words
        assert server.ask("DELETE", "/user_dict_word/nothing").status == 422
        assert server.post("/user_dict_word", surface="語", pronunciation="漢字", accent_type=0).status == 422


@pytest.mark.parametrize(
    ("kana", "name", "args"),
    [
        ("アx", "UNKNOWN_TEXT", {"text": "アx"}),
        ("'ア", "ACCENT_TOP", {"text": "'ア"}),
        ("ア'イ'", "ACCENT_TWICE", {"text": "ア'イ'"}),
        ("ア'//イ'", "EMPTY_PHRASE", {"position": "2"}),
        ("ア？イ'", "INTERROGATION_MARK_NOT_AT_END", {"text": "ア？イ'"}),
    ],
)
def test_wrong_kana_are_told_as_clients_know_it(server, kana, name, args):
    for path in ("/validate_kana", "/accent_phrases"):
        answer = server.post(path, text=kana, speaker=0, is_kana="true")
        assert answer.status == 400
        assert (answer.json["detail"]["error_name"], answer.json["detail"]["error_args"]) == (name, args)
        assert "character" in answer.json["detail"]["text"]
    assert server.post("/validate_kana", text="コンニチワ'").json is True


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"accent_phrases": []}, "0 moras: 1 to 1000 can be said at once"),
        ({"speedScale": 0.001}, "60 s are the most"),
        ({"pitchScale": 1.0}, "a pitch 156 times the voice's own"),
        ({"outputSamplingRate": 1}, "greater than or equal to 8000"),
        ({"intonationScale": float("nan")}, "finite number"),
        ({"volumeScale": float("inf")}, "finite number"),
        ({"outputStereo": "perhaps"}, "valid boolean"),
        ({"speedScale": None}, "valid number"),
    ],
)
def test_what_cannot_be_said_is_refused_in_words(server, query, change, words):
    answer = server.post("/synthesis", query | change, speaker=0)
    assert answer.status == 422 and words in str(answer.json["detail"])


@pytest.mark.parametrize("text", ["。。。", "", "あ" * 1001])
def test_texts_that_cannot_be_read_are_refused_in_words(server, text):
    answer = server.post("/audio_query", text=text, speaker=0)
    assert answer.status == 422 and answer.json["detail"]


def test_bodies_have_a_limit(server, query):
    assert server.post("/synthesis", b" " * (2 << 20) + b"{}", speaker=0).status == 413
    assert server.post("/connect_waves", b" " * (4 << 20) + b"[]").status == 422  # waves may be larger
    assert server.post("/connect_waves", b" " * (33 << 20)).status == 413
    many = {"accent_phrases": query["accent_phrases"] * 120}
    assert "1080 moras" in server.post("/synthesis", query | many, speaker=0).json["detail"]
    assert server.post("/multi_synthesis", [query] * 101, speaker=0).status == 422


def test_texts_are_no_paths_and_no_commands(server, tmp_path):
    for text in ("$(touch /tmp/x)", "../../etc/passwd", "`id`; echo", "-o /tmp/x", "あ\0い", "{}[]*?"):
        answer = server.post("/audio_query", text=text, speaker=0)
        assert answer.status in (200, 422), answer.body
    for path in ("/page/../app.py", "/page/%2e%2e/app.py", "/swagger/..%2f..%2f__init__.py", "/page//etc/passwd"):
        assert server.get(path).status == 404


def test_a_small_queue_says_that_it_is_full(tmp_path):
    with site(engine(small(tmp_path), waiting=0)) as server:
        answer = server.post("/audio_query", text="あ", speaker=0)
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        assert "requests wait already: ask again later" in answer.json["detail"]


def test_the_api_is_described(server):
    told = server.get("/openapi.json").json
    assert {"/audio_query", "/synthesis", "/user_dict_word/{word_uuid}"} <= set(told["paths"])
    schema = told["components"]["schemas"]["AudioQuery"]
    assert {"speedScale", "prePhonemeLength", "outputStereo"} <= set(schema["properties"])
    assert {one["name"] for one in told["paths"]["/synthesis"]["post"]["parameters"]} >= {"speaker"}
