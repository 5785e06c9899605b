"""A thousand requests that make no sense, or nearly do: each is answered, none breaks anything."""

import copy
import json
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from served import Site

ODD = ["", "NaN", "-1", "1e999", "漢字", "\0", "\ud800", "x" * 3000, "ア'/イ", "'", "/", "_", "../..", "%", True, None]
NUMBERS = st.one_of(st.integers(-(2**70), 2**70), st.floats(), st.sampled_from([0, 1, -1, 1e308, 5e-324, 10**400]))
VALUES = st.recursive(
    NUMBERS | st.text(max_size=20) | st.sampled_from(ODD),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
TEXTS = st.one_of(
    st.text(max_size=30), st.sampled_from([str(odd) for odd in ODD]), st.text("アイウ'/、_？", max_size=9)
)
PATHS = [
    ("POST", "/audio_query", None),
    ("POST", "/accent_phrases", None),
    ("POST", "/mora_data", "phrases"),
    ("POST", "/mora_length", "phrases"),
    ("POST", "/mora_pitch", "phrases"),
    ("POST", "/synthesis", "query"),
    ("POST", "/cancellable_synthesis", "query"),
    ("POST", "/multi_synthesis", "queries"),
    ("POST", "/connect_waves", "waves"),
    ("POST", "/validate_kana", None),
    ("GET", "/user_dict", None),
    ("POST", "/user_dict_word", None),
    ("PUT", "/user_dict_word/0b8a7a1c-5b2e-4f4e-9b63-0f1f5a1c2d3e", None),
    ("DELETE", "/user_dict_word/x", None),
    ("POST", "/import_user_dict", "words"),
    ("GET", "/speaker_info", None),
    ("GET", "/is_initialized_speaker", None),
    ("POST", "/initialize_speaker", None),
    ("GET", "/speakers", None),
    ("PATCH", "/synthesis", None),
    ("GET", "/nothing", None),
]
NAMES = {
    "text": TEXTS,
    "speaker": st.integers(-1, 9) | NUMBERS | TEXTS,
    "is_kana": st.sampled_from(["true", "false", "perhaps"]),
    "surface": TEXTS,
    "pronunciation": TEXTS | st.text("アイャッー", max_size=5),
    "accent_type": st.integers(-1, 5) | TEXTS,
    "word_type": st.sampled_from(["VERB", "SUFFIX", "x"]),
    "priority": NUMBERS,
    "override": st.sampled_from(["true", "no", ""]),
    "speaker_uuid": TEXTS,
    "resource_format": st.sampled_from(["base64", "url"]),
}


@pytest.fixture(scope="module")
def bodies(server: Site) -> dict[str, Any]:
    """What would be right."""
    query = server.query("明日は、雨？")
    word = {"surface": "語", "pronunciation": "ゴ", "accent_type": 1}
    key = server.post("/user_dict_word", **word).json
    words = server.get("/user_dict").json
    server.ask("DELETE", f"/user_dict_word/{key}")
    return {
        "query": query,
        "queries": [query],
        "phrases": query["accent_phrases"],
        "waves": ["UklGRg==", "x"],
        "words": words,
    }


def places(value: Any, path: tuple = ()) -> list[tuple]:
    """All places in what JSON tells, the whole first."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inside for place in places(one, (*path, key)))]


def altered(value: Any, place: tuple, new: Any) -> Any:
    """What JSON tells with something else in a place."""
    if not place:
        return new
    value = copy.deepcopy(value)
    inside = value
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = new
    return value


def quoted(parameters: dict[str, Any]) -> str:
    raw = {name: str(value).encode("utf-8", "surrogatepass") for name, value in parameters.items()}
    return urlencode(
        raw, quote_via=lambda told, *_: quote_from_bytes(told if isinstance(told, bytes) else told.encode())
    )


@given(data=st.data())
@settings(
    max_examples=1000,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_random_requests_are_answered_in_words(server, bodies, data):
    method, path, kind = data.draw(st.sampled_from(PATHS))
    names = data.draw(st.sets(st.sampled_from(sorted(NAMES)))) | {"text", "speaker"}
    parameters = {name: data.draw(NAMES[name]) for name in sorted(names)}
    if data.draw(st.booleans()):
        parameters["speaker"] = 0
    body = None
    if kind and data.draw(st.integers(0, 9)):
        right = bodies[kind]
        for _ in range(data.draw(st.integers(0, 2))):
            right = altered(right, data.draw(st.sampled_from(places(right))), data.draw(VALUES))
        body = json.dumps(right).encode()
    elif data.draw(st.booleans()):
        body = data.draw(st.binary(max_size=40))
    check(server, method, f"{path}?{quoted(parameters)}"[:60000], body)


def check(server: Site, method: str, target: str, body: bytes | None) -> None:
    answer = server.ask(method, target, body)
    assert answer.status < 500, (method, target, body, answer.body)
    if answer.status >= 400:
        assert answer.json["detail"], answer.body


@pytest.mark.parametrize("depth", [100, 100_000])
@pytest.mark.parametrize("path", ["/synthesis", "/import_user_dict?override=true", "/connect_waves"])
def test_nested_json_is_refused(server, path, depth):
    assert 400 <= server.ask("POST", path, b"[" * depth + b"]" * depth).status < 500
    assert 400 <= server.ask("POST", path, b'{"a":' * depth + b"1" + b"}" * depth).status < 500


def test_after_all_that_it_speaks_as_before(server, bodies):
    sound = server.post("/synthesis", bodies["query"], speaker=0)
    assert sound.status == 200
    assert server.post("/synthesis", server.query("明日は、雨？"), speaker=0).body == sound.body
