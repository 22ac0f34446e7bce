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

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import dag, task

from creamery.orchestration import assets
from creamery.orchestration.defaults import DAG_DEFAULTS, approval_patience, as_of_param


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

    @task(doc_md="Plans within the limits.")
    def apply_awards(plans: dict) -> dict:
        from creamery.orchestration import awards

        return awards.apply_awards(plans["approved"])

    @task(doc_md="Skips the approval where no plan needs one.")
    def ask(plans: dict) -> None:
        from creamery.orchestration import loyalty

        loyalty.ask(plans)

    @task(doc_md="Plans that a person approved.")
    def apply_approved(plans: dict, answer: dict) -> dict:
        from creamery.orchestration import awards

        return awards.apply_approved(plans["awaiting"], answer)

    @task(doc_md="Awards read back and compared with what was acknowledged.")
    def verify(plans: dict, which: str) -> int:
        from creamery.orchestration import awards

        return awards.verify_awards(plans[which])

    @task(trigger_rule="none_failed_min_one_success", doc_md="What nobody approved is rejected.")
    def note_rejections(plans: dict) -> int:
        from creamery.orchestration import awards

        return awards.note_rejections(plans["awaiting"])

    plans = plan_awards()
    apply_awards(plans) >> verify.override(task_id="verify_awards")(plans, "approved")
    approve = ApprovalOperator(
        task_id="approve",
        subject="Award these loyalty points?",
        body="{{ ti.xcom_pull(task_ids='plan_awards')['question'] }}",
        defaults=ApprovalOperator.REJECT,
        response_timeout=approval_patience(),
    )
    applied = apply_approved(plans, approve.output)
    ask(plans) >> approve
    applied >> verify.override(task_id="verify_approved")(plans, "awaiting")
    applied >> note_rejections(plans)


push_loyalty_awards()
