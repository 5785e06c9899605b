"""Who may import whom: the Snakefile stays light, data stages do without torch, the library knows no Snakemake."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {"torch", "numpy", "pyopenjtalk", "pyworld", "pydub", "soundfile", "matplotlib"}
STAGES = (ROOT / "scripts").glob("*.py")
ON_MODELS = {"train", "gta", "vocoder", "weights", "published", "synthesis", "resynthesis", "evaluation", "exp"}
DATA_STAGES = sorted({p.stem for p in STAGES} - ON_MODELS - {"show"})
GROUND = [path for room in ("config", "graph") for path in (ROOT / "koeru" / room).glob("*.py")]
ABOVE = ("audio", "text", "data", "nn", "report", "stand_in", "jobs", "status")


TOP_LEVEL = "import sys; print(' '.join({name.split('.')[0] for name in sys.modules}))"


def loaded(code: str, told: str = TOP_LEVEL) -> set[str]:
    """The top-level modules that some code has loaded in a fresh interpreter, or what else `told` prints."""
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


def snakefile_imports(always: bool) -> list[str]:
    """What of koeru the Snakefile imports whenever it is read, or only when a target asks for it."""
    lines = (ROOT / "rules" / "common.smk").read_text("utf-8").splitlines()
    return [line.strip() for line in lines if line.strip().startswith("from koeru") and (line[0] == "f") == always]


def test_what_the_snakefile_imports_is_light():
    always, asked_for = snakefile_imports(True), snakefile_imports(False)
    assert len(always) >= 5 and asked_for
    assert not loaded("\n".join(always + asked_for)) & HEAVY


def test_the_adapters_are_imported_only_when_a_target_asks_for_them():
    told = "import sys; print(' '.join(name.removeprefix('koeru.corpora.') for name in sys.modules))"
    assert "catalogue" not in loaded("\n".join(snakefile_imports(True)), told)
    assert "catalogue" in loaded("\n".join(snakefile_imports(False)), told)


@pytest.mark.parametrize("stage", DATA_STAGES)
def test_data_stages_do_without_torch(stage):
    script = ROOT / "scripts" / f"{stage}.py"
    assert "torch" not in loaded(f"import runpy; runpy.run_path({str(script)!r}, run_name='looked_at')")


def test_the_library_knows_no_snakemake():
    for path in (ROOT / "koeru").rglob("*.py"):
        assert not {name for name in imports(path) if name.split(".")[0] == "snakemake"}, path


@pytest.mark.parametrize("path", GROUND, ids=lambda path: path.stem)
def test_the_ground_floor_imports_nothing_above_it(path):
    floors = {module.split(".")[1] for module in imports(path) if module.startswith("koeru.")}
    assert not floors & set(ABOVE)


@pytest.mark.parametrize("path", sorted((ROOT / "koeru" / "text").glob("*.py")), ids=lambda path: path.stem)
def test_text_knows_no_language(path):
    assert not {module for module in imports(path) if module.startswith("koeru.languages")}


def test_languages_are_light_and_come_when_asked_for():
    whole = "import sys; print(' '.join(sys.modules))"
    assert not {name for name in loaded("import koeru.languages", whole) if name.startswith("koeru.languages.")}
    asked_for = "from koeru.languages import LANGUAGES, language\n[language(name) for name in LANGUAGES]"
    assert not loaded(asked_for) & HEAVY


def test_networks_know_nothing_of_files():
    for path in (ROOT / "koeru" / "nn").glob("*.py"):
        assert not {"pathlib", "os", "koeru.graph.store"} & imports(path), path
