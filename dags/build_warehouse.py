"""
### raw_odoo -> star -> marts -> readers

Builds one as-of day with dbt, layer by layer, each gated by its tests, and then publishes it by moving one row.
Several days in the queue are built oldest first, one run each.

**Red?** The message names the model or test. Readers keep the last published day. Fix the cause and clear the
failed task; it is safe to run any task again.
"""

from airflow.sdk import dag, task

from creamery.orchestration import assets, dbt
from creamery.orchestration.defaults import DAG_DEFAULTS, as_of_param

LAYERS = (dbt.STAGING, dbt.STAR, dbt.MARTS, dbt.REPORTING)


@dag(
    schedule=[assets.RAW_ODOO],
    max_active_runs=1,
    default_args=DAG_DEFAULTS,
    params={"as_of_date": as_of_param("the days that the extraction announced")},
    doc_md=__doc__,
    tags=["night"],
)
def build_warehouse():
    @task(doc_md="The oldest day in the queue, and the generation that its rows will carry.")
    def open_generation(*, params: dict, triggering_asset_events) -> dict:
        from creamery.orchestration.night import open_oldest_day

        return open_oldest_day(assets.days_of(triggering_asset_events, params["as_of_date"]))

    @task
    def build(layer: str, night: dict) -> int:
        from creamery.orchestration.night import build_layer

        return build_layer(next(each for each in LAYERS if each.name == layer), night)

    @task(outlets=[assets.WAREHOUSE], doc_md="Readers see the day from here on.")
    def publish(night: dict, *, outlet_events) -> str:
        from creamery.orchestration.night import publish_day

        outlet_events[assets.WAREHOUSE].extra = assets.extra_for([publish_day(night)])
        return night["as_of_date"]

    @task(outlets=[assets.RAW_ODOO], doc_md="Starts this DAG again for the next day in the queue; else skipped.")
    def continue_with_next_day(night: dict, *, outlet_events) -> None:
        from creamery.orchestration.night import remaining_days

        outlet_events[assets.RAW_ODOO].extra = assets.extra_for(remaining_days(night))

    night = open_generation()
    steps = [build.override(task_id=f"build_{layer.name}")(layer.name, night) for layer in LAYERS]
    published = publish(night)
    for earlier, later in zip(steps, [*steps[1:], published], strict=True):
        earlier >> later
    published >> continue_with_next_day(night)


build_warehouse()
