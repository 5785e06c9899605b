"""Write a vocoder as the checkpoints that the published HiFi-GAN code reads: g_<steps>, config.json, and do_<steps>."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from koeru.config.base import defaults, over
from koeru.families.vocoder.entry import JUDGED_BY, VocoderEntry, VocoderTrain, Weights
from koeru.families.vocoder.hifigan import PERIOD_CHANNELS, SCALE_CHANNELS
from koeru.families.vocoder.manifest import VocoderManifest
from koeru.families.vocoder.published import (
    generator_weights,
    published_config,
    write_discriminators,
    write_generator,
)
from koeru.families.vocoder.published_parts import channels_of, part_of
from koeru.graph.stages import DATA_DEFAULTS
from koeru.graph.store import Place, Store, read_json, write_json
from koeru.training.checkpoint import TrainState, load
from koeru.training.taking import Take, best_row

ROLES = ("vocoder/vocoder", "vocoder/weights")  # where the record of a view has its vocoder
EXAMPLE = """example, from the folder where snakemake runs:
  python -m koeru.families.vocoder.hand_over vocoder/LINE_6 --to LINE_6_for_others --discriminators"""


def vocoder_of(view: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The vocoder in a view's record, and the leaves of all that the view was made with, the vocoder's own first."""
    if not (view / "record.json").is_file():
        raise ValueError(f"{view} is not a view of koeru: `snakemake --cores 8 vocoder/NAME` makes that of a vocoder")
    record = read_json(view / "record.json")
    found = [record[role] for role in ROLES if role in record]
    if not found:
        raise ValueError(f"{view} shows nothing that has a vocoder: name a view such as vocoder/NAME")
    known = DATA_DEFAULTS | defaults(VocoderEntry, "vocoder.") | defaults(Weights, "weights.")
    for node in [*reversed(record.values()), found[0]]:
        known |= node["params"]
    return found[0], known


def state_of(node: Mapping[str, Any], store: Store) -> TrainState:
    """The state of the vocoder. Errors: FileNotFoundError where the store has it no more."""
    place = Place(node["stage"], node["key"])
    path = store.folder(place) / "state.pt"
    if node["stage"] == "vocoder":
        path = store.epoch_state_path(place, node["epoch"])
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there: make the view anew with snakemake, or say where --store is")
    return load(path)


def epochs_before(node: Mapping[str, Any], store: Store) -> int:
    """How many epochs the learning rate of the vocoder had fallen when it began."""
    if node["stage"] != "vocoder":
        return 0
    loaded = store.read_node(Place(node["stage"], node["key"], epoch=node["epoch"]), VocoderManifest).loaded
    return loaded.more["epochs"] if loaded else 0


def write(view: Path, folder: Path, store: Store, take: Take | None, discriminators: bool) -> list[Path]:
    """Write the files; which they are. Of several, the generator and the discriminators are of one epoch."""
    node, known = vocoder_of(view)
    state = state_of(node, store)
    step, taken = state.position.step, take or (known["vocoder.take"] if state.best else None) or "last"
    if discriminators:
        taken = "last"
    if taken == "best":
        best = best_row(state.position.log, JUDGED_BY)
        step = best["step"] if best else step
    files = {"generator": folder / f"g_{step:08d}", "config": folder / "config.json"}
    if discriminators:
        files["discriminators"] = folder / f"do_{step:08d}"
    if present := [path.name for path in files.values() if path.exists()]:
        raise FileExistsError(f"{folder} has {', '.join(present)} already: choose another folder")
    if discriminators:
        train = over(VocoderTrain, known, "vocoder.train.")
        write_discriminators(state, files["discriminators"], train, epochs_before(node, store))
        widths = [channels_of(part_of(state.model, part), part) for part in ("mpd", "msd")]
        if widths != [PERIOD_CHANNELS, SCALE_CHANNELS]:
            told = "the published code must be told them in its models.py"
            print(f"hand_over: the discriminators have widths {widths}: {told}", file=sys.stderr)
    write_generator(generator_weights(state, taken), files["generator"])
    write_json(files["config"], published_config(known[f"{node['stage']}.variant"], known))
    return list(files.values())


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m koeru.families.vocoder.hand_over",
        description=__doc__,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("view", type=Path, help="such as vocoder/LINE_6, or of an experiment that has a vocoder")
    parser.add_argument("--to", required=True, type=Path, metavar="FOLDER", help="where to write the files")
    parser.add_argument("--discriminators", action="store_true", help="also do_<steps>, to train on; of the last epoch")
    parser.add_argument("--take", choices=("best", "last"), help="the generator of which epoch (default: as the entry)")
    parser.add_argument("--store", type=Path, help="the folder of all outputs (default: `store` beside the views)")
    arguments = parser.parse_args()
    try:
        if arguments.discriminators and arguments.take == "best":
            raise ValueError("--discriminators goes with the last epoch: those of the best one are not kept")
        store = Store(arguments.store or arguments.view.resolve().parents[1] / "store")
        for path in write(arguments.view, arguments.to, store, arguments.take, arguments.discriminators):
            print(path)
    except (ValueError, OSError) as error:
        sys.exit(f"hand_over: {error}")


if __name__ == "__main__":
    main()
