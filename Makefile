# Everything is run from .venv, which bin/setup makes and keeps to what the lock files say.

.DEFAULT_GOAL := help
.PHONY: help run test lint check bench sbom lock

help:
	@echo 'make run              start SIH in the foreground, until Ctrl-C'
	@echo 'make test [ARGS=...]  run the tests; ARGS goes to pytest, e.g. ARGS="-k login -x"'
	@echo 'make lint             check the code with ruff and pyright, the migrations with squawk'
	@echo 'make check            lint, and look the locked packages up in the list of known vulnerabilities'
	@echo 'make bench [ARGS=...] measure how fast it is with many problems, e.g. ARGS="--sizes 10000 --rounds 1 --seconds 2"'
	@echo 'make sbom             write sbom.json, what SIH is made of (CycloneDX), from requirements.lock'
	@echo 'make lock             write the requirements*.lock from pyproject.toml; then make sbom'

run:
	@bin/setup run
	@exec .venv/bin/python app.py

test:
	@bin/setup test
# Tests wait for browsers and servers: twice as many processes as cores keep the cores busy. All of them start programs, which are
# quick to start with their bytecode kept.
	@PYTHONDONTWRITEBYTECODE= .venv/bin/pytest -n $$(( $$(nproc) * 2 )) $(ARGS)

lint:
	@bin/setup lint
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@PYRIGHT_PYTHON_IGNORE_WARNINGS=1 .venv/bin/pyright --pythonpath .venv/bin/python
	@.venv/bin/squawk --no-error-on-unmatched-pattern 'migrations/*.sql'

check: lint
	@bin/setup check
	@bin/audit requirements*.lock

bench:
	@bin/setup bench
	@.venv/bin/python -m bench.speed $(ARGS)

sbom:
	@bin/sbom >sbom.json

lock:
	@bin/setup lock
