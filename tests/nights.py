"""A night without Airflow: the same library calls as the DAGs, in order, in this process or in one that is killed."""

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from creamery import as_of, publication, warehouse
from creamery.as_of import Moment
from creamery.extract import run as extraction
from creamery.extract import snapshot
from creamery.extract.run import Night
from creamery.modelling import history, registry, scores, training
from creamery.modelling.registry import Task
from creamery.orchestration import dbt
from creamery.warehouse_bootstrap import bootstrap

ROOT = Path(__file__).resolve().parents[1]
PASSWORDS = {"creamery_pipeline": "only-for-tests-1", "creamery_bi_reader": "only-for-tests-2"}

os.environ.setdefault("CREAMERY_DBT", str(ROOT / ".creamery" / "envs" / "dbt" / "bin" / "dbt"))


def prepare_warehouse(database_uri: str) -> str:
    """Make the database a warehouse; returns the DSN of its pipeline login."""
    parts = conninfo_to_dict(database_uri)
    bootstrap(database_uri, str(parts["dbname"]), PASSWORDS)
    return as_login(database_uri, "creamery_pipeline")


def as_login(database_uri: str, login: str) -> str:
    return make_conninfo(database_uri, user=login, password=PASSWORDS[login])


def extract(source: str, target: str, day: dt.date, is_full: bool = False, accept: Sequence[str] = ()) -> Night:
    """The tasks of extract_odoo, one after the other."""
    night = extraction.open_night(source, target, day, is_full, accept)
    with snapshot.held(source, target, night.extraction_id) as (odoo, held):
        extraction.take_totals(odoo, target, held)
        for tables in extraction.table_groups(target, night):
            extraction.copy_tables(source, target, night, tables)
        extraction.close_night(target, night)
    return night


def build(target: str, *days: dt.date, audiences: bool = False) -> int:
    """What build_warehouse does. Returns the generation."""
    generation, moments = open_generation(target, *days)
    build_opened(target, generation, moments, audiences)
    return generation


def open_generation(target: str, *days: dt.date) -> tuple[int, list[Moment]]:
    with warehouse.writer(target, warehouse.Role.TRANSFORMER, "test") as writer:
        moments = as_of.moments(writer.connection, days)
        return publication.open_generation(writer.connection, days), moments


def build_opened(target: str, generation: int, moments: list[Moment], audiences: bool = False) -> None:
    """Every layer, and publication."""
    days = tuple(day for moment in moments for day in moment.days)
    for layer in (dbt.STAGING, dbt.STAR):
        dbt.build_layer(target, layer, Moment(days), generation)
    for moment in moments:
        for layer in (dbt.PAST, dbt.FEATURES) if moment.known_at else (dbt.FEATURES,):
            dbt.build_layer(target, layer, moment, generation)
        scores.score_days(target, moment, generation)
        dbt.build_layer(target, dbt.MARTS, moment, generation)
    dbt.build_layer(target, dbt.REPORTING, Moment(days), generation)
    with warehouse.writer(target, warehouse.Role.TRANSFORMER, "test") as writer:
        publication.forget_past(writer.connection)
        publication.publish(writer.connection, generation)
    if audiences:
        dbt.build_layer(target, dbt.AUDIENCES, Moment((max(days),)), generation)


def train(target: str, day: dt.date) -> dict[Task, str]:
    """What train_models does; by task why it failed, for a failed task leaves the others alone."""
    with warehouse.connect(target, warehouse.Role.TRANSFORMER) as connection:
        cutoffs = history.cutoffs(connection, day)
        generation = publication.newest_generation(connection)
    dbt.build_layer(target, dbt.TRAINING, Moment((day, *cutoffs)), generation)
    failures = {}
    for task in Task:
        with warehouse.writer(target, warehouse.Role.TRANSFORMER, "test") as writer:
            known = history.load(writer.connection, day, cutoffs)
            incumbent = registry.incumbent(writer.connection, task, day)
            try:
                trained = training.learn(task, known, incumbent)
            except Exception as error:
                failures[task] = str(error)
            else:
                registry.record(writer.connection, trained, training.models_of(task))
    return failures


def score(target: str, day: dt.date) -> None:
    """Features and scores of a day, not published."""
    generation, (moment,) = open_generation(target, day)
    dbt.build_layer(target, dbt.FEATURES, moment, generation)
    scores.score_days(target, moment, generation)


def run(source: str, target: str, day: dt.date, audiences: bool = False) -> int:
    extract(source, target, day)
    return build(target, day, audiences=audiences)


def start_process(source: str, target: str, day: dt.date) -> subprocess.Popen[bytes]:
    """The night in a process of its own, to be killed; its children stay when it dies."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.nights", source, target, str(day)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'plugins'}:{ROOT}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def published_hash(admin_uri: str, day: dt.date | None = None) -> str:
    """One hash over everything readers can see (of one day where given), audit columns aside."""
    with psycopg.connect(admin_uri) as connection:
        views = connection.execute(
            "select table_name from information_schema.views where table_schema = 'reporting'"
            " and table_name <> 'vw_publication' order by 1"
        ).fetchall()
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.columns"
            " where table_schema in ('star', 'marts') and column_name = 'generation_to' order by 1"
        ).fetchall()
        of_day = f"coalesce(to_jsonb(x) ->> 'as_of_date' = '{day}', true)" if day else "true"
        queries = [f"select to_jsonb(x)::text as row from reporting.{view} as x where {of_day}" for (view,) in views]
        queries += [
            f"select (to_jsonb(x) - 'generation_from' - 'generation_to' - 'created_at')::text as row from {table} as x"
            " where generation_from <= (select generation from ops.publication)"
            f" and coalesce(generation_to > (select generation from ops.publication), true) and {of_day}"
            for (table,) in tables
        ]
        parts = [
            connection.execute(
                f"select md5(coalesce(string_agg(md5(row), '' order by md5(row)), '')) from ({query}) as rows"
            ).fetchone()
            for query in queries
        ]
    return " ".join(part[0] for part in parts if part)


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], dt.date.fromisoformat(sys.argv[3]))
