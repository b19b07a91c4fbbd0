.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 8000
SITE ?= config/sites/xiangtan
BIN := .venv/bin

help: ## show these targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

# The stamps hold the set-up steps; each reruns only when the lock it installs has changed.
.venv/stamp-bootstrap: requirements/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.exit("coldport: needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)' || exit 2
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/bootstrap.txt
	@touch $@

.venv/stamp-run: requirements/run.txt pyproject.toml .venv/stamp-bootstrap
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.venv/stamp-dev: requirements/dev.txt .venv/stamp-run
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

install: .venv/stamp-run ## set up what `make run` needs

install-dev: .venv/stamp-dev ## set up what the tests and checks need

.PHONY: help install install-dev
