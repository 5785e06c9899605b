"""How well the front end reads: the ITA corpus, whose 424 sentences people have read and annotated by hand.

Readings are held against the kana that the corpus delivers, accents against those of one voice, where its lists lie
beside (`accent_and_phoneme_*.csv`: phones, and marks beside them). The folder is that of KOERU_ITA, or of corpora.ITA.
"""

import csv
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import harmonic_mean

import yaml
from common import ROOT, reached
from rapidfuzz.distance import Levenshtein

from koeru.corpora.ita import SUBSETS
from koeru.languages import Language, language
from koeru.languages.japanese.phones import normalise
from koeru.languages.japanese.phrases import phrases
from koeru.text.phrases import Phrase
from koeru.text.reading import END, START, Reading

PLACES = ("", "transcripts")
LISTS = {"EMOTION100": "emotion", "RECITATION324": "recitation"}
BY_FRONT_END, FOLLOWED = 92.0, 99.0  # per cent of sentences, lenient
LENIENT = {("e", "i"): "e", ("o", "u"): "o"}  # the second of two phones: one long vowel to most speakers


def measure(folder: Path) -> list[bool]:
    """Print how many sentences the front end reads as people do, and of these how it accents them."""
    corpus = found()
    if corpus is None:
        print("readings: skipped, as there is no ITA corpus: set KOERU_ITA, or the path of corpora.ITA in config.yaml")
        return []
    spoken = language("japanese")
    texts = {name: (text, kana) for name, text, kana in sentences(corpus)}
    with spoken.reader() as front_end:
        front_end.expect((text, ()) for text, _ in texts.values())
        read = {name: front_end.reading(text) for name, (text, _) in texts.items()}
        front_end.expect(texts.values())
        led = {name: front_end.followed(text, kana) for name, (text, kana) in texts.items()}
    wanted = {name: spoken.pronounced(kana) for name, (_, kana) in texts.items()}
    annotated = dict(by_hand(corpus))
    passed = [of_phones(spoken, read, wanted)]
    of_accents(spoken, read, annotated)
    followed = {name: found.reading for name, found in led.items()}
    heard = {name: phones_of(spoken, reading) for name, reading in annotated.items()}
    means = Counter(found.means for found in led.values())
    print(f"  kana followed: {', '.join(f'{n} {name}' for name, n in means.most_common())}")
    passed.append(of_followed(spoken, followed, heard or wanted))
    of_accents(spoken, followed, annotated)
    return passed


def found() -> Path | None:
    """The folder with the corpus's transcripts, if there is one."""
    own = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))["corpora"].get("ITA", {}).get("path") or ""
    whole = Path(os.path.expanduser(os.environ.get("KOERU_ITA") or own))
    names = SUBSETS.values()
    return next((whole / place for place in PLACES if all((whole / place / name).is_file() for name in names)), None)


def sentences(corpus: Path) -> Iterator[tuple[str, str, str]]:
    """Yield ID, text and kana of each sentence."""
    for name in SUBSETS.values():
        for line in (corpus / name).read_text("utf-8-sig").splitlines():
            if line.strip():
                sentence, _, row = line.partition(":")
                yield (sentence, *row.rsplit(",", 1))


def of_phones(spoken: Language, read: dict[str, Reading], wanted: dict[str, tuple[str, ...]]) -> bool:
    """Print sentences that are equal, and phones that are not; whether enough are equal."""
    pairs = [(phones_of(spoken, reading), wanted[name]) for name, reading in read.items()]
    strict = share(ours == theirs for ours, theirs in pairs)
    lenient = [(plain(ours), plain(theirs)) for ours, theirs in pairs]
    edits = sum(Levenshtein.distance(*pair) for pair in lenient)
    wrong = 100 * edits / sum(len(theirs) for _, theirs in lenient)
    print(f"readings: {len(pairs)} sentences of ITA; {strict:.1f} % equal, {wrong:.2f} % of phones wrong")
    equal = share(ours == theirs for ours, theirs in lenient)
    return reached("sentences equal but for long vowels and v", equal, BY_FRONT_END, " %")


