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

.PHONY: help env demo dashboard screenshots refresh calibrate validation claims pictures check test soak bench lint format lock warm clean

help: ## Show this list
	@sed -n 's/^\([a-z][a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

env: $(READY) ## Make the environment in .venv from the pinned packages

# The lock pins the build backend too, so nothing is fetched that has no hash in the lock.
$(READY): requirements.txt pyproject.toml hatch_build.py
	@python="$$(.ci/find-python)" && \
	  echo "badia: installing the pinned packages into $(VENV), once, about a minute ($$python)" && \
	  "$$python" -m venv $(VENV)
	$(PY) -m pip install --quiet --require-hashes -r requirements.txt
	$(PY) -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## Run August 2018 for real: summary, result, map and film in results/demo
	$(PY) -m sim.cli run syria-2018-08 --runs 200 --out results/demo
	$(PY) -m sim.cli export results/demo --to png --to gif

dashboard: $(READY) ## Open the dashboard in the browser
	@$(PY) -m sim.cli dashboard

check: $(READY) lint warm ## Style, types and the fast tests: under three minutes
	BADIA_MUTATIONS=40 $(PY) -m pytest -n $(WORKERS) -m "not slow and not browser"

test: $(READY) lint warm ## Everything that must hold, within 25 minutes on two cores
	@.ci/browser
	BADIA_MUTATIONS=$(MUTATIONS) $(PY) -m pytest -n $(WORKERS)

soak: $(READY) warm ## What takes long, in full; the results go to bench/results
	@mkdir -p bench/results
	set -eo pipefail; ($(PY) -c "from bench.machine import machine; print(machine())"; \
	  echo "$(SOAK_MUTATIONS) mutations"; \
	  BADIA_MUTATIONS=$(SOAK_MUTATIONS) $(PY) -m pytest -n $(WORKERS) --durations=10) \
	  | tee bench/results/soak-$$(date +%F).txt

bench: $(READY) warm ## Time the engine and the dashboard; docs/speed.md and README.md say it
	@.ci/browser
	$(PY) -m bench.speed.report
	$(PY) bench/dashboard.py --out bench/results

refresh: $(READY) ## Renew what is generated: docs' tables, JSON Schema, golden tables, hidden run
	$(PY) docs/build.py
	$(PY) -m sim.scenario.reference
	$(PY) -m tests.golden.refresh
	$(PY) -m bench.hidden_run

calibrate: $(READY) ## Calibrate on the training periods again; the posterior goes into the package
	$(PY) -m sim.cli calibrate syria-2017-08 syria-2018-04 --sets 384 --runs 2 --trajectories 6 \
	  --out bench/results/calibration
	@mkdir -p sim/data
	cp bench/results/calibration/posterior.csv sim/data/posterior.csv

validation: $(READY) ## Measure how far the model can be trusted; docs/validation.md says it
	$(PY) -m bench.validation.report

claims: $(READY) ## Measure the article's claims again; the table goes to docs/claims.md
	$(PY) -m bench.claims

pictures: $(READY) ## Make the pictures of the docs again from the current code
	$(PY) -m sim.cli run syria-2018-08 --runs 200 --out results/pictures
	$(PY) -m sim.cli export results/pictures --to png --out docs/pictures/syria-2018-08.png

screenshots: $(READY) ## Make the pictures of the dashboard again from the current code
	@.ci/browser
	$(PY) -m docs.screenshots

lint: $(READY) ## Style and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

format: $(READY) ## Put the code into its form
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

lock: $(READY) ## Pin the packages anew, with the hashes of all their files
	$(PY) -m piptools compile --quiet --upgrade --strip-extras --allow-unsafe --no-header \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
	  --generate-hashes --extra dev --output-file requirements.txt pyproject.toml

# Parallel tests would each compile the kernels; one small run before them fills the cache.
warm: $(READY)
	@$(PY) -c "from sim import *; simulate(load_scenario('two-valleys'), runs=2, days=3)"

clean: ## Remove the environment and what tools left behind
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
