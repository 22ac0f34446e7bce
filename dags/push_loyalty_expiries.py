"""
### Loyalty points that are due -> balances in Odoo

Plans what the newest day says is due, expires what is within the limits of campaigns/loyalty.yaml, and asks a person
about the rest: the task `approve` (Browse > Required Actions) shows counts and sums. No answer is a no; the lots are in
the next night's plan again. Skipped where no program expires points, or no connection says where
(docs/loyalty-push.md).

**Red?** The message names the card's key or what the database said. Clear the task: what was written is found there and
is not written again. What `verify` complains about, a person has to look at (docs/loyalty-push.md).
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
def push_loyalty_expiries():
    @task(doc_md="Plans and what speaks against them, as rows in schema push; no balance is touched.")
    def plan_expiries(*, params: dict, triggering_asset_events) -> dict:
        from creamery.orchestration import loyalty

        return loyalty.plan_expiries(assets.days_of(triggering_asset_events, params["as_of_date"]))

    @task(doc_md="Plans within the limits.")
    def apply_expiries(plans: dict) -> dict:
        from creamery.orchestration import loyalty

        return loyalty.apply_expiries(plans["approved"])

    @task(doc_md="Skips the approval where no plan needs one.")
    def ask(plans: dict) -> None:
        from creamery.orchestration import loyalty

        loyalty.ask(plans)

    @task(doc_md="Plans that a person approved.")
    def apply_approved(plans: dict, answer: dict) -> dict:
        from creamery.orchestration import loyalty

        return loyalty.apply_approved(plans["awaiting"], answer)

    @task(doc_md="Expiries read back and compared with what was acknowledged.")
    def verify(plans: dict, which: str) -> dict:
        from creamery.orchestration import loyalty

        return loyalty.verify_expiries(plans[which])

    @task(trigger_rule="none_failed_min_one_success", doc_md="What nobody approved is rejected.")
    def note_rejections(plans: dict) -> int:
        from creamery.orchestration import loyalty

        return loyalty.note_rejections(plans["awaiting"])

    plans = plan_expiries()
    apply_expiries(plans) >> verify.override(task_id="verify_expiries")(plans, "approved")
    approve = ApprovalOperator(
        task_id="approve",
        subject="Let these loyalty points expire?",
        body="{{ ti.xcom_pull(task_ids='plan_expiries')['question'] }}",
        defaults=ApprovalOperator.REJECT,
        response_timeout=approval_patience(),
    )
    applied = apply_approved(plans, approve.output)
    ask(plans) >> approve
    applied >> verify.override(task_id="verify_approved")(plans, "awaiting")
    applied >> note_rejections(plans)


push_loyalty_expiries()
