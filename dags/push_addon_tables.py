"""
### Audiences -> tables of the marketing add-on

The lists of the day, as members of segments and as recipients that wait for the add-on's sender, in schema
`operational` of the Odoo database. Plans, limits and approval are those of `push_audiences`. Skipped without a
connection `odoo_campaign_writer` (docs/push.md).

**Red?** The message names the list, or the right that the login lacks. Clear the task: what was acknowledged is not
written again, and what is unknown is read back first. To undo a plan, trigger this DAG with its number in *Roll back*.
"""

from airflow.sdk import Param, dag, task

from creamery.orchestration import approval, assets
from creamery.orchestration.defaults import DAG_DEFAULTS, as_of_param

INTO = "odoo_campaign_writer"


@dag(
    schedule=[assets.AUDIENCES],
    max_active_runs=1,
    max_active_tasks=1,  # they share the lock of whoever pushes
    default_args=DAG_DEFAULTS,
    params={
        "as_of_date": as_of_param("the day whose audiences were just built"),
        "roll_back": Param(
            None, type=["null", "integer"], title="Roll back", description="Number of a list's last plan."
        ),
    },
    doc_md=__doc__,
    tags=["night"],
)
def push_addon_tables():
    @task(doc_md="Plans and what speaks against them, as rows in schema push; nothing is written to Odoo.")
    def plan_lists(*, params: dict, triggering_asset_events) -> dict:
        from creamery.orchestration import push

        days = assets.days_of(triggering_asset_events, params["as_of_date"])
        return push.plan_lists(days, params["roll_back"], INTO)

    approval.apply_or_ask(plan_lists(), "push", "Put these audiences into the add-on's tables?", into=INTO)


push_addon_tables()
