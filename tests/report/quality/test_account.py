"""The account by speaker: what is not known is said to be unknown."""

import tracemalloc
from collections import Counter
from types import SimpleNamespace

from koeru.graph.store import Excluded
from koeru.report.quality.account import COUNTED, Account


def shard(**excluded):
    """A shard of which nothing came out but exclusions, by stage."""
    return SimpleNamespace(
        manifests=COUNTED,
        kept=[],
        entered=lambda stage: 0 if stage not in excluded else len(excluded[stage]),
        records=lambda stage: [],
        excluded=lambda stage: excluded.get(stage, []),
    )


def nowhere(name, *cells):
    """Let no row of a table be written."""


def lost(name, seconds, speaker="A"):
    return Excluded(name, "broken", "", seconds, speaker, "Normal")


def test_what_is_excluded_without_a_length_is_said_to_be_untimed():
    account = Account({}, nowhere)
    account.add(shard(wav=[lost("x", None)], labels=[lost("y", 1.5), lost("z", 2.0, "B")]))
    account.add(shard(labels=[lost("v", 0.5)]))
    a, b = account.groups
    assert (a.speaker, a.kept, a.excluded, a.excluded_s, a.untimed) == ("A", 0, 3, 2.0, True)
    assert (b.speaker, b.excluded, b.excluded_s, b.untimed) == ("B", 1, 2.0, False)
    assert account.excluded == dict.fromkeys(COUNTED, (0, 0)) | {"wav": (1, 1), "labels": (3, 3)}


def test_what_was_left_out_before_its_speaker_was_known_is_in_the_account_alone():
    account = Account({}, nowhere)
    account.add(shard(utterances=[lost("x", None, "")]))
    assert account.groups == [] and account.bars() == [] and len(account.exclusions) == 1


def test_what_has_no_text_shares_no_sentence():
    names = {"a": "train", "b": "eval", "c": "train", "d": "dev"}
    texts = {"a": "", "b": "", "c": "はい。", "d": "はい"}
    account = Account(names, nowhere)
    kept = [
        {"id": n, "utterance": n, "speaker": "A", "emotion": "N", "dialogue": "", "text": texts[n], "seconds": 1.0}
        for n in names
    ]
    account.add(SimpleNamespace(**vars(shard()) | {"kept": kept[:2]}))
    assert account.shared() == 0
    account.add(SimpleNamespace(**vars(shard()) | {"kept": kept[2:]}))
    assert account.shared() == 1


def test_memory_is_some_bytes_an_utterance_and_every_row_is_written():
    def spoken(number, i):
        name = f"speaker_of_a_long_name_{number}_{i}"
        text = f"{number}と{i}の、長い長い長い長い文。"
        return {"id": name, "utterance": name, "speaker": "A", "emotion": "N", "dialogue": "", "text": text} | {
            "seconds": 1.0
        }

    class All:
        def __getitem__(self, name):
            return "eval" if name.endswith("7") else "train"

    def peak(count):
        rows = Counter()
        account = Account(All(), lambda name, *cells: rows.update([name]))
        tracemalloc.start()
        try:
            for number in range(count):
                kept = [spoken(number, i) for i in range(20)]
                left_out = [lost(f"{number}_{i}_of_a_long_name", 1.0) for i in range(20)]
                account.add(SimpleNamespace(**vars(shard(labels=left_out)) | {"kept": kept}))
            sizes = {split.name: (split.groups, split.count) for split in account.split_sizes()}
            assert sizes == {"train": (18 * count, 18 * count), "dev": (0, 0), "eval": (2 * count, 2 * count)}
            assert rows == {"excluded.tsv": 20 * count, "train.list": 18 * count, "eval.list": 2 * count}
            assert account.shared() == 0 and account.excluded["labels"] == (20 * count, 20 * count)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(50)
    assert (peak(200) - peak(50)) / (150 * 40) < 40
