# Needs make and a Python of 3.11 or newer; everything else is installed into .venv.

BIN := .venv/bin
# One more than two cores: who waits for a server or a browser leaves them to the others. Each
# collects all tests and starts servers of its own.
PYTEST_OPTIONS := -q -n 3

# Prints the first Python that will do, or fails.
define find_python
for each in python3 python3.13 python3.12 python3.11; do \
	if $$each -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo $$each; exit; fi; \
done; \
echo 'gradgrade needs Python 3.11 or newer with its venv module; none was found' >&2; exit 1
endef

.PHONY: help demo try serve test consumers quick full check bench evidence promises verify durations screenshots texts lock clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

.venv: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	@echo 'Installing into .venv …'
	@python=$$($(find_python)) && $$python -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: .venv ## Generate, serve and grade, end to end
	@$(BIN)/python -m gradgrade.service.cli.demo

try: .venv ## Open a course to look at, with thirty students; Ctrl-C ends it
	@$(BIN)/gradgrade try

serve: .venv ## Serve the HTTP API on this machine
	@$(BIN)/gradgrade serve

test: .venv ## Run the tests
	$(BIN)/pytest $(PYTEST_OPTIONS)

consumers: tests/consumers/node/node_modules/installed .nbgrader/installed ## Install the programs that read what is written, for their tests

tests/consumers/node/node_modules/installed: tests/consumers/node/package-lock.json
	@cd tests/consumers/node && npm ci --loglevel error
	@touch $@

.nbgrader/installed: tests/consumers/nbgrader.lock
	@python=$$($(find_python)) && $$python -m venv .nbgrader
	@.nbgrader/bin/pip install --quiet --disable-pip-version-check --require-hashes -r tests/consumers/nbgrader.lock
	@touch $@

quick: .venv ## Run what is not slow, on SQLite alone; of a room: make quick ROOM=oracle/proof
	GRADGRADE_EXAMPLES=0.05 $(BIN)/pytest -q -n 2 -m 'not slow and not postgresql' \
		--ignore=tests/promises --ignore=tests/consumers --ignore=tests/journeys \
		$(if $(ROOM),$(wildcard tests/$(ROOM)) $(ROOM))

full: .venv ## Run the tests with all of their cases
	GRADGRADE_EXAMPLES=1 $(BIN)/pytest $(PYTEST_OPTIONS)

check: .venv ## Lint, check types, run the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest $(PYTEST_OPTIONS)

bench: .venv ## Measure against peers, and write the figures in docs
	@for each in oracle generation grading laws; do \
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.$$each || exit 1; done

evidence: .venv ## Grade 10,000 right answers and as many wrong ones, and write docs/evidence.md
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.evidence && \
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.evidence.programs

promises: .venv ## Try out in full what holds under load, faults and hostile input
	GRADGRADE_PROMISES=1 $(BIN)/pytest $(PYTEST_OPTIONS) tests/promises

verify: .venv ## Prove the oracle on this machine
	@$(BIN)/gradgrade verify

durations: .venv ## Run the tests, and write down which are slow
	@report=$$(mktemp) && trap 'rm -f "$$report"' EXIT && \
	$(BIN)/pytest $(PYTEST_OPTIONS) --junitxml="$$report" \
		-o junit_family=xunit1 -o junit_duration_report=call && \
	$(BIN)/python -m tests.durations "$$report"

screenshots: .venv ## Take the pictures of pages in docs/images, in Chromium
	@$(BIN)/python docs/make_screenshots.py

texts: .venv ## Gather what pages say, to be translated
	@$(BIN)/pybabel -q extract --mapping pyproject.toml --no-location --sort-output --omit-header --add-comments Translators: \
		--output service/web/locale/pages.pot service/web

lock: ## Write requirements.lock anew from pyproject.toml, and nbgrader's from its version
	@python=$$($(find_python)) && directory=$$(mktemp -d) && trap 'rm -rf "$$directory"' EXIT && \
	$$python -m venv "$$directory" && \
	"$$directory/bin/pip" install --quiet --disable-pip-version-check uv && \
	"$$directory/bin/uv" pip compile pyproject.toml --group dev --universal --generate-hashes \
		--python-version 3.11 --no-emit-index-url --no-annotate \
		--custom-compile-command "make lock" --quiet -o requirements.lock && \
	"$$directory/bin/uv" pip compile tests/consumers/nbgrader.in --universal --generate-hashes \
		--python-version 3.11 --no-emit-index-url --no-annotate \
		--custom-compile-command "make lock" --quiet -o tests/consumers/nbgrader.lock

clean: ## Remove the installation and all caches
	rm -rf .venv .nbgrader tests/consumers/node/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
