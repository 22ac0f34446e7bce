"""The steps of push_loyalty_awards, as tasks call them. XCom carries counts, sums and ids of plans."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from creamery.loyalty import award_push, push, settings
from creamery.loyalty.addon_awards import AddonAwards
from creamery.loyalty.award_plan import PlannedAwards
from creamery.loyalty.award_push import AwardPush
from creamery.loyalty.session import Session
from creamery.orchestration.connections import WAREHOUSE, dsn_of, is_defined
from creamery.orchestration.loyalty import ODOO_LOYALTY

log = logging.getLogger(__name__)


def plan_awards(days: Iterable[date]) -> dict[str, Any]:
    """Plan and judge the newest published day's awards, if it is one of `days`.

    Skips the task for a past day, where nothing is due, and where awards are only reported.
    """
    dsn = dsn_of(WAREHOUSE)
    newest = push.newest_day(dsn)
    if newest is None or newest not in days:
        raise AirflowSkipException(f"Only the newest published day ({newest}) is pushed.")
    due, reported = award_push.count_due(dsn, newest)
    if reported:
        log.info("%s awards of %s are only reported (audiences.loyalty_award).", reported, newest)
    if not due:
        raise AirflowSkipException(f"Nothing is awarded on {newest}: no program is active, or nothing is due.")
    with _opened() as opened:
        plan = opened.plan_day(newest)
    if plan is None:
        raise AirflowSkipException(f"Nothing of {newest} is left to award.")
    log.info("%s", _described(plan))
    ids = [plan.plan_id]
    if plan.concerns:
        return {"approved": [], "awaiting": ids, "question": _described(plan)}
    return {"approved": ids, "awaiting": [], "question": ""}


def _described(plan: PlannedAwards) -> str:
    """In Markdown, for the log and for whoever approves."""
    line = (
        f"- **{plan.points:.0f} points** are awarded, beside the {plan.points_outstanding:.0f} that there are "
        f"({plan.as_of_date}, plan {plan.plan_id}): {plan.award_count} awards and {plan.tier_count} changes of tier on "
        f"{plan.account_count} accounts."
    )
    return line + (f" Asked because: {' '.join(plan.concerns)}" if plan.concerns else "")


def apply(plan_ids: list[int]) -> dict[str, Any]:
    """Write the approved plans; what became of their awards. Skips the task where there are none."""
    if not plan_ids:
        raise AirflowSkipException("No plan within the limits.")
    with _opened() as opened:
        (applied,) = opened.apply_plans(plan_ids)
    log.info("%s awards given (%s points), %s not.", applied.done, applied.points, applied.rejected)
    return {"done": applied.done, "rejected": applied.rejected, "points": float(applied.points)}


def apply_approved(plan_ids: list[int], answer: dict[str, Any]) -> dict[str, Any]:
    """The same for a plan that the operator's `answer` approves."""
    person = (answer.get("responded_by_user") or {}).get("name") or "somebody"
    with _opened() as opened:
        opened.approve(plan_ids, person)
    return apply(plan_ids)


def verify(plan_ids: list[int]) -> int:
    """Read the awards back; how many stand."""
    with _opened() as opened:
        return opened.verify_plans(plan_ids)


def note_rejections(plan_ids: list[int]) -> int:
    """What nobody approved is rejected; how many plans that were."""
    if not plan_ids:
        return 0
    with _opened() as opened:
        return opened.reject(plan_ids, "rejected, or nobody answered in time")


@contextmanager
def _opened() -> Iterator[AwardPush]:
    """Over SQL alone: the add-on has no other way in which totals and entries cannot come apart."""
    if not is_defined(ODOO_LOYALTY):
        raise AirflowSkipException(f"No connection {ODOO_LOYALTY}: nothing is awarded (docs/loyalty-push.md).")
    session = Session(dsn_of(ODOO_LOYALTY))
    try:
        with award_push.opened(dsn_of(WAREHOUSE), AddonAwards(session), settings.load_award_limits()) as opened:
            yield opened
    finally:
        session.close()
