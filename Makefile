# Two commands do everything: `make demo` turns a hum into music, `make test` runs the tests.
.DEFAULT_GOAL := help
.PHONY: help demo test test-containers test-music test-clients test-browser check docs page-figures install chaos bench train lock clean

VENV := .venv
BIN  := $(VENV)/bin
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

NODE := build/clients/node_modules/.package-lock.json
TSC  := build/typescript/node_modules/.package-lock.json

HUM   ?= examples/hum.wav
STYLE ?=
KIND  ?= preview

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: $(VENV)/.runtime ## Turn HUM=examples/hum.wav into music: STYLE=lofi KIND=preview|song
	@$(BIN)/moment demo "$(HUM)" --style "$(STYLE)" --output-kind "$(KIND)" --out build/demo

test: $(VENV)/.dev ## Run the tests, all but those of the targets below
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --ignore tests/chaos --ignore tests/e2e/test_containers.py

test-containers: $(VENV)/.dev ## Build the image and run the whole service in containers (needs an engine)
	$(BIN)/python -m pytest tests/e2e/test_containers.py

test-music: $(VENV)/.dev ## Hear several hums in every style
	$(BIN)/python -m pytest --numprocesses 2 -m music

test-clients: $(VENV)/.dev $(NODE) ## Lint the OpenAPI document, make clients from it and try them (needs node)
	$(BIN)/python -m pytest -m clients tests/clients tests/contract/test_schemathesis.py

test-browser: $(VENV)/.dev ## Try the page in Chromium (needs one installed)
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile -m browser tests/browser

check: $(VENV)/.dev $(TSC) ## Check lint, formatting, types and layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if [ -e $(TSC) ]; then node build/typescript/node_modules/typescript/bin/tsc --project tests/browser && \
		echo "tsc: the types of the page's modules are right"; \
	else echo "tsc: skipped, node and npm are not there"; [ "$$REQUIRE_NODE" != 1 ]; fi

docs: $(VENV)/.dev ## Generate the pages and figures that come from the code
	$(BIN)/python docs/state_diagram.py
	$(BIN)/python docs/errors.py
	$(BIN)/python docs/settings.py
	$(BIN)/python docs/figures.py
	PYTHONPATH=. $(BIN)/python docs/listening.py

page-figures: $(VENV)/.dev ## Measure the page and take its picture (needs Chromium)
	PYTHONPATH=. $(BIN)/python docs/page_figures.py

install: $(VENV)/.dev ## Set up .venv with pinned, hashed dependencies for development

chaos: $(VENV)/.dev ## Kill workers, stop Postgres, break tools and storage under 2,000 jobs (some minutes)
	CHAOS_JOBS=$(or $(CHAOS_JOBS),2000) CHAOS_AWAY=$(or $(CHAOS_AWAY),60) CHAOS_BACKLOG=$(or $(CHAOS_BACKLOG),200) \
		$(BIN)/python -m pytest tests/chaos --timeout 1800

bench: $(VENV)/.bench ## Measure speed and memory against peers and print a table
	$(BIN)/python -m benchmarks

train: $(VENV)/.train ## Train the note model again, score it and write its card (about 20 minutes)
	PYTHONPATH=. $(BIN)/python -m training.notes

lock: $(VENV)/.dev ## Pin the newest versions that pyproject.toml admits
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile -q --upgrade --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
		--group build pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
		--group build --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
		-c requirements.txt -c requirements-dev.txt benchmarks/requirements.in -o benchmarks/requirements.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
		-c requirements.txt -c requirements-dev.txt training/requirements.in -o training/requirements.txt

clean: ## Remove build results, caches, .venv and .moment
	rm -rf $(VENV) build .moment .mypy_cache .ruff_cache .pytest_cache

# Without node they are not there, and what needs them is skipped; REQUIRE_NODE=1 makes it fail.
NPM_CI = ! command -v npm >/dev/null || npm ci --prefix $(1) --ignore-scripts --no-audit --no-fund --loglevel error
$(NODE): tests/clients/package.json tests/clients/package-lock.json
	@mkdir -p build/clients && cp $^ build/clients
	@$(call NPM_CI,build/clients)

$(TSC): tests/browser/package.json tests/browser/package-lock.json
	@mkdir -p build/typescript && cp $^ build/typescript
	@$(call NPM_CI,build/typescript)

# On a terminal, pip shows what it does; elsewhere it would fill a log.
PIP := $(BIN)/python -m pip install --disable-pip-version-check $(if $(MAKE_TERMOUT),,--quiet --progress-bar off)

$(VENV)/.runtime: requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is needed; name it with PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version): 185 MB to download, 720 MB on disk; a minute or two, once"
	@$(PYTHON) -m venv $(VENV) || { echo "make: on Debian, install python3-venv" >&2; exit 1; }
	@$(PIP) --require-hashes -r requirements.txt
	@$(PIP) --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.txt
	@echo "Adding the tools for tests and checks"
	@$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@

$(VENV)/.bench: $(VENV)/.dev benchmarks/requirements.txt benchmarks/basic-pitch.txt
	@echo "Adding the peers of the benchmarks"
	@$(PIP) --require-hashes -r benchmarks/requirements.txt
	@$(PIP) --require-hashes --no-deps -r benchmarks/basic-pitch.txt
	@touch $@

$(VENV)/.train: $(VENV)/.dev training/requirements.txt
	@echo "Adding what training needs: jax and onnx"
	@$(PIP) --require-hashes -r training/requirements.txt
	@touch $@
