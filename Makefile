# Each of "make verify" and "make test" does everything on a machine that has Python >= 3.11 and make:
# it makes its own environment in .venv, installs, and runs. Another Python: make test PYTHON=python3.13

PYTHON ?= python3
VENV ?= .venv
CASES ?= cases
WORKERS ?= 2

bin := $(VENV)/bin
pip := $(bin)/python -m pip install --quiet --disable-pip-version-check --constraint constraints-dev.txt
requirements := pyproject.toml constraints-dev.txt

.DEFAULT_GOAL := help
.PHONY: help verify test test-browser lint docs bench clean
# A recipe that fails must not leave a stamp that says "installed".
.DELETE_ON_ERROR:

help:
	@echo "make verify   install into $(VENV) and verify every case in $(CASES)/"
	@echo "make test     install with the development tools and run all checks and tests"
	@echo "make docs     install and build the documentation site into site/"
	@echo "make test-browser  open the report pages in Chromium, compile them with TeX (installs Debian's packages)"
	@echo "make bench    install and print the benchmark tables"
	@echo "make clean    remove $(VENV) and everything generated"

verify: $(VENV)/.installed
	@$(bin)/verify $(CASES)

test: lint
	@$(bin)/pytest -n $(WORKERS) --dist loadgroup -q --ignore tests/browser
	@echo "left out: tests/browser, the report pages in a real browser (make test-browser)"

test-browser: $(VENV)/.installed-browser
	@sh tests/browser/packages.sh
	@$(bin)/pytest -q tests/browser tests/report/test_latex.py

lint: $(VENV)/.installed-dev
	@$(bin)/ruff check .
	@$(bin)/mypy
	@$(bin)/lint-imports --no-cache --no-logo

# From here, so that the hooks in manual/ are found. Its theme has a word to say about a later MkDocs.
docs: $(VENV)/.installed-dev
	@NO_MKDOCS_2_WARNING=1 $(bin)/python -m mkdocs build --strict --quiet
	@echo "python -m http.server --directory site    shows it"

bench: $(VENV)/.installed-dev
	@$(bin)/python -m benchmarks

clean:
	rm -rf $(VENV) .coverage .coverage.* htmlcov build dist site .hypothesis .import_linter_cache
	rm -rf .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment is (re)made only when the requirements change; the package itself is installed
# "editable", so a change of its source needs no new installation.
$(VENV)/.installed: $(requirements)
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed (make PYTHON=...), this is " + sys.version.split()[0])'
	@echo "installing into $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(pip) --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "installing the development tools into $(VENV) (once) ..."
	@$(pip) --editable '.[dev]'
	@touch $@

$(VENV)/.installed-browser: $(VENV)/.installed-dev
	@$(pip) --editable '.[browser]'
	@touch $@
