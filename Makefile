# Two commands on a fresh machine: `make demo` and `make test`. Everything they need comes from PyPI into this folder.
PYTHON ?= python3
VENV := .venv
MODELS := .tools/models
UV := $(or $(shell command -v uv 2>/dev/null),.tools/bin/uv)
RUN := $(VENV)/bin

.PHONY: demo test test-models setup setup-dev lock format check clean

demo: setup ## Run the main job on the bundled example
	$(RUN)/reverse-rag demo

test: setup-dev ## Run all tests
	$(RUN)/pytest -n auto --dist loadfile

test-models: $(MODELS)/.ready ## Other people's taggers for real; half a gigabyte and more, so no part of `make test`
	$(MODELS)/bin/python -m pytest tests_models

setup: $(VENV)/.product
setup-dev: $(VENV)/.dev

.tools/bin/uv:
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet uv

$(VENV)/bin/python: | $(UV)
	$(UV) venv --quiet --python ">=3.11" $(VENV)

$(VENV)/.product: requirements/product.txt pyproject.toml | $(VENV)/bin/python
	$(UV) pip install --quiet --python $(VENV) --require-hashes -r requirements/product.txt
	$(UV) pip install --quiet --python $(VENV) --no-deps --editable .
	touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	$(UV) pip install --quiet --python $(VENV) --require-hashes -r requirements/dev.txt
	$(UV) pip install --quiet --python $(VENV) --no-deps --editable .
	touch $@ $(VENV)/.product

$(MODELS)/.ready: tests_models/requirements.txt requirements/dev.txt | $(UV)
	$(UV) venv --quiet --clear --python ">=3.11" $(MODELS)
	$(UV) pip install --quiet --python $(MODELS) --require-hashes -r requirements/product.txt
	$(UV) pip install --quiet --python $(MODELS) -c requirements/dev.txt -r tests_models/requirements.txt
	touch $@

lock: | $(UV) ## Resolve the dependencies anew
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		pyproject.toml --extra all -o requirements/product.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		pyproject.toml --all-extras --group dev -c requirements/product.txt -o requirements/dev.txt

format: setup-dev
	$(RUN)/ruff format .
	$(RUN)/ruff check --fix .

check: setup-dev ## Format, lint, types, import contracts
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/mypy
	$(RUN)/lint-imports

clean:
	rm -rf $(VENV) .tools out dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
