"""A push into Odoo's mailing lists from one end to the other, as tasks and commands call it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

import psycopg

from creamery import publication, warehouse
from creamery.errors import PushError
from creamery.odoo import Login, Pace, connect
from creamery.push import guard, ledger
from creamery.push.apply import LiveSuppression, apply_plan
from creamery.push.destinations import Destination
from creamery.push.destinations.odoo_drafts import make_draft
from creamery.push.destinations.odoo_lists import OdooLists
from creamery.push.ledger import Action, Plan, State
from creamery.push.plan import list_names, make_plan, make_roll_back
from creamery.push.settings import PushSettings
from creamery.push.suppression import OdooSuppression
from creamery.push.verify import Verified, verify_plan

_CHANNEL = "email"
_SAMPLE = 5


@dataclass(frozen=True, slots=True)
class OdooPush:
    """The only push into this Odoo for as long as `opened` holds it; the Odoo is the pinned one."""

    connection: psycopg.Connection
    lists: Destination
    suppression: LiveSuppression
    settings: PushSettings

    def plan_lists(self, day: date) -> list[Plan]:
        """A judged plan for every list of the day, and of those that are gone."""
        names = list_names(self.connection, self.lists.name, _CHANNEL)
        for name in names:
            self._note_sent(name)
        return [self._plan(name, day) for name in names]

    def plan_roll_back(self, plan_id: int) -> Plan:
        if (undone := self._plan_of(plan_id)).destination != self.lists.name:
            raise PushError(f"Plan {plan_id} is of {undone.destination}, not of {self.lists.name}: use its own DAG.")
        plan = make_roll_back(self.connection, self.lists, plan_id)
        return guard.judge(self.connection, self.lists, plan, self.settings.limits)

    def approve(self, plan_ids: Sequence[int], decided_by: str) -> None:
        """What still awaits approval; a plan that a newer one superseded meanwhile stays so."""
        self._decide(plan_ids, State.APPROVED, decided_by)

    def reject(self, plan_ids: Sequence[int], decided_by: str) -> int:
        """How many still awaited approval."""
        return self._decide(plan_ids, State.REJECTED, decided_by)

    def apply_plans(self, plan_ids: Sequence[int]) -> dict[str, dict[str, int]]:
        """By list, how many operations ended how. A list that fails leaves the others alone: PushError at the end."""
        counts, problems = {}, []
        for plan in map(self._plan_of, plan_ids):
            try:
                counts[plan.list_name] = apply_plan(
                    self.connection, self.lists, self.suppression, plan.plan_id, self.settings.batch_size
                )
            except PushError as error:
                if type(error) is not PushError:  # no access, or an Odoo that is away: the next list fares no better
                    raise
                problems.append(str(error))
        if problems:
            raise PushError("\n".join(problems))
        return counts

    def verify_plans(self, plan_ids: Sequence[int]) -> dict[str, Verified]:
        """By list. Forgets the members of plans that are too old to be rolled back."""
        verified = {
            plan.list_name: verify_plan(self.connection, self.lists, plan.plan_id)
            for plan in map(self._plan_of, plan_ids)
        }
        ledger.forget_plans(self.connection, self.lists.name, self.settings.plans_kept)
        return verified

    def make_drafts(self, plan_ids: Sequence[int]) -> list[str]:
        """Lists of campaigns that got a draft of a mailing: where they lie in Odoo, and campaigns/odoo.yaml names who
        sends."""
        lists, sender = self.lists, self.settings.draft_sender
        if not sender or not isinstance(lists, OdooLists):
            return []
        titles: dict[str, str] = dict(
            self.connection.execute(
                "select list_name, title from audiences.list_definition where kind = 'campaign'"
            ).fetchall()
        )
        return [
            plan.list_name
            for plan in map(self._plan_of, plan_ids)
            if plan.target_count
            and (title := titles.get(plan.list_name))
            and make_draft(lists.client, lists, plan.list_name, plan.as_of_date, title, sender)
        ]

    def preview(self, day: date, campaign: str | None) -> list[tuple[Plan, Mapping[str, int]]]:
        """Today's difference for each list of a campaign (default: all), and whom the live source suppresses, by
        reason. Nothing stays of it."""
        names = self._names_of(campaign) if campaign else list_names(self.connection, self.lists.name, _CHANNEL)
        with self.connection.transaction(force_rollback=True):
            return [(plan, self._suppressed(plan)) for plan in [self._plan(name, day) for name in names]]

    def sample_codes(self, plan: Plan) -> list[str]:
        """Customer codes of some who are to be added: who may see them looks them up in the warehouse."""
        rows = self.connection.execute(
            "select member.customer_code from push.operation as operation"
            " inner join audiences.list_member as member on operation.address = member.address"
            " where operation.plan_id = %s and operation.action = 'add' and operation.state = 'planned'"
            " and member.as_of_date = %s and member.list_name = %s order by operation.operation_key limit %s",
            (plan.plan_id, plan.as_of_date, plan.list_name, _SAMPLE),
        ).fetchall()
        return [code for (code,) in rows]

    def _note_sent(self, name: str) -> None:
        """Whom mailings have reached since: caps and windows count what was sent (spec, section 8)."""
        if since := ledger.unsent_since(self.connection, self.lists.name, name):
            ledger.note_sent(self.connection, self.lists.name, name, self.lists.sent(name, since))

    def _plan(self, name: str, day: date) -> Plan:
        plan = make_plan(self.connection, self.lists, name, day)
        return guard.judge(self.connection, self.lists, plan, self.settings.limits)

    def _plan_of(self, plan_id: int) -> Plan:
        return ledger.plan_of(self.connection, plan_id)

    def _decide(self, plan_ids: Sequence[int], state: State, decided_by: str) -> int:
        awaiting = [plan for plan in map(self._plan_of, plan_ids) if plan.state == State.AWAITING_APPROVAL]
        for plan in awaiting:
            ledger.set_state(self.connection, plan.plan_id, state, decided_by)
        return len(awaiting)

    def _names_of(self, campaign: str) -> list[str]:
        rows = self.connection.execute(
            "select list_name from audiences.list_definition where campaign_name = %(name)s or list_name = %(name)s"
            " order by 1",
            {"name": campaign},
        ).fetchall()
        if not rows:
            raise PushError(f"No list belongs to {campaign}: audiences.list_definition has neither campaign nor list.")
        return [name for (name,) in rows]

    def _suppressed(self, plan: Plan) -> dict[str, int]:
        members = ledger.members(self.connection, plan.plan_id, [Action.ADD, Action.KEEP], "planned")
        counts: dict[str, int] = {}
        for reason in self.suppression.reasons(plan.list_name, members).values() if members else ():
            counts[reason] = counts.get(reason, 0) + 1
        return counts


@contextmanager
def opened(dsn: str, login: Login, settings: PushSettings) -> Iterator[OdooPush]:
    """Connect both ends. PushError where another push is at work, or the Odoo is not the pinned one."""
    pace = Pace(calls_per_second=settings.calls_per_second)
    with warehouse.connect(dsn, warehouse.Role.PUSHER, "creamery push") as connection, connect(login, pace) as client:
        connection.autocommit = True
        lists = OdooLists(client, connection)
        with ledger.held_by_us(connection, lists.name):
            ledger.pin(connection, lists)
            yield OdooPush(connection, lists, OdooSuppression(client, lists, known_at(connection)), settings)


def known_at(connection: psycopg.Connection) -> datetime:
    """The snapshot that audiences know. PushError where there is none."""
    row = connection.execute("select max(source_snapshot_at) from ops.extraction where state = 'complete'").fetchone()
    if row is None or row[0] is None:
        raise PushError("Nothing has been extracted into this warehouse yet. Run extract_odoo first.")
    moment: datetime = row[0]
    return moment


def newest_day(dsn: str) -> date | None:
    with warehouse.connect(dsn, warehouse.Role.PUSHER) as connection:
        return publication.newest_day(connection)
