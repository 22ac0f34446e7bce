"""
### Audiences -> tables of the marketing add-on

The lists of the day, as members of segments and as recipients that wait for the add-on's sender, in schema
`operational` of the Odoo database. Plans, limits and approval are those of `push_audiences`. Skipped without a
connection `odoo_campaign_writer` (docs/push.md).

**Red?** The message names the list, or the right that the login lacks. Clear the task: what was acknowledged is not
written again, and what is unknown is read back first. To undo a plan, trigger this DAG with its number in *Roll back*.
"""

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Param, dag, task

from creamery.orchestration import assets
from creamery.orchestration.defaults import DAG_DEFAULTS, approval_patience, as_of_param

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

    @task(doc_md="Plans within the limits.")
    def apply_lists(plans: dict) -> dict:
        from creamery.orchestration import push

        return push.apply_lists(plans["approved"], INTO)

    @task(doc_md="Skips the approval where no plan needs one.")
    def ask(plans: dict) -> None:
        from creamery.orchestration import push

        push.ask(plans)

    @task(doc_md="Plans that a person approved.")
    def apply_approved(plans: dict, answer: dict) -> dict:
        from creamery.orchestration import push

        return push.apply_approved(plans["awaiting"], answer, INTO)

    @task(doc_md="The tables read back and compared with the plans.")
    def verify(plans: dict, which: str) -> dict:
        from creamery.orchestration import push

        return push.verify_lists(plans[which], INTO)

    @task(trigger_rule="none_failed_min_one_success", doc_md="What nobody approved is rejected.")
    def note_rejections(plans: dict) -> int:
        from creamery.orchestration import push

        return push.note_rejections(plans["awaiting"], INTO)

    plans = plan_lists()
    apply_lists(plans) >> verify.override(task_id="verify_lists")(plans, "approved")
    approve = ApprovalOperator(
        task_id="approve",
        subject="Put these audiences into the add-on's tables?",
        body="{{ ti.xcom_pull(task_ids='plan_lists')['question'] }}",
        defaults=ApprovalOperator.REJECT,
        response_timeout=approval_patience(),
    )
    applied = apply_approved(plans, approve.output)
    ask(plans) >> approve
    applied >> verify.override(task_id="verify_approved")(plans, "awaiting")
    applied >> note_rejections(plans)


push_addon_tables()
