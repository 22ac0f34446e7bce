"""
### Reporting views -> a mail every Monday

Sends the figures of the week up to the newest published day, beside the week before, as a PDF and a CSV, to the
addresses in the connection `smtp_report`. Skipped where no such connection is defined, which is how it comes. No
personal data: the figures are read as the dashboards' reader.

**Red?** The mail server refused or cannot be reached; its words are in the log. Clear the task to send it again.
"""

from airflow.sdk import dag, task

from creamery.orchestration.defaults import DAG_DEFAULTS, clock


@dag(
    schedule=clock("0 8 * * 1"),
    catchup=False,
    max_active_runs=1,
    # A mail that was sent twice cannot be called back.
    default_args=DAG_DEFAULTS | {"retries": 0},
    doc_md=__doc__,
    tags=["reports"],
)
def weekly_report():
    @task
    def send_report() -> None:
        from creamery.orchestration.reports import send_weekly_report

        send_weekly_report()

    send_report()


weekly_report()
