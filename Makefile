.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 8000
SITE ?= config/sites/xiangtan
BIN := .venv/bin
PY := $(BIN)/python
UV := $(BIN)/uv

help: ## show these targets
	@grep -hE '^[a-z0-9-]+:.*##' Makefile | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

# --- set-up. The stamps hold its steps; each is done again only when the lock it installs has changed.

.venv/stamp-bootstrap: requirements/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("coldport: needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	@echo "setting up .venv" >&2
	@$(PYTHON) -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

.venv/stamp-run: requirements/run.txt pyproject.toml .venv/stamp-bootstrap
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements/run.txt
	@$(UV) pip install --quiet --python $(PY) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/stamp-dev: requirements/dev.txt .venv/stamp-run
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements/dev.txt
	@touch $@

install: .venv/stamp-run ## set up what `make run` needs

install-dev: .venv/stamp-dev ## set up what tests and checks need

# --- the two commands

run: install ## run the example site and print its address (SITE=path PORT=n)
	@$(PY) -m coldport up "$(SITE)" --port "$(PORT)"

test: install-dev ## run every test; what needs a missing server is skipped with its reason
	@$(PY) -m pytest -n auto --dist worksteal -m "not alone"
	@$(PY) -m pytest -m alone tests/e2e tests/integration

# --- narrower tests

test-unit: install-dev ## only the tests without servers, browser or processes, and of them not the long ones
	@$(PY) -m pytest -n auto -m "not slow" tests/unit tests/cases tests/stories tests/architecture coldport edge control firmware_sim

test-e2e: install-dev ## only whole processes and the browser
	@$(PY) -m pytest tests/e2e

test-kills: install-dev ## kill edge, control and broker thirty times each under load (COLDPORT_SEED=n repeats a run)
	@COLDPORT_KILLS=$${COLDPORT_KILLS:-30} $(PY) -m pytest -q -s --timeout=1200 tests/e2e/no_loss/test_no_loss_kills.py

test-control-kills: install-dev ## kill control a hundred times inside excursions and hold every alarm and notice against a run without kills (COLDPORT_SEED=n)
	@COLDPORT_KILLS=$${COLDPORT_KILLS:-100} $(PY) -m pytest -q -s --timeout=1800 tests/e2e/no_loss/control_kills

test-outage: install-dev ## cut a gateway off for 72 h of 100 points at 1 Hz, on disk, and print the figures (COLDPORT_OUTAGE_HOURS=h)
	@COLDPORT_OUTAGE_HOURS=$${COLDPORT_OUTAGE_HOURS:-72} COLDPORT_OUTAGE_EVERY_S=1 COLDPORT_OUTAGE_ON_DISK=1 $(PY) -m pytest -q -s --timeout=14400 -o tmp_path_retention_policy=failed tests/contract/test_outage.py

test-day: install-dev ## a day of the example site in virtual time, twice, byte by byte the same (COLDPORT_DAY_HOURS=h)
	@COLDPORT_DAY_HOURS=$${COLDPORT_DAY_HOURS:-24} $(PY) -m pytest -q -s --timeout=3600 tests/simulation/test_sim_history.py

test-simulation: install-dev ## ten thousand histories with late, repeated and lost readings against a slow model, and with people and falls (COLDPORT_RECORD_EXAMPLES=n COLDPORT_ALARM_EXAMPLES=n)
	@COLDPORT_RECORD_EXAMPLES=$${COLDPORT_RECORD_EXAMPLES:-10000} $(PY) -m pytest -q --timeout=7200 tests/simulation/test_record_machine.py
	@COLDPORT_ALARM_EXAMPLES=$${COLDPORT_ALARM_EXAMPLES:-10000} $(PY) -m pytest -q --timeout=7200 tests/unit/control/test_alarm_restart.py tests/unit/control/test_alarm_watermark.py

# The tests that have to prove the alarms and the exposure of goods by themselves.
JUDGES := $(wildcard tests/unit/control/test_*.py) $(addprefix tests/unit/control/,exposure record rules backtest) tests/stories control/alarms control/exposure

coverage: install-dev ## every branch of control/alarms and control/exposure is taken by their own tests, or it fails
	@$(PY) -m coverage run -m pytest -q -m "not slow" $(JUDGES)
	@$(PY) -m coverage report

mutants: install-dev ## spoil control/alarms and control/exposure in one place at a time and see that a test fails (COLDPORT_MUTANTS=number, or share up to 1; COLDPORT_SEED=n; IN=control/alarms/watch.py)
	@PYTHONPATH=tests $(PY) -m mutants.hunt --seed $${COLDPORT_SEED:-1} --sample $${COLDPORT_MUTANTS:-400} $${IN:+--within $$IN} --tests $(JUDGES)

test-access: install-dev ## look for a foreign consignment by every route, a hundred sites at random (COLDPORT_ACCESS_EXAMPLES=n)
	@COLDPORT_ACCESS_EXAMPLES=$${COLDPORT_ACCESS_EXAMPLES:-100} $(PY) -m pytest -q --timeout=3600 tests/unit/control/api/access/test_access_foreign.py

scenarios: install ## play every scenario in config/scenarios and hold it against what it expects
	@$(PY) -m coldport sim check config/scenarios

fuzz: install-dev ## a million mutated frames for each parser (make test: a hundred thousand; COLDPORT_FUZZ=n)
	@COLDPORT_FUZZ=$${COLDPORT_FUZZ:-1000000} $(PY) -m pytest -q --timeout=7200 --durations 0 tests/fuzz

# --- checks

format: install-dev ## rewrite the sources in the house format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lint: install-dev ## format and rules
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check .

types: install-dev ## mypy strict and pyright
	@$(PY) -m mypy
	@$(PY) -m pyright

imports: install-dev ## the layers between and inside the packages
	@$(PY) -c 'import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())'

check: lint types imports ## all of the above

# --- benchmarks: figures of this machine, printed

bench-edge: install-dev ## one agent under a full floor, and its Modbus part beside thingsboard-gateway
	@$(PY) tests/benchmarks/bench_edge.py

bench-alarms: install-dev ## back-test ten million readings of two thousand points, beside a plain loop; the live engine on one core
	@$(PY) tests/benchmarks/bench_alarms.py

bench-ingest: install-dev ## bus to durable journal with alarms, beside the broker's own limit
	@$(PY) tests/benchmarks/bench_ingest.py

bench-epcis: install-dev ## capture a million EPCIS events and find them again, with the times (EVENTS=n for fewer)
	@$(PY) tests/benchmarks/bench_epcis.py --events $${EVENTS:-1000000}

bench-loads: install-dev ## weigh ten thousand simulated loads, each once (COLDPORT_SEED=n for others)
	@COLDPORT_LOADS=$${COLDPORT_LOADS:-10000} $(PY) -m pytest -q -s tests/contract/test_each_load_is_weighed_once.py

bench-lane-verdicts: install-dev ## ten thousand simulated parcels over gate and scale, each with its verdict (COLDPORT_SEED=n for others)
	@COLDPORT_PARCELS=$${COLDPORT_PARCELS:-10000} $(PY) -m pytest -q -s tests/contract/test_lane_lets_nothing_wrong_pass.py

bench-lanes: install-dev ## fourteen lanes of 5,000 parcels an hour through control's service onto its disk
	@PYTHONPATH=tests $(PY) tests/benchmarks/bench_lanes.py

bench-gate: install-dev ## tell ten thousand episodes of simulated gate traffic from a file (COLDPORT_SEED=n for others)
	@mkdir -p var && $(PY) -m coldport sim corpus gate --count 10000 --seed $${COLDPORT_SEED:-3001} --out var/gate.jsonl
	@$(PY) tests/benchmarks/bench_gate.py var/gate.jsonl

bench-historian: install-dev ## DuckDB beside SQLite on the same readings
	@$(PY) tests/benchmarks/bench_historian.py

bench-routing: install-dev ## plan hub instances of 10 to 10,000 consignments (SIZES=100,300 for some, PART=0.1 for a tenth of the time, BOUNDS=120 for what so many seconds prove, BESIDE=1 beside HiGHS)
	@$(PY) tests/benchmarks/bench_routing.py --part $${PART:-1} $${SIZES:+--sizes $$SIZES} $${BOUNDS:+--bounds $$BOUNDS} $${BESIDE:+--beside}

bench-replan: install-dev ## go on with a plan of 1,000 consignments after disruptions (PART=0.1 for a tenth of the time)
	@$(PY) tests/benchmarks/bench_replan.py --part $${PART:-1}

bench-fixed-charge: install-dev ## prove the public Canad instances, and plan them without a proof (SHARED=folder with the data)
	@$(PY) tests/benchmarks/bench_fixed_charge.py $${SHARED:-../shared/data/routing/canad}

bench-roads: install-dev ## public tours by PyVRP, VROOM and OR-Tools beside the best known (SECONDS=20, SHARED=folder with the data)
	@$(PY) tests/benchmarks/bench_roads.py $${SHARED:-../shared/data/routing} --seconds $${SECONDS:-20}

bench-loading: install-dev ## load thirty public containers, each box on full support (SECONDS=5 a container, SHARED=folder with the data)
	@$(PY) tests/benchmarks/bench_loading.py $${SHARED:-../shared/data/routing/loading} --seconds $${SECONDS:-5}

# --- generated files

docs: install-dev ## write the generated part of docs/reference
	@$(PY) docs/reference/generate.py

pictures: install-dev ## take the screenshots in docs/pictures
	@COLDPORT_PICTURES=docs/pictures $(PY) -m pytest --quiet tests/e2e/page/test_page_pictures.py

lock: install ## resolve pyproject.toml into requirements/*.txt with hashes
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements/bootstrap.in -o requirements/bootstrap.txt
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements/run.txt
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt

changelog: install-dev ## fold changelog.d into CHANGELOG.md (VERSION=x.y.z)
	@$(BIN)/towncrier build --yes --version "$(VERSION)"

clean: ## remove what was set up and built; the data in var/ stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist

.PHONY: help install install-dev run test test-unit test-e2e test-kills test-control-kills test-outage test-access test-day test-simulation coverage mutants scenarios fuzz format lint types imports check bench-alarms bench-edge bench-ingest bench-epcis bench-loads bench-gate bench-lane-verdicts bench-lanes bench-historian bench-routing bench-replan bench-fixed-charge bench-roads bench-loading docs pictures lock changelog clean
