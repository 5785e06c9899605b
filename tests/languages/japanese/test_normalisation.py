"""What is written otherwise than it is spoken: every rule, by texts that it is for, and others that it leaves alone."""

import pytest

from koeru.languages.japanese.front_end import ReadingFrontEnd
from koeru.languages.japanese.homographs import HOMOGRAPHS
from koeru.languages.japanese.hygiene import normalise_text
from koeru.languages.japanese.normalisation import DOUBTFUL, PLAIN, RULES, Normaliser
from koeru.languages.japanese.words import OWN, Words, own_words, read_words

# rule -> (written, spoken), and what it must leave as it is
EXAMPLES = {
    "elongation": [("長ーーーい", "長ーい")],
    "long dash": [("まあ〜〜〜", "まあ〜")],
    "small tsu": [("あっっっ", "あっ")],
    "bar between digits": [("06ー111ー2222", "06-111-2222"), ("コーヒー", "コーヒー")],
    "bar behind nothing": [("ーと言う", "と言う"), ("うん、ーそう", "うん、そう")],
    "laughter": [
        ("負けたwww", "負けた、ワラワラワラ"),
        ("無理w。", "無理w。"),
        ("変数w", "変数w"),
        ("嘘だw。", "嘘だ、ワラ。"),
    ],
    "笑": [("行くよ笑", "行くよ、ワライ"), ("大笑い", "大笑い"), ("爆笑", "爆笑")],
    "address": [
        ("help@koeru.orgまで", "helpアットマークkoeruドットオーグまで"),
        ("https://koeru.jp/", "httpsコロンスラッシュスラッシュkoeruドットjpスラッシュ"),
        ("Ver.2.5", "Ver.2.5"),
    ],
    "№": [("№7", "ナンバー7"), ("No.12", "ナンバー12"), ("No、違う", "No、違う")],
    "Vol.": [("Vol.8", "ボリューム8")],
    "page": [("p.33を見て", "33ページを見て")],
    "§": [("§12", "セクション12")],
    "# of a number": [("#3", "ナンバー3")],
    "hashtag": [("#旅", "ハッシュタグ旅")],
    "money before": [
        ("$15", "15ドル"),
        ("￥980円", "980円"),
        ("US$3万", "3万ドル"),
        ("€1.5", "1.5ユーロ"),
        ("£8", "8ポンド"),
    ],
    "money behind": [("15$", "15ドル"), ("8€です", "8ユーロです")],
    "date": [("2031/07/09", "2031年7月9日"), ("2031-12-01", "2031年12月1日"), ("1-2-3", "1-2-3")],
    "day of a week": [("7/9(水)", "7月9日(水)")],
    "fraction": [("2/3", "3分の2"), ("約⅓", "約3分の1"), ("1/2/3", "1/2/3")],
    "clock": [
        ("8:05", "8時5分"),
        ("23:00", "23時"),
        ("7:30:15", "7時30分15秒"),
        ("3:2で勝つ", "3:2で勝つ"),
        ("25:99", "25:99"),
    ],
    "minutes": [("6時08分", "6時8分")],
    "arrival": [("8:15着の船", "8時15分ちゃくの船"), ("時着", "時ちゃく"), ("着物", "着物")],
    "full hour": [("6時00分", "6時")],
    "range": [("3〜5日", "3から5日"), ("9時～17時", "9時から17時"), ("すご〜い", "すご〜い")],
    "open range": [("18時〜", "18時から"), ("5名〜。", "5名から。")],
    "range with a hyphen": [
        ("5-8人", "5から8人"),
        ("0120-444", "0120-444"),
        ("9-3回", "9-3回"),
        ("4-5番地", "4-5番地"),
    ],
    "difference": [("9-4=5", "9引く4は5"), ("9−4", "9引く4"), ("9 - 4", "9引く4")],
    "plus or minus": [("±7", "プラスマイナス7")],
    "minus": [("−10度", "マイナス10度"), ("気温-3度", "気温-3度"), ("-3度", "マイナス3度"), ("A-1", "A-1")],
    "equals": [("2+2=4", "2足す2は4")],
    "equal": [("y=5", "yイコール5")],
    "sum": [("6+7", "6足す7")],
    "plus": [("+7点", "プラス7点"), ("A+", "Aプラス")],
    "sign": [("6×7", "6かける7"), ("6÷3", "6割る3"), ("2<3", "2小なり3"), ("5≧2", "5大なりイコール2")],
    "multiplication": [("縦×横", "縦かける横")],
    "percent": [("何%", "何パーセント"), ("20%", "20%")],
    "root": [("√2", "ルート2")],
    "infinity": [("∞に", "無限大に")],
    "arrow": [("港→駅", "港から駅"), ("→右へ", "→右へ")],
    "ampersand": [("赤&青", "赤アンド青")],
    "deserted": [("人気のない山道", "ひとけのない山道"), ("人気のない歌", "人気のない歌")],
    "a sweet": [("昨日は最中を買った", "昨日はもなかを買った"), ("食事の最中をねらう", "食事の最中をねらう")],
    "a place to buy": [
        ("朝、市場へ行く", "朝、いちばへ行く"),
        ("新しい市場へ行く", "新しい市場へ行く"),
        ("株式市場へ", "株式市場へ"),
    ],
    "of a stage": [("舞台の上手に立つ", "舞台のかみてに立つ"), ("上手に立つ", "上手に立つ")],
    "to and from a stage": [("上手へ退場する", "かみてへ退場する")],
    "of a taste": [("キムチが辛かった", "キムチがからかった"), ("練習が辛い", "練習が辛い")],
}  # fmt: skip
SPOKEN = [(name, written, spoken) for name, texts in EXAMPLES.items() for written, spoken in texts]


