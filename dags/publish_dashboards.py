"""
### Dashboards as files -> Superset

Imports superset_dashboards/ into the Superset behind the connection `superset`, replacing what changed and removing
what the files no longer have; then asks every chart once, so that people find the new day cached. Skipped where no
such connection is defined.

**Red?** Superset is down or refuses a file; its message is in the log. Clear the task when it is back.
"""

from airflow.sdk import dag, task

from creamery.orchestration import assets
from creamery.orchestration.defaults import DAG_DEFAULTS


@dag(
    schedule=[assets.WAREHOUSE],
    max_active_runs=1,
    default_args=DAG_DEFAULTS,
    doc_md=__doc__,
    tags=["night"],
)
def publish_dashboards():
    @task
    def import_dashboards() -> None:
        from creamery.orchestration.dashboards import import_dashboards

        import_dashboards()

    import_dashboards()


publish_dashboards()
