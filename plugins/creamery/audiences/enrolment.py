"""Enrolment: who is in which campaign from which day on, and how it ended.

Rows never leave the database: every step is one statement. Running a day again takes back what it wrote and writes it
anew, but for the enrolments of a campaign that has written to one of them; draws and offer codes come out of hashes, so
that they are the same again.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg import sql

from creamery import publication
from creamery.audiences import experiment_rows, statements
from creamery.audiences.definition import CampaignDefinition, LoadedCampaigns
from creamery.audiences.experiments import Outcome
from creamery.audiences.triggers import occurrences
from creamery.errors import InputError, SegmentError
from creamery.segments import Catalogue, Statement, compile_rule
from creamery.segments.definition import Node
from creamery.segments.vocabulary import Code

log = logging.getLogger(__name__)
_EVERYBODY = sql.SQL("select customer.customer_sk from star.dim_customer as customer where {}")


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What became of one campaign's trigger on the day."""

    name: str
    enrolled_count: int = 0
    skipped_count: int = 0
    rate_limited_count: int = 0
    error: str | None = None

    def __str__(self) -> str:
        if self.error:
            return f"{self.name}: failed: {self.error}"
        return (
            f"{self.name}: {self.enrolled_count} enrolled, {self.skipped_count} skipped,"
            f" {self.rate_limited_count} rate-limited"
        )


@dataclass(frozen=True, slots=True)
class _Day:
    """What every statement is bound to."""

    connection: psycopg.Connection
    catalogue: Catalogue
    as_of_date: date
    generation: int
    global_control_percent: int


def enrol(
    connection: psycopg.Connection,
    campaigns: LoadedCampaigns,
    catalogue: Catalogue,
    as_of_date: date,
    global_control_percent: int,
) -> tuple[Enrolled, ...]:
    """Bring all enrolments to the end of `as_of_date`, in one transaction; running the day again replaces it.

    Reads the published rows and, from schema audiences, what dbt has built of eligibility. A campaign that fails in
    the database enrols nobody and keeps its error; so does one whose definition is refused. Raises InputError for any
    day but the newest published one.
    """
    with connection.transaction():
        day = _Day(connection, catalogue, as_of_date, _require_newest(connection, as_of_date), global_control_percent)
        _take_back(day)
        campaigns = _refuse_held_lists(day, campaigns)
        _store(day, campaigns)
        connection.execute(statements.KEEP_CONTACTABILITY)
        for definition in campaigns.definitions:
            _progress(day, definition)
        connection.execute(statements.END_ENROLMENTS, _parameters(day))
        results = [_enrol_one(day, definition) for definition in campaigns.definitions]
        results += [_refuse(day, name, str(error)) for name, error in campaigns.refused.items()]
    return tuple(results)


def _require_newest(connection: psycopg.Connection, as_of_date: date) -> int:
    """Generation that readers see. Raises InputError where the day is not its newest, or enrolment is further."""
    newest = publication.newest_day(connection)
    if newest != as_of_date:
        raise InputError(
            f"Customers are enrolled for the newest published day alone, {newest or 'and there is none yet'}, not for"
            f" {as_of_date}: nobody is written to about a past day."
        )
    row = connection.execute("select max(last_enrolled_date) from campaigns.campaign").fetchone()
    if row and row[0] and as_of_date < row[0]:
        raise InputError(
            f"Customers were enrolled for {row[0]} already; what happened on {as_of_date} is history. "
            f"Enrol them for {row[0]} or a later day."
        )
    generation = connection.execute("select generation from ops.publication").fetchone()
    assert generation is not None
    return int(generation[0])


def _refuse_held_lists(day: _Day, campaigns: LoadedCampaigns) -> LoadedCampaigns:
    """Without campaigns of whose lists the messages are another one's, which is gone or cannot be read tonight."""
    steps: list[tuple[str, str]] = day.connection.execute(
        "select list_name, campaign_name from campaigns.campaign_step"
    ).fetchall()
    usable, errors = list(campaigns.definitions), list(campaigns.errors)
    while True:
        names = {definition.name for definition in usable}
        holders = {list_name: holder for list_name, holder in steps if holder not in names}
        held = {each.name: step.list_name for each in usable for step in each.steps if step.list_name in holders}
        # Whoever is refused keeps its own rows, and so holds lists itself.
        if not held:
            return LoadedCampaigns(tuple(usable), tuple(errors))
        usable = [each for each in usable if each.name not in held]
        errors += [_held(name, list_name, holders[list_name]) for name, list_name in held.items()]


def _held(name: str, list_name: str, holder: str) -> SegmentError:
    problem = (
        f"the list {list_name} is that of campaign {holder}, and what went out by it counts there, also where its file"
        " is gone; give this campaign another name"
    )
    return SegmentError(Code.DUPLICATE_NAME, f"{name}.yaml", "name", problem)


