PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test types suite browser postgres bench lock clean

run: .venv
	$(BIN)/python -m bot run

test: .venv browser postgres
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory -j2 types suite

types: .venv
	$(BIN)/mypy
	for each in tests/*/conftest.py tests/*/*/*/conftest.py; do $(BIN)/mypy $$each || exit 1; done

suite: .venv
	$(BIN)/python -m pytest -n 4 --dist worksteal

browser: .venv
	@sh scripts/browser.sh

postgres: .venv
	@sh scripts/postgres.sh

bench: .venv
	$(BIN)/python -m bench

lock: .venv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

.venv: requirements-dev.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Shipclerk needs Python 3.11 or newer (make PYTHON=python3.12 …)")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch .venv

clean:
	rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache
