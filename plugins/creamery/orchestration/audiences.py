"""The steps from a published warehouse to its lists, as tasks call them."""

import logging
from collections.abc import Iterable
from datetime import date

from airflow.sdk.exceptions import AirflowSkipException

from creamery import publication, settings, warehouse
from creamery.as_of import Moment
from creamery.audiences import definition, enrolment, judgement, reach
from creamery.carts.rules import load_rules
from creamery.errors import WarehouseError
from creamery.orchestration import dbt
from creamery.orchestration.connections import WAREHOUSE, dsn_of
from creamery.orchestration.exports import export_folder
from creamery.push.destinations import files
from creamery.segments import load_catalogue

log = logging.getLogger(__name__)


def enrol_customers(days: Iterable[date]) -> list[str]:
    """Enrol customers in the campaigns of the newest published day, if it is one of `days`: nobody is written to about
    a past day. Skips the task otherwise. The day as a text.
    """
    dsn = dsn_of(WAREHOUSE)
    with warehouse.connect(dsn, warehouse.Role.TRANSFORMER) as connection:
        newest = publication.newest_day(connection)
    if newest is None or newest not in days:
        raise AirflowSkipException(f"Only the newest published day ({newest}) has audiences.")
    generation = _generation_of(dsn, newest)
    dbt.build_layer(dsn, dbt.ELIGIBILITY, Moment((newest,)), generation)
    catalogue = load_catalogue()
    campaigns = definition.load_campaigns(definition.DEFINITIONS_FOLDER, catalogue)
    for error in campaigns.errors:
        log.warning("%s", error)
    with warehouse.writer(dsn, warehouse.Role.TRANSFORMER, f"enrolment of {newest}") as writer:
        enrolled = enrolment.enrol(
            writer.connection, campaigns, catalogue, newest, settings.load().global_control_percent
        )
        measured = reach.reaches(writer.connection, newest, generation)
    for each in enrolled:
        log.log(logging.WARNING if each.error else logging.INFO, "%s", each)
    for campaign in measured:
        log.info("%s", campaign)
    return [newest.isoformat()]


def decide_members(days: Iterable[date]) -> list[str]:
    """dbt build of the lists of each day; the days as texts."""
    dsn, built = dsn_of(WAREHOUSE), []
    for day in days:
        dbt.build_layer(dsn, dbt.AUDIENCES, Moment((day,)), _generation_of(dsn, day))
        built.append(day.isoformat())
    return built


def judge_experiments(days: Iterable[date]) -> dict[str, str]:
    """Results of the newest published day's experiments, if it is one of `days`; outcomes by experiment."""
    dsn = dsn_of(WAREHOUSE)
    campaigns = definition.load_campaigns(definition.DEFINITIONS_FOLDER, load_catalogue())
    with warehouse.writer(dsn, warehouse.Role.TRANSFORMER, "verdicts of experiments") as writer:
        newest = publication.newest_day(writer.connection)
        if newest is None or newest not in days:
            raise AirflowSkipException(f"Only the newest published day ({newest}) has verdicts.")
        judged = judgement.judge_experiments(writer.connection, campaigns, newest)
    for each in judged:
        log.info("%s", each)
    return {each.experiment_name: each.outcome for each in judged}


def export_lists(days: Iterable[date]) -> dict[str, int]:
    """Write every list of each day, and remove files that are older than kept; rows by list and day.

    A list that cannot be written leaves the others alone: WarehouseError at the end. Reminders of carts have files of
    their own, every quarter of an hour.
    """
    folder, rows, problems = export_folder(), {}, []
    of_carts = load_rules().list_names
    kept_days = settings.load().exported_list_days
    with warehouse.connect(dsn_of(WAREHOUSE), warehouse.Role.EXPORTER) as connection:
        for day in days:
            for each in files.definitions(connection):
                if each.list_name in of_carts:
                    continue
                try:
                    exported = files.export_list(connection, each, day, folder)
                except WarehouseError as error:
                    problems.append(str(error))
                    continue
                files.record_export(connection, day, exported)
                rows[f"{exported.list_name} {day}"] = exported.rows
            if kept_days is not None:
                for name, dropped in files.drop_old_files(connection, day, folder, kept_days):
                    log.info("files of %s of %s are gone: older than %s days", name, dropped, kept_days)
    if problems:
        raise WarehouseError("\n".join(problems))
    return rows


def _generation_of(dsn: str, day: date) -> int:
    with warehouse.connect(dsn, warehouse.Role.TRANSFORMER) as connection:
        row = connection.execute("select generation from ops.published_day where as_of_date = %s", (day,)).fetchone()
    if row is None:
        raise WarehouseError(f"Day {day} is not published. Run extract_odoo or build_warehouse for it first.")
    return int(row[0])
