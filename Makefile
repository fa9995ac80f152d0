# Everything a person does here. Needs Python 3.11, pip and make; the rest is installed into .tools and .venv.

PYTHON ?= python3
UV_VERSION := 0.13.8

VENV := $(CURDIR)/.venv
UV := .tools/bin/uv
READY := .venv/.ready
GENERATED := proto/gen/.made
PROTOS := $(shell find proto -name '*.proto' -not -path 'proto/gen/*')
# Tests wait more than they work: one worker has the whole shop, the others houses of their own.
WORKERS ?= 3
CODE := $(wildcard services gateway deploy bench tests)
# Tests that need no server: sizes, boundaries, stand-alone imports, manifests, dashboards.
STATIC := $(addprefix tests/contracts/,test_boundaries.py test_manifests.py test_dashboards.py)
# What the contracts may not break: what others already have.
MAIN := $(shell git rev-parse -q --verify origin/main 2>/dev/null || git rev-parse -q --verify main 2>/dev/null)

# uv comes by the system's pip: .venv has none.
SYSTEM_PATH := $(PATH)
export PATH := $(VENV)/bin:$(PATH)
export PYTHONPATH := .:proto/gen
# What is compiled once need not be compiled by each of twenty processes, whatever the surroundings say.
export PYTHONDONTWRITEBYTECODE :=
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check faults bench demo import parked proto fmt lock clean

help: ## list these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

run: $(GENERATED) ## open the shop on this machine; Ctrl-C closes it (ARGS=--free-ports when ports are taken)
	@exec python -m deploy.local $(ARGS)

test: $(GENERATED) ## run the tests on a real MongoDB and a real NATS (ARGS='-k word' for some of them)
	python -m pytest -n $(WORKERS) --dist loadscope $(addprefix --ignore=,$(STATIC)) $(ARGS)

check: $(GENERATED) ## lint, types, boundaries, contracts: all that can be known without running
	ruff check $(CODE)
	ruff format --check $(CODE)
	mypy $(CODE)
	lint-imports
	buf lint proto
	python -m pytest $(STATIC)
	$(if $(MAIN),$(BREAKING),@echo "no main yet: nothing to break")

# A main from before the first contract cannot be broken either.
BREAKING = @if git cat-file -e $(MAIN):proto/buf.yaml 2>/dev/null; \
	then echo buf breaking proto; buf breaking proto --against '.git\#ref=$(MAIN),subdir=proto'; \
	else echo "no contracts in main yet: nothing to break"; fi

faults: $(GENERATED) ## kill, cut, race and flood the shop, the long way (`make test` runs a short version)
	python -m pytest tests --long -m long $(ARGS)

bench: $(GENERATED) ## measure load and cost (ARGS='scale supply': parts)
	@python -m bench $(ARGS)

demo: $(GENERATED) ## fill a running shop and live a day in it
	@python -m deploy.demo $(ARGS)

import: $(GENERATED) ## take a large CSV of products into a running shop: FILE=products.csv (PUBLISH=1 puts them on sale)
	@python -m deploy.local.bring $(FILE) $(if $(PUBLISH),--publish)

parked: $(GENERATED) ## show events no listener could handle; RETELL=evt_... (or all) tells them again
	@python -m services.kit.parked $(if $(RETELL),--retell $(RETELL))

proto: $(GENERATED) ## generate Python from the contracts

fmt: $(READY) ## format code and contracts
	ruff check --fix --exit-zero $(CODE)
	ruff format $(CODE)
	buf format -w proto

lock: $(UV) ## choose versions anew and pin them
	$(UV) lock
	$(UV) export --all-extras --all-groups --no-hashes --no-annotate --no-header --output-file requirements.txt --quiet
	rm uv.lock

clean: ## remove what was made, data of `make run` included
	rm -rf .venv .tools .run proto/gen .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(UV):
	@echo "installing uv $(UV_VERSION)"
	@PATH="$(SYSTEM_PATH)" $(PYTHON) -m pip install --quiet --disable-pip-version-check --target .tools --upgrade uv==$(UV_VERSION) 2>.uv.log \
		|| { cat .uv.log; exit 1; }
	@rm -f .uv.log

# No `python -m venv`: Debian ships it without ensurepip. Compiled once here rather than by nine processes at once.
$(READY): requirements.txt | $(UV)
	@echo "installing the pinned requirements"
	@test -x .venv/bin/python || PATH="$(SYSTEM_PATH)" $(UV) venv --quiet --python $(PYTHON) .venv
	@$(UV) pip sync --quiet --python .venv/bin/python --compile-bytecode requirements.txt
	@touch $@

# Made beside the old and moved over it: what runs meanwhile finds the one or the other.
$(GENERATED): $(PROTOS) $(READY)
	@rm -rf proto/.new && mkdir proto/.new
	@cd proto && python -m grpc_tools.protoc -I. --python_out=.new --grpc_python_out=.new --mypy_out=quiet:.new \
		--mypy_grpc_out=quiet:.new $(PROTOS:proto/%=%)
	@find proto/.new/shop -type d -exec touch {}/__init__.py {}/py.typed \;
	@rm -rf proto/gen && mv proto/.new proto/gen && touch $@
