"""Who may import whom: the Snakefile stays light, data stages do without torch, the library knows no Snakemake."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {"torch", "numpy", "pyopenjtalk", "pyworld", "pydub", "soundfile", "matplotlib"}
STAGES = (ROOT / "scripts").glob("*.py")
DATA_STAGES = sorted({p.stem for p in STAGES} - {"train", "synthesis", "evaluation", "exp", "show"})
ABOVE = ("audio", "text", "data", "models", "training", "evaluation", "report", "stand_in", "stage", "plan", "status")


def loaded(code: str) -> set[str]:
    """The top-level modules that some code has loaded in a fresh interpreter."""
    told = "import sys; print(' '.join({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{told}"], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def imports(path: Path) -> set[str]:
    """The modules that a file names in import statements, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_what_the_snakefile_imports_is_light():
    common = (ROOT / "rules" / "common.smk").read_text("utf-8")
    lines = [line for line in common.splitlines() if line.startswith("from koeru")]
    assert len(lines) >= 5
    assert not loaded("\n".join(lines)) & HEAVY


@pytest.mark.parametrize("stage", DATA_STAGES)
def test_data_stages_do_without_torch(stage):
    script = ROOT / "scripts" / f"{stage}.py"
    assert "torch" not in loaded(f"import runpy; runpy.run_path({str(script)!r}, run_name='looked_at')")


def test_the_library_knows_no_snakemake():
    for path in (ROOT / "koeru").rglob("*.py"):
        assert not {name for name in imports(path) if name.split(".")[0] == "snakemake"}, path


@pytest.mark.parametrize("name", ["entries", "config", "graph", "store"])
def test_the_ground_floor_imports_nothing_above_it(name):
    found = imports(ROOT / "koeru" / f"{name}.py")
    assert not {module for module in found if module.startswith(tuple(f"koeru.{above}" for above in ABOVE))}


def test_models_know_nothing_of_files():
    for path in (ROOT / "koeru" / "models").glob("*.py"):
        assert not {"pathlib", "os", "koeru.store"} & imports(path), path
