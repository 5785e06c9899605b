"""The labels stage: where readings and times come from, what the record says of it, and what is left out."""

from argparse import Namespace
from types import SimpleNamespace

import pytest
from in_process import script

from koeru.config.corrections import digest, read_corrections
from koeru.graph.plan import place
from koeru.graph.stages import DATA_DEFAULTS, DATA_STAGES
from koeru.graph.store import Manifest, Place, Store, read_json
from koeru.jobs.stage import Work, seal
from koeru.languages.japanese.accents import read_labels
from koeru.languages.japanese.front_end import FrontEnd
from koeru.languages.japanese.versions import tools
from koeru.text.reading import Interval
from koeru.text.textgrid import write_phones

RATE, PHONE_S = 22050, 0.1
RUN = {"seconds": 0.0, "cpu_seconds": 0.0, "started": "", "host": ""}
TEXTS = {"rain": "雨が降る。", "bridge": "橋の端を走る？", "candy": "飴を食べた。"}
OTHER = {"rain": "飴が降る。"}  # the same phones with another accent


@pytest.fixture(scope="module")
def labels():
    with FrontEnd() as front_end:
        return {text: front_end.labels(text) for text in (*TEXTS.values(), *OTHER.values())}


@pytest.fixture
def made(tmp_path, labels, monkeypatch):
    """Label utterances {name: (times, full context)} of a small corpus; the job's shard, or what the seal wrote."""
    monkeypatch.setattr("koeru.jobs.stage.source_commit", lambda: "0123456789ab")
    corpus = tmp_path / "corpus"
    corpus.mkdir()

    def intervals(text):
        phones = read_labels(labels[text]).phones
        return [Interval(k * PHONE_S, (k + 1) * PHONE_S, phone) for k, phone in enumerate(phones)]

    def times(path, text, kind):
        if kind == "TextGrid":
            write_phones(path, intervals(text), intervals(text)[-1].end)
        elif kind == "full":
            rows = zip(intervals(text), labels[text], strict=True)
            path.write_text("".join(f"{i.start * 1e7:.0f} {i.end * 1e7:.0f} {label}\n" for i, label in rows))
        else:
            path.write_text("".join(f"{i.start:.3f} {i.end:.3f} {i.phone}\n" for i in intervals(text)))

    def file(name, kind, text):
        if kind is None:
            return None
        path = corpus / f"{name}.{'TextGrid' if kind == 'TextGrid' else 'lab'}"
        times(path, text, kind)
        return {"path": path.name, "folder": "", "bytes": 0, "mtime_ns": 0}

    def made(utterances, cuts=1, corrections="", **leaves):
        store = Store(tmp_path / "store")
        said, segments = [], []
        for name, (alignment, full_context) in utterances.items():
            who = {"id": name, "name": f"S_{name}", "speaker": "A", "emotion": "Sad", "dialogue": "D"}
            files = {
                "alignment": file(name, alignment, TEXTS[name]),
                "full_context": file(f"{name}-said", full_context, OTHER.get(name, TEXTS[name])),
            }
            said.append(
                who
                | {"text": TEXTS[name], "kana": "", "before_emotion": "Happy", "corpus": "C", "begin": None, **files}
            )
            n_samples = round(len(labels[TEXTS[name]]) * PHONE_S * RATE)
            for number in range(cuts):
                start, stop = n_samples * number // cuts, n_samples * (number + 1) // cuts
                part = {"id": f"{name}.{number}" if cuts > 1 else name, "utterance": name}
                cut = {"start": start, "stop": stop, "n_samples": n_samples, "seconds": (stop - start) / RATE}
                segments.append(who | part | cut)
        parents = {role: Place(role, "0" * 16) for role in ("utterances", "segments")}
        for role, records in (("utterances", said), ("segments", segments)):
            store.write_shard(parents[role], 0, Manifest(role, "0" * 16, records, run=RUN))
        params = {leaf: DATA_DEFAULTS[leaf] for leaf in DATA_STAGES["labels"].reads} | leaves
        params["corrections"] = digest(read_corrections(corrections)) if corrections else ""
        params |= {"provenance": {"C": {"format": "folder", "sets": {}}}}
        settings = {"paths": {"C": str(corpus)}, "stand_ins": {}, "labels": {}, "max_excluded": 1.0}
        settings["files"] = {"corrections": corrections}
        work = Work(Place("labels", "0" * 16), 2, params, parents, settings, store)
        store.shard_path(work.place, 0).unlink(missing_ok=True)
        script("labels").job(work, Namespace(shard=0))
        seal(work)
        shard = store.read_shard(work.place, 0)
        records = {record["id"]: record for record in shard.utterances}
        return SimpleNamespace(shard=shard, records=records, node=read_json(store.node_path(work.place)))

    return made


@pytest.fixture
def no_front_end(monkeypatch):
    monkeypatch.setattr(
        "koeru.languages.japanese.front_end._start", lambda *_: pytest.fail("the front end was started")
    )


def accents(labels, text):
    return list(read_labels(labels[text]).accents)


