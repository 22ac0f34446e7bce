"""What a push does with its plans: those within the limits are written at once, about the rest a person is asked."""

from importlib import import_module
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import task

from creamery.orchestration.defaults import approval_patience


def apply_or_ask(plans: Any, steps: str, subject: str, **where: str) -> None:
    """The tasks after the one whose result is `plans` (ids of those approved and awaiting, the question as Markdown).

    `steps` names the module in creamery.orchestration whose apply, apply_approved, verify and note_rejections they
    call, each with `where`. No answer is a no.
    """

    def call(step: str, *values: Any) -> Any:
        return getattr(import_module(f"creamery.orchestration.{steps}"), step)(*values, **where)

    @task(doc_md="Plans within the limits.")
    def apply(plans: Any) -> Any:
        return call("apply", plans["approved"])

    @task(doc_md="Skips the approval where no plan needs one.")
    def ask(plans: Any) -> None:
        from airflow.sdk.exceptions import AirflowSkipException

        if not plans["awaiting"]:
            raise AirflowSkipException("Every plan is within the limits of campaigns/.")

    @task(doc_md="Plans that a person approved.")
    def apply_approved(plans: Any, answer: Any) -> Any:
        return call("apply_approved", plans["awaiting"], answer)

    @task(doc_md="What was written, read back and compared with the plans.")
    def verify(plans: Any, which: str) -> Any:
        return call("verify", plans[which])

    @task(trigger_rule="none_failed_min_one_success", doc_md="What nobody approved is rejected.")
    def note_rejections(plans: Any) -> Any:
        return call("note_rejections", plans["awaiting"])

    approve = ApprovalOperator(
        task_id="approve",
        subject=subject,
        body=f"{{{{ ti.xcom_pull(task_ids='{plans.operator.task_id}')['question'] }}}}",
        defaults=ApprovalOperator.REJECT,
        response_timeout=approval_patience(),
    )
    apply(plans) >> verify(plans, "approved")
    applied = apply_approved(plans, approve.output)
    ask(plans) >> approve
    applied >> verify.override(task_id="verify_approved")(plans, "awaiting")
    applied >> note_rejections(plans)
