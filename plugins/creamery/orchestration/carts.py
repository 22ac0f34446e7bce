"""The carts' quarter of an hour, as the task of push_carts calls it."""

import logging
from dataclasses import asdict
from datetime import datetime

from airflow.sdk.exceptions import AirflowSkipException

from creamery import settings
from creamery.audiences.definition import DEFINITIONS_FOLDER, load_campaigns
from creamery.carts.rules import CartRules, load_rules
from creamery.carts.run import CartRun, NothingToDo
from creamery.carts.source import Scope
from creamery.orchestration.connections import SOURCE, WAREHOUSE, dsn_of
from creamery.orchestration.exports import export_folder
from creamery.segments import load_catalogue

log = logging.getLogger(__name__)


def push_carts(as_of: datetime) -> dict[str, int]:
    """Read what changed, decide what is due at `as_of`, write the lists; counts. Skips the task where nothing is new.

    From Odoo itself, never from a replica: who unsubscribed a minute ago must not be reminded.
    """
    configured, rules = settings.load(), load_rules()
    run = CartRun(
        as_of=as_of,
        rules=rules,
        scope=Scope(
            configured.companies, configured.marketing_lists, configured.assume_consent, _reminder_lists(rules)
        ),
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


def _reminder_lists(rules: CartRules) -> tuple[str, ...]:
    """Names of the lists, and their titles, by which Odoo shows them."""
    campaigns = load_campaigns(DEFINITIONS_FOLDER, load_catalogue())
    titles = (
        each.title for each in campaigns.definitions if any(step.list_name in rules.list_names for step in each.steps)
    )
    return (*rules.list_names, *titles)
