"""
### Points and tiers that members are owed -> accounts of the loyalty add-on

Gives members of the add-on's programs what these promise and the shop's own engine did not give: points of orders, of
signing up, of ratings and referrals, and tiers. What is within the limits of campaigns/loyalty.yaml is given at once;
about the rest a person is asked: the task `approve` (Browse > Required Actions) shows counts and sums. No answer is a
no; the awards are in the next night's plan again. Skipped where the seed loyalty_award_rule names no program, or there
is no connection `odoo_loyalty` (docs/loyalty-push.md).

**Red?** The message names the award's key or what the database said. Clear the task: what was given is found there and
is not given again. What `verify` complains about, a person has to look at (docs/loyalty-push.md).
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
def push_loyalty_awards():
    @task(doc_md="Plans and what speaks against them, as rows in schema push; no account is touched.")
    def plan_awards(*, params: dict, triggering_asset_events) -> dict:
        from creamery.orchestration import awards

        return awards.plan_awards(assets.days_of(triggering_asset_events, params["as_of_date"]))

    approval.apply_or_ask(plan_awards(), "awards", "Award these loyalty points?")


push_loyalty_awards()
