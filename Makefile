# Everything starts from nothing but Python 3.11 or later and make. `make help` lists the commands.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# Two workers pay where the tests run long; each compiles its own copy of what it prices.
WORKERS ?= 2
# What one worker or run compiles, the others read: small programs too, of which there are thousands.
# What is imported is parsed once, whatever the environment says: tests start many processes.
CACHES := PYTHONDONTWRITEBYTECODE= JAX_COMPILATION_CACHE_DIR=$(CURDIR)/$(VENV)/xla JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0

BENCHMARKS := serving reference against_quantlib book_pricing command_line first_surrogate stochastic_grid_bundling

.DEFAULT_GOAL := help
.PHONY: help quickstart page test test-optimised check docs format bench clean

help: ## list the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

quickstart: $(VENV)/.installed ## set up, then price a book of swaptions off a real market
	@$(BIN)/neuralrates quickstart

page: $(VENV)/.installed-page ## the same, then a page to look at prices; prints its address
	@$(BIN)/neuralrates quickstart && $(BIN)/neuralrates serve

test: $(VENV)/.installed-test ## set up, then pass the tests
	@$(CACHES) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

# What a test runs once is not worth optimising (tests/conftest.py); what users run is: tests of traced numbers must pass this way.
NUMERICS := tests/models tests/pricers tests/calibration tests/engines tests/identities

test-optimised: $(VENV)/.installed-test ## pass the tests of traced numbers and derivatives as users' programs are compiled
	@XLA_FLAGS= JAX_DISABLE_MOST_OPTIMIZATIONS=0 $(CACHES) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m traced $(NUMERICS)

check: $(VENV)/.installed-test ## lint, format, types and floors
	@echo "ruff check";    $(BIN)/ruff check .
	@echo "ruff format";   $(BIN)/ruff format --check .
	@echo "mypy";          $(BIN)/mypy
	@echo "import-linter"; $(BIN)/lint-imports

docs: $(VENV)/.installed-test ## build the site into build/docs; warnings are errors
	@$(BIN)/python -m sphinx -q -E -W --keep-going docs build/docs
	@echo "Open build/docs/index.html in a browser."

format: $(VENV)/.installed-test ## let ruff put the code in order
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

bench: $(VENV)/.installed-test ## run every benchmark; JSON results in benchmarks/results/
	@set -e; for name in $(BENCHMARKS); do echo "$$name"; $(BIN)/python -m benchmarks.$$name; done

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache

# A stamp is as new as what it was installed from, so the second time is quick.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "neuralrates needs Python 3.11 or later, but '$(PYTHON)' is $$($(PYTHON) -V 2>&1)." >&2; \
	  echo "Name another: make PYTHON=python3.12 quickstart" >&2; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) -V)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing the core of neuralrates and what it stands on (once; under a gigabyte on disk)"
	@$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-page: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing neuralrates with what its server needs (once)"
	@$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[server]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-test: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing neuralrates with all its extras, and the test tools (once)"
	@$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@ $(VENV)/.installed
