"""
### Odoo -> raw_odoo

Brings the raw tables to the state of one snapshot of the Odoo database: small tables read whole, large ones by what
changed, every version of a row kept. The only DAG of the night that is on a clock; what follows is triggered by its
asset.

- `check_source`: the right Odoo, and what of the source contract it offers. Nothing is read before.
- `group_tables`: large tables get a task each, the small ones share one.
- `hold_snapshot` runs as long as tables are copied: all of them see the same moment.
- `copy_tables`: a retry skips what has landed.
- `close_extraction`: complete only if every table has landed or kept its last good rows. From here the night goes on.
- `report_stale_tables` fails if a table kept older rows, and says why. The night goes on without waiting for you.

**Red?** The failed task's message says what is wrong with the source and how to fix it. Clear the whole run when the
source is in order: what has landed is not read again.
"""

from airflow.sdk import Param, TriggerRule, dag, task

from creamery import settings
from creamery.orchestration import assets
from creamery.orchestration.defaults import DAG_DEFAULTS, as_of_param, clock

STREAMS = settings.load().extraction_streams


@dag(
    schedule=clock("30 2 * * *"),
    catchup=False,
    max_active_runs=1,
    default_args=DAG_DEFAULTS,
    params={
        "as_of_date": as_of_param("yesterday in the company's time zone"),
        "full": Param(False, type="boolean", description="Read every table whole and compare every row."),
        "accept_shrinking": Param(
            [], type="array", items={"type": "string"}, description="Tables that may lose any number of rows this time."
        ),
    },
    doc_md=__doc__,
    tags=["night"],
)
def extract_odoo():
    @task(doc_md="Source reachable, contract met, the right Odoo.")
    def check_source(*, params: dict) -> dict:
        from creamery.orchestration import extraction

        return extraction.open_night(params)

    @task(doc_md="The groups of tables that share a task.")
    def group_tables(night: dict) -> list:
        from creamery.orchestration import extraction

        return extraction.group_tables(night)

    @task(doc_md="Holds one snapshot for all streams, and takes the source's own totals in it.")
    def hold_snapshot(night: dict) -> None:
        from creamery.orchestration import extraction

        extraction.hold_snapshot(night)

    @task(
        max_active_tis_per_dagrun=STREAMS,
        map_index_template="{{ label }}",
        doc_md="Streams by COPY; the log has the rows of each table.",
    )
    def copy_tables(night: dict, tables: list) -> dict:
        from creamery.orchestration import extraction

        return extraction.copy_tables(night, tables)

    @task(
        trigger_rule=TriggerRule.ALL_DONE, outlets=[assets.RAW_ODOO], doc_md="Rows by table; lets go of the snapshot."
    )
    def close_extraction(night: dict | None, *, outlet_events) -> dict:
        from creamery.orchestration import extraction

        rows = extraction.close_night(night)
        outlet_events[assets.RAW_ODOO].extra = assets.extra_for(extraction.days_of(night))
        return rows

    @task(doc_md="Fails, after the rest is done, if a table kept older rows.")
    def report_stale_tables() -> None:
        from creamery.orchestration import extraction

        extraction.report_stale_tables()

    night = check_source()
    hold_snapshot(night)
    copied = copy_tables.partial(night=night).expand(tables=group_tables(night))
    closed = close_extraction(night)
    copied >> closed >> report_stale_tables()


extract_odoo()
