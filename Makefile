# Every command that the project needs.  `make demo` and `make test` start from nothing but
# Python 3.11 or later, git, make and a package index that pip can reach.

SHELL := /bin/bash
.DEFAULT_GOAL := help

VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
WORKERS ?= 2
MUTATIONS ?= 300
SOAK_MUTATIONS ?= 10000
export PYTHONHASHSEED ?= 0

.PHONY: help env demo pictures check test soak bench lint format lock clean

help: ## Show this list
	@sed -n 's/^\([a-z][a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

env: $(READY) ## Make the virtual environment with the pinned packages

# The lock pins the build backend too, so nothing is downloaded that has no hash in the lock.
$(READY): requirements.txt pyproject.toml
	@python="$$(.ci/find-python)" && \
	  echo "badia: installing the pinned packages into $(VENV), once, about a minute ($$python)" && \
	  "$$python" -m venv $(VENV)
	$(PY) -m pip install --quiet --require-hashes -r requirements.txt
	$(PY) -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## Run August 2018 for real: summary, result, map and film in results/demo
	$(PY) -m sim.cli run syria-2018-08 --runs 200 --out results/demo
	$(PY) -m sim.cli export results/demo --to png --to gif

check: $(READY) lint ## Lint, types and the fast tests: under three minutes
	$(PY) -c "import sim.kernels.warm as w; w.warm()"
	BADIA_MUTATIONS=50 $(PY) -m pytest -n $(WORKERS) -m "not slow"

test: $(READY) lint ## Everything that must hold, within 25 minutes on two cores
	BADIA_MUTATIONS=$(MUTATIONS) $(PY) -m pytest -n $(WORKERS)

lint: $(READY) ## Style and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
