"""Words with several readings, where their neighbours surely tell the rarer one: it is then written in kana.

What only the sense of a whole sentence tells (一日: イチニチ, ツイタチ) is none of these: a correction tells it.
"""

from koeru.languages.japanese.rules import rule

FOODS = (
    "カレー|キムチ|ラーメン|担々麺|麻婆豆腐|スープ|ソース|料理|味噌|味|汁|鍋|漬物|明太子|唐辛子|とうがらし|わさび"
    "|ワサビ|山葵|からし|辛子|生姜|胡椒|スパイス|大根|チゲ|ピザ|うどん|そば|蕎麦|寿司|肉|口|舌"
)
BETWEEN = "(?:[はがもの]|って|、|だけ|まで|とても|すごく|かなり|少し|ちょっと)+"
TELLING = "のなるたいうくすむ"  # ends of words that say which: a market of that kind may be one of shares
LONELY = "通り|道|路地|廊下|森|屋敷|山中|公園|海岸|夜"
EATEN = "食べ|たべ|頬張|ほおば|買|包|いただ|頂|つま|ひとつ|一つ|好き|大好"
HOMOGRAPHS = (
    rule("deserted", rf"人気(?=の(?:ない|無い|なくなった)[^、。]{{0,4}}(?:{LONELY}))", "ひとけ", "人気"),
    rule("a sweet", rf"(?<![のたるい真っ])最中(?=[をとが](?:{EATEN}))", "もなか", "最中"),
    rule("a place to buy", rf"(?<![A-Za-zァ-ヺー一-鿿{TELLING}])市場(?=[へに](?:行|出かけ|寄|買))", "いちば", "市場"),
    rule("of a stage", r"(?:(?<=舞台の)|(?<=舞台))上手(?=から|[にへでの])", "かみて", "上手"),
    rule("to and from a stage", r"上手(?=(?:から|へ)(?:登場|退場|現れ|はけ))", "かみて", "上手"),
    rule("of a taste", rf"((?:{FOODS}){BETWEEN})辛(?=[いくかさ])", r"\1から", "辛い"),
)
