# Two commands do all the set-up: `make run` and `make test`. Everything happens in .venv here.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
DEVELOPED := $(VENV)/developed
FUZZED := $(VENV)/fuzzed
BENCHED := $(VENV)/benched
AUDITED := $(VENV)/audited
FUZZ ?= -max_total_time=1800

.PHONY: run test check journal mutants soak hostile fuzz bench bench-compare bench-plots audit-dependencies clean

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

journal: $(DEVELOPED) ## store a journal of this version in tests/data anew: its tables have changed before their release
	$(BIN)/python scripts/store_journal.py

mutants: $(DEVELOPED) ## plant faults in goq, and see that the tests catch each; MUTANTS='--shard 1/4'
	$(BIN)/python scripts/mutants.py $(MUTANTS)

soak: $(DEVELOPED) ## ten minutes of random faults against a real cluster; SOAK='--seconds 3600 --seed 7'
	$(BIN)/python scripts/soak.py $(SOAK)

hostile: $(DEVELOPED) ## strangers against a real server, and what honest clients notice; HOSTILE='--seconds 10'
	$(BIN)/python scripts/hostile.py $(HOSTILE)

fuzz: $(FUZZED) ## bytes and dialogues against codec and dispatcher; FUZZ='-max_total_time=600' seconds each
	$(BIN)/python scripts/fuzz.py frame $(FUZZ)
	$(BIN)/python scripts/fuzz.py dialogue $(FUZZ)
	$(BIN)/python scripts/fuzz.py people $(FUZZ)

bench: $(BENCHED) ## every figure beside its ceiling; BENCH='--only NAME --repeat N --quick'
	$(BIN)/python -m bench $(BENCH)

bench-compare: $(BENCHED) ## this goq and that of another revision, alternately; BASE=rev
	$(BIN)/python -m bench --base '$(BASE)' $(BENCH)

bench-plots: $(BENCHED) ## measure and draw docs/throughput.svg
	$(BIN)/python -m bench --curves $(BENCH)

audit-dependencies: $(AUDITED) ## before a release, by hand: what is known against the versions that are installed; asks the network
	$(BIN)/python -m pip_audit --skip-editable

clean: ## remove what the other targets made
	rm -rf $(VENV) demo

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): $(BIN)/python pyproject.toml goq/__main__.py # which is copied
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(DEVELOPED): $(BIN)/python pyproject.toml goq/__main__.py
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $(INSTALLED) $@

$(FUZZED): $(DEVELOPED)
	$(BIN)/python -m pip install --quiet --editable '.[dev,fuzz]'
	touch $(INSTALLED) $(DEVELOPED) $@

$(BENCHED): $(BIN)/python pyproject.toml goq/__main__.py
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	touch $(INSTALLED) $@

$(AUDITED): $(BIN)/python pyproject.toml goq/__main__.py
	$(BIN)/python -m pip install --quiet --editable '.[web,audit]'
	touch $(INSTALLED) $@
