"""One dbt call per layer, as the warehouse's only writer; its results become rows in ops.dbt_result."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from creamery import publication, warehouse
from creamery.as_of import Moment
from creamery.errors import ConfigError, RunError
from creamery.settings import DBT_PROJECT_FOLDER

_PASSED = {"success", "pass", "warn"}
_PARSING = "partial_parse.msgpack"


@dataclass(frozen=True, slots=True)
class Layer:
    """A step of the flow: what dbt builds in it, with the tests that gate the next.

    Layers up to publication are part of a generation that is being built; audiences follow a published one. Those that
    read raw tables as they are now must find them as they were when the generation was opened.
    """

    name: str
    select: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    is_before_publication: bool = True
    reads_raw: bool = False


STAGING = Layer("staging", ("resource_type:seed", "path:models/staging", "path:models/intermediate"), reads_raw=True)
STAR = Layer("star", ("path:models/star", "assert_sales_agree_with_source"), reads_raw=True)
_FEATURES = "+path:models/marts/features"
# What models score comes before the marts that show the scores.
FEATURES = Layer("features", (f"{_FEATURES},path:models/marts",), exclude=("tag:training",))
MARTS = Layer("marts", ("path:models/marts",), exclude=(_FEATURES,))
# What the marts of a past day are computed from, as it stood then.
PAST = Layer(
    "past",
    ("+path:models/marts",),
    exclude=("path:models/marts", "resource_type:seed", "path:models/staging/ops", "path:models/staging/scores"),
)
_OF_AUDIENCES = "path:models/reporting/audiences"
REPORTING = Layer("reporting", ("path:models/reporting",), exclude=(_OF_AUDIENCES,))
# What enrolment reads comes before the lists, which read the enrolments.
_READ_BY_ENROLMENT = ("path:models/audiences/eligibility", "path:models/audiences/loyalty")
ELIGIBILITY = Layer("eligibility", _READ_BY_ENROLMENT, is_before_publication=False)
AUDIENCES = Layer(
    "audiences", ("path:models/audiences", _OF_AUDIENCES), exclude=_READ_BY_ENROLMENT, is_before_publication=False
)
# Features of past cut-offs and what became of them, in a schema of their own.
TRAINING = Layer("training", (f"{_FEATURES},path:models/marts",), is_before_publication=False)


def build_layer(dsn: str, layer: Layer, moment: Moment, generation: int) -> int:
    """Run `dbt build` for one layer and the moment's days; number of nodes. RunError names what failed."""
    purpose = f"{layer.name} of {_range(moment.days)}"
    with (
        warehouse.writer(dsn, warehouse.Role.TRANSFORMER, purpose) as writer,
        tempfile.TemporaryDirectory(prefix="creamery-dbt-") as target,
    ):
        if layer.is_before_publication:
            publication.require_open(writer.connection, generation)
            if layer.reads_raw:
                publication.require_same_rows(writer.connection, generation)
            writer.connection.commit()
        kind = json.dumps({"is_past": moment.known_at is not None, "is_training": layer is TRAINING})
        variables = environment(dsn, writer.application_name) | _run_values(moment, generation, writer.token)
        parsing = _kept_parsing(dsn, kind)
        if parsing.exists():
            shutil.copy(parsing, Path(target, _PARSING))
        finished = subprocess.run(_command(layer, kind, target), env=os.environ | variables, check=False)
        _keep(Path(target, _PARSING), parsing)
        results = _read_results(Path(target) / "run_results.json")
        _record(writer.connection, layer, generation, results)
    if finished.returncode != 0:
        raise RunError(_describe_failure(layer, results))
    return len(results)


