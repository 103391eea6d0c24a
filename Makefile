# Everything a contributor or a newcomer runs. The first call of a target sets up what it needs; that output goes to stderr.
# Needed beforehand: make and a Python of 3.11 or newer (Debian: python3 and python3-venv). ARGS= goes to the command behind a target.

SHELL := /bin/sh
ARGS ?=

VENV := .venv
PY := $(VENV)/bin/python
# The stamps carry the tree's place: a moved or copied tree is set up again, as the editable install names its folder.
HERE := $(shell pwd | cksum | cut -d ' ' -f 1)
RUN_READY := $(VENV)/ready-to-run-$(HERE)
TEST_READY := $(VENV)/ready-to-test-$(HERE)
NODE_READY := node_modules/.ready-$(HERE)
INSTALL := ./.ci/install

# Each worker reads every test: what is compiled is kept, also where the environment says otherwise, or each of them compiles all of it.
# Two workers more than cores, up to six: a test with a browser or a database server waits for it a third of its time.
# With one more, two cores had nothing to do for 8 % of a run, with two 2 %.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); [ "$$n" -gt 4 ] && n=4; echo $$((n + 2)))

.PHONY: help run test check bench soak docs dist locks

help: ## Say what can be run
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUN_READY) ## Start a hub on SQLite in ./data (ARGS="--port 9000")
	@exec $(PY) -m approvals_hub serve --data ./data $(ARGS)

# Those of the house are part of `make check`: a change that is done has been through both.
test: $(TEST_READY) $(NODE_READY) ## Run every test but those of `make check` (ARGS="tests/unit/core -k clock": these)
	@PYTHONDONTWRITEBYTECODE= exec $(PY) -m pytest -n $(WORKERS) --dist worksteal $(if $(ARGS),$(ARGS),--ignore tests/house)

check: $(TEST_READY) $(NODE_READY) ## Formatting, lint, types, import contracts, house and docs tests
	@exec ./.ci/check

bench: $(TEST_READY) ## Measure the hub beside its bare limits (ARGS="--quick", "--json", "--only NAME")
	@exec $(PY) -m tests.load.bench $(ARGS)

soak: $(TEST_READY) ## The long versions of the tests of load, races and crashes
	@SOAK=1 exec $(PY) -m pytest -m soak $(ARGS)

docs: $(TEST_READY) ## Write the reference pages anew from the code
	@exec $(PY) -m tests.house.reference

dist: $(TEST_READY) ## Build wheel, source archive and their bill of materials into ./dist, twice, the same bytes
	@exec ./.ci/release

locks: ## Write uv.lock and the files for plain pip anew (needs uv)
	@./.ci/locks

$(RUN_READY): requirements.lock pyproject.toml
	@$(INSTALL) run >&2 && touch $@

$(TEST_READY): requirements.test.lock pyproject.toml
	@$(INSTALL) test >&2 && touch $@ $(RUN_READY)

$(NODE_READY): package-lock.json
	@$(INSTALL) node $@ >&2
