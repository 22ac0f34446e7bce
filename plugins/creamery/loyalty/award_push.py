"""A push of awards from one end to the other, as tasks call it."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import psycopg

from creamery import warehouse
from creamery.loyalty import apply, award_plan, ledger
from creamery.loyalty.apply import Applied
from creamery.loyalty.award_plan import PlannedAwards
from creamery.loyalty.guard import AwardLimits
from creamery.loyalty.keeper import AwardKeeper
from creamery.loyalty.ledger import AWARDS, State
from creamery.warehouse import Role

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AwardPush:
    """The only push of awards for as long as `opened` holds it."""

    dsn: str
    connection: psycopg.Connection
    keeper: AwardKeeper
    limits: AwardLimits

    def plan_day(self, day: date) -> PlannedAwards | None:
        """A judged plan; None where nothing of the day is left to give."""
        self._make_ready()
        with warehouse.connect(self.dsn, Role.TRANSFORMER) as connection:
            drawn = award_plan.draw(connection, day)
        planned = award_plan.store(self.connection, drawn, self.limits)
        return planned if planned.account_count else None

    def approve(self, plan_ids: Sequence[int], decided_by: str) -> None:
        """What still awaits approval; a plan that a newer one superseded meanwhile stays so."""
        ledger.decide(self.connection, plan_ids, State.APPROVED, decided_by)

    def reject(self, plan_ids: Sequence[int], decided_by: str) -> int:
        """How many still awaited approval."""
        return ledger.decide(self.connection, plan_ids, State.REJECTED, decided_by)

    def apply_plans(self, plan_ids: Sequence[int]) -> list[Applied]:
        """Write approved plans and what interrupted runs left of them; what became of them."""
        self._make_ready()
        plans = [ledger.read_plan(self.connection, plan_id) for plan_id in plan_ids]
        return [apply.write_awards(self.connection, self.keeper, plan) for plan in plans]

    def verify_plans(self, plan_ids: Sequence[int]) -> int:
        """Read them back; how many awards stand."""
        plans = [ledger.read_plan(self.connection, plan_id) for plan_id in plan_ids]
        return sum(apply.verify(self.connection, self.keeper, plan, AWARDS) for plan in plans)

    def _make_ready(self) -> None:
        """It is the right system, and nothing is on its way to it."""
        (uuid,) = self.connection.execute("select source_uuid from ops.warehouse").fetchone() or (None,)
        apply.require_same_system(self.keeper, uuid)
        if interrupted := apply.settle(self.connection, self.keeper, AWARDS):
            log.warning("%s awards of an interrupted run were read back.", interrupted)


@contextmanager
def opened(dsn: str, keeper: AwardKeeper, limits: AwardLimits) -> Iterator[AwardPush]:
    with warehouse.connect(dsn, Role.PUSHER) as connection, ledger.only_pusher(connection, of=AWARDS):
        yield AwardPush(dsn, connection, keeper, limits)


def count_due(dsn: str, day: date) -> tuple[int, int]:
    """Awards that are due on the day or on their way since an interrupted run, with plans that are still open; and how
    many are only reported. None of either where no program is named."""
    with warehouse.connect(dsn, Role.PUSHER) as connection:
        if connection.execute("select to_regclass('audiences.loyalty_award')").fetchone() == (None,):
            return 0, 0
        row = connection.execute(
            "select count(*) filter (where award_mode = 'active')"
            " + (select count(*) from push.loyalty_award where state = 'sending')"
            # A plan that was made before the day had nothing due any more: the next one, empty, takes its place.
            " + (select count(*) from push.loyalty_plan where purpose = 'awards' and lot_count > 0"
            " and state in ('planned', 'awaiting approval', 'approved')),"
            " count(*) filter (where award_mode <> 'active') from audiences.loyalty_award where as_of_date = %s",
            (day,),
        ).fetchone()
    assert row is not None  # an aggregate has one row
    return row
