"""
### raw_odoo -> star -> features -> scores -> marts -> readers

Builds the as-of days in its queue with dbt, layer by layer, each gated by its tests, and then publishes them all by
moving one row. Days whose rows have changed since are built from the rows that stood then (`build_past_days`).

**Red?** The message names the model or test. Readers keep the last published day. Fix the cause and clear the
failed task; it is safe to run any task again.
"""

from itertools import pairwise

from airflow.sdk import TriggerRule, dag, task

from creamery.orchestration import assets, dbt
from creamery.orchestration.defaults import DAG_DEFAULTS, as_of_param

WHOLE_LAYERS = (dbt.STAGING, dbt.STAR, dbt.REPORTING)


@dag(
    schedule=[assets.RAW_ODOO],
    max_active_runs=1,
    default_args=DAG_DEFAULTS,
    params={"as_of_date": as_of_param("the days that extract_odoo or backfill_warehouse announced")},
    doc_md=__doc__,
    tags=["night"],
)
def build_warehouse():
    @task(doc_md="All days in the queue, and the generation that their rows will carry.")
    def open_generation(*, params: dict, triggering_asset_events) -> dict:
        from creamery.orchestration import night

        return night.open_generation(assets.days_of(triggering_asset_events, params["as_of_date"]))

    @task
    def build(layer: str, generation: dict) -> int:
        from creamery.orchestration import night

        return night.build_layer(next(each for each in WHOLE_LAYERS if each.name == layer), generation)

    @task(doc_md="What models score, of the days that the present stands for.")
    def build_features(generation: dict) -> int:
        from creamery.orchestration import night

        return night.build_features(generation)

    @task(doc_md="In a warehouse without models; skipped in any other, and where it fails: rules score until then.")
    def train_first_models(generation: dict) -> list:
        from creamery.orchestration import training

        return training.train_first_models(generation)

    @task(trigger_rule=TriggerRule.NONE_FAILED, doc_md="By the models that served on each of the days.")
    def score_customers(generation: dict) -> dict:
        from creamery.orchestration import night

        return night.score_customers(generation)

    @task(doc_md="The days that the present stands for.")
    def build_marts(generation: dict) -> int:
        from creamery.orchestration import night

        return night.build_marts(generation)

    @task(trigger_rule=TriggerRule.NONE_FAILED, doc_md="The days whose rows have changed since, as they stood then.")
    def build_past_days(generation: dict) -> dict:
        from creamery.orchestration import night

        return night.build_past_days(generation)

    @task(
        trigger_rule=TriggerRule.NONE_FAILED,
        doc_md="Who entered and left the segments of campaigns/segments. A bad definition is told and stops no other.",
    )
    def refresh_segments(generation: dict) -> dict:
        from creamery.orchestration import night

        return night.refresh_segments(generation)

    @task(trigger_rule=TriggerRule.NONE_FAILED, outlets=[assets.WAREHOUSE], doc_md="Readers see the days from here on.")
    def publish(generation: dict, *, outlet_events) -> list:
        from creamery.orchestration import night

        days = night.publish_days(generation)
        outlet_events[assets.WAREHOUSE].extra = assets.extra_for(days)
        return [day.isoformat() for day in days]

    @task(doc_md="Daily snapshots beyond the setting daily_snapshot_days; ends of months stay.")
    def drop_old_days() -> list:
        from creamery.orchestration import night

        return night.drop_old_days()

    generation = open_generation()
    staging, star, reporting = (
        build.override(task_id=f"build_{layer.name}", trigger_rule=TriggerRule.NONE_FAILED)(layer.name, generation)
        for layer in WHOLE_LAYERS
    )
    marts, past_days = build_marts(generation), build_past_days(generation)
    models = [build_features(generation), train_first_models(generation), score_customers(generation)]
    published = publish(generation)
    steps = [staging, star, *models, marts, past_days, reporting, refresh_segments(generation), published]
    steps.append(drop_old_days())
    for earlier, later in pairwise(steps):
        earlier >> later


build_warehouse()
