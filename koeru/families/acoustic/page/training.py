"""What an experiment's page tells of its training, from the manifest of the epoch (`epoch_NNNN.json`)."""

from __future__ import annotations

from koeru.config.base import over
from koeru.families.acoustic.entry import Train
from koeru.families.acoustic.warnings import training_warnings
from koeru.jobs.progress import duration
from koeru.report.data import Picture
from koeru.report.schedule import schedule_picture
from koeru.report.training import Told, computed, first_step


def facts(told: Told) -> dict[str, str]:
    """Short facts by name: how long, on what, how fast."""
    last, utterances, excluded = told["last"], told["utterances"], told["excluded"]
    took = duration(sum(row["seconds"] for row in told["log"]))
    kept_out = f"; {len(excluded)} too long to train on ({told['excluded_seconds']:.1f} s)" if excluded else ""
    frozen = f", {told['frozen'] / 1e6:.2f} of them frozen" if told["frozen"] else ""
    seconds = max(last["seconds"], 1e-9)
    return {
        "Trained": f"{told['epoch']} epochs, {told['step'] - first_step(told) + 1} steps, {took}",
        "Utterances": f"{utterances['train']} train, {utterances['dev']} dev{kept_out}",
        "Model": f"{told['parameters'] / 1e6:.2f} million parameters{frozen}",
        "Computed": computed(told, told["params"]["train.precision"]),
        "Last epoch": f"{last['frames'] / seconds:,.0f} real frames a second; {last['data_seconds'] / seconds:.1%} of "
        f"the time waiting for data; {last['padding']:.1%} of the frames in its batches are padding",
    }


def warnings(told: Told) -> list[str]:
    """What a training is warned of that ended where this one did."""
    return training_warnings(told["params"], told["step"], pretrained=told["loaded"] is not None)


def schedule(told: Told) -> Picture:
    """The learning rate over the steps of the run, and what would have come after them."""
    ends = [row["step"] for row in told["log"]]
    drawn = schedule_picture(over(Train, told["params"], "train."), ends, first_step(told))
    return Picture(drawn, "learning rate over steps", "Learning rate, as trained; what is shaded never came")
