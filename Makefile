# What a person types. `make` alone lists it.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test test-faults test-peers check bench lock audit clean

BIN := .venv/bin
PEERS := .venv-peers
# --no-compile: Python compiles the modules it uses at their first import; all of them would be 50 MB more
PIP := -m pip install -qq --disable-pip-version-check --no-compile --require-hashes
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --reruns 1
USUAL := not faults and not peers
# engines know no database, and who may do what doesn't hang on it: on PostgreSQL there is nothing new to see of these
WITHOUT_DATABASE := providers rendering schemas media transfer upstream test_access_matrix.py \
	actions/test_parameter_tables.py consumers/test_parameter_tables.py
SUITABLE := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
PYTHON ?= $(shell for each in python3 python3.11 python3.12 python3.13 python3.14; do \
	if "$$each" -c '$(SUITABLE)' 2>/dev/null; then echo "$$each"; break; fi; done)

help:  ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /: /' | awk -F': ' '{printf "make %-12s %s\n", $$1, $$2}'

run: $(BIN)/.run  ## serve the site; make run PORT=8123 DATA=folder
	@$(if $(filter command,$(firstword $(origin PORT))),CHATSITE_PORT='$(PORT)') \
	 $(if $(filter command,$(firstword $(origin DATA))),CHATSITE_DATA='$(DATA)') \
	 exec $(BIN)/python manage.py serve

test: $(BIN)/.test  ## the tests, again on PostgreSQL if it is there; make test ARGS="-k sidebar" for some
ifdef ARGS
	$(BIN)/python -m pytest $(ARGS)
else
	$(PYTEST) -m '$(USUAL) and not browser'
	$(PYTEST) -m '$(USUAL) and browser'
	$(BIN)/python -m tests.servers $(PYTEST) -m '$(USUAL) and not browser' $(addprefix --ignore=tests/,$(WITHOUT_DATABASE))
endif

test-faults: $(BIN)/.test  ## long runs with faults injected
	$(BIN)/python -m pytest -m faults $(ARGS)

test-peers: $(BIN)/.test $(PEERS)/.installed  ## against servers written by others
	$(BIN)/python -m pytest -m peers $(ARGS)

check: $(BIN)/.test  ## everything that reads the code; what CI runs
	$(BIN)/pre-commit run --all-files --color never

bench: $(BIN)/.test  ## the benchmarks
	for each in tests/benchmarks/bench_*.py; do $(BIN)/python -m "$$(echo "$${each%.py}" | tr / .)" || exit 1; done

lock: $(BIN)/.test  ## write both lock files from pyproject.toml; ARGS=--upgrade for newer versions
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/python tests/lock.py $(ARGS)

audit: $(BIN)/.test  ## known vulnerabilities of what is pinned
	$(BIN)/pip-audit --require-hashes --disable-pip --requirement constraints.txt

clean:  ## remove what can be made again (never the data folder)
	rm -rf .venv $(PEERS) build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# The stamps: an install happens only when its lock file is newer than the last one.
$(BIN)/.run: constraints.txt
	@$(call make_venv,.venv)
	@echo "Installing what chatsite needs (once) …"
	@$(BIN)/python $(PIP) -r constraints.txt
	@touch $@

# holds everything of the other one, so both are up to date after it
$(BIN)/.test: tests/constraints.txt constraints.txt
	@$(call make_venv,.venv)
	@echo "Installing what chatsite and its tests need (once) …"
	@$(BIN)/python $(PIP) -r tests/constraints.txt
	@touch $(BIN)/.run $@

$(PEERS)/.installed: tests/peers/constraints.txt
	@$(call make_venv,$(PEERS))
	@echo "Installing servers written by others …"
	@$(PEERS)/bin/python $(PIP) -r tests/peers/constraints.txt
	@touch $@

# $(1): folder. Keeps one that works; a Python that was upgraded or removed makes a new one.
define make_venv
if ! $(1)/bin/python -c '$(SUITABLE)' 2>/dev/null; then \
	if ! "$(PYTHON)" -c '$(SUITABLE)' 2>/dev/null; then \
		echo "chatsite needs Python 3.11 to 3.14, and there is none as 'python3' here." >&2; \
		echo "Install one, or name it: make run PYTHON=/path/to/python3.11" >&2; exit 1; \
	fi; \
	echo "Making $(1) with $$("$(PYTHON)" --version) …"; \
	"$(PYTHON)" -m venv --clear $(1) || exit 1; \
fi
endef
