# Everything a newcomer or CI runs. Each target first prepares .venv with what it needs, from the committed
# lock files and checked hashes; a stamp in .venv makes that a no-op until pyproject.toml or a lock changes.
# Needs make and Python 3.11 or newer, nothing else.

ARGS ?=
# Many tests wait for processes of their own; a module's tests stay together and share what they make. In the order
# of the rooms: reordered by number, the few long stories (crash, demo) would come last and one core would wait.
PARALLEL := --numprocesses auto --dist loadfile --no-loadscope-reorder
BIN := .venv/bin
DEMO_READY := .venv/.demo-ready
DEV_READY := .venv/.dev-ready

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-all check format texts bench fuzz mutants s3 scan spark lock clean

help: ## list these targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

demo: $(DEMO_READY) ## play the story over HTTP and stay up; ARGS=--once stops after it, ARGS="--data DIR" keeps the data
	@$(BIN)/python -m demo $(ARGS)

test: $(DEV_READY) ## run the tests but the slow ones; ARGS go to pytest
	TMPDIR=$$(tools/scratch.sh) $(BIN)/pytest -m "not slow" $(PARALLEL) $(ARGS)

test-all: $(DEV_READY) ## run all tests
	TMPDIR=$$(tools/scratch.sh) $(BIN)/pytest $(PARALLEL) $(ARGS)

check: $(DEV_READY) ## lint, format, types (the browser's too), floors, SQL rules, leftovers and sizes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/python tools/sql_lint.py
	$(BIN)/python tools/no_leftovers.py
	$(BIN)/python -m tools.js_types

format: $(DEV_READY) ## format the code and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

texts: $(DEV_READY) ## gather the texts of the consent pages for translators
	@$(BIN)/python -m tools.texts

bench: $(DEV_READY) ## measure; ARGS go to the bench, for instance ARGS="--corpus FILE"
	@$(BIN)/python -m bench $(ARGS)

fuzz: $(DEV_READY) ## let a fuzzer try every parser in turn; ARGS="--seconds 60 --only policy" go to it
	@$(BIN)/python -m pip --quiet --disable-pip-version-check install --require-hashes -r requirements-fuzz.lock
	@$(BIN)/python -m tests.malformed.fuzz $(ARGS)

mutants: $(DEV_READY) ## make small mistakes in our own server, each of which a test has to notice; ARGS="--only WORDS"
	@$(BIN)/python -m tools.mutants $(ARGS)

scan: $(DEV_READY) ## let a web scanner attack every page, as nobody and signed in; ARGS="--seconds 60" for each
	@$(BIN)/python -m venv .cache/scan
	@.cache/scan/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes -r requirements-scan.lock
	@$(BIN)/python -m tests.web.scan $(ARGS)

s3: $(DEV_READY) ## keep engagement events in a server of S3, and count them from there
	@$(BIN)/python -m venv .cache/s3
	@.cache/s3/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes -r requirements-s3.lock
	@$(BIN)/python -m tests.reports.against_s3

spark: $(DEV_READY) ## ask DuckDB and Spark for the same tables, and compare them; ARGS="--events 10000000"
	@tools/spark.sh $(ARGS)

lock: $(DEV_READY) ## resolve the lock files anew from pyproject.toml
	tools/lock.sh

clean: ## remove .venv and every cache
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(DEMO_READY): pyproject.toml requirements.lock tools/venv.sh tools/vendor.py
	@tools/venv.sh requirements.lock
	@touch $@

# What the tests need contains what the demo needs, so one install settles both.
$(DEV_READY): pyproject.toml requirements-dev.lock tools/venv.sh tools/vendor.py
	@tools/venv.sh requirements-dev.lock
	@touch $@ $(DEMO_READY)
