# `make demo` and `make test` are all that a fresh machine needs: each sets itself up.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
RUN := PYTHONPATH=src:. $(BIN)/python
# What is compiled is kept, also where the environment says otherwise (as in containers): instances
# of the function start by the dozen, and each would compile it again.
# Each process has clouds of its own to start: more than eight cost more than they bring.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/pytest --numprocesses=auto --maxprocesses=8 --dist=worksteal

.DEFAULT_GOAL := help
.PHONY: help demo run serve test test-browser screenshots quick check hooks format lint spelling types contracts bench fuzz mutants soak build smoke nodeclients deploy deploy-local witnesses lock upgrade fresh clean FORCE

help: ## this list
	@sed -nE 's/^## (.*)/\n\1/p; s/^([a-z-]+):.*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

# Starts each time, and once all is set up reads a few small files only.
SET_UP = @command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON). Install Python 3.10 or newer, or name one: make PYTHON=python3.12" >&2; exit 1; }; \
  "$(PYTHON)" -m environment $(if $(filter command%,$(origin PYTHON)),--this-python)

$(READY): FORCE
	$(SET_UP)
FORCE:

## Try it

demo: $(READY) ## set up, then the main job once, end to end, on a local Alibaba Cloud
	@exec env $(RUN) -m examples.demo

run: $(READY) ## the same cloud and function, staying up for curl, and the page to try them
	@exec env $(RUN) -m examples.run

serve: $(READY) ## the function alone, in one process behind functions-framework: for a debugger
	@exec env $(RUN) -m examples.local_runner

## Test and check

test: $(READY) ## set up, then the tests, on all cores; T=tests/core: a part of them
	$(PYTEST) $(or $(T),--cov=src --cov-branch --cov-report=term)
	@echo "Left out: the clients in Node and the s lines of documents, the keys of other programs, the page in a browser. make nodeclients, make witnesses and make test-browser run them."

test-browser: ## the page to try the function, in Debian's Chromium (installed if you are root)
	$(SET_UP) requirements-browser.txt
	@$(RUN) -m environment.chromium
	$(BIN)/pytest -m browser $(or $(T),tests/browser)

screenshots: ## README's pictures of the page
	$(SET_UP) requirements-browser.txt
	@$(RUN) -m environment.chromium >/dev/null
	$(RUN) -m environment.screenshots

quick: $(READY) ## core and triggers but for what takes seconds, in about 10 s; T: as above
	$(PYTEST) --quiet -m 'not long and not node and not witness and not browser' $(or $(T),tests/core tests/triggers)

check: lint spelling types contracts test ## all that CI checks: format, lint, types, import contracts, tests

hooks: ## what pre-commit checks at each commit, on all files
	$(SET_UP) requirements-hooks.txt
	@PRE_COMMIT_HOME=$(VENV)/pre-commit $(BIN)/pre-commit run --all-files

format: $(READY) ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

spelling: $(READY)
	$(BIN)/codespell

types: $(READY)
	$(BIN)/mypy

contracts: $(READY)
	@PYTHONPATH=src:. $(BIN)/lint-imports --no-logo

WITNESS_PACKAGES := tests/witnesses/node/node_modules/.package-lock.json

witnesses: $(READY) ## keys that other programs make (PuTTY, Dropbear, GnuPG, Java, ...), each read as what it is
	@$(RUN) -m tests.witnesses.programs
	@$(MAKE) --no-print-directory $(WITNESS_PACKAGES)
	$(BIN)/pytest --quiet -m witness tests/witnesses

## Measure and search, for longer

bench: $(READY) ## the benchmarks, as ratios
	@failed=; \
	$(RUN) -m benchmarks.validation || failed=1; \
	$(RUN) -m benchmarks.warm_overhead || failed=1; \
	$(RUN) -m benchmarks.uploads || failed=1; \
	$(RUN) -m benchmarks.cold_start --write docs/benchmarks.md || failed=1; \
	test -z "$$failed"

soak: $(READY) ## 2,000 uploads while everything fails now and then
	$(RUN) -m benchmarks.soak

fuzz: ## 15 minutes of coverage-guided fuzzing of the function, with private keys planted (Python 3.11 or newer)
	$(SET_UP) requirements-fuzz.txt
	$(RUN) -m tests.fuzz.fuzz_function -max_total_time=900

mutants: ## 250 small changes to core and triggers: does a test notice each? (N=number, SEED=number)
	$(SET_UP) requirements-mutants.txt
	$(RUN) -m environment.mutants --changes $(or $(N),250) --seed $(or $(SEED),1)

## Build and deploy

build: $(READY) ## what is deployed, in .build
	@$(RUN) -m deploy.build

smoke: $(READY) ## the built package alone on the Pythons at hand, the Serverless Devs CLI, clients in Node
	@$(RUN) -m deploy.build --runtime python3.12 --output .build/rehearsal/python3.12 >/dev/null
	@$(RUN) -m deploy.build --runtime python3.10 --output .build/rehearsal/python3.10 >/dev/null
	$(BIN)/pytest -m 'not node' tests/test_rehearsal.py tests/test_deployed.py
	$(RUN) -m deploy.serverless_devs
	@$(MAKE) --no-print-directory nodeclients

# npm writes these files when it has installed everything that a lock file names.
NODE_PACKAGES := tests/clients/node/node_modules/.package-lock.json
$(NODE_PACKAGES) $(WITNESS_PACKAGES): %/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --ignore-scripts
	@touch $@

nodeclients: $(READY) ## Alibaba Cloud's clients for Node, against devcloud; the documents' s lines
	@if command -v node >/dev/null && command -v npm >/dev/null; then \
	  $(MAKE) --no-print-directory $(NODE_PACKAGES) && $(PYTEST) -m node tests/clients tests/explorer tests/documents tests/test_deploy_local.py tests/test_deployed.py; \
	else echo "Left out: what needs Node, for node or npm is not at hand." >&2; fi

deploy: $(READY) ## s deploy, with Serverless Devs' CLI
	s deploy

deploy-local: build ## s deploy, to a devcloud on this machine; S=info: another command of s
	@$(RUN) -m deploy.local $(if $(CLOUD),--cloud $(CLOUD)) $(S)

## What is pinned

lock: ## compile the lock files, keeping the versions
	$(SET_UP) requirements-lock.txt
	@$(RUN) -m environment.compile_locks

upgrade: ## compile the lock files with newer versions, but none of the last week
	$(SET_UP) requirements-lock.txt
	@$(RUN) -m environment.compile_locks --upgrade

fresh: ## the last commit, from a clean clone, on each Python at hand: set-up and demo
	@"$(PYTHON)" -m environment.fresh

clean: ## remove what make made
	rm -rf $(VENV) .build .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
