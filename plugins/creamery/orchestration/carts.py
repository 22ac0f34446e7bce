"""The carts' quarter of an hour, as the task of push_carts calls it."""

import logging
from dataclasses import asdict
from datetime import datetime

from airflow.sdk.exceptions import AirflowSkipException

from creamery import settings
from creamery.carts.rules import load_rules
from creamery.carts.run import CartRun, NothingToDo
from creamery.carts.source import Scope
from creamery.orchestration.connections import SOURCE, WAREHOUSE, dsn_of
from creamery.orchestration.exports import export_folder

log = logging.getLogger(__name__)


def push_carts(as_of: datetime) -> dict[str, int]:
    """Read what changed, decide what is due at `as_of`, write the lists; counts. Skips the task where nothing is new.

    From Odoo itself, never from a replica: who unsubscribed a minute ago must not be reminded.
    """
    configured = settings.load()
    run = CartRun(
        as_of=as_of,
        rules=load_rules(),
        scope=Scope(configured.companies, configured.marketing_lists, configured.assume_consent),
        odoo_dsn=dsn_of(SOURCE),
        warehouse_dsn=dsn_of(WAREHOUSE),
        global_control_percent=configured.global_control_percent,
    )
    try:
        summary = run.run(export_folder())
    except NothingToDo as reason:
        raise AirflowSkipException(str(reason)) from reason
    if summary.is_idle:
        raise AirflowSkipException(f"Nothing changed, and nothing is due at {as_of:%Y-%m-%d %H:%M}.")
    log.info("%s", summary)
    return asdict(summary)
