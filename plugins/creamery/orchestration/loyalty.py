"""The steps of push_loyalty_expiries, as tasks call them. XCom carries counts, sums and ids of plans."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from creamery.loyalty import push, settings
from creamery.loyalty.addon import AddonAccounts
from creamery.loyalty.keeper import PointsKeeper, SourceKind
from creamery.loyalty.over_api import OdooCardsOverApi
from creamery.loyalty.over_sql import OdooCards
from creamery.loyalty.plan import Planned
from creamery.loyalty.push import ExpiryPush
from creamery.loyalty.session import Session
from creamery.odoo import connect
from creamery.orchestration.connections import WAREHOUSE, dsn_of, is_defined
from creamery.orchestration.push import ODOO_API, odoo_login

ODOO_LOYALTY = "odoo_loyalty"
log = logging.getLogger(__name__)


def plan_expiries(days: Iterable[date]) -> dict[str, Any]:
    """Plan and judge the newest published day's expiries, if it is one of `days`.

    Skips the task for a past day, where nothing is due, and where nothing may be written.
    """
    dsn = dsn_of(WAREHOUSE)
    newest = push.newest_day(dsn)
    if newest is None or newest not in days:
        raise AirflowSkipException(f"Only the newest published day ({newest}) is pushed.")
    if not push.kinds_due(dsn, newest):
        raise AirflowSkipException(f"No points expire on {newest}: no program is active, or nothing is due.")
    with _opened() as opened:
        plans = opened.plan_day(newest)
    if not plans:
        raise AirflowSkipException(f"Nothing of {newest} is left to expire, or it is only reported.")
    for plan in plans:
        log.info("%s", _described(plan))
    awaiting = [plan for plan in plans if plan.concerns]
    return {
        "approved": [plan.plan_id for plan in plans if not plan.concerns],
        "awaiting": [plan.plan_id for plan in awaiting],
        "question": "\n".join(map(_described, awaiting)),
    }


def _described(plan: Planned) -> str:
    """In Markdown, for the log and for whoever approves."""
    line = (
        f"- **{plan.points:.0f} points** of {plan.points_outstanding:.0f} expire ({plan.source_kind}, "
        f"{plan.as_of_date}, plan {plan.plan_id}): {plan.lot_count} lots on {plan.card_count} cards."
    )
    return line + (f" Asked because: {' '.join(plan.concerns)}" if plan.concerns else "")


def apply(plan_ids: list[int]) -> dict[str, dict[str, Any]]:
    """Write the approved plans; what became of their lots. Skips the task where there are none."""
    if not plan_ids:
        raise AirflowSkipException("No plan within the limits.")
    with _opened() as opened:
        applied = opened.apply_plans(plan_ids)
    for kind, counts in applied.items():
        log.info("%s: %s lots expired (%s points), %s did not.", kind, counts.done, counts.points, counts.rejected)
    return {
        str(kind): {"done": counts.done, "rejected": counts.rejected, "points": float(counts.points)}
        for kind, counts in applied.items()
    }


def apply_approved(plan_ids: list[int], answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The same for plans that the operator's `answer` approves."""
    person = (answer.get("responded_by_user") or {}).get("name") or "somebody"
    with _opened() as opened:
        opened.approve(plan_ids, person)
    return apply(plan_ids)


def verify(plan_ids: list[int]) -> dict[str, int]:
    """Read the expiries back; how many stand."""
    with _opened() as opened:
        return {str(kind): count for kind, count in opened.verify_plans(plan_ids).items()}


def note_rejections(plan_ids: list[int]) -> int:
    """What nobody approved is rejected; how many plans that were."""
    if not plan_ids:
        return 0
    with _opened() as opened:
        return opened.reject(plan_ids, "rejected, or nobody answered in time")


@contextmanager
def _opened() -> Iterator[ExpiryPush]:
    with _keepers() as keepers, push.opened(dsn_of(WAREHOUSE), keepers, settings.load()) as opened:
        yield opened


@contextmanager
def _keepers() -> Iterator[dict[SourceKind, PointsKeeper]]:
    """Over SQL where there is a connection for it: only there nothing can come in between. Else over the API."""
    if is_defined(ODOO_LOYALTY):
        session = Session(dsn_of(ODOO_LOYALTY))
        try:
            yield {SourceKind.ODOO: OdooCards(session), SourceKind.ADDON: AddonAccounts(session)}
        finally:
            session.close()
    elif is_defined(ODOO_API):
        with connect(odoo_login()) as client:
            yield {SourceKind.ODOO: OdooCardsOverApi(client)}
    else:
        raise AirflowSkipException(f"No connection {ODOO_LOYALTY} or {ODOO_API}: points stay (docs/loyalty-push.md).")