def environment(dsn: str, application_name: str) -> dict[str, str]:
    """What dbt_project/profiles.yml reads, for the warehouse behind `dsn`."""
    parts = conninfo_to_dict(dsn)
    return {
        "CREAMERY_DW_HOST": str(parts.get("host", "localhost")),
        "CREAMERY_DW_PORT": str(parts.get("port", 5432)),
        "CREAMERY_DW_USER": str(parts.get("user", "")),
        "CREAMERY_DW_DATABASE": str(parts.get("dbname", "")),
        "PGAPPNAME": application_name,
        # dbt hides the value of variables with this prefix in its logs.
        "DBT_ENV_SECRET_DW_PASSWORD": str(parts.get("password", "")),
    }


def _run_values(moment: Moment, generation: int, token: str) -> dict[str, str]:
    """What differs from run to run, read by dbt_project/macros/run_values.sql and writing.sql."""
    return {
        "CREAMERY_AS_OF_DATES": ",".join(str(day) for day in moment.days),
        "CREAMERY_KNOWN_AT": moment.known_at.isoformat() if moment.known_at else "",
        "CREAMERY_GENERATION": str(generation),
        "CREAMERY_WRITER_TOKEN": token,
    }


def _command(layer: Layer, kind: str, target: str) -> list[str]:
    executable = os.environ.get("CREAMERY_DBT")
    if not executable:
        raise ConfigError("CREAMERY_DBT is not set: the path of the dbt executable (docs/operations.md, 'Settings').")
    return [
        executable,
        "--no-use-colors",
        "--log-level-file", "none",
        "build",
        "--project-dir", str(DBT_PROJECT_FOLDER),
        "--profiles-dir", str(DBT_PROJECT_FOLDER),
        "--target-path", target,
        "--log-path", target,
        "--exclude-resource-type", "unit_test",
        # A test runs with the layer that completes its parents.
        "--indirect-selection", "buildable",
        "--vars", kind,
        "--select", *layer.select,
        *(["--exclude", *layer.exclude] if layer.exclude else []),
    ]  # fmt: skip


def _kept_parsing(dsn: str, kind: str) -> Path:
    """Where the parsing for this warehouse and this kind of run is kept. What does not fit any more dbt discards."""
    parts = conninfo_to_dict(dsn)
    key = json.dumps([str(DBT_PROJECT_FOLDER), parts.get("host"), parts.get("port"), parts.get("dbname"), kind])
    return _parsing_folder() / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.msgpack"


def _keep(parsed: Path, kept: Path) -> None:
    if parsed.exists():
        Path(shutil.copy(parsed, kept.with_suffix(f".{os.getpid()}"))).replace(kept)


def _parsing_folder() -> Path:
    """A folder that nobody else can write to."""
    folder = Path(tempfile.gettempdir()) / f"creamery-dbt-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise ConfigError(f"{folder} belongs to somebody else. Remove it, or set TMPDIR.")
    return folder


def _range(days: Sequence[date]) -> str:
    return str(days[0]) if len(days) == 1 else f"{len(days)} days from {min(days)} to {max(days)}"


def _read_results(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text())["results"] if path.exists() else []


def _record(connection: psycopg.Connection, layer: Layer, generation: int, results: list[dict[str, Any]]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "copy ops.dbt_result (generation, layer, unique_id, status, seconds, rows_affected, message) from stdin"
        ) as rows,
    ):
        for result in results:
            affected = result["adapter_response"].get("rows_affected")
            rows.write_row(
                (
                    generation,
                    layer.name,
                    result["unique_id"],
                    result["status"],
                    result["execution_time"],
                    affected,
                    result["message"],
                )
            )
    connection.commit()


def _describe_failure(layer: Layer, results: list[dict[str, Any]]) -> str:
    failed = [result for result in results if result["status"] not in _PASSED | {"skipped"}]
    if not failed:
        return f"dbt could not start for layer {layer.name}; its message is in the log above."
    what = "; ".join(f"{result['unique_id']}: {result['message']}" for result in failed)
    return (
        f"Layer {layer.name} failed, the published day stands. {what}. Fix the cause and clear this task; "
        "the models' SQL is in dbt_project/models."
    )
