# banche: `make demo` plans the embedded city, `make test` proves the code. Both need Python >= 3.11 and make.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup demo test check peers audit lock clean

setup: $(READY)

$(READY): pyproject.toml locks/bootstrap.txt locks/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "banche needs Python 3.11 or newer; call make PYTHON=/path/to/python3.11")'
	@echo "setting up .venv (about 400 MB of packages on a fresh machine)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/bootstrap.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r locks/requirements.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: setup
	$(BIN)/banche demo -o out/demo

test: setup check
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# The solvers that `python -m benchmarks peers` races beside banche; never needed to run it.
peers: setup
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r locks/peers.txt

# What is locked against the known vulnerabilities; asks a database over the network, and fails without it. The tool
# lives in an environment of its own, so that what it needs is never installed beside banche.
audit: setup
	@test -x .venv-audit/bin/pip-audit || ($(PYTHON) -m venv .venv-audit && $(BIN)/uv pip install --quiet --python .venv-audit/bin/python --require-hashes -r locks/audit.txt)
	@mkdir -p out
	.venv-audit/bin/pip-audit --disable-pip --require-hashes --vulnerability-service osv --progress-spinner off --timeout 10 --format json --output out/audit.json -r locks/bootstrap.txt -r locks/requirements.txt

# Lock again after a change of dependencies; the files name no host.
lock:
	echo "uv>=0.9" | $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url - -o locks/bootstrap.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --extra dev --no-header --no-emit-index-url pyproject.toml -o locks/requirements.txt
	echo "pip-audit>=2.9" | $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url - -o locks/audit.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --extra peers --constraints locks/requirements.txt --no-header --no-emit-index-url pyproject.toml -o locks/peers.txt

clean:
	rm -rf .venv .venv-audit out .mypy_cache .ruff_cache .pytest_cache .hypothesis
