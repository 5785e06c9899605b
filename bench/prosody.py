"""Is prosody drawn as widely as it varies, and do several Gaussians know it better than one?

The emotion is hidden from the model, so that one text is said in several ways. All children hear prosody with the
frozen extractor of one parent, as likelihoods under another one would be densities of something else.
"""

import subprocess
from pathlib import Path

import yaml
from common import ROOT, SNAKEMAKE

from koeru.families.acoustic.measure.prosody import TEMPERATURES, compared
from koeru.report.measurement import Measurement

SEEDS = (1, 2, 3)
MANY, ONE = 8, 1
EPOCHS = 20
PARENT = {
    "base": "LINE_9",
    "note": "local prosody, not told the emotion",
    "model": {"emotion": False},
    "evaluation": {"prosody_samples": 32},  # an utterance is drawn in one emotion or another: few samples tell little
}
CHILD = {
    "base": "parent",
    "pretrain": "parent@30",
    "partial": ["prosody.predictor.local.head"],
    "epochs": EPOCHS,
    "train": {"freeze": ["prosody.extractor"], "anneal_steps": [250, 350]},
}


def measure(folder: Path) -> list[bool]:
    """Print the gain in held-out likelihood of each seed, and how the spread of F0 stands to what is unexplained."""
    children = {f"k{k}_{seed}": _child(k, seed) for k in (MANY, ONE) for seed in SEEDS}
    folder.mkdir(parents=True, exist_ok=True)
    overlay = folder / "prosody.yaml"
    overlay.write_text(yaml.safe_dump({"exp": {"parent": PARENT} | children}), "utf-8")
    demo = ROOT / "profiles" / "demo" / "small.yaml"
    command = [SNAKEMAKE, "--snakefile", ROOT / "Snakefile", "--directory", folder, "--cores", "all", "--quiet", "all"]
    command += ["--configfile", demo, overlay, "--", "exp/parent", *(f"exp/{name}" for name in children)]
    subprocess.run([str(c) for c in command], cwd=ROOT, check=True)
    print(
        f"prosody: the demo's model with local prosody, not told the emotion; {EPOCHS} epochs on one frozen extractor"
    )
    return [*(_gain(folder, seed) for seed in SEEDS), _spread(folder)]


def _child(num_gaussians: int, seed: int) -> dict:
    return CHILD | {"model": {"num_gaussians": num_gaussians}, "train": CHILD["train"] | {"seed": seed}}


def _gain(folder: Path, seed: int) -> bool:
    many, one = (Measurement.read(folder / "exp" / f"k{k}_{seed}") for k in (MANY, ONE))
    gain, (low, high) = compared(many, one, "local_prosody_log_likelihood")
    verdict = "ok" if low > 0 else "NOT BEYOND THE INTERVAL"
    interval = f"95 %: {low:+.2f} to {high:+.2f}"
    print(f"  seed {seed}: {MANY} Gaussians over {ONE}: {gain:+.2f} nats a phone ({interval}) {verdict}", flush=True)
    return low > 0


def _spread(folder: Path) -> bool:
    found = Measurement.read(folder / "exp" / "parent")
    ratio = found.metrics["f0_spread_ratio"].value
    by_temperature = found.more["prosody"]["spread_cents_by_temperature"]
    spreads = [by_temperature[f"{temperature:g}"] for temperature in TEMPERATURES]
    grows = spreads == sorted(spreads)
    verdict = "ok" if 0.5 <= ratio <= 2 and grows else "OUTSIDE"
    curve = ", ".join(f"{spread:.0f} at {degree:g}" for degree, spread in zip(TEMPERATURES, spreads, strict=True))
    print(f"  the voice: spread of F0 / unexplained: {ratio:.2f} (0.5 to 2); cents by temperature: {curve} {verdict}")
    return 0.5 <= ratio <= 2 and grows
