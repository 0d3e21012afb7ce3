# Colophon for people who work on it. `make help` lists what there is.

VENV ?= .venv
BIN := $(VENV)/bin
CORE_VENV ?= .venv-core
FEDERATED_VENV ?= .venv-federated
JOBS ?= 2
PIP_FLAGS := --quiet --disable-pip-version-check
PINS := -c packaging/constraints.txt
SOURCES := pyproject.toml packaging/constraints.txt
CORE_TESTS := tests/unit tests/integration

fits = $(1) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
ifndef PYTHON
PYTHON := $(shell for p in python3.11 python3 python3.12 python3.13; do if $(call fits,$$p); then echo $$p; break; fi; done)
endif

# Where bytecode may not be kept, each of the many processes of the tests would compile everything again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo run test test-core test-federated check screenshots dist clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.has-app ## The whole journey on the practice network: no display, no questions, no money
	@$(BIN)/colophon demo $(ARGS)

run: $(VENV)/.has-window ## Open the window
	@$(BIN)/colophon

test: $(VENV)/.has-tests $(VENV)/.has-node ## Every test that this machine can run
	@if why=$$($(BIN)/python -c 'import PySide6.QtWidgets' 2>&1); then window=; else \
		echo "The window's tests are left out, as Qt cannot be loaded: $$(echo "$$why" | tail -n 1)"; \
		echo "What to do: install the packages of packaging/debian-packages.txt (Debian, Ubuntu)."; \
		test "$(COLOPHON_REQUIRE_ALL)" != 1 || exit 1; \
		window="-p no:pytest-qt --ignore=tests/gui"; fi; \
	export QT_QPA_PLATFORM=offscreen PYTHONPATH=tests; \
	$(BIN)/python -m pytest -p no_skips -n $(JOBS) --dist loadfile --no-loadscope-reorder $$window $(ARGS)

test-core: $(CORE_VENV)/.has-core-tests $(VENV)/.has-node ## The tests below the window, where Qt is not installed
	@! $(CORE_VENV)/bin/python -c 'import PySide6' 2>/dev/null || { echo "PySide6 is in $(CORE_VENV)"; exit 1; }
	PYTHONPATH=tests $(CORE_VENV)/bin/python -m pytest -p no_skips -n $(JOBS) --dist loadfile --no-loadscope-reorder $(CORE_TESTS) $(ARGS)

test-federated: $(FEDERATED_VENV)/.has-tests ## A real federated run with Flower, which needs an environment of its own
	PYTHONPATH=tests $(FEDERATED_VENV)/bin/python -m pytest tests/federated $(ARGS)

check: $(VENV)/.has-tests ## Style, types, the direction of imports, and a static check of the contracts
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python packaging/check_contracts.py

screenshots: $(VENV)/.has-tests ## The pictures of the README and the guide, made anew from the window
	@PYTHONPATH=tests $(BIN)/python packaging/screenshots.py

dist: $(VENV)/.has-tests ## Wheel, one-folder build, Debian package, SHA256SUMS into dist/, each of them tried out
	@$(BIN)/python packaging/dist.py $(ARGS)

clean: ## Remove what make made here (never your data)
	rm -rf $(VENV) $(CORE_VENV) $(FEDERATED_VENV) packaging/npm/node_modules resources/verifier/node_modules build dist .pytest_cache .mypy_cache .ruff_cache \
		.import_linter_cache .hypothesis .benchmarks
	find desktop_app tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp file says that a step is done; changed requirements do it again.

define new_venv
@if [ -z "$(PYTHON)" ]; then \
	echo "Colophon needs Python 3.11, 3.12 or 3.13, and none was found." >&2; \
	echo "What to do: install it (Debian, Ubuntu: apt install python3.11 python3.11-venv), or name it:" >&2; \
	echo "  make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; fi
@if ! $(call fits,$(PYTHON)); then \
	echo "$(PYTHON) is missing or is not Python 3.11, 3.12 or 3.13." >&2; exit 1; fi
@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	echo "This Python cannot make virtual environments: a part of it is missing." >&2; \
	echo "What to do: on Debian or Ubuntu, apt install $$($(PYTHON) -c \
		'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" >&2; exit 1; }
@echo "Setting up $(1) (a minute or two, once)"
@$(PYTHON) -m venv $(1)
@$(1)/bin/python -m pip install $(PIP_FLAGS) --upgrade 'pip>=25.1'
endef

$(VENV)/.made:
	$(call new_venv,$(VENV))
	@touch $@

$(CORE_VENV)/.made:
	$(call new_venv,$(CORE_VENV))
	@touch $@

$(VENV)/.has-app: $(VENV)/.made $(SOURCES)
	@$(BIN)/python -m pip install $(PIP_FLAGS) $(PINS) -e .
	@touch $@

$(VENV)/.has-window: $(VENV)/.has-app
	@$(BIN)/python -m pip install $(PIP_FLAGS) $(PINS) -e '.[window]'
	@touch $@

$(VENV)/.has-tests: $(VENV)/.has-window
	@$(BIN)/python -m pip install $(PIP_FLAGS) $(PINS) --group test --group window-test --group contracts --group check
	@touch $@

$(FEDERATED_VENV)/.made:
	$(call new_venv,$(FEDERATED_VENV))
	@touch $@

# Without the usual pins: Flower wants older versions of typer and rich than those.
$(FEDERATED_VENV)/.has-tests: $(FEDERATED_VENV)/.made $(SOURCES)
	@$(FEDERATED_VENV)/bin/python -m pip install $(PIP_FLAGS) -c packaging/constraints-federated.txt \
		-e '.[federated]' --group federated-test
	@touch $@

$(CORE_VENV)/.has-core-tests: $(CORE_VENV)/.made $(SOURCES)
	@$(CORE_VENV)/bin/python -m pip install $(PIP_FLAGS) $(PINS) -e . --group test --group contracts
	@touch $@

# The real Ethereum node (anvil), the page's builder and the browser's driver come from npm. Without npm those
# tests say that they are skipped.
$(VENV)/.has-node: packaging/npm/package-lock.json resources/verifier/package-lock.json $(VENV)/.made
	@if command -v npm >/dev/null 2>&1; then \
		npm ci --prefix packaging/npm --no-audit --no-fund --loglevel=error && \
		npm ci --prefix resources/verifier --no-audit --no-fund --loglevel=error; \
	else echo "npm is not installed: the tests against a real node and in a browser will be skipped"; fi
	@touch $@
