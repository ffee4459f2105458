# Two commands do all the set-up: `make run` and `make test`. Everything happens in .venv here.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
DEVELOPED := $(VENV)/developed

.PHONY: run test check mutants soak clean

run: $(INSTALLED) ## install, start a server and workers on 127.0.0.1, run a job, show its output
	$(BIN)/python scripts/first_run.py

test: $(DEVELOPED) ## the whole suite
	$(BIN)/python -m pytest -n 4

check: $(DEVELOPED) ## what a change must pass: format, lint, types, spelling, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/python -m pytest -n 4

mutants: $(DEVELOPED) ## plant faults in the core, and see that the tests catch each
	$(BIN)/python scripts/mutants.py

soak: $(DEVELOPED) ## an hour of random faults against a real cluster; SOAK='--seconds 600 --seed 7'
	$(BIN)/python scripts/soak.py $(SOAK)

clean: ## remove what the other targets made
	rm -rf $(VENV) demo

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(DEVELOPED): $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $(INSTALLED) $@
