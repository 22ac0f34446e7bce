"""Memberships: who is in which segment from which day on, and until when.

A stay begins on the first day D on which a customer matches, and ends on the first on which it does not: a member on
day d is a stay with entered_date <= d < left_date. Rows never leave the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import psycopg
from psycopg import sql

from creamery.errors import InputError, SegmentError
from creamery.publication import require_open
from creamery.segments.catalogue import Catalogue
from creamery.segments.compiler import Statement, compile_segment
from creamery.segments.definition import LoadedSegments, SegmentDefinition


class Outcome(StrEnum):
    REFRESHED = "refreshed"
    NOT_DUE = "not_due"
    FAILED = "failed"  # in the database; members stay as they were
    REFUSED = "refused"  # a bad definition; members stay as they were
    REMOVED = "removed"  # its definition is gone; every member left


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What became of one segment on the day: customers in it, entries and exits."""

    name: str
    outcome: Outcome
    member_count: int = 0
    entered_count: int = 0
    left_count: int = 0
    error: str | None = None

    def __str__(self) -> str:
        if self.error:
            return f"{self.name}: {self.outcome}: {self.error}"
        return (
            f"{self.name}: {self.outcome}, {self.member_count} in it, {self.entered_count} new, {self.left_count} left"
        )


@dataclass(frozen=True, slots=True)
class _Known:
    """A segment as the last refresh left it."""

    hash: str
    last_refreshed_date: date | None
    removed_date: date | None
    last_error: str | None


def refresh(
    connection: psycopg.Connection,
    segments: LoadedSegments,
    catalogue: Catalogue,
    as_of_date: date,
    generation: int,
) -> tuple[Refreshed, ...]:
    """Bring all memberships to the end of `as_of_date`, in one transaction; running the day again replaces it.

    Reads the rows of `generation`, the one being built. A segment that fails in the database keeps its members and its
    error, as one whose definition is refused does. Raises WarehouseError where a newer run took the generation's
    place, and InputError for a day before the newest refreshed one: its entries and exits are history.
    """
    with connection.transaction():
        require_open(connection, generation)
        _require_not_past(connection, as_of_date)
        known = _known_segments(connection)
        refused = segments.refused
        present = {definition.name for definition in segments.definitions} | refused.keys()
        gone = [name for name, state in known.items() if name not in present and state.removed_date is None]
        results = [_remove(connection, name, as_of_date) for name in gone]
        results += [_refuse(connection, name, error) for name, error in refused.items()]
        for definition in segments.definitions:
            _store(connection, definition)
            if _is_due(definition, known.get(definition.name), as_of_date):
                results.append(_refresh_one(connection, definition, catalogue, as_of_date))
            else:
                results.append(Refreshed(definition.name, Outcome.NOT_DUE))
    return tuple(results)


def _require_not_past(connection: psycopg.Connection, as_of_date: date) -> None:
    row = connection.execute(
        "select greatest(max(last_refreshed_date), max(removed_date)) from scores.segment_definition"
    ).fetchone()
    newest = row[0] if row else None
    if newest and as_of_date < newest:
        raise InputError(
            f"Segments were refreshed for {newest} already; who entered or left on {as_of_date} is history. "
            f"Refresh them for {newest} or a later day."
        )


def _known_segments(connection: psycopg.Connection) -> dict[str, _Known]:
    rows = connection.execute(
        "select segment_name, definition_hash, last_refreshed_date, removed_date, last_error"
        " from scores.segment_definition order by segment_name"
    ).fetchall()
    return {name: _Known(*state) for name, *state in rows}


def _is_due(definition: SegmentDefinition, known: _Known | None, as_of_date: date) -> bool:
    """A new, changed, failed or returning one always is; so is a day that is run again."""
    if known is None or known.last_refreshed_date is None:
        return True
    if known.hash != definition.hash or known.last_error or known.removed_date:
        return True
    days = (as_of_date - known.last_refreshed_date).days
    return days == 0 or days * 24 >= definition.refresh_interval_hours


