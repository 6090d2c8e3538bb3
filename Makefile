# Every target starts from a machine that has Python 3.11 (or later), make and git.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help

.PHONY: help install lock browser check lint types imports test torture attack fuzz bench coverage demo docs screenshots texts clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: .venv/installed ## make .venv from the hashed lock files

.venv/installed: requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(PYTHON) -c "import re,pathlib; t=pathlib.Path('requirements-dev.lock').read_text(); print(re.search(r'^uv==.*?(?=^\S|\Z)', t, re.M|re.S).group(0).split('    #')[0].rstrip().rstrip('\\\\'))" > .venv/uv.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.lock
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --require-hashes --no-deps -r requirements-dev.lock
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

lock: ## resolve the dependencies again
	$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url -q pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url -q --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

browser: install ## find a Chromium for the page tests, or install one
	@bash tests/browser.sh

check: lint types imports test ## everything CI runs

lint: install ## what ruff has to say
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install ## what mypy has to say
	$(BIN)/mypy

imports: install ## whether imports point one way
	$(BIN)/lint-imports

demo: install ## set up the demo, for customers and staff, and serve it on http://127.0.0.1:8000
	$(BIN)/soundings demo

test: install browser ## all tests, on SQLite and on PostgreSQLs the tests start themselves, one for each core
	$(BIN)/pytest -n auto --dist worksteal

texts: install ## collect the texts of pages and mails into the catalogues, for translating
	@mkdir -p var
	$(BIN)/pybabel -q extract -F pyproject.toml --no-location --project Soundings --sort-output -k Metric:3 -k Certain:3 -o var/messages.pot app analytics/reports
	for language in da de en fi nb nl sv; do $(BIN)/pybabel -q update --no-fuzzy-matching --ignore-pot-creation-date -l $$language -i var/messages.pot -d app/locales; done

docs: install ## write docs/data-dictionary.md from the tables
	$(BIN)/python -m app.cli.dictionary > docs/data-dictionary.md

screenshots: install browser ## draw the pictures in docs/ anew, from the demo
	$(BIN)/python -m tests.journeys.screenshots

clean: ## remove what was made here
	rm -rf .venv var

torture: install ## kill the server fifty times, under load and while it closes a wave, on both databases
	TORTURE_ROUNDS=50 $(BIN)/pytest tests/journeys/test_kill.py tests/journeys/test_closing.py -k kill -s --timeout 1800

attack: install ## two hundred organisations, everything an attacker can call; series of waves and a solver; both databases
	ATTACK_ORGANISATIONS=200 $(BIN)/pytest tests/journeys/test_attack.py --timeout 3600
	ATTACK_SERIES=$${ATTACK_SERIES:-3} $(BIN)/pytest -s tests/journeys/test_series_attack.py --timeout 3600

fuzz: install ## whatever the OpenAPI document allows, many times over, to every route on both databases
	FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-300} $(BIN)/pytest -q -n auto --dist worksteal tests/app/api/test_any_request.py tests/app/api/test_lives.py --timeout 3600

bench: install ## ratios against bare limits, side by side on both databases
	$(BIN)/python -m benchmarks

coverage: install ## do the statistics keep their promises? Simulations with fixed seeds
	$(BIN)/python -m benchmarks.coverage
