"""Recognisers from a dataset without times to their pages, in a store that all tests share; and bad input."""

import json

import numpy as np
import pytest

from koeru.families.recogniser.heads import classes
from koeru.families.recogniser.items import LONGER, SILENT, SpeechItems
from koeru.families.recogniser.recogniser import Recogniser
from koeru.graph.node import ancestry
from koeru.graph.plan import place
from koeru.graph.store import read_json
from koeru.report.measurement import Measurement


@pytest.fixture(scope="module", params=["hears", "hears_letters"])
def page(mini, request):
    """The node of a page, whose parents are all else."""
    return mini.graph.views["exp"][request.param]


def folder(mini, node):
    return mini.store.folder(place(node))


def test_it_hangs_on_no_labels_and_no_statistics(page):
    stages = {node.stage for _, node, _ in ancestry(page)}
    assert {"tokens", "mel", "splits"} < stages and not stages & {"labels", "stats", "pitch", "energy"}


def test_every_utterance_is_trained_on_or_told(mini, page):
    told = read_json(mini.store.epoch_path(place(page.parents["recogniser"]), 1))
    splits = read_json(folder(mini, page.parents["splits"]) / "splits.json")
    tokens = place(page.parents["tokens"])
    read = [r["utterance"] for shard in range(2) for r in mini.store.read_shard(tokens, shard).utterances]
    n_train = sum(json.dumps(splits).count(f'"{name}": "train"') for name in read)
    assert told["utterances"]["train"] + len(told["excluded"]) == n_train > 5
    assert {"ctc_phones", "errors_phones", "total"} <= told["log"][0]["dev"].keys()
    assert told["speakers"] == [] and told["symbols"][3] == "a"


def test_the_page_has_its_metrics_pictures_and_files(mini, page):
    shown, exp = folder(mini, page), mini.graph.config["exp"]
    html, found = (shown / "report.html").read_text("utf-8"), Measurement.read(shown)
    heads = next(e.model.heads for n, e in exp.items() if mini.graph.views["exp"][n] is page)
    for head in heads:
        for what in ("errors", "errors_beam", "blank"):
            assert found.metrics[f"{head}_{what}"].label in html
        rows = [row[f"{head}_errors"] for row in found.rows.values()]
        total, count = (sum(part[at] for part in rows) for at in (0, 1))
        assert found.metrics[f"{head}_errors"].value == pytest.approx(total / count)
    heard = [json.loads(line) for line in (shown / "heard.jsonl").read_text("utf-8").splitlines()]
    assert found.rows.keys() == {told["id"] for told in heard} and len(heard) > 2
    assert html.count("data:image/png") >= 2 * len(heads) and html.count('class="sample"') == 2
    assert "epochs.html" not in html and "spoken by" not in html


def test_the_file_alone_hears_what_was_measured(mini, page):
    shown = folder(mini, page)
    recogniser = Recogniser.from_file(shown / "model.safetensors")
    mels = place(page.parents["mel"])
    told = json.loads((shown / "heard.jsonl").read_text("utf-8").splitlines()[0])
    for shard in range(2):
        if told["id"] in {r["id"] for r in mini.store.read_shard(mels, shard).utterances}:
            mel = mini.store.arrays(mels, shard)[f"{told['id']}/mel"]
    posteriors = recogniser.log_posteriors(mel)
    for head in recogniser.heads:
        assert posteriors[head].shape == (-(-len(mel) // 2), len(classes(head, recogniser.vocabulary)))
        np.testing.assert_allclose(np.exp(posteriors[head]).sum(1), 1, rtol=1e-4)
        assert recogniser.transcribe(mel, head, width=8) == told["heads"][head]["heard"]
    assert recogniser.frame_s == pytest.approx(2 * 256 / 22050)
    with pytest.raises(ValueError, match="has no head 'tones'"):
        recogniser.transcribe(mel, "tones")
    with pytest.raises(ValueError, match="80 bands is wanted"):
        recogniser.log_posteriors(mel[:, :40])
    with pytest.raises(ValueError, match="one frame or more"):
        recogniser.log_posteriors(mel[:0])


def test_weights_of_a_parent_are_taken_but_for_the_head_that_stays_behind(mini):
    page = mini.graph.views["exp"]["hears_letters"]
    loaded = read_json(mini.store.epoch_path(place(page.parents["recogniser"]), 1))["loaded"]
    assert loaded["fresh"] == ["heads.letters.weight"] and loaded["left"] == []
    assert "heads.phones.weight" in loaded["copied"]


class Told:
    """A dataset in memory: records, and 100 frames of each."""

    class mel_spec:  # noqa: N801
        sample_rate, hop_length = 22050, 256

    def __init__(self, *phones):
        self.phones = phones

    def records(self, split):
        for number, own in enumerate(self.phones):
            marks = ["_"] * len(own)
            yield (
                0,
                {"id": f"u{number}", "seconds": 100 * 256 / 22050, "phones": own, "accents": marks}
                | {"devoiced": [0] * len(own)},
            )


def test_what_cannot_be_taught_is_left_out_with_its_reason():
    from koeru.families.recogniser.build import vocabulary_of
    from koeru.families.recogniser.entry import Ctc
    from koeru.families.recogniser.heads import Teacher
    from koeru.languages import language

    own = language("japanese")
    teacher = Teacher(own, vocabulary_of(own), ["phones"], Ctc())
    told = Told(["sil", "a", "sil"], ["sil", "sil"], ["sil", *["a"] * 26, "sil"], ["sil", *["k", "a"] * 25, "sil"])
    items = SpeechItems(told, "train", teacher, 2)
    assert [record["id"] for _, record in items.places] == ["u0", "u3"]
    reasons = {row["id"]: row["reason"] for row in items.excluded}
    assert reasons["u1"] == SILENT and reasons["u2"].startswith(f"{LONGER}: its labels need 51")
    spared = SpeechItems(told, "train", teacher, 2, spare=2)
    assert {row["id"] for row in spared.excluded} == {"u1", "u2", "u3"}
    with pytest.raises(ValueError, match=r"nothing is left to train on: u0: more than train\.max_frames \(10\)"):
        SpeechItems(Told(["a"]), "train", teacher, 2, max_frames=10).require_some()
