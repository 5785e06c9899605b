"""What an experiment in text to speech leaves: its voice, as a file that works by itself, and what is seen of it."""

from dataclasses import asdict
from typing import Any

from koeru.families.acoustic.family import FAMILY
from koeru.families.acoustic.page.experiment import experiment
from koeru.families.acoustic.page.page import experiment_page
from koeru.families.experiments.exp import leave
from koeru.jobs.features import mel_spec
from koeru.jobs.stage import Work
from koeru.jobs.texts import told_of_reading

CONTROL = "control.json"  # of voices that are told who speaks, or how


def page(work: Work) -> str:
    """The report as a whole HTML document."""
    return experiment_page(experiment(work))


def reading_of(work: Work) -> dict[str, Any]:
    """How the texts of the dataset were read: those of the voice are read alike."""
    labels = work.parents["labels"]
    records = (record for shard in range(labels.shards) for record in work.shard("labels", shard).utterances)
    return told_of_reading(work.store.read_node(labels).params, work.settings, records)


def job(work: Work) -> None:
    """Write what an experiment leaves, with a voice for `Voice.from_file`."""
    training, spoken, measured = (work.parents[stage] for stage in ("train", "synthesis", "evaluation"))
    mel = mel_spec(work.store.read_node(spoken).params)
    told = {"family": FAMILY.name, "mel": asdict(mel), "reading": reading_of(work)}
    leave(work, mel, training, spoken, measured, told=told, page=page, also=[CONTROL])
