"""Both sides of an utterance in short: how it is read, and when its phones sound."""

from koeru.languages.japanese import LANGUAGE
from koeru.text.align import reconcile
from koeru.text.reading import Interval, Reading

RATE, HOP = 22050, 256
SILENT = ("sil", "pau")


def written(phones: str, end: str = "$") -> Reading:
    """The reading of phones with their marks, "h a] pau sh I" say: devoiced vowels upper-case, sil added."""
    items = phones.split()
    names = [item.rstrip("[]#¿") for item in items]
    marks = [item[len(name) :] or "_" for item, name in zip(items, names, strict=True)]
    return Reading(
        ("sil", *(name.lower() if name in "AIUEO" else name for name in names), "sil"),
        (0, *(int(name in "AIUEO") for name in names), 0),
        ("^", *marks, end),
    )


def heard(phones: str, seconds: float = 0.1) -> list[Interval]:
    """Intervals of equal length; - stands for an empty label."""
    names = ["" if name == "-" else name for name in phones.split()]
    return [Interval(k * seconds, (k + 1) * seconds, name) for k, name in enumerate(names)]


def align(reading, intervals, start=0.0, stop=None, seconds=None, phonology=LANGUAGE, **more):
    """Reconcile with the segment in seconds, all of the recording by default; durations must sum to its frames."""
    n_samples = round((seconds or intervals[-1].end) * RATE)
    last = n_samples if stop is None else round(stop * RATE)
    wanted = {"start": round(start * RATE), "stop": last, "n_samples": n_samples} | more
    aligned = reconcile(reading, intervals, phonology, sample_rate=RATE, hop_length=HOP, **wanted)
    assert sum(aligned.durations) == (last - round(start * RATE)) // HOP
    assert min(aligned.durations) >= 0
    assert len(aligned.phones) == len(aligned.devoiced) == len(aligned.accents) == len(aligned.durations)
    return aligned


def shown(aligned) -> str:
    """Phones with their marks, as `written` reads them, outer sil and end mark included."""
    return " ".join(
        (phone.upper() if devoiced else phone) + ("" if accent == "_" else accent)
        for phone, devoiced, accent in zip(aligned.phones, aligned.devoiced, aligned.accents, strict=True)
    )


def spoken(aligned) -> list[tuple[str, int, str]]:
    """Phones, devoicing and accents, silence and pauses left out; phrase boundaries too: a pause takes their place."""
    rows = zip(aligned.phones, aligned.devoiced, aligned.accents, strict=True)
    return [(phone, flag, accent.replace("#", "_")) for phone, flag, accent in rows if phone not in SILENT]
