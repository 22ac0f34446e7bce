"""The weekly report with the connections analytics_dw and smtp_report."""

import logging

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowRuntimeError, AirflowSkipException

from creamery import warehouse
from creamery.orchestration import connections
from creamery.reports import figures, mail

_SERVER = "smtp_report"

log = logging.getLogger(__name__)


def send_weekly_report() -> None:
    """Skips the task where no mail server is configured: nobody asked for reports."""
    try:
        configured = BaseHook.get_connection(_SERVER)
    except (AirflowNotFoundException, AirflowRuntimeError) as error:
        raise AirflowSkipException(f"No connection {_SERVER}: no report is sent.") from error
    to = mail.server(
        configured.host or "", configured.port, configured.login, configured.password, configured.extra_dejson
    )
    with warehouse.reader(connections.dsn_of(connections.WAREHOUSE)) as connection:
        report = figures.collect(connection)
    mail.send(mail.message(report, to), to)
    log.info("Sent the week up to %s to %s recipients", report.as_of_date, len(to.recipients))
