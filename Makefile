# Every door to this project. Two of them are all a newcomer needs: make run, make test.

PYTHON ?= python3
PORT ?= 8000
BENCH_DIR ?= var/bench
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
UV_VERSION := 0.13.9
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/django.po))

export PORT

.DEFAULT_GOAL := help
.PHONY: help run test lint lock messages bench faults demo clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*##/  make \1  /p' Makefile

run: $(VENV)/.installed $(CATALOGUES)  ## start everything on this machine: PORT=8000, Ctrl-C stops it
	@exec $(BIN)/python scripts/run.py

test:  ## lint, types, migrations, translations, all tests on PostgreSQL, the core on SQLite
	@sh scripts/packages.sh
	@$(MAKE) --no-print-directory $(VENV)/.installed-dev
	@exec $(BIN)/python scripts/test.py

lint: $(VENV)/.installed-dev  ## the quick checks alone: style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

lock: $(VENV)/.made  ## compile the pinned requirements from requirements*.in
	@$(PIP) install uv==$(UV_VERSION)
	@for name in requirements requirements-dev; do \
	    $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header \
	        $$name.in --output-file $$name.txt || exit 1; \
	done

messages: $(VENV)/.installed  ## collect the words to translate (needs gettext)
	@$(BIN)/python manage.py makemessages --locale zh_Hans --no-location --no-wrap --no-obsolete --ignore $(VENV)

bench: $(VENV)/.installed-dev $(CATALOGUES)  ## measure at full size on a PostgreSQL of its own; keeps the district in BENCH_DIR; ONLY="saving home"
	@PYTHONPATH=scripts exec $(BIN)/python scripts/servers.py --durable --keep $(BENCH_DIR) -- $(BIN)/python -m bench $(ONLY)

faults: $(VENV)/.installed-dev $(CATALOGUES)  ## phones send and reminders go out through killed servers, cut answers and set clocks, nothing lost or doubled; NIGHTLY=yes, ONLY=reminders
	@PYTHONPATH=scripts:. exec $(BIN)/python -m faults $(if $(NIGHTLY),--nightly) $(if $(ONLY),--only $(ONLY))

demo: $(VENV)/.installed $(CATALOGUES)  ## fill an empty database with the made-up district, start nothing
	@exec $(BIN)/python scripts/prepare.py --demo

clean:  ## remove caches and compiled files; the database in var/ stays
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis $(CATALOGUES)
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo 'Python 3.11 or newer is needed. Name one with: make PYTHON=python3.11 ...' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	    || { echo 'Python cannot make virtual environments here. On Debian: apt-get install python3-venv' >&2; exit 1; }
	@touch $@

$(VENV)/.installed: requirements.txt | $(VENV)/.made
	@echo 'Installing the packages of requirements.txt ...'
	@$(PIP) install --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements.txt requirements-dev.txt | $(VENV)/.made
	@echo 'Installing the packages of requirements.txt and requirements-dev.txt ...'
	@$(PIP) install --require-hashes -r requirements.txt -r requirements-dev.txt
	@touch $(VENV)/.installed $@

# pybabel comes with requirements.txt, so that running needs no gettext.
%.mo: %.po | $(VENV)/.installed
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
