# koeru on a fresh machine: `make demo` speaks, `make test` tests. Everything else is Snakemake's command line.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3

.PHONY: demo demo-vc test test-slow test-slurm lint bench setup sox chromium slurm lock help

help:
	@echo "make demo       set up, then train the memo's LINE_15 on a synthesised corpus, in demo/"
	@echo "make demo-vc    set up, then train the memo's N2C_23, which turns one synthesised voice into another, in demo/"
	@echo "make test       set up, then run the test suite"
	@echo "make test-slow  the tests that train real models for minutes"
	@echo "make test-slurm the demo's experiment at its smallest on a Slurm of one host, killed and resumed (as root)"
	@echo "make lint       ruff, snakefmt, snakemake --lint, and whether the tests have the delivered entries"
	@echo "make bench      the figures of docs/benchmarks.md, measured here"
	@echo "make setup      only the virtual environment and SoX"

demo: setup
	$(BIN)/snakemake --cores all --profile profiles/demo exp/LINE_15
	@echo
	@echo "audio    demo/exp/LINE_15/samples/*.wav"
	@echo "metrics  demo/exp/LINE_15/metrics.json"
	@echo "report   demo/exp/LINE_15/report.html     (open it in a browser)"
	@echo "dataset  demo/data/LINE_3/quality.html"

# What is converted at the end is a recording that nothing was trained on.
demo-vc: setup
	$(BIN)/snakemake --cores all --profile profiles/demo exp/N2C_23
	$(BIN)/python -m koeru convert demo/exp/N2C_23 "$$(ls demo/exp/N2C_23/samples/*.source.wav | head -1)" \
		-o demo/converted.wav --force
	@echo
	@echo "audio    demo/converted.wav, demo/exp/N2C_23/samples/*.wav"
	@echo "metrics  demo/exp/N2C_23/metrics.json"
	@echo "report   demo/exp/N2C_23/report.html     (open it in a browser)"
	@echo "dataset  demo/data/N2C_4/quality.html"

# The environment that Snakemake's jobs have.
AS_JOBS = env $$($(BIN)/python -m koeru.jobs.environment)

# Each worker has a core, and its torch one thread: more would wait for each other.
test: setup chromium .clients/.ready
	$(AS_JOBS) OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadgroup --no-loadscope-reorder

test-slow: setup
	$(AS_JOBS) $(BIN)/python -m pytest -m slow

# Slurm's executor lies beside the environment, not in it (pyproject.toml says why).
test-slurm: setup slurm .slurm/.ready
	$(AS_JOBS) PYTHONPATH=$(CURDIR)/.slurm $(BIN)/python tools/one_host_slurm.py $(BIN)/python -m pytest -m slurm -s -v tests/slurm

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/snakemake --lint
	@$(call same,config.yaml,tests/configs/memo.yaml)
	@$(call same,profiles/demo/small.yaml,tests/configs/demo.yaml)

# The tests have copies of the delivered entries, as a user may change his. What git has is compared, where there is git,
# so that entries of one's own are not in the way.
same = { git show :$(1) 2>/dev/null || cat $(1); } | cmp --silent - $(2) || \
	{ echo "$(2) is not the delivered $(1): if that is meant, cp $(1) $(2)"; exit 1; }

bench: setup .bench/.ready
	PYTHONPATH=$(CURDIR)/.bench $(BIN)/python bench/run.py

setup: $(VENV)/.ready sox

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "koeru needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ echo "Python's venv is missing: install the package python3-venv"; exit 1; }
	@echo "koeru: installing the packages of requirements.lock into $(VENV); this takes some minutes, mostly for torch"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

# The SoX binary is the one thing that pip cannot bring.
sox:
	@command -v sox >/dev/null || \
	{ [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq sox; } || \
	{ sudo -n true 2>/dev/null && sudo apt-get update -qq && sudo apt-get install -y -qq sox; } || \
	{ echo "koeru needs the SoX program: install the package sox (Debian, Ubuntu: apt-get install sox)"; exit 1; }

# The tests open pages in it.
chromium:
	@command -v chromium >/dev/null || \
	{ [ "$$(id -u)" = 0 ] && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } || \
	{ echo "the tests need Chromium: install the package chromium (Debian: apt-get install chromium)"; exit 1; }

# What only some need lies beside the environment.
.clients/.ready: MORE := --ignore-requires-python
.slurm/.ready .bench/.ready .clients/.ready: .%/.ready: requirements-%.lock $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade $(MORE) --target .$* \
		-r requirements-$*.lock
	@touch $@

slurm:
	@(for program in slurmctld slurmd munged sbatch; do command -v $$program >/dev/null || exit 1; done) || \
	{ [ "$$(id -u)" = 0 ] && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq slurm-wlm munge; } || \
	{ echo "Slurm is needed: install slurm-wlm and munge (Debian, Ubuntu: apt-get install slurm-wlm munge)"; exit 1; }

# One lock file for everything; torch is pinned without a local label, so that any index's build of it will do.
lock:
	$(PYTHON) tools/lock.py
