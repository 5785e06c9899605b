"""Who may import whom: the Snakefile stays light, data stages do without torch, the library knows no Snakemake."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from koeru.families import FAMILIES

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {"torch", "numpy", "numba", "pyopenjtalk", "pyworld", "pydub", "soundfile", "matplotlib"}
STAGES = (ROOT / "scripts").glob("*.py")
DATA_STAGES = sorted({p.stem for p in STAGES} - {"training"})
GROUND = [path for room in ("config", "graph") for path in (ROOT / "koeru" / room).glob("*.py")]
ABOVE = ("families", "audio", "text", "data", "nn", "training", "report", "stand_in", "jobs", "status", "languages")


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


def test_the_samples_of_a_segment_are_never_without_what_is_muted():
    """Whoever cuts a recording by the bounds of a segment hears what is muted there."""
    bounds = re.compile(r"""\w\[\w+(\["start"\]|\.start) : \w+(\["stop"\]|\.stop)\]""")
    files = [*(ROOT / "koeru").rglob("*.py"), *(ROOT / "scripts").glob("*.py")]
    cuts = [(path, line) for path in files for line in path.open(encoding="utf-8") if bounds.search(line)]
    assert cuts and [(path, line) for path, line in cuts if "silenced(" not in line] == []


def test_only_languages_name_a_language_in_an_import():
    for path in (ROOT / "koeru").rglob("*.py"):
        if "languages" not in path.parts:
            assert not {name for name in imports(path) if name.startswith("koeru.languages.")}, path


def test_languages_are_light_and_come_when_asked_for():
    whole = "import sys; print(' '.join(sys.modules))"
    assert not {name for name in loaded("import koeru.languages", whole) if name.startswith("koeru.languages.")}
    asked_for = "from koeru.languages import LANGUAGES, language\n[language(name) for name in LANGUAGES]"
    assert not loaded(asked_for) & {*HEAVY, "pydantic"}  # a front end's child starts with it


TRAINING = {"torch", "lightning_fabric", "snakemake", "numba", "safetensors", "jinja2", "matplotlib", "pyworld", "onnx"}
SPEAKING = (
    "koeru.families.acoustic.onnx_voice", "koeru.families.vocoder.onnx_generator", "koeru.use.speech",
    "koeru.use.manner", "koeru.use.models", "koeru.use.pack", "koeru.audio.pitch_shift", "koeru.languages",
    "koeru.use.serve", "koeru.use.serving.app",
)  # fmt: skip


@pytest.mark.parametrize("module", SPEAKING)
def test_what_speaks_by_graphs_needs_nothing_that_trains(module):
    assert not loaded(f"import {module}") & TRAINING


def test_networks_know_nothing_of_files():
    for path in (ROOT / "koeru" / "nn").glob("*.py"):
        assert not {"pathlib", "os", "koeru.graph.store"} & imports(path), path


CORE = [path for room in (ROOT / "koeru").iterdir() if room.name != "families" for path in room.rglob("*.py")]
CORE += [*(ROOT / "scripts").glob("*.py"), *(ROOT / "rules").glob("*.smk"), ROOT / "Snakefile"]


def words_of(path: Path) -> set[str]:
    """The names and texts in a file's code; what is told in docstrings and comments is no code."""
    if path.suffix != ".py":
        lines = path.read_text("utf-8").splitlines()
        return set(re.findall(r"\w+", "\n".join(line.partition("# ")[0] for line in lines if line.lstrip()[:1] != "#")))
    tree = ast.parse(path.read_text("utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            found |= set(re.findall(r"\w+", node.value))
        found |= {value for value in vars(node).values() if isinstance(value, str)}
    return found


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_core_modules_name_no_family(path):
    names = {name for family in FAMILIES.families for name in (family.name, f"{family.name}s")}
    assert not names & {part for word in words_of(path) for part in word.lower().split("_")}
    assert not {name for name in imports(path) if name.startswith("koeru.families.")} if path.suffix == ".py" else True


def test_families_do_not_import_each_other():
    for family in FAMILIES.families:
        others = tuple(f"koeru.families.{other.name}" for other in FAMILIES.families if other is not family)
        for path in (ROOT / "koeru" / "families" / family.name).rglob("*.py"):
            assert not {name for name in imports(path) if name.startswith(others)}, path


def test_the_light_half_of_families_is_light():
    assert not loaded("import koeru.families") & HEAVY
