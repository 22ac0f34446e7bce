# One machine's commands; `make` lists them. The work is done by plugins/creamery/laptop.

.DEFAULT_GOAL := help
.PHONY: help demo nightly backfill train backtest extract push-preview status docs logs psql down clean import-orders restore-odoo test test-all bench lint

ENV := .creamery/envs
LAPTOP := exec env PYTHONPATH=plugins $(ENV)/dev/bin/python -m creamery.laptop
PYTEST := $(ENV)/dev/bin/python -m pytest
IN_PARALLEL := --numprocesses 2 --durations 40 --durations-min 10
# The first of these; bin/setup says what to do where neither is Python 3.11.
SETUP := $(shell command -v python3.11 || command -v python3 || echo python3.11) bin/setup

WAREHOUSE := demo
CUSTOMERS := 5000
SIZE := 200000
# As it was written: a dollar sign is PostgreSQL's, not make's.
override SQL := $(value SQL)
export SQL

help:
	@echo 'Creamery on one machine. Needs Python 3.11 with venv; no Docker, no PostgreSQL, no root.'
	@echo
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{ printf "%-22s %s\n", $$1, $$2 }'
	@echo
	@echo 'Settings (environment):'
	@echo '  CREAMERY_PG_PORT=54329  CREAMERY_AIRFLOW_PORT=8080  CREAMERY_SUPERSET_PORT=8088'
	@echo '  CREAMERY_PG_USER=nobody   who runs PostgreSQL when you are root'
	@echo '  CREAMERY_STATE=.creamery  where data, logs and secrets lie'
	@echo
	@echo 'The tools themselves: bin/airflow, bin/dbt, bin/superset.'

demo:  ## everything: PostgreSQL, demo shop, Airflow, Superset, one night [CUSTOMERS=5000]
	@$(SETUP)
	@$(LAPTOP) demo --customers $(CUSTOMERS)

nightly:  ## one night in the foreground [AS_OF=2026-11-19] [WAREHOUSE=demo]
	@$(SETUP) airflow dbt dev
	@$(LAPTOP) nightly --warehouse $(WAREHOUSE) $(if $(AS_OF),--as-of $(AS_OF))

BACKFILL_USAGE := Say which days: make backfill FROM=2026-01-01 TO=2026-06-30 EVERY=month-end

backfill:  ## past days again: FROM=2026-01-01 TO=2026-06-30 [EVERY=month-end|week-end|day] [WAREHOUSE=demo]
	@$(SETUP) airflow dbt dev
	@$(LAPTOP) backfill --warehouse $(WAREHOUSE) --from "$(or $(FROM),$(error $(BACKFILL_USAGE)))" \
		--to "$(or $(TO),$(error $(BACKFILL_USAGE)))" $(if $(EVERY),--every $(EVERY))

train:  ## models again, with their scorecard [AS_OF=2026-11-19] [WAREHOUSE=demo]
	@$(SETUP) airflow dbt dev
	@$(LAPTOP) train --warehouse $(WAREHOUSE) $(if $(AS_OF),--as-of $(AS_OF))

backtest:  ## the scorecard of the demo shop, CDNOW and Online Retail, against each baseline
	@$(SETUP) airflow dbt dev
	@$(LAPTOP) backtest

extract:  ## the extraction alone [FULL=1] [ACCEPT_SHRINKING="table ..."] [WAREHOUSE=demo]
	@$(SETUP) airflow dbt dev
	@$(LAPTOP) extract --warehouse $(WAREHOUSE) $(if $(FULL),--full) $(if $(ACCEPT_SHRINKING),--accept-shrinking $(ACCEPT_SHRINKING))

push-preview:  ## what a push into Odoo would change today [CAMPAIGN=win_back] [WAREHOUSE=demo]
	@$(SETUP) airflow dbt dev
	@$(LAPTOP) push-preview --warehouse $(WAREHOUSE) $(if $(CAMPAIGN),--campaign $(CAMPAIGN))

status:  ## what runs, addresses and logins
	@$(SETUP) dev
	@$(LAPTOP) status

docs:  ## the data model as one HTML page: models, columns, tests, lineage [WAREHOUSE=demo]
	@$(SETUP) dbt dev
	@$(LAPTOP) docs --warehouse $(WAREHOUSE)

logs:  ## the last lines of every log; NAME=scheduler follows one
	@$(SETUP) dev
	@$(LAPTOP) logs $(NAME)

psql:  ## the warehouse in psql; SQL="select ..." prints plain rows [WAREHOUSE=demo]
	@$(SETUP) dev
	@$(LAPTOP) psql --warehouse $(WAREHOUSE) $(if $(SQL),--sql "$$SQL")

import-orders:  ## a shop from one FILE=orders.csv [NAME=...] [FLAGS="--currency GBP ..."]
	@$(SETUP) dev
	@$(LAPTOP) import-orders $(if $(NAME),--name $(NAME)) "$(or $(FILE),$(error Say which file: make import-orders FILE=orders.csv))" $(FLAGS)

RESTORE_USAGE := Say what and under which name: make restore-odoo DUMP=odoo.dump NAME=shop

restore-odoo:  ## a shop from an Odoo backup: DUMP=odoo.dump NAME=...
	@$(SETUP) dev
	@$(LAPTOP) restore-odoo --name "$(or $(NAME),$(error $(RESTORE_USAGE)))" "$(or $(DUMP),$(error $(RESTORE_USAGE)))"

down:  ## stop everything
	@$(SETUP) dev
	@$(LAPTOP) down

clean:  ## stop everything and delete data, logs, secrets and environments
	@if [ -x $(ENV)/dev/bin/python ]; then $(LAPTOP) clean; fi
	@rm -rf .creamery

test:  ## all tests but the slow ones
	@$(SETUP)
	@$(PYTEST) $(IN_PARALLEL) -m 'not slow'

test-all: lint  ## lint, and every test
	@$(SETUP)
	@$(PYTEST) $(IN_PARALLEL)

bench:  ## what it costs, as ratios in one run [SIZE=200000 customers]
	@$(SETUP) dbt dev
	@PYTHONPATH=plugins $(ENV)/dev/bin/python -m bench --customers $(SIZE)

lint:  ## ruff, mypy, sqlfluff, yamllint, policy tests
	@$(SETUP) dbt dev
	@$(ENV)/dev/bin/ruff check . bin/setup
	@$(ENV)/dev/bin/ruff format --check . bin/setup
	@$(ENV)/dev/bin/mypy
	@$(ENV)/dev/bin/sqlfluff lint --processes 2 --disable-progress-bar dbt_project/models sql
	@$(ENV)/dev/bin/yamllint --strict .
	@$(PYTEST) -q tests/policy