def _store(connection: psycopg.Connection, definition: SegmentDefinition) -> None:
    connection.execute(
        "insert into scores.segment_definition"
        " (segment_name, title, segment_description, segment_type, refresh_interval_hours, definition, definition_hash)"
        " values (%s, %s, %s, %s, %s, %s::jsonb, %s)"
        " on conflict (segment_name) do update set"
        " title = excluded.title, segment_description = excluded.segment_description,"
        " segment_type = excluded.segment_type, refresh_interval_hours = excluded.refresh_interval_hours,"
        " definition = excluded.definition, definition_hash = excluded.definition_hash, removed_date = null",
        (
            definition.name,
            definition.title,
            definition.description,
            definition.type,
            definition.refresh_interval_hours,
            definition.document,
            definition.hash,
        ),
    )


def _refresh_one(
    connection: psycopg.Connection, definition: SegmentDefinition, catalogue: Catalogue, as_of_date: date
) -> Refreshed:
    statement = compile_segment(definition, catalogue, as_of_date)
    try:
        with connection.transaction():
            counts = _settle(connection, definition.name, statement)
    except psycopg.Error as error:
        reason = str(error).strip()
        _note_error(connection, definition.name, reason)
        return Refreshed(definition.name, Outcome.FAILED, error=reason)
    connection.execute(
        "update scores.segment_definition set last_refreshed_date = %s, last_error = null where segment_name = %s",
        (as_of_date, definition.name),
    )
    return Refreshed(definition.name, Outcome.REFRESHED, *counts)


def _refuse(connection: psycopg.Connection, name: str, error: SegmentError) -> Refreshed:
    _note_error(connection, name, str(error))
    return Refreshed(name, Outcome.REFUSED, error=str(error))


def _note_error(connection: psycopg.Connection, name: str, reason: str) -> None:
    connection.execute("update scores.segment_definition set last_error = %s where segment_name = %s", (reason, name))


def _remove(connection: psycopg.Connection, name: str, as_of_date: date) -> Refreshed:
    nobody = Statement(sql.SQL("select null::bigint as customer_sk where false").format(), {"as_of_date": as_of_date})
    counts = _settle(connection, name, nobody)
    connection.execute(
        "update scores.segment_definition set removed_date = %s, last_error = null where segment_name = %s",
        (as_of_date, name),
    )
    return Refreshed(name, Outcome.REMOVED, *counts)


def _settle(connection: psycopg.Connection, name: str, members: Statement) -> tuple[int, int, int]:
    """Make `members` the open stays of segment `name`; numbers of members, entries and exits on the day."""
    parameters = {"segment_name": name, **members.parameters}
    _take_back(connection, parameters)
    row = connection.execute(
        sql.SQL(
            "with matching as materialized ({members}),"
            " ended as ("
            "update scores.segment_membership as stay set left_date = %(as_of_date)s"
            " where stay.segment_name = %(segment_name)s and stay.left_date is null"
            " and not exists (select from matching where matching.customer_sk = stay.customer_sk)"
            " returning stay.customer_sk"
            "), begun as ("
            "insert into scores.segment_membership (segment_name, customer_sk, entered_date)"
            " select %(segment_name)s, matching.customer_sk, %(as_of_date)s from matching"
            " where not exists ("
            "select from scores.segment_membership as stay where stay.segment_name = %(segment_name)s"
            " and stay.left_date is null and stay.customer_sk = matching.customer_sk"
            ") returning customer_sk"
            ") select (select count(*) from matching), (select count(*) from begun), (select count(*) from ended)"
        ).format(members=members.query),
        parameters,
    ).fetchone()
    assert row is not None
    member_count, entered_count, left_count = row
    return member_count, entered_count, left_count


def _take_back(connection: psycopg.Connection, parameters: Mapping[str, object]) -> None:
    """Undo what an earlier run of the same day wrote, so that only the last one counts."""
    connection.execute(
        "delete from scores.segment_membership where segment_name = %(segment_name)s and entered_date = %(as_of_date)s",
        parameters,
    )
    connection.execute(
        "update scores.segment_membership set left_date = null"
        " where segment_name = %(segment_name)s and left_date = %(as_of_date)s",
        parameters,
    )
