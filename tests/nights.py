"""A night without Airflow: the same library calls as the DAGs, in order, in this process or in one that is killed."""

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from creamery import as_of, publication, settings, warehouse
from creamery.as_of import Moment
from creamery.audiences import enrolment, judgement
from creamery.audiences.definition import DEFINITIONS_FOLDER, load_campaigns
from creamery.extract import run as extraction
from creamery.extract import snapshot
from creamery.extract.run import Night
from creamery.modelling import history, registry, scores, training
from creamery.modelling.registry import Task
from creamery.orchestration import dbt
from creamery.orchestration.dbt import Layer
from creamery.segments import load_catalogue
from creamery.warehouse_bootstrap import bootstrap

ROOT = Path(__file__).resolve().parents[1]
PASSWORDS = {
    "creamery_pipeline": "only-for-tests-1",
    "creamery_bi_reader": "only-for-tests-2",
    "creamery_marketer": "only-for-tests-3",
}

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


def build(target: str, *days: dt.date, audiences: bool = False, is_checked: bool = False) -> int:
    """What build_warehouse does. Returns the generation.

    Only where `is_checked` layer by layer with the data tests that gate them; else the same rows, sooner.
    """
    generation, moments = open_generation(target, *days)
    build_opened(target, generation, moments, audiences, is_checked)
    return generation


def open_generation(target: str, *days: dt.date) -> tuple[int, list[Moment]]:
    with warehouse.writer(target, warehouse.Role.TRANSFORMER, "test") as writer:
        moments = as_of.moments(writer.connection, days)
        return publication.open_generation(writer.connection, days), moments


def build_opened(
    target: str, generation: int, moments: list[Moment], audiences: bool = False, is_checked: bool = False
) -> None:
    """Every layer, and publication."""
    days = tuple(day for moment in moments for day in moment.days)
    steps = list(_steps(moments, Moment(days)))
    for layer, moment in steps if is_checked else _without_tests(steps):
        if layer:
            dbt.build_layer(target, layer, moment, generation)
        else:
            scores.score_days(target, moment, generation)
    with warehouse.writer(target, warehouse.Role.TRANSFORMER, "test") as writer:
        publication.forget_past(writer.connection)
        publication.publish(writer.connection, generation)
    if audiences:
        build_audiences(target, max(days), generation)


def build_audiences(target: str, day: dt.date, generation: int) -> tuple[enrolment.Enrolled, ...]:
    """What build_audiences does before the export, for the newest published day."""
    dbt.build_layer(target, dbt.ELIGIBILITY, Moment((day,)), generation)
    enrolled = enrol(target, day)
    dbt.build_layer(target, dbt.AUDIENCES, Moment((day,)), generation)
    judge_experiments(target, day)
    return enrolled


def enrol(target: str, day: dt.date) -> tuple[enrolment.Enrolled, ...]:
    """Enrolment by the shipped campaigns."""
    catalogue = load_catalogue()
    campaigns = load_campaigns(DEFINITIONS_FOLDER, catalogue)
    with warehouse.writer(target, warehouse.Role.TRANSFORMER, "test") as writer:
        return enrolment.enrol(writer.connection, campaigns, catalogue, day, settings.load().global_control_percent)


def judge_experiments(target: str, day: dt.date) -> None:
    """Verdicts on the experiments of the shipped campaigns."""
    campaigns = load_campaigns(DEFINITIONS_FOLDER, load_catalogue())
    with warehouse.writer(target, warehouse.Role.TRANSFORMER, "test") as writer:
        judgement.judge_experiments(writer.connection, campaigns, day)


Step = tuple[Layer | None, Moment]


def _steps(moments: list[Moment], all_days: Moment) -> Iterator[Step]:
    """Layers in their order; None stands for the scores."""
    yield dbt.STAGING, all_days
    yield dbt.STAR, all_days
    for moment in moments:
        if moment.known_at:
            yield dbt.PAST, moment
        yield dbt.FEATURES, moment
        yield None, moment
        yield dbt.MARTS, moment
    yield dbt.REPORTING, all_days


def _without_tests(steps: list[Step]) -> Iterator[Step]:
    """The models alone, neighbours in one call of dbt: most of a small night is dbt's start."""
    for (moment, _), neighbours in groupby(steps, lambda step: (step[1], step[0] in (None, dbt.PAST) and step[0])):
        layers = [layer for layer, _ in neighbours if layer]
        yield (_together(layers) if layers else None), moment


def _together(layers: list[Layer]) -> Layer:
    selected = tuple(each for layer in layers for each in layer.select)
    excluded = tuple(each for layer in layers for each in layer.exclude)
    return replace(layers[0], select=selected, exclude=(*excluded, "resource_type:test"))


def train(target: str, day: dt.date) -> dict[Task, str]:
    """What train_models does; by task why it failed, for a failed task leaves the others alone."""
    with warehouse.connect(target, warehouse.Role.TRANSFORMER) as connection:
        cutoffs = history.cutoffs(connection, Moment((day,)))
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


def run(source: str, target: str, day: dt.date, audiences: bool = False, is_checked: bool = False) -> int:
    extract(source, target, day)
    return build(target, day, audiences=audiences, is_checked=is_checked)


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
    """One hash over everything readers can see (of one day where given), audit columns and views of runs aside."""
    with psycopg.connect(admin_uri, options="-c jit=off") as connection:  # as readers have it
        views = connection.execute(
            "select table_name from information_schema.views where table_schema = 'reporting'"
            " and table_name <> 'vw_publication' and table_name not like 'vw_pipeline_%' order by 1"
        ).fetchall()
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.columns"
            " where table_schema in ('star', 'marts') and column_name = 'generation_to' order by 1"
        ).fetchall()
        named = "coalesce(to_jsonb(x) ->> 'as_of_date', to_jsonb(x) ->> 'score_date')"
        of_day = f"coalesce({named} = '{day}', true)" if day else "true"
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
