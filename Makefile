# The developer's verbs. Each does all its own set-up on a bare Debian machine with Python 3.11 or later.
PYTHON := $(or $(PYTHON),$(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3))
READY := $(PYTHON) tooling/environment.py
.DEFAULT_GOAL := help
.PHONY: help run test check fix bench fast-argon2 docs screenshots lock clean python

help: ## show these verbs
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r verb what; do printf '  make %-13s %s\n' "$$verb" "$$what"; done

run: python ## the demo town on this machine: identity, e-services, simulators, worker
	@$(READY) run
	@exec .venv/bin/preau demo run

test: python ## every test: house, rooms on SQLite and PostgreSQL, stories in Chromium
	@$(READY) test system
	@.venv/bin/python -m tooling.test

check: python ## lint, types, import contracts, house tests, rule tests (under a minute)
	@$(READY) test
	@.venv/bin/python -m tooling.check

fix: python ## put code and templates in form
	@$(READY) test
	@.venv/bin/python -m tooling.typography
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format --quiet .

bench: python ## the numbers we promise, measured
	@$(READY) test system
	@-.venv/bin/python -m tooling.fast_argon2
	@.venv/bin/python -m benchmarks

fast-argon2: python ## build Argon2 for this processor, for production: passwords are hashed in half the time
	@$(READY) run
	@.venv/bin/python -m tooling.fast_argon2

docs: python ## redraw what the docs derive from the code (docs/reference)
	@$(READY) test
	@.venv/bin/python -m tooling.docs

screenshots: python ## play the stories and take again the pictures that the docs show
	@$(READY) test system
	@PREAU_SCREENSHOTS=1 .venv/bin/python -m pytest tests/stories -q

lock: python ## compile requirements/*.in again (needs uv; takes the newest versions)
	@$(READY) lock

clean: ## forget all that was written here: databases, secrets, environment
	rm -rf var .venv

python:
	@test -n "$(PYTHON)" || { echo "Il faut Python 3.11 ou plus récent. / Python 3.11 or later is needed:"; echo "  apt-get install python3 python3-venv"; exit 1; }
