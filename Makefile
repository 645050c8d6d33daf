# Two commands: `make demo` and `make test`. Everything else here is a part of them.
# The virtual environment is made once, from the locked versions; a second run takes no set-up time.

PYTHON ?= python3
NEWEST_PYTHON ?= $(PYTHON)
VENV    := .venv
BIN     := $(VENV)/bin
LOCK    := requirements/course.txt
READY   := $(VENV)/ready
COMPILE := --compile

# Some machines forbid writing bytecode; then every start would compile everything again.
unexport PYTHONDONTWRITEBYTECODE
# nbgrader starts its own subcommands by name.
export PATH := $(abspath $(BIN)):$(PATH)

# macOS has no namespaces: there the kit's own examples, and only they, run without a boundary.
ifeq ($(shell uname),Darwin)
DEMO := --no-sandbox cnn_step_by_step
else
DEMO := cnn_step_by_step
endif

.PHONY: demo test test-newest test-hosted lint setup setup-newest environments lock clean forget-class

demo: setup
	stepgrade release cnn_step_by_step
	python examples/hand_in.py
	stepgrade grade $(DEMO)
	stepgrade feedback $(DEMO)
	stepgrade report $(DEMO)
	@echo "Look next:"
	@echo "  reports/cnn_step_by_step/index.html                         what staff read on Monday morning"
	@echo "  feedback/no_padding/cnn_step_by_step/cnn_step_by_step.html  what that student reads"
	@echo "  release/cnn_step_by_step/                                   what students download"
	@echo "  $(BIN)/jupyter lab                                      the class: menu nbgrader, Formgrader"

# Two processes per core, since many tests wait: for a limit, a kill, a lock. The tests of one file stay together,
# since some of them look at what a process leaves behind, and the files come in the order of tests/conftest.py, the
# longest first.
PROCESSES := $(shell $(PYTHON) -c 'import os; print(2 * os.cpu_count())')
PYTEST := -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder

test: setup
	python $(PYTEST)

# On the newest NumPy: what computes or runs student code. Files, databases and workers are the same there, and so is
# what the checks are worth (mutants, kill tables).
NUMERIC := tests/honest $(addprefix tests/test_,checks.py example_class.py judge.py misconceptions.py public_tests.py \
  solution.py wire.py)

test-newest: setup-newest
	HONEST_SEEDS=50 .venv-newest/bin/python $(PYTEST) $(NUMERIC)

# What is used once, and but little of it, is compiled as it is imported.
setup-newest:
	$(MAKE) --no-print-directory setup VENV=.venv-newest LOCK=requirements/newest.txt PYTHON=$(NEWEST_PYTHON) \
	  COMPILE=--no-compile

# What students have without an installation: the oldest NumPy that the notebook is for, and no Jupyter.
test-hosted: setup .venv-hosted/ready
	BARE_PYTHON=$(abspath .venv-hosted/bin/python) python -m pytest tests/test_bare_folder.py

.venv-hosted/ready: requirements/hosted.txt
	$(PYTHON) -m venv .venv-hosted
	.venv-hosted/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes \
	  -r requirements/hosted.txt
	touch $@

lint: setup
	ruff format --check .
	ruff check .
	mypy
	lint-imports --no-cache

setup: $(READY)

# All that .ci/run needs; one after the other they would take three times as long, and so `make -j3` for this.
environments: setup setup-newest .venv-hosted/ready

$(READY): $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || \
	  { echo "stepgrade needs Python 3.11 to 3.14, but $(PYTHON) is $$($(PYTHON) --version 2>&1); try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(COMPILE) --require-hashes -r $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	test $(COMPILE) = --no-compile || $(BIN)/python -m compileall -q $(VENV)/lib stepgrade || true
	touch $@

# Resolve the locks anew (needs uv). The files name versions and hashes, and no place to download from; with extras, since
# pip knows a hash for a package with extras only if its line has them, too.
lock:
	for name in course newest; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	    --no-annotate --no-strip-extras --all-extras pyproject.toml requirements/$$name.in -o requirements/$$name.txt; \
	done
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate requirements/hosted.in -o requirements/hosted.txt

clean:
	rm -rf $(VENV) .venv-newest .venv-hosted

# Hand-ins, marks, pages and reports of everybody, as after `make demo`; what is released and hidden stays.
forget-class:
	rm -rf submitted/*/ autograded/*/ feedback/*/ reports/*/ gradebook.db .stepgrade
