# Two commands are promised: `make demo` and `make test`. Both do their own set-up.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DURATION ?=
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input

# Two that install into one folder at once would leave a broken one.
ALONE := $(PYTHON) packaging/alone.py $(VENV)

.DEFAULT_GOAL := help
.PHONY: help demo docs wheel walks test test-long coverage-table delivery-table bench bench-station check format lock clean

help:  ## say what there is
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# A stamp a set of packages, so that the second call does nothing.
$(VENV)/run.stamp: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Tux needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.13 …" if sys.version_info < (3, 11) else 0)'
	@$(ALONE) sh -ec '\
		test -x $(BIN)/python || { echo "making $(VENV)"; $(PYTHON) -m venv $(VENV); }; \
		echo "installing what Tux needs (once, about half a minute)"; \
		$(PIP_INSTALL) --require-hashes -r requirements/run.txt; \
		$(PIP_INSTALL) --no-deps --no-build-isolation --editable .; \
		touch $@'

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	@$(ALONE) sh -ec '\
		echo "installing the test tools (once)"; \
		$(PIP_INSTALL) --require-hashes -r requirements/dev.txt; \
		touch $@'

demo: $(VENV)/run.stamp  ## a bot, its members and its dashboard on this machine (DURATION=40 ends by itself)
	@$(BIN)/tux demo $(if $(DURATION),--seconds $(DURATION))

test: $(VENV)/dev.stamp  ## the tests (under 5 minutes)
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m pytest -n 2 --dist worksteal -m "not long" $(ARGS)

test-long: $(VENV)/dev.stamp  ## fault and load suites
	@$(BIN)/python -m pytest -n 2 -m long $(ARGS)

bench: $(VENV)/dev.stamp  ## what the layer costs beside its peers, into docs/performance.md (under 4 minutes)
	@$(BIN)/python -m benchmarks $(ARGS)

coverage-table: $(VENV)/dev.stamp  ## write docs/coverage.md from what the tests see
	@$(BIN)/python -m pytest -q -n 0 tests/coverage --write-coverage-table

delivery-table: $(VENV)/dev.stamp  ## write docs/delivery.md from the fault suites, beside the SDK as it comes (about ten minutes)
	@$(BIN)/python -m pytest -q -n 0 tests/faults --write-delivery-table

bench-station: $(VENV)/dev.stamp  ## ingest beside Kent and Bugsink, and pages over a million transactions (about 15 minutes)
	@$(BIN)/python -m benchmarks.station_ingest $(if $(QUICK),--quick)
	@$(BIN)/python -m benchmarks.station_pages $(if $(QUICK),--divided 100 --rounds 2) $(ARGS)

docs: $(VENV)/dev.stamp  ## build the site into site/, strictly: a warning is an error
	@$(BIN)/python -m sphinx -q -W --keep-going -b html docs site
	@echo "site/index.html"

wheel: $(VENV)/run.stamp  ## build dist/tux-….whl and the source archive
	@$(BIN)/hatchling build -d dist

walks: $(VENV)/dev.stamp  ## take the pictures of docs/walks.md anew
	TUX_WALK_PICTURES=docs $(BIN)/python -m pytest -q -n 0 tests/walks

check: $(VENV)/dev.stamp  ## ruff, mypy, import-linter
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/dev.stamp  ## let ruff lay the code out
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url
lock:  ## pin anew what pyproject.toml asks for (needs uv)
	@$(LOCK) --extra postgres --extra station pyproject.toml requirements/build.in -o requirements/run.txt
	@$(LOCK) --extra postgres --extra station --extra docs --extra dev pyproject.toml requirements/build.in -c requirements/run.txt -o requirements/dev.txt

clean:  ## remove what make made
	@rm -rf $(VENV) site dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