def of_followed(spoken: Language, followed: dict[str, Reading], heard: dict[str, tuple[str, ...]]) -> bool:
    """Print of how many sentences whose kana were followed the phones are those that people heard."""
    pairs = ((phones_of(spoken, followed[name]), phones) for name, phones in heard.items())
    equal = share(plain(ours) == plain(theirs) for ours, theirs in pairs)
    return reached("the same with the delivered kana followed, against phones by hand", equal, FOLLOWED, " %")


def of_accents(spoken: Language, read: dict[str, Reading], annotated: dict[str, Reading]) -> None:
    """Print how accents agree, of the sentences that are read as the voice says them."""
    pairs = [
        (phrases(reading), phrases(annotated[name]))
        for name, reading in read.items()
        if name in annotated and plain(phones_of(spoken, reading)) == plain(phones_of(spoken, annotated[name]))
    ]
    pairs = [pair for pair in pairs if moras_of(pair[0]) == moras_of(pair[1])]  # one has a mark inside a mora
    if not pairs:
        print("  accents: skipped, as no lists of them lie beside the transcripts (accent_and_phoneme_*.csv)")
        return
    spans = [({*nuclei(ours).items()}, {*nuclei(theirs).items()}) for ours, theirs in pairs]
    same = sum(len(ours & theirs) for ours, theirs in spans) / sum(len(theirs) for _, theirs in spans)
    inner = [tuple({end for _, end in nuclei(side)} - {moras_of(side)} for side in pair) for pair in pairs]
    both, ours, theirs = (sum(map(len, counted)) for counted in ([a & b for a, b in inner], *zip(*inner, strict=True)))
    high = [pair for ours, theirs in pairs for pair in zip(heights(ours), heights(theirs), strict=True)]
    print(
        f"  accents of {len(pairs)} sentences: {100 * same:.1f} % of phrases, boundaries F1 "
        f"{100 * harmonic_mean([both / ours, both / theirs]):.1f}, {share(a == b for a, b in high):.1f} % of moras"
    )


def by_hand(corpus: Path) -> Iterator[tuple[str, Reading]]:
    """Yield ID and reading of each annotated sentence: a row of phones, and one of the marks beside them."""
    for subset, name in LISTS.items():
        path = corpus / f"accent_and_phoneme_{name}.csv"
        rows = list(csv.reader(path.open(encoding="utf-8-sig"))) if path.is_file() else []
        for (sentence, phones), (_, marks) in zip(rows[::2], rows[1::2], strict=True):
            said, devoiced = zip(*map(normalise, phones.split()), strict=True)
            accents = (START, *marks.split(), END)
            yield f"{subset}_{sentence[-3:]}", Reading(("sil", *said, "sil"), (0, *devoiced, 0), accents)


def phones_of(spoken: Language, reading: Reading) -> tuple[str, ...]:
    """The phones of a reading without silences."""
    return tuple(phone for phone in reading.phones if phone not in spoken.silences)


def plain(phones: Sequence[str]) -> tuple[str, ...]:
    """Phones with ei as ee, ou as oo, and v as b."""
    kept: list[str] = []
    for phone in phones:
        kept.append(LENIENT.get((kept[-1] if kept else "", phone), "b" if phone == "v" else phone))
    return tuple(kept)


def nuclei(found: Sequence[Phrase]) -> dict[tuple[int, int], int]:
    """Accent phrases: the moras from one to another -> the nucleus."""
    spans, begin = {}, 0
    for phrase in found:
        spans[begin, begin := begin + len(phrase.moras)] = phrase.nucleus
    return spans


def moras_of(found: Sequence[Phrase]) -> int:
    """How many moras there are."""
    return sum(len(phrase.moras) for phrase in found)


def heights(found: Sequence[Phrase]) -> list[bool]:
    """Whether each mora is high: those from the second to the nucleus, or the first alone if it is there."""
    return [
        number == 1 if phrase.nucleus == 1 else 1 < number <= (phrase.nucleus or len(phrase.moras))
        for phrase in found
        for number in range(1, len(phrase.moras) + 1)
    ]


def share(holds: Iterator[bool]) -> float:
    """Of how many something holds, in per cent."""
    kept = list(holds)
    return 100 * sum(kept) / len(kept)
