"""The steps of push_audiences, as tasks call them. XCom carries counts, ids and customer codes, nobody's address."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowRuntimeError, AirflowSkipException

from creamery import settings as project
from creamery.errors import PushBusyError
from creamery.odoo import Login
from creamery.orchestration.connections import SOURCE, WAREHOUSE, dsn_of, is_defined
from creamery.push import addon_push, odoo_push, settings
from creamery.push.ledger import Plan, State
from creamery.push.odoo_push import OdooPush

ODOO_API = "odoo_api"
ODOO_CAMPAIGN_WRITER = "odoo_campaign_writer"
log = logging.getLogger(__name__)


def odoo_login() -> Login:
    """Of the connection odoo_api; skips the task where it is not defined."""
    try:
        connection = BaseHook.get_connection(ODOO_API)
    except (AirflowNotFoundException, AirflowRuntimeError) as error:
        raise AirflowSkipException(f"No connection {ODOO_API}: nothing is pushed into Odoo (docs/push.md).") from error
    return Login.of_connection(
        connection.conn_type,
        connection.host,
        connection.port,
        connection.login,
        connection.password,
        connection.extra_dejson,
    )


def plan_lists(days: Iterable[date], roll_back: int | None, into: str = ODOO_API) -> dict[str, Any]:
    """Plan and judge every list of the newest published day, if it is one of `days`, or the roll-back of one plan.

    Skips the task for a past day.
    """
    _require_defined(into)
    newest = odoo_push.newest_day(dsn_of(WAREHOUSE))
    if not roll_back and (newest is None or newest not in days):
        raise AirflowSkipException(f"Only the newest published day ({newest}) is pushed.")
    with _opened(into) as push:
        if roll_back:
            plans = [push.plan_roll_back(roll_back)]
        else:
            assert newest is not None
            plans = push.plan_lists(newest)
        awaiting = [plan for plan in plans if plan.state == State.AWAITING_APPROVAL]
        for plan in plans:
            log.info("%s: %s%s", push.name_of(plan), plan, f" -- {'; '.join(plan.concerns)}" if plan.concerns else "")
        return {
            "approved": [plan.plan_id for plan in plans if plan.state == State.APPROVED],
            "awaiting": [plan.plan_id for plan in awaiting],
            "question": _question(push, awaiting),
        }


def push_reminders() -> dict[str, dict[str, int]]:
    """Bring Odoo's lists of cart reminders to what is out by now; by list that changed, how many operations ended how.

    Skips the task where nothing changed, and where nothing is to be pushed at all.
    """
    if not settings.load().reminder_lists:
        raise AirflowSkipException("campaigns/odoo.yaml names no cart_steps: reminders go out as files alone.")
    newest = odoo_push.newest_day(dsn_of(WAREHOUSE))
    if newest is None:
        raise AirflowSkipException("Nothing is published yet: the first night comes before the first push.")
    try:
        with _opened(ODOO_API) as push:
            counts = push.push_reminders(newest)
    except PushBusyError as busy:
        raise AirflowSkipException(f"{busy} The next quarter of an hour does it.") from busy
    if not counts:
        raise AirflowSkipException("No list changed.")
    for name, of_list in counts.items():
        log.info("%s: %s", name, of_list)
    return counts


def _question(push: OdooPush, plans: Sequence[Plan]) -> str:
    """What is shown to whoever approves: all at once, in numbers, and a row for each list, in Markdown."""
    if not plans:
        return ""
    adds, removes = sum(plan.add_count for plan in plans), sum(plan.remove_count for plan in plans)
    return "\n".join(
        (
            f"Of {plans[0].as_of_date}: {adds} to add, {removes} to remove. The answer is for every row.",
            "",
            "| list | plan | held | add | remove | then | asked because | some to add |",
            "|---|---|---|---|---|---|---|---|",
            *(_row(push.name_of(plan), plan, push.sample_codes(plan)) for plan in plans),
        )
    )


def _row(name: str, plan: Plan, codes: Sequence[str]) -> str:
    counts = (plan.plan_id, plan.held_count, plan.add_count, plan.remove_count, plan.target_count)
    cells = (f"**{name}**", *map(str, counts), "; ".join(plan.concerns), ", ".join(codes))
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def apply(plan_ids: list[int], into: str = ODOO_API) -> dict[str, dict[str, int]]:
    """Write the approved plans; by list, how many operations ended how. Skips the task where there are none."""
    if not plan_ids:
        raise AirflowSkipException("No plan within the limits.")
    with _opened(into) as push:
        counts = push.apply_plans(plan_ids)
    for name, of_list in counts.items():
        log.info("%s: %s", name, of_list or "nothing to do")
    return counts


def apply_approved(plan_ids: list[int], answer: dict[str, Any], into: str = ODOO_API) -> dict[str, dict[str, int]]:
    """The same for plans that the operator's `answer` approves."""
    person = (answer.get("responded_by_user") or {}).get("name") or "somebody"
    with _opened(into) as push:
        push.approve(plan_ids, person)
    return apply(plan_ids, into)


def verify(plan_ids: list[int], into: str = ODOO_API) -> dict[str, int]:
    """Read the lists back, and make drafts of mailings where they are wanted; members present by list."""
    with _opened(into) as push:
        verified = {name: found.present for name, found in push.verify_plans(plan_ids).items()}
        if drafted := push.make_drafts(plan_ids):
            log.info("drafts of mailings made: %s", ", ".join(drafted))
    return verified


def note_rejections(plan_ids: list[int], into: str = ODOO_API) -> int:
    """What nobody approved is rejected; how many plans that were."""
    if not plan_ids:
        return 0
    with _opened(into) as push:
        return push.reject(plan_ids, "rejected, or nobody answered in time")


def _require_defined(into: str) -> None:
    if into == ODOO_API:
        odoo_login()
    elif not is_defined(into):
        raise AirflowSkipException(f"No connection {into}: the add-on's tables stay as they are (docs/push.md).")


@contextmanager
def _opened(into: str) -> Iterator[OdooPush]:
    """The push through a connection: Odoo's API, or the add-on's tables."""
    if into == ODOO_API:
        opened = odoo_push.opened(dsn_of(WAREHOUSE), odoo_login(), settings.load())
    else:
        # Not from a replica: who unsubscribed a minute ago must not be on a list.
        companies = project.load().companies
        opened = addon_push.opened(dsn_of(WAREHOUSE), dsn_of(into), dsn_of(SOURCE), settings.load(), companies)
    with opened as push:
        yield push
