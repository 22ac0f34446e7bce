"""
### Loyalty points that are due -> balances in Odoo

Plans what the newest day says is due, expires what is within the limits of campaigns/loyalty.yaml, and asks a person
about the rest: the task `approve` (Browse > Required Actions) shows counts and sums. No answer is a no; the lots are in
the next night's plan again. Skipped where no program expires points, or no connection says where
(docs/loyalty-push.md).

**Red?** The message names the card's key or what the database said. Clear the task: what was written is found there and
is not written again. What `verify` complains about, a person has to look at (docs/loyalty-push.md).
"""

from airflow.sdk import dag, task

from creamery.orchestration import approval, assets
from creamery.orchestration.defaults import DAG_DEFAULTS, as_of_param


@dag(
    schedule=[assets.AUDIENCES],
    max_active_runs=1,
    max_active_tasks=1,  # they share the lock of whoever pushes
    default_args=DAG_DEFAULTS,
    params={"as_of_date": as_of_param("the day whose audiences were just built")},
    doc_md=__doc__,
    tags=["night"],
)
def push_loyalty_expiries():
    @task(doc_md="Plans and what speaks against them, as rows in schema push; no balance is touched.")
    def plan_expiries(*, params: dict, triggering_asset_events) -> dict:
        from creamery.orchestration import loyalty

        return loyalty.plan_expiries(assets.days_of(triggering_asset_events, params["as_of_date"]))

    approval.apply_or_ask(plan_expiries(), "loyalty", "Let these loyalty points expire?")


push_loyalty_expiries()
