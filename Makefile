# CallApp. `make` lists the targets; every target sets up what it needs first (packaging/bootstrap.py).
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
COMPILE := uv --no-config pip compile --quiet --universal --generate-hashes --python-version 3.11 \
  --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock"
RUFF_PATHS := callapp signaling_server tests packaging

.DEFAULT_GOAL := help
.PHONY: help run test check bench bundle lab i18n lock clean setup-run setup-test setup-bench

help: ## list the targets
	@grep -hE '^[a-z0-9]+:.*## ' Makefile | sed -E 's/^([a-z0-9]+):.*## (.*)/  make \1\t\2/' | expand -t 18

run: setup-run ## open the app; ARGS="--loopback" hands over options
	@$(BIN)/callapp $(ARGS)

test: check ## set up, check, and run every test
	@$(BIN)/pytest -m "not lab" $(ARGS)

check: setup-test ## lint, formatting, types, import contracts
	$(BIN)/ruff check $(RUFF_PATHS)
	$(BIN)/ruff format --check $(RUFF_PATHS)
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup-bench ## measure set-up time, delay, CPU, start-up and memory (docs/benchmarks.md)
	@$(BIN)/python tests/bench/run.py $(ARGS)

bundle: setup-test ## build dist/callapp, the app for people without Python
	$(BIN)/python packaging/build.py
	$(BIN)/python packaging/smoke.py dist/callapp/callapp

lab: setup-test ## the tests that take long or need root
	@$(BIN)/pytest -m lab $(ARGS)

i18n: setup-test ## collect the texts into resources/i18n; compiles what is translated there
	$(BIN)/pyside6-lupdate callapp/ui/*.py -locations none -no-obsolete -ts resources/i18n/callapp_ko.ts
	$(BIN)/pyside6-lrelease resources/i18n/callapp_ko.ts

lock: ## resolve the lock files anew; needs uv (docs/adr/0006-lock-file.md)
	$(COMPILE) --group build --group dev --group bundle --group bench -o requirements-bench.lock pyproject.toml
	$(COMPILE) --group build --group dev --group bundle -c requirements-bench.lock -o requirements-dev.lock pyproject.toml
	$(COMPILE) --group build -c requirements-bench.lock -o requirements.lock pyproject.toml

clean: ## remove what was built or cached; the environment in .venv stays
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache tests/bench/work
	find callapp signaling_server tests packaging -name __pycache__ -type d -prune -exec rm -rf {} +

setup-run setup-test setup-bench: setup-%:
	@$(PYTHON) packaging/bootstrap.py $*
