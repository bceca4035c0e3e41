PYTHON ?= .venv/bin/python
BIN = $(dir $(PYTHON))

.PHONY: setup check test bench docs

setup:  ## a virtual environment with everything that developers need
	python3 -m venv .venv
	.venv/bin/pip install -q -c constraints.txt -e '.[dev]'

check:  ## style, types, layers
	$(BIN)ruff check .
	$(BIN)ruff format --check .
	$(BIN)mypy
	$(BIN)lint-imports

test:  ## the tests, with branch coverage
	$(PYTHON) -m pytest -q --cov --cov-report=term

bench:  ## measure; needs the generators of ../shared/bench, node and npm
	$(PYTHON) benchmarks/parse_speed.py
	$(PYTHON) benchmarks/coordinate_russian.py

docs:  ## rebuild what is generated: demo pictures, screenshots, the notebook
	$(PYTHON) scripts/make_docs.py
