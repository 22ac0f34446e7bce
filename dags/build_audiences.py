"""
### Published warehouse -> audiences -> lists

Enrols customers in the campaigns of campaigns/campaigns, decides who of those in reach may be written to, and writes
the lists for marketers: CSV, Excel and manifest per campaign step, segment and day, under CREAMERY_EXPORT_DIR.

**Red?** The message names the audience or the file. Clear the task: lists are replaced whole, and so is the day's
enrolment. A campaign that fails alone is a warning in the log of enrol_customers; the others go on.
"""

from airflow.sdk import dag, task

from creamery.orchestration import assets
from creamery.orchestration.defaults import DAG_DEFAULTS, as_of_param


@dag(
    schedule=[assets.WAREHOUSE],
    max_active_runs=1,
    default_args=DAG_DEFAULTS,
    params={"as_of_date": as_of_param("the days that were just published")},
    doc_md=__doc__,
    tags=["night"],
)
def build_audiences():
    @task(doc_md="Whom campaigns' triggers found, by customer; who is in which control group.")
    def enrol_customers(*, params: dict, triggering_asset_events) -> list[str]:
        from creamery.orchestration import audiences

        return audiences.enrol_customers(assets.days_of(triggering_asset_events, params["as_of_date"]))

    @task(doc_md="Members, or the reason why not, for everyone in reach.")
    def decide_members(days: list[str]) -> list[str]:
        from datetime import date

        from creamery.orchestration import audiences

        return audiences.decide_members(map(date.fromisoformat, days))

    @task(doc_md="What may be said of campaigns' experiments; a verdict falls once.")
    def judge_experiments(days: list[str]) -> dict:
        from datetime import date

        from creamery.orchestration import audiences

        return audiences.judge_experiments([date.fromisoformat(day) for day in days])

    @task(outlets=[assets.AUDIENCES], doc_md="CSV, Excel and manifest per campaign step and segment.")
    def export_lists(days: list[str], *, outlet_events) -> dict:
        from datetime import date

        from creamery.orchestration import audiences

        dates = [date.fromisoformat(day) for day in days]
        outlet_events[assets.AUDIENCES].extra = assets.extra_for(dates)
        return audiences.export_lists(dates)

    decided = decide_members(enrol_customers())
    judge_experiments(decided)
    export_lists(decided)


build_audiences()
