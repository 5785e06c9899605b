"""The page in a browser: by keys and by the mouse, in both languages, with nothing from elsewhere."""

import json
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import Page, browser
from served import Site

from koeru.config.corrections import read_corrections

TEXT = "雨が降る、本当？"
KANA = "ア'メガ/フ'ル、ホントオ'？"
PITCH = ".pitch:not(.voiceless)"


@pytest.fixture(scope="module")
def tab(tmp_path_factory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("browser")) as page:
        yield page


@pytest.fixture
def page(tab: Page, server: Site) -> Page:
    """The page with a text that has been read, by keys alone."""
    tab.errors.clear()
    tab.requests.clear()
    tab.open(server.url)
    tab.until("document.body.dataset.ready")
    tab.run("document.getElementById('text').focus()")
    tab.type(TEXT)
    tab.key("Enter")
    tab.until("document.querySelector('.phrase')")
    return tab


def focused(page: Page, attribute: str) -> str:
    return page.run(f"document.activeElement.getAttribute('{attribute}')")


def value(page: Page, name: str) -> str:
    return page.run(f"document.getElementById('{name}').value")


def heard(page: Page, act: Callable[[], None]) -> dict:
    """What is asked of the server, the newest query, when something lets the page speak, and it has spoken."""
    page.run("document.getElementById('status').textContent = ''")
    act()
    page.until("/Spoken|話しました/.test(document.getElementById('status').textContent)")
    return json.loads(synthesised(page)[1])


def synthesised(page: Page) -> tuple[str, str]:
    """The newest request for sound, and what it sent."""
    return [request for request in page.requests if "/cancellable_synthesis" in request[0]][-1]


def to_mora(page: Page, number: int) -> None:
    """Go from the text to a mora, with keys."""
    page.run("document.getElementById('shared').focus(); document.querySelector('.emotion').focus()")
    while focused(page, "class") != "pitch":
        page.key("Tab")
    page.key("Home")
    page.key("ArrowRight", number)


def saved(path: Path) -> Path:
    """A file that is being saved, once it is."""
    end = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    return path


def test_a_text_is_read_and_spoken(page, server):
    assert value(page, "kana") == KANA
    kana = page.run("[...document.querySelectorAll('.kana')].map((one) => one.textContent).join('')")
    assert kana == "アメガフル、ホントオ"
    query = heard(page, lambda: page.click("#play-a"))
    assert query["accent_phrases"] == server.query(TEXT)["accent_phrases"]
    seconds = page.run("document.getElementById('audio').duration")
    sound = server.post("/synthesis", query, speaker=0).body
    assert seconds == pytest.approx((len(sound) - 44) / 2 / 22050, abs=0.01)
    assert page.errors == []


def test_nothing_comes_from_elsewhere(page, server):
    heard(page, lambda: page.click("#play-a"))
    page.open(f"{server.url}/docs")
    page.until("document.querySelectorAll('.opblock').length > 20")
    outside = [url for url, _ in page.requests if not url.startswith((server.url, "data:", "blob:"))]
    assert len(page.requests) > 12 and outside == [] and page.errors == []


def test_pitch_length_and_accent_are_changed_by_keys(page, server):
    own = server.query(TEXT)["accent_phrases"]
    to_mora(page, 1)
    assert focused(page, "aria-label") == "メ"
    page.key("ArrowUp", 4)
    page.key("ArrowUp", shift=True)
    page.key("ArrowRight", 3, shift=True)
    query = heard(page, lambda: page.key(" "))
    mora, before = query["accent_phrases"][0]["moras"][1], own[0]["moras"][1]
    assert mora["pitch"] - before["pitch"] == pytest.approx(2 * math.log(2) / 12)
    assert mora["vowel_length"] - before["vowel_length"] == pytest.approx(3 * 256 / 22050)
    assert query["accent_phrases"][1:] == own[1:]
    assert value(page, "hertz") == str(round(math.exp(mora["pitch"])))
    page.key("Delete")
    assert heard(page, lambda: page.key(" "))["accent_phrases"][0]["moras"][1]["pitch"] == before["pitch"]

    page.key("Enter")  # the pitch falls behind this mora
    page.until("document.getElementById('kana').value.startsWith(\"アメ'ガ/\")")
    wanted = server.post("/accent_phrases", text=KANA.replace("ア'メガ", "アメ'ガ"), speaker=0, is_kana="true").json
    page.until("document.querySelector('.accent').getAttribute('aria-valuenow') === '2'")
    assert [m["pitch"] for m in heard(page, lambda: page.key(" "))["accent_phrases"][0]["moras"]] == [
        m["pitch"] for m in wanted[0]["moras"]
    ]


