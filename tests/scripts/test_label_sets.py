"""What a set of labels beside a corpus gives is used, and the front end gives the rest, from files to records."""

import numpy as np
import pytest
from in_process import made

from koeru.graph.plan import place
from koeru.languages.japanese import LANGUAGE
from koeru.languages.japanese.front_end import FrontEnd
from koeru.stand_in.files import write_wav

RATE, PHONE_S = 22050, 0.1
TEXT, OTHER = "飴に串を刺す。", "雨に串を刺す。"  # the same phones with another accent
VOICED = str.maketrans("IU", "iu")


@pytest.fixture(scope="module")
def said():
    with FrontEnd() as front_end:
        return {text: front_end.labels(text) for text in (TEXT, OTHER)}


@pytest.fixture
def labelled(tmp_path, said, monkeypatch):
    """The record of one utterance of a folder, labelled with another accent and no devoiced vowel by a set `mine`."""
    monkeypatch.setattr("koeru.jobs.stage.source_commit", lambda: "0123456789ab")

    def labelled(**mine):
        corpus, labels = tmp_path / "corpus", tmp_path / "mine"
        for folder in (corpus / "wavs", labels):
            folder.mkdir(parents=True)
        (corpus / "metadata.csv").write_text(f"a|{TEXT}\n", "utf-8")
        n_samples = round(len(said[TEXT]) * PHONE_S * RATE)
        write_wav(corpus / "wavs" / "a.wav", 1e4 * np.sin(np.arange(n_samples) / 20), RATE)
        rows = (
            f"{k * PHONE_S * 1e7:.0f} {(k + 1) * PHONE_S * 1e7:.0f} {phones.translate(VOICED)}/A:{rest}\n"
            for k, (phones, rest) in enumerate(label.split("/A:") for label in said[OTHER])
        )
        (labels / "a.lab").write_text("".join(rows))
        sets = [{"name": "mine", "path": str(labels), **mine}]
        raw = {"corpora": {"S": {"format": "folder", "path": str(corpus), "labels": sets}}}
        project = made(raw | {"spk": {"s": {"corpora": ["S"], "shards": 1}}}, tmp_path / "store")
        node = project.graph.data["s"].parents["labels"]
        project.run([node])
        ((_, record),) = project.store.records(place(node))
        return record

    return labelled


@pytest.mark.parametrize(
    ("gives", "reading", "accents_of", "devoiced"),
    [
        (["times", "reading", "accents", "devoicing"], "delivered", OTHER, False),
        (["times", "reading", "accents"], "delivered", OTHER, True),
        (["times", "reading"], "delivered", TEXT, True),
        (["times"], "front end", TEXT, True),
    ],
)
def test_what_labels_do_not_give_comes_from_the_front_end(labelled, said, gives, reading, accents_of, devoiced):
    front_end = {text: LANGUAGE.read_labels(labels) for text, labels in said.items()}
    assert front_end[TEXT].accents != front_end[OTHER].accents and any(front_end[TEXT].devoiced)
    record = labelled(made="by_hand", gives=gives)
    assert (record["reading"], record["times"]) == (reading, ".lab in 100 ns")
    assert record["accents"] == list(front_end[accents_of].accents)
    assert record["devoiced"] == [flag * devoiced for flag in front_end[TEXT].devoiced]