@pytest.fixture(scope="module")
def normaliser():
    return Normaliser(Words({}))


@pytest.mark.parametrize(("name", "written", "spoken"), SPOKEN)
def test_a_text_is_written_out_as_it_is_spoken(normaliser, name, written, spoken):
    assert normaliser.spoken(normalise_text(written)) == spoken


def test_every_rule_is_needed_for_its_examples():
    rules = (*RULES, *HOMOGRAPHS)
    assert EXAMPLES.keys() == {one.name for one in rules} and len(EXAMPLES) == len(rules)
    for name, texts in EXAMPLES.items():
        without = Normaliser(Words({}))
        without._rules = [one for one in without._rules if one.name != name]
        assert any(without.spoken(normalise_text(written)) != spoken for written, spoken in texts), name


def test_texts_that_no_rule_concerns_are_left_alone_at_once(normaliser):
    for text in ("雨が降る。", "「そうですか？」", "コーヒーを、飲む…"):
        assert PLAIN.fullmatch(normalise_text(text)) and not DOUBTFUL.search(text)
    for _, written, spoken in SPOKEN:
        text = normalise_text(written)
        if PLAIN.fullmatch(text) and not DOUBTFUL.search(text):
            assert text == spoken


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        ("¥700と$5です", "n a n a hy a k u e N t o g o d o r u d e s u"),
        ("2/3です", "s a N b u N n o n i d e s u"),
        ("17:45着", "j u u sh i ch i j i y o N j u u g o f u N ch a k u"),
        ("3〜4人", "s a N k a r a y o n i N"),
        ("06ー1111", "z e r o r o k u pau i ch i i ch i i ch i i ch i"),
        ("何人で何を？", "n a N n i N d e n a n i o"),
        ("iCloudとGitHub", "a i k u r a u d o t o g i cl t o h a b u"),
    ],
)
def test_it_is_read_as_it_is_meant(text, phones):
    with ReadingFrontEnd() as reader:
        assert " ".join(reader.reading(text).phones[1:-1]) == phones


# ---- Latin words -----------------------------------------------------------------------------------------------


def test_words_are_found_whatever_their_case_and_never_inside_others():
    words = Words({"cat": "キャット", "IT": "アイティー", "it": "イット", "Wi-Fi": "ワイファイ", "4K": "ヨンケー"})
    assert words.read("Cat CATとcatalog") == "キャット キャットとcatalog"
    assert words.read("ITかitか") == "アイティーかイットか"
    assert words.read("Wi-Fiと4Kとcat-IT") == "ワイファイとヨンケーとキャット-アイティー"


def test_the_own_table_holds_what_is_read_as_it_says():
    assert len(own_words()) > 200
    assert read_words(OWN).keys() == own_words().keys()
    with ReadingFrontEnd() as reader:
        said = {kana: reader.reading(kana).phones for kana in own_words().values()}
        assert [word for word, kana in own_words().items() if reader.reading(word).phones != said[kana]] == []


def test_a_users_words_go_before_the_own_ones(tmp_path):
    file = tmp_path / "words.csv"
    file.write_text("word,reading\niPhone,アイホン\nKoeru,こえる\n", "utf-8")
    with ReadingFrontEnd(words=file) as reader:
        assert " ".join(reader.reading("iPhoneとkoeru").phones[1:-1]) == "a i h o N t o k o e r u"


def test_words_of_a_dictionary_are_left_as_they_are():
    normaliser = Normaliser(Words(own_words()), {"C&D", "最中", "1/2"})
    assert normaliser.spoken("C&DとR&D、最中を食べ、1/2と1/3") == "C&DとRアンドD、最中を食べ、1/2と3分の1"
