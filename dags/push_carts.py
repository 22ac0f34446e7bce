"""
### Carts in Odoo -> reminders

Every quarter of an hour: which carts of the web shop were touched, ordered or given up since the last run, which
reminders are due at this run's moment, and who of them may still be written to, asked of Odoo at once. Lists of
reminders lie under CREAMERY_EXPORT_DIR, one per step and run. The rules are in campaigns/carts.yaml. Steps that
campaigns/odoo.yaml names are mailing lists in Odoo as well; `push_audiences` asks a person about their first plan.

Skipped where nothing changed and nothing is due, before the first night, and where the shop has no web carts.

**Red?** The message names the connection or the rule. Nothing has to be cleared: the next run does what this one did
not, and no reminder goes out twice.
"""

from airflow.sdk import dag, task

from creamery.orchestration.defaults import DAG_DEFAULTS, clock


@dag(
    schedule=clock("*/15 * * * *"),
    catchup=False,
    max_active_runs=1,
    default_args=DAG_DEFAULTS | {"retries": 0},
    doc_md=__doc__,
    tags=["carts"],
)
def push_carts():
    @task(doc_md="Carts, due reminders and suppression, then the lists; the log has the counts.")
    def remind(*, dag_run) -> dict:
        from creamery.orchestration import carts

        return carts.push_carts(dag_run.run_after)

    @task(trigger_rule="none_failed", doc_md="Odoo's mailing lists of reminders, for the steps in campaigns/odoo.yaml.")
    def push_lists() -> dict:
        from creamery.orchestration import push

        return push.push_reminders()

    remind() >> push_lists()


push_carts()