def test_the_accent_is_moved_by_keys(page):
    page.run("document.querySelectorAll('.accent')[2].focus()")
    assert (focused(page, "aria-label"), focused(page, "aria-valuetext")) == ("Accent of phrase 3", "flat")
    page.key("ArrowLeft", 3)
    assert focused(page, "aria-valuetext") == "falls behind ホ"
    page.until("document.getElementById('kana').value.endsWith(\"、ホ'ントオ？\")")
    page.key("End")
    page.until(f"document.getElementById('kana').value === {json.dumps(KANA)}")


def test_pitch_length_and_accent_are_dragged(page, server):
    own = server.query(TEXT)["accent_phrases"]
    page.drag(PITCH, 0, -15)
    page.drag(".mora:nth-child(2) .grip", 36, 0)  # a tenth of a second
    query = heard(page, lambda: page.click("#play-a"))
    first, second = query["accent_phrases"][0]["moras"][:2]
    assert first["pitch"] > own[0]["moras"][0]["pitch"] + 0.01
    longer = second["vowel_length"] - own[0]["moras"][1]["vowel_length"]
    assert longer == pytest.approx(0.1, abs=0.006)
    width = page.run("document.querySelectorAll('.mora')[1].getBoundingClientRect().width")
    page.drag(".accent", width, 0)
    page.until("document.getElementById('kana').value.startsWith(\"アメ'ガ/\")")


def test_numbers_are_typed(page):
    to_mora(page, 2)
    for field, told in (("consonant", 50), ("vowel", 120), ("hertz", 200)):
        page.run(f"document.getElementById('{field}').select()")
        page.type(str(told))
        page.key("Enter")
    mora = heard(page, lambda: page.click("#play-a"))["accent_phrases"][0]["moras"][2]
    assert (mora["consonant_length"], mora["vowel_length"]) == (0.05, 0.12)
    assert math.exp(mora["pitch"]) == pytest.approx(200)


def test_a_reading_is_typed(page):
    page.run("document.getElementById('kana').select()")
    page.type("ハシ'ガ/スキ'")
    page.key("Enter")
    page.until("document.querySelectorAll('.phrase').length === 2")
    query = heard(page, lambda: page.click("#play-a"))
    assert [phrase["accent"] for phrase in query["accent_phrases"]] == [2, 2]
    page.run("document.getElementById('kana').select()")
    page.type("ハシ''")
    page.key("Enter")
    page.until("document.getElementById('error').textContent.includes('here is a second')")


def test_the_manner_is_told(page):
    page.run("document.querySelector('[name=speedScale]').focus()")
    page.key("ArrowRight", 5)
    page.run("document.querySelector('[name=pitchScale]').focus()")
    page.key("ArrowLeft", 2)
    query = heard(page, lambda: page.click("#play-a"))
    assert (query["speedScale"], query["pitchScale"], query["volumeScale"]) == (1.25, -0.02, 1)


def choose(page: Page, side: str, name: str, chosen: str) -> None:
    page.run(
        f"(() => {{ const one = document.querySelector('#{side} .{name}'); one.value = '{chosen}'; "
        "one.dispatchEvent(new Event('change')); })()"
    )


