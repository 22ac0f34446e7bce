"""An extraction as Airflow runs it: one session holds the snapshot, and processes of their own copy."""

import datetime as dt
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from creamery import settings
from creamery.extract import run, snapshot
from creamery.extract.run import Night

_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Extracted:
    """One extraction in seconds and rows; `peak_kilobytes` by table: resident size of the process that copied it."""

    extraction_id: int
    seconds: float
    rows: dict[str, int]
    peak_kilobytes: dict[str, int]

    @property
    def all_rows(self) -> int:
        return sum(self.rows.values())


def extract(source: str, target: str, day: dt.date, is_full: bool = False) -> Extracted:
    """The tasks of extract_odoo; as many of copy_tables at a time as the setting extraction_streams allows."""
    started = time.monotonic()
    night = run.open_night(source, target, day, is_full)
    with (
        snapshot.held(source, target, night.extraction_id) as (odoo, held),
        ThreadPoolExecutor(settings.load().extraction_streams) as streams,
    ):
        groups = run.table_groups(target, night)
        copies = streams.map(lambda tables: _copy_in_process(source, target, night, tables), groups)
        run.take_totals(odoo, target, held)
        peaks = list(copies)
        rows = run.close_night(target, night)
    seconds = time.monotonic() - started
    run.require_nothing_stopped(target)
    by_table = {table: peak for tables, peak in zip(groups, peaks, strict=True) for table in tables}
    return Extracted(night.extraction_id, seconds, rows, by_table)


def _copy_in_process(source: str, target: str, night: Night, tables: Sequence[str]) -> int:
    """Peak resident size of the process that copied the tables, in kilobytes."""
    order = json.dumps({"source": source, "target": target, "night": night.to_xcom(), "tables": tables})
    finished = subprocess.run(
        [sys.executable, "-m", "bench.extracting"],
        input=order,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=_ROOT,
        env=os.environ | {"PYTHONPATH": f"{_ROOT / 'plugins'}:{_ROOT}"},
    )
    return int(finished.stdout)


def _copy(order: str) -> int:
    given = json.loads(order)
    run.copy_tables(given["source"], given["target"], Night.from_xcom(given["night"]), given["tables"])
    # Not getrusage: its figure survives exec, so it would be that of the process which started this one.
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])  # type: ignore[index]


if __name__ == "__main__":
    print(_copy(sys.stdin.read()))