def _store(day: _Day, campaigns: LoadedCampaigns) -> None:
    """Definitions as rows, which SQL joins to; a campaign whose file is gone ends."""
    connection = day.connection
    names = [definition.name for definition in campaigns.definitions]
    # All at first: one may take over the name of a list that another has given up.
    connection.execute("delete from campaigns.campaign_step where campaign_name = any(%s)", (names,))
    for definition in campaigns.definitions:
        connection.execute(statements.STORE_CAMPAIGN, _row_of(definition))
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into campaigns.campaign_step (campaign_name, step, list_name, channel, delay_days)"
                " values (%s, %s, %s, %s, %s)",
                [
                    (definition.name, step.number, step.list_name, step.channel, step.delay_days)
                    for step in definition.steps
                ],
            )
    present = [*names, *campaigns.refused]
    connection.execute(
        "update campaigns.campaign set removed_date = %s where campaign_name <> all(%s) and removed_date is null",
        (day.as_of_date, present),
    )


def _row_of(definition: CampaignDefinition) -> dict[str, object]:
    return {
        "campaign_name": definition.name,
        "title": definition.title,
        "campaign_description": definition.description,
        "campaign_type": definition.type,
        "category": definition.category,
        "is_service": definition.is_service,
        "priority": definition.priority,
        "control_percent": definition.control_percent,
        "cool_down_days": definition.cool_down_days,
        "max_sends": definition.max_sends.count,
        "max_sends_days": definition.max_sends.days,
        "conversion_window_days": definition.conversion_window_days,
        "expires_after_days": definition.expires_after_days,
        "ends_on_order": definition.ends_on_order,
        "offer_prefix": definition.offer_prefix,
        "definition": definition.document,
        "definition_hash": definition.hash,
    }


def _take_back(day: _Day) -> None:
    for statement in statements.TAKE_BACK:
        day.connection.execute(statement, _parameters(day))


def _progress(day: _Day, definition: CampaignDefinition) -> None:
    """Steps that the customer needs no more, and journeys that have reached their end."""
    for step in definition.steps:
        if step.skip_if is not None:
            matching = _compiled(day, step.skip_if, "skip")
            day.connection.execute(
                statements.SKIP_STEP.format(members=matching.query),
                {**_parameters(day), **matching.parameters, "campaign_name": definition.name, "step": step.number},
            )
    if definition.completes_if is not None:
        matching = _compiled(day, definition.completes_if, "complete")
        day.connection.execute(
            statements.COMPLETE.format(members=matching.query),
            {**_parameters(day), **matching.parameters, "campaign_name": definition.name},
        )


def _enrol_one(day: _Day, definition: CampaignDefinition) -> Enrolled:
    found = occurrences(definition.trigger, day.generation)
    if found is None:
        return Enrolled(definition.name)
    if definition.experiment is not None and not experiment_rows.store(day.connection, definition):
        return _refuse(day, definition.name, experiment_rows.changed(definition.experiment))
    audience = _compiled(day, definition.audience, "audience")
    excluded = _compiled(day, definition.exclusions, "excluded") if definition.exclusions is not None else None
    query = statements.ENROL.format(
        audience=audience.query,
        current_customer=statements.current_customer(day.generation),
        excluded=excluded.query if excluded else sql.SQL("select null::bigint as customer_sk where false"),
        occurrences=found.query,
        shared_address=sql.Literal(statements.SHARED_ADDRESS),
    )
    parameters = {
        **_parameters(day),
        **audience.parameters,
        **(excluded.parameters if excluded else {}),
        **found.parameters,
        "campaign_name": definition.name,
        "global_control_percent": day.global_control_percent,
        "experiment_name": definition.experiment.name if definition.experiment else None,
        "stopped": Outcome.STOPPED,
    }
    try:
        with day.connection.transaction():
            counts: dict[str, int] = dict(day.connection.execute(query, parameters).fetchall())
    except psycopg.Error as error:
        return _refuse(day, definition.name, str(error).strip())
    day.connection.execute(
        "update campaigns.campaign set last_enrolled_date = %s, last_error = null where campaign_name = %s",
        (day.as_of_date, definition.name),
    )
    return Enrolled(definition.name, counts.get("success", 0), counts.get("skipped", 0), counts.get("rate_limited", 0))


def _refuse(day: _Day, name: str, reason: str) -> Enrolled:
    """Log that the trigger failed, of a campaign that was usable once; its enrolments go on."""
    day.connection.execute("update campaigns.campaign set last_error = %s where campaign_name = %s", (reason, name))
    day.connection.execute(
        "insert into campaigns.trigger_log (as_of_date, campaign_name, execution_status, reason)"
        " select %s, campaign_name, 'failed', %s from campaigns.campaign where campaign_name = %s",
        (day.as_of_date, reason, name),
    )
    return Enrolled(name, error=reason)


def _compiled(day: _Day, rule: Node | None, prefix: str) -> Statement:
    if rule is not None:
        return compile_rule(rule, day.catalogue, day.as_of_date, day.generation, prefix)
    return Statement(_EVERYBODY.format(statements.current_customer(day.generation)), {})


def _parameters(day: _Day) -> dict[str, object]:
    return {"as_of_date": day.as_of_date, "generation": day.generation}


def summary(results: Sequence[Enrolled]) -> dict[str, int]:
    """Enrolled customers by campaign, for the log of a run."""
    return {result.name: result.enrolled_count for result in results}