def test_the_front_end_reads_what_has_no_labels(made, labels):
    found = made({"rain": ("TextGrid", None), "bridge": ("phones", None)})
    rain, bridge = found.records["rain"], found.records["bridge"]
    assert (rain["reading"], rain["times"], rain["substitutions"]) == ("front end", "TextGrid tier phones", 0)
    assert (bridge["reading"], bridge["times"]) == ("front end", ".lab in seconds")
    assert rain["accents"] == accents(labels, TEXTS["rain"]) != accents(labels, OTHER["rain"])
    assert (rain["id"], rain["name"], rain["text"]) == ("rain", "S_rain", TEXTS["rain"])
    assert sum(rain["durations"]) == rain["n_frames"]
    assert found.shard.notes[:2] == ["reading: 2 × front end", "means: 2 × as read"]
    assert found.shard.notes[2:] == ["times: 1 × TextGrid tier phones, 1 × .lab in seconds"]
    assert found.node["tools"] == found.shard.tools == tools()


@pytest.mark.parametrize("alignment", ["TextGrid", "phones", "full"])
def test_delivered_labels_are_preferred(made, labels, alignment):
    found = made({"rain": (alignment, "full")})
    assert found.records["rain"]["reading"] == "delivered"
    assert found.records["rain"]["accents"] == accents(labels, OTHER["rain"])
    assert found.shard.notes[0] == "reading: 1 × delivered"


def test_an_alignment_can_be_the_reading(made, labels):
    found = made({"rain": ("full", None)})
    assert found.records["rain"]["accents"] == accents(labels, TEXTS["rain"])
    assert (found.records["rain"]["reading"], found.records["rain"]["times"]) == ("delivered", ".lab in 100 ns")


@pytest.mark.parametrize("sources", [("TextGrid", "full"), ("full", None), ("full", "full")])
def test_the_front_end_can_be_asked_always(made, labels, sources):
    found = made({"rain": sources}, **{"labels.reading": "front_end"})
    assert found.records["rain"]["reading"] == "front end"
    assert found.records["rain"]["accents"] == accents(labels, TEXTS["rain"])


def test_labels_that_nobody_goes_by_are_not_read(made, tmp_path):
    """Full-context labels that cannot be used exclude nothing where the front end reads, or a person has corrected."""
    sources = {"rain": ("TextGrid", "phones")}
    (lost,) = made(sources).shard.excluded
    assert lost.reason == ".lab cannot be read"
    assert made(sources, **{"labels.reading": "front_end"}).records["rain"]["reading"] == "front end"
    file = tmp_path / "corrections.csv"
    file.write_text("id,kana\nrain,ア'メガ/フ'ル\n", "utf-8")
    assert made(sources, corrections=str(file)).records["rain"]["reading"] == "correction"


@pytest.mark.parametrize("reading", ["delivered", "front_end"])
def test_without_accents_the_alignment_is_the_reading(made, no_front_end, reading):
    found = made({"rain": ("TextGrid", None), "candy": ("full", "full")}, **{"labels.accent": False})
    for record in found.records.values():
        assert record["reading"] == "alignment"
        assert set(record["accents"]) == {"^", "_", "$"}
    assert found.shard.tools == {} and "tools" not in found.node


def test_pieces_share_one_reading(made, labels):
    whole = made({"bridge": ("TextGrid", None)}).records["bridge"]
    pieces = made({"bridge": ("TextGrid", None)}, cuts=3).records
    assert list(pieces) == ["bridge.0", "bridge.1", "bridge.2"]
    inner = [phone for record in pieces.values() for phone in record["phones"][1:-1]]
    assert inner == whole["phones"][1:-1]
    assert [record["accents"][-1] for record in pieces.values()] == ["$", "$", "?"]
    assert [record["before_emotion"] for record in pieces.values()] == ["Happy"] * 3, "a turn is before the whole turn"


def test_what_cannot_be_labelled_is_named(made, tmp_path):
    found = made({"rain": (None, "full"), "bridge": ("phones", "phones"), "candy": ("TextGrid", None)})
    told = {lost.id: (lost.reason, lost.detail) for lost in found.shard.excluded}
    assert told["rain"][0] == "no alignment" and "no TextGrid or .lab" in told["rain"][1]
    assert told["bridge"][0] == ".lab cannot be read" and "full-context labels are wanted" in told["bridge"][1]
    assert list(found.records) == ["candy"]


# ---- a dataset without phones ------------------------------------------------------------------------------------


def test_without_times_every_segment_has_its_frames_and_no_phones(mini):
    dataset = mini.graph.data["unlabelled"]
    labels, segments, mel = (place(dataset.parents[stage]) for stage in ("labels", "segments", "mel"))
    records = {record["id"]: (shard, record) for shard, record in mini.store.records(labels)}
    assert records.keys() == {record["id"] for _, record in mini.store.records(segments)}
    said = {record["id"]: record for _, record in mini.store.records(place(dataset.parents["utterances"]))}
    for name, (shard, record) in records.items():
        assert record["phones"] == record["durations"] == []
        assert record["before_emotion"] == said[record["utterance"]]["before_emotion"]
        assert record["n_frames"] == len(mini.store.arrays(mel, shard)[f"{name}/mel"])
    assert "tools" not in read_json(mini.store.node_path(labels)), "the front end was asked"


def test_a_dataset_without_phones_passes_its_gates_and_says_so(mini):
    folder = mini.store.folder(place(mini.graph.data["unlabelled"]))
    assert read_json(folder / "node.json")["kept"] > 10
    page = (folder / "quality.html").read_text("utf-8")
    assert "This dataset has no phones" in page
    assert "gates.min_voiced_share" in page
    assert "gates.max_silence_share" not in page and "gates.max_rate_outliers" not in page, "judged unmeasured"
    assert "phones a second" not in page.split('id="listen"')[1], "nothing is slow or fast"
