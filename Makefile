# `make` prints the recipes.
export PORT ?= 8000
export DATA_DIR ?= data

.PHONY: help
help: ## print these recipes
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: set-up
set-up: ## install what running needs (idempotent)
	@bash scripts/set_up.sh run

.PHONY: run
run: set-up ## set up, make demonstration data, publish a release, serve on http://localhost:$PORT
	@exec .venv/bin/core-portal run --demonstration

.PHONY: set-up-test
set-up-test:
	@bash scripts/set_up.sh test
	@bash scripts/set_up.sh spark || echo "Spark is not installed: what is held on it is left out of the tests"

.PHONY: set-up-spark
set-up-spark: set-up-test
	@bash scripts/set_up.sh spark

.PHONY: check
check: ## ruff, mypy and import-linter
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

.PHONY: test
test: set-up-test check ## set up, then every check and test
	.venv/bin/pytest -n 2 --dist loadgroup

.PHONY: test-spark
test-spark: set-up-spark ## the tests of tabulation on Spark, its second engine
	.venv/bin/pytest -m spark tests/spec/test_tabulation.py

.PHONY: format
format: ## put the code in the project's format
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
