"""Take published weights of a HiFi-GAN over: the files that an entry names, checked, as the state of a training."""

import sys
from typing import Any

from koeru.families.vocoder.published import Source, read
from koeru.families.vocoder.published_parts import built, channels_of, part_of
from koeru.families.vocoder.weights_file import found_at, lacking_weights
from koeru.graph.store import file_digest
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.training.checkpoint import TrainState, save


def job(work: Work) -> None:
    """Write state.pt: model, moments and place of the files; and what they hold."""
    run: dict = {}
    with timed(run):
        source = source_of(work)
        state = read(source)
        path = work.folder / "state.pt"
        save(state, path)
    told = holds(state)
    if not told["discriminators"]:
        print(f"weights: {source.name} has no discriminators: a training begins with random ones", file=sys.stderr)
    files = {leaf: {"path": str(file), "bytes": file.stat().st_size} for leaf, (file, _) in source.files().items()}
    payload = {"file": path.name, "bytes": path.stat().st_size, "sha256": file_digest(path)}
    origin = {"source": work.settings["source"], "files": files}
    finish(work, run, {"variant": source.variant, **told, **origin, "payload": payload})


def source_of(work: Work) -> Source:
    """The files of the node. Errors: FileNotFoundError with where they were looked for, and remedies."""
    if lacking := lacking_weights(work.settings):
        raise FileNotFoundError("\n".join(lacking))
    files = {leaf: work.settings[leaf] for leaf in ("generator", "discriminators")}
    return Source(
        work.settings["name"],
        work["weights.variant"],
        **{leaf: found_at(path) for leaf, path in files.items() if path is not None},
        **{f"{leaf}_sha256": work[f"weights.{leaf}_sha256"] for leaf in files},
    )


def holds(state: TrainState) -> dict[str, Any]:
    """What the state has: its place, parts, numbers of parameters, and sizes that are not in the variant."""
    parts = {part: part_of(state.model, part) for part in ("generator", "mpd", "msd")}
    counts = {
        part: sum(p.numel() for p in built(part, weights).parameters()) for part, weights in parts.items() if weights
    }
    return {
        "step": state.position.step,
        "epoch": state.position.epoch,
        "n_mels": parts["generator"]["conv_pre.weight_v"].shape[1],
        "discriminators": bool(parts["mpd"]),
        "moments": len(state.moments),
        "parameters": counts,
        "channels": {part: channels_of(parts[part], part) for part in ("mpd", "msd") if parts[part]},
    }
