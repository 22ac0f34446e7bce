"""make push-preview: what a push would change today, in numbers; nothing is stored or written."""

from collections.abc import Mapping

from creamery.errors import PushError
from creamery.odoo import Login
from creamery.push import odoo_push, settings
from creamery.push.ledger import Plan


def print_preview(dsn: str, login: Login, campaign: str | None) -> None:
    """Of every list of `campaign`, or of all. PushError before the first publication."""
    day = odoo_push.newest_day(dsn)
    if day is None:
        raise PushError("Nothing is published in this warehouse yet. Run make nightly first.")
    with odoo_push.opened(dsn, login, settings.load()) as push:
        differences = [(push.name_of(plan), plan, suppressed) for plan, suppressed in push.preview(day, campaign)]
    print(f"audiences of {day}, against {login.base_url}")
    for name, plan, suppressed in differences:
        print("\n".join(_lines(name, plan, suppressed)))


def _lines(name: str, plan: Plan, suppressed: Mapping[str, int]) -> list[str]:
    lines = [f"  {name}: {plan}"]
    lines += [f"      needs approval: {concern}" for concern in plan.concerns]
    return lines + [f"      suppressed by now: {count} {reason}" for reason, count in sorted(suppressed.items())]