def test_two_voices_are_heard_side_by_side(page, server):
    assert page.run("document.getElementById('b').hidden")
    page.click("#compare")
    choose(page, "b", "speaker", "b")
    choose(page, "b", "emotion", "Happy")
    query = heard(page, lambda: page.click("#play-b"))
    assert "speaker=" + str(server.get("/speakers").json[3]["styles"][1]["id"]) in synthesised(page)[0]
    own = server.post("/mora_data", server.query(TEXT)["accent_phrases"], speaker=7).json
    assert query["accent_phrases"] == own
    page.click("#shared")
    assert heard(page, lambda: page.click("#play-b"))["accent_phrases"] == server.query(TEXT)["accent_phrases"]


def test_who_is_heard_may_be_hidden(page, server):
    page.click("#compare")
    page.click("#blind")
    heard_ones = set()
    for _ in range(2):
        assert page.run("document.getElementById('play-a').textContent") == "Speak X"
        for button in ("#play-a", "#play-b"):
            page.run("document.getElementById('audio').removeAttribute('src')")
            page.click(button)
            page.until("document.getElementById('audio').src")
        heard_ones |= {url.partition("speaker=")[2] for url, _ in page.requests if "/cancellable" in url}
        page.click("[data-vote='0']")
    page.click("[data-vote='same']")
    assert page.run("document.getElementById('score').textContent") == "Judgements: 3"
    page.click("#reveal")
    told = page.run("document.getElementById('score').textContent")
    assert "small a Normal: " in told and "other a Normal: " in told and told.endswith("no difference: 1")
    styles = [one["styles"][0]["id"] for one in server.get("/speakers").json]
    assert heard_ones == {str(styles[0]), str(styles[2])}


def test_what_was_made_is_saved(page, server, tmp_path):
    page.save_to(tmp_path)
    to_mora(page, 0)
    page.key("ArrowDown", 2)
    query = heard(page, lambda: page.key(" "))
    page.click("#save-wav")
    sound = saved(tmp_path / "koeru.wav").read_bytes()
    assert sound == server.post("/synthesis", query, speaker=0).body
    page.click("#save-kana")
    assert saved(tmp_path / "koeru.txt").read_text("utf-8") == f"{KANA}\n"
    page.run("document.getElementById('utterance').focus()")
    page.type("Teacher_LD01-003")
    page.click("#add-line")
    page.click("#add-line")
    page.click("#save-lines")
    assert read_corrections(saved(tmp_path / "corrections.csv")) == {"Teacher_LD01-003": KANA}


def test_errors_are_told_in_words(page):
    page.run("document.getElementById('text').select()")
    page.type("。。。")
    page.key("Enter")
    page.until("document.getElementById('error').textContent.includes('nothing in the text that can be read aloud')")
    assert "error" not in page.run("document.getElementById('status').textContent")


def test_it_speaks_both_languages(page):
    assert page.run("document.documentElement.lang") == "en"
    page.click("[data-language='ja']")
    assert page.run("document.documentElement.lang") == "ja"
    assert page.run("document.getElementById('play-a').textContent") == "話す"
    shown = page.run("document.body.innerText")
    assert "アクセント句" in shown and "Accent phrases" not in shown and "undefined" not in shown
    assert page.run("document.querySelector('.accent').getAttribute('aria-label')") == "アクセント句1のアクセント"
    keys = "[Object.keys(TEXTS.en), Object.keys(TEXTS.ja)].map((keys) => keys.sort().join())"
    same = page.run(f"import('/page/texts.js').then(({{ TEXTS }}) => {keys})")
    assert same[0] == same[1]
    page.click("[data-language='en']")
    assert page.run("document.getElementById('play-a').textContent") == "Speak"


def test_those_who_do_not_see_it_are_told_all_of_it(page):
    nodes = page.tree()
    sliders = [node for node in nodes if node["role"] == "slider" and "audio" not in node["name"]]
    assert len(sliders) == 9 * 2 + 1 + 3 + 5  # moras with their lengths, a pause, accents, and the manner
    assert all(node["name"] for node in sliders)
    assert {node["name"] for node in nodes if node["role"] == "group"} >= {"Accent phrase 1", "Manner", "Voice A"}
    wanted = {"button", "textbox", "combobox", "checkbox"}
    assert all(node["name"] for node in nodes if node["role"] in wanted)
