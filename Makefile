# Upstream's one door. `make run` and `make test` need Python 3.11 or later, make and git; the rest they fetch.
# What is made lives in .venv, node_modules, static/build and var; stamps there make a second run quick.

PORT ?= 8000
# The first of these that is 3.11 or later.
PYTHON ?= $(firstword $(foreach python,python3 python3.14 python3.13 python3.12 python3.11,\
    $(shell $(python) -c 'import sys; sys.version_info >= (3, 11) and print("$(python)")' 2>/dev/null)))
python := .venv/bin/python
pip := $(python) -m pip install --quiet --disable-pip-version-check --require-hashes

.DEFAULT_GOAL := help
.PHONY: help run test browser-test office-test bench lint fresh front-end lock

help:  ## List what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 22

run: .venv/.installed static/build/.made  ## Serve Upstream at http://127.0.0.1:8000 (PORT changes it); Ctrl-C stops
	@$(python) -m config.serve --port $(PORT)

test: .venv/.installed-dev  ## Run the tests, all but the browser's
	@$(python) -m pytest --numprocesses auto --dist loadgroup

browser-test: .venv/.installed-dev static/build/.made  ## Run the tests that drive Chromium
	@$(python) -m pytest --numprocesses auto -m browser tests/browser

office-test: .venv/.installed-dev  ## Run the tests that open documents in LibreOffice
	@command -v soffice >/dev/null || { echo "LibreOffice was not found. On Debian or Ubuntu: \
	apt-get install libreoffice-writer libreoffice-impress"; exit 1; }
	@$(python) -m pytest -m office tests/peer_reviews

bench: .venv/.installed-dev  ## Measure on PostgreSQL beside SQL by hand, and write the table into README.md
	@$(python) -m bench --write README.md

lint: .venv/.installed-dev static/build/.made  ## Check style, import order, the floors and the containers
	@$(python) -m ruff check .
	@.venv/bin/lint-imports
	@$(python) -m pytest --quiet --no-header tests/config/test_containers.py

fresh:  ## Throw away the embedded database, the queue and uploads: var/ starts anew
	rm -rf var

front-end: static/build/.made  ## Compile styles and scripts into static/build

lock: .venv/.installed-dev  ## Compile requirements*.txt from pyproject.toml, for every platform, with hashes
	@$(python) -m pip install --quiet --disable-pip-version-check uv
	@for lock in "requirements.txt pyproject.toml" "requirements-dev.txt pyproject.toml --extra dev" \
	    "requirements-node.txt --group node"; do \
	    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	        --no-emit-index-url --custom-compile-command "make lock" --output-file $$lock || exit 1; \
	done

.venv/.made:
	@test -n "$(PYTHON)" || { echo "Upstream needs Python 3.11 or later: none was found on PATH."; exit 1; }
	@$(PYTHON) -m venv .venv || { \
	    echo "$(PYTHON) could not make .venv. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@touch $@

.venv/.installed: requirements.txt .venv/.made
	@echo "Installing Python packages…"
	@$(pip) -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.made
	@echo "Installing Python packages and what the tests need…"
	@$(pip) -r requirements-dev.txt
	@touch $@

static/build/.made: $(wildcard assets/*) package-lock.json requirements-node.txt | .venv/.made
	@echo "Building the front end…"
	@sh assets/build.sh
	@touch $@
