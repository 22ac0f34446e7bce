"""
### Odoo -> raw_odoo

Reads the tables of the source contract in one snapshot of the Odoo database and replaces the raw tables.
The only DAG of the night that is on a clock; what follows is triggered by its asset.

**Red?** The failed task's message says what is wrong with the source and how to fix it. The published day stands;
clear the task when the source is in order.
"""

from airflow.sdk import dag, task

from creamery.orchestration import assets
from creamery.orchestration.defaults import DAG_DEFAULTS, as_of_param, night_schedule


@dag(
    schedule=night_schedule(),
    catchup=False,
    max_active_runs=1,
    default_args=DAG_DEFAULTS,
    params={"as_of_date": as_of_param("yesterday in the company's time zone")},
    doc_md=__doc__,
    tags=["night"],
)
def extract_odoo():
    @task(doc_md="Source reachable, contract met, the right Odoo: checked before anything is written.")
    def check_source(*, params: dict) -> dict:
        from datetime import date

        from creamery.extract.run import open_night
        from creamery.orchestration.connections import SOURCE, WAREHOUSE, dsn_of

        asked_for = params["as_of_date"]
        night = open_night(dsn_of(SOURCE), dsn_of(WAREHOUSE), date.fromisoformat(asked_for) if asked_for else None)
        return night.to_xcom()

    @task(outlets=[assets.RAW_ODOO], doc_md="Streams every table by COPY; the log has the rows of each.")
    def copy_tables(night: dict, *, outlet_events) -> dict:
        from creamery.extract.run import Night, extract_tables
        from creamery.orchestration.connections import SOURCE, WAREHOUSE, dsn_of

        opened = Night.from_xcom(night)
        tables = extract_tables(dsn_of(SOURCE), dsn_of(WAREHOUSE), opened)
        outlet_events[assets.RAW_ODOO].extra = assets.extra_for([opened.as_of_date])
        return {table.name: table.loaded_rows for table in tables}

    copy_tables(check_source())


extract_odoo()
