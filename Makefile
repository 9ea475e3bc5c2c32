# Two commands do everything: `make run` and `make test`. `make help` lists the rest.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
# Browsers and servers wait half of the time: twice as many as there are processors.
WORKERS ?= $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))
# Only what failed by waiting, as a page does on a machine that does other things as well; it is named.
AGAIN   := --reruns 1 --only-rerun 'Timeout|timed out|Locator expected|Page expected|still .* after'

# The tests start hundreds of processes: with it each would compile the whole project anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test check bench words pictures clean

help: ## this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 10

run: $(VENV)/.ready ## set up what is missing and serve the dashboard on localhost
	@$(BIN)/python -m services.local_supabase.install || echo "Going on without: see the Status page."
	@echo "Starting the dashboard (stop it with Ctrl-C)"
	@exec $(BIN)/streamlit run streamlit_app.py

test: $(VENV)/.ready-dev ## everything: checks, unit, integration, page and browser tests
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(AGAIN)

check: $(VENV)/.ready-dev ## format, lint (with the rules of the architecture) and types
	@$(BIN)/python -m services.local_supabase.install --dev
	@$(BIN)/python -m tests.biome check
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/mypy

bench: $(VENV)/.ready-dev ## measure, and print tables of ratios (ROWS=1000000 for a million personas)
	@$(BIN)/python -m services.local_supabase.install --dev
	@$(BIN)/python -m tests.benchmarks

words: $(VENV)/.ready-dev ## print every text of the pages, to be read at once
	@$(BIN)/python -m tests.words

pictures: $(VENV)/.ready-dev ## take the pictures of docs/pages.md anew
	@$(BIN)/python -m services.local_supabase.install --dev
	@$(BIN)/python -m tests.pictures

clean: ## remove the environment and the Node parts; your data in .local stays
	rm -rf $(VENV) node_modules artifacts .pytest_cache .ruff_cache .mypy_cache .hypothesis
	@echo "Kept: .local (the local Supabase's data). Remove it by hand to start empty."

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed. Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Making the Python environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Python's venv module is missing. On Debian: apt install python3-venv"; exit 1; }

$(VENV)/.ready: requirements.txt | $(VENV)/bin/python
	@echo "Installing the Python packages (once, about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.ready-dev: requirements-dev.txt $(VENV)/.ready
	@echo "Installing the packages of tests and checks"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
