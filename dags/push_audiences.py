"""
### Audiences -> mailing lists in Odoo, and tags for the segments that campaigns/odoo.yaml names

Plans, for every list, the difference between what Odoo has of ours and what it should have, applies what is within the
limits of campaigns/odoo.yaml, and asks a person about the rest: the task `approve` (Browse > Required Actions) shows
counts and reasons. No answer is a no. Skipped without a connection `odoo_api` (docs/push.md).

**Red?** The message names the list or what Odoo said. Clear the task: what was acknowledged is not sent again, and
what is unknown is read back first. To undo a plan, trigger this DAG with its number in *Roll back*.
"""

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Param, dag, task

from creamery.orchestration import assets
from creamery.orchestration.defaults import DAG_DEFAULTS, approval_patience, as_of_param


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

    @task(doc_md="Plans within the limits.")
    def apply_lists(plans: dict) -> dict:
        from creamery.orchestration import push

        return push.apply_lists(plans["approved"])

    @task(doc_md="Skips the approval where no plan needs one.")
    def ask(plans: dict) -> None:
        from creamery.orchestration import push

        push.ask(plans)

    @task(doc_md="Plans that a person approved.")
    def apply_approved(plans: dict, answer: dict) -> dict:
        from creamery.orchestration import push

        return push.apply_approved(plans["awaiting"], answer)

    @task(doc_md="Odoo's lists read back and compared with the plans.")
    def verify(plans: dict, which: str) -> dict:
        from creamery.orchestration import push

        return push.verify_lists(plans[which])

    @task(trigger_rule="none_failed_min_one_success", doc_md="What nobody approved is rejected.")
    def note_rejections(plans: dict) -> int:
        from creamery.orchestration import push

        return push.note_rejections(plans["awaiting"])

    plans = plan_lists()
    apply_lists(plans) >> verify.override(task_id="verify_lists")(plans, "approved")
    approve = ApprovalOperator(
        task_id="approve",
        subject="Push these audiences into Odoo?",
        body="{{ ti.xcom_pull(task_ids='plan_lists')['question'] }}",
        defaults=ApprovalOperator.REJECT,
        response_timeout=approval_patience(),
    )
    applied = apply_approved(plans, approve.output)
    ask(plans) >> approve
    applied >> verify.override(task_id="verify_approved")(plans, "awaiting")
    applied >> note_rejections(plans)


push_audiences()
