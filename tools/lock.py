"""Write requirements*.lock and envs/koeru.yaml: the ranges of pyproject.toml, installed afresh and pinned."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = "# Every dependency, pinned by `make lock` from the ranges in pyproject.toml.\n"
BESIDE = {"slurm": "Slurm's executor needs", "bench": "the benchmarks need"}  # extras with a lock file of their own
ONLY_LATER_PYTHON = "audioop-lts==0.2.2; python_version >= '3.13'"  # pydub's, gone from Python's own library there


def pins(*extras: str) -> list[str]:
    """What pip chooses today for pyproject.toml with some extras."""
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder, "bin", "python")
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", f"{ROOT}[{','.join(extras)}]"], check=True)
        frozen = subprocess.run(
            [python, "-m", "pip", "freeze", "--exclude", "koeru"], check=True, capture_output=True, text=True
        ).stdout
    lines = {re.sub(r"\+\w+$", "", line.strip()) for line in frozen.splitlines() if "==" in line}
    return sorted(lines | {ONLY_LATER_PYTHON}, key=str.lower)


def main() -> None:
    found = pins("train", "serve", "dev")
    for extra, who in BESIDE.items():
        own = [f"{pin}\n" for pin in pins("train", "serve", "dev", extra) if pin not in found]
        head = f"# What {who} beside requirements.lock, pinned by `make lock`.\n"
        (ROOT / f"requirements-{extra}.lock").write_text(head + "".join(own))
    (ROOT / "requirements.lock").write_text(HEAD + "".join(f"{pin}\n" for pin in found))
    head = "channels: [conda-forge, nodefaults]\ndependencies:\n  - python=3.11\n  - sox=14.4.2\n  - pip\n  - pip:\n"
    entries = "".join(f'      - "{pin}"\n' for pin in found)
    (ROOT / "envs" / "koeru.yaml").write_text(HEAD + head + entries)


if __name__ == "__main__":
    main()
