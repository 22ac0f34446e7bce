"""The yardstick: psql copies the same tables, binary, into plain tables without anything else."""

import os
import subprocess
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from creamery.extract import source
from creamery.extract.contract import CONTRACT
from creamery.extract.probe import TablePlan, plan_tables


def large_tables(source_dsn: str, least_bytes: int) -> list[TablePlan]:
    """The contract's tables of at least this size, the largest first."""
    with source.connect(source_dsn) as connection:
        plans = [plan for plan in plan_tables(connection, CONTRACT) if plan.source_bytes >= least_bytes]
    return sorted(plans, key=lambda plan: -plan.source_bytes)


@dataclass(frozen=True, slots=True)
class Pipes:
    """`streams` pipes at a time, of whole tables or of those columns that the contract reads."""

    streams: int = 1
    is_whole: bool = True

    def columns(self, plan: TablePlan) -> list[str]:
        return list(plan.offered) if self.is_whole else list(plan.source_names.values())


def copy_all(psql: str, source_dsn: str, target_dsn: str, plans: Iterable[TablePlan], pipes: Pipes) -> float:
    """Seconds for all tables."""
    with psycopg.connect(target_dsn) as connection:
        for plan in plans:
            connection.execute(_create(plan, pipes.columns(plan)))
    started = time.monotonic()
    with ThreadPoolExecutor(pipes.streams) as pool:
        list(pool.map(lambda plan: _copy(psql, source_dsn, target_dsn, plan, pipes.columns(plan)), plans))
    return time.monotonic() - started


def _create(plan: TablePlan, names: list[str]) -> sql.Composed:
    columns = [sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(plan.offered[name].source_type)) for name in names]
    return sql.SQL("create table {} ({})").format(sql.Identifier(plan.table.name), sql.SQL(", ").join(columns))


def _copy(psql: str, source_dsn: str, target_dsn: str, plan: TablePlan, names: list[str]) -> None:
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    copy = sql.SQL("copy {} ({}) {{}} (format binary)").format(sql.Identifier(plan.table.name), columns).as_string()
    reader = subprocess.Popen([psql, "-qc", copy.format("to stdout")], env=_login(source_dsn), stdout=subprocess.PIPE)
    subprocess.run([psql, "-qc", copy.format("from stdin")], env=_login(target_dsn), stdin=reader.stdout, check=True)
    if reader.wait():
        raise subprocess.CalledProcessError(reader.returncode, psql)


def _login(dsn: str) -> dict[str, str]:
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    parts = conninfo_to_dict(dsn)
    return os.environ | {variable: str(parts[name]) for name, variable in names.items() if name in parts}
