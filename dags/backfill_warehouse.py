"""
### Any past days, again or for the first time

Announces the days of a range to build_warehouse, which builds them in as few passes as possible: one for the days that
the present stands for, and one for each earlier state of the source. It waits for a night that is running and takes
its days along; what a day's rows are does not depend on when it is built.

**Red?** The message says what is wrong with the range.
"""

from airflow.sdk import Param, dag, task

from creamery.as_of import Every
from creamery.orchestration import assets
from creamery.orchestration.defaults import DAG_DEFAULTS


@dag(
    schedule=None,
    max_active_runs=1,
    default_args=DAG_DEFAULTS | {"retries": 0},
    params={
        "first_day": Param(type="string", format="date", title="From", description="First business day of the range."),
        "last_day": Param(type="string", format="date", title="To", description="Last business day of the range."),
        "every": Param(Every.MONTH_END, enum=list(Every), title="Every", description="Which days of the range."),
    },
    doc_md=__doc__,
    tags=["night"],
)
def backfill_warehouse():
    @task(outlets=[assets.RAW_ODOO], doc_md="The days, for build_warehouse.")
    def announce_days(*, params: dict, outlet_events) -> list:
        from creamery.orchestration import night

        days = night.announce_days(params["first_day"], params["last_day"], params["every"])
        outlet_events[assets.RAW_ODOO].extra = assets.extra_for(days)
        return [day.isoformat() for day in days]

    announce_days()


backfill_warehouse()
