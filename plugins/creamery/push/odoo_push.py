"""A push into Odoo's mailing lists and tags from one end to the other, as tasks and commands call it."""

import logging
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
from creamery.push.destinations.odoo_tags import OdooTags
from creamery.push.ledger import Action, Kind, Plan, State
from creamery.push.plan import list_names, make_plan, make_roll_back, names_with_stays
from creamery.push.settings import PushSettings
from creamery.push.suppression import OdooSuppression, ReminderSuppression
from creamery.push.todays_audience import TodaysAudience
from creamery.push.verify import Verified, verify_plan

log = logging.getLogger(__name__)
_CHANNEL = "email"
_SAMPLE = 5


@dataclass(frozen=True, slots=True)
class OdooPush:
    """The only push into this Odoo for as long as `opened` holds it; the Odoo is the pinned one."""

    connection: psycopg.Connection
    lists: Destination
    suppression: LiveSuppression
    settings: PushSettings
    tags: OdooTags | None = None  # for the segments that the settings name

    def plan_lists(self, day: date) -> list[Plan]:
        """A judged plan for every list and tag of the day, and of those that are gone. Of lists of reminders, which
        follow the carts by themselves, only what a person is to be asked about."""
        names = self._names()
        for name in names:
            self._note_sent(name)
        plans = [
            self._plan_reminders(name, day, State.AWAITING_APPROVAL)
            if name in self.settings.reminder_lists
            else self._plan(name, day)
            for name in names
        ]
        return [plan for plan in plans if plan is not None] + self._plan_tags(day)

    def push_reminders(self, day: date) -> dict[str, dict[str, int]]:
        """Bring lists of reminders to what is out by now, where nobody needs to be asked; by list that changed, how
        many operations ended how. What a person has to look at waits for `plan_lists`."""
        counts: dict[str, dict[str, int]] = {}
        for name in self.settings.reminder_lists:
            if ledger.is_with_a_person(self.connection, self.lists.name, name, day):
                log.info("%s waits for the answer to its plan.", name)
                continue
            self._note_sent(name)
            if plan := self._plan_reminders(name, day, State.APPROVED):
                counts |= self.apply_plans([plan.plan_id])
                self.verify_plans([plan.plan_id])
        return counts

    def plan_roll_back(self, plan_id: int) -> Plan:
        destination = self._destination_of(self._plan_of(plan_id))
        plan = make_roll_back(self.connection, destination, plan_id)
        return guard.judge(self.connection, destination, plan, self.settings.limits)

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
                destination = self._destination_of(plan)
                counts[self.name_of(plan)] = apply_plan(
                    self.connection, destination, self._suppression_of(plan), plan.plan_id, self.settings.batch_size
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
            self.name_of(plan): verify_plan(self.connection, self._destination_of(plan), plan.plan_id)
            for plan in map(self._plan_of, plan_ids)
        }
        for destination in self._destinations:
            ledger.forget_plans(self.connection, destination.name, self.settings.plans_kept)
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
            and plan.destination == lists.name
            and (title := titles.get(plan.list_name))
            and make_draft(lists.client, lists, plan.list_name, plan.as_of_date, title, sender)
        ]

    def preview(self, day: date, campaign: str | None) -> list[tuple[Plan, Mapping[str, int]]]:
        """Today's difference for each list of a campaign (default: all), and whom the live source suppresses, by
        reason. Nothing stays of it."""
        names = self._names_of(campaign) if campaign else self._names()
        with self.connection.transaction(force_rollback=True):
            plans = [self._plan(name, day) for name in names]
            plans += self._plan_tags(day, names if campaign else None)
            return [(plan, self._suppressed(plan)) for plan in plans]

    def name_of(self, plan: Plan) -> str:
        """Of the list or the tag that the plan is for."""
        return f"tag of {plan.list_name}" if self.tags and plan.destination == self.tags.name else plan.list_name

    def sample_codes(self, plan: Plan) -> list[str]:
        """Customer codes of some who are to be added: who may see them looks them up in the warehouse."""
        rows = self.connection.execute(
            "select member.customer_code from push.operation as operation"
            " inner join ("
            "select address, customer_code from audiences.list_member"
            " where as_of_date = %(day)s and list_name = %(list_name)s"
            " union select address, customer_code from carts.reminder where list_name = %(list_name)s"
            ") as member on operation.address = member.address"
            " where operation.plan_id = %(plan)s and operation.action = 'add' and operation.state = 'planned'"
            " order by operation.operation_key limit %(sample)s",
            {"day": plan.as_of_date, "list_name": plan.list_name, "plan": plan.plan_id, "sample": _SAMPLE},
        ).fetchall()
        return [code for (code,) in rows]

    def _note_sent(self, name: str) -> None:
        """Whom mailings have reached since: caps and windows count what was sent (spec, section 8)."""
        if since := ledger.unsent_since(self.connection, self.lists.name, name):
            ledger.note_sent(self.connection, self.lists.name, name, self.lists.sent(name, since))

    def _plan(self, name: str, day: date) -> Plan:
        kind = Kind.REMINDERS if name in self.settings.reminder_lists else Kind.AUDIENCE
        plan = make_plan(self.connection, self.lists, name, day, kind=kind)
        return guard.judge(self.connection, self.lists, plan, self.settings.limits)

    def _plan_reminders(self, name: str, day: date, state: State) -> Plan | None:
        """The plan, if it changes anything and is judged to be in this state; else it does not stay."""
        with self.connection.transaction():
            plan = self._plan(name, day)
            if plan.changes_nothing:
                ledger.forget_plan(self.connection, plan.plan_id)
            elif plan.state != state:
                log.info("%s: is %s, and left to the other DAG", plan, plan.state)
                raise psycopg.Rollback
        return plan if plan.state == state and not plan.changes_nothing else None

    def _suppression_of(self, plan: Plan) -> LiveSuppression:
        """What speaks against its members right before it is written. A roll-back may undo a plan of reminders."""
        live = self.suppression
        if plan.kind == Kind.ROLL_BACK:
            live = TodaysAudience(self.connection, live)
        if plan.kind == Kind.REMINDERS or plan.list_name in self.settings.reminder_lists:
            live = ReminderSuppression(live, self.connection)
        return live

    def _names(self) -> list[str]:
        of_night = list_names(self.connection, self.lists.name, _CHANNEL)
        return sorted({*of_night, *self.settings.reminder_lists})

    def _plan_tags(self, day: date, names: Sequence[str] | None = None) -> list[Plan]:
        """Of the segments that the settings name; what another one has of ours is taken off. `names`: only of these."""
        if self.tags is None:
            return []
        wanted = [f"segment_{segment}" for segment in self.settings.tagged_segments]
        tagged = sorted({*wanted, *names_with_stays(self.connection, self.tags.name)})
        plans = [
            make_plan(self.connection, self.tags, name, day, is_emptied=name not in wanted)
            for name in tagged
            if names is None or name in names
        ]
        return [guard.judge(self.connection, self.tags, plan, self.settings.limits) for plan in plans]

    @property
    def _destinations(self) -> list[Destination]:
        return [self.lists, self.tags] if self.tags else [self.lists]

    def _destination_of(self, plan: Plan) -> Destination:
        for destination in self._destinations:
            if plan.destination == destination.name:
                return destination
        raise PushError(f"Plan {plan.plan_id} is of {plan.destination}, not of {self.lists.name}: use its own DAG.")

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
        lists, tags = OdooLists(client, connection), OdooTags(client, connection)
        with ledger.held_by_us(connection, lists.name):
            ledger.pin(connection, lists)
            ledger.pin(connection, tags)
            yield OdooPush(connection, lists, OdooSuppression(client, lists, known_at(connection)), settings, tags)


def known_at(connection: psycopg.Connection) -> datetime:
    """The snapshot that audiences know: that of the newest published day, whatever was extracted since. PushError where
    there is none."""
    row = connection.execute("select ops.known_at(as_of_date) from ops.publication").fetchone()
    if row is None or row[0] is None:
        raise PushError("Nothing has been extracted and published in this warehouse yet. Run extract_odoo first.")
    moment: datetime = row[0]
    return moment


def newest_day(dsn: str) -> date | None:
    with warehouse.connect(dsn, warehouse.Role.PUSHER) as connection:
        return publication.newest_day(connection)
