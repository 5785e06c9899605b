"""The account by speaker: what is not known is said to be unknown."""

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


def lost(name, seconds, speaker="A"):
    return Excluded(name, "broken", "", seconds, speaker, "Normal")


def test_what_is_excluded_without_a_length_is_said_to_be_untimed():
    account = Account({})
    account.add(shard(wav=[lost("x", None)], labels=[lost("y", 1.5), lost("z", 2.0, "B")]))
    account.add(shard(labels=[lost("v", 0.5)]))
    a, b = account.groups
    assert (a.speaker, a.kept, a.excluded, a.excluded_s, a.untimed) == ("A", 0, 3, 2.0, True)
    assert (b.speaker, b.excluded, b.excluded_s, b.untimed) == ("B", 1, 2.0, False)
    assert account.excluded == dict.fromkeys(COUNTED, (0, 0)) | {"wav": (1, 1), "labels": (3, 3)}


def test_what_was_left_out_before_its_speaker_was_known_is_in_the_account_alone():
    account = Account({})
    account.add(shard(utterances=[lost("x", None, "")]))
    assert account.groups == [] and account.bars() == [] and len(account.exclusions) == 1
