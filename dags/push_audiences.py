"""
### Audiences -> mailing lists in Odoo, and tags for the segments that campaigns/odoo.yaml names

Plans, for every list, the difference between what Odoo has of ours and what it should have, applies what is within the
limits of campaigns/odoo.yaml, and asks a person about the rest: the task `approve` (Browse > Required Actions) shows
counts and reasons. No answer is a no. Skipped without a connection `odoo_api` (docs/push.md).

**Red?** The message names the list or what Odoo said. Clear the task: what was acknowledged is not sent again, and
what is unknown is read back first. To undo a plan, trigger this DAG with its number in *Roll back*.
"""

from airflow.sdk import Param, dag, task

from creamery.orchestration import approval, assets
from creamery.orchestration.defaults import DAG_DEFAULTS, as_of_param


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
def push_audiences():
    @task(doc_md="Plans and what speaks against them, as rows in schema push; nothing is written to Odoo.")
    def plan_lists(*, params: dict, triggering_asset_events) -> dict:
        from creamery.orchestration import push

        return push.plan_lists(assets.days_of(triggering_asset_events, params["as_of_date"]), params["roll_back"])

    approval.apply_or_ask(plan_lists(), "push", "Push these audiences into Odoo?")


push_audiences()
