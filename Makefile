# Everything is run from .venv, which bin/setup makes and keeps to what the lock files say.

.DEFAULT_GOAL := help
.PHONY: help run test lint lock

help:
	@echo 'make run              start SIH in the foreground, until Ctrl-C'
	@echo 'make test [ARGS=...]  run the tests; ARGS goes to pytest, e.g. ARGS="-k login -x"'
	@echo 'make lint             check the code with ruff'
	@echo 'make lock             write requirements.lock and requirements-test.lock from pyproject.toml'

run:
	@bin/setup run
	@exec .venv/bin/python app.py

test:
	@bin/setup test
	@.venv/bin/pytest -n auto $(ARGS)

lint:
	@bin/setup lint
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

lock:
	@bin/setup lock
