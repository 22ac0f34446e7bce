"""A push of expiries from one end to the other, as tasks call it."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import psycopg

from creamery import publication, warehouse
from creamery.loyalty import apply, ledger, plan
from creamery.loyalty.apply import Applied
from creamery.loyalty.guard import Limits
from creamery.loyalty.keeper import PointsKeeper, SourceKind
from creamery.loyalty.ledger import State
from creamery.loyalty.plan import Planned
from creamery.warehouse import Role

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ExpiryPush:
    """The only push of expiries for as long as `opened` holds it."""

    dsn: str
    connection: psycopg.Connection
    keepers: Mapping[SourceKind, PointsKeeper]
    limits: Limits

    def plan_day(self, day: date) -> list[Planned]:
        """A judged plan for each kind of points of which something is due; what is only reported is not among them."""
        kinds = kinds_due(self.dsn, day)
        for kind in set(kinds) - self.keepers.keys():
            log.warning("Points of kind %s stay: the connection odoo_loyalty is not defined.", kind)
        plans = [self._plan(day, kind) for kind in kinds if kind in self.keepers]
        return [planned for planned in plans if planned is not None]

    def _plan(self, day: date, kind: SourceKind) -> Planned | None:
        keeper = self._ready(kind)
        with warehouse.connect(self.dsn, Role.TRANSFORMER) as connection:
            drawn = plan.draw(connection, day, kind)
        planned = plan.store(self.connection, drawn, self.limits)
        if reason := keeper.why_only_reporting():
            log.warning("%s lots of %s are due and stay: %s.", planned.lot_count, day, reason)
            ledger.set_state(self.connection, planned.plan_id, State.REPORT_ONLY)
            return None
        return planned if planned.lot_count else None

    def approve(self, plan_ids: Sequence[int], decided_by: str) -> None:
        """What still awaits approval; a plan that a newer one superseded meanwhile stays so."""
        ledger.decide(self.connection, plan_ids, State.APPROVED, decided_by)

    def reject(self, plan_ids: Sequence[int], decided_by: str) -> int:
        """How many still awaited approval."""
        return ledger.decide(self.connection, plan_ids, State.REJECTED, decided_by)

    def apply_plans(self, plan_ids: Sequence[int]) -> dict[SourceKind, Applied]:
        """Write approved plans and what interrupted runs left of them; what became of them."""
        applied = {}
        for plan_id in plan_ids:
            stored = ledger.read_plan(self.connection, plan_id)
            keeper = self._ready(stored.source_kind)
            applied[stored.source_kind] = apply.write(self.connection, keeper, stored)
        return applied

    def verify_plans(self, plan_ids: Sequence[int]) -> dict[SourceKind, int]:
        """Read them back; how many expiries stand."""
        plans = [ledger.read_plan(self.connection, plan_id) for plan_id in plan_ids]
        return {each.source_kind: apply.verify(self.connection, self._keeper(each.source_kind), each) for each in plans}

    def _ready(self, kind: SourceKind) -> PointsKeeper:
        """The keeper, once it is known to be the right one and nothing is on its way to it."""
        keeper = self._keeper(kind)
        (uuid,) = self.connection.execute("select source_uuid from ops.warehouse").fetchone() or (None,)
        apply.require_same_system(keeper, uuid)
        if interrupted := apply.settle(self.connection, keeper):
            log.warning("%s expiries of an interrupted run were read back.", interrupted)
        return keeper

    def _keeper(self, kind: SourceKind) -> PointsKeeper:
        return self.keepers[kind]


@contextmanager
def opened(dsn: str, keepers: Mapping[SourceKind, PointsKeeper], limits: Limits) -> Iterator[ExpiryPush]:
    with warehouse.connect(dsn, Role.PUSHER) as connection, ledger.only_pusher(connection):
        yield ExpiryPush(dsn, connection, keepers, limits)


def newest_day(dsn: str) -> date | None:
    with warehouse.connect(dsn, Role.PUSHER) as connection:
        return publication.newest_day(connection)


def kinds_due(dsn: str, day: date) -> list[SourceKind]:
    """Whose points the warehouse says are due on the day, are on their way since an interrupted run, or stand in a plan
    that is still open; none where no program expires points."""
    with warehouse.connect(dsn, Role.PUSHER) as connection:
        if connection.execute("select to_regclass('audiences.loyalty_expiry')").fetchone() == (None,):
            return []
        rows = connection.execute(
            "select source_kind from audiences.loyalty_expiry where as_of_date = %s"
            " union select source_kind from push.loyalty_expiry where state = 'sending'"
            # A plan that was made before the day had nothing due any more: the next one, empty, takes its place.
            " union select source_kind from push.loyalty_plan where purpose = 'expiries' and lot_count > 0"
            " and state in ('planned', 'awaiting approval', 'approved') order by 1",
            (day,),
        ).fetchall()
    return [SourceKind(kind) for (kind,) in rows]
